/* flow/left_state.h: the last commit, and every cursor beside the spool's end. */
#include "flow/left_state.h"
#include "base/clock.h"
#include "base/log.h"
#include "flow/coverage_report.h"
#include "flow/source_state.h"
#include "store/cursor.h"
#include <stdio.h>

static struct source_sums *take_sources(const struct spool *spool, struct arena *arena,
                                        struct pipeline_sums *sums) {
    struct source_states states = { 0 };
    if (spool_state(spool).length) (void)!source_states_read(&states, spool_state(spool));
    size_t count = 0;
    for (const struct source_state *state = states.first; state; state = state->next)
        count++;
    struct source_sums *sources = arena_alloc(arena, count * sizeof *sources);
    for (const struct source_state *state = states.first; state; state = state->next) {
        struct source_sums *one = &sources[sums->source_count++];
        *one = state->sums;
        one->name = arena_copy(arena, slice_of(state->name)).data;
    }
    sums->sources = sources;
    source_states_free(&states);
    return sources;
}

static struct source_sums *find_source(struct source_sums *sources, size_t count,
                                       struct slice name) {
    for (size_t i = 0; i < count; i++)
        if (slice_is(name, sources[i].name)) return &sources[i];
    return NULL;
}

static void take_text(char out[COVER_REASON_BYTES], struct slice text) {
    snprintf(out, COVER_REASON_BYTES, "%.*s", SLICE_ARGS(text));
}

/* How the last run heard a source, and its last gap before that. */
static void take_part(const struct coverage_part *part, struct source_cover *cover) {
    const struct ledger_interval *now = &part->intervals[part->count - 1];
    *cover = (struct source_cover){ .state = part->goes_on ? ledger_kinds[now->kind] : "ended",
                                    .since_ms = part->goes_on ? now->from_ms : now->to_ms,
                                    .live = part->live };
    take_text(cover->reason, now->reason);
    for (size_t i = part->count - (part->goes_on && part->count); i > 0; i--) {
        const struct ledger_interval *one = &part->intervals[i - 1];
        if (one->kind == LEDGER_COVERED) continue;
        cover->last = ledger_kinds[one->kind];
        cover->last_from_ms = one->from_ms;
        cover->last_to_ms = one->to_ms;
        take_text(cover->last_reason, one->reason);
        return;
    }
}

/* Without it the sums are right all the same. */
static void take_coverage(const char *folder, struct arena *arena, const struct pipeline_sums *sums,
                          struct source_sums *sources) {
    struct coverage_report report;
    struct error err;
    if (!coverage_report_read(folder, 0, clock_wall_ms(), false, arena, &report, &err))
        log_warning("coverage", "%s", err.text);
    for (size_t i = 0; i < report.count; i++) {
        const struct coverage_part *part = &report.parts[i];
        struct source_sums *source = find_source(sources, sums->source_count, part->name);
        if (source && !part->is_sink && part->count) take_part(part, &source->cover);
    }
}

struct gathering {
    struct spool *spool;
    const char *folder;
    struct arena *arena;
    struct reader_sums *readers;
    size_t count;
    bool good;
    struct error *err;
};

/* When the record was received; 0 when it cannot be read. */
static int64_t received_at(struct spool *spool, uint64_t sequence, struct arena *arena) {
    struct spool_read read = { 0 };
    struct record record = { 0 };
    struct frame frame;
    struct error unheard;
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    bool got = spool_read(spool, sequence, 1, &read, &unheard) && read.count > 0 &&
               frame_next(buffer_slice(&read.frames), &frame) &&
               frame_get_record(&frame, arena, &record);
    int64_t ms = got ? record.received_ms : 0;
    buffer_free(&read.frames);
    return ms;
}

/* Adds a cursor, in the order of names. */
static void take_cursor(void *context, const char *name) {
    struct gathering *gathering = context;
    struct cursor cursor;
    const char *wrong;
    struct reader_sums *more = arena_alloc(gathering->arena, (gathering->count + 1) * sizeof *more);
    if (!gathering->good) return;
    gathering->good =
        cursor_look(gathering->spool, gathering->folder, name, &cursor, &wrong, gathering->err);
    if (!gathering->good) return;
    if (gathering->count) memcpy(more, gathering->readers, gathering->count * sizeof *more);
    struct log_counts counts = cursor_counts(&cursor, spool_end(gathering->spool));
    size_t at = gathering->count++;
    for (; at > 0 && strcmp(more[at - 1].name, name) > 0; at--)
        more[at] = more[at - 1];
    more[at] = reader_sums_of(arena_copy(gathering->arena, slice_of(name)).data, &counts);
    if (more[at].pending)
        more[at].oldest_ms = received_at(gathering->spool, cursor.next, gathering->arena);
    gathering->readers = more;
}

bool left_state_read(const char *folder, struct arena *arena, struct pipeline_sums *sums,
                     struct error *err) {
    *sums = (struct pipeline_sums){ 0 };
    if (!spool_exists(folder)) return true;
    struct spool *spool =
        spool_open(&(struct spool_options){ .folder = folder, .read_only = true }, err);
    if (spool == NULL) return false;
    struct gathering gathering = {
        .spool = spool, .folder = folder, .arena = arena, .good = true, .err = err
    };
    struct source_sums *sources = take_sources(spool, arena, sums);
    sums->spool_bytes = spool_bytes(spool);
    bool listed = cursor_list(folder, take_cursor, &gathering, err);
    spool_close(spool);
    sums->readers = gathering.readers;
    sums->reader_count = gathering.count;
    take_coverage(folder, arena, sums, sources);
    return listed && gathering.good;
}
