/* Readers of the log: one a sink, each at its own pace. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "flow/pipeline_internal.h"

/* How long a sink that was taken out of the configuration may try to deliver what it has left. */
#define LEAVING_MS 10000

/* It may have been the last thing that was waited for. */
static void answered(struct delivery *delivery) {
    struct reader *reader = CONTAINER_OF(delivery, struct reader, delivery);
    if (reader->leaving) timer_start(reader->pipeline->options.loop, &reader->leave, 0);
    pipeline_check_soon(reader->pipeline);
}

static void ended(struct delivery *delivery, const struct error *err) {
    struct reader *reader = CONTAINER_OF(delivery, struct reader, delivery);
    struct pipeline *pipeline = reader->pipeline;
    if (reader->leaving) {
        reader->leave_ns = 0;
        timer_start(pipeline->options.loop, &reader->leave, 0);
        return;
    }
    if (err) pipeline_fail(pipeline, err);
    pipeline->broken = true;
    pipeline_check_soon(pipeline); /* `finished` may destroy us, and whoever called is not done */
}

static bool forget(struct delivery *delivery, enum forget_what what, const struct post_name *posts,
                   size_t count, struct forget_wait *wait, struct error *err) {
    struct reader *reader = CONTAINER_OF(delivery, struct reader, delivery);
    return pipeline_forget_found(reader->pipeline, what, posts, count, wait, err);
}

static void forget_unwanted(struct delivery *delivery, struct forget_wait *wait) {
    struct reader *reader = CONTAINER_OF(delivery, struct reader, delivery);
    pipeline_forget_unwanted(reader->pipeline, wait);
}

static bool is_last(const struct delivery *delivery) {
    const struct reader *reader = CONTAINER_OF(delivery, struct reader, delivery);
    const struct reader *other = reader->pipeline->readers;
    while (other && delivery_durable(&other->delivery) >= delivery_durable(delivery))
        other = other->next;
    return other == NULL;
}

static void unlink_reader(struct reader *reader) {
    struct reader **link = &reader->pipeline->readers;
    while (*link != reader)
        link = &(*link)->next;
    *link = reader->next;
}

/* Whether it still waits, for what only its sink has. */
static bool must_stay(struct reader *reader) {
    const struct delivery *delivery = &reader->delivery;
    uint64_t now_ns = clock_monotonic_ns();
    if (delivery->count[HANDOVER_BURYING] > 0) return true; /* `answered` brings it here again */
    bool waits = reader->pipeline->spooled ? delivery->count[HANDOVER_TAKEN] > 0
                                           : delivery_sums(delivery).pending > 0;
    if (!waits || now_ns >= reader->leave_ns) return false;
    timer_start(reader->pipeline->options.loop, &reader->leave,
                (reader->leave_ns - now_ns) / 1000000 + 1);
    return true;
}

/* All is delivered, or it takes too long. */
static void leave(struct timer *timer) {
    struct reader *reader = CONTAINER_OF(timer, struct reader, leave);
    bool kept = reader->pipeline->spooled;
    delivery_finish(&reader->delivery, kept);
    if (must_stay(reader)) return;
    struct reader_sums sums = delivery_sums(&reader->delivery);
    char text[SUM_BYTES];
    if (sums.pending > 0)
        log_warning("reload", "%s: it has gone before it took its last %llu records%s", sums.name,
                    (unsigned long long)sums.pending,
                    kept ? "; they wait for it to come back, as all does that still comes" : "");
    if (!kept) {
        sums.dropped += sums.pending;
        sums.pending = 0;
    }
    reader_sums_print(&sums, text, sizeof text);
    log_info("reload", "%s: removed: %s", sums.name, text);
    unlink_reader(reader);
    reader_destroy(reader);
}

static const struct sink_ops *find_sink(const struct pipeline_options *options,
                                        const struct part_kind *kind) {
    for (const struct sink_ops *const *ops = options->sinks; *ops; ops++)
        if (&(*ops)->kind == kind) return *ops;
    return NULL;
}

static struct slice log_id(const struct pipeline *pipeline) {
    return pipeline->spooled ? log_spool_id(pipeline->log) : SLICE("");
}

struct fitted_sink *reader_fit(struct reader *reader, const struct part_config *part,
                               struct error *err) {
    const struct pipeline_options *options = &reader->pipeline->options;
    const struct snapshot *snapshot = options->snapshot;
    struct sink_context common = { .loop = options->loop,
                                   .delivery = &reader->delivery,
                                   .state = reader->pipeline->state_folder,
                                   .log = log_id(reader->pipeline),
                                   .threads = snapshot->workers > 0 };
    return fitted_sink_create(find_sink(options, part->kind), part, &common, err);
}

static void set_reader(struct reader *reader, const struct part_config *part) {
    if (!reader->pipeline->spooled) return;
    bool drops = strcmp(part->sink.when_full, "drop_oldest") == 0;
    log_spool_set_reader(reader->delivery.reader, drops ? WHEN_FULL_DROP_OLDEST : WHEN_FULL_PAUSE,
                         strcmp(part->sink.start, "oldest") == 0);
}

struct reader *reader_create(struct pipeline *pipeline, const struct part_config *part,
                             struct error *err) {
    struct reader *reader = memory_zeroed(1, sizeof *reader);
    *reader = (struct reader){ .pipeline = pipeline, .leave.fire = leave, .kept = true };
    reader->delivery = (struct delivery){ .loop = pipeline->options.loop,
                                          .box = pipeline->box,
                                          .answered = answered,
                                          .ended = ended,
                                          .forget = forget,
                                          .forget_unwanted = forget_unwanted,
                                          .is_last = is_last };
    reader->delivery.reader = log_add_reader(pipeline->log, part->name, err);
    if (reader->delivery.reader) reader->delivery.fitted = reader_fit(reader, part, err);
    if (reader->delivery.fitted) {
        set_reader(reader, part);
        delivery_start(&reader->delivery);
        return reader;
    }
    reader_destroy(reader);
    return NULL;
}

void reader_destroy(struct reader *reader) {
    timer_stop(&reader->leave);
    delivery_close(&reader->delivery);
    if (reader->instead) fitted_sink_destroy(reader->instead);
    if (reader->delivery.reader) log_remove_reader(reader->delivery.reader);
    memory_free(reader);
}

void reader_leave(struct reader *reader) {
    struct loop *loop = reader->pipeline->options.loop;
    log_close_reader(reader->delivery.reader);
    reader->leaving = true;
    reader->leave_ns = clock_monotonic_ns() + (uint64_t)LEAVING_MS * 1000000;
    timer_start(loop, &reader->leave, 0);
}

void readers_append(struct reader **list, struct reader *reader) {
    while (*list)
        list = &(*list)->next;
    reader->next = NULL;
    *list = reader;
}

struct reader *reader_find(struct reader *list, const char *name) {
    while (list && (list->leaving || strcmp(list->delivery.fitted->context.name, name) != 0))
        list = list->next;
    return list;
}
