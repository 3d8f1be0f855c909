/* µs CPU a record for each part of the job, over records in memory: parse, match, score, document.
 *
 * usage: parts FILE. Each part is timed on its own, the fastest of several rounds over all records;
 * a part's figure is its stage's time minus that of the stages before it. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/os.h"
#include "config/snapshot.h"
#include "sinks/registry.h"
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 5
#define MAX_BYTES ((size_t)1 << 30)

struct records {
    char *bytes;
    struct slice *items;
    size_t count;
};

static void read_records(const char *path, struct records *records) {
    size_t length;
    char *text = os_read_file(path, MAX_BYTES, &length);
    if (text == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    records->bytes = memory_resize(text, length + JSON_PADDING);
    records->items = memory_alloc((length / 2 + 1) * sizeof *records->items);
    for (size_t at = 0; at < length;) {
        const char *start = records->bytes + at;
        const char *end = memchr(start, '\n', length - at);
        size_t line = end ? (size_t)(end - start) : length - at;
        struct slice record = slice_trim(slice_from(start, line));
        if (record.length) records->items[records->count++] = record;
        at += line + 1;
    }
}

enum stage { STAGE_PARSE, STAGE_MATCH, STAGE_SCORE, STAGE_DOCUMENT, STAGES };

struct bench {
    const struct snapshot *snapshot;
    struct projector *projector;
    struct query_scratch *query_scratch;
    struct schema_scratch *schema_scratch;
    struct arena arena;
};

static void do_record(struct bench *bench, struct slice record, enum stage last) {
    const struct snapshot *snapshot = bench->snapshot;
    struct message message = { .raw = record };
    struct record_place place = { .source = SLICE("bench") };
    struct document_context context = { .query_names = snapshot->query_names };
    const struct json_slot *slots =
        message_read(snapshot->dialects, bench->projector, &place, &message, &bench->arena);
    if (message.kind != MESSAGE_POST || last == STAGE_PARSE) return;
    query_set_match(snapshot->queries, bench->query_scratch, &message, &bench->arena);
    if (last == STAGE_MATCH) return;
    const struct scorer *scorer = snapshot_scorer(snapshot, message.lang);
    struct slice text = schema_text(snapshot->schemas[0], &message, slots);
    struct score score = scorer->ops->score(scorer->engine, text, &bench->arena, false);
    message.label = snapshot_label(snapshot, scorer, &score);
    if (last == STAGE_SCORE) return;
    (void)schema_document(snapshot->schemas[0], bench->schema_scratch, &message, slots, &context,
                          &bench->arena);
}

/* µs a record up to and with this stage, the fastest round. */
static double time_stage(struct bench *bench, const struct records *records, enum stage last) {
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start = clock_cpu_ns();
        for (size_t i = 0; i < records->count; i++) {
            do_record(bench, records->items[i], last);
            if (i % 256 == 0) arena_reset(&bench->arena, (size_t)4 << 20);
        }
        best = MIN(best, clock_cpu_ns() - start);
    }
    return (double)best / 1e3 / (double)records->count;
}

static struct snapshot *load(void) {
    static const struct part_kind *const none[] = { NULL };
    static const struct part_kind *const known[] = { &archive_sink.kind, NULL };
    static const char *const queries[] = { "coffee OR love OR weather OR work OR school OR music",
                                           NULL };
    static const char *const sinks[] = { NULL };
    struct parts parts = { none, known };
    struct snapshot_request request = { .path = "config/prototype.lua",
                                        .share = ".",
                                        .parts = &parts,
                                        .queries = queries,
                                        .sinks = sinks,
                                        .generation = 1 };
    struct error err;
    struct snapshot *snapshot = snapshot_load(&request, &err);
    if (snapshot) return snapshot;
    fprintf(stderr, "%s\n", err.text);
    exit(1);
}

int main(int argc, char **argv) {
    static const char *const names[STAGES] = { "parse", "match", "score", "document" };
    struct records records = { 0 };
    if (argc != 2) return 2;
    read_records(argv[1], &records);
    struct snapshot *snapshot = load();
    struct bench bench = { .snapshot = snapshot,
                           .projector = projector_create(snapshot->projection),
                           .query_scratch = query_scratch_create(snapshot->queries),
                           .schema_scratch = schema_scratch_create() };
    arena_init(&bench.arena);
    double before = 0;
    for (enum stage stage = STAGE_PARSE; stage < STAGES; stage++) {
        double time = time_stage(&bench, &records, stage);
        printf("%-10s %6.2f us a record\n", names[stage], time - before);
        before = time;
    }
    return 0;
}
