/* Verbs "status" and "reload": questions to a running linnet. */
#include "cli/ask.h"
#include "cli/gone.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "flow/left_state.h"
#include "flow/sums_json.h"
#include "json/projection.h"
#include <stdlib.h>

#define STATUS_PATIENCE_MS 10000
#define RELOAD_PATIENCE_MS 120000
#define MAX_ANSWER_BYTES ((size_t)4 << 20)

/* What is read from an answer. */
enum member {
    DONE,
    VERSION,
    PID,
    CONFIG,
    STARTED,
    UPTIME,
    GENERATION,
    SINCE,
    REPORT,
    TOOK,
    ERROR_WHEN,
    ERROR_SHOWN,
    ERROR_EXIT,
    COUNTER_NAME,
    COUNTER_VALUE,
    SOURCE_NAME,
    SOURCE_COVERAGE,
    SOURCE_NOTE,
    SINK_NAME,
    SINK_OLDEST,
    SINK_TROUBLE,
    SPOOL_BYTES,
    SPOOL_WAITING,
    HTTP_ADDRESS,
    HTTP_TROUBLE,
    SINK_GONE,
    SOURCE_SUMS, /* as many as source_parts */
    SINK_SUMS = SOURCE_SUMS + SOURCE_PARTS,
    MEMBERS = SINK_SUMS + READER_PARTS
};

static const char *const paths[SOURCE_SUMS] = {
    [DONE] = "done",
    [VERSION] = "version",
    [PID] = "pid",
    [CONFIG] = "config",
    [STARTED] = "started",
    [UPTIME] = "uptime_s",
    [GENERATION] = "generation",
    [SINCE] = "since",
    [REPORT] = "report",
    [TOOK] = "took_s",
    [ERROR_WHEN] = "error.when",
    [ERROR_SHOWN] = "error.shown",
    [ERROR_EXIT] = "error.exit",
    [COUNTER_NAME] = "counters.name",
    [COUNTER_VALUE] = "counters.value",
    [SOURCE_NAME] = "sources.name",
    [SOURCE_COVERAGE] = "sources.coverage.shown",
    [SOURCE_NOTE] = "sources.note",
    [SPOOL_BYTES] = "spool.bytes",
    [SPOOL_WAITING] = "spool.waiting",
    [HTTP_ADDRESS] = "http.address",
    [HTTP_TROUBLE] = "http.trouble",
    [SINK_NAME] = "sinks.name",
    [SINK_OLDEST] = "sinks.oldest",
    [SINK_TROUBLE] = "sinks.trouble",
    [SINK_GONE] = "sinks.gone",
};

/* One question and its answer. */
struct question {
    const char *folder; /* of the state; NULL: nobody names one */
    struct arena arena;
    struct buffer line; /* the answer, without its newline */
    struct json_slot slots[MEMBERS];
};

static bool add_parts(struct projection *projection, struct arena *arena, const char *list,
                      const struct sum_part *parts, size_t count, int first) {
    bool good = true;
    for (size_t i = 0; i < count; i++)
        good &= projection_add(projection, arena_format(arena, "%s.%s", list, parts[i].name)) ==
                first + (int)i;
    return good;
}

static bool add_members(struct projection *projection, struct arena *arena) {
    bool good = true;
    for (int member = 0; member < SOURCE_SUMS; member++)
        good &= projection_add(projection, slice_of(paths[member])) == member;
    return good &&
           add_parts(projection, arena, "sources", source_parts, SOURCE_PARTS, SOURCE_SUMS) &&
           add_parts(projection, arena, "sinks", reader_parts, READER_PARTS, SINK_SUMS);
}

static bool parse(struct question *question) {
    struct slice reason;
    struct projection *projection = projection_create();
    bool good = buffer_append(&question->line, slice_from((char[JSON_PADDING]){ 0 }, JSON_PADDING));
    question->line.length -= good ? JSON_PADDING : 0;
    good &= add_members(projection, &question->arena);
    projection_seal(projection);
    struct projector *projector = projector_create(projection);
    const struct json_slot *slots =
        good ? projector_run(projector, buffer_slice(&question->line), &question->arena, &reason)
             : NULL;
    if (slots) memcpy(question->slots, slots, sizeof question->slots);
    projector_destroy(projector);
    projection_destroy(projection);
    return slots != NULL;
}

/* The answer's members are valid until forget. */
static enum asked ask_all(const struct arguments *arguments, struct slice request,
                          unsigned patience_ms, struct question *question) {
    arena_init(&question->arena);
    buffer_init(&question->line, MAX_ANSWER_BYTES);
    question->folder = asked_folder(arguments, &question->arena);
    enum asked asked = ask(question->folder, request, patience_ms, &question->line);
    if (asked != ASK_ANSWERED || parse(question)) return asked;
    complain("linnet: %s: not an answer of linnet's\n", question->folder);
    return ASK_FAILED;
}

static void forget(struct question *question) {
    arena_free(&question->arena);
    buffer_free(&question->line);
}

static struct slice text_of(const struct question *question, enum member member) {
    return question->slots[member].first.text;
}

static void print_report(struct slice report) {
    while (report.length) {
        const char *newline = memchr(report.data, '\n', report.length);
        size_t length = newline ? (size_t)(newline - report.data) : report.length;
        print("  ");
        print_text(slice_first(report, length));
        print("\n");
        report = slice_skip(report, length + 1);
    }
}

/* The value of row `row`, "" when it has none or null. */
static struct slice value_at(const struct question *question, int member, size_t row) {
    const struct json_slot *slot = &question->slots[member];
    const struct json_value *value = slot->count ? &slot->first : NULL;
    while (value && value->element < row)
        value = value->next;
    bool found = value && value->element == row && value->type != JSON_NULL;
    return found ? value->text : SLICE("");
}

/* Nothing when that is empty. */
static void print_told(struct slice shown) {
    if (shown.length == 0) return;
    print("    ");
    print_text(shown);
    print("\n");
}

/* What keeps a sink from delivering, or that there is none any more. */
static void print_of_sink(const struct question *question, size_t row) {
    print_told(value_at(question, SINK_TROUBLE, row));
    if (!slice_is(value_at(question, SINK_GONE, row), "true")) return;
    struct slice name = value_at(question, SINK_NAME, row);
    print("    no sink of the configuration has this name, and what comes is kept for it: `linnet "
          "spool forget ");
    print_text(name);
    print("` ends that\n");
}

/* Rows "NAME: FIRST 12 = a 1 + b 2 + ..." */
static void print_sums(const struct question *question, enum member name, int first,
                       const struct sum_part *parts, size_t count) {
    for (size_t row = 0; row < question->slots[name].count; row++) {
        print("  ");
        print_text(value_at(question, (int)name, row));
        print(":");
        for (size_t i = 0; i < count; i++) {
            struct slice value = value_at(question, first + (int)i, row);
            if (parts[i].rare && slice_is(value, "0")) continue;
            print(" %s%s %.*s",
                  i == 0   ? ""
                  : i == 1 ? "= "
                           : "+ ",
                  parts[i].name, SLICE_ARGS(value));
        }
        struct slice oldest = name == SINK_NAME ? value_at(question, SINK_OLDEST, row) : SLICE("");
        if (oldest.length) print("; the oldest pending is of %.*s", SLICE_ARGS(oldest));
        print("\n");
        if (name == SINK_NAME)
            print_of_sink(question, row);
        else {
            print_told(value_at(question, SOURCE_COVERAGE, row));
            print_told(value_at(question, SOURCE_NOTE, row));
        }
    }
}

static void print_counters(const struct question *question) {
    for (size_t row = 0; row < question->slots[COUNTER_NAME].count; row++) {
        print("counted ");
        print_text(value_at(question, COUNTER_NAME, row));
        print(": %.*s\n", SLICE_ARGS(value_at(question, COUNTER_VALUE, row)));
    }
}

static void print_all_sums(const struct question *question) {
    print("sources\n");
    print_sums(question, SOURCE_NAME, SOURCE_SUMS, source_parts, SOURCE_PARTS);
    print("sinks\n");
    print_sums(question, SINK_NAME, SINK_SUMS, reader_parts, READER_PARTS);
    bool waiting = question->slots[SPOOL_WAITING].first.type == JSON_TRUE;
    print("spool\n  %.*s bytes%s\n", SLICE_ARGS(text_of(question, SPOOL_BYTES)),
          waiting ? "; it is full: sources wait" : "");
}

static void print_http(const struct question *question) {
    struct slice address = text_of(question, HTTP_ADDRESS);
    struct slice trouble = text_of(question, HTTP_TROUBLE);
    if (address.length == 0) return;
    print("  http://%.*s/%s%.*s\n", SLICE_ARGS(address), trouble.length ? " does not answer: " : "",
          SLICE_ARGS(trouble));
}

static void print_status(const struct question *question) {
    struct slice shown = text_of(question, ERROR_SHOWN), report = text_of(question, REPORT);
    print("linnet %.*s is running: ", SLICE_ARGS(text_of(question, VERSION)));
    print_text(text_of(question, CONFIG));
    print("\n  process %.*s, since %.*s (%.*s s)\n", SLICE_ARGS(text_of(question, PID)),
          SLICE_ARGS(text_of(question, STARTED)), SLICE_ARGS(text_of(question, UPTIME)));
    print_http(question);
    print("generation %.*s since %.*s\n", SLICE_ARGS(text_of(question, GENERATION)),
          SLICE_ARGS(text_of(question, SINCE)));
    print_report(report);
    print_all_sums(question);
    print_counters(question);
    if (shown.length == 0) return;
    print("the last reload failed at %.*s:\n", SLICE_ARGS(text_of(question, ERROR_WHEN)));
    print_slice(shown);
}

static void mark_gone(const struct arguments *arguments, struct question *question,
                      struct pipeline_sums *left) {
    struct snapshot_request request;
    struct error unheard;
    if (left->reader_count == 0) return;
    setup_request(arguments, SETUP_OPTIONAL, NULL, &request);
    struct snapshot *snapshot = snapshot_load(&request, &unheard);
    if (snapshot == NULL) return;
    size_t bytes = left->reader_count * sizeof *left->readers;
    struct reader_sums *readers = arena_alloc(&question->arena, bytes);
    memcpy(readers, left->readers, bytes);
    gone_mark(snapshot, question->folder, readers, left->reader_count);
    left->readers = readers;
    snapshot_release(snapshot);
}

/* What a stopped linnet left becomes the answer; false after the error was printed. */
static bool look(const struct arguments *arguments, struct question *question) {
    struct error err;
    struct pipeline_sums left = { 0 };
    struct writer writer;
    if (question->folder && !left_state_read(question->folder, &question->arena, &left, &err)) {
        complain_error(&err);
        return false;
    }
    mark_gone(arguments, question, &left);
    writer_init(&writer, &question->arena, 1024);
    write_object(&writer);
    write_flag_member(&writer, "running", false);
    sums_write(&writer, &left);
    write_object_end(&writer);
    question->line.length = 0;
    return buffer_append(&question->line, writer_finish(&writer)) && parse(question);
}

static void print_stopped(const struct question *question) {
    const char *folder = question->folder ? question->folder : "";
    print("linnet is not running%s%s%s\n", folder[0] ? " (state in " : "", folder,
          folder[0] ? ")" : "");
    bool some = question->slots[SOURCE_NAME].count + question->slots[SINK_NAME].count > 0;
    if (some) print_all_sums(question);
}

int verb_status(const struct arguments *arguments) {
    struct question question;
    enum asked outcome =
        ask_all(arguments, SLICE("{\"verb\":\"status\"}\n"), STATUS_PATIENCE_MS, &question);
    if (outcome == ASK_NOT_RUNNING && !look(arguments, &question)) outcome = ASK_FAILED;
    if (outcome != ASK_FAILED && arguments->given[FLAG_JSON]) {
        print_slice(buffer_slice(&question.line));
        print("\n");
    } else if (outcome == ASK_ANSWERED)
        print_status(&question);
    else if (outcome == ASK_NOT_RUNNING)
        print_stopped(&question);
    forget(&question);
    return outcome == ASK_FAILED;
}

static int print_outcome(const struct question *question) {
    struct slice shown = text_of(question, ERROR_SHOWN);
    if (question->slots[DONE].first.type != JSON_TRUE) {
        complain("%.*s", SLICE_ARGS(shown));
        struct slice code = text_of(question, ERROR_EXIT); /* digits; the line follows them */
        return code.length ? atoi(code.data) : 1;
    }
    print("generation %.*s after %.*s s\n", SLICE_ARGS(text_of(question, GENERATION)),
          SLICE_ARGS(text_of(question, TOOK)));
    print_report(text_of(question, REPORT));
    return 0;
}

int verb_reload(const struct arguments *arguments) {
    struct question question;
    int code = 1;
    enum asked outcome =
        ask_all(arguments, SLICE("{\"verb\":\"reload\"}\n"), RELOAD_PATIENCE_MS, &question);
    if (outcome == ASK_NOT_RUNNING)
        complain("linnet reload: no linnet is running%s%s%s\n",
                 question.folder ? " (state in " : "", question.folder ? question.folder : "",
                 question.folder ? ")" : "");
    if (outcome == ASK_ANSWERED) code = print_outcome(&question);
    forget(&question);
    return code;
}
