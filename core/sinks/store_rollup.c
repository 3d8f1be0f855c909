/* sinks/store_rollup.h: cells by time, value and label, in a table of open addresses. */
#include "sinks/store_rollup.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "sinks/store_domain.h"
#include "sinks/store_values.h"
#include "text/fold.h"
#include <stdlib.h>

/* Written before their time when there are more. */
#define CELLS ((size_t)1 << 16)

static const int64_t steps[] = { STEP_MINUTE, STEP_HOUR, STEP_DAY };

/* A row of the table. `place` is step, dimension and start in one number, in their order. */
struct cell {
    uint64_t place;
    int64_t value, label;
    int64_t posts, scored, score_sum;
};

/* Years before 1970 have negative seconds. */
#define START_BIAS (INT64_C(1) << 40)

static enum rollup_dimension dimension_of(const struct cell *cell) {
    return (enum rollup_dimension)(cell->place >> 52 & 0xFF);
}

static uint64_t make_place(size_t step, enum rollup_dimension dimension, int64_t start) {
    return (uint64_t)step << 60 | (uint64_t)dimension << 52 | (uint64_t)(start + START_BIAS);
}

/* Rows that are added by a statement, which costs as much as some rows. */
#define ADDED 32
#define ROW "(?, ?, ?, ?)"
#define ROWS_4 ROW ", " ROW ", " ROW ", " ROW
#define ROWS_16 ROWS_4 ", " ROWS_4 ", " ROWS_4 ", " ROWS_4
#define ROWS_32 ROWS_16 ", " ROWS_16
#define ADD(rows)                                                                                  \
    "INSERT INTO rollup_count VALUES " rows " ON CONFLICT (key) DO UPDATE SET"                     \
    " posts = posts + excluded.posts, scored = scored + excluded.scored,"                          \
    " score_sum = score_sum + excluded.score_sum"

struct rollups {
    struct database *database;
    struct rollup_values *values;
    sqlite3_stmt *add, *add_many, *take, *drop, *find_bucket, *add_bucket, *drop_bucket;
    struct cell *cells;
    size_t count, capacity;
    uint32_t *slots; /* numbers of cells from 1, by their keys' hash; 0 = free; twice `capacity` */
    struct cell *gone; /* days of persons of which maybe nothing is left */
    size_t gone_count, gone_capacity;
    /* Of the document under way. */
    const struct store_document *document;
    int64_t seconds, label;
    int by;
    struct sums {
        int64_t key;
        const struct cell *cell;
    } added[ADDED]; /* while cells are written */
    size_t added_count;
};

struct rollups *rollups_create(struct database *database) {
    struct rollups *rollups = memory_zeroed(1, sizeof *rollups);
    rollups->database = database;
    rollups->values = rollup_values_create(database);
    return rollups;
}

void rollups_destroy(struct rollups *rollups) {
    if (rollups == NULL) return;
    rollups_close(rollups);
    rollup_values_destroy(rollups->values);
    memory_free(rollups->cells);
    memory_free(rollups->slots);
    memory_free(rollups->gone);
    memory_free(rollups);
}

bool rollups_open(struct rollups *rollups, struct error *err) {
    static const char take[] = "UPDATE rollup_count SET posts = posts + ?2, scored = scored + ?3,"
                               " score_sum = score_sum + ?4 WHERE key = ?1";
    static const char drop[] = "DELETE FROM rollup_count WHERE key = ?1 AND posts <= 0";
    static const char find_bucket[] =
        "SELECT number FROM rollup_bucket WHERE (step, dimension, start) = (?1, ?2, ?3)";
    static const char add_bucket[] =
        "INSERT INTO rollup_bucket (step, dimension, start) VALUES (?1, ?2, ?3)";
    static const char drop_bucket[] = "DELETE FROM rollup_bucket WHERE number = ?1";
    struct database *database = rollups->database;
    return (rollups->add = database_prepare(database, ADD(ROW), err)) &&
           (rollups->add_many = database_prepare(database, ADD(ROWS_32), err)) &&
           (rollups->take = database_prepare(database, take, err)) &&
           (rollups->drop = database_prepare(database, drop, err)) &&
           (rollups->find_bucket = database_prepare(database, find_bucket, err)) &&
           (rollups->add_bucket = database_prepare(database, add_bucket, err)) &&
           (rollups->drop_bucket = database_prepare(database, drop_bucket, err)) &&
           rollup_values_open(rollups->values, err);
}

void rollups_close(struct rollups *rollups) {
    sqlite3_finalize(rollups->add);
    sqlite3_finalize(rollups->add_many);
    sqlite3_finalize(rollups->take);
    sqlite3_finalize(rollups->drop);
    sqlite3_finalize(rollups->find_bucket);
    sqlite3_finalize(rollups->add_bucket);
    sqlite3_finalize(rollups->drop_bucket);
    rollups->add = rollups->add_many = rollups->take = rollups->drop = NULL;
    rollups->find_bucket = rollups->add_bucket = rollups->drop_bucket = NULL;
    rollup_values_close(rollups->values);
    rollups_forget(rollups);
}

static void clear_cells(struct rollups *rollups) {
    rollups->count = rollups->gone_count = 0;
    if (rollups->slots) memset(rollups->slots, 0, rollups->capacity * 2 * sizeof *rollups->slots);
}

void rollups_forget(struct rollups *rollups) {
    rollup_values_forget(rollups->values);
    clear_cells(rollups);
}

/* ---- cells ---- */

static int compare_cells(const void *a, const void *b) {
    const struct cell *left = a, *right = b;
    if (left->place != right->place) return left->place < right->place ? -1 : 1;
    if (left->value != right->value) return left->value < right->value ? -1 : 1;
    return left->label < right->label ? -1 : left->label > right->label;
}

static uint32_t *find_slot(const struct rollups *rollups, const struct cell *key) {
    size_t mask = rollups->capacity * 2 - 1;
    uint64_t hash = hash_fold(key->place ^ HASH_SEED, HASH_STEP);
    hash = hash_fold(hash ^ (uint64_t)key->value ^ (uint64_t)key->label << 32, HASH_SEED);
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        uint32_t number = rollups->slots[at];
        if (number == 0 || compare_cells(&rollups->cells[number - 1], key) == 0)
            return &rollups->slots[at];
    }
}

static void grow_cells(struct rollups *rollups) {
    rollups->capacity = rollups->capacity ? rollups->capacity * 2 : 1024;
    rollups->cells = memory_resize(rollups->cells, rollups->capacity * sizeof *rollups->cells);
    memory_free(rollups->slots);
    rollups->slots = memory_zeroed(rollups->capacity * 2, sizeof *rollups->slots);
    for (size_t i = 0; i < rollups->count; i++)
        *find_slot(rollups, &rollups->cells[i]) = (uint32_t)i + 1;
}

static void add_cell(struct rollups *rollups, const struct cell *key) {
    const struct store_document *document = rollups->document;
    if (rollups->count == rollups->capacity) grow_cells(rollups);
    uint32_t *slot = find_slot(rollups, key);
    if (*slot == 0) {
        rollups->cells[rollups->count++] = *key;
        *slot = (uint32_t)rollups->count;
    }
    struct cell *cell = &rollups->cells[*slot - 1];
    cell->posts += rollups->by;
    if (!document->message.scored) return;
    cell->scored += rollups->by;
    cell->score_sum += rollups->by * document->score_millionths;
}

/* ---- what a document counts for ---- */

struct counted {
    int64_t values[ROLLUP_QUERIES];
    size_t count;
};

/* For one value, in each step, once. */
static bool count_value(struct rollups *rollups, enum rollup_dimension dimension,
                        struct slice value, struct counted *counted, struct error *err) {
    struct cell key = { .label = rollups->label };
    if (!rollup_value_find(rollups->values, dimension, value, rollups->by > 0, &key.value, err))
        return false;
    for (size_t i = 0; i < counted->count; i++)
        if (counted->values[i] == key.value) return true;
    counted->values[counted->count++] = key.value;
    for (size_t i = 0; i < LENGTH(steps) && key.value; i++) {
        key.place = make_place(i, dimension, step_start(rollups->seconds, steps[i]));
        add_cell(rollups, &key);
    }
    return true;
}

struct slice rollup_spelling(enum rollup_dimension dimension, struct slice value,
                             struct arena *arena) {
    if (dimension == ROLLUP_DOMAIN)
        value = store_domain(value, arena);
    else if (dimension != ROLLUP_QUERY)
        value = fold_text(value, arena);
    return rollup_value_cut(value);
}

static bool count_list(struct rollups *rollups, enum rollup_dimension dimension,
                       const struct slice_list *list, struct arena *arena, struct error *err) {
    struct counted counted;
    counted.count = 0;
    size_t most = dimension == ROLLUP_QUERY ? ROLLUP_QUERIES : ROLLUP_VALUES;
    for (size_t i = 0; i < list->count && counted.count < most; i++) {
        struct slice value = rollup_spelling(dimension, list->items[i], arena);
        if (value.length && !count_value(rollups, dimension, value, &counted, err)) return false;
    }
    return true;
}

static bool count_one(struct rollups *rollups, enum rollup_dimension dimension, struct slice value,
                      struct error *err) {
    struct counted counted;
    counted.count = 0;
    return count_value(rollups, dimension, value, &counted, err);
}

static bool count_known(struct rollups *rollups, enum rollup_dimension dimension,
                        struct slice value, struct arena *arena, struct error *err) {
    return value.length == 0 ||
           count_one(rollups, dimension, rollup_spelling(dimension, value, arena), err);
}

static bool count_all(struct rollups *rollups, struct arena *arena, struct error *err) {
    const struct store_document *document = rollups->document;
    const struct message *message = &document->message;
    struct slice author =
        message->author.handle.length ? message->author.handle : message->author.id;
    return count_one(rollups, ROLLUP_ALL, SLICE(""), err) &&
           count_list(rollups, ROLLUP_QUERY, &document->queries, arena, err) &&
           count_list(rollups, ROLLUP_HASHTAG, &message->hashtags, arena, err) &&
           count_list(rollups, ROLLUP_MENTION, &message->mentions, arena, err) &&
           count_list(rollups, ROLLUP_DOMAIN, &message->urls, arena, err) &&
           count_known(rollups, ROLLUP_AUTHOR, author, arena, err) &&
           count_known(rollups, ROLLUP_LANG, message->lang, arena, err) &&
           count_known(rollups, ROLLUP_NETWORK, message->network, arena, err);
}

bool rollups_count(struct rollups *rollups, const struct store_document *document, int by,
                   struct arena *arena, struct error *err) {
    if (document->created_ms == TIME_UNKNOWN) return true;
    if (rollups->count > CELLS && !rollups_write(rollups, err)) return false;
    rollups->document = document;
    rollups->by = by;
    rollups->seconds = store_seconds(document->created_ms);
    return rollup_value_find(rollups->values, ROLLUP_LABEL, document->message.label, by > 0,
                             &rollups->label, err) &&
           count_all(rollups, arena, err);
}

/* ---- writing ---- */

static bool run(struct rollups *rollups, sqlite3_stmt *statement, struct error *err) {
    bool row;
    return database_step(rollups->database, statement, &row, err);
}

static void bind_place(sqlite3_stmt *statement, const struct cell *cell) {
    int64_t start = (int64_t)(cell->place & ((UINT64_C(1) << 52) - 1)) - START_BIAS;
    sqlite3_bind_int64(statement, 1, steps[cell->place >> 60]);
    sqlite3_bind_int64(statement, 2, dimension_of(cell));
    sqlite3_bind_int64(statement, 3, start);
}

/* 0: there are too many. */
static bool add_bucket(struct rollups *rollups, const struct cell *cell, int64_t *bucket,
                       struct error *err) {
    bind_place(rollups->add_bucket, cell);
    if (!run(rollups, rollups->add_bucket, err)) return false;
    *bucket = sqlite3_last_insert_rowid(rollups->database->handle);
    if (*bucket <= ROLLUP_MOST_BUCKETS) return true;
    sqlite3_bind_int64(rollups->drop_bucket, 1, *bucket);
    *bucket = 0;
    return run(rollups, rollups->drop_bucket, err);
}

static bool find_bucket(struct rollups *rollups, const struct cell *cell, int64_t *bucket,
                        struct error *err) {
    bool row;
    sqlite3_stmt *find = rollups->find_bucket;
    bind_place(find, cell);
    if (!database_step(rollups->database, find, &row, err)) return false;
    if (row) *bucket = sqlite3_column_int64(find, 0);
    sqlite3_reset(find);
    return row || add_bucket(rollups, cell, bucket, err);
}

/* The parameters of row `at` of a statement. */
static void bind_sums(sqlite3_stmt *statement, size_t at, int64_t key, const struct cell *cell) {
    int first = (int)at * 4;
    sqlite3_bind_int64(statement, first + 1, key);
    sqlite3_bind_int64(statement, first + 2, cell->posts);
    sqlite3_bind_int64(statement, first + 3, cell->scored);
    sqlite3_bind_int64(statement, first + 4, cell->score_sum);
}

static bool add_cell_row(struct rollups *rollups, const struct cell *cell, int64_t key,
                         struct error *err) {
    bind_sums(rollups->add_many, rollups->added_count, key, cell);
    rollups->added[rollups->added_count++] = (struct sums){ key, cell };
    if (rollups->added_count < ADDED) return true;
    rollups->added_count = 0;
    return run(rollups, rollups->add_many, err);
}

/* Those that are not enough for a statement of many. */
static bool add_rest(struct rollups *rollups, struct error *err) {
    for (size_t i = 0; i < rollups->added_count; i++) {
        bind_sums(rollups->add, 0, rollups->added[i].key, rollups->added[i].cell);
        if (!run(rollups, rollups->add, err)) return false;
    }
    return true;
}

/* A person's value may have no other row. */
static void note_gone(struct rollups *rollups, const struct cell *cell) {
    enum rollup_dimension dimension = dimension_of(cell);
    bool person = dimension == ROLLUP_MENTION || dimension == ROLLUP_AUTHOR;
    bool day = cell->place >> 60 == LENGTH(steps) - 1;
    if (!person || !day) return;
    if (rollups->gone_count == rollups->gone_capacity) {
        rollups->gone_capacity = rollups->gone_capacity ? rollups->gone_capacity * 2 : 64;
        rollups->gone =
            memory_resize(rollups->gone, rollups->gone_capacity * sizeof *rollups->gone);
    }
    rollups->gone[rollups->gone_count++] = *cell;
}

static bool take_cell(struct rollups *rollups, const struct cell *cell, int64_t key,
                      struct error *err) {
    bind_sums(rollups->take, 0, key, cell);
    sqlite3_bind_int64(rollups->drop, 1, key);
    if (!run(rollups, rollups->take, err) || !run(rollups, rollups->drop, err)) return false;
    if (sqlite3_changes(rollups->database->handle)) note_gone(rollups, cell);
    return true;
}

static bool write_cell(struct rollups *rollups, const struct cell *cell, int64_t bucket,
                       struct error *err) {
    int64_t key = rollup_key(bucket, cell->value, cell->label);
    if (cell->posts > 0) return add_cell_row(rollups, cell, key, err);
    if (cell->posts || cell->scored || cell->score_sum) return take_cell(rollups, cell, key, err);
    note_gone(rollups, cell); /* it came and went */
    return true;
}

/* When all cells are written: a value may be counted on another day by now. */
static bool sweep_gone(struct rollups *rollups, struct error *err) {
    for (size_t i = 0; i < rollups->gone_count; i++) {
        const struct cell *cell = &rollups->gone[i];
        if (!rollup_value_sweep(rollups->values, (int)dimension_of(cell), cell->value, err))
            return false;
    }
    return true;
}

/* In the order of places, so that a bucket is found once and its rows are neighbours. */
static bool write_cells(struct rollups *rollups, struct error *err) {
    int64_t bucket = 0;
    rollups->added_count = 0;
    for (size_t i = 0; i < rollups->count; i++) {
        const struct cell *cell = &rollups->cells[i];
        bool found = i > 0 && cell[-1].place == cell->place;
        if (!found && !find_bucket(rollups, cell, &bucket, err)) return false;
        if (bucket && !write_cell(rollups, cell, bucket, err)) return false;
    }
    return add_rest(rollups, err);
}

bool rollups_write(struct rollups *rollups, struct error *err) {
    if (rollups->count)
        qsort(rollups->cells, rollups->count, sizeof *rollups->cells, compare_cells);
    bool good = write_cells(rollups, err) && sweep_gone(rollups, err);
    clear_cells(rollups);
    return good;
}
