/* What the embedded store costs: µs CPU a post, and bytes a post.
 *
 * usage: store_bench [POSTS [FILE [CHUNK]]]. Makes FILE anew from random posts whose words, tags,
 * names and sites are as unevenly frequent as people's (Zipf's law), a third of a second apart. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/os.h"
#include "database/format.h"
#include "database/writer.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define POSTS 50000
/* In a transaction: one handover, and as many as there are when the sink is behind. */
#define FEW 500
#define MANY 4000
#define APART_MS 333
#define START_MS INT64_C(1760000000000)

static uint64_t state = 1;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static double next_share(void) { return (double)(next_random() >> 11) / 9007199254740992.0; }

/* From 0, the first the most frequent: about 1/(n + 1). */
static unsigned zipf(unsigned count) {
    return (unsigned)(pow((double)count + 1, next_share()) - 1);
}

static void fail(const struct error *err) {
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static int put_list(char *out, const char *name, const char *format, double most, unsigned kinds) {
    int length = sprintf(out, ",\"%s\":[", name);
    for (int left = (int)(next_share() * most * 2 + 0.5), first = 1; left > 0; left--, first = 0) {
        length += sprintf(out + length, first ? "\"" : ",\"");
        length += sprintf(out + length, format, zipf(kinds));
        length += sprintf(out + length, "\"");
    }
    return length + sprintf(out + length, "]");
}

static struct slice make_document(uint64_t number, char *out) {
    static const char *const labels[] = { "positive", "neutral", "negative" };
    static const char *const langs[] = { "en", "es", "pt", "ja", "de", "fr", "ar", "tr" };
    char created[DATE_BYTES];
    date_write(START_MS + (int64_t)number * APART_MS, created);
    int score = (int)(next_random() % 2001) - 1000, length = 0,
        words = 6 + (int)(next_random() % 16);
    length += sprintf(out, "{\"id\":\"%lu\",\"network\":\"x\",\"text\":\"", number);
    while (words-- > 0)
        length += sprintf(out + length, "word%u ", zipf(60000));
    length +=
        sprintf(out + length,
                "\",\"lang\":\"%s\",\"created\":\"%s\",\"received\":\"%s\",\"author\":{\"id\":"
                "\"%u\",\"handle\":\"author%u\",\"name\":\"An Author\"},\"label\":\"%s\","
                "\"score\":%s0.%03d,\"scorer\":\"vader\"",
                langs[zipf(8)], created, created, (unsigned)number % 700000, zipf(700000),
                labels[score > 300    ? 0
                       : score > -300 ? 1
                                      : 2],
                score < 0 ? "-" : "", abs(score) % 1000);
    length += put_list(out + length, "queries", "query%u", 1.2, 12);
    length += put_list(out + length, "hashtags", "Tag%u", 0.3, 100000);
    length += put_list(out + length, "mentions", "author%u", 0.6, 700000);
    length += put_list(out + length, "urls", "https://www.site%u.co.uk/a/b?c", 0.3, 20000);
    length += sprintf(out + length, ",\"generation\":1}");
    return slice_from(out, (size_t)length);
}

static void put_posts(struct store_writer *writer, uint64_t from, uint64_t to) {
    static char text[4096];
    struct error err;
    struct slice reject;
    char key[32];
    if (!store_writer_begin(writer, &err)) fail(&err);
    for (uint64_t i = from; i < to; i++) {
        struct store_post post = { .document = make_document(i, text), .traits = 0 };
        post.key = slice_from(key, (size_t)snprintf(key, sizeof key, "x:%lu", i));
        if (!store_writer_put(writer, &post, &reject, &err)) fail(&err);
    }
    if (!store_writer_commit(writer, &err)) fail(&err);
}

static void make_store(const char *path, uint64_t posts, uint64_t chunk) {
    static char text[4096];
    struct error err;
    struct os_info info;
    (void)!os_remove(path);
    struct store_writer *writer = store_writer_create(path);
    if (!store_writer_open(writer, &err)) fail(&err);
    uint64_t start = clock_cpu_ns();
    for (uint64_t at = 0; at < posts; at += chunk)
        put_posts(writer, at, MIN(at + chunk, posts));
    uint64_t used = clock_cpu_ns() - start;
    start = clock_cpu_ns();
    for (uint64_t i = 0; i < posts && i < POSTS; i++)
        (void)make_document(i, text);
    double making = (double)(clock_cpu_ns() - start) / (double)MIN(posts, POSTS);
    store_writer_destroy(writer);
    if (!os_stat(path, &info)) exit(1);
    printf("%4lu posts a transaction %8.2f us CPU a post, %.0f bytes a post\n", chunk,
           ((double)used / (double)posts - making) / 1e3, (double)info.bytes / (double)posts);
}

int main(int argc, char **argv) {
    const char *path = argc > 2 ? argv[2] : "build/bench/store.db";
    uint64_t posts = argc > 1 ? strtoull(argv[1], NULL, 10) : POSTS;
    if (argc <= 1) make_store(path, posts, MANY);
    make_store(path, posts, argc > 3 ? strtoull(argv[3], NULL, 10) : FEW);
    return 0;
}
