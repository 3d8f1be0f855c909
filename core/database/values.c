/* database/values.h */
#include "database/values.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/hash.h"
#include "database/rollup.h"

/* What is remembered; then it begins anew. */
#define SLOTS ((size_t)1 << 17)
#define REMEMBERED (SLOTS / 2)

struct known {
    int64_t number; /* 0: a free slot */
    uint64_t hash;
    struct slice value;
    int dimension;
};

struct rollup_values {
    struct database *database;
    sqlite3_stmt *find, *add, *drop, *add_label, *sweep;
    struct known *slots;
    size_t count;
    struct arena arena; /* the texts */
};

struct rollup_values *rollup_values_create(struct database *database) {
    struct rollup_values *values = memory_zeroed(1, sizeof *values);
    values->database = database;
    values->slots = memory_zeroed(SLOTS, sizeof *values->slots);
    arena_init(&values->arena);
    return values;
}

void rollup_values_destroy(struct rollup_values *values) {
    rollup_values_close(values);
    arena_free(&values->arena);
    memory_free(values->slots);
    memory_free(values);
}

bool rollup_values_open(struct rollup_values *values, struct error *err) {
    static const char find[] =
        "SELECT number FROM rollup_value WHERE dimension = ?1 AND value = ?2";
    static const char add[] = "INSERT INTO rollup_value (dimension, value) VALUES (?1, ?2)";
    static const char drop[] = "DELETE FROM rollup_value WHERE number = ?1";
    /* Labels are numbered from 1, and never go. */
    static const char add_label[] =
        "INSERT OR IGNORE INTO rollup_value (number, dimension, value)"
        " SELECT count(*), ?1, ?2 FROM rollup_value WHERE dimension = ?1";
    /* Every counted value has a row of a day. */
    static const char sweep[] =
        "DELETE FROM rollup_value WHERE number = ?2 AND NOT EXISTS"
        " (SELECT 1 FROM rollup_bucket AS day CROSS JOIN rollup_count WHERE step = 86400"
        " AND dimension = ?1 AND key BETWEEN day.number << 36 | ?3 AND day.number << 36 | ?4)"
        " RETURNING value";
    return (values->find = database_prepare(values->database, find, err)) &&
           (values->add = database_prepare(values->database, add, err)) &&
           (values->drop = database_prepare(values->database, drop, err)) &&
           (values->add_label = database_prepare(values->database, add_label, err)) &&
           (values->sweep = database_prepare(values->database, sweep, err));
}

void rollup_values_close(struct rollup_values *values) {
    sqlite3_finalize(values->find);
    sqlite3_finalize(values->add);
    sqlite3_finalize(values->drop);
    sqlite3_finalize(values->add_label);
    sqlite3_finalize(values->sweep);
    values->find = values->add = values->drop = values->add_label = values->sweep = NULL;
}

void rollup_values_forget(struct rollup_values *values) {
    if (values->count) memset(values->slots, 0, SLOTS * sizeof *values->slots);
    values->count = 0;
    arena_reset(&values->arena, ARENA_BLOCK_BYTES);
}

struct slice rollup_value_cut(struct slice value) {
    size_t length = ROLLUP_VALUE_BYTES;
    if (value.length <= length) return value;
    while (length > ROLLUP_VALUE_BYTES - 4 && ((unsigned char)value.data[length] & 0xC0) == 0x80)
        length--;
    return slice_first(value, length);
}

/* 0: no number is left. */
static bool add_value(struct rollup_values *values, int dimension, struct slice value,
                      int64_t *number, struct error *err) {
    bool row;
    sqlite3 *handle = values->database->handle;
    sqlite3_stmt *add = dimension == ROLLUP_LABEL ? values->add_label : values->add;
    sqlite3_bind_int(add, 1, dimension);
    bind_slice(add, 2, value);
    if (!database_step(values->database, add, &row, err)) return false;
    *number = 0;
    if (sqlite3_changes(handle) == 0) return true;
    int64_t added = sqlite3_last_insert_rowid(handle);
    if (added <= ROLLUP_MOST_VALUES) {
        *number = added;
        return true;
    }
    sqlite3_bind_int64(values->drop, 1, added);
    return database_step(values->database, values->drop, &row, err);
}

static bool look_up(struct rollup_values *values, int dimension, struct slice value, bool make,
                    int64_t *number, struct error *err) {
    bool row;
    sqlite3_bind_int(values->find, 1, dimension);
    bind_slice(values->find, 2, value);
    if (!database_step(values->database, values->find, &row, err)) return false;
    *number = row ? sqlite3_column_int64(values->find, 0) : 0;
    sqlite3_reset(values->find);
    return row || !make || add_value(values, dimension, value, number, err);
}

static uint64_t hash_of(int dimension, struct slice value) {
    return hash_fold(hash_bytes(value) ^ (uint64_t)dimension, HASH_STEP);
}

/* Where it is, or the free slot where it belongs. */
static struct known *find_known(struct rollup_values *values, int dimension, struct slice value) {
    uint64_t hash = hash_of(dimension, value);
    size_t at = hash & (SLOTS - 1);
    for (; values->slots[at].number; at = (at + 1) & (SLOTS - 1)) {
        struct known *known = &values->slots[at];
        if (known->hash == hash && known->dimension == dimension &&
            slice_equal(known->value, value))
            break;
    }
    return &values->slots[at];
}

bool rollup_value_find(struct rollup_values *values, int dimension, struct slice value, bool make,
                       int64_t *number, struct error *err) {
    value = value.length ? rollup_value_cut(value) : SLICE("");
    struct known *known = find_known(values, dimension, value);
    *number = known->number;
    if (*number) return true;
    if (!look_up(values, dimension, value, make, number, err)) return false;
    if (*number == 0) {
        if (dimension == ROLLUP_LABEL) *number = ROLLUP_NO_LABEL;
        return true;
    }
    if (values->count == REMEMBERED) {
        rollup_values_forget(values);
        known = find_known(values, dimension, value);
    }
    *known = (struct known){ *number, hash_of(dimension, value), arena_copy(&values->arena, value),
                             dimension };
    values->count++;
    return true;
}

#define NO_DIMENSION (-1) /* of a slot that was swept: it is not free, and nobody's */

bool rollup_value_sweep(struct rollup_values *values, int dimension, int64_t number,
                        struct error *err) {
    bool row = true;
    sqlite3_stmt *sweep = values->sweep;
    sqlite3_bind_int(sweep, 1, dimension);
    sqlite3_bind_int64(sweep, 2, number);
    sqlite3_bind_int64(sweep, 3, rollup_key(0, number, 0));
    sqlite3_bind_int64(sweep, 4, rollup_key(0, number, ROLLUP_NO_LABEL));
    if (!database_step(values->database, sweep, &row, err)) return false;
    if (row) {
        struct known *known = find_known(values, dimension, column_slice(sweep, 0));
        if (known->number) known->dimension = NO_DIMENSION;
    }
    return !row || database_step(values->database, sweep, &row, err);
}
