/* The pipeline with made-up sources and sinks: order, sums, back-pressure, and every way to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "flow/pipeline.h"
#include "padded.h"

#define POSTS 20000

/* ---- a source that counts up, a sink that counts with it ------------------------------------ */

static struct {
    struct source_port *port;
    struct timer step;
    uint64_t next; /* the next post */
    bool fails, endless, destroyed, stopped;
    unsigned submitted;
} source;

static void source_step(struct timer *timer) {
    struct error err;
    struct batch *batch = source_batch(source.port);
    if (batch == NULL) return; /* resumed later */
    for (int i = 0; i < 37 && (source.endless || source.next < POSTS); i++) {
        struct slice json = arena_format(&batch->arena, "{\"id\":\"%llu\",\"text\":\"good\"}%64s",
                                         (unsigned long long)source.next, "");
        assert_non_null(batch_add(batch, slice_first(json, json.length - 64), source.next++));
    }
    batch->place = (struct record_place){ SLICE("fake"), true, 0 };
    batch->position = arena_format(&batch->arena, "%llu", (unsigned long long)source.next);
    source.submitted++;
    source_submit(source.port, batch);
    if (source.endless || source.next < POSTS)
        timer_start(source_loop(source.port), timer, 0);
    else if (source.fails) {
        error_set(&err, ERROR_FAILED, "the source broke");
        source_finished(source.port, &err);
    } else
        source_finished(source.port, NULL);
}

static void *source_create(const void *settings, struct source_port *port, struct error *err) {
    (void)settings, (void)err;
    source.port = port;
    source.step.fire = source_step;
    return &source;
}
static void source_start(void *self, struct slice position) {
    (void)position;
    (void)self;
    timer_start(source_loop(source.port), &source.step, 0);
}
static void source_stop(void *self) {
    (void)self;
    source.stopped = true;
    timer_stop(&source.step);
}
static void source_resume(void *self) {
    if (!source.stopped) source_start(self, SLICE(""));
}
static void source_destroy(void *self) {
    source_stop(self);
    source.destroyed = true;
}
static const struct source_ops fake_source = { .kind = { .name = "fake" },
                                               .create = source_create,
                                               .start = source_start,
                                               .resume = source_resume,
                                               .stop = source_stop,
                                               .destroy = source_destroy };

enum way { AT_ONCE, LATER, BREAKS, UNWANTED, NEVER, GATHERS };
static struct {
    enum way way;
    struct handover *handover;
    struct handover *gathered[POSTS]; /* taken, and not answered before it is to finish */
    size_t gathered_count;
    struct timer timer;
    struct loop *loop;
    uint64_t sequence; /* the last that came */
    bool destroyed;
} sink;

static void sink_answer(struct timer *timer) {
    (void)timer;
    handover_answer(sink.handover, NULL);
}

static void sink_deliver(void *self, const struct record *records, size_t count,
                         struct handover *handover) {
    (void)self;
    struct error err;
    sink.handover = handover;
    for (size_t i = 0; i < count; i++) { /* in order, none missing, none twice */
        char key[40];
        snprintf(key, sizeof key, "plain:%llu", (unsigned long long)sink.sequence);
        assert_int_equal(records[i].sequence, ++sink.sequence);
        assert_true(slice_is(records[i].key, key));
        assert_true(records[i].documents[0].bytes.length > 0);
    }
    if (sink.way == AT_ONCE)
        handover_answer(handover, NULL);
    else if (sink.way == LATER)
        timer_start(sink.loop, &sink.timer, 0);
    else if (sink.way == GATHERS) {
        sink.gathered[sink.gathered_count++] = handover;
        handover_taken(handover);
    } else if (sink.way == UNWANTED)
        handover_unwanted(handover);
    else if (sink.way == BREAKS) {
        error_set(&err, ERROR_FAILED, "the sink broke");
        handover_broken(handover, &err);
    }
}

static void *sink_create(const void *settings, const struct sink_context *context,
                         struct error *err) {
    (void)settings, (void)err;
    sink.loop = context->loop;
    sink.timer.fire = sink_answer;
    return &sink;
}
static void sink_finish(void *self) {
    (void)self;
    while (sink.gathered_count > 0)
        handover_answer(sink.gathered[--sink.gathered_count], NULL);
}
static void sink_destroy(void *self) {
    (void)self;
    assert_int_equal(sink.gathered_count, 0);
    timer_stop(&sink.timer);
    sink.destroyed = true;
}
static const struct sink_ops fake_sink = { .kind = { .name = "fake" },
                                           .create = sink_create,
                                           .deliver = sink_deliver,
                                           .finish = sink_finish,
                                           .destroy = sink_destroy };

static void other_deliver(void *self, const struct record *records, size_t count,
                          struct handover *handover) {
    (void)self, (void)records, (void)count;
    handover_answer(handover, NULL);
}
static void other_destroy(void *self) { (void)self; }
static const struct sink_ops other_sink = { .kind = { .name = "other" },
                                            .create = sink_create,
                                            .deliver = other_deliver,
                                            .destroy = other_destroy };

/* ---- one run -------------------------------------------------------------------------------- */

static const struct source_ops *const sources[] = { &fake_source, NULL };
static const struct sink_ops *const sinks[] = { &fake_sink, &other_sink, NULL };

static struct {
    struct loop *loop;
    struct pipeline *pipeline;
    struct snapshot *snapshot;
    int finished;
    bool failed, destroy_at_once;
    char why[800];
    struct timer stop;
} run;

static void finished(void *context, const struct error *err) {
    (void)context;
    run.finished++;
    run.failed = err != NULL;
    if (err) snprintf(run.why, sizeof run.why, "%s", err->text);
    if (run.destroy_at_once) {
        pipeline_destroy(run.pipeline);
        run.pipeline = NULL;
    }
    loop_stop(run.loop);
}

static struct snapshot *load(const char *workers, const char *sink_name) {
    static const struct part_kind *const source_kinds[] = { &fake_source.kind, NULL };
    static const struct part_kind *const sink_kinds[] = { &fake_sink.kind, &other_sink.kind, NULL };
    static const struct parts parts = { source_kinds, sink_kinds };
    struct error err;
    struct snapshot_request request = { .defaults = true,
                                        .share = ".",
                                        .parts = &parts,
                                        .sources = (const char *const[]){ "fake", NULL },
                                        .sinks = (const char *const[]){ sink_name, NULL },
                                        .settings = (const char *const[]){ workers, NULL } };
    struct snapshot *snapshot = snapshot_load(&request, &err);
    if (snapshot == NULL) fail_msg("%s", err.text);
    return snapshot;
}

static void run_begin(const char *workers, enum way way) {
    struct error err;
    memset(&source, 0, sizeof source);
    memset(&sink, 0, sizeof sink);
    memset(&run, 0, sizeof run);
    sink.way = way;
    run.loop = loop_create();
    run.snapshot = load(workers, "fake");
    struct pipeline_options options = { .loop = run.loop,
                                        .snapshot = run.snapshot,
                                        .sources = sources,
                                        .sinks = sinks,
                                        .finished = finished };
    run.pipeline = pipeline_create(&options, &err);
    assert_non_null(run.pipeline);
    pipeline_start(run.pipeline);
}

static void assert_sums(uint64_t delivered) {
    struct pipeline_sums sums = pipeline_sums(run.pipeline);
    const struct source_sums *in = &sums.sources[0];
    const struct reader_sums *out = &sums.readers[0];
    assert_int_equal(in->received,
                     in->control + in->malformed + in->duplicate + in->filtered + in->spooled);
    assert_int_equal(out->spooled, in->spooled);
    assert_int_equal(out->spooled, out->delivered + out->dead + out->dropped + out->pending);
    assert_int_equal(out->delivered, delivered);
}

static void run_end(void) {
    assert_int_equal(run.finished, 1);
    if (run.pipeline) pipeline_destroy(run.pipeline);
    assert_true(source.destroyed);
    assert_true(sink.destroyed);
    snapshot_release(run.snapshot);
    loop_destroy(run.loop);
}

static const char *const worker_counts[] = { "workers=0", "workers=1", "workers=2" };

static void every_post_is_delivered_once_in_order(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(worker_counts); i++)
        for (enum way way = AT_ONCE; way <= LATER; way++) {
            run_begin(worker_counts[i], way);
            loop_run(run.loop);
            assert_false(run.failed);
            assert_int_equal(sink.sequence, POSTS);
            assert_sums(POSTS);
            run_end();
        }
}

static void a_broken_source_still_delivers_what_it_gave(void **state) {
    (void)state;
    run_begin("workers=1", LATER);
    source.fails = true;
    loop_run(run.loop);
    assert_true(run.failed);
    assert_string_equal(run.why, "the source broke");
    assert_sums(POSTS);
    run_end();
}

static void a_broken_or_unwanted_sink_ends_it_once(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(worker_counts); i++)
        for (int once = 0; once < 2; once++)
            for (enum way way = BREAKS; way <= UNWANTED; way++) {
                run_begin(worker_counts[i], way);
                run.destroy_at_once = once;
                loop_run(run.loop);
                assert_int_equal(run.failed, way == BREAKS);
                if (!once) assert_sums(0);
                run_end();
            }
}

static void stop_now(struct timer *timer) {
    (void)timer;
    pipeline_stop(run.pipeline);
}

static void stopping_delivers_what_was_handed_over(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(worker_counts); i++) {
        run_begin(worker_counts[i], LATER);
        source.endless = true;
        run.stop.fire = stop_now;
        timer_start(run.loop, &run.stop, 100);
        loop_run(run.loop);
        assert_false(run.failed);
        assert_true(source.stopped);
        assert_int_equal(sink.sequence, source.next);
        assert_sums(source.next);
        run_end();
    }
}

static void a_sink_that_gathers_holds_nobody_back_and_finishes_at_the_end(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(worker_counts); i++)
        for (int stopped = 0; stopped < 2; stopped++) {
            run_begin(worker_counts[i], GATHERS);
            source.endless = stopped;
            run.stop.fire = stop_now;
            if (stopped) timer_start(run.loop, &run.stop, 50);
            loop_run(run.loop);
            assert_false(run.failed);
            assert_int_equal(sink.gathered_count, 0);
            assert_int_equal(sink.sequence, source.next);
            assert_sums(source.next);
            run_end();
        }
}

static void adopted(void *context, bool done) {
    (void)context;
    assert_true(done);
}

static void take_the_sink_out(struct timer *timer) {
    (void)timer;
    struct error err;
    struct snapshot *snapshot = load("workers=1", "other");
    if (!pipeline_adopt(run.pipeline, snapshot, adopted, NULL, &err)) fail_msg("%s", err.text);
    snapshot_release(snapshot);
}

static void stop_when_it_has_gone(struct timer *timer) {
    if (sink.destroyed)
        pipeline_stop(run.pipeline);
    else
        timer_start(run.loop, timer, 1);
}

static void a_sink_that_gathers_finishes_before_it_leaves(void **state) {
    (void)state;
    struct timer adopt = { .fire = take_the_sink_out };
    run_begin("workers=1", GATHERS);
    source.endless = true;
    run.stop.fire = stop_when_it_has_gone;
    timer_start(run.loop, &adopt, 20);
    timer_start(run.loop, &run.stop, 0);
    loop_run(run.loop);
    assert_false(run.failed);
    assert_true(sink.sequence > 0); /* sink_destroy looks whether all was answered */
    run_end();
}

static void stop_the_loop(struct timer *timer) {
    (void)timer;
    loop_stop(run.loop);
}

static void a_sink_that_never_answers_holds_the_source_back(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(worker_counts); i++) {
        run_begin(worker_counts[i], NEVER);
        source.endless = true;
        run.stop.fire = stop_the_loop;
        timer_start(run.loop, &run.stop, 100);
        loop_run(run.loop);
        assert_in_range(source.submitted, 1, 20);
        assert_sums(0);
        run.finished = 1;
        run_end(); /* destroyed with all that under way */
    }
}

static void destroying_it_at_any_moment_leaves_nothing_behind(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(worker_counts); i++)
        for (uint64_t ms = 0; ms < 12; ms += 3) {
            run_begin(worker_counts[i], LATER);
            source.endless = true;
            run.stop.fire = stop_the_loop;
            timer_start(run.loop, &run.stop, ms);
            loop_run(run.loop);
            run.finished = 1;
            run_end();
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_post_is_delivered_once_in_order),
        cmocka_unit_test(a_broken_source_still_delivers_what_it_gave),
        cmocka_unit_test(a_broken_or_unwanted_sink_ends_it_once),
        cmocka_unit_test(stopping_delivers_what_was_handed_over),
        cmocka_unit_test(a_sink_that_gathers_holds_nobody_back_and_finishes_at_the_end),
        cmocka_unit_test(a_sink_that_gathers_finishes_before_it_leaves),
        cmocka_unit_test(a_sink_that_never_answers_holds_the_source_back),
        cmocka_unit_test(destroying_it_at_any_moment_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
