/* post/query.h: a set's life. */
#include "base/alloc.h"
#include "post/query_internal.h"

/* Reads one query into the set's nodes. */
static bool set_add(struct query_set *set, const struct query_source *source, struct arena *arena,
                    size_t *bad_offset, struct error *err) {
    struct query_text *query = &set->queries[set->count];
    query->name = arena_copy(&set->arena, slice_of(source->name ? source->name : "")).data;
    query->text = arena_copy(&set->arena, source->text);
    struct query_builder builder = { .set = set,
                                     .arena = arena,
                                     .text = query->text,
                                     .search = source->language == QUERY_SEARCH_LANGUAGE,
                                     .err = err };
    bool track = source->language == QUERY_TRACK_LIST;
    struct query_tree *tree = track ? query_parse_track(&builder) : query_parse(&builder);
    if (tree == NULL) {
        *bad_offset = builder.bad_offset;
        error_locate(err, query->name, query->text, builder.bad_offset);
        return false;
    }
    query->root = query_flatten(set, tree);
    set->count++;
    return true;
}

struct query_set *query_set_create(const struct query_source *sources, size_t count,
                                   size_t *bad_query, size_t *bad_offset, struct error *err) {
    struct query_set *set = memory_zeroed(1, sizeof *set);
    struct arena arena;
    bool fine = true;
    arena_init(&set->arena);
    arena_init(&arena);
    set->queries = memory_zeroed(count + 1, sizeof *set->queries);
    for (size_t i = 0; fine && i < count; i++) {
        arena_reset(&arena, ARENA_BLOCK_BYTES);
        *bad_query = i;
        fine = set_add(set, &sources[i], &arena, bad_offset, err);
    }
    arena_free(&arena);
    if (!fine) {
        query_set_destroy(set);
        return NULL;
    }
    query_index(set);
    return set;
}

void query_set_destroy(struct query_set *set) {
    if (set == NULL) return;
    for (size_t i = 0; i < set->regex_count; i++)
        pcre2_code_free(set->regexes[i]);
    pcre2_match_context_free(set->regex_limits);
    arena_free(&set->arena);
    memory_free(set->queries);
    memory_free(set->terms);
    memory_free(set->slots);
    memory_free(set->filter);
    memory_free(set->nodes);
    memory_free(set->phrase_terms);
    memory_free(set->areas);
    memory_free(set->regexes);
    memory_free(set->values);
    memory_free(set->ranges);
    memory_free(set->postings);
    memory_free(set->always);
    memory_free(set->prefix_filter);
    memory_free(set);
}

size_t query_set_count(const struct query_set *set) { return set->count; }

const char *query_set_name(const struct query_set *set, size_t query) {
    return set->queries[query].name;
}
