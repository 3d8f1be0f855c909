/* aws/keys.h: keys as JSON. */
#include "aws/keys.h"
#include "base/compiler.h"
#include "base/date.h"
#include <cjson/cJSON.h>
#include <openssl/crypto.h>

static struct slice text_of(const cJSON *json, const char *name) {
    return slice_of(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name)));
}

static void wipe(const cJSON *json) {
    for (const cJSON *item = json ? json->child : NULL; item; item = item->next)
        if (item->valuestring) OPENSSL_cleanse(item->valuestring, strlen(item->valuestring));
}

/* A service answers 200 and says in the body that it has none: {"Code":…,"Message":…}. */
static bool is_refusal(const cJSON *json, const char *source, struct error *err) {
    struct slice code = text_of(json, "Code");
    if (code.length == 0 || slice_is(code, "Success")) return false;
    error_set(err, ERROR_FAILED, "%s has no keys: %.*s: %.*s", source,
              SLICE_ARGS(slice_first(code, 80)),
              SLICE_ARGS(slice_first(text_of(json, "Message"), 300)));
    return true;
}

static struct key_set *read_keys(const cJSON *json, enum keys_json kind, const char *source,
                                 struct error *err) {
    bool of_process = kind == KEYS_OF_PROCESS;
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "Version");
    const struct aws_keys keys = { text_of(json, "AccessKeyId"), text_of(json, "SecretAccessKey"),
                                   text_of(json, of_process ? "SessionToken" : "Token") };
    struct slice expiration = text_of(json, "Expiration");
    int64_t expires_ms = 0;
    const char *wrong = NULL;
    if (of_process && !(cJSON_IsNumber(version) && version->valuedouble == 1))
        wrong = "it has no \"Version\": 1";
    else if (!of_process && (keys.token.length == 0 || expiration.length == 0))
        wrong = "it has no Token or no Expiration";
    else if (expiration.length && !date_read_iso(expiration, &expires_ms))
        wrong = "Expiration is no date";
    if (wrong) {
        error_set(err, ERROR_FAILED, "what %s says cannot be used: %s", source, wrong);
        return NULL;
    }
    struct key_set *set = keys_create(&keys, source, err);
    if (set) set->expires_ms = expires_ms;
    return set;
}

struct key_set *keys_read_json(struct slice text, enum keys_json kind, const char *source,
                               struct error *err) {
    struct key_set *set = NULL;
    cJSON *json = cJSON_ParseWithLength(text.data, text.length);
    if (!cJSON_IsObject(json))
        error_set(err, ERROR_FAILED, "what %s says cannot be used: it is no JSON object", source);
    else if (kind == KEYS_OF_PROCESS || !is_refusal(json, source, err))
        set = read_keys(json, kind, source, err);
    wipe(json);
    cJSON_Delete(json);
    return set;
}
