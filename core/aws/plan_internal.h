/* What the files of aws/plan.h share; private to them. */
#ifndef AWS_PLAN_INTERNAL_H
#define AWS_PLAN_INTERNAL_H

#include "aws/plan.h"
#include "aws/profiles.h"

#define SECRET_BYTES ((size_t)16384)

struct search {
    struct plan *plan;
    struct profiles profiles;
    const char *profile;
    bool named; /* by the configuration: then the environment's keys are not meant */
    struct error *err;
};

/* FOUND_FAILED: *err is set, and nothing else is tried. */
enum found { FOUND, FOUND_NOTHING, FOUND_FAILED };

enum found found_failed(struct search *search, const char *format, ...) FORMAT(2, 3);
enum found found_keys(struct search *search, const struct aws_keys *keys, const char *source);
/* The variable's value; NULL when it is not set, or empty. */
const char *environment(const char *name);
/* Into the plan's secret. */
enum found keep_secret_of_file(struct search *search, const char *path);

enum found find_in_environment(struct search *search);
enum found find_container(struct search *search);
enum found find_machine(struct search *search);
/* `with_environment`: whether the environment's web identity counts. */
enum found find_in_profile(struct search *search, const char *profile, bool with_environment);

#endif
