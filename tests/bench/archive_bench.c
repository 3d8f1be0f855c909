/* What an archive in a folder costs: MB/s of posts per core and by the clock, and how short objects
 * become, for each codec.
 *
 * usage: archive_bench FILE FOLDER [ROUNDS]. The posts of FILE, one a line, are gathered again and
 * again, as the sink's thread does it; objects of 10 MiB, each synced. */
#include "archive/gather.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/os.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* About what a log hands over at once. */
#define AT_ONCE 300
#define MAX_BYTES ((size_t)1 << 30)

static struct record *records;
static size_t count;
static uint64_t bytes;
static const struct sink_context context = { .name = "bench", .log = SLICE("") };

static void fail(const struct error *err) {
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static char *read_records(const char *path) {
    size_t length;
    char *text = os_read_file(path, MAX_BYTES, &length);
    if (text == NULL) exit(1);
    records = memory_zeroed(length / 2 + 1, sizeof *records);
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t line = end ? (size_t)(end - text) - at : length - at;
        if (line)
            records[count++] = (struct record){ .raw = slice_from(text + at, line),
                                                .received_ms = INT64_C(1772860142345) };
        bytes += line + 1;
        at += line + 1;
    }
    return text;
}

struct taken {
    uint64_t stored;
    struct gatherer gatherer;
    struct target_ops ops;
    struct archive_target *target;
};

static struct taken taken;

static bool count_and_place(struct archive_target *target, struct object *object,
                            struct error *err) {
    taken.stored += object->written;
    return folder_target.place(target, object, err);
}

static void gather_all(uint64_t *sequence) {
    struct error err;
    bool lost;
    for (size_t at = 0; at < count; at += AT_ONCE) {
        struct gathering *gathering = memory_zeroed(1, sizeof *gathering);
        gathering->records = records + at;
        gathering->count = MIN(AT_ONCE, count - at);
        for (size_t i = 0; i < gathering->count; i++)
            records[at + i].sequence = ++*sequence;
        if (gatherer_take(&taken.gatherer, gathering, &err) != GATHERED_ALL) fail(&err);
        gatherer_seal(&taken.gatherer, false);
        if (!gatherer_finish(&taken.gatherer, &lost, &err)) fail(&err);
        for (struct gathering *done = taken.gatherer.finished, *next; done; done = next) {
            next = done->next;
            memory_free(done);
        }
        taken.gatherer.finished = NULL;
    }
    gatherer_seal(&taken.gatherer, true);
    if (!gatherer_finish(&taken.gatherer, &lost, &err)) fail(&err);
}

/* What is to be reached, in MB/s per core. */
static const char *limit_of(enum codec codec, unsigned level) {
    if (level > 1) return "";
    return codec == CODEC_GZIP ? " (at least 300)" : " (at least 500)";
}

/* The reference: the bytes by a plain library call, in memory, in pieces as large. */
static double time_copy(const char *text, size_t length, bool zstd) {
    const size_t piece = 1 << 20;
    size_t room = ZSTD_compressBound(piece);
    char *out = memory_alloc(room);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    uint64_t start = clock_cpu_ns();
    for (size_t at = 0; at < length; at += piece) {
        size_t part = MIN(piece, length - at);
        if (zstd)
            (void)ZSTD_compressCCtx(context, out, room, text + at, part, 1);
        else
            memcpy(out, text + at, part);
        __asm__ volatile("" : : "r"(out) : "memory");
    }
    uint64_t spent = clock_cpu_ns() - start;
    ZSTD_freeCCtx(context);
    memory_free(out);
    return (double)length * 1e3 / (double)spent;
}

static void measure(const char *folder, enum codec codec, unsigned level, unsigned rounds) {
    struct archive_options options = { .to = folder };
    struct gather_settings settings = { .name = "bench",
                                        .style = { .context = &context, .delimiter = SLICE("\n") },
                                        .stream = "bench",
                                        .codec = codec,
                                        .level = level,
                                        .size = 10 << 20,
                                        .interval_ms = 900000 };
    struct arena arena;
    struct error err;
    char path[PATH_BYTES];
    arena_init(&arena);
    snprintf(path, sizeof path, "%s.intents", folder);
    os_remove_file(path);
    taken = (struct taken){ .ops = folder_target,
                            .target = folder_target.open(&options, &context, &err) };
    struct intents *intents = intents_open(path, SLICE(""), &err);
    if (taken.target == NULL || intents == NULL ||
        !prefix_compile("", PREFIX_RECORDS, &arena, &settings.prefix, &err))
        fail(&err);
    taken.ops.place = count_and_place;
    taken.target->ops = &taken.ops;
    settings.parts = taken.target->parts;
    gatherer_init(&taken.gatherer, &settings, taken.target, intents);
    uint64_t sequence = 0, cpu_ns = clock_cpu_ns(), wall_ns = clock_monotonic_ns();
    for (unsigned round = 0; round < rounds; round++)
        gather_all(&sequence);
    cpu_ns = clock_cpu_ns() - cpu_ns;
    wall_ns = clock_monotonic_ns() - wall_ns;
    double all = (double)(bytes * rounds);
    printf("%-4s %u  %7.0f MB/s per core, %6.0f by the clock, to %5.1f%%%s\n", codec_names[codec],
           level, all * 1e3 / (double)cpu_ns, all * 1e3 / (double)wall_ns,
           100 * (double)taken.stored / all, limit_of(codec, level));
    gatherer_free(&taken.gatherer);
    intents_close(intents);
    os_remove_file(path);
    folder_target.close(taken.target);
    arena_free(&arena);
}

int main(int argument_count, char **arguments) {
    if (argument_count < 3) return 2;
    unsigned rounds = argument_count > 3 ? (unsigned)atoi(arguments[3]) : 4;
    char *text = read_records(arguments[1]);
    static const struct {
        enum codec codec;
        unsigned level;
    } cases[] = { { CODEC_NONE, 1 }, { CODEC_GZIP, 1 }, { CODEC_GZIP, 3 },
                  { CODEC_ZSTD, 1 }, { CODEC_ZSTD, 3 }, { CODEC_ZSTD, 9 } };
    for (size_t i = 0; i < LENGTH(cases); i++)
        measure(arguments[2], cases[i].codec, cases[i].level, rounds);
    printf("reference: memory copied %7.0f MB/s per core, libzstd 1 alone %6.0f\n",
           time_copy(text, bytes, false), time_copy(text, bytes, true));
    memory_free(records);
    memory_free(text);
    return 0;
}
