/* µs of CPU time that each engine takes for a post. Run from the root of the repository:
 *
 *   score_bench [FILE [ROUNDS]]
 *
 * FILE holds one post a line, in its last column of tabs; by default the 4,200 tweets that come
 * with VADER. */
#include "../unit/lexicon_from_lua.h"
#include "base/alloc.h"
#include "sentiment/scorer.h"
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

static void engine_measure(const struct scorer_ops *ops, size_t count, int rounds) {
    char path[64];
    struct error err = { 0 };
    struct arena arena;
    double sum = 0, bytes = 0;
    snprintf(path, sizeof path, "plugins/lexicons/%s.lua", ops->name);
    struct lexicon *lexicon = lexicon_from_lua(path);
    void *engine = ops->create(lexicon, &err);
    arena_init(&arena);
    for (size_t i = 0; i < count; i++)
        bytes += (double)texts[i].length;
    clock_t start = clock();
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++) {
            sum += ops->score(engine, texts[i], &arena, false).value;
            if (i % 256 == 255) arena_reset(&arena, ARENA_BLOCK_BYTES * 4);
        }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC, calls = (double)count * rounds;
    printf("%-9s %.3f µs a text of %.0f bytes (%zu texts, %d rounds, mean value %+.4f)\n",
           ops->name, seconds * 1e6 / calls, bytes / (double)count, count, rounds, sum / calls);
    arena_free(&arena);
    ops->destroy(engine);
    lexicon_destroy(lexicon);
}

int main(int argc, char **argv) {
    size_t count =
        texts_read(argc > 1 ? argv[1] : "tests/data/sentiment/vader_tweets_ground_truth.tsv");
    int rounds = argc > 2 ? atoi(argv[2]) : 50;
    if (count == 0 || rounds < 1) return 2;
    for (size_t i = 0; scorer_ops_name(i); i++)
        engine_measure(scorer_ops_find(slice_of(scorer_ops_name(i))), count, rounds);
    for (size_t i = 0; i < count; i++)
        memory_free((char *)texts[i].data);
    return 0;
}
