/* cli/top_status.h */
#include "cli/top_status.h"
#include "base/date.h"
#include "json/number.h"
#include "json/projection.h"
#include <stdlib.h>

enum kind { NUMBER, REAL, TIME, TEXT, FLAG };

/* A member of the answer, and where it goes: into the status, or into a row of a section. */
struct member {
    const char *path;
    int section; /* -1: the status */
    enum kind kind;
    size_t offset;
};

#define WHOLE(path, kind, field) { path, -1, kind, offsetof(struct top_status, field) }
#define ROW(section, path, kind, field) { path, section, kind, offsetof(struct top_row, field) }

static const struct member members[] = {
    WHOLE("running", FLAG, running),
    WHOLE("version", TEXT, version),
    WHOLE("config", TEXT, config),
    WHOLE("error.shown", TEXT, error),
    WHOLE("uptime_s", REAL, uptime_s),
    WHOLE("generation", NUMBER, generation),
    WHOLE("spool.bytes", NUMBER, spool_bytes),
    WHOLE("spool.waiting", FLAG, waiting),
    WHOLE("queries_left_out", NUMBER, left_out),
    ROW(TOP_SOURCES, "sources.name", TEXT, name),
    ROW(TOP_SOURCES, "sources.received", NUMBER, total),
    ROW(TOP_SOURCES, "sources.spooled", NUMBER, kept),
    ROW(TOP_SOURCES, "sources.malformed", NUMBER, malformed),
    ROW(TOP_SOURCES, "sources.last_received", TIME, last_ms),
    ROW(TOP_SOURCES, "sources.last_created", TIME, created_ms),
    ROW(TOP_SOURCES, "sources.position_moved", TIME, moved_ms),
    ROW(TOP_SOURCES, "sources.coverage.state", TEXT, state),
    ROW(TOP_SOURCES, "sources.coverage.shown", TEXT, shown),
    ROW(TOP_SINKS, "sinks.name", TEXT, name),
    ROW(TOP_SINKS, "sinks.delivered", NUMBER, total),
    ROW(TOP_SINKS, "sinks.pending", NUMBER, pending),
    ROW(TOP_SINKS, "sinks.dead", NUMBER, dead),
    ROW(TOP_SINKS, "sinks.dropped", NUMBER, lost),
    ROW(TOP_SINKS, "sinks.oldest", TIME, oldest_ms),
    ROW(TOP_QUERIES, "queries.name", TEXT, name),
    ROW(TOP_QUERIES, "queries.matched", NUMBER, total),
    ROW(TOP_QUERIES, "queries.negative", NUMBER, by_mood[NEGATIVE]),
    ROW(TOP_QUERIES, "queries.neutral", NUMBER, by_mood[NEUTRAL]),
    ROW(TOP_QUERIES, "queries.positive", NUMBER, by_mood[POSITIVE]),
    ROW(TOP_QUERIES, "queries.other", NUMBER, by_mood[OTHER_MOOD]),
    ROW(TOP_QUERIES, "queries.last", TIME, last_ms),
};

void top_status_init(struct top_status *status) {
    *status = (struct top_status){ 0 };
    arena_init(&status->arena);
}

void top_status_free(struct top_status *status) { arena_free(&status->arena); }

static double read_real(struct slice text) {
    char digits[32];
    size_t length = MIN(text.length, sizeof digits - 1);
    memcpy(digits, text.data, length);
    digits[length] = '\0';
    return strtod(digits, NULL);
}

static void take(struct arena *arena, const struct member *member, const struct json_value *value,
                 void *owner) {
    void *field = (char *)owner + member->offset;
    int64_t number;
    switch (member->kind) {
    case NUMBER:
        if (number_integer(value->text, &number) && number >= 0)
            *(uint64_t *)field = (uint64_t)number;
        return;
    case REAL: *(double *)field = read_real(value->text); return;
    case TIME:
        if (value->type == JSON_STRING && date_read_iso(value->text, &number))
            *(int64_t *)field = number;
        return;
    case TEXT:
        if (value->type == JSON_STRING) *(struct slice *)field = arena_copy(arena, value->text);
        return;
    case FLAG: *(bool *)field = value->type == JSON_TRUE;
    }
}

static void take_all(struct top_status *status, const struct json_slot *slots) {
    for (size_t i = 0; i < LENGTH(members); i++) {
        const struct member *member = &members[i];
        const struct json_slot *slot = &slots[i];
        if (member->section < 0) {
            if (slot->count) take(&status->arena, member, &slot->first, status);
            continue;
        }
        struct top_row **rows = &status->rows[member->section];
        size_t *count = &status->counts[member->section];
        if (*rows == NULL) { /* names come first: every row has one */
            *count = slot->count;
            *rows = arena_alloc(&status->arena, MAX(*count, (size_t)1) * sizeof **rows);
            memset(*rows, 0, *count * sizeof **rows);
        }
        for (const struct json_value *value = slot->count ? &slot->first : NULL; value;
             value = value->next)
            if (value->element < *count)
                take(&status->arena, member, value, &(*rows)[value->element]);
    }
}

/* The row of this name; mostly it is where it was. */
static const struct top_row *row_before(const struct top_status *before, int section, size_t at,
                                        struct slice name) {
    const struct top_row *rows = before->rows[section];
    if (at < before->counts[section] && slice_equal(rows[at].name, name)) return &rows[at];
    for (size_t i = 0; i < before->counts[section]; i++)
        if (slice_equal(rows[i].name, name)) return &rows[i];
    return NULL;
}

static double rate_of(uint64_t now, uint64_t before, double seconds) {
    return seconds > 0 && now >= before ? (double)(now - before) / seconds : -1;
}

static void find_rates(struct top_status *status, const struct top_status *before) {
    double seconds = before->running ? (double)(status->at_ms - before->at_ms) / 1000 : 0;
    for (int section = 0; section < TOP_SECTIONS; section++)
        for (size_t i = 0; i < status->counts[section]; i++) {
            struct top_row *row = &status->rows[section][i];
            const struct top_row *was = row_before(before, section, i, row->name);
            row->rate = was ? rate_of(row->total, was->total, seconds) : -1;
            status->received += section == TOP_SOURCES ? row->total : 0;
            status->kept += section == TOP_SOURCES ? row->kept : 0;
        }
    status->received_rate = rate_of(status->received, before->received, seconds);
    status->kept_rate = rate_of(status->kept, before->kept, seconds);
}

bool top_status_read(struct top_status *status, struct slice json, int64_t at_ms,
                     const struct top_status *before) {
    struct slice reason;
    struct projection *projection = projection_create();
    arena_reset(&status->arena, ARENA_BLOCK_BYTES);
    *status = (struct top_status){ .arena = status->arena, .at_ms = at_ms };
    bool good = true;
    for (size_t i = 0; i < LENGTH(members); i++)
        good &= projection_add(projection, slice_of(members[i].path)) == (int)i;
    projection_seal(projection);
    struct projector *projector = projector_create(projection);
    struct slice padded = json_padded(&status->arena, json);
    const struct json_slot *slots =
        good ? projector_run(projector, padded, &status->arena, &reason) : NULL;
    if (slots) take_all(status, slots);
    projector_destroy(projector);
    projection_destroy(projection);
    if (slots) find_rates(status, before);
    return slots != NULL;
}
