/* x/problem.h */
#include "x/problem.h"
#include <cjson/cJSON.h>

#define MOST_BYTES ((size_t)64 * 1024)

/* Text of a stranger goes to logs and screens. */
void x_take_text(const struct cJSON *object, const char *name, char *out, size_t size) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    size_t length = 0;
    for (; text[length] && length + 1 < size; length++)
        out[length] =
            (unsigned char)text[length] < 0x20 || text[length] == 0x7f ? ' ' : text[length];
    while (text[length] && length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--; /* no half character at the end */
    out[length] = '\0';
}

static void take_type(const cJSON *object, char *out, size_t size) {
    char whole[200];
    x_take_text(object, "type", whole, sizeof whole);
    const char *slash = strrchr(whole, '/'), *tail = slash ? slash + 1 : whole;
    size_t length = strnlen(tail, size - 1);
    memcpy(out, tail, length);
    out[length] = '\0';
}

static void take_problem(const cJSON *object, struct x_problem *problem) {
    take_type(object, problem->type, sizeof problem->type);
    x_take_text(object, "title", problem->title, sizeof problem->title);
    x_take_text(object, "detail", problem->detail, sizeof problem->detail);
    if (problem->detail[0] == '\0')
        x_take_text(object, "message", problem->detail, sizeof problem->detail);
    x_take_text(object, "reason", problem->reason, sizeof problem->reason);
    x_take_text(object, "registration_url", problem->registration_url,
                sizeof problem->registration_url);
    x_take_text(object, "connection_issue", problem->connection_issue,
                sizeof problem->connection_issue);
    x_take_text(object, "disconnect_type", problem->disconnect_type,
                sizeof problem->disconnect_type);
    x_take_text(object, "period", problem->period, sizeof problem->period);
}

bool x_problem_read(struct slice json, struct x_problem *problem) {
    *problem = (struct x_problem){ 0 };
    if (json.length == 0 || json.length > MOST_BYTES) return false;
    cJSON *object = cJSON_ParseWithLength(json.data, json.length);
    if (object == NULL) return false;
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(object, "errors");
    const cJSON *first = cJSON_IsArray(errors) ? cJSON_GetArrayItem(errors, 0) : NULL;
    bool typed = cJSON_GetObjectItemCaseSensitive(object, "type") != NULL;
    take_problem(first && !typed ? first : object, problem);
    cJSON_Delete(object);
    return problem->type[0] || problem->title[0] || problem->detail[0];
}
