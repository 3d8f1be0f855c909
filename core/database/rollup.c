/* database/rollup.h: cells, one for each row to be changed, in a table of open addresses. */
#include "database/rollup.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "database/domain.h"
#include "database/values.h"
#include "text/fold.h"
#include <stdlib.h>

/* Written before their time when there are more. */
#define CELLS ((size_t)1 << 16)

static const int64_t steps[] = { STEP_MINUTE, STEP_HOUR, STEP_DAY };

/* What is to be added to a row of rollup_count. */
struct cell {
    int64_t key;
    int64_t posts, scored, score_sum;
    unsigned char step, dimension;
};

/* A bucket's step, dimension and start in one number. Years before 1970 have negative seconds. */
#define START_BIAS (INT64_C(1) << 40)

static uint64_t make_place(size_t step, enum rollup_dimension dimension, int64_t start) {
    return (uint64_t)step << 60 | (uint64_t)dimension << 52 | (uint64_t)(start + START_BIAS);
}

/* Buckets whose numbers are remembered, each in the slot of its place. */
#define PLACES 1024
#define NO_BUCKET (-1) /* no number is left for it */

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
    struct order {
        int64_t key;
        uint32_t cell;
    } *order; /* while cells are written */
    struct place {
        uint64_t place;
        int64_t bucket; /* 0: a free slot */
    } places[PLACES];
    struct cell *gone; /* days of persons of which maybe nothing is left */
    size_t gone_count, gone_capacity;
    /* Of the document under way. */
    const struct store_document *document;
    int64_t starts[LENGTH(steps)], label;
    int by;
    const struct cell *added[ADDED]; /* while cells are written */
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
    memory_free(rollups->order);
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
    memset(rollups->places, 0, sizeof rollups->places);
    clear_cells(rollups);
}

/* ---- cells ---- */

static uint32_t *find_slot(const struct rollups *rollups, int64_t key) {
    size_t mask = rollups->capacity * 2 - 1;
    for (size_t at = hash_fold((uint64_t)key ^ HASH_SEED, HASH_STEP) & mask;;
         at = (at + 1) & mask) {
        uint32_t number = rollups->slots[at];
        if (number == 0 || rollups->cells[number - 1].key == key) return &rollups->slots[at];
    }
}

static void grow_cells(struct rollups *rollups) {
    rollups->capacity = rollups->capacity ? rollups->capacity * 2 : 1024;
    rollups->cells = memory_resize(rollups->cells, rollups->capacity * sizeof *rollups->cells);
    rollups->order = memory_resize(rollups->order, rollups->capacity * sizeof *rollups->order);
    memory_free(rollups->slots);
    rollups->slots = memory_zeroed(rollups->capacity * 2, sizeof *rollups->slots);
    for (size_t i = 0; i < rollups->count; i++)
        *find_slot(rollups, rollups->cells[i].key) = (uint32_t)i + 1;
}

static void add_cell(struct rollups *rollups, const struct cell *zero) {
    const struct store_document *document = rollups->document;
    if (rollups->count == rollups->capacity) grow_cells(rollups);
    uint32_t *slot = find_slot(rollups, zero->key);
    if (*slot == 0) {
        rollups->cells[rollups->count++] = *zero;
        *slot = (uint32_t)rollups->count;
    }
    struct cell *cell = &rollups->cells[*slot - 1];
    cell->posts += rollups->by;
    if (!document->message.scored) return;
    cell->scored += rollups->by;
    cell->score_sum += rollups->by * document->score_millionths;
}

/* ---- buckets ---- */

static bool run(struct rollups *rollups, sqlite3_stmt *statement, struct error *err) {
    bool row;
    return database_step(rollups->database, statement, &row, err);
}

static void bind_bucket(sqlite3_stmt *statement, size_t step, enum rollup_dimension dimension,
                        int64_t start) {
    sqlite3_bind_int64(statement, 1, steps[step]);
    sqlite3_bind_int(statement, 2, (int)dimension);
    sqlite3_bind_int64(statement, 3, start);
}

static bool add_bucket(struct rollups *rollups, int64_t *bucket, struct error *err) {
    if (!run(rollups, rollups->add_bucket, err)) return false;
    *bucket = sqlite3_last_insert_rowid(rollups->database->handle);
    if (*bucket <= ROLLUP_MOST_BUCKETS) return true;
    sqlite3_bind_int64(rollups->drop_bucket, 1, *bucket);
    *bucket = NO_BUCKET;
    return run(rollups, rollups->drop_bucket, err);
}

static bool look_up_bucket(struct rollups *rollups, size_t step, enum rollup_dimension dimension,
                           int64_t start, int64_t *bucket, struct error *err) {
    bool row;
    sqlite3_stmt *find = rollups->find_bucket;
    bind_bucket(find, step, dimension, start);
    if (!database_step(rollups->database, find, &row, err)) return false;
    *bucket = row ? sqlite3_column_int64(find, 0) : 0;
    sqlite3_reset(find);
    if (row) return true;
    bind_bucket(rollups->add_bucket, step, dimension, start);
    return add_bucket(rollups, bucket, err);
}

/* That of the document under way. */
static bool find_bucket(struct rollups *rollups, size_t step, enum rollup_dimension dimension,
                        int64_t *bucket, struct error *err) {
    int64_t start = rollups->starts[step];
    uint64_t place = make_place(step, dimension, start);
    struct place *known = &rollups->places[hash_fold(place ^ HASH_SEED, HASH_STEP) & (PLACES - 1)];
    if (known->bucket == 0 || known->place != place) {
        known->bucket = 0;
        if (!look_up_bucket(rollups, step, dimension, start, bucket, err)) return false;
        *known = (struct place){ place, *bucket };
    }
    *bucket = known->bucket;
    return true;
}

/* ---- what a document counts for ---- */

struct counted {
    int64_t values[ROLLUP_QUERIES];
    size_t count;
};

static bool count_in_steps(struct rollups *rollups, enum rollup_dimension dimension, int64_t value,
                           struct error *err) {
    for (size_t step = 0; step < LENGTH(steps); step++) {
        int64_t bucket = 0;
        if (!find_bucket(rollups, step, dimension, &bucket, err)) return false;
        if (bucket == NO_BUCKET) continue;
        add_cell(rollups, &(struct cell){ .key = rollup_key(bucket, value, rollups->label),
                                          .step = (unsigned char)step,
                                          .dimension = (unsigned char)dimension });
    }
    return true;
}

/* For one value, once. */
static bool count_value(struct rollups *rollups, enum rollup_dimension dimension,
                        struct slice value, struct counted *counted, struct error *err) {
    int64_t number;
    if (!rollup_value_find(rollups->values, dimension, value, rollups->by > 0, &number, err))
        return false;
    for (size_t i = 0; i < counted->count; i++)
        if (counted->values[i] == number) return true;
    counted->values[counted->count++] = number;
    return number == 0 || count_in_steps(rollups, dimension, number, err);
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
    for (size_t step = 0; step < LENGTH(steps); step++)
        rollups->starts[step] = step_start(store_seconds(document->created_ms), steps[step]);
    return rollup_value_find(rollups->values, ROLLUP_LABEL, document->message.label, by > 0,
                             &rollups->label, err) &&
           count_all(rollups, arena, err);
}

/* ---- writing ---- */

/* The parameters of row `at` of a statement. */
static void bind_sums(sqlite3_stmt *statement, size_t at, const struct cell *cell) {
    int first = (int)at * 4;
    sqlite3_bind_int64(statement, first + 1, cell->key);
    sqlite3_bind_int64(statement, first + 2, cell->posts);
    sqlite3_bind_int64(statement, first + 3, cell->scored);
    sqlite3_bind_int64(statement, first + 4, cell->score_sum);
}

static bool add_cell_row(struct rollups *rollups, const struct cell *cell, struct error *err) {
    bind_sums(rollups->add_many, rollups->added_count, cell);
    rollups->added[rollups->added_count++] = cell;
    if (rollups->added_count < ADDED) return true;
    rollups->added_count = 0;
    return run(rollups, rollups->add_many, err);
}

/* Those that are not enough for a statement of many. */
static bool add_rest(struct rollups *rollups, struct error *err) {
    for (size_t i = 0; i < rollups->added_count; i++) {
        bind_sums(rollups->add, 0, rollups->added[i]);
        if (!run(rollups, rollups->add, err)) return false;
    }
    return true;
}

/* A person's value may have no other row. */
static void note_gone(struct rollups *rollups, const struct cell *cell) {
    bool person = cell->dimension == ROLLUP_MENTION || cell->dimension == ROLLUP_AUTHOR;
    if (!person || steps[cell->step] != STEP_DAY) return;
    if (rollups->gone_count == rollups->gone_capacity) {
        rollups->gone_capacity = rollups->gone_capacity ? rollups->gone_capacity * 2 : 64;
        rollups->gone =
            memory_resize(rollups->gone, rollups->gone_capacity * sizeof *rollups->gone);
    }
    rollups->gone[rollups->gone_count++] = *cell;
}

static bool take_cell(struct rollups *rollups, const struct cell *cell, struct error *err) {
    bind_sums(rollups->take, 0, cell);
    sqlite3_bind_int64(rollups->drop, 1, cell->key);
    if (!run(rollups, rollups->take, err) || !run(rollups, rollups->drop, err)) return false;
    if (sqlite3_changes(rollups->database->handle)) note_gone(rollups, cell);
    return true;
}

static bool write_cell(struct rollups *rollups, const struct cell *cell, struct error *err) {
    if (cell->posts > 0) return add_cell_row(rollups, cell, err);
    if (cell->posts || cell->scored || cell->score_sum) return take_cell(rollups, cell, err);
    note_gone(rollups, cell); /* it came and went */
    return true;
}

/* When all cells are written: a value may be counted on another day by now. */
static bool sweep_gone(struct rollups *rollups, struct error *err) {
    for (size_t i = 0; i < rollups->gone_count; i++) {
        const struct cell *cell = &rollups->gone[i];
        if (!rollup_value_sweep(rollups->values, cell->dimension, rollup_value_of(cell->key), err))
            return false;
    }
    return true;
}

static int compare_keys(const void *a, const void *b) {
    const struct order *left = a, *right = b;
    return (left->key > right->key) - (left->key < right->key);
}

/* In the order of keys, so that rows are neighbours. */
static bool write_cells(struct rollups *rollups, struct error *err) {
    struct order *order = rollups->order;
    rollups->added_count = 0;
    for (size_t i = 0; i < rollups->count; i++)
        order[i] = (struct order){ rollups->cells[i].key, (uint32_t)i };
    if (rollups->count) qsort(order, rollups->count, sizeof *order, compare_keys);
    for (size_t i = 0; i < rollups->count; i++)
        if (!write_cell(rollups, &rollups->cells[order[i].cell], err)) return false;
    return add_rest(rollups, err);
}

bool rollups_write(struct rollups *rollups, struct error *err) {
    bool good = write_cells(rollups, err) && sweep_gone(rollups, err);
    clear_cells(rollups);
    return good;
}
