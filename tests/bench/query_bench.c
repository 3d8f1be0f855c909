/* µs of CPU time a text, for splitting into tokens and for matching 10 and 10,000 queries. Run from
 * the root of the repository:
 *
 *   query_bench [FILE [ROUNDS]]
 *
 * FILE holds one post a line, in its last column of tabs; by default the 4,200 tweets that come
 * with VADER. */
#include "base/alloc.h"
#include "post/query.h"
#include "text/token.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_TEXTS 100000

static struct slice texts[MAX_TEXTS];

static size_t texts_read(const char *path) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0, count = 0;
    ssize_t length;
    while (file && count < MAX_TEXTS && (length = getline(&line, &size, file)) > 0) {
        line[length - 1] = '\0';
        char *tab = strrchr(line, '\t');
        texts[count++] = slice_of(memory_copy_text(tab ? tab + 1 : line));
    }
    free(line);
    if (file) fclose(file);
    return count;
}

/* A word of six letters or more that some text holds. */
static struct slice word_from_texts(size_t count, struct arena *arena) {
    for (;;) {
        struct token_list tokens = token_split(texts[(size_t)rand() % count], arena);
        if (tokens.count == 0) continue;
        const struct token *token = &tokens.items[(size_t)rand() % tokens.count];
        if (token->kind == TOKEN_WORD && token->length >= 6) return token->folded;
    }
}

/* The kinds of query that people write; together about one post in a hundred matches. */
static struct slice query_make(size_t i, size_t count, struct arena *arena) {
    struct slice a = word_from_texts(count, arena), b = word_from_texts(count, arena);
    struct slice c = word_from_texts(count, arena);
    switch (i % 5) {
    case 0:
        return arena_format(arena, "(\"brand%zu\" OR product%zu) (crash OR refund*) lang:en", i, i);
    case 1: return arena_format(arena, "#tag%zu OR @name%zu OR $c%zu", i, i, i);
    case 2:
        return arena_format(arena, "\"%.*s %.*s\" %.*s", SLICE_ARGS(a), SLICE_ARGS(b),
                            SLICE_ARGS(c));
    case 3:
        return arena_format(arena, "%.*s NEAR/5 %.*s -%.*s", SLICE_ARGS(a), SLICE_ARGS(b),
                            SLICE_ARGS(c));
    default:
        return arena_format(arena, "%.*s %.*s %.*s", SLICE_ARGS(a), SLICE_ARGS(b), SLICE_ARGS(c));
    }
}

static double seconds_since(clock_t start) { return (double)(clock() - start) / CLOCKS_PER_SEC; }

static void queries_measure(size_t queries, size_t count, int rounds) {
    struct arena arena;
    struct error err;
    size_t bad_query, bad_offset, matched = 0;
    struct query_source *sources = memory_zeroed(queries, sizeof *sources);
    arena_init(&arena);
    srand(1);
    for (size_t i = 0; i < queries; i++)
        sources[i] = (struct query_source){ "q", query_make(i, count, &arena), QUERY_LANGUAGE };
    clock_t start = clock();
    struct query_set *set = query_set_create(sources, queries, &bad_query, &bad_offset, &err);
    if (set == NULL) exit(1);
    double compiling = seconds_since(start);
    struct query_scratch *scratch = query_scratch_create(set);
    start = clock();
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++) {
            struct message message = { .text = texts[i], .lang = SLICE("en") };
            query_set_match(set, scratch, &message, &arena);
            matched += message.query_count > 0;
            if (i % 256 == 255) arena_reset(&arena, ARENA_BLOCK_BYTES);
        }
    printf("%6zu queries: %.3f µs a text, %.2f%% match, compiled in %.1f ms\n", queries,
           seconds_since(start) * 1e6 / (double)count / rounds,
           100.0 * (double)matched / (double)count / rounds, compiling * 1e3);
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    memory_free(sources);
    arena_free(&arena);
}

static void tokens_measure(size_t count, int rounds) {
    struct arena arena;
    size_t tokens = 0, bytes = 0;
    arena_init(&arena);
    clock_t start = clock();
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++) {
            tokens += token_split(texts[i], &arena).count;
            bytes += texts[i].length;
            arena_reset(&arena, ARENA_BLOCK_BYTES);
        }
    double calls = (double)count * rounds;
    printf("        tokens: %.3f µs a text of %.0f bytes and %.1f tokens\n",
           seconds_since(start) * 1e6 / calls, (double)bytes / calls, (double)tokens / calls);
    arena_free(&arena);
}

int main(int argc, char **argv) {
    size_t count =
        texts_read(argc > 1 ? argv[1] : "tests/data/sentiment/vader_tweets_ground_truth.tsv");
    int rounds = argc > 2 ? atoi(argv[2]) : 50;
    if (count == 0 || rounds < 1) return 2;
    tokens_measure(count, rounds);
    queries_measure(10, count, rounds);
    queries_measure(10000, count, rounds);
    for (size_t i = 0; i < count; i++)
        memory_free((void *)texts[i].data);
    return 0;
}
