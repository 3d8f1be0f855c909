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

struct slice query_set_text(const struct query_set *set, size_t query) {
    return set->queries[query].text;
}

static uint32_t parts_of_terms(uint32_t kinds) {
    const uint32_t people = KIND_BIT(TERM_FROM) | KIND_BIT(TERM_TO) | KIND_BIT(TERM_RETWEETS_OF);
    const uint32_t lists = KIND_BIT(TERM_TAG) | KIND_BIT(TERM_NAME) | KIND_BIT(TERM_CASH) |
                           KIND_BIT(TERM_URL_WORD) | KIND_BIT(TERM_TRACK_WORD) |
                           KIND_BIT(TERM_TRACK_CHUNK);
    return (kinds & people ? PART_PEOPLE : 0) | (kinds & lists ? PART_LISTS : 0);
}

static uint32_t parts_of_traits(uint32_t traits) {
    return (traits & (TRAIT_VERIFIED | TRAIT_BOT) ? PART_PEOPLE : 0) |
           (traits & (TRAIT_MEDIA | TRAIT_IMAGES | TRAIT_VIDEO) ? PART_MEDIA : 0) |
           (traits & (TRAIT_PLACE | TRAIT_COORDINATES) ? PART_PLACE : 0);
}

uint32_t query_set_parts(const struct query_set *set) {
    uint32_t parts = parts_of_terms(set->kinds) | (set->has_kinds ? PART_LISTS : 0);
    if (set->count == 0 || set->always_count > 0) return PARTS_ALL;
    for (size_t i = 0; i < set->node_count; i++) {
        if (set->nodes[i].op == QUERY_TRAIT) parts |= parts_of_traits(set->nodes[i].number);
        if (set->nodes[i].op == QUERY_AREA) parts |= PART_PLACE;
    }
    return parts;
}
