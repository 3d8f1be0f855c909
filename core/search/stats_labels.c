/* search/stats_internal.h: which labels a store knows, and where each is counted. */
#include "flow/sums.h"
#include "search/stats_internal.h"

#define UNKNOWN SLICE("unknown")
#define OTHER slice_of(mood_names[OTHER_MOOD])

/* Of mood_names those that labels are: all but "other". */
#define MOOD_LABELS ((size_t)OTHER_MOOD)

static bool is_mood(struct slice label) {
    for (size_t i = 0; i < MOOD_LABELS; i++)
        if (slice_is(label, mood_names[i])) return true;
    return false;
}

static bool is_unknown(struct slice label) {
    return label.length == 0 || slice_equal(label, UNKNOWN);
}

size_t stats_place_of(const struct stats_labels *labels, struct slice label) {
    size_t last = labels->count - 1;
    if (is_unknown(label)) return last;
    for (size_t i = 0; i < last; i++)
        if (slice_equal(label, labels->names[i])) return i;
    bool others = last > 0 && slice_equal(labels->names[last - 1], OTHER);
    return others ? last - 1 : last;
}

size_t stats_place_of_number(const struct asking *asking, int64_t label) {
    for (size_t i = 0; i < asking->known.count; i++)
        if (asking->known.numbers[i] == label) return asking->known.places[i];
    return asking->stats->labels.count - 1;
}

static void arrange(struct stats_labels *labels, const struct slice *found, size_t count) {
    bool mooded = false, left_out = false;
    for (size_t i = 0; i < count; i++)
        mooded = mooded || is_mood(found[i]);
    for (size_t i = 0; mooded && i < MOOD_LABELS; i++)
        labels->names[labels->count++] = slice_of(mood_names[i]);
    for (size_t i = 0; i < count; i++) {
        if (is_mood(found[i]) || is_unknown(found[i])) continue;
        left_out = labels->count == STATS_LABELS - 2;
        if (!left_out) labels->names[labels->count++] = found[i];
        if (left_out) break;
    }
    if (left_out) labels->names[labels->count++] = OTHER;
    labels->names[labels->count++] = UNKNOWN;
}

bool stats_read_labels(struct asking *asking, struct error *err) {
    struct slice *found = arena_zeroed(asking->arena, STATS_KNOWN_LABELS, sizeof *found);
    struct database *database = &asking->stored->database;
    struct stats_labels *labels = &asking->stats->labels;
    bool row = true, good = true;
    sqlite3_stmt *rows = database_prepare(
        database, "SELECT number, value FROM rollup_value WHERE dimension = ?1 ORDER BY value",
        err);
    if (rows == NULL) return false;
    sqlite3_bind_int(rows, 1, ROLLUP_LABEL);
    asking->known.numbers = arena_alloc(asking->arena, STATS_KNOWN_LABELS * sizeof(int64_t));
    asking->known.places = arena_alloc(asking->arena, STATS_KNOWN_LABELS * sizeof(size_t));
    while (good && row && asking->known.count < STATS_KNOWN_LABELS) {
        good = database_step(database, rows, &row, err);
        if (!good || !row) break;
        asking->known.numbers[asking->known.count] = sqlite3_column_int64(rows, 0);
        found[asking->known.count++] = arena_copy(asking->arena, column_slice(rows, 1));
    }
    sqlite3_finalize(rows);
    arrange(labels, found, asking->known.count);
    for (size_t i = 0; i < asking->known.count; i++)
        asking->known.places[i] = stats_place_of(labels, found[i]);
    return good;
}

bool stats_net(const struct stats_labels *labels, const struct stats_counts *counts, double *net) {
    if (labels->count < MOOD_LABELS || !is_mood(labels->names[0])) return false;
    double negative = (double)counts->by_label[NEGATIVE],
           neutral = (double)counts->by_label[NEUTRAL],
           positive = (double)counts->by_label[POSITIVE], all = negative + neutral + positive;
    if (all > 0) *net = 100 * (positive - negative) / all;
    return all > 0;
}
