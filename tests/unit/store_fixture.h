/* A store of random posts, in a folder of the test's own. Header only; the including file has
 * own_folder.h above it. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "base/date.h"
#include "database/writer.h"
#include "search/search.h"
#include "json/writer.h"

#define FIRST_MS INT64_C(1790000000000)

static const char *const fixture_labels[] = { "negative", "neutral", "positive", "unknown" };

static inline void put_random_list(struct writer *writer, const char *name, const char *format,
                                   struct arena *arena) {
    write_name(writer, slice_of(name));
    write_array(writer);
    for (int left = rand() % 3; left > 0; left--)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        write_text(writer, arena_format(arena, format, 'a' + rand() % 6));
#pragma GCC diagnostic pop
    write_array_end(writer);
}

/* Words are "wa", which nearly all have, to "wh", which few do. */
static inline struct slice random_text(struct arena *arena) {
    struct slice text = SLICE("");
    for (int left = 1 + rand() % 8; left > 0; left--) {
        int word = 0;
        while (word < 7 && rand() % 3 == 0)
            word++;
        text = arena_format(arena, "%.*s w%c", SLICE_ARGS(text), 'a' + word);
    }
    return text;
}

static inline struct slice random_document(int number, int64_t created_ms, struct arena *arena) {
    struct writer writer;
    int label = rand() % 4;
    writer_init(&writer, arena, 512);
    write_object(&writer);
    write_text_member(&writer, "id", arena_format(arena, "%d", number));
    write_text_member(&writer, "network", rand() % 2 ? SLICE("x") : SLICE("plain"));
    write_text_member(&writer, "text", random_text(arena));
    write_text_member(&writer, "lang", rand() % 2 ? SLICE("en") : SLICE("de"));
    write_time_member(&writer, "created", created_ms);
    write_time_member(&writer, "received", FIRST_MS);
    write_name(&writer, SLICE("author"));
    write_object(&writer);
    write_text_member(&writer, "id", arena_format(arena, "%d", rand() % 50));
    write_object_end(&writer);
    write_text_member(&writer, "label", slice_of(fixture_labels[label]));
    if (label < 3) write_name(&writer, SLICE("score"));
    if (label < 3) write_double(&writer, (label - 1) * 0.5);
    put_random_list(&writer, "queries", "q%c", arena);
    put_random_list(&writer, "hashtags", "T%c", arena);
    put_random_list(&writer, "mentions", "m%c", arena);
    put_random_list(&writer, "urls", "https://www.%c.example.co.uk/x", arena);
    write_object_end(&writer);
    return writer_finish(&writer);
}

static inline void put_post(struct store_writer *writer, int number, int64_t created_ms,
                            struct arena *arena) {
    struct error err;
    struct slice reject = { 0 };
    struct store_post post = { .key = arena_format(arena, "x:%d", number),
                               .document = random_document(number, created_ms, arena),
                               .traits = rand() % 2 ? TRAIT_RETWEET : 0,
                               .received_ms = FIRST_MS };
    if (!store_writer_put(writer, &post, &reject, &err)) fail_msg("%s", err.text);
    assert_null(reject.data);
}

/* Posts from number `first` on, a second apart as they come, or at random within the same time. */
static inline void put_posts(struct store_writer *writer, int first, int count, bool in_order) {
    struct error err;
    struct arena arena;
    arena_init(&arena);
    if (!store_writer_open(writer, &err)) fail_msg("%s", err.text);
    assert_true(store_writer_begin(writer, &err));
    for (int i = 0; i < count; i++) {
        int64_t second = in_order ? first + i : rand() % (first + count);
        put_post(writer, first + i, FIRST_MS + second * 1000, &arena);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    assert_true(store_writer_commit(writer, &err));
    arena_free(&arena);
}

#endif
