/* What X's servers say: any bytes, in any pieces, are records or nothing; answers and messages have
 * a sentence that moves no terminal. The first byte says how they come. */
#include "base/utf8.h"
#include "fuzz.h"
#include "net/line_stream.h"
#include "x/page.h"
#include "x/rule_talk.h"
#include "x/rules.h"
#include "x/verdict.h"

static void check_verdict(const struct x_verdict *verdict) {
    for (const char *at = verdict->reason; *at; at++)
        require((unsigned char)*at >= 0x20 && *at != 0x7f);
    require(strlen(verdict->reason) < sizeof verdict->reason);
}

/* The records together are no longer than what came. */
static void cut(struct slice bytes, enum line_framing framing, size_t piece, bool v1) {
    struct line_stream stream;
    size_t left = bytes.length;
    enum line_found found = LINE_NONE;
    line_stream_init(&stream, framing);
    while (bytes.length && found != LINE_BROKEN) {
        struct slice record;
        line_stream_put(&stream, slice_first(bytes, piece));
        bytes = slice_skip(bytes, piece);
        while ((found = line_stream_next(&stream, &record)) != LINE_NONE && found != LINE_BROKEN) {
            require(record.length > 0 && record.length <= left);
            left -= record.length;
            struct x_verdict verdict = x_message_judge(v1, record, 1000);
            check_verdict(&verdict);
        }
        require(found == LINE_BROKEN || !line_stream_full(&stream));
    }
    line_stream_free(&stream);
}

static void refused(void *context, const struct x_rule *rule, const char *why) {
    (void)context;
    require(rule == NULL && strlen(why) < 400);
}

/* From the rules that are there to those that are wanted: never more than X takes. */
static void plan(const struct x_rule_list *present, const struct x_rule_list *rules,
                 struct arena *arena) {
    struct x_wanted wanted = { .rules = *rules };
    struct x_rule_plan plan = x_rules_plan(&wanted, present, arena);
    size_t added = plan.first.count + plan.then.count;
    require(plan.kept + plan.stale.count + plan.foreign == present->count);
    require(added <= rules->count && added <= X_MOST_RULES);
}

static void read_answers(struct slice body, int status, struct arena *arena) {
    struct slice next, record;
    struct x_rule_list rules = { 0 }, none = { 0 };
    struct x_answer answer = { .status = status,
                               .body = body,
                               .reset = body,
                               .retry = body,
                               .date = body,
                               .location = body,
                               .now_ms = 1000 };
    struct x_verdict verdict = x_answer_judge(&answer);
    check_verdict(&verdict);
    (void)!x_rules_read(body, &rules, &next, arena);
    plan(&rules, &none, arena);
    plan(&none, &rules, arena);
    plan(&rules, &rules, arena);
    x_rules_refused(body, &none, refused, NULL);
    struct x_page *page = x_page_read(body, &next, arena);
    if (page == NULL) return;
    uint64_t id;
    while (x_page_next(page, arena, &record, &id))
        require(record.length > 0);
    x_page_free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int statuses[] = { 200, 302, 400, 401, 403, 409, 420, 429, 503 };
    struct arena arena;
    if (size == 0) return 0;
    arena_init(&arena);
    struct slice bytes = slice_from((const char *)data + 1, size - 1);
    cut(bytes, data[0] & 1 ? LENGTHS : LINES, 1 + data[0] % 97, data[0] & 2);
    read_answers(bytes, statuses[data[0] % LENGTH(statuses)], &arena);
    arena_free(&arena);
    return 0;
}
