/* The sink opensearch against a model of an index, in virtual time, by seeds: requests arrive in
 * any order, do their work without an answer, or later; items fail one by one; linnet is killed. In
 * the end each id is as its last record says. Planted bugs must show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "../sim/world.h"
#include "base/alloc.h"
#include "base/log.h"
#include "flow/delivery.h"
#include "index/sink.h"
#include "net/http_client.h"
#include "sinks/registry.h"

#define RECORDS 600
#define CHUNK 20
#define IDS 60
#define SEEDS 200
#define SECOND UINT64_C(1000000000)
#define TOMBSTONE_NS (60 * SECOND) /* index.gc_deletes */
#define MOST_S 100000

/* ---- the world that tests/sim/loop_sim.c and clock_sim.c want ---- */

static struct world the_world;
struct world *world = &the_world;

uint64_t draw(uint64_t limit) {
    world->chance ^= world->chance << 13;
    world->chance ^= world->chance >> 7;
    world->chance ^= world->chance << 17;
    return limit ? (world->chance >> 11) % limit : 0;
}

bool chance(uint64_t times) { return draw(times) == 0; }
uint64_t draw_delay_ns(void) { return draw(20) * 1000000; }

/* ---- records ---- */

static struct record records[RECORDS + 1];
static struct document documents[RECORDS + 1];
static uint32_t expected[IDS]; /* by id: the record that it is as; 0: it is gone */
static uint32_t cursed;        /* a record that breaks each request that it is in; 0: none */

static bool is_poison(uint32_t sequence) { return sequence % 37 == 0; }

static void make_records(void) {
    static char texts[RECORDS + 1][64], keys[RECORDS + 1][16];
    memset(expected, 0, sizeof expected);
    for (uint32_t i = 1; i <= RECORDS; i++) {
        unsigned id = (unsigned)draw(IDS);
        bool removes = chance(4) && i != cursed;
        int key_bytes = snprintf(keys[i], sizeof keys[i], "x:%u", id);
        int bytes = snprintf(texts[i], sizeof texts[i], "{\"sequence\":%u}", i);
        documents[i] =
            (struct document){ SLICE("post"), { keys[i], (size_t)key_bytes }, { texts[i], 0 } };
        if (!removes) documents[i].bytes.length = (size_t)bytes;
        records[i] = (struct record){ .sequence = i,
                                      .kind = removes ? RECORD_DELETE : RECORD_POST,
                                      .documents = &documents[i],
                                      .document_count = 1,
                                      .received_ms = 1 };
        if (removes)
            expected[id] = 0;
        else if (!is_poison(i) && i != cursed)
            expected[id] = i;
    }
}

/* ---- the index ---- */

static struct {
    uint32_t sequence; /* 0: it is not there */
    int64_t version;
    uint64_t removed_ns; /* 0: it was not */
} entries[IDS];

struct action {
    unsigned id;
    bool removes;
    int64_t version;
    uint32_t sequence; /* of a document */
};

static int64_t number_behind(const char *line, const char *name) {
    const char *found = strstr(line, name);
    return found ? strtoll(found + strlen(name), NULL, 10) : 0;
}

/* The actions of a body, which is a text. */
static size_t read_actions(const char *body, struct action *actions) {
    size_t count = 0;
    char *copy = memory_copy_text(body), *rest = copy;
    for (char *line; (line = strsep(&rest, "\n")) && *line; count++) {
        actions[count] = (struct action){ .id = (unsigned)number_behind(line, "\"_id\":\"x:"),
                                          .removes = strncmp(line, "{\"delete\"", 9) == 0,
                                          .version = number_behind(line, "\"version\":") };
        if (!actions[count].removes)
            actions[count].sequence = (uint32_t)number_behind(strsep(&rest, "\n"), "\"sequence\":");
    }
    memory_free(copy);
    return count;
}

/* The status of an item whose action is done, or refused by its version. */
static int act(const struct action *action) {
    __typeof__(&entries[0]) entry = &entries[action->id];
    bool forgotten = entry->removed_ns && world->now_ns - entry->removed_ns > TOMBSTONE_NS;
    if (forgotten) entry->version = 0;
    if (action->version && action->version < entry->version) return 409;
    entry->version = action->version;
    entry->sequence = action->removes ? 0 : action->sequence;
    entry->removed_ns = action->removes ? world->now_ns : 0;
    return 200;
}

/* ---- requests ---- */

enum fate { GOOD, LOST, CUT, LATE, GARBAGE, SHORTER, STATUS, AWAY, FATES };

struct http_client {
    struct loop *loop;
    struct http_call *calls;
};

struct http_call {
    struct http_client *client;
    struct http_ask ask;
    char *body; /* NULL: no bulk request */
    enum fate fate;
    int status;
    char *reply;
    bool arrived;
    struct timer timer;
    struct http_call *next, **link;
};

/* Done when nobody listens any more. */
struct ghost {
    struct timer timer;
    char *body;
};
static struct ghost *ghosts[4096];
static size_t ghost_count;

static void haunt(struct timer *timer) {
    struct ghost *ghost = CONTAINER_OF(timer, struct ghost, timer);
    static struct action actions[RECORDS];
    size_t count = read_actions(ghost->body, actions);
    for (size_t i = 0; i < count; i++)
        if (actions[i].sequence == 0 || !is_poison(actions[i].sequence)) (void)act(&actions[i]);
}

static void leave_ghost(struct http_call *call) {
    struct ghost *ghost = memory_zeroed(1, sizeof *ghost);
    assert_true(ghost_count < LENGTH(ghosts));
    ghosts[ghost_count++] = ghost;
    ghost->body = memory_copy_text(call->body);
    ghost->timer.fire = haunt;
    timer_start(call->client->loop, &ghost->timer, 1000 + draw(40000));
}

static int item_status(const struct action *action) {
    if (action->sequence && is_poison(action->sequence)) return 400;
    if (!world->calm && chance(10)) return (const int[]){ 429, 503, 429, 503, 429, 500 }[draw(6)];
    return act(action);
}

static void curse(struct http_call *call, const struct action *actions, size_t count) {
    for (size_t i = 0; i < count && cursed; i++)
        if (actions[i].sequence == cursed) {
            call->status = 500;
            call->fate = STATUS;
        }
}

/* What becomes of a bulk request when it arrives; its reply. */
static void take_effect(struct http_call *call) {
    static struct action actions[RECORDS];
    size_t count = read_actions(call->body, actions), room = 64 + count * 160;
    char *to = call->reply = memory_alloc(room);
    to += sprintf(to, "{\"errors\":true,\"items\":[");
    curse(call, actions, count);
    if (call->fate == STATUS || call->fate == LOST || call->fate == LATE || call->fate == AWAY)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct action *action = &actions[i];
        int status = item_status(action);
        if (i + 1 == count && call->fate == SHORTER) break;
        to += sprintf(to, "%s{\"%s\":{\"_id\":\"x:%u\",\"status\":%d", i ? "," : "",
                      action->removes ? "delete" : "index", action->id, status);
        if (status == 409)
            to += sprintf(to, ",\"error\":{\"reason\":\"current version [%lld]\"}",
                          (long long)entries[action->id].version);
        else if (status >= 400)
            to += sprintf(to, ",\"error\":{\"type\":\"a\",\"reason\":\"b\"}");
        to += sprintf(to, "}}");
    }
    sprintf(to, "]}");
    if (call->fate == GARBAGE) strcpy(call->reply, "<html>");
}

static void call_free(struct http_call *call) {
    timer_stop(&call->timer);
    *call->link = call->next;
    if (call->next) call->next->link = call->link;
    memory_free(call->body);
    memory_free(call->reply);
    memory_free(call);
}

static void come(struct timer *timer) {
    struct http_call *call = CONTAINER_OF(timer, struct http_call, timer);
    if (!call->arrived) {
        call->arrived = true;
        if (call->body) take_effect(call);
        if (call->fate == LATE) leave_ghost(call);
        timer_start(call->client->loop, timer, draw(50));
        return;
    }
    struct http_reply reply = { .status = call->status, .call = call, .reason = "as drawn" };
    if (call->fate == LOST || call->fate == CUT || call->fate == LATE) reply.outcome = HTTP_CUT;
    if (call->fate == AWAY) reply.outcome = HTTP_UNREACHABLE;
    reply.body = slice_of(call->body ? call->reply : "{\"version\":{\"number\":\"8.15.0\"}}");
    call->ask.replied(call->ask.context, &reply);
    call_free(call);
}

struct http_call *http_call_start(struct http_client *client, const struct http_ask *ask) {
    struct http_call *call = memory_zeroed(1, sizeof *call);
    *call = (struct http_call){ .client = client,
                                .ask = *ask,
                                .status = 200,
                                .timer.fire = come,
                                .next = client->calls,
                                .link = &client->calls };
    if (call->next) call->next->link = &call->next;
    client->calls = call;
    if (strstr(ask->url, "/_bulk")) {
        call->body = memory_zeroed(1, ask->body.length + 1);
        memcpy(call->body, ask->body.data, ask->body.length);
        if (!world->calm && chance(2)) call->fate = (enum fate)draw(FATES);
        if (call->fate == STATUS) call->status = (const int[]){ 429, 503, 500, 413 }[draw(4)];
    }
    timer_start(client->loop, &call->timer, draw(50));
    return call;
}

void http_call_cancel(struct http_call *call) { call_free(call); }

struct http_client *http_client_create(struct loop *loop, const char *ca_file, unsigned connections,
                                       struct error *err) {
    (void)ca_file, (void)connections, (void)err;
    struct http_client *client = memory_zeroed(1, sizeof *client);
    client->loop = loop;
    return client;
}

void http_client_destroy(struct http_client *client) {
    while (client->calls) {
        struct http_call *call = client->calls;
        if (call->body && !call->arrived && chance(2)) leave_ghost(call); /* it is on its way */
        call_free(call);
    }
    memory_free(client);
}

/* ---- planted bugs ---- */

static enum { NONE, TRUST_REPLIES, NO_ORDER, NO_VERSIONS } bug;

bool __real_index_reply_read(struct slice body, const struct index_action *actions, size_t count,
                             struct projector *projector, struct arena *arena,
                             struct index_item *items, const char **why);
bool __wrap_index_reply_read(struct slice body, const struct index_action *actions, size_t count,
                             struct projector *projector, struct arena *arena,
                             struct index_item *items, const char **why);
bool __wrap_index_reply_read(struct slice body, const struct index_action *actions, size_t count,
                             struct projector *projector, struct arena *arena,
                             struct index_item *items, const char **why) {
    if (bug != TRUST_REPLIES)
        return __real_index_reply_read(body, actions, count, projector, arena, items, why);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct index_item){ .status = 200 };
    return true;
}

struct index_claim *__real_index_order_take(struct index_order *order, struct slice id,
                                            uint64_t sequence, uint64_t settled);
struct index_claim *__wrap_index_order_take(struct index_order *order, struct slice id,
                                            uint64_t sequence, uint64_t settled);
struct index_claim *__wrap_index_order_take(struct index_order *order, struct slice id,
                                            uint64_t sequence, uint64_t settled) {
    static struct index_claim any;
    if (bug == NO_ORDER) return &any;
    return __real_index_order_take(order, id, sequence, settled);
}

bool __real_index_link_is_aoss(const struct index_link *link);
bool __wrap_index_link_is_aoss(const struct index_link *link);
bool __wrap_index_link_is_aoss(const struct index_link *link) {
    return bug == NO_VERSIONS || __real_index_link_is_aoss(link);
}

/* ---- a life of the sink, and the next ---- */

static struct {
    struct loop *loop;
    struct log *log;
    struct delivery delivery;
    struct log_chunk chunks[RECORDS / CHUNK + 1];
    struct timer killer, judge;
    bool killed;
} life;

static void passed(struct log_chunk *chunk) { (void)chunk; }

static void answered(struct delivery *delivery) {
    const struct log_counts *counts = &delivery->reader->counts;
    if (log_counts_pending(counts) == 0) loop_stop(life.loop);
}

static void ended(struct delivery *delivery, const struct error *err) {
    (void)delivery, (void)err;
    fail_msg("the sink ended");
}

static void kill_it(struct timer *timer) {
    (void)timer;
    life.killed = true;
    loop_stop(life.loop);
}

static void begin(uint64_t first) {
    static const struct index_settings settings = { .url = "http://index/posts",
                                                    .auth = "none",
                                                    .service = "auto",
                                                    .manage = true,
                                                    .requests = 8,
                                                    .timeout_ms = 60000 };
    struct part_config part = { .name = "index",
                                .kind = &opensearch_sink.kind,
                                .settings = &settings,
                                .schema_name = "post",
                                .mapping = SLICE("{\"mappings\":{\"properties\":{}}}") };
    struct error err;
    struct sink_context common = { .loop = life.loop, .delivery = &life.delivery };
    life.killed = false;
    life.log = log_memory_create();
    life.delivery = (struct delivery){ .loop = life.loop,
                                       .reader = log_add_reader(life.log, "index", &err),
                                       .answered = answered,
                                       .ended = ended };
    life.delivery.fitted = fitted_sink_create(&opensearch_sink, &part, &common, &err);
    assert_non_null(life.delivery.fitted);
    log_open_reader(life.delivery.reader);
    delivery_start(&life.delivery);
    for (size_t i = 0; first <= RECORDS; i++) {
        uint32_t count = (uint32_t)MIN(RECORDS + 1 - first, (uint64_t)CHUNK);
        life.chunks[i] =
            (struct log_chunk){ .records = &records[first], .count = count, .passed = passed };
        log_append(life.log, &life.chunks[i]);
        first += count;
    }
}

/* The first record that comes again. */
static uint64_t end(void) {
    uint64_t durable = life.killed ? delivery_durable(&life.delivery) : RECORDS + 1;
    delivery_close(&life.delivery);
    log_remove_reader(life.delivery.reader);
    log_destroy(life.log);
    return durable ? durable : 1;
}

static void too_long(struct timer *timer) {
    (void)timer;
    fail_msg("something is sent for ever");
}

/* False: an id is not as it should be. */
static bool holds(uint64_t seed) {
    uint64_t first = 1;
    memset(world, 0, sizeof *world);
    memset(entries, 0, sizeof entries);
    world->chance = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    world->wall_ms = INT64_C(1780000000000);
    make_records();
    life.loop = loop_create();
    for (unsigned lives = 0; first <= RECORDS; lives++) {
        begin(first);
        life.killer.fire = kill_it;
        life.judge.fire = too_long;
        if (lives < 3) timer_start(life.loop, &life.killer, draw(20000));
        timer_start(life.loop, &life.judge, UINT64_C(1000) * MOST_S);
        world->calm = lives >= 3;
        loop_run(life.loop);
        timer_stop(&life.killer);
        timer_stop(&life.judge);
        first = end();
        if (chance(3)) world->wall_ms += 86400000; /* back: see index_sink.h */
    }
    loop_run(life.loop); /* what is still on its way */
    bool good = true;
    for (unsigned id = 0; id < IDS; id++)
        good = good && entries[id].sequence == expected[id];
    for (; ghost_count > 0; ghost_count--) {
        memory_free(ghosts[ghost_count - 1]->body);
        memory_free(ghosts[ghost_count - 1]);
    }
    loop_destroy(life.loop);
    return good;
}

static void every_id_is_as_its_last_record_says(void **state) {
    (void)state;
    bug = NONE;
    cursed = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        if (!holds(seed)) fail_msg("seed %llu", (unsigned long long)seed);
}

static void a_document_that_breaks_every_request_is_found_and_refused(void **state) {
    (void)state;
    bug = NONE;
    cursed = 300;
    for (uint64_t seed = 1; seed <= 5; seed++)
        if (!holds(seed)) fail_msg("seed %llu", (unsigned long long)seed);
    cursed = 0;
}

static void assert_found(int planted) {
    cursed = 0;
    bug = planted;
    uint64_t seed = 1;
    while (seed <= 50 && holds(seed))
        seed++;
    bug = NONE;
    assert_in_range(seed, 1, 50);
}

static void trust_in_whole_replies_is_found(void **state) {
    (void)state;
    assert_found(TRUST_REPLIES);
}

static void records_that_overtake_each_other_are_found(void **state) {
    (void)state;
    assert_found(NO_ORDER);
}

static void requests_that_do_their_work_late_are_found_where_there_are_no_versions(void **state) {
    (void)state;
    assert_found(NO_VERSIONS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_id_is_as_its_last_record_says),
        cmocka_unit_test(a_document_that_breaks_every_request_is_found_and_refused),
        cmocka_unit_test(trust_in_whole_replies_is_found),
        cmocka_unit_test(records_that_overtake_each_other_are_found),
        cmocka_unit_test(requests_that_do_their_work_late_are_found_where_there_are_no_versions),
    };
    log_set_level(LOG_ERROR + 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
