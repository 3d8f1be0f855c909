/* search/stats_internal.h: counts from roll-ups. */
#include "base/clock.h"
#include "search/stats_internal.h"

/* The number of the question's query; 0: it has none. */
static bool find_query(struct asking *asking, int64_t *number, struct error *err) {
    bool row = false;
    struct database *database = &asking->stored->database;
    sqlite3_stmt *statement = database_prepare(
        database, "SELECT number FROM rollup_value WHERE dimension = ?1 AND value = ?2", err);
    if (statement == NULL) return false;
    sqlite3_bind_int(statement, 1, ROLLUP_QUERY);
    bind_slice(statement, 2, asking->question->query);
    bool good = database_step(database, statement, &row, err);
    *number = row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return good;
}

bool stats_is_query(struct stored *stored, struct slice name, bool *is, struct error *err) {
    struct stats_question question = { .query = name };
    struct asking asking = { .stored = stored, .question = &question };
    int64_t number = 0;
    bool good = find_query(&asking, &number, err);
    *is = number != 0;
    return good;
}

static void take_row(struct asking *asking, const struct reading *reading, sqlite3_stmt *row) {
    int64_t key = sqlite3_column_int64(row, 1), number = rollup_value_of(key);
    size_t place = stats_place_of_number(asking, rollup_label_of(key));
    struct stats_counts counts = { .posts = (uint64_t)sqlite3_column_int64(row, 2),
                                   .scored = (uint64_t)sqlite3_column_int64(row, 3),
                                   .score_sum = sqlite3_column_int64(row, 4) };
    counts.by_label[place] = counts.posts;
    if (reading->total_only) {
        counts_add(&asking->stats->total, &counts);
        return;
    }
    if (reading->step_s) number = step_start(sqlite3_column_int64(row, 0), reading->step_s);
    if (reading->by_label) number = (int64_t)place;
    counts_add(tally_of(&asking->tally, number, SLICE("")), &counts);
}

/* Between two looks at the clock. */
#define ROWS_AT_A_TIME 8192

bool stats_is_late(struct asking *asking) {
    asking->stats->partial = asking->end_ns && clock_monotonic_ns() >= asking->end_ns;
    return asking->stats->partial;
}

static bool read_range(struct asking *asking, const struct reading *reading, sqlite3_stmt *rows,
                       const struct step_range *range, struct error *err) {
    bool row = true, good = true;
    int64_t last = reading->only ? reading->only : ROLLUP_MOST_VALUES;
    sqlite3_bind_int64(rows, 1, range->step_s);
    sqlite3_bind_int(rows, 2, (int)reading->dimension);
    sqlite3_bind_int64(rows, 3, range->from_s);
    sqlite3_bind_int64(rows, 4, range->to_s);
    sqlite3_bind_int64(rows, 5, rollup_key(0, reading->only, 0));
    sqlite3_bind_int64(rows, 6, rollup_key(0, last, ROLLUP_NO_LABEL));
    for (size_t read = 1; good && row; read++) {
        good = database_step(&asking->stored->database, rows, &row, err);
        if (good && row) take_row(asking, reading, rows);
        if (read % ROWS_AT_A_TIME == 0 && stats_is_late(asking)) break;
    }
    sqlite3_reset(rows);
    return good;
}

bool stats_read_rollups(struct asking *asking, const struct reading *reading, struct error *err) {
    struct step_range ranges[MAX_STEP_RANGES];
    int64_t coarsest = reading->step_s ? reading->step_s : STEP_DAY;
    size_t count = plan_steps(&asking->question->span, coarsest, ranges);
    static const char sql[] =
        "SELECT start, key, posts, scored, score_sum FROM rollup_bucket CROSS JOIN rollup_count"
        " WHERE step = ?1 AND dimension = ?2 AND start >= ?3 AND start < ?4"
        " AND key BETWEEN number << 36 | ?5 AND number << 36 | ?6";
    sqlite3_stmt *rows = database_prepare(&asking->stored->database, sql, err);
    bool good = rows != NULL;
    for (size_t i = 0; good && i < count && !asking->stats->partial; i++)
        good = read_range(asking, reading, rows, &ranges[i], err);
    sqlite3_finalize(rows);
    return good;
}

static bool read_values(struct asking *asking, const struct reading *reading, struct error *err) {
    bool told;
    return stats_read_top(asking, reading, &told, err) &&
           (told || stats_read_rollups(asking, reading, err));
}

bool stats_from_rollups(struct asking *asking, struct error *err) {
    const struct stats_question *question = asking->question;
    int64_t query = 0;
    if (question->query.length && !find_query(asking, &query, err)) return false;
    if (question->query.length && query == 0) return true; /* nothing is kept for it any more */
    struct reading total = { .dimension = query ? ROLLUP_QUERY : ROLLUP_ALL,
                             .only = query,
                             .total_only = true };
    struct reading by = total;
    by.total_only = false;
    by.step_s = stats_by_step(question->by);
    by.by_label = question->by == STATS_BY_LABEL;
    if (!stats_read_rollups(asking, &total, err)) return false;
    if (question->by == STATS_BY_ALL) return true;
    if (by.step_s || by.by_label) return stats_read_rollups(asking, &by, err);
    by.dimension = (enum rollup_dimension)question->by;
    return read_values(asking, &by, err);
}

/* Buckets stay when their posts go. */
#define MINUTES                                                                                    \
    "SELECT start FROM rollup_bucket WHERE step = ?1 AND dimension = ?2 AND start >= ?3"           \
    " AND start < ?4 AND EXISTS (SELECT 1 FROM rollup_count WHERE key BETWEEN"                     \
    " rollup_bucket.number << 36 AND rollup_bucket.number << 36 | 68719476735)"

static bool read_edge(struct stored *stored, const struct step_range *range, bool newest,
                      bool *some, int64_t *start_s, struct error *err) {
    bool row = false;
    sqlite3_stmt *statement = database_prepare(
        &stored->database,
        newest ? MINUTES " ORDER BY start DESC LIMIT 1" : MINUTES " ORDER BY start LIMIT 1", err);
    if (statement == NULL) return false;
    sqlite3_bind_int64(statement, 1, STEP_MINUTE);
    sqlite3_bind_int(statement, 2, ROLLUP_ALL);
    sqlite3_bind_int64(statement, 3, range->from_s);
    sqlite3_bind_int64(statement, 4, range->to_s);
    bool good = database_step(&stored->database, statement, &row, err);
    *some = row;
    *start_s = row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return good;
}

bool stats_extent(struct stored *stored, const struct span *span, bool *some, int64_t *first_s,
                  int64_t *last_s, struct error *err) {
    struct step_range ranges[MAX_STEP_RANGES];
    *some = false;
    if (plan_steps(span, STEP_MINUTE, ranges) == 0) return true;
    return read_edge(stored, &ranges[0], false, some, first_s, err) &&
           read_edge(stored, &ranges[0], true, some, last_s, err);
}
