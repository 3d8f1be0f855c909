/* Counting the embedded store: roll-ups and a recount of every post say the same, whatever was
 * edited and deleted. */
#include "own_folder.h"
#include "search/stats.h"
#include "store_fixture.h"

#define POSTS 3000

static struct stored stored;
static struct arena arena;

static const struct span always = { MOMENT_FIRST, MOMENT_LAST };

static struct stats ask(enum stats_by by, struct span span, const char *query, bool named) {
    struct stats_question question = {
        .by = by, .span = span, .query = slice_of(query), .named = named
    };
    struct stats stats;
    struct error err;
    if (!stats_ask(&stored, &question, &arena, &stats, &err)) fail_msg("%s", err.text);
    assert_false(stats.partial);
    return stats;
}

static const struct stats_row *find(const struct stats *stats, const struct stats_row *like) {
    for (size_t i = 0; i < stats->count; i++)
        if (slice_equal(stats->rows[i].value, like->value) &&
            stats->rows[i].start_s == like->start_s)
            return &stats->rows[i];
    return NULL;
}

static void assert_counts(const struct stats_counts *a, const struct stats_counts *b) {
    assert_memory_equal(a, b, sizeof *a);
}

static void assert_stats(const struct stats *a, const struct stats *b) {
    assert_counts(&a->total, &b->total);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct stats_row *other = find(b, &a->rows[i]);
        if (other == NULL) fail_msg("no row %.*s", SLICE_ARGS(a->rows[i].value));
        assert_counts(&a->rows[i].counts, &other->counts);
    }
}

/* A query that every post matches has no roll-up: its posts are counted one by one. */
#define EVERY "-nothinglikethis"

static void roll_ups_say_what_a_recount_says(void **state) {
    struct span part = { FIRST_MS + 500 * 1000, FIRST_MS + 2000 * 1000 };
    (void)state;
    for (int by = STATS_BY_ALL; by < STATS_BYS; by++) {
        struct stats all = ask((enum stats_by)by, always, "", false);
        struct stats some = ask((enum stats_by)by, part, "", false);
        struct stats recount = ask((enum stats_by)by, always, EVERY, false);
        struct stats recount_some = ask((enum stats_by)by, part, EVERY, false);
        assert_stats(&all, &recount);
        assert_stats(&some, &recount_some);
        assert_true(all.total.posts > some.total.posts && some.total.posts > 0);
        assert_true(by == STATS_BY_ALL || all.count > 0);
    }
}

static void a_query_by_its_name_is_the_posts_that_were_kept_for_it(void **state) {
    static const enum stats_by simple[] = { STATS_BY_ALL, STATS_BY_LABEL, STATS_BY_MINUTE,
                                            STATS_BY_HOUR, STATS_BY_DAY };
    struct error err;
    bool is;
    (void)state;
    for (size_t i = 0; i < LENGTH(simple); i++) {
        struct stats named = ask(simple[i], always, "qb", true);
        struct stats recount = ask(simple[i], always, "query:qb", false);
        assert_true(named.total.posts > 0);
        assert_stats(&named, &recount);
    }
    struct stats named = ask(STATS_BY_HASHTAG, always, "qb", true);
    struct stats recount = ask(STATS_BY_HASHTAG, always, "query:qb", false);
    assert_stats(&named, &recount);
    assert_true(stats_is_query(&stored, SLICE("qb"), &is, &err) && is);
    assert_true(stats_is_query(&stored, SLICE("wb"), &is, &err) && !is);
}

static void a_query_that_nothing_is_kept_for_any_more_has_no_posts(void **state) {
    (void)state;
    assert_int_equal(ask(STATS_BY_ALL, always, "gone", true).total.posts, 0);
    assert_int_equal(ask(STATS_BY_DAY, always, "gone", true).count, 0);
}

static void the_greatest_come_first_and_the_rest_is_numbered(void **state) {
    struct stats_question question = { .by = STATS_BY_HASHTAG, .span = always, .limit = 2 };
    struct stats_question times = { .by = STATS_BY_MINUTE, .span = always, .limit = 3 };
    struct stats stats, last;
    struct error err;
    (void)state;
    assert_true(stats_ask(&stored, &question, &arena, &stats, &err));
    assert_int_equal(stats.count, 2);
    assert_int_equal(stats.left_out, 4);
    struct stats all_tags = ask(STATS_BY_HASHTAG, always, "", false);
    for (size_t i = 0; i < 2; i++)
        assert_counts(&stats.rows[i].counts, &all_tags.rows[i].counts);
    for (size_t i = 1; i < all_tags.count; i++)
        assert_true(all_tags.rows[i].counts.posts <= all_tags.rows[i - 1].counts.posts);
    assert_true(stats_ask(&stored, &times, &arena, &last, &err));
    struct stats all = ask(STATS_BY_MINUTE, always, "", false);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(last.rows[i].start_s, all.rows[all.count - 3 + i].start_s);
}

static void what_is_cut_by_its_time_is_at_least_so_much(void **state) {
    struct stats_question question = {
        .by = STATS_BY_HASHTAG, .span = always, .query = SLICE(EVERY), .budget_ms = 1
    };
    struct stats all = ask(STATS_BY_HASHTAG, always, EVERY, false), cut;
    struct error err;
    (void)state;
    assert_true(stats_ask(&stored, &question, &arena, &cut, &err));
    assert_true(cut.partial);
    assert_true(cut.total.posts > 0 && cut.total.posts < all.total.posts);
}

static void unknown_is_a_label_of_its_own_and_no_part_of_net(void **state) {
    struct stats stats = ask(STATS_BY_ALL, always, "", false);
    const struct stats_counts *total = &stats.total;
    double net;
    (void)state;
    assert_int_equal(stats.labels.count, 4);
    assert_true(slice_is(stats.labels.names[0], "negative"));
    assert_true(slice_is(stats.labels.names[3], "unknown"));
    const uint64_t *by = total->by_label;
    assert_true(by[3] > 0);
    assert_int_equal(by[0] + by[1] + by[2] + by[3], total->posts);
    assert_int_equal(total->scored, by[0] + by[1] + by[2]);
    assert_true(stats_net(&stats.labels, total, &net));
    double expected = ((double)by[2] - (double)by[0]) / (double)(by[0] + by[1] + by[2]) * 100;
    assert_true(net > expected - 1e-9 && net < expected + 1e-9);
    struct stats_counts none = { .posts = 5, .by_label = { 0, 0, 0, 5 } };
    assert_false(stats_net(&stats.labels, &none, &net));
}

static void the_extent_is_that_of_the_posts_within_the_span(void **state) {
    struct span nothing = { 0, 60000 };
    int64_t first, last;
    bool some;
    struct error err;
    (void)state;
    assert_true(stats_extent(&stored, &always, &some, &first, &last, &err));
    assert_true(some && first >= FIRST_MS / 1000 - 60 && last > first);
    assert_true(stats_extent(&stored, &nothing, &some, &first, &last, &err) && !some);
}

static void change(struct store_writer *writer) {
    struct error err;
    struct slice reject;
    assert_true(store_writer_begin(writer, &err));
    for (int i = 0; i < POSTS / 3; i++) {
        int number = rand() % POSTS;
        if (rand() % 2)
            put_post(writer, number, FIRST_MS + rand() % POSTS * INT64_C(1000), &arena);
        else
            assert_true(
                store_writer_remove(writer, arena_format(&arena, "x:%d", number), &reject, &err));
    }
    assert_true(store_writer_commit(writer, &err));
}

/* Its language is cut where it is counted, between two letters. */
static void put_long_value(struct store_writer *writer) {
    struct error err;
    struct slice reject;
    struct store_post post = { .key = SLICE("x:long"), .received_ms = FIRST_MS };
    post.document =
        arena_format(&arena, "{\"text\":\"tea\",\"created\":\"2026-10-01\",\"lang\":\"%0*déé\"}",
                     ROLLUP_VALUE_BYTES - 1, 0);
    assert_true(store_writer_begin(writer, &err));
    assert_true(store_writer_put(writer, &post, &reject, &err) && reject.data == NULL);
    assert_true(store_writer_commit(writer, &err));
}

static int make_store(void **state) {
    static char path[200];
    struct error err;
    (void)state;
    srand(5);
    arena_init(&arena);
    if (own_folder_make() != 0) return -1;
    snprintf(path, sizeof path, "%s", below("store.db"));
    struct store_writer *writer = store_writer_create(path);
    put_posts(writer, 0, POSTS, true);
    change(writer);
    put_long_value(writer);
    store_writer_destroy(writer);
    return stored_open(&stored, path, &err) ? 0 : -1;
}

static int remove_store(void **state) {
    (void)state;
    stored_close(&stored);
    arena_free(&arena);
    return own_folder_remove();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roll_ups_say_what_a_recount_says),
        cmocka_unit_test(a_query_by_its_name_is_the_posts_that_were_kept_for_it),
        cmocka_unit_test(a_query_that_nothing_is_kept_for_any_more_has_no_posts),
        cmocka_unit_test(the_greatest_come_first_and_the_rest_is_numbered),
        cmocka_unit_test(what_is_cut_by_its_time_is_at_least_so_much),
        cmocka_unit_test(unknown_is_a_label_of_its_own_and_no_part_of_net),
        cmocka_unit_test(the_extent_is_that_of_the_posts_within_the_span),
    };
    return cmocka_run_group_tests(tests, make_store, remove_store);
}
