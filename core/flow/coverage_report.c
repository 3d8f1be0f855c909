/* flow/coverage_report.h */
#include "flow/coverage_report.h"
#include "base/alloc.h"
#include "store/file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* An open interval goes on until now if it was written so lately; else the ledger cannot be. */
#define FRESH_MS 30000

struct reading {
    struct coverage_report *report;
    struct arena *arena;
    uint64_t last_run;
};

static void *grow(struct arena *arena, const void *items, size_t count, size_t *room, size_t size) {
    *room = MAX(2 * *room, (size_t)8);
    void *grown = arena_alloc(arena, *room * size);
    if (count) memcpy(grown, items, count * size);
    return grown;
}

static struct coverage_part *part_of(struct reading *reading, struct slice name, bool is_sink) {
    struct coverage_report *report = reading->report;
    for (size_t i = 0; i < report->count; i++)
        if (report->parts[i].is_sink == is_sink && slice_equal(report->parts[i].name, name))
            return &report->parts[i];
    if (report->count == report->room)
        report->parts = grow(reading->arena, report->parts, report->count, &report->room,
                             sizeof *report->parts);
    struct coverage_part *part = &report->parts[report->count++];
    *part = (struct coverage_part){ .name = arena_copy(reading->arena, name), .is_sink = is_sink };
    return part;
}

static void part_add(struct reading *reading, struct coverage_part *part,
                     const struct ledger_interval *interval) {
    const struct coverage_report *report = reading->report;
    if (interval->to_ms < report->from_ms || interval->from_ms > report->to_ms) return;
    if (part->count == part->room)
        part->intervals = grow(reading->arena, part->intervals, part->count, &part->room,
                               sizeof *part->intervals);
    part->intervals[part->count++] = *interval;
    part->lost += part->is_sink ? interval->count : 0;
}

static void take(void *context, const struct ledger_interval *told) {
    struct reading *reading = context;
    bool is_sink = told->kind == LEDGER_DROP || told->kind == LEDGER_DAMAGE;
    struct coverage_part *part = part_of(reading, told->part, is_sink);
    struct ledger_interval interval = *told;
    interval.part = part->name;
    interval.reason = arena_copy(reading->arena, told->reason);
    interval.open = told->open && told->run == reading->last_run && reading->report->running;
    if (interval.open && reading->report->to_ms - interval.to_ms < FRESH_MS)
        interval.to_ms = MAX(interval.to_ms, reading->report->to_ms);
    part->last = interval;
    part_add(reading, part, &interval);
}

/* Nobody runs: what is live has not been heard since. */
static void end_part(struct reading *reading, struct coverage_part *part) {
    const struct coverage_report *report = reading->report;
    part->is_former = part->last.run != reading->last_run;
    part->live = part->last.live;
    part->goes_on = part->last.open;
    if (report->running || part->is_sink || !part->live || part->is_former) return;
    if (part->last.to_ms >= report->to_ms) return;
    struct ledger_interval gap = part->last;
    gap.kind = LEDGER_GAP;
    gap.from_ms = part->last.to_ms;
    gap.to_ms = report->to_ms;
    gap.open = true;
    gap.count = 0;
    gap.reason = SLICE("linnet is not running");
    part->goes_on = true;
    part_add(reading, part, &gap);
}

/* ---- how long of what ----------------------------------------------------------------------- */

/* Where an interval begins (+1) or ends (-1). */
struct edge {
    int64_t at_ms;
    enum ledger_kind kind;
    int step;
};

static int edge_order(const void *a, const void *b) {
    const struct edge *first = a, *second = b;
    return (first->at_ms > second->at_ms) - (first->at_ms < second->at_ms);
}

static void add_lengths(struct coverage_part *part, int64_t from_ms, int64_t to_ms) {
    int open[LEDGER_KINDS] = { 0 };
    struct edge *edges = memory_alloc(2 * part->count * sizeof *edges);
    for (size_t i = 0; i < part->count; i++) {
        const struct ledger_interval *one = &part->intervals[i];
        edges[2 * i] = (struct edge){ MAX(one->from_ms, from_ms), one->kind, 1 };
        edges[2 * i + 1] = (struct edge){ MIN(one->to_ms, to_ms), one->kind, -1 };
    }
    qsort(edges, 2 * part->count, sizeof *edges, edge_order);
    for (size_t i = 0; i + 1 < 2 * part->count; i++) {
        open[edges[i].kind] += edges[i].step;
        int64_t length_ms = edges[i + 1].at_ms - edges[i].at_ms;
        if (open[LEDGER_GAP] > 0)
            part->gap_ms += length_ms;
        else if (open[LEDGER_PAUSE] > 0)
            part->pause_ms += length_ms;
        else if (open[LEDGER_COVERED] > 0)
            part->covered_ms += length_ms;
    }
    memory_free(edges);
}

double coverage_share(const struct coverage_part *part) {
    int64_t known_ms = part->covered_ms + part->gap_ms + part->pause_ms;
    return known_ms > 0 ? (double)part->covered_ms / (double)known_ms : -1;
}

bool coverage_worst(const struct coverage_part *part, int64_t from_ms, int64_t to_ms,
                    enum ledger_kind *kind) {
    static const int badness[LEDGER_KINDS] = {
        [LEDGER_COVERED] = 1, [LEDGER_PAUSE] = 2, [LEDGER_GAP] = 3
    };
    int worst = 0;
    for (size_t i = 0; i < part->count; i++) {
        const struct ledger_interval *one = &part->intervals[i];
        if (one->to_ms <= from_ms || one->from_ms >= to_ms || badness[one->kind] <= worst) continue;
        worst = badness[one->kind];
        *kind = one->kind;
    }
    return worst > 0;
}

bool coverage_report_read(const char *folder, int64_t from_ms, int64_t now_ms, bool running,
                          struct arena *arena, struct coverage_report *report, struct error *err) {
    char path[PATH_BYTES];
    struct os_info info;
    struct ledger ledger;
    *report = (struct coverage_report){ .from_ms = from_ms, .to_ms = now_ms, .running = running };
    struct reading reading = { .report = report, .arena = arena };
    snprintf(path, sizeof path, "%.3500s/" LEDGER_FILE, folder);
    if (os_stat(path, &info) && info.kind == OS_MISSING) return true;
    if (!ledger_open(&ledger, path, DATABASE_READ, err)) return false;
    bool good = ledger_last_run(&ledger, &reading.last_run, err) &&
                ledger_each(&ledger, from_ms, take, &reading, err);
    ledger_close(&ledger);
    for (size_t i = 0; i < report->count && good; i++) {
        struct coverage_part *part = &report->parts[i];
        end_part(&reading, part);
        if (!part->is_sink && part->count) add_lengths(part, from_ms, now_ms);
    }
    return good;
}
