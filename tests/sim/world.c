/* tests/sim/world.h: chance, the trace, and what must hold. */
#include "world.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "database/format.h"
#include "process.h"
#include "store/dead_letters.h"
#include "store/spool_check.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct world *world;

void world_reset(uint64_t seed) {
    bool told = world->told;
    memset(world, 0, sizeof *world);
    world->told = told;
    world->chance = world->stream = hash_fold(seed, HASH_STEP);
    world->wall_ms = INT64_C(1780000000000);
    world->next = 1;
}

uint64_t draw(uint64_t limit) { return sim_draw(&world->chance) % limit; }

bool chance(uint64_t times) { return draw(times) == 0; }

void step_wall(void) {
    static const int64_t steps_ms[] = { -1200000, 1200000, 86400000, 3600000 };
    int64_t now_ms = (int64_t)(world->now_ns / 1000000);
    switch (draw(6)) {
    case 0: world->wall_ms = -now_ms; break;
    case 1: world->wall_ms = INT64_C(2208988800000) - now_ms; break;
    default: world->wall_ms += steps_ms[draw(LENGTH(steps_ms))];
    }
    trace("wall", "clock", (uint64_t)world->wall_ms);
}

uint64_t draw_delay_ns(void) {
    if (chance(2000)) return 30 * UINT64_C(1000000000); /* a disk that stalls */
    switch (draw(16)) {
    case 0: return draw(3000) * 1000000;
    case 1:
    case 2:
    case 3: return draw(20) * 1000000;
    default: return 0;
    }
}

void trace(const char *what, const char *name, uint64_t number) {
    world->trace = hash_fold(world->trace ^ hash_bytes(slice_of(what)), HASH_STEP);
    world->trace = hash_fold(world->trace ^ hash_bytes(slice_of(name)), HASH_STEP);
    world->trace = hash_fold(world->trace ^ number ^ world->now_ns, HASH_STEP);
    if (world->told)
        printf("%14.6f %s %s %" PRIu64 "\n", (double)world->now_ns / 1e9, what, name, number);
}

void broken(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->broken, sizeof world->broken, format, arguments);
    va_end(arguments);
    trace("broken:", world->broken, 0);
    fflush(stdout);
    _exit(PROCESS_BROKEN);
}

/* ---- at every moment ------------------------------------------------------------------------ */

static void check_sum(const char *name, const void *sums, const struct sum_part *parts, int count) {
    uint64_t all = 0;
    for (int i = 1; i < count; i++)
        all += sum_value(sums, &parts[i]);
    if (all != sum_value(sums, &parts[0]))
        broken("%s of %s is %" PRIu64 ", its parts are %" PRIu64, parts[0].name, name,
               sum_value(sums, &parts[0]), all);
}

void check_sums(const struct pipeline_sums *sums) {
    for (size_t i = 0; i < sums->source_count; i++)
        check_sum(sums->sources[i].name, &sums->sources[i], source_parts, SOURCE_PARTS);
    for (size_t i = 0; i < sums->reader_count; i++)
        check_sum(sums->readers[i].name, &sums->readers[i], reader_parts, READER_PARTS);
}

/* More than that is a backlog: events come a minute or more apart. */
#define MOST_PENDING 3

void check_others_go_on(const struct pipeline_sums *sums) {
    for (size_t i = 0; i < sums->reader_count; i++) {
        const struct reader_sums *reader = &sums->readers[i];
        if (strcmp(reader->name, "bulk") != 0 && reader->pending > MOST_PENDING)
            broken("%s has %" PRIu64 " pending, though it could go on", reader->name,
                   reader->pending);
    }
}

/* ---- at the end ----------------------------------------------------------------------------- */

/* What must have become of the events. */
struct outcome {
    uint32_t version[MOST_EVENTS + 1]; /* the event that a post has its text of; 0: it is gone */
    bool poison[MOST_EVENTS + 1];      /* the index refuses it */
    uint64_t control, malformed, duplicate, filtered, kept, poisoned;
};

static void foresee(struct outcome *outcome, uint64_t number) {
    struct event event = event_of(number);
    uint32_t *version = &outcome->version[event.post];
    bool *poison = &outcome->poison[event.post];
    switch (event.kind) {
    case CONTROL: outcome->control++; return;
    case MALFORMED: outcome->malformed++; return;
    case REPEAT: outcome->duplicate++; return;
    case EDIT:
        if (*version == 0) {
            outcome->filtered++;
            return;
        }
        *poison = false;
        break;
    case DELETE:
        if (*version == 0) {
            outcome->duplicate++;
            return;
        }
        break;
    case POISON: outcome->poisoned++, *poison = true; break;
    case CREATE: break;
    }
    *version = event.kind == DELETE ? 0 : (uint32_t)number;
    outcome->kept++;
}

static void expect_number(const char *whose, const char *what, uint64_t is, uint64_t should) {
    if (is != should) broken("%s %s: %" PRIu64 ", not %" PRIu64, whose, what, is, should);
}

static void check_source(const struct source_sums *sums, const struct outcome *outcome) {
    expect_number("stream", "received", sums->received, world->events);
    expect_number("stream", "control", sums->control, outcome->control);
    expect_number("stream", "malformed", sums->malformed, outcome->malformed);
    expect_number("stream", "duplicate", sums->duplicate, outcome->duplicate);
    expect_number("stream", "filtered", sums->filtered, outcome->filtered);
}

static void check_reader(const struct reader_sums *sums, const struct outcome *outcome) {
    bool index = strcmp(sums->name, "index") == 0 || strcmp(sums->name, "bulk") == 0;
    if (strcmp(sums->name, "extra") == 0) return; /* it came later, or has gone */
    uint64_t dead = index ? outcome->poisoned : 0;
    expect_number(sums->name, "spooled", sums->spooled, outcome->kept);
    expect_number(sums->name, "delivered", sums->delivered, outcome->kept - dead);
    expect_number(sums->name, "dead", sums->dead, dead);
}

static void check_index(const struct outcome *outcome) {
    for (uint32_t post = 1; post <= world->events; post++) {
        uint32_t should = outcome->poison[post] ? 0 : outcome->version[post];
        if (world->index[post].version != should)
            broken("post %u is in the index as of event %u, not %u", post,
                   world->index[post].version, should);
    }
}

static void check_bulk(const struct outcome *outcome) {
    for (uint32_t post = 1; post <= world->events; post++) {
        uint32_t should = outcome->poison[post] ? 0 : outcome->version[post];
        if (world->bulk[post].event != should)
            broken("post %u is in the index behind HTTP as of event %u, not %u", post,
                   world->bulk[post].event, should);
    }
}

/* Calls `each` for the rows of a database that the processes wrote. */
static void read_rows(const char *path, const struct database_format *format, const char *sql,
                      void (*each)(void *context, sqlite3_stmt *row), void *context) {
    struct database database;
    struct error err;
    bool row = true;
    if (!database_open(&database, path, format, DATABASE_WRITE, &err)) broken("%s", err.text);
    sqlite3_stmt *rows = database_prepare(&database, sql, &err);
    if (rows == NULL) broken("%s", err.text);
    while (database_step(&database, rows, &row, &err) && row)
        each(context, rows);
    if (row) broken("%s", err.text);
    sqlite3_finalize(rows);
    database_close(&database);
}

static void take_row(void *context, sqlite3_stmt *row) {
    struct outcome *outcome = context;
    const char *key = (const char *)sqlite3_column_text(row, 0);
    const char *at = strrchr(key, key[0] == 'a' ? '/' : ':');
    unsigned long post = strtoul(at + 1, NULL, 10);
    unsigned long version = strtoul((const char *)sqlite3_column_text(row, 1) + 1, NULL, 10);
    if (outcome->version[post] != version)
        broken("post %lu is in the store as of event %lu, not %u", post, version,
               outcome->version[post]);
    outcome->version[post] = 0;
}

static void check_store(struct outcome *outcome) {
    read_rows("/state/" STORE_FILE, &store_format, "SELECT id, text FROM post", take_row, outcome);
    for (uint32_t post = 1; post <= world->events; post++)
        if (outcome->version[post]) broken("post %u is not in the store", post);
}

static void ignore_letter(void *context, const struct dead_letter *letter) {
    (void)context, (void)letter;
}

static void check_letters(const struct outcome *outcome, unsigned refusers) {
    struct dead_letters letters;
    struct error err;
    size_t count = 0;
    if (outcome->poisoned == 0) return;
    if (!dead_letters_open(&letters, "/state/" DEAD_LETTERS_FILE, DATABASE_WRITE, &err) ||
        !dead_letters_each(&letters, 0, ignore_letter, NULL, &count, &err))
        broken("%s", err.text);
    dead_letters_close(&letters);
    expect_number("dead", "letters", count, refusers * outcome->poisoned);
}

static void tell_damage(void *context, const struct checked_damage *damage) {
    (void)context;
    broken("%" PRIu64 " bytes of %s are damaged", damage->bytes, damage->path);
}

static void tell_segment(void *context, const struct checked_segment *segment) {
    (void)context;
    if (segment->header_damaged) broken("the header of %s is damaged", segment->path);
}

static void tell_cursor(void *context, const struct checked_cursor *cursor) {
    (void)context;
    if (cursor->wrong) broken("cursor %s: %s", cursor->name, cursor->wrong);
}

static void check_spool(void) {
    static const struct spool_checker checker = { tell_damage, tell_segment, tell_cursor, NULL };
    struct spool_checked found;
    struct error err;
    if (!spool_check("/state", &checker, &found, &err)) broken("spool check: %s", err.text);
    if (found.missing) broken("%" PRIu64 " records are missing in the spool", found.missing);
}

/* What was kept is there once. */
static void check_archive(void) {
    struct outcome *outcome = memory_zeroed(1, sizeof *outcome);
    const uint32_t *found = look_at_archive();
    for (uint64_t number = 1; number <= world->events; number++) {
        uint64_t before = outcome->kept;
        foresee(outcome, number);
        bool kept = outcome->kept > before;
        if (kept && found[number] != 1)
            broken("event %" PRIu64 " is in the archive %u times", number, found[number]);
    }
    memory_free(outcome);
}

static struct outcome *foresee_all(void) {
    struct outcome *outcome = memory_zeroed(1, sizeof *outcome);
    for (uint64_t number = 1; number <= world->events; number++)
        foresee(outcome, number);
    return outcome;
}

void check_last_sums(const struct pipeline_sums *sums) {
    struct outcome *outcome = foresee_all();
    check_source(&sums->sources[0], outcome);
    for (size_t i = 0; i < sums->reader_count; i++)
        check_reader(&sums->readers[i], outcome);
    memory_free(outcome);
}

void check_servers_and_disk(bool store, bool archive, bool bulk) {
    struct outcome *outcome = foresee_all();
    check_index(outcome);
    if (bulk) check_bulk(outcome);
    check_letters(outcome, bulk ? 2 : 1);
    check_spool();
    if (store) check_store(outcome);
    if (archive) check_archive();
    memory_free(outcome);
}
