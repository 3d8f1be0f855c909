/* Source "s3": recorded posts from the objects of a bucket, in the order of their keys.
 *
 * Its position is `OFFSET "ETAG" KEY`, the last two percent-encoded: the offset in the decoded
 * object. What cannot be read of an object is told and counted, and the next one follows; a bucket
 * that is out of reach ends it, so that the position stays. */
#include "aws/s3_settings.h"
#include "base/alloc.h"
#include "base/log.h"
#include "flow/online_s3.h"
#include "net/uri.h"
#include "sources/registry.h"
#include "sources/s3_object.h"
#include <stdio.h>

#define SHOWN_FAILURES 10

struct settings {
    const char *from;
    bool exact;
    struct s3_settings s3;
};

struct s3_source {
    const struct settings *settings;
    struct source_port *port;
    struct slice bucket, prefix;
    struct s3 *s3;
    struct s3_list *list;
    struct arena kept, page; /* of the source's life; of `entries` */
    struct s3_entry *entries;
    size_t count, at;
    bool more; /* pages */
    struct s3_object_reader *object;
    bool skipped; /* what an earlier run has dealt with */
    struct timer step;
    uint64_t objects, failures;
    uint64_t listed_bytes, passed_bytes, object_bytes;
    struct error failure; /* the first */
    struct slice resumed; /* the key that an earlier run was at */
    bool done;
};

static const struct option options[] = {
    { .name = "from",
      .type = OPTION_TEXT,
      .offset = offsetof(struct settings, from),
      .help = "s3://bucket/prefix: plain, .gz or .zst; lines, or objects separated by ,\\n" },
    { .name = "exact",
      .type = OPTION_BOOLEAN,
      .offset = offsetof(struct settings, exact),
      .standard = "false",
      .help = "from names one object by its whole key" },
    S3_SERVICE_OPTIONS(struct settings, s3),
};

/* ---- the end ---- */

static void close_all(struct s3_source *source) {
    timer_stop(&source->step);
    if (source->object) s3_object_close(source->object);
    if (source->list) s3_list_close(source->list);
    source->object = NULL;
    source->list = NULL;
}

static void finish(struct s3_source *source, const struct error *err) {
    source->done = true;
    close_all(source);
    source_finished(source->port, err);
}

/* All objects were read, as far as they could be. */
static void end(struct s3_source *source) {
    struct error err;
    if (source->objects == 0 && source->resumed.length == 0) {
        error_set(&err, ERROR_FAILED, "s3://%.*s/%.*s: there is no such object",
                  SLICE_ARGS(source->bucket), SLICE_ARGS(slice_first(source->prefix, 300)));
        finish(source, &err);
    } else if (source->failures == 0)
        finish(source, NULL);
    else if (source->objects == 1)
        finish(source, &source->failure);
    else {
        error_set(&err, ERROR_FAILED, "%llu of %llu objects could not be read to their end",
                  (unsigned long long)source->failures, (unsigned long long)source->objects);
        finish(source, &err);
    }
}

/* ---- from object to object ---- */

static void go_on(void *context) {
    struct s3_source *source = context;
    timer_start(source_loop(source->port), &source->step, 0);
}

static void open_object(struct s3_source *source, struct slice key, uint64_t bytes, uint64_t skip,
                        struct slice etag) {
    source->objects++;
    source->object_bytes = bytes;
    source->skipped = false;
    source->object = s3_object_open(source->s3, source->bucket, key, skip, etag, go_on, source);
}

static void page(void *context, const struct s3_entry *entries, size_t count, bool more,
                 const struct s3_result *result);

static void list(struct s3_source *source) {
    const struct s3_list_hooks hooks = { page, source };
    source->list = s3_list_start(source->s3, source->prefix, source->resumed, &hooks);
}

static void next_object(struct s3_source *source) {
    while (source->at < source->count) {
        const struct s3_entry *entry = &source->entries[source->at++];
        if (entry->bytes == 0) continue; /* what consoles make to show a folder */
        open_object(source, entry->key, entry->bytes, 0, SLICE(""));
        return;
    }
    if (source->more)
        s3_list_next(source->list);
    else
        end(source);
}

static void page(void *context, const struct s3_entry *entries, size_t count, bool more,
                 const struct s3_result *result) {
    struct s3_source *source = context;
    struct error err;
    if (result->end != S3_GOOD) {
        error_set(&err, ERROR_FAILED, "s3://%.*s/%.*s: cannot be listed: %s",
                  SLICE_ARGS(source->bucket), SLICE_ARGS(slice_first(source->prefix, 300)),
                  result->reason);
        finish(source, &err);
        return;
    }
    arena_reset(&source->page, ARENA_BLOCK_BYTES);
    source->entries = arena_alloc(&source->page, (count + 1) * sizeof *source->entries);
    for (size_t i = 0; i < count; i++) {
        source->entries[i] =
            (struct s3_entry){ arena_copy(&source->page, entries[i].key), entries[i].bytes };
        source->listed_bytes += entries[i].bytes;
    }
    source->count = count;
    source->at = 0;
    source->more = more;
    next_object(source);
}

static void object_done(struct s3_source *source, const struct error *err) {
    bool out_of_reach = err && s3_object_is_out_of_reach(source->object);
    if (err && source->failures++ == 0) source->failure = *err;
    if (err && source->failures <= SHOWN_FAILURES) log_warning("s3", "%s", err->text);
    s3_object_close(source->object);
    source->object = NULL;
    source->passed_bytes += source->object_bytes;
    if (out_of_reach)
        finish(source, err);
    else if (source->settings->exact)
        end(source);
    else if (source->list == NULL)
        list(source);
    else
        next_object(source);
}

/* ---- from batch to batch ---- */

static void skip_some(struct s3_source *source) {
    struct error err;
    if (s3_object_skip(source->object, &err))
        source->skipped = true;
    else if (err.kind != ERROR_NONE) {
        object_done(source, &err);
        return;
    }
    go_on(source);
}

static void fill_next(struct s3_source *source) {
    struct error err;
    if (source->object == NULL || !s3_object_is_ready(source->object)) return;
    if (!source->skipped) {
        skip_some(source);
        return;
    }
    struct batch *batch = source_batch(source->port);
    if (batch == NULL) return; /* resumed later */
    bool good = s3_object_fill(source->object, batch, &err);
    source_submit(source->port, batch);
    if (!good)
        object_done(source, &err);
    else if (s3_object_ended(source->object))
        object_done(source, NULL);
    else
        go_on(source);
}

static void step(struct timer *timer) { fill_next(CONTAINER_OF(timer, struct s3_source, step)); }

/* ---- the source ---- */

static bool s3_check(const void *made, struct error *err) {
    const struct settings *settings = made;
    struct slice bucket, key;
    if (!s3_read_option("from", settings->from, &bucket, &key, err) ||
        !aws_settings_check(&settings->s3.aws, err))
        return false;
    return key.length > 0 || !settings->exact ||
           error_set(err, ERROR_FAILED, "from: \"%s\" names a bucket and no object",
                     settings->from);
}

static void *s3_create(const void *made, struct source_port *port, struct error *err) {
    const struct settings *settings = made;
    struct slice bucket, prefix;
    if (!s3_read_url(slice_of(settings->from), &bucket, &prefix, err)) return NULL;
    const struct s3_options s3 = s3_settings_options(&settings->s3, bucket, 1);
    struct s3 *opened = s3_open(source_loop(port), &s3, err);
    if (opened == NULL) return NULL;
    struct s3_source *source = memory_zeroed(1, sizeof *source);
    *source = (struct s3_source){ .settings = settings,
                                  .port = port,
                                  .bucket = bucket,
                                  .prefix = prefix,
                                  .s3 = opened,
                                  .step.fire = step };
    arena_init(&source->kept);
    arena_init(&source->page);
    return source;
}

/* False: that is no position of ours. */
static bool read_position(struct s3_source *source, struct slice position, uint64_t *offset,
                          struct slice *etag) {
    unsigned long long bytes;
    int etag_at = 0, etag_end = 0;
    struct slice text = arena_copy(&source->kept, position);
    if (sscanf(text.data, "%llu \"%n%*[^\"]%n\" ", &bytes, &etag_at, &etag_end) != 1) return false;
    if (etag_end == 0 || (size_t)etag_end + 2 >= text.length) return false;
    *offset = bytes;
    *etag =
        uri_decode(slice_from(text.data + etag_at, (size_t)(etag_end - etag_at)), &source->kept);
    source->resumed = uri_decode(slice_skip(text, (size_t)etag_end + 2), &source->kept);
    return true;
}

static void s3_start(void *self, struct slice position) {
    struct s3_source *source = self;
    uint64_t offset = 0;
    struct slice etag = SLICE("");
    if (position.length && read_position(source, position, &offset, &etag)) {
        log_info("s3", "s3://%.*s/%.*s: goes on at byte %llu", SLICE_ARGS(source->bucket),
                 SLICE_ARGS(slice_first(source->resumed, 300)), (unsigned long long)offset);
        open_object(source, source->resumed, 0, offset, etag);
    } else if (source->settings->exact)
        open_object(source, source->prefix, 0, 0, SLICE(""));
    else
        list(source);
}

static void s3_resume(void *self) {
    struct s3_source *source = self;
    if (!source->done) go_on(source);
}

static void s3_stop(void *self) {
    struct s3_source *source = self;
    source->done = true;
    close_all(source);
}

static void s3_destroy(void *self) {
    struct s3_source *source = self;
    close_all(source);
    s3_close(source->s3);
    arena_free(&source->kept);
    arena_free(&source->page);
    memory_free(source);
}

/* As long as there are pages to come, nobody knows how much it is. */
static void s3_progress(const void *self, uint64_t *done, uint64_t *total) {
    const struct s3_source *source = self;
    *done = source->passed_bytes + (source->object ? s3_object_consumed(source->object) : 0);
    *total = source->more ? 0 : source->listed_bytes;
}

static void *s3_online(const void *made, struct online *online, struct error *err) {
    const struct settings *settings = made;
    struct slice bucket, prefix;
    if (!s3_read_url(slice_of(settings->from), &bucket, &prefix, err)) return NULL;
    const struct s3_options s3 = s3_settings_options(&settings->s3, bucket, 1);
    return s3_online_begin(&s3, prefix, false, online, err);
}

const struct source_ops s3_source = {
    .kind = { .name = "s3",
              .argument = "from",
              .help = "recorded posts from the objects of a bucket on S3",
              .also = "bucket|minio|archive",
              .options = { options, LENGTH(options), sizeof(struct settings) },
              .check = s3_check },
    .create = s3_create,
    .start = s3_start,
    .resume = s3_resume,
    .stop = s3_stop,
    .destroy = s3_destroy,
    .progress = s3_progress,
    .online = { s3_online, s3_online_end },
};
