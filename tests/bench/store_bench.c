/* What the embedded store costs: µs CPU a post, bytes a post, and ms a question.
 *
 * usage: store_bench [POSTS [FILE]]. Makes FILE anew from random posts whose words, tags, names and
 * sites are as unevenly frequent as people's (Zipf's law), a third of a second apart; with POSTS 0
 * only asks one that is there. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/os.h"
#include "sinks/store_format.h"
#include "sinks/store_writer.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define POSTS 50000
#define CHUNK 500
#define APART_MS 333
#define START_MS INT64_C(1760000000000)
#define ROUNDS 20

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
                "\"score\":%d.%03d,\"scorer\":\"vader\"",
                langs[zipf(8)], created, created, (unsigned)number % 700000, zipf(700000),
                labels[score > 300 ? 0 : score > -300], 0, abs(score) % 1000);
    length += put_list(out + length, "queries", "query%u", 1.2, 12);
    length += put_list(out + length, "hashtags", "Tag%u", 0.3, 100000);
    length += put_list(out + length, "mentions", "author%u", 0.6, 700000);
    length += put_list(out + length, "urls", "https://www.site%u.co.uk/a/b?c", 0.3, 20000);
    return slice_from(out, (size_t)(length + sprintf(out + length, ",\"generation\":1}")));
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

static void make_store(const char *path, uint64_t posts) {
    static char text[4096];
    struct error err;
    struct os_info info;
    (void)!os_remove(path);
    struct store_writer *writer = store_writer_create(path);
    if (!store_writer_open(writer, &err)) fail(&err);
    uint64_t start = clock_cpu_ns();
    for (uint64_t at = 0; at < posts; at += CHUNK)
        put_posts(writer, at, MIN(at + CHUNK, posts));
    uint64_t used = clock_cpu_ns() - start;
    start = clock_cpu_ns();
    for (uint64_t i = 0; i < posts && i < POSTS; i++)
        (void)make_document(i, text);
    double making = (double)(clock_cpu_ns() - start) / (double)MIN(posts, POSTS);
    store_writer_destroy(writer);
    if (!os_stat(path, &info)) exit(1);
    printf("%-28s %8.2f us CPU a post, %.0f bytes a post\n", "stored, found and counted",
           ((double)used / (double)posts - making) / 1e3, (double)info.bytes / (double)posts);
}

/* ---- questions ---- */

#define BY(dimension, step, seconds)                                                               \
    "SELECT value, sum(posts) AS n FROM rollup WHERE step = " step " AND dimension = " dimension   \
    " AND start >= (SELECT max(created_s) FROM post) - " seconds                                   \
    " GROUP BY value ORDER BY n DESC LIMIT 20"
#define FIND(terms)                                                                                \
    "SELECT post.document FROM post_terms JOIN post ON post.number = post_terms.rowid"             \
    " WHERE post_terms MATCH '" terms "' ORDER BY post_terms.rowid DESC LIMIT 50"

static const struct {
    const char *name, *sql;
} questions[] = {
    { "labels an hour, a week",
      "SELECT start, label, sum(posts) FROM rollup WHERE step = 3600 AND dimension = 0 AND start >="
      " (SELECT max(created_s) FROM post) - 604800 GROUP BY start, label" },
    { "by query, a month", BY("1", "86400", "2592000") },
    { "by language, a month", BY("6", "86400", "2592000") },
    { "by hashtag, an hour", BY("2", "60", "3600") },
    { "by hashtag, a day", BY("2", "3600", "86400") },
    { "by hashtag, a month", BY("2", "86400", "2592000") },
    { "by author, a day", BY("5", "3600", "86400") },
    { "by author, a month", BY("5", "86400", "2592000") },
    { "text: a frequent word", FIND("\"wword3\"") },
    { "text: a rare word", FIND("\"wword50000\"") },
    { "text: two words", FIND("\"wword30\" AND \"wword400\"") },
    { "text: a prefix", FIND("\"wword59\" *") },
    { "text: a tag and a language", FIND("\"#tag5\" AND \"lde\"") },
};

static int compare_times(const void *a, const void *b) {
    const double *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

static void ask(struct database *database, size_t which) {
    struct error err;
    double times[ROUNDS];
    size_t found = 0;
    for (int round = 0; round < ROUNDS; round++) {
        bool row = true;
        uint64_t start = clock_monotonic_ns();
        sqlite3_stmt *statement = database_prepare(database, questions[which].sql, &err);
        if (statement == NULL) fail(&err);
        for (found = 0; row; found += row)
            if (!database_step(database, statement, &row, &err)) fail(&err);
        sqlite3_finalize(statement);
        times[round] = (double)(clock_monotonic_ns() - start) / 1e6;
    }
    qsort(times, ROUNDS, sizeof *times, compare_times);
    printf("%-28s %8.2f ms, at p95 %.2f ms (%zu rows)\n", questions[which].name, times[ROUNDS / 2],
           times[ROUNDS * 95 / 100], found);
}

int main(int argc, char **argv) {
    const char *path = argc > 2 ? argv[2] : "build/bench/store.db";
    uint64_t posts = argc > 1 ? strtoull(argv[1], NULL, 10) : POSTS;
    struct database database;
    struct error err;
    if (posts) make_store(path, posts);
    if (!database_open(&database, path, &store_format, DATABASE_READ, &err)) fail(&err);
    for (size_t i = 0; i < LENGTH(questions); i++)
        ask(&database, i);
    database_close(&database);
    return 0;
}
