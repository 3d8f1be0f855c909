/* Intervals on their way to the coverage ledger: copied on the loop, written by a thread. */
#include "base/clock.h"
#include "base/log.h"
#include "flow/coverage_internal.h"

/* The ledger is trimmed at the first put, and then every so many. */
#define TRIM_EVERY 1000

/* ---- on the thread -------------------------------------------------------------------------- */

static bool open_ledger(struct coverage *coverage, struct error *err) {
    struct database *database = &coverage->ledger.database;
    if (database->handle && database_is_in_place(database)) return true;
    if (database->handle && !database_leave(database, err)) return false;
    return ledger_open(&coverage->ledger, coverage->path, DATABASE_WRITE, err);
}

static void put(struct task *task, unsigned worker) {
    struct coverage *coverage = CONTAINER_OF(task, struct coverage, task);
    struct ledger *ledger = &coverage->ledger;
    (void)worker;
    coverage->good =
        open_ledger(coverage, &coverage->err) &&
        (coverage->puts % TRIM_EVERY || ledger_trim(ledger, clock_wall_ms(), &coverage->err)) &&
        ledger_put(ledger, coverage->intervals, coverage->interval_count, &coverage->err);
    if (coverage->good)
        coverage->puts++;
    else if (!database_goes_on(&ledger->database))
        ledger_close(ledger);
}

/* ---- on the loop ---------------------------------------------------------------------------- */

static void copy_span(struct coverage *coverage, const struct cover *cover, const struct span *span,
                      bool open) {
    struct arena *arena = &coverage->arena;
    int64_t to_ms = open ? coverage->wall_ms : span->to_ms;
    coverage->intervals[coverage->interval_count++] = (struct ledger_interval){
        .part = slice_of(cover->name),
        .kind = span->kind,
        .from_ms = span->from_ms,
        .to_ms = to_ms,
        .open = open,
        .live = open ? cover->live : span->live,
        .count = span->count,
        .reason = arena_copy(arena, slice_of(span->reason)),
        .run = coverage->run,
        .number = span->number,
        .absence = span->absence,
    };
}

/* What is to be written; covers stay, so that their names need no copy. */
static void copy_all(struct coverage *coverage) {
    size_t most = coverage->waiting_count;
    for (const struct cover *cover = coverage->covers; cover; cover = cover->next)
        most++;
    arena_reset(&coverage->arena, ARENA_BLOCK_BYTES);
    coverage->intervals = arena_alloc(&coverage->arena, most * sizeof *coverage->intervals);
    coverage->interval_count = 0;
    coverage->handed = coverage->waiting_count;
    for (size_t i = 0; i < coverage->waiting_count; i++)
        copy_span(coverage, coverage->waiting[i].cover, &coverage->waiting[i].span, false);
    for (struct cover *cover = coverage->covers; cover; cover = cover->next) {
        if (cover->open || cover->lost) copy_span(coverage, cover, &cover->now, cover->open);
        cover->lost = false;
    }
    coverage->changed = false;
    coverage->written_ns = coverage->boot_ns;
}

/* The first of each source is there, and what the run before had left is known. */
static void learn(struct coverage *coverage) {
    for (size_t i = 0; i < coverage->interval_count; i++) {
        const struct ledger_interval *interval = &coverage->intervals[i];
        struct cover *cover = coverage->covers;
        while (cover && cover->name != interval->part.data)
            cover = cover->next;
        if (cover == NULL || cover->is_sink) continue;
        if (interval->absence && interval->absent_to_ms) {
            struct span absence = { .number = interval->absence,
                                    .kind = LEDGER_GAP,
                                    .from_ms = interval->absent_from_ms,
                                    .to_ms = interval->absent_to_ms,
                                    .live = true,
                                    .reason = LEDGER_NOT_RUNNING };
            span_note_gap(cover, &absence);
            if (cover->last.number == 0) cover->last = absence;
            if (cover->closed.to_ms)
                cover_gap_closed(cover, cover->closed.from_ms, cover->closed.to_ms,
                                 cover->closed.how);
        }
        if (cover->now.number == interval->number && interval->absence) cover->now.absence = 0;
    }
}

static void written(struct coverage *coverage) {
    coverage->busy = false;
    if (!coverage->good && !coverage->failing)
        log_warning("coverage", "%s; nothing else waits for it, tried again until it works",
                    coverage->err.text);
    if (coverage->good && coverage->failing)
        log_info("coverage", "%s: it works again", coverage->path);
    coverage->failing = !coverage->good;
    if (!coverage->good) {
        for (struct cover *cover = coverage->covers; cover; cover = cover->next)
            cover->lost |= cover->is_sink && cover->now.number;
        return; /* with what goes on, later */
    }
    learn(coverage);
    coverage->waiting_count -= coverage->handed;
    if (coverage->waiting_count > 0)
        memmove(coverage->waiting, coverage->waiting + coverage->handed,
                coverage->waiting_count * sizeof *coverage->waiting);
    coverage->handed = 0;
}

static void done(struct task *task) { written(CONTAINER_OF(task, struct coverage, task)); }

void coverage_write(struct coverage *coverage) {
    if (coverage->busy) return;
    copy_all(coverage);
    if (coverage->interval_count == 0) return;
    coverage->busy = true;
    crew_submit(coverage->crew, &coverage->task);
}

void coverage_writer_init(struct coverage *coverage, unsigned threads) {
    coverage->task = (struct task){ put, done };
    arena_init(&coverage->arena);
    coverage->crew = crew_create(coverage->loop, threads, 1);
    crew_name(coverage->crew, "coverage");
}

void coverage_writer_end(struct coverage *coverage) {
    crew_destroy(coverage->crew);
    copy_all(coverage);
    if (coverage->interval_count) {
        put(&coverage->task, 0);
        written(coverage);
    }
    ledger_close(&coverage->ledger);
    arena_free(&coverage->arena);
}
