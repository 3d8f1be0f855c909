/* sinks/index_rules.h */
#include "sinks/index_rules.h"
#include "json/number.h"

static bool contains(struct slice text, const char *what) {
    size_t length = strlen(what);
    return text.length >= length && memmem(text.data, text.length, what, length) != NULL;
}

/* A status 400 that is about the cluster or the index: it is the same for every document. */
static bool is_no_fault_of_it(const struct index_item *item) {
    return contains(item->reason, "no write index") || contains(item->reason, "maximum shards") ||
           contains(item->reason, "maximum normal shards");
}

static bool is_block(const struct index_item *item) {
    return slice_is(item->type, "cluster_block_exception");
}

static bool is_missing(const struct index_item *item) {
    return slice_is(item->type, "index_not_found_exception");
}

enum index_rule index_item_rule(const struct index_item *item, bool removes) {
    switch (item->status) {
    case 200:
    case 201: return item->type.length || item->reason.length ? INDEX_DOUBTFUL : INDEX_DONE;
    case 404:
        if (removes) return INDEX_DONE;
        return is_missing(item) ? INDEX_MISSING : INDEX_DOUBTFUL;
    case 409: return INDEX_NEWER;
    case 400: return is_no_fault_of_it(item) ? INDEX_BLOCKED : INDEX_POISON;
    case 413: return INDEX_POISON;
    case 401: return INDEX_REFUSED;
    case 403: return is_block(item) ? INDEX_BLOCKED : INDEX_REFUSED;
    case 429: return is_block(item) ? INDEX_BLOCKED : INDEX_BUSY;
    case 503: return is_block(item) ? INDEX_BLOCKED : INDEX_AWAY;
    default: return INDEX_DOUBTFUL;
    }
}

enum index_rule index_request_rule(const struct index_item *said, bool compressed) {
    switch (said->status) {
    case 400: return compressed && said->type.length == 0 ? INDEX_PLAIN : INDEX_WRONG;
    case 415: return compressed ? INDEX_PLAIN : INDEX_REFUSED;
    case 413: return INDEX_TOO_LARGE;
    case 401: return INDEX_REFUSED;
    case 403: return is_block(said) ? INDEX_BLOCKED : INDEX_REFUSED;
    case 404: return is_missing(said) ? INDEX_MISSING : INDEX_REFUSED;
    case 429: return is_block(said) ? INDEX_BLOCKED : INDEX_BUSY;
    case 408:
    case 502:
    case 503:
    case 504: return is_block(said) ? INDEX_BLOCKED : INDEX_AWAY;
    default: return said->status >= 500 ? INDEX_DOUBTFUL : INDEX_REFUSED;
    }
}

const char *index_rule_text(enum index_rule rule) {
    switch (rule) {
    case INDEX_BUSY: return "it is busy";
    case INDEX_BLOCKED: return "it takes nothing";
    case INDEX_AWAY: return "it cannot be reached";
    case INDEX_REFUSED: return "it refuses";
    case INDEX_MISSING: return "there is no such index";
    case INDEX_TOO_LARGE: return "a request was too large";
    default: return "it failed";
    }
}

bool index_present_version(struct slice reason, int64_t *version) {
    static const struct slice before = { "current version [", 17 };
    for (size_t at = 0; at + before.length < reason.length; at++) {
        struct slice rest = slice_skip(reason, at);
        if (!slice_starts(rest, before)) continue;
        rest = slice_skip(rest, before.length);
        size_t digits = 0;
        while (digits < rest.length && rest.data[digits] >= '0' && rest.data[digits] <= '9')
            digits++;
        return number_integer(slice_first(rest, digits), version);
    }
    return false;
}
