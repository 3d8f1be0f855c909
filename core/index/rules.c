/* index/rules.h */
#include "index/rules.h"
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

struct status_rule {
    int status;
    enum index_rule rule;
};

static const struct status_rule item_rules[] = {
    { 200, INDEX_DONE },    { 201, INDEX_DONE },   { 400, INDEX_POISON }, { 401, INDEX_REFUSED },
    { 403, INDEX_REFUSED }, { 409, INDEX_NEWER },  { 413, INDEX_POISON }, { 429, INDEX_BUSY },
    { 503, INDEX_AWAY },    { 0, INDEX_DOUBTFUL },
};

static const struct status_rule request_rules[] = {
    { 400, INDEX_WRONG }, { 413, INDEX_TOO_LARGE }, { 429, INDEX_BUSY }, { 408, INDEX_AWAY },
    { 502, INDEX_AWAY },  { 503, INDEX_AWAY },      { 504, INDEX_AWAY }, { 0, INDEX_REFUSED },
};

/* The last row is for all others. */
static enum index_rule find_rule(const struct status_rule *rules, int status) {
    while (rules->status && rules->status != status)
        rules++;
    return rules->rule;
}

enum index_rule index_item_rule(const struct index_item *item, enum index_verb verb) {
    bool failed = item->type.length || item->reason.length;
    if (item->status / 100 == 2 && failed) return INDEX_DOUBTFUL;
    bool absent = verb == INDEX_CHANGE && slice_is(item->type, "document_missing_exception");
    if (item->status == 404 && (verb == INDEX_REMOVE || absent)) return INDEX_DONE;
    if (item->status == 404 && is_missing(item)) return INDEX_MISSING;
    if (is_block(item) || (item->status == 400 && is_no_fault_of_it(item))) return INDEX_BLOCKED;
    return find_rule(item_rules, item->status);
}

enum index_rule index_request_rule(const struct index_item *said, bool compressed) {
    bool wordless = said->type.length == 0;
    if (compressed && (said->status == 415 || (said->status == 400 && wordless)))
        return INDEX_PLAIN;
    if (is_block(said)) return INDEX_BLOCKED;
    if (said->status == 404 && is_missing(said)) return INDEX_MISSING;
    enum index_rule rule = find_rule(request_rules, said->status);
    return rule == INDEX_REFUSED && said->status >= 500 ? INDEX_DOUBTFUL : rule;
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
