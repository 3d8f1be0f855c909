/* Searching the embedded store: exactly what the matcher says of every post, the newest first. */
#include "own_folder.h"
#include "store_fixture.h"
#include <time.h>

#define IN_ORDER 15000
#define AT_RANDOM 9000
#define MOST (IN_ORDER + AT_RANDOM)

static struct stored stored;

struct found {
    char keys[MOST][16];
    int64_t created_ms[MOST];
    size_t count;
};

static struct found by_search, by_force;

static void note(struct found *found, struct slice key, int64_t created_ms) {
    assert_true(found->count < MOST);
    snprintf(found->keys[found->count], sizeof found->keys[0], "%.*s", SLICE_ARGS(key));
    found->created_ms[found->count++] = created_ms;
}

static void take(void *context, const struct found_post *post) {
    note(context, post->key, post->document->created_ms);
}

static struct search_outcome search_for(const struct search_question *question) {
    struct search_outcome outcome;
    struct error err;
    by_search.count = 0;
    struct search *search = search_create(&stored, question, &err);
    if (search == NULL) fail_msg("%s", err.text);
    if (!search_run(search, take, &by_search, &outcome, &err)) fail_msg("%s", err.text);
    search_destroy(search);
    assert_int_equal(outcome.found, by_search.count);
    return outcome;
}

/* Every post, in the order of time, by the matcher alone. */
static void force(const struct search_question *question) {
    struct query_source source = { "q", question->query, QUERY_SEARCH_LANGUAGE };
    struct error err;
    struct arena arena;
    size_t bad_query, bad_offset;
    bool row = true;
    struct query_set *set = query_set_create(&source, 1, &bad_query, &bad_offset, &err);
    struct query_scratch *scratch = query_scratch_create(set);
    struct store_reader *reader = store_reader_create();
    sqlite3_stmt *rows = database_prepare(
        &stored.database,
        "SELECT id, document, traits FROM post ORDER BY created_s DESC, number DESC", &err);
    arena_init(&arena);
    by_force.count = 0;
    while (database_step(&stored.database, rows, &row, &err) && row) {
        struct store_document document;
        struct slice key = column_slice(rows, 0), reject;
        assert_true(
            store_document_read(reader, column_slice(rows, 1), key, &arena, &document, &reject));
        struct message *message = &document.message;
        message->traits |= (uint32_t)sqlite3_column_int(rows, 2);
        message->query_names = document.queries;
        query_set_match(set, scratch, message, &arena);
        bool within = document.created_ms >= question->span.since_ms &&
                      document.created_ms < question->span.until_ms;
        if (message->query_count && within) note(&by_force, key, document.created_ms);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    sqlite3_finalize(rows);
    store_reader_destroy(reader);
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    arena_free(&arena);
}

static const struct span always = { MOMENT_FIRST, MOMENT_LAST };

static void assert_same(const char *query, struct span span) {
    struct search_question question = { .query = slice_of(query), .span = span };
    force(&question);
    struct search_outcome outcome = search_for(&question);
    assert_false(outcome.cut || outcome.partial);
    if (by_search.count != by_force.count)
        fail_msg("%s: %zu instead of %zu", query, by_search.count, by_force.count);
    for (size_t i = 0; i < by_force.count; i++)
        if (strcmp(by_search.keys[i], by_force.keys[i]) != 0)
            fail_msg("%s: post %zu is %s instead of %s", query, i, by_search.keys[i],
                     by_force.keys[i]);
}

static void every_kind_of_query_finds_what_the_matcher_says_newest_first(void **state) {
    static const char *const queries[] = {
        "wa",       /* more than are few */
        "wh",       /* few */
        "wg OR wh", /* few */
        "wa -wb",
        "\"wb wc\"",
        "wc NEAR/2 wd",
        "wf*",
        "-wa",
        "/wd$/",
        "lang:de wc",
        "#tb",
        "@mc wb",
        "from:7",
        "url:\"b.example.co.uk\"",
        "network:x we",
        "is:retweet wf",
        "-is:retweet wg",
        "sentiment:negative",
        "score:>0 wd",
        "query:qb",
        "query:qb OR #ta",
        "query:qc sentiment:unknown -wa",
        "sample:3",
        "has:hashtags -has:links wf",
        "(wg OR -wa) lang:en",
        "nothinglikethis",
    };
    struct span span = { FIRST_MS + 3000 * 1000, FIRST_MS + 9500 * 1000 };
    (void)state;
    for (size_t i = 0; i < LENGTH(queries); i++) {
        assert_same(queries[i], always);
        assert_same(queries[i], span);
    }
}

static void a_search_ends_where_its_limit_is_and_says_so(void **state) {
    struct search_question question = { .query = SLICE("wa"), .span = always, .limit = 70 };
    (void)state;
    force(&question);
    struct search_outcome outcome = search_for(&question);
    assert_true(outcome.cut && !outcome.partial);
    assert_int_equal(outcome.found, 70);
    assert_string_equal(by_search.keys[69], by_force.keys[69]);
    assert_true(outcome.examined < 2000);
}

static void a_search_whose_time_is_up_says_how_far_it_came(void **state) {
    struct search_question question = { .query = SLICE("-wa /x/"), .span = always, .budget_ms = 1 };
    (void)state;
    struct search_outcome outcome = search_for(&question);
    assert_true(outcome.partial);
    assert_true(outcome.examined > 0 && outcome.examined < MOST);
    assert_true(outcome.until_s > FIRST_MS / 1000);
}

/* Of the statement that asks the index of terms: it takes longer than the search may. */
static int terms_take_long(unsigned event, void *rows, void *statement, void *unused) {
    const struct timespec pause = { .tv_nsec = 60000000 };
    (void)unused;
    const char *sql = sqlite3_sql(statement);
    if (sql == NULL || strstr(sql, "post_terms MATCH") == NULL) return 0;
    if (event == SQLITE_TRACE_STMT) nanosleep(&pause, NULL);
    *(size_t *)rows += event == SQLITE_TRACE_ROW;
    return 0;
}

static void no_more_is_gathered_once_the_time_is_up(void **state) {
    struct search_question question = { .query = SLICE("wf*"), .span = always };
    size_t all = 0, some = 0;
    (void)state;
    sqlite3_trace_v2(stored.database.handle, SQLITE_TRACE_STMT | SQLITE_TRACE_ROW, terms_take_long,
                     &all);
    (void)search_for(&question);
    question.budget_ms = 50;
    sqlite3_trace_v2(stored.database.handle, SQLITE_TRACE_STMT | SQLITE_TRACE_ROW, terms_take_long,
                     &some);
    struct search_outcome outcome = search_for(&question);
    sqlite3_trace_v2(stored.database.handle, 0, NULL, NULL);
    assert_true(outcome.partial && some < all / 2);
    assert_true(outcome.examined > 0 && outcome.until_s > FIRST_MS / 1000);
    for (size_t i = 0; i < by_search.count; i++)
        assert_true(by_search.created_ms[i] / 1000 >= outcome.until_s - 1);
}

static void what_no_document_holds_is_refused_at_its_place(void **state) {
    static const char query[] = "wa -to:anna";
    struct search_question question = { .query = SLICE(query), .span = always };
    struct error err;
    (void)state;
    assert_null(search_create(&stored, &question, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(err.caret, 5);
    assert_non_null(strstr(err.text, "does not keep whom"));
}

static void a_file_that_is_no_store_is_told(void **state) {
    struct stored other;
    struct error err;
    (void)state;
    assert_false(stored_open(&other, below("none.db"), &err));
    assert_non_null(strstr(err.text, "there is no store"));
    assert_false(stored_open(&other, NULL, &err));
}

static int make_store(void **state) {
    static char path[200];
    struct error err;
    (void)state;
    srand(11);
    if (own_folder_make() != 0) return -1;
    snprintf(path, sizeof path, "%s", below("store.db"));
    struct store_writer *writer = store_writer_create(path);
    put_posts(writer, 0, IN_ORDER, true);
    put_posts(writer, IN_ORDER, AT_RANDOM, false);
    store_writer_destroy(writer);
    return stored_open(&stored, path, &err) ? 0 : -1;
}

static int remove_store(void **state) {
    (void)state;
    stored_close(&stored);
    return own_folder_remove();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_query_finds_what_the_matcher_says_newest_first),
        cmocka_unit_test(a_search_ends_where_its_limit_is_and_says_so),
        cmocka_unit_test(a_search_whose_time_is_up_says_how_far_it_came),
        cmocka_unit_test(no_more_is_gathered_once_the_time_is_up),
        cmocka_unit_test(what_no_document_holds_is_refused_at_its_place),
        cmocka_unit_test(a_file_that_is_no_store_is_told),
    };
    return cmocka_run_group_tests(tests, make_store, remove_store);
}
