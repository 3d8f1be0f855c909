/* Sink "stdout": a readable line a post on a terminal, documents one a line in a pipe. */
#include "base/alloc.h"
#include "base/os.h"
#include "sinks/line.h"
#include "sinks/output.h"
#include "sinks/registry.h"
#include "json/projection.h"
#include <stddef.h>

#define STANDARD_OUTPUT 1

struct settings {
    const char *format;
};

static const struct option options[] = {
    { .name = "format",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct settings, format),
      .standard = "auto",
      .choices = "auto|lines|ndjson",
      .help = "auto: lines on a terminal, ndjson in a pipe" },
};

/* Where the schemas that linnet brings have what a person wants to read. */
enum path { TEXT, TWEET, HANDLE, USER, PATHS };
static const char *const paths[PATHS] = {
    [TEXT] = "text", [TWEET] = "tweet", [HANDLE] = "author.handle", [USER] = "user.name"
};

struct standard {
    struct output output;
    const struct sink_context *context;
    bool lines, color;
    int columns;
    struct projection *projection; /* of documents, for lines */
    struct projector *projector;
    int slots[PATHS];
};

static void *stdout_create(const void *settings, const struct sink_context *context,
                           struct error *err) {
    (void)err;
    const char *format = ((const struct settings *)settings)->format;
    bool terminal = os_is_terminal(STANDARD_OUTPUT);
    struct standard *sink = memory_zeroed(1, sizeof *sink);
    output_init(&sink->output, "standard output", STANDARD_OUTPUT);
    sink->context = context;
    sink->lines =
        slice_is(slice_of(format), "lines") || (terminal && !slice_is(slice_of(format), "ndjson"));
    sink->color = os_use_color(STANDARD_OUTPUT);
    sink->columns = terminal ? os_terminal_columns(STANDARD_OUTPUT) : 0;
    sink->projection = projection_create();
    for (int path = 0; path < PATHS; path++)
        sink->slots[path] = projection_add(sink->projection, slice_of(paths[path]));
    projection_seal(sink->projection);
    sink->projector = projector_create(sink->projection);
    return sink;
}

static struct slice text_of(const struct json_slot *first, const struct json_slot *second) {
    const struct json_value *value = &(first->count ? first : second)->first;
    return value->type == JSON_STRING ? value->text : slice_from(NULL, 0);
}

static struct slice joined(const struct record *record, struct arena *arena) {
    if (record->query_count == 0) return slice_from(NULL, 0);
    struct slice text = record->queries[0];
    for (uint32_t i = 1; i < record->query_count; i++)
        text = arena_format(arena, "%.*s,%.*s", SLICE_ARGS(text), SLICE_ARGS(record->queries[i]));
    return text;
}

static bool put_line(struct standard *sink, const struct record *record, struct slice document,
                     struct arena *arena) {
    struct slice reason;
    const struct json_slot *slots =
        projector_run(sink->projector, json_padded(arena, document), arena, &reason);
    struct line line = { .when_ms = record->received_ms,
                         .label = record->label,
                         .scored = record->scored,
                         .score = record->score,
                         .queries = joined(record, arena) };
    if (slots) {
        line.text = text_of(&slots[sink->slots[TEXT]], &slots[sink->slots[TWEET]]);
        line.author = text_of(&slots[sink->slots[HANDLE]], &slots[sink->slots[USER]]);
    }
    struct buffer text;
    buffer_init(&text, MAX(document.length * 4, (size_t)4096));
    bool put = line_append(&text, &line, sink->columns, sink->color) &&
               output_put(&sink->output, buffer_slice(&text));
    buffer_free(&text);
    return put;
}

static void stdout_deliver(void *self, const struct record *records, size_t count,
                           struct handover *handover) {
    struct standard *sink = self;
    struct arena arena;
    bool written = true;
    arena_init(&arena);
    for (size_t i = 0; i < count && written; i++) {
        const struct document *document = sink_document(sink->context, &records[i]);
        written = sink->lines && !record_is_notice(records[i].kind)
                      ? put_line(sink, &records[i], document->bytes, &arena)
                      : output_document(&sink->output, records[i].kind, document);
    }
    arena_free(&arena);
    written = written && output_flush(&sink->output);
    output_answer(&sink->output, written, handover);
}

static void stdout_destroy(void *self) {
    struct standard *sink = self;
    projector_destroy(sink->projector);
    projection_destroy(sink->projection);
    output_free(&sink->output);
    memory_free(sink);
}

const struct sink_ops stdout_sink = {
    .kind = { .name = "stdout",
              .argument = "format",
              .help = "lines on a terminal, documents in a pipe",
              .also = "console|terminal|print",
              .options = { options, LENGTH(options), sizeof(struct settings) } },
    .create = stdout_create,
    .deliver = stdout_deliver,
    .destroy = stdout_destroy,
};
