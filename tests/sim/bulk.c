/* The model of an index behind net/http_client.h, which the sink opensearch asks: it is away for
 * minutes or hours, does a request's work and is not heard, or does it later, and answers items one
 * by one. Documents have the external versions that linnet gives them. */
#include "base/alloc.h"
#include "net/http_client.h"
#include "world.h"
#include <stdio.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000000)
/* index.gc_deletes: so long is the version of what was removed remembered. */
#define TOMBSTONE_NS (60 * SECOND)
#define ITEM_BYTES 200
#define MOST_DOUBTS 3

enum fate { GOOD, LOST, CUT, LATE, GARBAGE, SHORTER, STATUS, FATES, AWAY };

struct http_client {
    struct loop *loop;
    struct http_call *calls;
};

struct http_call {
    struct http_client *client;
    struct http_ask ask;
    char *body; /* NULL: it is about the index, not its documents */
    char *reply;
    enum fate fate;
    int status;
    bool arrived;
    struct timer timer;
    struct http_call *next, **link;
};

struct action {
    struct slice id;
    uint32_t post;
    bool removes;
    int64_t version;
    uint32_t event; /* of a document; 0: it is poison */
};

/* ---- documents ---- */

static int64_t number_behind(const char *line, const char *name) {
    const char *found = strstr(line, name);
    return found ? strtoll(found + strlen(name), NULL, 10) : 0;
}

/* Of the first action of a body. */
static struct slice id_in(const char *body) {
    const char *at = strstr(body, "\"_id\":\"");
    struct slice id = at ? slice_from(at + 7, strcspn(at + 7, "\"")) : slice_from("", 0);
    uint32_t post = post_of(id);
    if (post == 0 || post > world->events) broken("an action without an id: %.200s", body);
    return id;
}

/* The next action of a body; its lines are cut apart. */
static struct action read_action(char **rest) {
    struct slice id = id_in(*rest);
    char *line = strsep(rest, "\n");
    struct action action = { .id = id,
                             .post = post_of(id),
                             .removes = strncmp(line, "{\"delete\"", 9) == 0,
                             .version = number_behind(line, "\"version\":") };
    if (!action.removes) action.event = version_of(slice_of(strsep(rest, "\n")));
    return action;
}

/* The status of what is done, or refused by its version. */
static int act(const struct action *action) {
    struct bulk_entry *entry = &world->bulk[action->post];
    bool there = entry->event > 0;
    if (entry->removed_ns && world->now_ns - entry->removed_ns > TOMBSTONE_NS) entry->version = 0;
    if (action->version < entry->version) return 409;
    entry->version = action->version;
    entry->event = action->event;
    entry->removed_ns = action->removes ? world->now_ns : 0;
    return action->removes && !there ? 404 : there ? 200 : 201;
}

/* What fails alone again and again is refused in the end. */
static bool may_fail(uint32_t post) { return world->bulk[post].doubts++ < MOST_DOUBTS; }

static int item_status(const struct action *action) {
    static const int refusals[] = { 429, 503, 429, 500 };
    if (!action->removes && action->event == 0) return 400;
    int status = !world->calm && chance(10) ? refusals[draw(LENGTH(refusals))] : 0;
    return status == 0 || (status == 500 && !may_fail(action->post)) ? act(action) : status;
}

static int write_item(char *to, const struct action *action, int status) {
    int length = sprintf(to, "{\"%s\":{\"_id\":\"%.*s\",\"status\":%d",
                         action->removes ? "delete" : "index", SLICE_ARGS(action->id), status);
    if (status == 409)
        length += sprintf(to + length, ",\"error\":{\"reason\":\"current version [%lld]\"}",
                          (long long)world->bulk[action->post].version);
    else if (status >= 400 && status != 404)
        length += sprintf(to + length, ",\"error\":{\"type\":\"a\",\"reason\":\"b\"}");
    return length + sprintf(to + length, "}}");
}

/* The work of a request, and what is said of it. */
static void work(struct http_call *call) {
    size_t lines = 1;
    for (const char *at = call->body; (at = strchr(at, '\n')); at++)
        lines++;
    char *rest = call->body, *to = call->reply = memory_alloc(64 + lines * ITEM_BYTES);
    to += sprintf(to, "{\"errors\":true,\"items\":[");
    for (bool first = true; *rest; first = false) {
        struct action action = read_action(&rest);
        int status = item_status(&action);
        if (*rest == '\0' && call->fate == SHORTER) break;
        if (!first) *to++ = ',';
        to += write_item(to, &action, status);
    }
    strcpy(to, "]}");
    if (call->fate == GARBAGE) strcpy(call->reply, "<html>");
}

/* ---- requests ---- */

static enum fate draw_fate(void) {
    if (world->now_ns < world->bulk_outage_ns) return AWAY;
    if (world->calm || !chance(4)) return GOOD;
    if (chance(8)) world->bulk_outage_ns = world->now_ns + draw(chance(3) ? 7200 : 300) * SECOND;
    return (enum fate)draw(FATES);
}

static void call_free(struct http_call *call) {
    timer_stop(&call->timer);
    *call->link = call->next;
    if (call->next) call->next->link = call->link;
    memory_free(call->body);
    memory_free(call->reply);
    memory_free(call);
}

static void tell(struct http_call *call) {
    struct http_reply reply = { .status = call->status, .call = call, .reason = "as drawn" };
    bool cut = call->fate == LOST || call->fate == CUT || call->fate == LATE;
    reply.outcome = call->fate == AWAY ? HTTP_UNREACHABLE : cut ? HTTP_CUT : HTTP_REPLIED;
    const char *other = call->body ? "{}" : "{\"version\":{\"number\":\"8.15.0\"}}";
    reply.body = slice_of(call->reply ? call->reply : other);
    call->ask.replied(call->ask.context, &reply);
}

/* It arrives, then it is answered; what is late does its work when nobody listens any more. */
static void call_due(struct timer *timer) {
    struct http_call *call = CONTAINER_OF(timer, struct http_call, timer);
    bool works = call->fate != LOST && call->fate != STATUS && call->fate != AWAY;
    if (!call->arrived) {
        call->arrived = true;
        if (call->body && works && call->fate != LATE) work(call);
        timer_start(call->client->loop, timer, draw(50));
        return;
    }
    trace("bulk", call->body ? "documents" : "index", call->fate);
    if (call->ask.replied) tell(call);
    if (call->ask.replied && call->fate == LATE && call->body) {
        call->ask.replied = NULL;
        timer_start(call->client->loop, timer, 1000 + draw(40000));
        return;
    }
    if (call->ask.replied == NULL) work(call);
    call_free(call);
}

struct http_call *http_call_start(struct http_client *client, const struct http_ask *ask) {
    static const int statuses[] = { 429, 503, 500 };
    struct http_call *call = memory_zeroed(1, sizeof *call);
    *call = (struct http_call){ .client = client,
                                .ask = *ask,
                                .fate = draw_fate(),
                                .status = 200,
                                .timer.fire = call_due,
                                .next = client->calls,
                                .link = &client->calls };
    if (call->next) call->next->link = &call->next;
    client->calls = call;
    if (strstr(ask->url, "/_bulk")) {
        call->body = memory_zeroed(1, ask->body.length + 1);
        memcpy(call->body, ask->body.data, ask->body.length);
        if (call->fate < AWAY && call->fate > GOOD && !may_fail(post_of(id_in(call->body))))
            call->fate = GOOD;
        if (call->fate == STATUS) call->status = statuses[draw(LENGTH(statuses))];
    } else if (call->fate != AWAY)
        call->fate = GOOD;
    timer_start(client->loop, &call->timer, draw_delay_ns() / 1000000);
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
    while (client->calls)
        call_free(client->calls);
    memory_free(client);
}
