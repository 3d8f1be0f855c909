/* An archive's lives on a disk in memory: a log whose records it is given, kills and failures, and
 * what lies in the archive in the end. */
#ifndef TESTS_ARCHIVE_LIFE_H
#define TESTS_ARCHIVE_LIFE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka needs the four on top */
#include <cmocka.h>

#include "../sim/os_sim.h"
#include "archive/gather.h"
#include "base/os.h"
#include <stdio.h>

#define RECORDS 60
#define TO "/archive"
#define INTENTS "/state/out"
#define LOG SLICE("0123456789abcdef")

/* ---- a log, and its reader ------------------------------------------------------------------ */

static struct record records[RECORDS + 1]; /* by sequence, from 1 */
static char raws[RECORDS + 1][8];
static uint64_t durable;                     /* the cursor on disk */
static bool settled[RECORDS + 2], forgetful; /* it does not move */
static uint64_t gone, gone_end;              /* records that were damaged meanwhile */
static uint64_t noise;
static const char *to;

static const struct sink_context context = { .name = "out", .log = LOG };
static struct gather_settings settings;
static struct arena arena;
static struct error err;

static void make_records(void) {
    static const struct slice queries[] = { SLICE("coffee"), SLICE("tea"), SLICE("milk") };
    for (uint64_t i = 1; i <= RECORDS; i++) {
        snprintf(raws[i], sizeof raws[i], "r%03d", (int)i);
        records[i] = (struct record){ .sequence = i,
                                      .received_ms = 1772860142345,
                                      .key = SLICE("x:1"),
                                      .queries = &queries[i * i % 7 % 3],
                                      .query_count = 1,
                                      .raw = slice_of(raws[i]) };
    }
}

static void use_prefix(const char *prefix) {
    if (!prefix_compile(prefix, PREFIX_RECORDS, &arena, &settings.prefix, &err))
        fail_msg("%s", err.text);
}

static int start(void **state) {
    (void)state;
    sim_reset();
    arena_init(&arena);
    make_records();
    durable = 1;
    to = TO;
    gone = gone_end = 0;
    noise = 1;
    forgetful = false;
    settings = (struct gather_settings){ .name = "out",
                                         .style = { .context = &context, .delimiter = SLICE("\n") },
                                         .stream = "out",
                                         .size = 35,
                                         .interval_ms = 900000 };
    use_prefix("!{query}/");
    return os_make_private_folder("/state") && os_sync_folder("/") ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

/* ---- a life of the sink --------------------------------------------------------------------- */

struct life {
    struct archive_target *target;
    struct intents *intents;
    struct gatherer gatherer;
    struct gathering *all[RECORDS];
    size_t count;
    bool lost;
};

/* False: killed, or not able to start. */
static bool begin_life(struct life *life) {
    const struct archive_options options = { .to = to };
    memset(settled, 0, sizeof settled);
    *life = (struct life){ .target = folder_target.open(&options, &context, &err) };
    if (life->target) life->intents = intents_open(INTENTS, LOG, &err);
    if (life->intents == NULL) return false;
    settings.parts = life->target->parts;
    gatherer_init(&life->gatherer, &settings, life->target, life->intents);
    return true;
}

static void end_life(struct life *life) {
    if (life->intents) {
        gatherer_free(&life->gatherer);
        intents_close(life->intents);
    }
    if (life->target) life->target->ops->close(life->target);
    for (size_t i = 0; i < life->count; i++)
        free(life->all[i]);
}

/* Answers are in any order; the cursor on disk comes behind, or not yet. */
static void settle(struct life *life) {
    uint64_t next = durable;
    for (struct gathering *at = life->gatherer.finished; at; at = at->next)
        for (size_t i = 0; i < at->count; i++)
            settled[at->records[i].sequence] = true;
    life->gatherer.finished = NULL;
    while (next <= RECORDS && settled[next])
        next++;
    if (!forgetful && !sim_is_dead() && sim_draw(&noise) % 3 == 0) durable = next;
}

/* What one step of work does; again while it fails, as long as it lives. */
static bool work(struct life *life, struct gathering *gathering, bool all) {
    for (int tries = 0; tries < 100 && !sim_is_dead(); tries++) {
        enum gathered end = GATHERED_ALL;
        intents_pass(life->intents, durable);
        if (gathering) end = gatherer_take(&life->gatherer, gathering, &err);
        gatherer_seal(&life->gatherer, all);
        bool finished = gatherer_finish(&life->gatherer, &life->lost, &err);
        settle(life);
        if (life->lost) return false;
        if (finished && end == GATHERED_ALL) return true;
    }
    return false;
}

static struct gathering *hand_over(struct life *life, uint64_t first, size_t count) {
    struct gathering *gathering = calloc(1, sizeof *gathering);
    *gathering = (struct gathering){ .records = &records[first], .count = count };
    return life->all[life->count++] = gathering;
}

/* False: it was killed. */
static bool take_all(struct life *life, uint64_t first, uint64_t last) {
    for (uint64_t at = first, count; at <= last; at += count) {
        count = 1 + sim_draw(&noise) % 7;
        count = MIN(count, last + 1 - at);
        if (at >= gone && at < gone_end) {
            count = gone_end - at;
            continue;
        }
        if (at < gone) count = MIN(count, gone - at);
        if (!work(life, hand_over(life, at, count), false)) return false;
    }
    return true;
}

static bool live(struct sim_fault fault) {
    struct life life;
    fault.calls = SIM_CHANGES;
    sim_inject(fault);
    bool lived = begin_life(&life);
    lived = lived && take_all(&life, durable, RECORDS) && work(&life, NULL, true);
    end_life(&life);
    return lived;
}

/* ---- what is in the archive ----------------------------------------------------------------- */

static unsigned found[RECORDS + 1], objects;

static void read_object(const char *path) {
    size_t length;
    const char *bytes = sim_bytes(path, &length);
    struct slice left = slice_from(bytes, length);
    objects++;
    while (left.length) {
        if (left.length < 5 || left.data[0] != 'r' || left.data[4] != '\n')
            fail_msg("%s: %.*s", path, SLICE_ARGS(slice_first(left, 50)));
        long record = strtol(left.data + 1, NULL, 10);
        assert_in_range(record, 1, RECORDS);
        found[record]++;
        left = slice_skip(left, 5);
    }
}

static void look_at(void *above, const char *name) {
    char path[256];
    struct os_info info;
    snprintf(path, sizeof path, "%s/%s", (const char *)above, name);
    if (name[0] == '.') fail_msg("%s was left behind", path);
    assert_true(os_stat(path, &info));
    if (info.kind == OS_FILE)
        read_object(path);
    else
        assert_true(os_list_folder(path, look_at, path));
}

static void read_archive(void) {
    memset(found, 0, sizeof found);
    objects = 0;
    assert_true(os_list_folder(TO, look_at, (void *)TO));
}

static void assert_each_once(const char *what, uint64_t call) {
    read_archive();
    for (int i = 1; i <= RECORDS; i++)
        if (found[i] != 1)
            fail_msg("%s %d: record %d is there %u times", what, (int)call, i, found[i]);
}

#endif
