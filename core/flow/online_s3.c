/* flow/online_s3.h */
#include "flow/online_s3.h"
#include "base/alloc.h"

#define TRIES 3

struct trying {
    struct online *online;
    struct s3 *s3;
    struct s3_probe *probe; /* NULL: it has ended */
};

static void tried(void *context, const char *what, const struct s3_result *result) {
    struct trying *trying = context;
    trying->online->tried(trying->online, what, result->end == S3_GOOD ? NULL : result->reason);
}

static void done(void *context) {
    struct trying *trying = context;
    trying->probe = NULL;
    trying->online->done(trying->online);
}

void *s3_online_begin(const struct s3_options *options, struct slice prefix, bool write,
                      struct online *online, struct error *err) {
    struct s3_options few = *options;
    few.tries = TRIES;
    struct s3 *s3 = s3_open(online->loop, &few, err);
    if (s3 == NULL) return NULL;
    struct trying *trying = memory_zeroed(1, sizeof *trying);
    *trying = (struct trying){ .online = online, .s3 = s3 };
    const struct s3_probe_hooks hooks = { .tried = tried, .done = done, .context = trying };
    trying->probe = s3_probe_start(s3, prefix, write, &hooks);
    return trying;
}

void s3_online_end(void *self) {
    struct trying *trying = self;
    if (trying->probe) s3_probe_cancel(trying->probe);
    s3_close(trying->s3);
    memory_free(trying);
}
