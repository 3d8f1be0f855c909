/* Candidates from the hits, and the evaluation of their nodes. */
#include "base/alloc.h"
#include "post/query_internal.h"
#include <math.h>

#define EARTH_RADIUS_KM 6371.0088 /* the mean one of IUGG */
#define RADIANS(degrees) ((degrees) * (3.14159265358979323846 / 180))
/* Tokens of one message hardly need more; what a huge one took is given back. */
#define SCRATCH_KEEP_BYTES (4 * ARENA_BLOCK_BYTES)

/* Great-circle distance by the haversine formula (R. W. Sinnott, 1984). */
static double distance_km(double lon_a, double lat_a, double lon_b, double lat_b) {
    double lat_half = sin(RADIANS(lat_b - lat_a) / 2), lon_half = sin(RADIANS(lon_b - lon_a) / 2);
    double square =
        lat_half * lat_half + cos(RADIANS(lat_a)) * cos(RADIANS(lat_b)) * lon_half * lon_half;
    return 2 * EARTH_RADIUS_KM * asin(sqrt(fmin(1, square)));
}

static bool area_holds(const struct query_area *area, const struct message *message) {
    double lon = message->lon, lat = message->lat;
    if (!(message->traits & TRAIT_COORDINATES)) return false;
    if (area->radius_km > 0)
        return distance_km(area->west, area->south, lon, lat) <= area->radius_km;
    bool inside = area->west <= area->east
                      ? lon >= area->west && lon <= area->east
                      : lon >= area->west || lon <= area->east; /* across the date line */
    return inside && lat >= area->south && lat <= area->north;
}

static bool sample_holds(uint32_t percent, const struct message *message) {
    uint64_t hash = hash_bytes(message->key.length ? message->key : message->id);
    return hash % 100 < percent;
}

static bool list_holds(const struct query_scratch *scratch, uint32_t token_kind) {
    const struct message *message = scratch->message;
    const struct slice_list *list = token_kind == TOKEN_TAG    ? &message->hashtags
                                    : token_kind == TOKEN_NAME ? &message->mentions
                                    : token_kind == TOKEN_CASH ? &message->cashtags
                                                               : &message->urls;
    return list->count > 0 || (scratch->text_kinds & KIND_BIT(token_kind));
}

static bool regex_holds(struct query_scratch *scratch, uint32_t number) {
    const struct query_set *set = scratch->set;
    struct slice text = scratch->message->text;
    if (text.data == NULL) text = SLICE("");
    return pcre2_match(set->regexes[number], (PCRE2_SPTR)text.data, text.length, 0, 0,
                       scratch->regex_match, set->regex_limits) >= 0;
}

static bool group_holds(struct query_scratch *scratch, uint32_t at) {
    const struct query_node *nodes = scratch->set->nodes;
    bool deciding = nodes[at].op == QUERY_OR;
    for (uint32_t child = at + 1; child < nodes[at].end; child = nodes[child].end)
        if (query_holds(scratch, child) == deciding) return deciding;
    return !deciding;
}

bool query_holds(struct query_scratch *scratch, uint32_t at) {
    const struct query_node *node = &scratch->set->nodes[at];
    const struct message *message = scratch->message;
    switch ((enum query_op)node->op) {
    case QUERY_TERM: return query_found_of(scratch, node->number) != NULL;
    case QUERY_PHRASE:
    case QUERY_NEAR: return query_spans_of(scratch, at, 1).count > 0;
    case QUERY_AND:
    case QUERY_OR: return group_holds(scratch, at);
    case QUERY_NOT: return !query_holds(scratch, at + 1);
    case QUERY_TRAIT: return message->traits & node->number;
    case QUERY_HAS: return list_holds(scratch, node->number);
    case QUERY_AREA: return area_holds(&scratch->set->areas[node->number], message);
    case QUERY_SAMPLE: return sample_holds(node->number, message);
    case QUERY_REGEX: return regex_holds(scratch, node->number);
    case QUERY_LABEL:
    case QUERY_NAMED:
    case QUERY_SCORE: return query_found_holds(scratch, node);
    }
    return false;
}

static bool query_try(struct query_scratch *scratch, uint32_t query) {
    if (scratch->seen[query] == scratch->epoch) return false;
    scratch->seen[query] = scratch->epoch;
    if (!query_holds(scratch, scratch->set->queries[query].root)) return false;
    scratch->matched[query / 64] |= UINT64_C(1) << query % 64;
    return true;
}

/* A new message: nothing is found yet. Marks of 2^32 messages ago must not come alive again. */
static void scratch_begin(struct query_scratch *scratch, struct message *message) {
    const struct query_set *set = scratch->set;
    if (++scratch->epoch == 0) {
        memset(scratch->found, 0, set->term_count * sizeof *scratch->found);
        memset(scratch->seen, 0, set->count * sizeof *scratch->seen);
        scratch->epoch = 1;
    }
    arena_reset(&scratch->arena, SCRATCH_KEEP_BYTES);
    scratch->message = message;
    scratch->found_count = 0;
    scratch->hit_count = 0;
    scratch->text_kinds = 0;
}

/* All queries into scratch->matched, returning how many. */
static size_t match_all(struct query_scratch *scratch, struct message *message) {
    const struct query_set *set = scratch->set;
    size_t count = 0;
    if (set->count == 0) return 0;
    scratch_begin(scratch, message);
    query_observe(scratch);
    for (size_t i = 0; i < scratch->found_count; i++) {
        const struct query_term *term = &set->terms[scratch->found_terms[i]];
        for (uint32_t j = 0; j < term->posting_count; j++) {
            struct query_posting posting = set->postings[term->first_posting + j];
            if (posting.guard == QUERY_NO_TERM || query_found_of(scratch, posting.guard))
                count += query_try(scratch, posting.query);
        }
    }
    for (size_t i = 0; i < set->always_count; i++)
        count += query_try(scratch, set->always[i]);
    return count;
}

void query_set_match(const struct query_set *set, struct query_scratch *scratch,
                     struct message *message, struct arena *arena) {
    size_t count = match_all(scratch, message);
    message->query_count = (uint32_t)count;
    message->queries = NULL;
    if (count == 0) return;
    uint32_t *queries = arena_alloc(arena, count * sizeof *queries);
    message->queries = queries;
    for (size_t word = 0; word <= (set->count - 1) / 64; word++) {
        for (uint64_t left = scratch->matched[word]; left; left &= left - 1)
            *queries++ = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(left);
        scratch->matched[word] = 0;
    }
}

struct query_scratch *query_scratch_create(const struct query_set *set) {
    struct query_scratch *scratch = memory_zeroed(1, sizeof *scratch);
    scratch->set = set;
    arena_init(&scratch->arena);
    scratch->found = memory_zeroed(set->term_count + 1, sizeof *scratch->found);
    scratch->found_terms = memory_zeroed(set->term_count + 1, sizeof *scratch->found_terms);
    scratch->seen = memory_zeroed(set->count + 1, sizeof *scratch->seen);
    scratch->matched = memory_zeroed(set->count / 64 + 1, sizeof *scratch->matched);
    if (set->regex_count) scratch->regex_match = pcre2_match_data_create(1, NULL);
    return scratch;
}

void query_scratch_destroy(struct query_scratch *scratch) {
    if (scratch == NULL) return;
    pcre2_match_data_free(scratch->regex_match);
    arena_free(&scratch->arena);
    memory_free(scratch->found);
    memory_free(scratch->found_terms);
    memory_free(scratch->seen);
    memory_free(scratch->matched);
    memory_free(scratch->hits);
    memory_free(scratch);
}
