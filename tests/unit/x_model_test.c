/* The source x in virtual time, before an X that a test plays call by call: what a budget stops,
 * what a clock that jumps does to it, and which way each gap is closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../sim/world.h"
#include "base/date.h"
#include "base/log.h"
#include "config/snapshot.h"
#include "net/http_client.h"
#include "post/batch.h"
#include "sources/registry.h"
#include "x/memory.h"
#include "x/settings.h"

#define MINUTE INT64_C(60000)
#define DAY (1440 * MINUTE)
#define MOST_CALLS 256

/* ---- the world that tests/sim/loop_sim.c and clock_sim.c want ---- */

static struct world the_world;
struct world *world = &the_world;

uint64_t draw(uint64_t limit) {
    world->chance = world->chance * UINT64_C(6364136223846793005) + 1;
    return limit ? (world->chance >> 11) % limit : 0;
}

uint64_t draw_delay_ns(void) { return 0; }

static int64_t now_ms(void) { return world->wall_ms + (int64_t)(world->now_ns / 1000000); }

/* ---- whom the source hands its posts to ---- */

struct source_port {
    struct loop *loop;
};

static struct {
    struct source_port port;
    void *x;
    struct snapshot *snapshot;
    struct batch *batch;
    struct timer stopper;
    bool waiting, no_room;
    size_t posts;
    char position[4096], closed[256];
} run;

struct loop *source_loop(struct source_port *port) { return port->loop; }

const struct snapshot *source_snapshot(const struct source_port *port) {
    (void)port;
    return run.snapshot;
}

struct batch *source_batch(struct source_port *port) {
    (void)port;
    run.waiting = run.no_room;
    if (run.no_room) return NULL;
    run.batch->received_ms = now_ms();
    return run.batch;
}

void source_submit(struct source_port *port, struct batch *batch) {
    (void)port;
    run.posts += batch->count;
    snprintf(run.position, sizeof run.position, "%.*s", SLICE_ARGS(batch->position));
    batch_reset(batch);
}

void source_urge(struct source_port *port) { (void)port; }
void source_connected(struct source_port *port) { (void)port; }

void source_finished(struct source_port *port, const struct error *err) {
    (void)port;
    fail_msg("the source ended: %s", err ? err->text : "");
}

void source_gap(struct source_port *port, int64_t since_ms, const char *reason) {
    (void)port, (void)since_ms, (void)reason;
}

void source_gap_closed(struct source_port *port, int64_t from_ms, int64_t to_ms, const char *how) {
    (void)port;
    assert_true(from_ms < to_ms);
    snprintf(run.closed, sizeof run.closed, "%s", how);
}

/* ---- X ---- */

struct http_client {
    int unused;
};

struct http_call {
    struct http_ask ask;
    char url[4096];
    bool live;
};

static struct http_call calls[MOST_CALLS];
static size_t call_count;

struct http_client *http_client_create(struct loop *loop, const char *ca_file, unsigned connections,
                                       struct error *err) {
    static struct http_client client;
    (void)loop, (void)ca_file, (void)connections, (void)err;
    return &client;
}

void http_client_destroy(struct http_client *client) { (void)client; }

struct http_call *http_call_start(struct http_client *client, const struct http_ask *ask) {
    (void)client;
    assert_true(call_count < MOST_CALLS);
    struct http_call *call = &calls[call_count++];
    *call = (struct http_call){ .ask = *ask, .live = true };
    snprintf(call->url, sizeof call->url, "%s", ask->url);
    return call;
}

void http_call_cancel(struct http_call *call) { call->live = false; }
void http_call_go_on(struct http_call *call) { (void)call; }

int http_call_status(const struct http_call *call) {
    (void)call;
    return 200;
}

struct slice http_call_header(const struct http_call *call, const char *name) {
    (void)call, (void)name;
    return slice_from(NULL, 0);
}

struct slice http_reply_header(const struct http_reply *reply, const char *name) {
    (void)reply, (void)name;
    return slice_from(NULL, 0);
}

/* What is under way with this in its URL; NULL: nothing. */
static struct http_call *asked(const char *part) {
    for (size_t i = call_count; i-- > 0;)
        if (calls[i].live && strstr(calls[i].url, part)) return &calls[i];
    return NULL;
}

static bool asks(const struct http_call *call, const char *part) {
    if (call == NULL) fail_msg("nothing is asked");
    return call && strstr(call->url, part);
}

static void run_for(int64_t ms) {
    timer_start(run.port.loop, &run.stopper, (uint64_t)ms);
    loop_run(run.port.loop);
}

/* Connected, when it was asked for. */
static struct http_call *stream(void) {
    run_for(0);
    struct http_call *call = asked("/stream?");
    if (call) call->ask.headed(call->ask.context, call);
    return call;
}

/* So many posts in one piece, when the piece is taken. */
static bool give(struct http_call *call, size_t posts, uint64_t first_id) {
    static char text[256 * 1024];
    size_t length = 0;
    for (uint64_t id = first_id; id < first_id + posts; id++)
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "{\"data\":{\"text\":\"a\",\"id\":\"%llu\"}}\r\n",
                                   (unsigned long long)id);
    if (call->ask.full(call->ask.context)) return false;
    return call->ask.piece(call->ask.context, slice_from(text, length));
}

static void end(struct http_call *call, int status, const char *body) {
    struct http_reply reply = { .status = status, .call = call, .reason = "cut" };
    reply.outcome = status ? HTTP_REPLIED : HTTP_CUT;
    reply.body = slice_of(body);
    call->live = false;
    call->ask.replied(call->ask.context, &reply);
}

/* No connection stands for so long. */
static void be_away(int64_t ms) {
    for (int64_t until_ms = now_ms() + ms; now_ms() < until_ms; run_for(1000)) {
        struct http_call *call = asked("/stream?");
        if (call) end(call, 0, "");
    }
}

/* ---- a life of the source ---- */

static void stop_loop(struct timer *timer) {
    (void)timer;
    loop_stop(run.port.loop);
}

static struct snapshot *load(void) {
    static const struct part_kind kind = { .name = "fake" };
    static const struct part_kind *const kinds[] = { &kind, NULL };
    static const struct parts parts = { kinds, kinds };
    struct error err;
    struct snapshot_request request = { .defaults = true,
                                        .share = ".",
                                        .parts = &parts,
                                        .sources = (const char *const[]){ "fake", NULL },
                                        .sinks = (const char *const[]){ "fake", NULL },
                                        .queries = (const char *const[]){ "cat", NULL } };
    struct snapshot *snapshot = snapshot_load(&request, &err);
    if (snapshot == NULL) fail_msg("%s", err.text);
    return snapshot;
}

static struct secret bearer = { .where = "env:X" };
static struct x_settings settings;

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    memset(world, 0, sizeof *world);
    memset(&run, 0, sizeof run);
    call_count = 0;
    assert_true(date_read_iso(SLICE("2026-11-30T12:00:00Z"), &world->wall_ms));
    run.port.loop = loop_create();
    run.batch = batch_create();
    run.snapshot = load();
    run.stopper.fire = stop_loop;
    settings = (struct x_settings){ .api = "2",
                                    .bearer = &bearer,
                                    .stream = "filtered",
                                    .rules = "off",
                                    .backfill = "search",
                                    .backfill_after_ms = 30000,
                                    .delimited = "newline",
                                    .stall_ms = DAY };
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    x_source.stop(run.x);
    x_source.destroy(run.x);
    batch_destroy(run.batch);
    snapshot_release(run.snapshot);
    loop_destroy(run.port.loop);
    return 0;
}

static void start(const char *position) {
    struct error err;
    run.x = x_source.create(&settings, &run.port, &err);
    assert_non_null(run.x);
    x_source.start(run.x, slice_of(position));
}

/* After an earlier run, which heard X until then. */
static void start_after(int64_t missed_ms) {
    struct arena arena;
    arena_init(&arena);
    struct x_memory memory = { .heard_ms = now_ms() - missed_ms };
    start(x_memory_write(&memory, &arena).data);
    arena_free(&arena);
}

static uint64_t counted(void) {
    struct x_memory memory;
    assert_true(x_memory_read(slice_of(run.position), now_ms(), &memory));
    x_read_add(&memory.read, 0, now_ms());
    return memory.read.month[0].posts;
}

/* ---- budgets ---- */

static void what_came_in_the_read_that_spent_a_budget_is_kept_and_counted(void **state) {
    (void)state;
    settings.price = 0.5;
    settings.budget_day = 10;
    start("");
    struct http_call *call = stream();
    assert_true(give(call, 700, 1));
    run_for(1);
    assert_int_equal(700, run.posts);
    assert_int_equal(700, counted());
    assert_false(call->live);
    run_for(60 * MINUTE);
    assert_null(asked("/stream?"));
}

static void what_waits_for_room_when_a_budget_is_spent_is_kept_later(void **state) {
    (void)state;
    settings.price = 0.5;
    settings.budget_day = 10;
    start("");
    struct http_call *call = stream();
    assert_true(give(call, 19, 1));
    run_for(1);
    run.no_room = true;
    assert_true(give(call, 300, 20));
    run_for(1);
    assert_int_equal(19, run.posts);
    run.no_room = false;
    x_source.resume(run.x);
    assert_int_equal(319, run.posts);
    assert_int_equal(319, counted());
    assert_false(call->live);
}

static void near_a_budget_a_read_is_counted_before_the_next_one(void **state) {
    (void)state;
    settings.price = 0.5;
    settings.budget_day = 10;
    start("");
    struct http_call *call = stream();
    assert_true(give(call, 8, 1));
    assert_true(give(call, 8, 9)); /* far from it as many as there are */
    run_for(1);
    assert_true(give(call, 1, 17));
    assert_false(give(call, 1, 18));
    run_for(1);
    assert_true(give(call, 3, 18));
    run_for(1);
    assert_int_equal(20, counted());
    assert_false(call->live);
}

static void a_spent_budget_is_looked_at_again_when_the_clock_was_set(void **state) {
    (void)state;
    settings.price = 1;
    settings.budget_month = 10;
    start("");
    assert_true(give(stream(), 10, 1));
    run_for(MINUTE);
    assert_null(asked("/stream?"));
    world->wall_ms += 2 * DAY; /* over the month's end */
    run_for(MINUTE + 1);
    struct http_call *call = stream();
    assert_non_null(call);
    assert_true(give(call, 1, 11));
    run_for(1);
    assert_int_equal(1, counted());
    world->wall_ms -= 2 * DAY; /* and back: it is spent */
    run_for(MINUTE + 1);
    assert_false(call->live);
    assert_int_equal(11, counted());
    world->wall_ms -= 400 * DAY;
    run_for(MINUTE + 1);
    assert_null(asked("/stream?"));
    world->wall_ms += 401 * DAY;
    run_for(MINUTE + 1);
    assert_non_null(stream());
}

/* ---- gaps ---- */

static void the_length_of_a_gap_says_what_closes_it(void **state) {
    (void)state;
    settings.backfill = "recovery";
    start_after(4 * MINUTE);
    struct http_call *call = stream();
    assert_true(asks(call, "backfill_minutes=5"));
    run_for(24000);
    assert_true(asked("start_time") == NULL && run.closed[0] == '\0');
    run_for(2000);
    assert_string_equal("closed by the stream, 5 min again", run.closed);
    assert_true(give(call, 1, 1));
    run_for(1);
    end(call, 0, "");
    be_away(6 * MINUTE);
    run_for(16000);
    assert_false(asks(stream(), "backfill_minutes"));
    run_for(2001);
    call = asked("/stream?tweet.fields");
    assert_true(asks(call, "&start_time=2026-11-30T12:00:2"));
    assert_true(asks(call, "&end_time=2026-11-30T12:06:"));
    assert_true(give(call, 3, 1));
    end(call, 200, "");
    run_for(1);
    assert_string_equal("closed by recovery, 3 posts", run.closed);
    assert_null(asked("/search/recent"));
}

static void what_is_longer_than_a_day_is_searched_for(void **state) {
    (void)state;
    settings.backfill = "recovery";
    start_after(25 * 60 * MINUTE);
    assert_false(asks(stream(), "backfill_minutes"));
    run_for(29000);
    assert_null(asked("/search/recent"));
    run_for(1001);
    struct http_call *call = asked("/search/recent");
    assert_true(asks(call, "query=cat&start_time=2026-11-29T10:59:59Z&end_time="));
    end(call, 200, "{\"data\":[{\"id\":\"7\",\"text\":\"a cat\"}],\"meta\":{\"result_count\":1}}");
    assert_string_equal("closed by search, 1 posts", run.closed);
}

static void what_x_does_not_find_any_more_is_said(void **state) {
    (void)state;
    start_after(8 * DAY);
    (void)stream();
    run_for(30001);
    end(asked("/search/recent"), 200, "{\"meta\":{\"result_count\":0}}");
    assert_string_equal("closed in part by search, 0 posts of the last seven days", run.closed);
}

static void of_a_stream_that_only_gives_minutes_again_the_rest_is_said_to_be_missing(void **state) {
    (void)state;
    settings.backfill = "minutes";
    settings.stream = "sample";
    start_after(42 * MINUTE);
    assert_true(asks(stream(), "backfill_minutes=5"));
    run_for(26000);
    assert_string_equal("closed in part by the stream, the last 5 of 43 min", run.closed);
}

static void minutes_are_not_there_before_the_stream_has_stood(void **state) {
    (void)state;
    settings.backfill = "minutes";
    start_after(2 * MINUTE);
    struct http_call *call = stream();
    assert_true(give(call, 1, 1));
    run_for(10000);
    end(call, 0, "");
    run_for(1);
    assert_string_equal("", run.closed);
    assert_true(asks(stream(), "backfill_minutes=3"));
    run_for(26000);
    assert_string_equal("closed by the stream, 3 min again", run.closed);
}

static void a_post_that_is_newer_than_the_gap_shows_that_its_minutes_are_there(void **state) {
    (void)state;
    settings.backfill = "minutes";
    start_after(2 * MINUTE);
    struct http_call *call = stream();
    assert_true(give(call, 1, x_id_at(now_ms() - 1000)));
    run_for(1);
    assert_string_equal("", run.closed);
    assert_true(give(call, 1, x_id_at(now_ms() + 1)));
    run_for(1);
    assert_string_equal("closed by the stream, 3 min again", run.closed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_came_in_the_read_that_spent_a_budget_is_kept_and_counted),
        TEST(what_waits_for_room_when_a_budget_is_spent_is_kept_later),
        TEST(near_a_budget_a_read_is_counted_before_the_next_one),
        TEST(a_spent_budget_is_looked_at_again_when_the_clock_was_set),
        TEST(the_length_of_a_gap_says_what_closes_it),
        TEST(what_is_longer_than_a_day_is_searched_for),
        TEST(what_x_does_not_find_any_more_is_said),
        TEST(of_a_stream_that_only_gives_minutes_again_the_rest_is_said_to_be_missing),
        TEST(minutes_are_not_there_before_the_stream_has_stood),
        TEST(a_post_that_is_newer_than_the_gap_shows_that_its_minutes_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
