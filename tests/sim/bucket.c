/* The model of a bucket on S3: it keeps what is put, whatever becomes of linnet and its disk. A put
 * takes its time, fails, or has its effect and is not answered. */
#include "archive/target.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/os.h"
#include "world.h"
#include <stdio.h>

struct put {
    struct timer timer;
    struct object *object;
    struct bucket *bucket;
    bool told, placed;
    struct put *next;
};

struct bucket {
    struct archive_target target;
    const struct sink_context *context;
    struct put *puts;
};

static struct stored *stored_under(uint64_t name) {
    uint32_t at = 0;
    while (at < world->stored_count && world->stored[at].name != name)
        at++;
    if (at == MOST_STORED) broken("too many objects in the bucket");
    if (at == world->stored_count)
        world->stored[world->stored_count++] = (struct stored){ .name = name };
    return &world->stored[at];
}

/* What is there twice is found by archive.c; the same name must have the same content. */
static bool store(const struct object *object) {
    char *bytes = memory_alloc(object->written + 1);
    uint64_t length = object->written, before;
    bool read = os_read_at(object->fd, bytes, length, 0) == (ssize_t)length;
    struct stored *stored = read ? stored_under(hash_bytes(slice_of(object->name))) : NULL;
    struct stored_lines lines = { .first = world->line_count };
    if (read) bucket_take_lines(object->name, slice_from(bytes, length), &lines);
    if (read && stored->lines.count) {
        before = stored->lines.hash;
        if (before != lines.hash) broken("%s has other content now", object->name);
        world->line_count = lines.first;
    } else if (read)
        stored->lines = lines;
    memory_free(bytes);
    return read;
}

static void put_due(struct timer *timer) {
    struct put *put = CONTAINER_OF(timer, struct put, timer);
    const struct archive_target *target = &put->bucket->target;
    uint64_t luck = world->calm ? 7 : draw(8);
    bool begins = luck == 2 && !put->told;
    put->told = put->told || begins;
    bool taken = luck > 0 && !begins && store(put->object);
    put->placed = taken && luck > 1;
    trace("bucket", put->object->name, luck);
    if (!put->placed) timer_start(put->bucket->context->loop, timer, 1 + draw(4000));
    if (put->placed || begins) target->moved(target->owner);
}

static void bucket_send(struct archive_target *target, struct object *object) {
    struct bucket *bucket = CONTAINER_OF(target, struct bucket, target);
    struct put *put = memory_zeroed(1, sizeof *put);
    *put = (struct put){
        .timer.fire = put_due, .object = object, .bucket = bucket, .next = bucket->puts
    };
    bucket->puts = put;
    object->sending = true;
    timer_start(bucket->context->loop, &put->timer, draw_delay_ns() / 1000000);
}

static bool bucket_collect(struct archive_target *target, bool *changed, struct error *err) {
    struct bucket *bucket = CONTAINER_OF(target, struct bucket, target);
    (void)err;
    for (struct put **link = &bucket->puts, *put; (put = *link);) {
        if (put->told && put->object->intent->upload[0] == '\0') {
            put->object->intent->upload[0] = 'u';
            *changed = true;
        }
        put->object->placed = put->placed;
        if (!put->placed) {
            link = &put->next;
            continue;
        }
        *link = put->next;
        memory_free(put);
    }
    return true;
}

static void bucket_drop(struct archive_target *target, const char *name, const char *upload) {
    (void)target;
    trace("bucket", name, upload[0] != '\0');
}

static void bucket_close(struct archive_target *target) {
    struct bucket *bucket = CONTAINER_OF(target, struct bucket, target);
    for (struct put *next; bucket->puts; bucket->puts = next) {
        next = bucket->puts->next;
        timer_stop(&bucket->puts->timer);
        memory_free(bucket->puts);
    }
    memory_free(bucket);
}

static struct archive_target *bucket_open(const struct archive_options *options,
                                          const struct sink_context *context, struct error *err) {
    struct bucket *bucket = memory_zeroed(1, sizeof *bucket);
    (void)options, (void)err;
    *bucket =
        (struct bucket){ .target = { .ops = &s3_target, .parts = "/state/archive", .hash = 1 },
                         .context = context };
    return &bucket->target;
}

const struct target_ops s3_target = { .open = bucket_open,
                                      .close = bucket_close,
                                      .send = bucket_send,
                                      .collect = bucket_collect,
                                      .drop = bucket_drop };

/* Nobody asks it. */
void *s3_online_begin(const struct s3_options *options, struct slice prefix, bool write,
                      struct online *online, struct error *err) {
    (void)options, (void)prefix, (void)write, (void)online, (void)err;
    return NULL;
}

void s3_online_end(void *trying) { (void)trying; }
