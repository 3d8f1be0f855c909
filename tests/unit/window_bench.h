/* A sink with room for several handovers, which answers when it is told to, and a log in memory or
 * on disk before it. */
#ifndef TESTS_WINDOW_BENCH_H
#define TESTS_WINDOW_BENCH_H

#include "own_folder.h"

#include "base/alloc.h"
#include "flow/delivery.h"
#include "flow/log_spool.h"

#define MOST_HANDOVERS 100
#define CHUNK 5
#define RAW_BYTES 4000

/* What came, in this order; NULL: answered. */
static struct {
    struct handover *handovers[MOST_HANDOVERS];
    uint64_t first[MOST_HANDOVERS]; /* sequence */
    size_t count[MOST_HANDOVERS];
    size_t came;
    unsigned room; /* it wants this when it is made */
    int created, destroyed, finished;
} sink;

static struct {
    struct loop *loop;
    struct log *log;
    struct delivery delivery;
    uint64_t appended, passed; /* chunks */
    uint64_t lost;             /* records, as told */
    int ended;
} bench;

struct test_chunk {
    struct log_chunk chunk;
    struct record records[CHUNK];
};

static void *window_create(const void *settings, const struct sink_context *context,
                           struct error *err) {
    (void)settings, (void)err;
    delivery_room(context->delivery, sink.room);
    sink.created++;
    return &sink;
}

static void window_deliver(void *self, const struct record *records, size_t count,
                           struct handover *handover) {
    (void)self;
    assert_true(sink.came < MOST_HANDOVERS);
    for (size_t i = 1; i < count; i++)
        assert_true(records[i].sequence > records[i - 1].sequence);
    sink.handovers[sink.came] = handover;
    sink.first[sink.came] = records[0].sequence;
    sink.count[sink.came++] = count;
}

static void window_finish(void *self) {
    (void)self;
    sink.finished++;
}

static void window_destroy(void *self) {
    (void)self;
    sink.destroyed++;
}

static const struct sink_ops window_ops = { .create = window_create,
                                            .deliver = window_deliver,
                                            .finish = window_finish,
                                            .destroy = window_destroy };

/* What must hold at each moment. */
static struct reader_sums sums_now(void) {
    struct reader_sums sums = delivery_sums(&bench.delivery);
    assert_int_equal(sums.spooled,
                     sums.delivered + sums.dead + sums.dropped + sums.damaged + sums.pending);
    return sums;
}

static void bench_answered(struct delivery *delivery) {
    (void)delivery;
    (void)sums_now();
}

static void bench_ended(struct delivery *delivery, const struct error *err) {
    (void)delivery, (void)err;
    bench.ended++;
}

static struct fitted_sink *window_fitted(void) {
    static const struct part_kind kind = { .name = "window" };
    struct part_config part = { .name = "window", .kind = &kind, .schema_name = "post" };
    struct sink_context common = { .loop = bench.loop, .delivery = &bench.delivery };
    struct error err;
    struct fitted_sink *made = fitted_sink_create(&window_ops, &part, &common, &err);
    assert_non_null(made);
    return made;
}

/* ---- the loop ---- */

struct rounds {
    struct timer timer;
    int left;
};

static void next_round(struct timer *timer) {
    struct rounds *rounds = CONTAINER_OF(timer, struct rounds, timer);
    if (rounds->left-- == 0)
        loop_stop(bench.loop);
    else
        timer_start(bench.loop, timer, 0);
}

/* Until timers of so long have fired, and what that sets off is done, on the disk too. */
static void run_ms(uint64_t delay_ms) {
    struct rounds rounds = { .timer.fire = next_round, .left = 30 };
    timer_start(bench.loop, &rounds.timer, delay_ms);
    loop_run(bench.loop);
}

static void run(void) { run_ms(0); }

/* ---- the log ---- */

static void test_chunk_passed(struct log_chunk *chunk) {
    bench.passed++;
    memory_free(CONTAINER_OF(chunk, struct test_chunk, chunk));
}

static void append(void) {
    static const struct document document = { .schema = { "post", 4 }, .key = { "k", 1 } };
    static char raw[RAW_BYTES];
    struct test_chunk *made = memory_zeroed(1, sizeof *made);
    for (uint64_t i = 0; i < CHUNK; i++)
        made->records[i] = (struct record){ .sequence = bench.appended * CHUNK + i + 1,
                                            .key = SLICE("k"),
                                            .received_ms = 1,
                                            .raw = slice_from(raw, sizeof raw),
                                            .documents = &document,
                                            .document_count = 1 };
    bench.appended++;
    made->chunk =
        (struct log_chunk){ .records = made->records, .count = CHUNK, .passed = test_chunk_passed };
    log_append(bench.log, &made->chunk);
    log_urge(bench.log); /* a group on disk each */
    run();
}

static void append_some(int count) {
    for (int i = 0; i < count; i++)
        append();
}

static void write_no_state(void *context, struct buffer *state) { (void)context, (void)state; }

static void note_lost(void *context, const char *reader, enum ledger_kind kind, uint64_t count) {
    (void)context, (void)reader, (void)kind;
    bench.lost += count;
}

static void disk_failed(void *context, const struct error *err) {
    (void)context;
    fail_msg("%s", err->text);
}

#define SPOOL_BYTES ((uint64_t)300 << 10)

static struct log *open_spool(void) {
    struct error err;
    struct log_spool_options options = { .loop = bench.loop,
                                         .folder = own_folder,
                                         .max_bytes = SPOOL_BYTES,
                                         .write_state = write_no_state,
                                         .lost = note_lost,
                                         .failed = disk_failed };
    struct log *log = log_spool_create(&options, &err);
    assert_non_null(log);
    return log;
}

static void delivery_open(void) {
    struct error err;
    bench.delivery = (struct delivery){ .loop = bench.loop,
                                        .reader = log_add_reader(bench.log, "window", &err),
                                        .answered = bench_answered,
                                        .ended = bench_ended };
    assert_non_null(bench.delivery.reader);
    bench.delivery.fitted = window_fitted();
    delivery_start(&bench.delivery);
    log_open_reader(bench.delivery.reader);
}

static void delivery_shut(void) {
    delivery_close(&bench.delivery);
    log_remove_reader(bench.delivery.reader);
    assert_int_equal(sink.destroyed, sink.created);
}

static void bench_begin(unsigned room, bool on_disk) {
    memset(&bench, 0, sizeof bench);
    memset(&sink, 0, sizeof sink);
    sink.room = room;
    bench.loop = loop_create();
    if (on_disk) assert_int_equal(own_folder_make(), 0);
    bench.log = on_disk ? open_spool() : log_memory_create();
    delivery_open();
}

static void bench_end(void) {
    delivery_shut();
    log_destroy(bench.log);
    loop_destroy(bench.loop);
    if (own_folder[0]) assert_int_equal(own_folder_remove(), 0);
    own_folder[0] = '\0';
}

/* ---- the sink ---- */

static struct handover *handed(size_t number) {
    struct handover *handover = sink.handovers[number];
    assert_non_null(handover);
    sink.handovers[number] = NULL;
    return handover;
}

static void answer(size_t number) { handover_answer(handed(number), NULL); }

static void take(size_t number) { handover_taken(sink.handovers[number]); }

static void expect_sums(uint64_t delivered, uint64_t dead, uint64_t pending) {
    struct reader_sums sums = sums_now();
    assert_int_equal(sums.delivered, delivered);
    assert_int_equal(sums.dead, dead);
    assert_int_equal(sums.pending, pending);
}

#endif
