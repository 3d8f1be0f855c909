/* Verb "match": which queries match, and which term made them. */
#include "base/alloc.h"
#include "base/clock.h"
#include "cli/lines.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "post/batch.h"
#include "json/writer.h"

struct matching {
    const struct snapshot *snapshot;
    struct projector *projector;
    struct query_scratch *scratch;
    struct arena arena;
    uint64_t ordinal;
    bool json;
};

/* The reasons of one query, from `at` on; returns how many. */
static size_t same_query(const struct query_reason *reasons, size_t at, size_t count) {
    size_t end = at;
    while (end < count && reasons[end].query == reasons[at].query)
        end++;
    return end - at;
}

static void print_reasons(const struct query_reason *reasons, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i) print(", ");
        print_text(reasons[i].term);
        if (reasons[i].matched.length == 0) continue;
        print(" = \"");
        print_text(reasons[i].matched);
        print("\"");
    }
}

static void print_row(const char *query, const struct query_reason *reasons, size_t count,
                      struct slice text) {
    print_text(slice_of(query));
    print("\t");
    print_reasons(reasons, count);
    print("\t");
    print_text(text);
    print("\n");
}

static void print_rows(const struct matching *matching, struct slice text,
                       const struct query_reason *reasons, size_t count) {
    if (count == 0) print_row("-", reasons, 0, text);
    for (size_t at = 0; at < count;) {
        size_t length = same_query(reasons, at, count);
        print_row(matching->snapshot->query_names[reasons[at].query], reasons + at, length, text);
        at += length;
    }
}

static void write_reasons(struct writer *writer, const struct query_reason *reasons, size_t count) {
    write_array(writer);
    for (size_t i = 0; i < count; i++) {
        write_object(writer);
        write_name(writer, SLICE("term"));
        write_text(writer, reasons[i].term);
        write_name(writer, SLICE("matched"));
        write_text(writer, reasons[i].matched);
        write_object_end(writer);
    }
    write_array_end(writer);
}

static void print_json(struct matching *matching, struct slice text,
                       const struct query_reason *reasons, size_t count) {
    struct writer writer;
    writer_init(&writer, &matching->arena, text.length * 2 + 256);
    write_object(&writer);
    write_name(&writer, SLICE("text"));
    write_text(&writer, text);
    write_name(&writer, SLICE("queries"));
    write_object(&writer);
    for (size_t at = 0; at < count;) {
        size_t length = same_query(reasons, at, count);
        write_name(&writer, slice_of(matching->snapshot->query_names[reasons[at].query]));
        write_reasons(&writer, reasons + at, length);
        at += length;
    }
    write_object_end(&writer);
    write_object_end(&writer);
    print_text(writer_finish(&writer));
    print("\n");
}

static int match_text(void *context, struct slice text) {
    struct matching *matching = context;
    const struct snapshot *snapshot = matching->snapshot;
    struct message message = { .raw = text,
                               .offset = matching->ordinal++,
                               .received_ms = clock_wall_ms() };
    struct record_place place = { .source = SLICE("-") };
    size_t count = 0;
    struct query_reason *reasons = NULL;
    (void)!message_read(snapshot->dialects, matching->projector, &place, &message,
                        &matching->arena);
    bool post = message.kind == MESSAGE_POST || message.kind == MESSAGE_EDIT;
    if (message.kind == MESSAGE_MALFORMED)
        complain("linnet match: malformed: %.*s\n", SLICE_ARGS(message.reason));
    else if (post)
        reasons = query_set_explain(snapshot->queries, matching->scratch, &message,
                                    &matching->arena, &count);
    if (post && matching->json)
        print_json(matching, message.text, reasons, count);
    else if (post)
        print_rows(matching, message.text, reasons, count);
    arena_reset(&matching->arena, ARENA_BLOCK_BYTES);
    return 0;
}

int verb_match(const struct arguments *arguments) {
    int code;
    enum setup how = arguments->values[FLAG_QUERY] ? SETUP_DEFAULTS : SETUP_NEEDED;
    struct snapshot *snapshot = setup_snapshot(arguments, how, NULL, &code);
    if (snapshot == NULL) return code;
    struct matching matching = { .snapshot = snapshot,
                                 .projector = projector_create(snapshot->projection),
                                 .scratch = query_scratch_create(snapshot->queries),
                                 .json = arguments->given[FLAG_JSON] };
    arena_init(&matching.arena);
    if (query_set_count(snapshot->queries) == 0) {
        complain(
            "linnet match: there is no query\n    name one with -e, or a configuration with -c\n");
        code = 2;
    } else
        code = each_text(arguments, match_text, &matching);
    arena_free(&matching.arena);
    query_scratch_destroy(matching.scratch);
    projector_destroy(matching.projector);
    snapshot_release(snapshot);
    return code;
}
