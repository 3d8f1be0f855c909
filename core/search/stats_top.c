/* search/stats_internal.h: the greatest values of a dimension that has very many.
 *
 * Rows of many posts have an index of their own. A value has at least the posts of its rows there,
 * and at most what fits below the index beside these, in each bucket and for each label. Who may be
 * among the greatest by that is counted exactly; nobody knows then how many others there are. When
 * the time is up before, what was read of each value is told. */
#include "search/stats_internal.h"

/* The greatest of more values than these are better found among all. */
#define MOST_VALUES 1000
/* A bucket is looked into for one value: so often takes about as long as an answer may. */
#define MOST_LOOKS 20000
/* Between two looks at the clock. */
#define ROWS_AT_A_TIME 8192

_Static_assert(ROLLUP_LABEL_BITS + ROLLUP_VALUE_BITS == 36 && ROLLUP_BUSY == 8,
               "the numbers in the texts below");

/* What is read: rows of so many posts, first few and great ones. The next pass is made when what
 * was read until then tells too little. */
static const struct pass {
    int64_t from, to;
    bool minutes_only; /* the small rows of minutes: there are few minutes at the ends of a span */
} passes[] = { { 64, INT64_MAX, false }, { ROLLUP_BUSY, 63, false }, { 1, ROLLUP_BUSY - 1, true } };

struct top {
    struct asking *asking;
    const struct reading *reading;
    struct step_range ranges[MAX_STEP_RANGES];
    size_t range_count;
    sqlite3_stmt *busy, *small, *buckets;
    uint64_t minutes, others; /* buckets */
    struct tally least;       /* posts that each value has at least, and by label */
};

static bool has_many_values(enum rollup_dimension dimension) {
    return dimension == ROLLUP_HASHTAG || dimension == ROLLUP_MENTION ||
           dimension == ROLLUP_DOMAIN || dimension == ROLLUP_AUTHOR;
}

static bool prepare(struct top *top, struct error *err) {
    static const char buckets[] = "SELECT count(*) FROM rollup_bucket WHERE step = ?1"
                                  " AND dimension = ?2 AND start >= ?3 AND start < ?4";
    /* The plus takes the column's affinity away, which the index does not have. */
    static const char busy[] =
        "SELECT key, posts FROM rollup_bucket CROSS JOIN rollup_count INDEXED BY rollup_busy"
        " WHERE step = ?1 AND dimension = ?2 AND start >= ?3 AND start < ?4"
        " AND key >> 36 = +number AND posts >= 8 AND posts BETWEEN ?5 AND ?6";
    static const char small[] =
        "SELECT key, posts FROM rollup_bucket CROSS JOIN rollup_count"
        " WHERE step = ?1 AND dimension = ?2 AND start >= ?3 AND start < ?4"
        " AND key BETWEEN number << 36 AND number << 36 | 68719476735 AND posts BETWEEN ?5 AND ?6";
    struct database *database = &top->asking->stored->database;
    return (top->buckets = database_prepare(database, buckets, err)) &&
           (top->busy = database_prepare(database, busy, err)) &&
           (top->small = database_prepare(database, small, err));
}

static void bind_range(sqlite3_stmt *statement, const struct top *top,
                       const struct step_range *range) {
    sqlite3_bind_int64(statement, 1, range->step_s);
    sqlite3_bind_int(statement, 2, (int)top->reading->dimension);
    sqlite3_bind_int64(statement, 3, range->from_s);
    sqlite3_bind_int64(statement, 4, range->to_s);
}

static bool count_buckets(struct top *top, struct error *err) {
    for (size_t i = 0; i < top->range_count; i++) {
        bool row;
        uint64_t *count = top->ranges[i].step_s == STEP_MINUTE ? &top->minutes : &top->others;
        bind_range(top->buckets, top, &top->ranges[i]);
        if (!database_step(&top->asking->stored->database, top->buckets, &row, err)) return false;
        *count += (uint64_t)sqlite3_column_int64(top->buckets, 0);
        sqlite3_reset(top->buckets);
    }
    return true;
}

static void take_row(struct top *top, sqlite3_stmt *row) {
    int64_t key = sqlite3_column_int64(row, 0);
    size_t place = stats_place_of_number(top->asking, rollup_label_of(key));
    struct stats_counts counts = { .posts = (uint64_t)sqlite3_column_int64(row, 1) };
    counts.by_label[place] = counts.posts;
    counts_add(tally_of(&top->least, rollup_value_of(key), SLICE("")), &counts);
}

static bool read_range(struct top *top, const struct pass *pass, const struct step_range *range,
                       struct error *err) {
    bool row = true, good = true;
    sqlite3_stmt *rows = pass->minutes_only ? top->small : top->busy;
    bind_range(rows, top, range);
    sqlite3_bind_int64(rows, 5, pass->from);
    sqlite3_bind_int64(rows, 6, pass->to);
    for (size_t read = 1; good && row; read++) {
        good = database_step(&top->asking->stored->database, rows, &row, err);
        if (good && row) take_row(top, rows);
        if (read % ROWS_AT_A_TIME == 0 && stats_is_late(top->asking)) break;
    }
    sqlite3_reset(rows);
    return good;
}

static bool make_pass(struct top *top, const struct pass *pass, struct error *err) {
    for (size_t i = 0; i < top->range_count; i++) {
        const struct step_range *range = &top->ranges[i];
        bool skipped = pass->minutes_only && range->step_s != STEP_MINUTE;
        if (!skipped && !read_range(top, pass, range, err)) return false;
        if (!skipped && stats_is_late(top->asking)) break;
    }
    return true;
}

/* Posts that a value may have beyond those that were read, after this pass. */
static uint64_t most_unread(const struct top *top, const struct pass *pass) {
    uint64_t labels = top->asking->known.count;
    if (pass->minutes_only) return (ROLLUP_BUSY - 1) * labels * top->others;
    return (uint64_t)(pass->from - 1) * labels * (top->others + top->minutes);
}

/* 0: there are fewer values. */
static uint64_t nth_greatest(const struct tally *tally, size_t n, struct arena *arena) {
    uint64_t *greatest = arena_zeroed(arena, n, sizeof *greatest);
    for (size_t i = 0; i < tally->count; i++) {
        uint64_t posts = tally->rows[i].counts.posts;
        size_t at = n - 1;
        if (posts <= greatest[at]) continue;
        for (; at > 0 && greatest[at - 1] < posts; at--)
            greatest[at] = greatest[at - 1];
        greatest[at] = posts;
    }
    return greatest[n - 1];
}

/* Those that have `least` posts or more are counted. */
static bool count_candidates(struct top *top, uint64_t least, struct error *err) {
    struct reading one = *top->reading;
    for (size_t i = 0; i < top->least.count && !stats_is_late(top->asking); i++) {
        const struct tally_row *row = &top->least.rows[i];
        one.only = row->number;
        if (row->counts.posts >= least && !stats_read_rollups(top->asking, &one, err)) return false;
    }
    return true;
}

/* Whether the values that were not read have fewer posts than the last of the greatest, and few of
 * the others may have as many; then all these are counted. */
static bool tell(struct top *top, const struct pass *pass, bool *told, struct error *err) {
    struct asking *asking = top->asking;
    uint64_t unread = most_unread(top, pass), candidates = 0;
    uint64_t last = nth_greatest(&top->least, (size_t)asking->question->limit, asking->arena);
    *told = last > unread;
    if (!*told) return true;
    for (size_t i = 0; i < top->least.count; i++)
        candidates += top->least.rows[i].counts.posts >= last - unread;
    *told = candidates * (top->minutes + top->others) <= MOST_LOOKS;
    asking->stats->uncounted = *told;
    return !*told || count_candidates(top, last - unread, err);
}

/* Of those that were not counted what was read. */
static void tell_least(struct top *top) {
    struct asking *asking = top->asking;
    for (size_t i = 0; i < top->least.count; i++) {
        const struct tally_row *row = &top->least.rows[i];
        struct stats_counts *counts = tally_of(&asking->tally, row->number, SLICE(""));
        if (counts->posts < row->counts.posts) *counts = row->counts;
    }
    asking->stats->uncounted = true;
}

static bool read_top(struct top *top, bool *told, struct error *err) {
    const struct stats *stats = top->asking->stats;
    if (!prepare(top, err) || !count_buckets(top, err)) return false;
    for (size_t i = 0; i < LENGTH(passes) && !*told && !stats->partial; i++) {
        if (!make_pass(top, &passes[i], err)) return false;
        if (!stats->partial && !tell(top, &passes[i], told, err)) return false;
    }
    if (stats->partial) tell_least(top);
    *told = *told || stats->partial;
    return true;
}

bool stats_read_top(struct asking *asking, const struct reading *reading, bool *told,
                    struct error *err) {
    uint64_t limit = asking->question->limit;
    struct top top = { .asking = asking, .reading = reading };
    *told = false;
    if (!has_many_values(reading->dimension) || limit == 0 || limit > MOST_VALUES ||
        asking->known.count == STATS_KNOWN_LABELS)
        return true;
    top.range_count = plan_steps(&asking->question->span, STEP_DAY, top.ranges);
    bool good = read_top(&top, told, err);
    sqlite3_finalize(top.busy);
    sqlite3_finalize(top.small);
    sqlite3_finalize(top.buckets);
    tally_free(&top.least);
    return good;
}
