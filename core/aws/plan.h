/* How keys are to be had: what environment, files and commands say, read anew each time keys are
 * looked for. The order is that of AWS's own tools (botocore's default chain): environment, a role
 * of the profile, a web identity, the profile's keys or command, a container's service, the
 * machine's. What is configured and fails is an error; nothing else is tried then. Blocks on files
 * and commands: for a thread. */
#ifndef AWS_PLAN_H
#define AWS_PLAN_H

#include "aws/keys.h"

#define PLAN_MOST_ROLES 8

enum plan_start {
    PLAN_KEYS,         /* they are here */
    PLAN_WEB_IDENTITY, /* of STS, for `secret` */
    PLAN_CONTAINER,    /* of `container_url`, with `secret` as its authorization */
    PLAN_MACHINE,      /* of the machine's metadata service */
};

struct plan_role {
    const char *arn, *session;
    const char *external_id; /* NULL: none */
    const char *duration_s;  /* "900"; NULL: as long as STS gives it by itself */
};

struct plan {
    struct arena arena;
    enum plan_start start;
    const char *source;   /* for people: "profile work of ~/.aws/credentials" */
    struct key_set *keys; /* PLAN_KEYS */
    struct plan_role web_role;
    const char *container_url;
    char *secret_page; /* private memory, NULL: none */
    struct slice secret;
    struct plan_role roles[PLAN_MOST_ROLES]; /* to be taken one after the other */
    size_t role_count;
    const char
        *looked_at; /* PLAN_MACHINE, as the last resort: where no keys were; NULL: it is meant */

    bool placed;             /* what follows is known */
    const char *region;      /* NULL: nothing names one */
    const char *machine_url; /* the metadata service; NULL: it is turned off */
    const char *sts_url;     /* NULL: AWS's own */
    const struct plan_endpoint {
        const char *service, *url;
    } *endpoints; /* ends with NULL */
};

struct plan_options {
    const char *profile; /* NULL: AWS_PROFILE's, else "default" */
    const char *region;  /* NULL: not configured */
    bool keyless;        /* no keys are wanted, only the place */
};

/* False with *err, which tells what to mend: then there are no keys to be had, but the region and
 * the endpoints may be known. To be freed in either case. */
bool plan_make(struct plan *plan, const struct plan_options *options, struct error *err) MUST_CHECK;
void plan_free(struct plan *plan);
/* Whether it may be one: it becomes a part of hosts' names. */
bool plan_is_region(struct slice text);

/* The URL of a container's service: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI's value, or that of
 * _FULL_URI, which must be https, or http to this machine or to one of the addresses where ECS and
 * EKS have it. NULL with *err. */
const char *plan_container_url(const char *relative, const char *full, struct arena *arena,
                               struct error *err) MUST_CHECK;

#endif
