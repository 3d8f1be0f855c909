/* The sink "archive" between its thread and the loop, which goes on handing over meanwhile. */
#include "own_folder.h"

#include "archive/options.h"
#include "archive/target.h"
#include "flow/delivery.h"
#include "flow/online_s3.h"
#include "sinks/registry.h"

#define RECORDS 2

/* ---- a place for objects; what happens while one is placed happens while the thread works ---- */

static struct {
    struct archive_target target;
    int placed;
    void (*meanwhile)(void); /* once */
} place;

static struct archive_target *place_open(const struct archive_options *options,
                                         const struct sink_context *context, struct error *err) {
    (void)options, (void)context, (void)err;
    place.target = (struct archive_target){ .ops = &s3_target, .hash = 1 };
    snprintf(place.target.parts, sizeof place.target.parts, "%s", own_folder);
    return &place.target;
}

static void place_close(struct archive_target *target) { assert_ptr_equal(target, &place.target); }

static bool place_put(struct archive_target *target, struct object *object, struct error *err) {
    (void)target, (void)object, (void)err;
    void (*meanwhile)(void) = place.meanwhile;
    place.placed++;
    place.meanwhile = NULL;
    if (meanwhile) meanwhile();
    return true;
}

const struct target_ops s3_target = { .open = place_open,
                                      .close = place_close,
                                      .place = place_put };

/* Nobody asks it. */
void *s3_online_begin(const struct s3_options *options, struct slice prefix, bool write,
                      struct online *online, struct error *err) {
    (void)options, (void)prefix, (void)write, (void)online, (void)err;
    return NULL;
}

void s3_online_end(void *trying) { (void)trying; }

/* ---- a log, its reader, a loop -------------------------------------------------------------- */

static struct {
    struct loop *loop;
    struct log *log;
    struct delivery delivery;
    struct arena arena;
    struct record records[RECORDS];
    struct log_chunk chunks[RECORDS];
    struct timer patience;
} bench;

static void chunk_passed(struct log_chunk *chunk) { (void)chunk; }

static void append(size_t number) {
    bench.records[number] = (struct record){ .sequence = number + 1,
                                             .received_ms = 1772860142345,
                                             .key = SLICE("x:1"),
                                             .raw = SLICE("{}") };
    bench.chunks[number] =
        (struct log_chunk){ .records = &bench.records[number], .count = 1, .passed = chunk_passed };
    log_append(bench.log, &bench.chunks[number]);
}

static void answered(struct delivery *delivery) {
    struct reader_sums sums = delivery_sums(delivery);
    if (sums.delivered == RECORDS) loop_stop(bench.loop);
}

static void ended(struct delivery *delivery, const struct error *err) {
    (void)delivery;
    fail_msg("%s", err ? err->text : "it has ended");
}

static void lose_patience(struct timer *timer) {
    (void)timer;
    loop_stop(bench.loop);
}

static int begin(void **state) {
    (void)state;
    memset(&bench, 0, sizeof bench);
    memset(&place, 0, sizeof place);
    arena_init(&bench.arena);
    bench.patience.fire = lose_patience;
    bench.loop = loop_create();
    bench.log = log_memory_create();
    bench.delivery = (struct delivery){ .loop = bench.loop,
                                        .reader = log_add_reader(bench.log, "out", NULL),
                                        .answered = answered,
                                        .ended = ended };
    return own_folder_make();
}

static void fit(void) {
    struct archive_options *options = arena_zeroed(&bench.arena, 1, sizeof *options);
    struct part_config part = { .name = "out", .kind = &archive_sink.kind, .settings = options };
    struct sink_context common = { .loop = bench.loop, .delivery = &bench.delivery };
    struct error err;
    option_defaults(&archive_sink.kind.options, options, &bench.arena);
    options->to = "s3://bucket/";
    bench.delivery.fitted = fitted_sink_create(&archive_sink, &part, &common, &err);
    assert_non_null(bench.delivery.fitted);
    log_open_reader(bench.delivery.reader);
    delivery_start(&bench.delivery);
}

static int end(void **state) {
    (void)state;
    timer_stop(&bench.patience);
    delivery_close(&bench.delivery);
    log_remove_reader(bench.delivery.reader);
    log_destroy(bench.log);
    loop_destroy(bench.loop);
    arena_free(&bench.arena);
    return own_folder_remove();
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void append_the_last(void) {
    append(1);
    delivery_finish(&bench.delivery, false);
}

/* Its object is not left open until it is 15 minutes old. */
static void what_comes_while_all_is_sealed_is_sealed_when_that_is_asked_for_again(void **state) {
    (void)state;
    fit();
    place.meanwhile = append_the_last;
    append(0);
    delivery_finish(&bench.delivery, false);
    timer_start(bench.loop, &bench.patience, 60000);
    loop_run(bench.loop);
    assert_null(place.meanwhile);
    assert_int_equal(delivery_sums(&bench.delivery).delivered, RECORDS);
    assert_int_equal(place.placed, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_comes_while_all_is_sealed_is_sealed_when_that_is_asked_for_again, begin, end),
    };
    return cmocka_run_group_tests_name("archive_sink", tests, NULL, NULL);
}
