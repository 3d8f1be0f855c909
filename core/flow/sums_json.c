/* flow/sums_json.h */
#include "flow/sums_json.h"
#include "base/date.h"
#include <stdio.h>

/* That an answer lists: a status is asked for every second. */
#define MOST_QUERIES 1000

void sum_parts_write(struct writer *writer, const void *sums, const struct sum_part *parts,
                     size_t count) {
    for (size_t i = 0; i < count; i++) {
        write_integer_member(writer, parts[i].name, (int64_t)sum_value(sums, &parts[i]));
    }
}

/* The object stays open. */
static void write_parts(struct writer *writer, const char *name, const void *sums,
                        const struct sum_part *parts, size_t count) {
    write_object(writer);
    write_text_member(writer, "name", slice_of(name));
    sum_parts_write(writer, sums, parts, count);
}

static void write_time_or_null(struct writer *writer, const char *name, int64_t ms) {
    if (ms) {
        write_time_member(writer, name, ms);
        return;
    }
    write_null_member(writer, name);
}

/* "covered since ...; last gap ..., 12 s: why" */
static void write_shown(struct writer *writer, const struct source_cover *cover) {
    char shown[400], since[DATE_BYTES], until[DATE_BYTES];
    date_write(cover->since_ms, since);
    int length = snprintf(shown, sizeof shown, "%s since %s%s%s", cover->state, since,
                          cover->reason[0] ? ": " : "", cover->reason);
    if (cover->last) {
        date_write(cover->last_from_ms, since);
        date_write(cover->last_to_ms, until);
        snprintf(shown + length, sizeof shown - (size_t)length, "; last %s %s to %s, %.0f s%s%s",
                 cover->last, since, until,
                 (double)(cover->last_to_ms - cover->last_from_ms) / 1000,
                 cover->last_reason[0] ? ": " : "", cover->last_reason);
    }
    write_text_member(writer, "shown", slice_of(shown));
}

static void write_cover(struct writer *writer, const struct source_cover *cover) {
    if (cover->state == NULL) {
        write_null_member(writer, "coverage");
        return;
    }
    write_name(writer, SLICE("coverage"));
    write_object(writer);
    write_text_member(writer, "state", slice_of(cover->state));
    write_time_member(writer, "since", cover->since_ms);
    write_text_member(writer, "reason", slice_of(cover->reason));
    write_flag_member(writer, "live", cover->live);
    if (cover->last) {
        write_name(writer, SLICE("last"));
        write_object(writer);
        write_text_member(writer, "kind", slice_of(cover->last));
        write_time_member(writer, "from", cover->last_from_ms);
        write_time_member(writer, "to", cover->last_to_ms);
        write_text_member(writer, "reason", slice_of(cover->last_reason));
        write_object_end(writer);
    } else
        write_null_member(writer, "last");
    write_shown(writer, cover);
    write_object_end(writer);
}

static void write_source(struct writer *writer, const struct source_sums *source) {
    write_parts(writer, source->name, source, source_parts, SOURCE_PARTS);
    write_time_or_null(writer, "last_received", source->received_ms);
    write_time_or_null(writer, "last_created", source->created_ms);
    write_time_or_null(writer, "position_moved", source->moved_ms);
    write_cover(writer, &source->cover);
    if (source->note) write_text_member(writer, "note", slice_of(source->note));
    write_object_end(writer);
}

static void write_query(struct writer *writer, const struct query_sums *query) {
    write_object(writer);
    write_text_member(writer, "name", slice_of(query->name));
    write_integer_member(writer, "matched", (int64_t)query->matched);
    for (int mood = 0; mood < MOODS; mood++)
        write_integer_member(writer, mood_names[mood], (int64_t)query->by_mood[mood]);
    write_time_or_null(writer, "last", query->last_ms);
    write_object_end(writer);
}

/* All, or of very many the first of those that something matched. */
static void write_queries(struct writer *writer, const struct pipeline_sums *sums) {
    size_t written = 0;
    write_name(writer, SLICE("queries"));
    write_array(writer);
    for (size_t i = 0; i < sums->query_count && written < MOST_QUERIES; i++) {
        if (sums->query_count > MOST_QUERIES && sums->queries[i].matched == 0) continue;
        write_query(writer, &sums->queries[i]);
        written++;
    }
    write_array_end(writer);
    write_integer_member(writer, "queries_left_out", (int64_t)(sums->query_count - written));
}

void sums_write(struct writer *writer, const struct pipeline_sums *sums) {
    write_name(writer, SLICE("sources"));
    write_array(writer);
    for (size_t i = 0; i < sums->source_count; i++) {
        write_source(writer, &sums->sources[i]);
    }
    write_array_end(writer);
    write_name(writer, SLICE("sinks"));
    write_array(writer);
    for (size_t i = 0; i < sums->reader_count; i++) {
        write_parts(writer, sums->readers[i].name, &sums->readers[i], reader_parts, READER_PARTS);
        write_time_or_null(writer, "oldest", sums->readers[i].oldest_ms);
        const char *trouble = sums->readers[i].trouble;
        write_text_member(writer, "trouble", slice_of(trouble ? trouble : ""));
        write_flag_member(writer, "gone", sums->readers[i].gone);
        write_object_end(writer);
    }
    write_array_end(writer);
    write_name(writer, SLICE("spool"));
    write_object(writer);
    write_integer_member(writer, "bytes", (int64_t)sums->spool_bytes);
    write_flag_member(writer, "waiting", sums->waiting);
    write_object_end(writer);
    write_queries(writer, sums);
}
