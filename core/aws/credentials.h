/* Where keys for AWS come from, and that there are good ones when a request wants them: looked for
 * when they are wanted first (aws/plan.h, aws/fetch.h), renewed early (aws/renewal.h) by one at a
 * time, while the old ones are used. On the loop thread; nothing here blocks it, but with no
 * threads a credential_process. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "aws/keys.h"
#include "net/loop.h"

struct credentials;

struct credentials_options {
    const char *profile; /* NULL: AWS_PROFILE, else "default" */
    const char *region;  /* NULL: the environment's, the profile's, the metadata service's */
    unsigned threads;    /* for what blocks: 1, or 0 when all work is on the loop */
    bool keyless;        /* no keys are wanted, only the place */
};

struct credentials *credentials_create(struct loop *loop, const struct credentials_options *options,
                                       struct error *err) MUST_CHECK;
/* Nobody may wait any more. Waits for a credential_process, which has 10 seconds. */
void credentials_destroy(struct credentials *credentials);

/* Whoever waits for keys; lives inside its owner. */
struct key_wait {
    /* Once: keys that are the callee's to release, or NULL with `err`. */
    void (*ready)(struct key_wait *wait, struct key_set *keys, const struct error *err);
    struct key_wait *next, **link; /* link NULL: it does not wait */
};
/* Keys that are good now, to be released; NULL: `wait->ready` is called later. */
struct key_set *credentials_take(struct credentials *credentials, struct key_wait *wait) MUST_CHECK;
void credentials_leave(struct key_wait *wait);
/* A server refused these keys: whoever takes next waits for others. False when others are not to be
 * had: they were looked for a moment ago. */
bool credentials_refused(struct credentials *credentials, const struct key_set *keys) MUST_CHECK;

/* Region and endpoints, which may have to be looked for; see aws/client.h. */
struct place_wait {
    void (*ready)(struct place_wait *wait, const struct error *err);
    struct place_wait *next, **link;
};
/* `wait->ready` is called once, later: `err` is NULL, or why files cannot be read. */
void credentials_place(struct credentials *credentials, struct place_wait *wait);
void credentials_leave_place(struct place_wait *wait);
/* From then on, the same for good. NULL: nothing names one. */
const char *credentials_region(const struct credentials *credentials);
/* `service` in lower case, "s3". */
const char *credentials_endpoint(const struct credentials *credentials, const char *service);

#endif
