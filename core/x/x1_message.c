/* x/x1_message.h */
#include "x/x1_message.h"
#include "base/compiler.h"
#include "x/problem.h"
#include <cjson/cJSON.h>
#include <stdio.h>

#define MOST_BYTES ((size_t)64 * 1024)

static double number_of(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

struct disconnect {
    int code;
    enum x_action action;
    enum ladder_failure ladder;
    const char *what;
};

static const struct disconnect disconnects[] = {
    { 1, X_WAIT, LADDER_DROP, "the stream's machine was shut down" },
    { 2, X_WAIT, LADDER_RATE, "this stream is connected to too often" },
    { 3, X_WAIT, LADDER_SERVER, "it was asked to" },
    { 4, X_WAIT, LADDER_DROP, "this reader is too slow" },
    { 5, X_WAIT, LADDER_DROP, "this reader seemed to have gone" },
    { 6, X_FATAL, LADDER_SERVER, "the token was revoked" },
    { 7, X_WAIT, LADDER_RATE, "the same keys opened a newer stream" },
    { 9, X_WAIT, LADDER_DROP, "as many messages as were asked for have come" },
    { 10, X_WAIT, LADDER_DROP, "the stream failed inside" },
    { 11, X_WAIT, LADDER_DROP, "the stream stalled inside" },
    { 12, X_WAIT, LADDER_DROP, "the stream's machine is overloaded" },
};

static struct x_verdict judge_disconnect(const cJSON *object) {
    struct x_verdict verdict = { .action = X_WAIT, .ladder = LADDER_DROP };
    const char *what = "";
    char reason[160];
    double code = number_of(object, "code"); /* whatever X calls it */
    for (size_t i = 0; i < LENGTH(disconnects); i++) {
        if (disconnects[i].code != code) continue;
        verdict.action = disconnects[i].action;
        verdict.ladder = disconnects[i].ladder;
        what = disconnects[i].what;
    }
    x_take_text(object, "reason", reason, sizeof reason);
    verdict.worth_a_line = true;
    snprintf(verdict.reason, sizeof verdict.reason, "X disconnected (%.15g): %s%s%s", code, what,
             what[0] && reason[0] ? "; it says: " : "", reason);
    return verdict;
}

static struct x_verdict judge_warning(const cJSON *object) {
    struct x_verdict verdict = { .action = X_GO_ON, .worth_a_line = true };
    char code[40], message[200];
    x_take_text(object, "code", code, sizeof code);
    x_take_text(object, "message", message, sizeof message);
    snprintf(verdict.reason, sizeof verdict.reason, "X warns: %s %.0f%%: %s", code,
             number_of(object, "percent_full"), message);
    return verdict;
}

static struct x_verdict judge_limit(const cJSON *object) {
    struct x_verdict verdict = { .action = X_GO_ON };
    double missed = number_of(object, "track");
    if (missed > 0 && missed < 1e15) verdict.missed = (uint64_t)missed;
    return verdict;
}

struct x_verdict x1_message_judge(struct slice record) {
    static const struct {
        const char *name;
        struct x_verdict (*judge)(const cJSON *object);
    } kinds[] = { { "disconnect", judge_disconnect },
                  { "warning", judge_warning },
                  { "limit", judge_limit } };
    struct x_verdict verdict = { .action = X_GO_ON };
    if (record.length > MOST_BYTES) return verdict;
    cJSON *message = cJSON_ParseWithLength(record.data, record.length);
    for (size_t i = 0; message && i < LENGTH(kinds); i++) {
        const cJSON *object = cJSON_GetObjectItemCaseSensitive(message, kinds[i].name);
        if (cJSON_IsObject(object)) verdict = kinds[i].judge(object);
    }
    cJSON_Delete(message);
    return verdict;
}
