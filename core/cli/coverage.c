/* cli/coverage.h */
#include "cli/coverage.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "cli/top_text.h"
#include "config/moment.h"
#include "flow/control.h"
#include "flow/coverage_report.h"
#include "json/writer.h"
#include <math.h>

#define BAR_CELLS 60
/* Gaps of one source that are listed; --json has them all. */
#define MOST_LISTED 40

/* ---- as JSON -------------------------------------------------------------------------------- */

static void write_seconds(struct writer *writer, const char *name, int64_t ms) {
    write_name(writer, slice_of(name));
    write_double(writer, (double)ms / 1000);
}

static void write_interval(struct writer *writer, const struct ledger_interval *interval) {
    write_object(writer);
    write_text_member(writer, "kind", slice_of(ledger_kinds[interval->kind]));
    write_time_member(writer, "from", interval->from_ms);
    write_time_member(writer, "to", interval->to_ms);
    write_seconds(writer, "seconds", interval->to_ms - interval->from_ms);
    write_flag_member(writer, "open", interval->open);
    if (interval->count) write_integer_member(writer, "count", (int64_t)interval->count);
    write_text_member(writer, "reason", interval->reason);
    write_object_end(writer);
}

static void write_part(struct writer *writer, const struct coverage_part *part) {
    double share = coverage_share(part);
    write_object(writer);
    write_text_member(writer, "name", part->name);
    if (part->is_sink) {
        write_integer_member(writer, "lost", (int64_t)part->lost);
    } else {
        write_flag_member(writer, "live", part->live);
        write_name(writer, SLICE("coverage"));
        if (share < 0)
            write_raw(writer, SLICE("null"));
        else
            write_double(writer, share);
        write_seconds(writer, "covered_s", part->covered_ms);
        write_seconds(writer, "gap_s", part->gap_ms);
        write_seconds(writer, "pause_s", part->pause_ms);
    }
    write_name(writer, SLICE("intervals"));
    write_array(writer);
    for (size_t i = 0; i < part->count; i++)
        write_interval(writer, &part->intervals[i]);
    write_array_end(writer);
    write_object_end(writer);
}

static void write_parts(struct writer *writer, const char *name,
                        const struct coverage_report *report, bool sinks) {
    write_name(writer, slice_of(name));
    write_array(writer);
    for (size_t i = 0; i < report->count; i++)
        if (report->parts[i].is_sink == sinks) write_part(writer, &report->parts[i]);
    write_array_end(writer);
}

static void print_json(const struct coverage_report *report, struct arena *arena) {
    struct writer writer;
    writer_init(&writer, arena, 4096);
    write_object(&writer);
    write_flag_member(&writer, "running", report->running);
    write_time_member(&writer, "from", report->from_ms);
    write_time_member(&writer, "to", report->to_ms);
    write_parts(&writer, "sources", report, false);
    write_parts(&writer, "sinks", report, true);
    write_object_end(&writer);
    print_slice(writer_finish(&writer));
    print("\n");
}

/* ---- for people ----------------------------------------------------------------------------- */

static void print_timeline(const struct coverage_report *report, const struct coverage_part *part) {
    static const char *const blocks[LEDGER_KINDS] = { "█", "░", "▒" };
    static const char *const letters[LEDGER_KINDS] = { "=", "x", "~" };
    const char *const *shown = terminal_is_utf8() ? blocks : letters;
    int64_t span_ms = report->to_ms - report->from_ms;
    print("  |");
    for (int cell = 0; cell < BAR_CELLS; cell++) {
        enum ledger_kind kind;
        int64_t from_ms = report->from_ms + span_ms * cell / BAR_CELLS;
        int64_t to_ms = report->from_ms + span_ms * (cell + 1) / BAR_CELLS;
        bool known = coverage_worst(part, from_ms, to_ms, &kind);
        print("%s", known ? shown[kind] : " ");
    }
    print("|\n");
}

static void print_interval(const struct ledger_interval *interval) {
    char from[DATE_BYTES], to[DATE_BYTES], length[TOP_TEXT_BYTES];
    date_write(interval->from_ms, from);
    date_write(interval->to_ms, to);
    top_span(interval->to_ms - interval->from_ms, length);
    print("  %-6s  %s  %-24s  %7s", ledger_kinds[interval->kind], from,
          interval->open ? "until now" : to, length);
    if (interval->count) print("  %llu records", (unsigned long long)interval->count);
    print("  ");
    print_text(interval->reason);
    print("\n");
}

static void print_intervals(const struct coverage_part *part) {
    size_t listed = 0, left;
    for (size_t i = 0; i < part->count; i++)
        listed += part->intervals[i].kind != LEDGER_COVERED;
    left = listed > MOST_LISTED ? listed - MOST_LISTED : 0;
    if (left) print("  %zu earlier ones: --json lists them\n", left);
    for (size_t i = 0; i < part->count; i++) {
        if (part->intervals[i].kind == LEDGER_COVERED) continue;
        if (left)
            left--;
        else
            print_interval(&part->intervals[i]);
    }
}

/* Rounded down: whoever has a gap was not covered for 100.0 %. */
static void print_source(const struct coverage_report *report, const struct coverage_part *part) {
    double share = coverage_share(part);
    char covered[TOP_TEXT_BYTES], gap[TOP_TEXT_BYTES], pause[TOP_TEXT_BYTES];
    top_span(part->covered_ms, covered);
    top_span(part->gap_ms, gap);
    top_span(part->pause_ms, pause);
    print_text(part->name);
    if (share < 0)
        print(": nothing is known of this time");
    else
        print(": %.1f %% covered: %s, gaps %s, pauses %s", floor(share * 1000) / 10, covered, gap,
              pause);
    print("%s%s\n", part->live ? "" : "; recorded", part->is_former ? "; not configured now" : "");
    print_timeline(report, part);
    print_intervals(part);
}

static void print_report(const struct coverage_report *report, const char *folder) {
    char from[DATE_BYTES], to[DATE_BYTES];
    date_write(report->from_ms, from);
    date_write(report->to_ms, to);
    print("%s to %s; linnet is %s (state in ", from, to,
          report->running ? "running" : "not running");
    print_text(slice_of(folder));
    print(")\n");
    if (report->count == 0)
        print("nothing is known: %s\n", report->running ? "this one keeps no account, as a demo"
                                                        : "no linnet kept account here");
    for (size_t i = 0; i < report->count; i++) {
        const struct coverage_part *part = &report->parts[i];
        if (!part->is_sink) {
            print_source(report, part);
        } else if (part->count) {
            print_text(part->name);
            print(": a sink that lost %llu records\n", (unsigned long long)part->lost);
            print_intervals(part);
        }
    }
}

/* ---- the verb ------------------------------------------------------------------------------- */

static bool is_running(const char *folder) {
    int fd = os_connect_local(folder, CONTROL_SOCKET, 1000);
    if (fd >= 0) os_close(fd);
    return fd >= 0;
}

static int answer(const struct arguments *arguments, const char *folder, struct slice since) {
    struct arena arena;
    struct coverage_report report;
    struct error err;
    int64_t now_ms = clock_wall_ms(), from_ms;
    if (!moment_read("--since", since.data, now_ms, &from_ms, &err)) return complain_error(&err);
    if (from_ms >= now_ms) {
        complain("linnet stats: --since %s is not over yet\n", since.data);
        return 2;
    }
    arena_init(&arena);
    bool read =
        coverage_report_read(folder, from_ms, now_ms, is_running(folder), &arena, &report, &err);
    if (read && arguments->given[FLAG_JSON])
        print_json(&report, &arena);
    else if (read)
        print_report(&report, folder);
    arena_free(&arena);
    return read ? 0 : complain_error(&err);
}

int stats_coverage(const struct arguments *arguments) {
    static const int others[] = { FLAG_STORE, FLAG_BY, FLAG_ASKED, FLAG_UNTIL, FLAG_LIMIT };
    for (size_t i = 0; i < LENGTH(others); i++) {
        if (!arguments->given[others[i]]) continue;
        complain("linnet stats: --coverage takes no --%s\n", all_flags[others[i]].name);
        return 2;
    }
    const char *since = argument_value(arguments, FLAG_SINCE);
    return with_folder(arguments, "stats", slice_of(since ? since : "24h"), answer);
}
