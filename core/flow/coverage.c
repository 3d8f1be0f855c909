/* flow/coverage.h: intervals in memory, from event to event. */
#include "base/alloc.h"
#include "base/clock.h"
#include "flow/coverage_internal.h"
#include <stdio.h>

#define TICK_MS 1000
/* How often the end of what goes on is written. */
#define WRITE_MS 10000
/* The loop did not come round for so long: the process was stopped, or the machine. */
#define ABSENT_MS 5000
/* The wall clock went otherwise than time by so much: it was set. */
#define STEP_MS 2000
/* Shorter waits for room are how a pipeline breathes. */
#define SHORTEST_PAUSE_MS 1000
/* Losses of a sink that follow each other sooner are one interval. */
#define SAME_LOSS_MS 60000
#define ABSENT "the process was stopped, or the machine slept"

/* ---- time ----------------------------------------------------------------------------------- */

/* What goes on ends by the clock as it was, and begins again by the clock as it is. */
static void clock_was_set(struct coverage *coverage, int64_t old_ms, int64_t new_ms) {
    for (struct cover *cover = coverage->covers; cover; cover = cover->next) {
        if (cover->is_sink || !cover->open) continue;
        struct span now = cover->now;
        span_end(cover, old_ms);
        cover->now = span_new(coverage, now.kind, new_ms, now.reason);
        cover->open = true;
        if (cover->paused_ms) cover->paused_ms = new_ms;
    }
}

/* Nothing was heard between the two; of a recorded source nothing was lost. */
static void was_absent(struct coverage *coverage, int64_t from_ms, int64_t to_ms) {
    for (struct cover *cover = coverage->covers; cover; cover = cover->next) {
        if (!cover->open || !cover->live || cover->now.kind == LEDGER_GAP) continue;
        enum ledger_kind kind = cover->now.kind;
        char reason[COVER_REASON_BYTES];
        cover_take_text(reason, cover->now.reason);
        span_turn(cover, LEDGER_GAP, from_ms, ABSENT);
        span_turn(cover, kind, to_ms, reason);
    }
}

/* The wall clock, after looking whether it went on as time did. Every event asks here first. */
static int64_t look_at_clocks(struct coverage *coverage) {
    int64_t wall_ms = clock_wall_ms();
    uint64_t boot_ns = clock_boot_ns();
    int64_t passed_ms = (int64_t)((boot_ns - coverage->boot_ns) / 1000000);
    int64_t last_ms = coverage->wall_ms, foreseen_ms = last_ms + passed_ms;
    coverage->wall_ms = wall_ms;
    coverage->boot_ns = boot_ns;
    bool set = wall_ms - foreseen_ms > STEP_MS || foreseen_ms - wall_ms > STEP_MS;
    if (passed_ms > ABSENT_MS) was_absent(coverage, last_ms, set ? foreseen_ms : wall_ms);
    if (set) clock_was_set(coverage, foreseen_ms, wall_ms);
    return wall_ms;
}

static void begin_pauses(struct coverage *coverage, int64_t now_ms) {
    for (struct cover *cover = coverage->covers; cover; cover = cover->next)
        if (cover->open && cover->paused_ms && cover->now.kind == LEDGER_COVERED &&
            now_ms - cover->paused_ms >= SHORTEST_PAUSE_MS)
            span_turn(cover, LEDGER_PAUSE, cover->paused_ms, cover->pause);
}

static void tick(struct timer *timer) {
    struct coverage *coverage = CONTAINER_OF(timer, struct coverage, tick);
    int64_t now_ms = look_at_clocks(coverage);
    begin_pauses(coverage, now_ms);
    bool due = coverage->boot_ns - coverage->written_ns >= (uint64_t)WRITE_MS * 1000000 ||
               coverage->ticks++ < 2; /* what is killed soon was there all the same */
    if (coverage->changed || due) coverage_write(coverage);
    timer_start(coverage->loop, timer, TICK_MS);
}

/* ---- sources -------------------------------------------------------------------------------- */

static struct cover *cover_find(struct coverage *coverage, const char *name, bool is_sink) {
    struct cover **link = &coverage->covers;
    while (*link && ((*link)->is_sink != is_sink || strcmp((*link)->name, name) != 0))
        link = &(*link)->next;
    if (*link) return *link;
    struct cover *cover = memory_zeroed(1, sizeof *cover);
    *cover =
        (struct cover){ .coverage = coverage, .name = memory_copy_text(name), .is_sink = is_sink };
    return *link = cover;
}

struct cover *coverage_source(struct coverage *coverage, const char *name) {
    return cover_find(coverage, name, false);
}

void cover_begin(struct cover *cover) {
    int64_t now_ms = look_at_clocks(cover->coverage);
    /* A live source that was taken up again: what lay between was a gap. */
    bool again = cover->now.number && cover->live && !cover->ended_for_good && !cover->open;
    if (again) {
        cover->now = span_new(cover->coverage, LEDGER_GAP, cover->now.to_ms, "it began anew");
        cover->open = true;
    }
    cover->ended_for_good = false;
    cover->paused_ms = 0;
    span_turn(cover, LEDGER_COVERED, now_ms, "");
    cover->live = false;
}

/* What the run before left, the ledger's thread finds out with the first interval of this one. */
static void become_live(struct cover *cover) {
    if (!cover->joined) cover->now.absence = ++cover->coverage->numbers;
    cover->joined = cover->live = true;
    cover->coverage->changed = true;
}

void cover_connected(struct cover *cover) {
    int64_t now_ms = look_at_clocks(cover->coverage);
    become_live(cover);
    if (cover->now.kind == LEDGER_GAP) span_turn(cover, LEDGER_COVERED, now_ms, "");
}

void cover_gap(struct cover *cover, int64_t since_ms, const char *reason) {
    int64_t now_ms = look_at_clocks(cover->coverage);
    become_live(cover);
    if (cover->now.kind == LEDGER_GAP) return;
    span_turn(cover, LEDGER_GAP, since_ms ? MIN(since_ms, now_ms) : now_ms, reason);
}

/* One of the two is in the other, by and large: their ends were not noted in the same moment. */
static bool is_same_time(const struct span *span, int64_t from_ms, int64_t to_ms) {
    int64_t middle_ms = span->from_ms + (span->to_ms - span->from_ms) / 2;
    int64_t other_ms = from_ms + (to_ms - from_ms) / 2;
    return (middle_ms >= from_ms && middle_ms <= to_ms) ||
           (other_ms >= span->from_ms && other_ms <= span->to_ms);
}

void cover_gap_closed(struct cover *cover, int64_t from_ms, int64_t to_ms, const char *how) {
    char reason[2 * COVER_REASON_BYTES];
    cover->closed.from_ms = from_ms;
    cover->closed.to_ms = to_ms;
    if (how != cover->closed.how) cover_take_text(cover->closed.how, how);
    for (size_t i = 0; i < LENGTH(cover->gaps); i++) {
        struct span told = cover->gaps[i];
        if (told.number == 0 || !is_same_time(&told, from_ms, to_ms)) continue;
        snprintf(reason, sizeof reason, "%.180s: %.180s", how, told.reason);
        cover_take_text(told.reason, reason);
        if (cover->last.number == told.number) cover->last = told;
        span_keep(cover->coverage, cover, &told);
    }
}

void cover_pause(struct cover *cover, const char *reason) {
    int64_t now_ms = look_at_clocks(cover->coverage);
    if (reason == NULL) {
        cover->paused_ms = 0;
        if (cover->open && cover->now.kind == LEDGER_PAUSE)
            span_turn(cover, LEDGER_COVERED, now_ms, "");
    } else if (cover->paused_ms == 0) {
        cover->paused_ms = now_ms;
        cover_take_text(cover->pause, reason);
    }
}

bool cover_is_paused(const struct cover *cover) { return cover->paused_ms != 0; }

void cover_end(struct cover *cover, const char *reason, bool for_good) {
    int64_t now_ms = look_at_clocks(cover->coverage);
    cover->ended_for_good |= for_good;
    if (!cover->open) return;
    if (reason[0]) cover_take_text(cover->now.reason, reason);
    bool live = cover->live;
    if (for_good) cover->live = false;
    span_end(cover, now_ms);
    cover->live = live;
    cover->paused_ms = 0;
}

struct source_cover cover_status(const struct cover *cover) {
    struct source_cover status = { .state = cover->open ? ledger_kinds[cover->now.kind] : "ended",
                                   .since_ms = cover->open ? cover->now.from_ms : cover->now.to_ms,
                                   .live = cover->live };
    if (cover->now.number == 0) return (struct source_cover){ 0 };
    cover_take_text(status.reason, cover->now.reason);
    if (cover->last.number == 0) return status;
    status.last = ledger_kinds[cover->last.kind];
    status.last_from_ms = cover->last.from_ms;
    status.last_to_ms = cover->last.to_ms;
    cover_take_text(status.last_reason, cover->last.reason);
    return status;
}

/* ---- sinks ---------------------------------------------------------------------------------- */

void coverage_lost(struct coverage *coverage, const char *sink, enum ledger_kind kind,
                   uint64_t count, const char *reason) {
    int64_t now_ms = look_at_clocks(coverage);
    struct cover *cover = cover_find(coverage, sink, true);
    struct span *now = &cover->now;
    bool same = now->number && now->kind == kind && now_ms >= now->to_ms &&
                now_ms - now->to_ms < SAME_LOSS_MS;
    if (!same && cover->lost) span_keep(coverage, cover, now);
    if (!same) *now = span_new(coverage, kind, now_ms, reason);
    now->count += count;
    now->to_ms = now_ms;
    cover->lost = true;
    coverage->changed = true;
}

/* ---- coming and going ----------------------------------------------------------------------- */

struct coverage *coverage_create(struct loop *loop, unsigned threads, const char *folder) {
    char path[4096];
    struct coverage *coverage = memory_zeroed(1, sizeof *coverage);
    snprintf(path, sizeof path, "%.4000s/" LEDGER_FILE, folder);
    *coverage = (struct coverage){ .loop = loop,
                                   .path = memory_copy_text(path),
                                   .run = random_bits() >> 1,
                                   .wall_ms = clock_wall_ms(),
                                   .boot_ns = clock_boot_ns(),
                                   .written_ns = clock_boot_ns(),
                                   .tick.fire = tick };
    coverage_writer_init(coverage, threads);
    timer_start(loop, &coverage->tick, 0);
    return coverage;
}

void coverage_destroy(struct coverage *coverage) {
    timer_stop(&coverage->tick);
    for (struct cover *cover = coverage->covers; cover; cover = cover->next)
        if (!cover->is_sink) cover_end(cover, "", false);
    coverage_writer_end(coverage);
    while (coverage->covers) {
        struct cover *next = coverage->covers->next;
        memory_free(coverage->covers->name);
        memory_free(coverage->covers);
        coverage->covers = next;
    }
    memory_free(coverage->waiting);
    memory_free(coverage->path);
    memory_free(coverage);
}
