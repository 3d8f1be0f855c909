/* x/verdict.h */
#include "x/verdict.h"
#include "base/compiler.h"
#include "base/date.h"
#include "net/http_date.h"
#include "net/retry_after.h"
#include "x/problem.h"
#include "x/x1_message.h"
#include <stdio.h>

#define DAY_MS INT64_C(86400000)
/* Headers that name another moment are not believed. */
#define LONGEST_RESET_MS (32 * DAY_MS)
#define LONGEST_RATE_MS INT64_C(3600000)
#define CLOCK_OFF_MS INT64_C(240000)

static int64_t read_reset(struct slice seconds, int64_t now_ms, int64_t longest_ms) {
    int64_t value = 0;
    if (seconds.length == 0 || seconds.length > 11) return 0;
    for (size_t i = 0; i < seconds.length; i++) {
        if (seconds.data[i] < '0' || seconds.data[i] > '9') return 0;
        value = value * 10 + (seconds.data[i] - '0');
    }
    value *= 1000;
    return value > now_ms && value <= now_ms + longest_ms ? value : 0;
}

/* Of what a server asks for the longest that can be meant. */
static int64_t wanted_ms(const struct x_answer *answer) {
    int64_t reset_ms = read_reset(answer->reset, answer->now_ms, LONGEST_RATE_MS);
    uint64_t retry_ms = retry_after_ms(answer->retry, answer->now_ms, (uint64_t)LONGEST_RATE_MS);
    return MAX(reset_ms, retry_ms ? answer->now_ms + (int64_t)retry_ms : 0);
}

/* When the day or month is over, UTC. X counts months from a day that only the account knows. */
static int64_t period_end(int64_t now_ms, bool monthly) {
    char text[DATE_BYTES];
    int64_t end_ms = (now_ms / DAY_MS + 1) * DAY_MS;
    if (!monthly) return end_ms;
    for (int day = 0; day < 31; day++, end_ms += DAY_MS) {
        date_write(end_ms, text);
        if (text[8] == '0' && text[9] == '1') break;
    }
    return end_ms;
}

static struct x_verdict waits(enum ladder_failure ladder) {
    return (struct x_verdict){ .action = X_WAIT, .ladder = ladder };
}

static struct x_verdict judge_cap(const struct x_problem *problem, int64_t now_ms,
                                  int64_t reset_ms) {
    bool monthly = strcmp(problem->period, "Daily") != 0;
    struct x_verdict verdict = { .action = X_STOP };
    char until[DATE_BYTES];
    verdict.until_ms = reset_ms ? reset_ms : period_end(now_ms, monthly);
    date_write(verdict.until_ms, until);
    snprintf(verdict.reason, sizeof verdict.reason,
             "X's %s cap of posts is reached; it goes on at %.16sZ", monthly ? "monthly" : "daily",
             until);
    return verdict;
}

static struct x_verdict judge_forbidden(const struct x_problem *problem) {
    struct x_verdict verdict = { .action = X_FATAL };
    snprintf(verdict.reason, sizeof verdict.reason,
             "X does not let this app in (%s): register it at %s", problem->reason,
             problem->registration_url[0] ? problem->registration_url : "https://developer.x.com");
    return verdict;
}

static struct x_verdict judge_connection(const struct x_problem *problem) {
    bool many = strcmp(problem->connection_issue, "TooManyConnections") == 0;
    bool rules = strncmp(problem->connection_issue, "Rule", 4) == 0;
    struct x_verdict verdict = waits(many ? LADDER_RATE : LADDER_SERVER);
    verdict.rules_wrong = rules;
    snprintf(verdict.reason, sizeof verdict.reason, "%s: %s", problem->connection_issue,
             many ? "another connection reads this app's stream" : problem->detail);
    return verdict;
}

static struct x_verdict judge_disconnect(const struct x_problem *problem) {
    struct x_verdict verdict = waits(LADDER_DROP);
    verdict.rules_wrong = strcmp(problem->disconnect_type, "InvalidRules") == 0;
    verdict.worth_a_line = strcmp(problem->disconnect_type, "SlowReader") == 0;
    snprintf(verdict.reason, sizeof verdict.reason, "X disconnected: %s",
             problem->disconnect_type[0] ? problem->disconnect_type : problem->title);
    return verdict;
}

/* False: the problem's type says nothing, the status has to. */
static bool judge_problem(const struct x_problem *problem, int64_t now_ms, struct slice reset,
                          struct x_verdict *verdict) {
    const char *type = problem->type;
    if (strcmp(type, "usage-capped") == 0)
        *verdict = judge_cap(problem, now_ms, read_reset(reset, now_ms, LONGEST_RESET_MS));
    else if (strcmp(type, "client-forbidden") == 0)
        *verdict = judge_forbidden(problem);
    else if (strcmp(type, "streaming-connection") == 0)
        *verdict = judge_connection(problem);
    else if (strcmp(type, "operational-disconnect") == 0)
        *verdict = judge_disconnect(problem);
    else if (strcmp(type, "rate-limit-exceeded") == 0) {
        *verdict = waits(LADDER_RATE);
        verdict->until_ms = read_reset(reset, now_ms, LONGEST_RATE_MS);
        snprintf(verdict->reason, sizeof verdict->reason, "X's rate limit is reached");
    } else
        return false;
    return true;
}

/* " (the server's clock is 400 s ahead)", when that may be why it did not believe us. */
static void note_clock(const struct x_answer *answer, char *out, size_t size) {
    int64_t theirs_ms = 0;
    out[0] = '\0';
    if (!http_date_read(answer->date, &theirs_ms)) return;
    int64_t off_ms = theirs_ms - answer->now_ms;
    if (off_ms < CLOCK_OFF_MS && off_ms > -CLOCK_OFF_MS) return;
    snprintf(out, size, "; its clock is %lld s %s this one",
             (long long)(off_ms < 0 ? -off_ms : off_ms) / 1000, off_ms > 0 ? "ahead of" : "behind");
}

static struct x_verdict judge_status(const struct x_answer *answer, const char *said) {
    struct x_verdict verdict = waits(LADDER_SERVER);
    int status = answer->status;
    char clock[80] = "";
    const char *what = "";
    switch (status) {
    case 401:
        verdict.stale_token = true;
        note_clock(answer, clock, sizeof clock);
        what = ": the keys are not accepted";
        break;
    case 409: verdict.rules_wrong = true; break;
    case 420:
    case 429:
        verdict = waits(LADDER_RATE);
        verdict.until_ms = wanted_ms(answer);
        break;
    case 503: verdict.until_ms = wanted_ms(answer); break;
    case 408:
    case 425: break;
    default: /* asked the same way it would be refused again */
        if (status / 100 == 4) verdict.action = X_FATAL;
    }
    snprintf(verdict.reason, sizeof verdict.reason, "X answered %d%s%s%.240s%s", status, what,
             said[0] ? ": " : "", said, clock);
    return verdict;
}

static struct x_verdict judge_redirect(const struct x_answer *answer) {
    struct x_verdict verdict = { .action = X_FATAL };
    snprintf(verdict.reason, sizeof verdict.reason,
             "X answered %d: it wants to be asked at %.*s, where keys do not go by themselves: set "
             "host",
             answer->status, SLICE_ARGS(slice_first(answer->location, 200)));
    return verdict;
}

/* A header may hold what moves a terminal. */
static void clean(char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f) *text = ' ';
}

struct x_verdict x_answer_judge(const struct x_answer *answer) {
    struct x_problem problem;
    struct x_verdict verdict;
    bool read = x_problem_read(answer->body, &problem);
    if (answer->status / 100 == 3)
        verdict = judge_redirect(answer);
    else if (!read || !judge_problem(&problem, answer->now_ms, answer->reset, &verdict))
        verdict = judge_status(answer, read ? problem.detail : "");
    clean(verdict.reason);
    return verdict;
}

static struct x_verdict judge_message(struct slice record, int64_t now_ms) {
    struct x_problem problem;
    struct x_verdict verdict = { .action = X_GO_ON };
    if (!x_problem_read(record, &problem)) return verdict;
    if (judge_problem(&problem, now_ms, slice_from(NULL, 0), &verdict)) return verdict;
    snprintf(verdict.reason, sizeof verdict.reason, "X says: %.300s",
             problem.detail[0] ? problem.detail : problem.title);
    verdict.worth_a_line = true;
    return verdict;
}

/* Posts are most of what comes: no parser is asked for what cannot be anything else. */
bool x_is_message(bool v1, struct slice record) {
    struct slice post = v1 ? SLICE("\"text\"") : SLICE("\"data\"");
    return memmem(record.data, record.length, post.data, post.length) == NULL;
}

struct x_verdict x_message_judge(bool v1, struct slice record, int64_t now_ms) {
    return v1 ? x1_message_judge(record) : judge_message(record, now_ms);
}
