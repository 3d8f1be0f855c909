/* Queries and texts of strangers: the bytes up to the first newline are a search, which is a query
 * that may ask for more, the rest a text.
 * No crash; a wrong query is refused with a place in it; NOT turns the answer around; of its rules
 * on X none is too long, and one of them holds where it does. */
#include "fuzz.h"
#include "post/query_push.h"

#define MOST_QUERY_BYTES 4096

static bool holds(struct slice rule, const struct message *given, struct arena *arena) {
    struct query_source source = { "rule", rule, QUERY_LANGUAGE };
    size_t bad_query, bad_offset;
    struct error err;
    struct query_set *set = query_set_create(&source, 1, &bad_query, &bad_offset, &err);
    require(set != NULL);
    struct message message = *given;
    struct query_scratch *scratch = query_scratch_create(set);
    query_set_match(set, scratch, &message, arena);
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    return message.query_count == 1;
}

static void check_rules(const struct query_set *set, const struct message *message, bool matched,
                        size_t most_bytes, struct arena *arena) {
    struct rule_texts rules = query_set_rules(set, 0, most_bytes, arena);
    bool held = rules.count == 0;
    require((rules.count == 0) == (rules.why_none != NULL));
    for (size_t i = 0; i < rules.count; i++) {
        require(rules.items[i].length > 0 && rules.items[i].length <= most_bytes);
        if (matched && !held) held = holds(rules.items[i], message, arena);
    }
    require(held || !matched);
}

static bool matches(const char *query, const struct message *given, bool *compiled) {
    struct query_source source = { "q", slice_of(query), QUERY_SEARCH_LANGUAGE };
    size_t bad_query = 99, bad_offset = SIZE_MAX;
    struct error err = { 0 };
    struct arena arena;
    struct query_set *set = query_set_create(&source, 1, &bad_query, &bad_offset, &err);
    *compiled = set != NULL;
    if (set == NULL) {
        require(err.text[0] != '\0' && bad_query == 0 && bad_offset <= strlen(query));
        return false;
    }
    struct message message = *given;
    struct query_scratch *scratch = query_scratch_create(set);
    arena_init(&arena);
    query_set_match(set, scratch, &message, &arena);
    bool matched = message.query_count == 1;
    size_t count;
    (void)query_set_explain(set, scratch, &message, &arena, &count);
    (void)query_set_narrow(set, 0, true, &arena);
    (void)query_set_unstored(set, 0);
    check_rules(set, given, matched, RULE_MAX_BYTES, &arena);
    check_rules(set, given, matched, 40, &arena);
    require(!matched || query_set_may_hold(set, 0, &message, &arena));
    arena_free(&arena);
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    return matched;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
    size_t length = newline ? (size_t)(newline - data) : size;
    if (length > MOST_QUERY_BYTES) return 0;
    struct arena arena;
    bool compiled, turned;
    arena_init(&arena);
    struct slice text = newline ? slice_from((const char *)newline + 1, size - length - 1)
                                : SLICE("a #b @c $d https://e.f/g 5 good tea");
    struct slice name = SLICE("coffee");
    struct message message = { .kind = MESSAGE_POST,
                               .network = SLICE("x"),
                               .id = SLICE("1"),
                               .key = SLICE("x:1"),
                               .text = text,
                               .lang = SLICE("en"),
                               .label = SLICE("negative"),
                               .query_names = { &name, 1 },
                               .scored = true,
                               .score = -0.5 };
    const char *query = arena_copy(&arena, slice_from((const char *)data, length)).data;
    bool matched = matches(query, &message, &compiled);
    const char *negated = arena_format(&arena, "-(%s)", query).data;
    if (compiled && strlen(query) == length) {
        bool other = matches(negated, &message, &turned);
        if (turned) require(other != matched);
    }
    arena_free(&arena);
    return 0;
}
