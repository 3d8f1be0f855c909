/* The greatest values alone: the same as the first of all, whether the busy rows tell them or not.
 */
#include "own_folder.h"
#include "search/stats.h"
#include "store_fixture.h"
#include <math.h>
#include <time.h>

#define POSTS 6000
#define DAYS 6
#define SPREAD_POSTS (93 + 7 * 4 * 7)
#define DAY_MS (STEP_DAY * INT64_C(1000))

static struct stored stored;
static struct arena arena;
static char path[200];

static struct stats ask(enum stats_by by, const struct span *span, uint64_t limit) {
    struct stats_question question = { .by = by, .span = *span, .limit = limit };
    struct stats stats;
    struct error err;
    if (!stats_ask(&stored, &question, &arena, &stats, &err)) fail_msg("%s", err.text);
    assert_false(stats.partial);
    return stats;
}

/* Whether they were told from the busy rows. */
static bool greatest_are_the_first_of_all(enum stats_by by, const struct span *span,
                                          uint64_t limit) {
    struct stats all = ask(by, span, 0), greatest = ask(by, span, limit);
    assert_memory_equal(&all.total, &greatest.total, sizeof all.total);
    assert_false(all.uncounted);
    assert_int_equal(greatest.count, MIN(limit, all.count));
    for (size_t i = 0; i < greatest.count; i++) {
        const struct stats_row *one = &greatest.rows[i], *other = &all.rows[i];
        if (!slice_equal(one->value, other->value))
            fail_msg("by %s, %d first: %.*s, not %.*s", stats_by_name(by), (int)limit,
                     SLICE_ARGS(one->value), SLICE_ARGS(other->value));
        assert_memory_equal(&one->counts, &other->counts, sizeof one->counts);
    }
    if (!greatest.uncounted) assert_int_equal(greatest.left_out, all.count - greatest.count);
    return greatest.uncounted;
}

static struct span random_span(void) {
    int64_t from = FIRST_MS + rand() % (DAYS * 86400) * INT64_C(1000);
    return (struct span){ from, from + rand() % (DAYS * 86400) * INT64_C(1000) };
}

static void the_greatest_are_those_of_a_full_count(void **state) {
    static const enum stats_by many[] = { STATS_BY_HASHTAG, STATS_BY_MENTION, STATS_BY_DOMAIN,
                                          STATS_BY_AUTHOR };
    static const uint64_t limits[] = { 1, 3, 10, 40, 2000 };
    const struct span always = { MOMENT_FIRST, MOMENT_LAST };
    size_t told = 0, untold = 0;
    (void)state;
    for (int round = 0; round < 12; round++)
        for (size_t i = 0; i < LENGTH(many) * LENGTH(limits); i++) {
            struct span span = round ? random_span() : always;
            bool busy = greatest_are_the_first_of_all(many[i % LENGTH(many)], &span,
                                                      limits[i / LENGTH(many)]);
            told += busy;
            untold += !busy;
        }
    assert_true(told > 20 && untold > 20);
}

static void one_whose_posts_are_mostly_in_small_rows_is_not_overlooked(void **state) {
    const struct span always = { MOMENT_FIRST, MOMENT_LAST };
    (void)state;
    assert_true(greatest_are_the_first_of_all(STATS_BY_MENTION, &always, 4));
    struct stats stats = ask(STATS_BY_MENTION, &always, 4);
    assert_true(slice_is(stats.rows[3].value, "spread"));
    assert_int_equal(stats.rows[3].counts.posts, SPREAD_POSTS);
}

/* ---- when the time is up ---- */

/* Of the statements with this text, one takes longer than the question may. */
struct slow {
    const char *text;
    int before; /* others of them */
};

static int take_long(unsigned event, void *context, void *statement, void *text) {
    const struct timespec pause = { .tv_nsec = 60000000 };
    struct slow *slow = context;
    (void)event;
    (void)text;
    bool meant = strstr(sqlite3_sql(statement), slow->text) && slow->before-- == 0;
    if (meant) nanosleep(&pause, NULL);
    return 0;
}

static struct stats ask_slowly(enum stats_by by, uint64_t limit, struct slow *slow) {
    struct stats_question question = {
        .by = by, .span = { MOMENT_FIRST, MOMENT_LAST }, .limit = limit, .budget_ms = 50
    };
    struct stats stats;
    struct error err;
    int before = slow->before;
    do { /* a busy machine may have had no time left before that statement */
        slow->before = before;
        sqlite3_trace_v2(stored.database.handle, SQLITE_TRACE_STMT, take_long, slow);
        bool good = stats_ask(&stored, &question, &arena, &stats, &err);
        sqlite3_trace_v2(stored.database.handle, 0, NULL, NULL);
        if (!good) fail_msg("%s", err.text);
    } while (slow->before >= 0);
    return stats;
}

static const struct stats_row *row_of(const struct stats *stats, struct slice value) {
    for (size_t i = 0; i < stats->count; i++)
        if (slice_equal(stats->rows[i].value, value)) return &stats->rows[i];
    fail_msg("there is no %.*s", SLICE_ARGS(value));
    return NULL;
}

static void once_the_time_is_up_each_value_has_at_least_what_was_read_of_it(void **state) {
    const struct span always = { MOMENT_FIRST, MOMENT_LAST };
    struct slow slow[] = { { "INDEXED BY rollup_busy", 0 },     /* a pass */
                           { "posts, scored, score_sum", 2 } }; /* of the total, and of the first */
    struct stats all = ask(STATS_BY_MENTION, &always, 0);
    (void)state;
    for (size_t round = 0; round < LENGTH(slow); round++) {
        struct stats stats = ask_slowly(STATS_BY_MENTION, 4, &slow[round]);
        assert_true(stats.partial && stats.uncounted);
        assert_int_equal(stats.count, 4);
        for (size_t i = 0; i < stats.count; i++) {
            const struct stats_counts *some = &stats.rows[i].counts;
            const struct stats_counts *whole = &row_of(&all, stats.rows[i].value)->counts;
            assert_true(some->posts > 0 && some->posts <= whole->posts);
            for (size_t label = 0; label < STATS_LABELS; label++)
                assert_true(some->by_label[label] <= whole->by_label[label]);
        }
    }
}

/* ---- the store ---- */

/* The first are the most frequent. */
static int skewed(int most) { return (int)pow(most, (double)rand() / RAND_MAX * 1.2) % most; }

static void put_document(struct store_writer *writer, struct slice key, struct slice document) {
    struct error err;
    struct slice reject;
    struct store_post post = { key, document, STORE_NO_TRAITS, 0 };
    if (!store_writer_put(writer, &post, &reject, &err)) fail_msg("%s", err.text);
    assert_null(reject.data);
}

static struct slice name_of(int number) { return arena_format(&arena, "x:%d", number); }

static void put_skewed(struct store_writer *writer, int number, int64_t second) {
    char created[DATE_BYTES];
    date_write(FIRST_MS + second * 1000, created);
    put_document(writer, name_of(number),
                 arena_format(&arena,
                              "{\"text\":\"tea\",\"created\":\"%s\",\"label\":\"%s\",\"author\":{"
                              "\"id\":\"%d\"},\"hashtags\":[\"a%d\",\"b%d\"],\"urls\":["
                              "\"https://site%d.example.org/\"],\"mentions\":[\"m%d\"]}",
                              created, fixture_labels[rand() % 4], skewed(400), skewed(100),
                              skewed(30), skewed(1000), skewed(3)));
}

/* Posts of a day and label that mention somebody. */
static void mention(struct store_writer *writer, const char *name, int64_t day, const char *label,
                    int posts) {
    static int number;
    char created[DATE_BYTES];
    date_write((FIRST_MS / DAY_MS + day) * DAY_MS, created);
    for (int i = 0; i < posts; i++) {
        put_document(writer, arena_format(&arena, "near:%d", number++),
                     arena_format(&arena,
                                  "{\"text\":\"tea\",\"created\":\"%s\",\"label\":\"%s\","
                                  "\"mentions\":[\"%s\"]}",
                                  created, label, name));
    }
}

/* More than the one with a single great row, and less when only great rows are looked at. */
static void mention_much(struct store_writer *writer) {
    mention(writer, "busy", 0, "neutral", SPREAD_POSTS - 10);
    mention(writer, "spread", 0, "neutral", 100 - (ROLLUP_BUSY - 1));
    for (int64_t day = 0; day < 7; day++)
        for (size_t i = 0; i < LENGTH(fixture_labels); i++)
            mention(writer, "spread", day, fixture_labels[i], ROLLUP_BUSY - 1);
}

static void change(struct store_writer *writer, int number) {
    struct error err;
    struct slice reject;
    if (rand() % 3)
        put_skewed(writer, number, rand() % (DAYS * 86400));
    else
        assert_true(store_writer_remove(writer, name_of(number), &reject, &err));
}

static int make_store(void **state) {
    struct error err;
    (void)state;
    srand(7);
    arena_init(&arena);
    if (own_folder_make() != 0) return -1;
    snprintf(path, sizeof path, "%s", below("store.db"));
    struct store_writer *writer = store_writer_create(path);
    if (!store_writer_open(writer, &err) || !store_writer_begin(writer, &err)) return -1;
    for (int i = 0; i < POSTS; i++)
        put_skewed(writer, i, rand() % (DAYS * 86400));
    for (int i = 0; i < POSTS; i++)
        change(writer, rand() % POSTS);
    mention_much(writer);
    if (!store_writer_commit(writer, &err)) return -1;
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
        cmocka_unit_test(the_greatest_are_those_of_a_full_count),
        cmocka_unit_test(one_whose_posts_are_mostly_in_small_rows_is_not_overlooked),
        cmocka_unit_test(once_the_time_is_up_each_value_has_at_least_what_was_read_of_it),
    };
    return cmocka_run_group_tests(tests, make_store, remove_store);
}
