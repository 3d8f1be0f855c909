/* search/stats.h: from a question to what counts, and from the counts to rows. */
#include "base/clock.h"
#include "search/stats_internal.h"

static const char *const names[STATS_BYS + 1] = {
    [STATS_BY_QUERY] = "query",     [STATS_BY_HASHTAG] = "hashtag", [STATS_BY_MENTION] = "mention",
    [STATS_BY_DOMAIN] = "domain",   [STATS_BY_AUTHOR] = "author",   [STATS_BY_LANG] = "lang",
    [STATS_BY_NETWORK] = "network", [STATS_BY_LABEL] = "label",     [STATS_BY_MINUTE] = "minute",
    [STATS_BY_HOUR] = "hour",       [STATS_BY_DAY] = "day",
};

const char *stats_by_name(enum stats_by by) { return names[by]; }

int64_t stats_by_step(enum stats_by by) {
    return by == STATS_BY_MINUTE ? STEP_MINUTE
           : by == STATS_BY_HOUR ? STEP_HOUR
           : by == STATS_BY_DAY  ? STEP_DAY
                                 : 0;
}

/* Roll-ups keep no two dimensions together. */
static bool is_in_rollups(const struct stats_question *question) {
    if (question->query.length == 0) return true;
    bool simple = question->by == STATS_BY_ALL || question->by == STATS_BY_LABEL ||
                  stats_by_step(question->by);
    return question->named && simple;
}

/* The text of a value whose number was counted. */
static bool name_row(struct asking *asking, sqlite3_stmt *value, struct tally_row *row,
                     struct error *err) {
    bool there;
    sqlite3_bind_int64(value, 1, row->number);
    if (!database_step(&asking->stored->database, value, &there, err)) return false;
    row->value = there ? arena_copy(asking->arena, column_slice(value, 0)) : SLICE("?");
    sqlite3_reset(value);
    return true;
}

/* Only those that can be shown: of the others the number is enough. */
static bool name_rows(struct asking *asking, size_t count, struct error *err) {
    struct tally *tally = &asking->tally;
    bool good = true;
    sqlite3_stmt *value = database_prepare(&asking->stored->database,
                                           "SELECT value FROM rollup_value WHERE number = ?1", err);
    if (value == NULL) return false;
    for (size_t i = 0; good && i < count; i++)
        if (tally->rows[i].value.length == 0) good = name_row(asking, value, &tally->rows[i], err);
    sqlite3_finalize(value);
    return good;
}

static void name_labels(struct asking *asking) {
    struct tally *tally = &asking->tally;
    for (size_t i = 0; i < tally->count; i++)
        tally->rows[i].value = asking->stats->labels.names[tally->rows[i].number];
}

static void take_rows(struct asking *asking, size_t first, size_t count) {
    struct stats *stats = asking->stats;
    bool times = stats_by_step(asking->question->by) > 0;
    stats->rows = arena_alloc(asking->arena, (count + 1) * sizeof *stats->rows);
    for (size_t i = 0; i < count; i++) {
        const struct tally_row *row = &asking->tally.rows[first + i];
        stats->rows[i] = (struct stats_row){ .value = row->value,
                                             .start_s = times ? row->number : 0,
                                             .counts = row->counts };
    }
    stats->count = count;
    stats->left_out = asking->tally.count - count;
}

static bool make_rows(struct asking *asking, struct error *err) {
    const struct stats_question *question = asking->question;
    struct tally *tally = &asking->tally;
    size_t limit = question->limit ? (size_t)question->limit : tally->count;
    size_t count = MIN(limit, tally->count);
    if (stats_by_step(question->by)) {
        tally_sort_times(tally);
        take_rows(asking, tally->count - count, count);
        return true;
    }
    if (question->by == STATS_BY_LABEL) name_labels(asking);
    tally_sort(tally, count);
    if (question->by != STATS_BY_LABEL && !name_rows(asking, count, err)) return false;
    take_rows(asking, 0, count);
    return true;
}

/* All at one moment, whatever is written meanwhile. */
static bool ask_rollups(struct asking *asking, struct error *err) {
    struct database *database = &asking->stored->database;
    bool good = database_run(database, "BEGIN", err) && stats_read_labels(asking, err) &&
                stats_from_rollups(asking, err) && make_rows(asking, err) &&
                database_run(database, "COMMIT", err);
    if (!good) database_roll_back(database);
    return good;
}

/* A search looks at the store page by page. */
static bool ask_search(struct asking *asking, struct error *err) {
    return stats_read_labels(asking, err) && stats_from_search(asking, err) &&
           make_rows(asking, err);
}

bool stats_ask(struct stored *stored, const struct stats_question *question, struct arena *arena,
               struct stats *stats, struct error *err) {
    *stats = (struct stats){ 0 };
    struct asking asking = {
        .stored = stored, .question = question, .arena = arena, .stats = stats
    };
    if (question->budget_ms) asking.end_ns = clock_monotonic_ns() + question->budget_ms * 1000000;
    bool good = is_in_rollups(question) ? ask_rollups(&asking, err) : ask_search(&asking, err);
    tally_free(&asking.tally);
    return good;
}
