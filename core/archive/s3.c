/* archive/target.h: a bucket on S3. Objects are gathered in files of the state folder and
 * sent from there, as many at a time as there is memory for: it does not depend on their length. */
#include "archive/target.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "flow/trouble.h"
#include "net/backoff.h"
#include <stdio.h>
#include <stdlib.h>

#define AT_A_TIME 4
#define MEMORY_BYTES (2 * S3_PART_BYTES)
/* After aws/s3.h has tried for a while. */
#define FIRST_WAIT_MS 2000
#define LONGEST_WAIT_MS 60000

struct bucket {
    struct archive_target target;
    const struct sink_context *context;
    struct s3 *s3;
    char base[INTENT_OBJECT_BYTES]; /* in front of objects' names */
    struct sending *sending;
    unsigned count;
    uint64_t memory; /* about what these take */
    struct dropping *dropping;
    bool warned;
    struct error failure; /* of kind ERROR_NONE: none */
};

struct sending {
    struct sending *next;
    struct bucket *bucket;
    struct object *object;
    struct s3_upload *upload; /* NULL: it has ended */
    bool placed, begun, news;
    char id[INTENT_UPLOAD_BYTES];
    struct timer again;
    unsigned attempt;
};

struct dropping {
    struct dropping *next;
    struct bucket *bucket;
    struct s3_abort *abort;
};

static struct slice key_of(const struct bucket *bucket, const char *name, char into[2200]) {
    int length = snprintf(into, 2200, "%s%s", bucket->base, name);
    return slice_from(into, (size_t)length);
}

/* ---- sending -------------------------------------------------------------------------------- */

static void tell_owner(struct bucket *bucket) { bucket->target.moved(bucket->target.owner); }

static void began(void *context, struct slice id) {
    struct sending *sending = context;
    if (id.length >= sizeof sending->id) return; /* it is found by its key, too */
    memcpy(sending->id, id.data, id.length);
    sending->id[id.length] = '\0';
    sending->news = true;
    tell_owner(sending->bucket);
}

/* Without a spool nothing waits for somebody to put it right. */
static void fail(struct sending *sending, const char *reason) {
    struct bucket *bucket = sending->bucket;
    const struct sink_context *context = bucket->context;
    if (context->log.length == 0) {
        error_set(&bucket->failure, ERROR_FAILED, "%.400s", reason);
        tell_owner(bucket);
        return;
    }
    trouble_say(context, !bucket->warned, "%.400s", reason);
    bucket->warned = true;
    timer_start(context->loop, &sending->again,
                backoff_wait_ms(sending->attempt++, FIRST_WAIT_MS, LONGEST_WAIT_MS, random_bits()));
}

static void done(void *context, const struct s3_result *result) {
    struct sending *sending = context;
    struct bucket *bucket = sending->bucket;
    sending->upload = NULL;
    if (result->end != S3_GOOD) {
        fail(sending, result->reason);
        return;
    }
    if (bucket->warned) trouble_say_over(bucket->context);
    bucket->warned = false;
    sending->placed = sending->news = true;
    tell_owner(bucket);
}

static void start(struct sending *sending) {
    static const struct slice encodings[] = { SLICE(""), SLICE("gzip"), SLICE("zstd") };
    const struct object *object = sending->object;
    char key[2200];
    struct s3_object sent = { .key = key_of(sending->bucket, object->name, key),
                              .fd = object->fd,
                              .bytes = object->written,
                              .content_type = SLICE("application/octet-stream"),
                              .content_encoding = encodings[object->codec],
                              .again = sending->begun,
                              .upload_id = slice_of(sending->id) };
    struct s3_upload_hooks hooks = { began, done, sending };
    sending->begun = true;
    sending->upload = s3_upload_start(sending->bucket->s3, &sent, &hooks);
}

static void start_again(struct timer *timer) { start(CONTAINER_OF(timer, struct sending, again)); }

/* An object that is sent in one request is in memory whole; of a longer one, two parts are. */
static uint64_t memory_of(const struct object *object) {
    return MIN(object->written, MEMORY_BYTES);
}

static void bucket_send(struct archive_target *target, struct object *object) {
    struct bucket *bucket = CONTAINER_OF(target, struct bucket, target);
    bool room = bucket->memory + memory_of(object) <= MEMORY_BYTES;
    if (bucket->count > 0 && (bucket->count == AT_A_TIME || !room)) return;
    struct sending *sending = memory_zeroed(1, sizeof *sending);
    *sending = (struct sending){ .next = bucket->sending,
                                 .bucket = bucket,
                                 .object = object,
                                 .begun = object->begun,
                                 .again.fire = start_again };
    memcpy(sending->id, object->intent->upload, sizeof sending->id);
    bucket->sending = sending;
    bucket->count++;
    bucket->memory += memory_of(object);
    object->sending = true;
    start(sending);
}

static bool bucket_collect(struct archive_target *target, bool *changed, struct error *err) {
    struct bucket *bucket = CONTAINER_OF(target, struct bucket, target);
    for (struct sending **link = &bucket->sending, *sending; (sending = *link);) {
        struct object *object = sending->object;
        if (sending->news && !sending->placed) {
            memcpy(object->intent->upload, sending->id, sizeof object->intent->upload);
            *changed = true;
        }
        sending->news = false;
        object->placed = sending->placed;
        if (!sending->placed) {
            link = &sending->next;
            continue;
        }
        *link = sending->next;
        bucket->count--;
        bucket->memory -= memory_of(object);
        memory_free(sending);
    }
    if (bucket->failure.kind != ERROR_NONE) *err = bucket->failure;
    return bucket->failure.kind == ERROR_NONE;
}

/* ---- giving up ------------------------------------------------------------------------------ */

static void forget(struct dropping *dropping) {
    struct dropping **link = &dropping->bucket->dropping;
    while (*link != dropping)
        link = &(*link)->next;
    *link = dropping->next;
    memory_free(dropping);
}

static void dropped(void *context, const struct s3_result *result) {
    struct dropping *dropping = context;
    if (result->end != S3_GOOD)
        log_warning(dropping->bucket->context->name, "an upload that was given up may stay: %.400s",
                    result->reason);
    forget(dropping);
}

static void bucket_drop(struct archive_target *target, const char *name, const char *upload) {
    struct bucket *bucket = CONTAINER_OF(target, struct bucket, target);
    struct dropping *dropping = memory_zeroed(1, sizeof *dropping);
    char key[2200];
    *dropping = (struct dropping){ .next = bucket->dropping, .bucket = bucket };
    bucket->dropping = dropping;
    dropping->abort =
        s3_abort_start(bucket->s3, key_of(bucket, name, key), slice_of(upload), dropped, dropping);
}

/* ---- its life ------------------------------------------------------------------------------- */

static void bucket_close(struct archive_target *target) {
    struct bucket *bucket = CONTAINER_OF(target, struct bucket, target);
    for (struct sending *next; bucket->sending; bucket->sending = next) {
        next = bucket->sending->next;
        timer_stop(&bucket->sending->again);
        if (bucket->sending->upload) s3_upload_cancel(bucket->sending->upload);
        memory_free(bucket->sending);
    }
    while (bucket->dropping) {
        s3_abort_cancel(bucket->dropping->abort);
        forget(bucket->dropping);
    }
    if (bucket->s3) s3_close(bucket->s3);
    memory_free(bucket);
}

/* Below STATE, or wherever this machine keeps what is of today. */
static bool find_parts(struct bucket *bucket, struct error *err) {
    const struct sink_context *context = bucket->context;
    const char *given = os_environment("TMPDIR");
    const char *shared = given && given[0] == '/' ? given : "/tmp";
    bool kept = context->log.length > 0;
    snprintf(bucket->target.parts, sizeof bucket->target.parts,
             kept ? "%.3800s/archive" : "%.3800s", kept ? context->state : shared);
    bucket->target.hidden = true;
    return os_make_private_folder(bucket->target.parts) ||
           file_error(err, bucket->target.parts, "made");
}

static struct archive_target *bucket_open(const struct archive_options *options,
                                          const struct sink_context *context, struct error *err) {
    struct bucket *bucket = memory_zeroed(1, sizeof *bucket);
    struct slice name, base;
    bucket->context = context;
    bucket->target.ops = &s3_target;
    bucket->target.hash = hash_bytes(slice_of(options->to));
    if (options->s3.aws.endpoint)
        bucket->target.hash ^= hash_bytes(slice_of(options->s3.aws.endpoint));
    bool good = s3_read_url(slice_of(options->to), &name, &base, err);
    if (good) {
        bool folder = base.length && !slice_ends(base, SLICE("/"));
        snprintf(bucket->base, sizeof bucket->base, "%.*s%s", SLICE_ARGS(base), folder ? "/" : "");
        struct s3_options s3 = s3_settings_options(&options->s3, name, context->threads);
        good = find_parts(bucket, err) && (bucket->s3 = s3_open(context->loop, &s3, err));
    }
    if (good) return &bucket->target;
    bucket_close(&bucket->target);
    return NULL;
}

const struct target_ops s3_target = {
    .open = bucket_open,
    .close = bucket_close,
    .send = bucket_send,
    .collect = bucket_collect,
    .drop = bucket_drop,
};
