/* How long questions to an embedded store take: searches and statistics as the verbs ask them.
 *
 * usage: store_questions [FILE], which store_bench made. A search that was cut by its time is
 * "partial". */
#include "base/alloc.h"
#include "base/clock.h"
#include "search/search.h"
#include "search/stats.h"
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 20
#define BUDGET_MS 200
#define LIMIT 50
#define HOUR_MS INT64_C(3600000)

static struct stored stored;
static int64_t newest_ms;

static void fail(const struct error *err) {
    fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static int compare_times(const void *a, const void *b) {
    const double *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* Asks again and again; `ask` says how many came of it and whether that is all. */
static void measure(const char *name, uint64_t (*ask)(const void *question, bool *whole),
                    const void *question, double most_ms) {
    double times[ROUNDS], total = 0;
    uint64_t found = 0;
    bool whole = true;
    int rounds = 0;
    for (; rounds < ROUNDS && total < 10000; rounds++) {
        uint64_t start = clock_monotonic_ns();
        found = ask(question, &whole);
        times[rounds] = (double)(clock_monotonic_ns() - start) / 1e6;
        total += times[rounds];
    }
    qsort(times, (size_t)rounds, sizeof *times, compare_times);
    double p95 = times[(rounds * 95 + 99) / 100 - 1];
    printf("%-34s %8.2f ms, at p95 %8.2f ms, %8lu found%s%s\n", name, times[rounds / 2], p95, found,
           whole ? "" : ", partial", whole && p95 > most_ms ? "  TOO LONG" : "");
}

static void take(void *context, const struct found_post *post) { (void)context, (void)post; }

static uint64_t ask_search(const void *query, bool *whole) {
    struct error err;
    struct search_outcome outcome;
    struct search_question question = { .query = slice_of(query),
                                        .span = { MOMENT_FIRST, MOMENT_LAST },
                                        .limit = LIMIT,
                                        .budget_ms = BUDGET_MS };
    struct search *search = search_create(&stored, &question, &err);
    if (search == NULL || !search_run(search, take, NULL, &outcome, &err)) fail(&err);
    search_destroy(search);
    *whole = !outcome.partial;
    return outcome.found;
}

struct count {
    const char *name;
    enum stats_by by;
    int hours; /* back from the newest post; 0: all */
    const char *query;
};

static uint64_t ask_stats(const void *asked, bool *whole) {
    const struct count *count = asked;
    struct error err;
    struct arena arena;
    struct stats stats;
    struct stats_question question = { .by = count->by,
                                       .span = { MOMENT_FIRST, MOMENT_LAST },
                                       .query = slice_of(count->query ? count->query : ""),
                                       .named = count->query != NULL,
                                       .limit = 20,
                                       .budget_ms = BUDGET_MS };
    /* Half a minute past, so that finer steps are read at the ends. */
    if (count->hours) question.span.since_ms = newest_ms - count->hours * HOUR_MS - 30000;
    arena_init(&arena);
    if (!stats_ask(&stored, &question, &arena, &stats, &err)) fail(&err);
    *whole = !stats.partial;
    uint64_t rows = stats.count + stats.left_out;
    arena_free(&arena);
    return rows;
}

int main(int argc, char **argv) {
    static const char *const searches[] = {
        "word3",
        "word50000",
        "word30 word400",
        "\"word30 word4\"",
        "word59*",
        "#tag5 lang:de",
        "from:author3",
        "word3 NEAR/3 word5000",
        "word1 OR word2",
        "word100 sentiment:negative",
        "query:query11 score:<-0.9",
        "-word1 -word2",
        "/word9{3}/",
        "nothinglike",
    };
    static const struct count counts[] = {
        { "labels, all", STATS_BY_LABEL, 0, NULL },
        { "by hour, a week", STATS_BY_HOUR, 168, NULL },
        { "by minute, a day", STATS_BY_MINUTE, 24, NULL },
        { "by query, all", STATS_BY_QUERY, 0, NULL },
        { "by lang, a week", STATS_BY_LANG, 168, NULL },
        { "by hashtag, an hour", STATS_BY_HASHTAG, 1, NULL },
        { "by hashtag, a day", STATS_BY_HASHTAG, 24, NULL },
        { "by hashtag, all", STATS_BY_HASHTAG, 0, NULL },
        { "by domain, a week", STATS_BY_DOMAIN, 168, NULL },
        { "by author, a day", STATS_BY_AUTHOR, 24, NULL },
        { "by author, all", STATS_BY_AUTHOR, 0, NULL },
        { "query3 by day, all", STATS_BY_DAY, 0, "query3" },
    };
    struct error err;
    struct span all = { MOMENT_FIRST, MOMENT_LAST };
    int64_t first_s, last_s;
    bool some;
    if (!stored_open(&stored, argc > 1 ? argv[1] : "build/bench/store.db", &err) ||
        !stats_extent(&stored, &all, &some, &first_s, &last_s, &err))
        fail(&err);
    newest_ms = last_s * 1000;
    for (size_t i = 0; i < LENGTH(searches); i++)
        measure(searches[i], ask_search, searches[i], 200);
    for (size_t i = 0; i < LENGTH(counts); i++)
        measure(counts[i].name, ask_stats, &counts[i], 50);
    stored_close(&stored);
    return 0;
}
