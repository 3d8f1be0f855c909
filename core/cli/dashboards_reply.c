/* cli/dashboards_reply.h */
#include "cli/dashboards_reply.h"
#include "base/compiler.h"
#include "cli/print.h"
#include <cjson/cJSON.h>

/* Some of them have one error each for hundreds of objects. */
#define MOST_ERRORS 20

static const char *text_of(const cJSON *object, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

/* By the type of an error. */
static const struct {
    const char *type, *means;
} meanings[] = {
    { "conflict", "is there already; --overwrite replaces it" },
    { "ambiguous_conflict", "is there more than once" },
    { "missing_references", "needs what is not there" },
    { "unsupported_type", "is of a type that is not known there" },
};

static const char *meaning_of(const cJSON *error) {
    for (size_t i = 0; i < LENGTH(meanings); i++)
        if (strcmp(text_of(error, "type"), meanings[i].type) == 0) return meanings[i].means;
    const char *said = text_of(error, "message");
    return said[0] ? said : "was refused";
}

static void tell_error(const cJSON *failed) {
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(failed, "error"), *missing;
    complain("    %s %s: %s", text_of(failed, "type"), text_of(failed, "id"), meaning_of(error));
    cJSON_ArrayForEach(missing, cJSON_GetObjectItemCaseSensitive(error, "references"))
        complain(": %s %s", text_of(missing, "type"), text_of(missing, "id"));
    complain("\n");
}

static int tell_errors(const char *url, const cJSON *reply) {
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(reply, "errors"), *error;
    int count = cJSON_GetArraySize(errors), told = 0;
    complain("linnet dashboards: %s: %d objects were not imported\n", url, count);
    cJSON_ArrayForEach(error, errors) {
        if (told++ == MOST_ERRORS) break;
        tell_error(error);
    }
    if (count > MOST_ERRORS) complain("    and %d more\n", count - MOST_ERRORS);
    return 1;
}

/* Of a status that is no success. */
static const char *advice_for(int status) {
    switch (status) {
    case 401: return "who asks is not known there: --login or --api-key";
    case 403: return "who asks may not import saved objects";
    case 404:
        return "there is no import at this address: does it have a path, such as /_dashboards?";
    case 413: return "the file is longer than it takes";
    case 429: return "it is asked too much";
    case 503: return "it is not ready";
    default:
        return status / 100 == 3 ? "it leads elsewhere, maybe to a page to log in: --login, or the "
                                   "address that it leads to"
                                 : "it failed";
    }
}

/* OpenSearch's and Elasticsearch's own errors; those of what draws dashboards have a statusCode. */
static bool is_search_server(const cJSON *reply) {
    return cJSON_GetObjectItemCaseSensitive(reply, "error") &&
           !cJSON_GetObjectItemCaseSensitive(reply, "statusCode");
}

static int tell_status(const char *url, int status, const cJSON *reply) {
    if (is_search_server(reply)) {
        complain("linnet dashboards: %s: status %d: this is the search server: push takes the "
                 "address of its dashboards, often that of port 5601\n",
                 url, status);
        return 1;
    }
    const char *said = text_of(reply, "message");
    complain("linnet dashboards: %s: status %d: %s%s%s\n", url, status,
             status == 400 && said[0] ? "it refused" : advice_for(status), said[0] ? ": " : "",
             said);
    return 1;
}

int tell_import(const char *url, int status, struct slice body) {
    cJSON *reply = body.length ? cJSON_ParseWithLength(body.data, body.length) : NULL;
    const cJSON *success = cJSON_GetObjectItemCaseSensitive(reply, "success");
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(reply, "successCount");
    int code = 1;
    if (status != 200) {
        code = tell_status(url, status, reply);
    } else if (cJSON_IsTrue(success) && cJSON_IsNumber(count)) {
        complain("%s: imported %d objects\n", url, count->valueint);
        code = 0;
    } else if (cJSON_IsFalse(success)) {
        code = tell_errors(url, reply);
    } else {
        complain("linnet dashboards: %s: this is no answer to an import: is it Kibana or "
                 "OpenSearch Dashboards?\n",
                 url);
    }
    cJSON_Delete(reply);
    return code;
}
