/* A reader and its sink: every record is answered for, in any mix of verdicts, at once or later. */
#include "own_folder.h"

#include "base/clock.h"
#include "flow/delivery.h"
#include "store/dead_letters.h"

#define RECORDS 1000
#define CHUNK 50

/* A sink that answers as `verdict_of` says, at once or by a timer. */
struct fake_sink {
    struct handover *handover;
    enum verdict_kind (*verdict_of)(struct fake_sink *sink, uint64_t sequence);
    bool later, under_way;
    bool lost; /* it breaks instead of answering */
    int created, destroyed;
    const struct record *records;
    size_t count;
    struct timer timer;
    int tries[RECORDS + 1];   /* by sequence */
    int settled[RECORDS + 1]; /* verdicts that end it */
    uint64_t last_settled;
    int deliveries;
};

static struct fake_sink sink;

/* A log with chunks in it, a loop, and the delivery under test. */
static struct {
    struct loop *loop;
    struct log *log;
    struct delivery delivery;
    struct record records[RECORDS];
    struct log_chunk chunks[RECORDS / CHUNK];
    int chunks_passed, ended;
    bool ended_with_error;
} bench;

static void answer(void) {
    struct verdict verdicts[CHUNK];
    uint64_t before = 0;
    for (size_t i = 0; i < sink.count; i++) {
        uint64_t sequence = sink.records[i].sequence;
        assert_true(sequence > before); /* in order, also when tried again */
        before = sequence;
        sink.tries[sequence]++;
        verdicts[i] = (struct verdict){ sink.verdict_of(&sink, sequence), SLICE("because") };
        sink.settled[sequence] += verdicts[i].kind != VERDICT_RETRY;
    }
    sink.under_way = false;
    handover_answer(sink.handover, verdicts);
}

static void answer_later(struct timer *timer) {
    (void)timer;
    answer();
}

static void fake_deliver(void *self, const struct record *records, size_t count,
                         struct handover *handover) {
    assert_ptr_equal(self, &sink);
    assert_false(sink.under_way); /* one at a time */
    assert_in_range(count, 1, CHUNK);
    sink.under_way = true;
    sink.handover = handover;
    sink.records = records;
    sink.count = count;
    sink.deliveries++;
    if (sink.later)
        timer_start(bench.loop, &sink.timer, 1);
    else
        answer();
}

static void fake_destroy(void *self) {
    assert_ptr_equal(self, &sink);
    bool spare = sink.created - sink.destroyed > 2; /* a replacement that never had its turn */
    assert_false(sink.under_way && sink.later && !sink.lost && !spare); /* it owes an answer */
    sink.destroyed++;
}

static void *fake_create(const void *settings, const struct sink_context *context,
                         struct error *err) {
    (void)settings, (void)err;
    assert_string_equal(context->name, "fake");
    sink.created++;
    return &sink;
}

static const struct sink_ops fake_ops = { .create = fake_create,
                                          .deliver = fake_deliver,
                                          .destroy = fake_destroy };

static void chunk_passed(struct log_chunk *chunk) {
    assert_ptr_equal(chunk, &bench.chunks[bench.chunks_passed]);
    bench.chunks_passed++;
}

/* Every record is delivered, dead or pending, at any time. */
static void assert_sum_holds(void) {
    const struct delivery *delivery = &bench.delivery;
    struct reader_sums sums = delivery_sums(delivery);
    assert_int_equal(sums.delivered + sums.dead + sums.pending, delivery->reader->counts.spooled);
}

static void answered(struct delivery *delivery) {
    (void)delivery;
    assert_sum_holds();
    if (bench.chunks_passed == RECORDS / CHUNK) loop_stop(bench.loop);
}

static void ended(struct delivery *delivery, const struct error *err) {
    (void)delivery;
    bench.ended++;
    bench.ended_with_error = err != NULL;
}

static enum verdict_kind done(struct fake_sink *fake, uint64_t sequence) {
    (void)fake, (void)sequence;
    return VERDICT_DONE;
}

static struct fitted_sink *fitted(const struct sink_ops *ops) {
    static const struct part_kind kind = { .name = "fake" };
    struct part_config part = { .name = "fake", .kind = &kind, .schema_name = "post" };
    struct sink_context common = { .loop = bench.loop, .delivery = &bench.delivery };
    struct error err;
    struct fitted_sink *made = fitted_sink_create(ops, &part, &common, &err);
    assert_non_null(made);
    return made;
}

static const struct document document = { .schema = { "post", 4 } };

static void bench_begin_with(const struct sink_ops *ops) {
    memset(&bench, 0, sizeof bench);
    sink.timer.fire = answer_later;
    bench.loop = loop_create();
    bench.log = log_memory_create();
    bench.delivery = (struct delivery){ .loop = bench.loop,
                                        .reader = log_add_reader(bench.log, "fake", NULL),
                                        .answered = answered,
                                        .ended = ended };
    bench.delivery.fitted = fitted(ops);
    log_open_reader(bench.delivery.reader);
    for (uint64_t i = 0; i < RECORDS; i++)
        bench.records[i] =
            (struct record){ .sequence = i + 1, .documents = &document, .document_count = 1 };
    delivery_start(&bench.delivery);
}

static void bench_begin(bool later, enum verdict_kind (*verdict_of)(struct fake_sink *, uint64_t)) {
    sink = (struct fake_sink){ .later = later, .verdict_of = verdict_of };
    bench_begin_with(&fake_ops);
}

static void append(size_t chunk) {
    bench.chunks[chunk] = (struct log_chunk){ .records = &bench.records[chunk * CHUNK],
                                              .count = CHUNK,
                                              .passed = chunk_passed };
    log_append(bench.log, &bench.chunks[chunk]);
    assert_sum_holds();
}

static void bench_end(void) {
    timer_stop(&sink.timer);
    sink.under_way = false; /* closing gives up what is under way */
    delivery_close(&bench.delivery);
    assert_int_equal(sink.destroyed, sink.created);
    log_remove_reader(bench.delivery.reader);
    log_destroy(bench.log);
    loop_destroy(bench.loop);
}

static void deliver_all(void) {
    for (size_t chunk = 0; chunk < RECORDS / CHUNK; chunk++)
        append(chunk);
    if (bench.chunks_passed < RECORDS / CHUNK) loop_run(bench.loop);
    for (size_t i = 1; i <= RECORDS; i++)
        assert_int_equal(sink.settled[i], 1);
    assert_int_equal(delivery_sums(&bench.delivery).pending, 0);
    assert_sum_holds();
}

static void done_at_once_takes_one_delivery_a_chunk(void **state) {
    (void)state;
    bench_begin(false, done);
    deliver_all();
    assert_int_equal(delivery_sums(&bench.delivery).delivered, RECORDS);
    assert_int_equal(sink.deliveries, RECORDS / CHUNK);
    bench_end();
}

static void done_later_takes_one_delivery_a_chunk(void **state) {
    (void)state;
    bench_begin(true, done);
    deliver_all();
    assert_int_equal(delivery_sums(&bench.delivery).delivered, RECORDS);
    assert_int_equal(sink.deliveries, RECORDS / CHUNK);
    bench_end();
}

/* Every 7th is refused, and two of every hundred want one more try. */
static enum verdict_kind mixed(struct fake_sink *fake, uint64_t sequence) {
    if (sequence % 7 == 0) return VERDICT_REJECT;
    bool again = sequence <= 200 && sequence % 50 < 2 && fake->tries[sequence] < 2;
    return again ? VERDICT_RETRY : VERDICT_DONE;
}

static void assert_mixed(bool later) {
    bench_begin(later, mixed);
    deliver_all();
    assert_int_equal(delivery_sums(&bench.delivery).dead, RECORDS / 7);
    assert_int_equal(delivery_sums(&bench.delivery).delivered, RECORDS - RECORDS / 7);
    for (uint64_t i = 1; i <= RECORDS; i++) /* what was settled is not sent again */
        assert_int_equal(sink.tries[i], i <= 200 && i % 50 < 2 && i % 7 ? 2 : 1);
    bench_end();
}

static void only_what_wants_it_is_tried_again_at_once(void **state) {
    (void)state;
    assert_mixed(false);
}

static void only_what_wants_it_is_tried_again_later(void **state) {
    (void)state;
    assert_mixed(true);
}

static enum verdict_kind at_random(struct fake_sink *fake, uint64_t sequence) {
    int draw = rand() % 10;
    if (sequence > 100 || fake->tries[sequence] > 3)
        return draw < 2 ? VERDICT_REJECT : VERDICT_DONE;
    return draw < 4 ? VERDICT_RETRY : draw < 6 ? VERDICT_REJECT : VERDICT_DONE;
}

static void any_mix_ends_with_each_record_settled_once(void **state) {
    (void)state;
    for (int round = 0; round < 2; round++) {
        srand((unsigned)round);
        bench_begin(round == 1, at_random);
        deliver_all();
        assert_true(delivery_sums(&bench.delivery).dead > 0);
        bench_end();
    }
}

static void what_has_no_document_for_the_sink_is_dead_and_not_handed_over(void **state) {
    (void)state;
    bench_begin(false, mixed);
    for (size_t i = 0; i < RECORDS; i++)
        if (i % 3 == 0 || i / CHUNK == 4) bench.records[i].document_count = 0;
    for (size_t chunk = 0; chunk < RECORDS / CHUNK; chunk++)
        append(chunk);
    if (bench.chunks_passed < RECORDS / CHUNK) loop_run(bench.loop);
    uint64_t bare = 0, refused = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        bool is_bare = bench.records[i].document_count == 0;
        bare += is_bare;
        refused += !is_bare && (i + 1) % 7 == 0;
        assert_int_equal(sink.settled[i + 1], !is_bare);
    }
    struct reader_sums sums = delivery_sums(&bench.delivery);
    assert_int_equal(sums.dead, bare + refused);
    assert_int_equal(sums.delivered, RECORDS - bare - refused);
    assert_int_equal(sums.pending, 0);
    bench_end();
}

static void count_letter(void *context, const struct dead_letter *letter) {
    assert_true(slice_is(letter->sink, "fake") && slice_is(letter->reason, "because"));
    assert_int_equal(letter->sequence % 7, 0);
    ++*(size_t *)context;
}

static size_t letters_kept(void) {
    struct dead_letters letters;
    struct error err;
    size_t count, seen = 0;
    assert_true(dead_letters_open(&letters, below("dead.db"), DATABASE_READ, &err));
    assert_true(dead_letters_each(&letters, 0, count_letter, &seen, &count, &err));
    assert_int_equal(count, seen);
    dead_letters_close(&letters);
    return seen;
}

static void bury_in(unsigned threads) {
    assert_int_equal(own_folder_make(), 0);
    bench_begin(true, mixed);
    bench.delivery.box = dead_box_create(bench.loop, threads, own_folder);
}

static void bury_end(void) {
    dead_box_destroy(bench.delivery.box);
    bench_end();
    assert_int_equal(own_folder_remove(), 0);
}

static void the_cursor_passes_what_was_refused_when_it_is_kept(void **state) {
    (void)state;
    for (unsigned threads = 0; threads < 2; threads++) {
        bury_in(threads);
        deliver_all();
        assert_int_equal(letters_kept(), RECORDS / 7);
        assert_int_equal(bench.delivery.reader->counts.dead, RECORDS / 7);
        bury_end();
    }
}

static void make_room(struct timer *timer) {
    (void)timer;
    assert_int_equal(bench.chunks_passed, 0); /* it waits, however long it takes */
    assert_true(bench.delivery.count[HANDOVER_UNBURIED] + bench.delivery.count[HANDOVER_BURYING] >
                0);
    assert_int_equal(rmdir(below("dead.db")), 0);
}

static void the_cursor_waits_while_nothing_can_be_kept(void **state) {
    (void)state;
    struct timer timer = { .fire = make_room };
    bury_in(1);
    make_folder_below("dead.db");
    timer_start(bench.loop, &timer, 300);
    deliver_all();
    assert_int_equal(letters_kept(), RECORDS / 7);
    bury_end();
}

static enum verdict_kind never(struct fake_sink *fake, uint64_t sequence) {
    (void)fake, (void)sequence;
    return VERDICT_RETRY;
}

static void what_waits_for_its_next_try_is_pending_and_holds_the_rest(void **state) {
    (void)state;
    bench_begin(false, never);
    append(0);
    append(1);
    assert_int_equal(sink.deliveries, 1); /* the next try has to wait */
    assert_int_equal(delivery_sums(&bench.delivery).pending, 2 * CHUNK);
    assert_int_equal(bench.chunks_passed, 0);
    bench_end();
}

/* A disk that had no room for long, and has some now. */
static void deliver_to_a_disk(void *self, const struct record *records, size_t count,
                              struct handover *handover) {
    (void)self, (void)records, (void)count;
    if (sink.deliveries++ == 2) {
        loop_stop(bench.loop);
        return;
    }
    if (handover->rest) handover->rest->attempt = 1000;
    handover_again(handover);
}

static void a_disk_that_has_room_again_is_noticed_within_five_seconds(void **state) {
    (void)state;
    struct sink_ops disk = fake_ops;
    disk.deliver = deliver_to_a_disk;
    sink = (struct fake_sink){ .verdict_of = done };
    bench_begin_with(&disk);
    append(0);
    uint64_t began_ns = clock_monotonic_ns();
    loop_run(bench.loop);
    assert_int_equal(sink.deliveries, 3);
    assert_in_range((clock_monotonic_ns() - began_ns) / 1000000, 0, 5000);
    bench_end();
}

static void deliver_to_nobody(void *self, const struct record *records, size_t count,
                              struct handover *handover) {
    (void)self, (void)records, (void)count;
    handover_unwanted(handover);
}

static void deliver_nothing(void *self, const struct record *records, size_t count,
                            struct handover *handover) {
    (void)self, (void)records, (void)count;
    struct error err;
    error_set(&err, ERROR_FAILED, "the disk is gone");
    handover_broken(handover, &err);
}

static void a_broken_and_an_unwanted_sink_are_told_once_and_get_no_more(void **state) {
    (void)state;
    struct sink_ops broken = fake_ops, unwanted = fake_ops;
    broken.deliver = deliver_nothing;
    unwanted.deliver = deliver_to_nobody;
    for (int i = 0; i < 2; i++) {
        sink = (struct fake_sink){ .verdict_of = done };
        bench_begin_with(i ? &unwanted : &broken);
        append(0);
        append(1);
        assert_int_equal(bench.ended, 1);
        assert_int_equal(bench.ended_with_error, i == 0);
        assert_int_equal(delivery_sums(&bench.delivery).pending, 2 * CHUNK);
        bench_end();
    }
}

static void a_replacement_goes_on_where_the_sink_stopped(void **state) {
    (void)state;
    bench_begin(true, mixed);
    append(0);
    append(1);
    delivery_replace(&bench.delivery, fitted(&fake_ops));
    delivery_replace(&bench.delivery, fitted(&fake_ops)); /* before the first took over */
    assert_int_equal(sink.destroyed, 1);
    assert_true(sink.under_way); /* the answer is waited for */
    for (size_t chunk = 2; chunk < RECORDS / CHUNK; chunk++)
        append(chunk);
    loop_run(bench.loop);
    assert_int_equal(sink.destroyed, 2);
    for (size_t i = 1; i <= RECORDS; i++)
        assert_int_equal(sink.settled[i], 1);
    bench_end();
}

static void look_for_end(struct timer *timer) {
    if (sink.destroyed)
        loop_stop(bench.loop);
    else
        timer_start(bench.loop, timer, 0);
}

static void run_until_destroyed(void) {
    struct timer timer = { .fire = look_for_end };
    timer_start(bench.loop, &timer, 0);
    loop_run(bench.loop);
}

static void break_later(struct timer *timer) {
    (void)timer;
    struct error err;
    error_set(&err, ERROR_FAILED, "the disk is gone");
    sink.lost = true;
    handover_broken(sink.handover, &err);
    sink.under_way = false;
}

static void what_a_broken_sink_had_goes_to_its_replacement(void **state) {
    (void)state;
    bench_begin(true, done);
    sink.timer.fire = break_later;
    append(0);
    delivery_replace(&bench.delivery, fitted(&fake_ops));
    run_until_destroyed();
    assert_int_equal(bench.ended, 0);
    assert_int_equal(delivery_sums(&bench.delivery).pending, CHUNK);
    sink.timer.fire = answer_later;
    sink.lost = false;
    for (size_t chunk = 1; chunk < RECORDS / CHUNK; chunk++)
        append(chunk);
    loop_run(bench.loop);
    for (size_t i = 1; i <= RECORDS; i++)
        assert_int_equal(sink.settled[i], 1);
    bench_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(done_at_once_takes_one_delivery_a_chunk),
        cmocka_unit_test(done_later_takes_one_delivery_a_chunk),
        cmocka_unit_test(only_what_wants_it_is_tried_again_at_once),
        cmocka_unit_test(only_what_wants_it_is_tried_again_later),
        cmocka_unit_test(any_mix_ends_with_each_record_settled_once),
        cmocka_unit_test(what_has_no_document_for_the_sink_is_dead_and_not_handed_over),
        cmocka_unit_test(the_cursor_passes_what_was_refused_when_it_is_kept),
        cmocka_unit_test(the_cursor_waits_while_nothing_can_be_kept),
        cmocka_unit_test(what_waits_for_its_next_try_is_pending_and_holds_the_rest),
        cmocka_unit_test(a_disk_that_has_room_again_is_noticed_within_five_seconds),
        cmocka_unit_test(a_broken_and_an_unwanted_sink_are_told_once_and_get_no_more),
        cmocka_unit_test(a_replacement_goes_on_where_the_sink_stopped),
        cmocka_unit_test(what_a_broken_sink_had_goes_to_its_replacement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
