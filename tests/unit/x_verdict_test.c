/* What X's answers and messages mean for a stream: every problem document has its action. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/date.h"
#include "x/verdict.h"

static char room[65536];

static struct slice fixture(const char *name) {
    char path[200];
    snprintf(path, sizeof path, "tests/data/%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(room, 1, sizeof room, file);
    fclose(file);
    return slice_from(room, length);
}

static int64_t at(const char *text) {
    int64_t ms;
    assert_true(date_read_iso(slice_of(text), &ms));
    return ms;
}

static struct x_verdict judged(int status, const char *name, const char *reset) {
    struct x_answer answer = { .status = status,
                               .body = name ? fixture(name) : SLICE("<html>no</html>"),
                               .reset = slice_of(reset),
                               .now_ms = at("2026-11-27T12:00:00Z") };
    return x_answer_judge(&answer);
}

static void check(const struct x_verdict *verdict, enum x_action action, const char *said) {
    if (strstr(verdict->reason, said) == NULL) fail_msg("%s", verdict->reason);
    assert_int_equal(action, verdict->action);
}

static void a_cap_stops_until_the_period_is_over(void **state) {
    (void)state;
    struct x_verdict verdict = judged(429, "x-v2/error-usage-capped.json", "");
    check(&verdict, X_STOP, "monthly cap of posts is reached; it goes on at 2026-12-01T00:00Z");
    assert_true(verdict.until_ms == at("2026-12-01T00:00:00Z"));
    verdict = judged(403, "x-v2/error-usage-capped.json", "1795996800"); /* the account's own day */
    check(&verdict, X_STOP, "2026-11-30T");
    verdict = judged(429, "x-v2/error-usage-capped.json", "99999999999"); /* not believed */
    assert_true(verdict.until_ms == at("2026-12-01T00:00:00Z"));
    struct x_answer answer = { .status = 429,
                               .body = SLICE("{\"title\":\"UsageCapExceeded\",\"period\":\"Daily\","
                                             "\"type\":\"https://api.twitter.com/2/problems/usage-"
                                             "capped\"}"),
                               .now_ms = at("2026-12-31T23:59:59Z") };
    verdict = x_answer_judge(&answer);
    check(&verdict, X_STOP, "daily cap of posts is reached; it goes on at 2027-01-01T00:00Z");
}

static void too_many_connections_and_rate_limits_climb_the_long_ladder(void **state) {
    (void)state;
    struct x_verdict verdict = judged(429, "x-v2/error-429-too-many-connections.json", "");
    check(&verdict, X_WAIT, "another connection");
    assert_int_equal(LADDER_RATE, verdict.ladder);
    verdict = judged(429, "x-v2/error-429-rate-limit.json", "1795781700"); /* 12:15 */
    check(&verdict, X_WAIT, "429");
    assert_int_equal(LADDER_RATE, verdict.ladder);
    assert_true(verdict.until_ms == at("2026-11-27T12:15:00Z"));
    static const char *const never[] = { "", "0", "-5", "1795700000", "9999999999", "soon" };
    for (size_t i = 0; i < LENGTH(never); i++)
        assert_true(judged(429, "x-v2/error-429-rate-limit.json", never[i]).until_ms == 0);
    assert_int_equal(LADDER_RATE, judged(420, NULL, "").ladder);
    static const struct {
        int status;
        const char *retry;
        int64_t wait_ms;
    } asked[] = { { 503, "120", 120000 },
                  { 429, "90", 90000 },
                  { 503, "-5", 0 },
                  { 503, "soon", 0 },
                  { 503, "315360000", 3600000 }, /* ten years */
                  { 503, "Fri, 27 Nov 2026 11:00:00 GMT", 0 },
                  { 420, "Fri, 27 Nov 2026 12:01:00 GMT", 60000 } };
    for (size_t i = 0; i < LENGTH(asked); i++) {
        struct x_answer answer = { .status = asked[i].status,
                                   .retry = slice_of(asked[i].retry),
                                   .now_ms = at("2026-11-27T12:00:00Z") };
        int64_t until_ms = x_answer_judge(&answer).until_ms;
        assert_true(until_ms == (asked[i].wait_ms ? answer.now_ms + asked[i].wait_ms : 0));
    }
}

static void an_app_that_is_not_let_in_is_told_where_to_register(void **state) {
    (void)state;
    struct x_verdict verdict = judged(403, "x-v2/error-403-client-forbidden.json", "");
    check(&verdict, X_FATAL, "https://developer.x.com/en/docs/projects/overview");
    check(&verdict, X_FATAL, "client-not-enrolled");
}

static void keys_that_are_refused_are_fetched_again_and_tried_later(void **state) {
    (void)state;
    struct x_verdict verdict = judged(401, "x-v2/error-401.json", "");
    check(&verdict, X_WAIT, "401");
    assert_true(verdict.stale_token && verdict.ladder == LADDER_SERVER);
    struct x_answer answer = { .v1 = true,
                               .status = 401,
                               .date = SLICE("Fri, 27 Nov 2026 12:10:00 GMT"),
                               .now_ms = at("2026-11-27T12:00:00Z") };
    verdict = x_answer_judge(&answer);
    check(&verdict, X_WAIT, "its clock is 600 s ahead of this one");
}

static void no_rules_are_waited_for(void **state) {
    (void)state;
    struct x_verdict verdict = judged(409, "x-v2/error-409-no-rules.json", "");
    check(&verdict, X_WAIT, "You must have at least one rule");
    assert_true(verdict.rules_wrong);
}

static void what_would_be_refused_again_is_not_asked_again(void **state) {
    (void)state;
    const int fatal[] = { 400, 403, 404, 406, 410, 413, 416, 422 },
              later[] = { 500, 502, 503, 504, 408 };
    for (size_t i = 0; i < LENGTH(fatal); i++)
        assert_int_equal(X_FATAL, judged(fatal[i], NULL, "").action);
    for (size_t i = 0; i < LENGTH(later); i++) {
        struct x_verdict verdict = judged(later[i], NULL, "");
        assert_true(verdict.action == X_WAIT && verdict.ladder == LADDER_SERVER);
    }
    struct x_answer answer = { .status = 302, .location = SLICE("http://169.254.169.254/") };
    struct x_verdict verdict = x_answer_judge(&answer);
    check(&verdict, X_FATAL, "169.254.169.254");
}

static void a_disconnect_that_is_announced_is_connected_to_at_once(void **state) {
    (void)state;
    struct slice record = fixture("x-v2/stream-operational-disconnect.json");
    assert_true(x_is_message(false, record));
    struct x_verdict verdict = x_message_judge(false, record, 0);
    check(&verdict, X_WAIT, "UpstreamOperationalDisconnect");
    assert_int_equal(LADDER_DROP, verdict.ladder);
    verdict = x_message_judge(false,
                              SLICE("{\"errors\":[{\"disconnect_type\":\"InvalidRules\","
                                    "\"type\":\"x/operational-disconnect\"}]}"),
                              0);
    assert_true(verdict.rules_wrong);
    assert_false(x_is_message(false, fixture("x-v2/stream-partial-error.json")));
    assert_false(x_is_message(false, fixture("x-v2/stream-post.json")));
    verdict = x_message_judge(false, SLICE("{\"errors\":[{\"type\":\"x/usage-capped\"}]}"), 1000);
    assert_int_equal(X_STOP, verdict.action);
}

static void messages_that_nobody_knows_are_passed_over(void **state) {
    (void)state;
    static const char *const texts[] = { "{\"future\":1}", "{}",      "{\"errors\":[]}",
                                         "{\"errors\":7}", "no json", "{\"disconnect\":7}",
                                         "{\"limit\":{}}" };
    for (size_t i = 0; i < LENGTH(texts); i++)
        for (int v1 = 0; v1 < 2; v1++)
            assert_int_equal(X_GO_ON, x_message_judge(v1, slice_of(texts[i]), 0).action);
}

static struct x_verdict control(size_t number) {
    struct slice lines = fixture("x-v1.1/control-messages.ndjson");
    while (number-- > 0)
        lines = slice_skip(
            lines, (size_t)((char *)memchr(lines.data, '\n', lines.length) + 1 - lines.data));
    struct slice line =
        slice_first(lines, (size_t)((char *)memchr(lines.data, '\n', lines.length) - lines.data));
    assert_true(x_is_message(true, line));
    return x_message_judge(true, line, 0);
}

static void control_messages_of_the_old_stream_are_understood(void **state) {
    (void)state;
    assert_int_equal(1234, control(2).missed);
    struct x_verdict verdict = control(5);
    check(&verdict, X_GO_ON, "FALLING_BEHIND 60%");
    assert_true(verdict.worth_a_line);
    verdict = control(8);
    check(&verdict, X_WAIT, "too slow; it says: stall");
    assert_int_equal(LADDER_DROP, verdict.ladder);
    verdict = x_message_judge(true, SLICE("{\"disconnect\":{\"code\":6,\"reason\":\"x\"}}"), 0);
    check(&verdict, X_FATAL, "the token was revoked");
    verdict = x_message_judge(true, SLICE("{\"disconnect\":{\"code\":7}}"), 0);
    assert_int_equal(LADDER_RATE, verdict.ladder);
    verdict = x_message_judge(true, SLICE("{\"disconnect\":{\"code\":99}}"), 0);
    assert_int_equal(LADDER_DROP, verdict.ladder);
    verdict = x_message_judge(true, SLICE("{\"disconnect\":{\"code\":118621000000000}}"), 0);
    check(&verdict, X_WAIT, "X disconnected (118621000000000)"); /* no number of 32 bits */
}

static void what_a_server_says_cannot_move_a_terminal(void **state) {
    (void)state;
    struct x_answer answer = {
        .status = 403, .body = SLICE("{\"detail\":\"a\\u001b[2Jb\\nc\",\"type\":\"about:blank\"}")
    };
    struct x_verdict verdict = x_answer_judge(&answer);
    check(&verdict, X_FATAL, "a [2Jb c");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cap_stops_until_the_period_is_over),
        cmocka_unit_test(too_many_connections_and_rate_limits_climb_the_long_ladder),
        cmocka_unit_test(an_app_that_is_not_let_in_is_told_where_to_register),
        cmocka_unit_test(keys_that_are_refused_are_fetched_again_and_tried_later),
        cmocka_unit_test(no_rules_are_waited_for),
        cmocka_unit_test(what_would_be_refused_again_is_not_asked_again),
        cmocka_unit_test(a_disconnect_that_is_announced_is_connected_to_at_once),
        cmocka_unit_test(messages_that_nobody_knows_are_passed_over),
        cmocka_unit_test(control_messages_of_the_old_stream_are_understood),
        cmocka_unit_test(what_a_server_says_cannot_move_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
