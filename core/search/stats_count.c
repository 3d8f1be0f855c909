/* search/stats_internal.h: counts of posts that are searched for, as roll-ups would count them. */
#include "search/search.h"
#include "search/stats_internal.h"

struct counting {
    struct asking *asking;
    struct arena arena; /* of one post */
    struct stats_counts one;
};

static bool is_among(const struct slice *values, size_t count, struct slice value) {
    for (size_t i = 0; i < count; i++)
        if (slice_equal(values[i], value)) return true;
    return false;
}

/* Each value of a list once, and no more of them than a roll-up takes. */
static void count_list(struct counting *counting, const struct slice_list *list) {
    struct asking *asking = counting->asking;
    enum stats_by by = asking->question->by;
    size_t most = by == STATS_BY_QUERY ? ROLLUP_QUERIES : ROLLUP_VALUES, count = 0;
    struct slice *seen = arena_alloc(&counting->arena, (list->count + 1) * sizeof *seen);
    for (size_t i = 0; i < list->count && count < most; i++) {
        struct slice value =
            rollup_spelling((enum rollup_dimension)by, list->items[i], &counting->arena);
        if (value.length == 0 || is_among(seen, count, value)) continue;
        seen[count++] = value;
        counts_add(tally_of_text(&asking->tally, value, asking->arena), &counting->one);
    }
}

static void count_value(struct counting *counting, struct slice value) {
    struct slice_list list = { &value, 1 };
    count_list(counting, &list);
}

static void count_by(struct counting *counting, const struct store_document *document) {
    struct asking *asking = counting->asking;
    const struct message *message = &document->message;
    enum stats_by by = asking->question->by;
    int64_t step_s = stats_by_step(by), second = store_seconds(document->created_ms);
    if (step_s) {
        counts_add(tally_of(&asking->tally, step_start(second, step_s), SLICE("")), &counting->one);
        return;
    }
    switch (by) {
    case STATS_BY_QUERY: count_list(counting, &document->queries); break;
    case STATS_BY_HASHTAG: count_list(counting, &message->hashtags); break;
    case STATS_BY_MENTION: count_list(counting, &message->mentions); break;
    case STATS_BY_DOMAIN: count_list(counting, &message->urls); break;
    case STATS_BY_AUTHOR:
        count_value(counting,
                    message->author.handle.length ? message->author.handle : message->author.id);
        break;
    case STATS_BY_LANG: count_value(counting, message->lang); break;
    case STATS_BY_NETWORK: count_value(counting, message->network); break;
    case STATS_BY_LABEL:
        counts_add(tally_of(&asking->tally,
                            (int64_t)stats_place_of(&asking->stats->labels, message->label),
                            SLICE("")),
                   &counting->one);
        break;
    default: break;
    }
}

static void count_post(void *context, const struct found_post *post) {
    struct counting *counting = context;
    const struct store_document *document = post->document;
    const struct message *message = &document->message;
    struct stats *stats = counting->asking->stats;
    counting->one = (struct stats_counts){ .posts = 1, .scored = message->scored };
    counting->one.score_sum = message->scored ? document->score_millionths : 0;
    counting->one.by_label[stats_place_of(&stats->labels, message->label)] = 1;
    counts_add(&stats->total, &counting->one);
    count_by(counting, document);
    arena_reset(&counting->arena, ARENA_BLOCK_BYTES);
}

/* A name as a query: inside quotes nothing but a quote has a meaning of its own. */
static struct slice search_text(const struct stats_question *question, struct arena *arena) {
    if (!question->named) return question->query;
    return arena_format(arena, "query:\"%.*s\"", SLICE_ARGS(question->query));
}

/* In whole minutes, as roll-ups count. */
static struct span whole_minutes(const struct span *span) {
    struct step_range ranges[MAX_STEP_RANGES];
    size_t count = plan_steps(span, STEP_MINUTE, ranges);
    if (count == 0) return *span;
    return (struct span){ ranges[0].from_s * 1000, ranges[count - 1].to_s * 1000 };
}

bool stats_from_search(struct asking *asking, struct error *err) {
    struct search_outcome outcome;
    struct search_question question = { .query = search_text(asking->question, asking->arena),
                                        .span = whole_minutes(&asking->question->span),
                                        .budget_ms = asking->question->budget_ms };
    struct search *search = search_create(asking->stored, &question, err);
    if (search == NULL) return false;
    struct counting counting = { .asking = asking };
    arena_init(&counting.arena);
    bool good = search_run(search, count_post, &counting, &outcome, err);
    asking->stats->partial = outcome.partial;
    arena_free(&counting.arena);
    search_destroy(search);
    return good;
}
