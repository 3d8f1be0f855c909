/* database/authors.h, and what becomes of a post that loses its place. */
#include "own_folder.h"

#include "base/compiler.h"
#include "database/authors.h"
#include "database/format.h"

static struct error err;

static int start(void **state) {
    (void)state;
    return own_folder_make();
}

static int end(void **state) {
    (void)state;
    return own_folder_remove();
}

static struct store_writer *open_writer(void) {
    struct store_writer *writer = store_writer_create(below("s.db"));
    if (!store_writer_open(writer, &err) || !store_writer_begin(writer, &err))
        fail_msg("%s", err.text);
    return writer;
}

static void close_writer(struct store_writer *writer) {
    if (!store_writer_commit(writer, &err)) fail_msg("%s", err.text);
    store_writer_destroy(writer);
}

static void put(struct store_writer *writer, const char *key, const char *document) {
    struct slice reject;
    struct store_post post = { slice_of(key), slice_of(document), STORE_NO_TRAITS, 0 };
    if (!store_writer_put(writer, &post, &reject, &err)) fail_msg("%s", err.text);
    assert_null(reject.data);
}

static int64_t number(struct database *database, const char *sql) {
    bool row;
    sqlite3_stmt *statement = database_prepare(database, sql, &err);
    if (!statement || !database_step(database, statement, &row, &err) || !row)
        fail_msg("%s: %s", sql, err.text);
    int64_t found = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return found;
}

static void a_scrub_takes_the_place_and_nothing_else(void **state) {
    (void)state;
    struct slice reject;
    struct database database;
    const struct slice patch = SLICE("{\"coordinates\":null,\"at\":{\"name\":null}}");
    const char *kept =
        "{\"id\":\"1\",\"text\":\"tea \\u00e9\",\"at\":{\"lang\":\"en\"},\"score\":0.50}";
    struct store_post post = {
        SLICE("x:1"),
        SLICE("{\"id\":\"1\",\"text\":\"tea \\u00e9\",\"at\":{\"name\":\"Rome\",\"lang\":\"en\"},"
              "\"coordinates\":{\"lon\":1,\"lat\":2},\"score\":0.50}"),
        TRAIT_REPLY | TRAIT_PLACE | TRAIT_COORDINATES, 1790000000000
    };
    struct store_writer *writer = open_writer();
    assert_true(store_writer_put(writer, &post, &reject, &err));
    put(writer, "x:2", "{\"text\":\"tea\",\"received\":\"2026-11-01T00:00:00.000Z\"}");
    for (int i = 0; i < 2; i++) /* a repeat changes nothing */
        assert_true(store_writer_scrub(writer, post.key, patch, &reject, &err));
    assert_true(store_writer_scrub(writer, SLICE("x:3"), patch, &reject, &err)); /* unknown */
    close_writer(writer);
    assert_true(database_open(&database, below("s.db"), &store_format, DATABASE_READ, &err));
    char sql[300];
    snprintf(sql, sizeof sql, "SELECT document = '%s' AND traits = %d FROM post WHERE id = 'x:1'",
             kept, TRAIT_REPLY);
    assert_int_equal(number(&database, sql), 1);
    assert_int_equal(number(&database, "SELECT sum(posts) FROM stats_day WHERE dimension = 'all'"),
                     2);
    database_close(&database);
}

#define OF_AUTHOR(id, author, place)                                                               \
    "{\"id\":\"" id "\",\"network\":\"x\",\"text\":\"tea\",\"author\":{\"id\":\"" author           \
    "\"}" place "}"
#define PLACE ",\"coordinates\":{\"lon\":1,\"lat\":2}"

/* The ids of what is found, in their order, with commas behind; of `asked` records. */
static void assert_all_found(const struct record *asked, size_t count, enum forget_what what,
                             const char *expected) {
    struct store_finds finds;
    const struct store_found *found = &finds.found[what];
    char ids[200] = "";
    struct store_writer *writer = store_writer_create(below("s.db"));
    store_finds_init(&finds);
    assert_true(store_writer_open(writer, &err));
    for (size_t i = 0; i < count; i++)
        store_finds_ask(&finds, &asked[i]);
    assert_true(store_find(&finds, writer, &err));
    for (size_t i = 0; i < found->count; i++) {
        assert_true(slice_is(found->posts[i].network, "x"));
        snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%.*s,",
                 SLICE_ARGS(found->posts[i].id));
    }
    assert_string_equal(ids, expected);
    assert_int_equal(store_finds_any(&finds), ids[0] != '\0');
    store_finds_free(&finds);
    store_writer_destroy(writer);
}

static void assert_found(enum record_kind kind, uint64_t up_to, const char *expected) {
    struct record record = { .kind = kind, .key = SLICE("x:7"), .name = up_to };
    enum forget_what what = kind == RECORD_AUTHOR_SCRUB ? FORGET_PLACE : FORGET_POST;
    assert_all_found(&record, 1, what, expected);
}

static void the_store_knows_whose_posts_are_whose(void **state) {
    (void)state;
    struct store_writer *writer = open_writer();
    put(writer, "x:9", OF_AUTHOR("9", "7", PLACE));
    put(writer, "x:10", OF_AUTHOR("10", "7", PLACE));
    put(writer, "x:11", OF_AUTHOR("11", "8", PLACE));
    put(writer, "x:12", OF_AUTHOR("12", "7", PLACE));
    put(writer, "bluesky:7",
        "{\"id\":\"7\",\"network\":\"bluesky\",\"text\":\"tea\","
        "\"author\":{\"id\":\"7\"}" PLACE "}");
    struct slice reject;
    struct store_post bare = { SLICE("x:8"), SLICE(OF_AUTHOR("8", "7", "")), 0, 0 };
    assert_true(store_writer_put(writer, &bare, &reject, &err));
    close_writer(writer);
    assert_found(RECORD_AUTHOR_DELETE, 0, "9,10,12,8,");
    assert_found(RECORD_AUTHOR_SCRUB, 10, "9,10,"); /* as numbers; not the one without a place */
    assert_found(RECORD_AUTHOR_SCRUB, 0, "9,10,12,");
    assert_found(RECORD_AUTHOR_SCRUB, 8, "");
}

static void of_an_author_that_much_is_said_of_each_post_is_found_once(void **state) {
    (void)state;
    struct store_writer *writer = open_writer();
    put(writer, "x:9", OF_AUTHOR("9", "7", PLACE));
    put(writer, "x:10", OF_AUTHOR("10", "7", PLACE));
    put(writer, "x:11", OF_AUTHOR("11", "70", PLACE));
    put(writer, "x:12", OF_AUTHOR("12", "8", PLACE));
    close_writer(writer);
    struct slice one = SLICE("x:7"), another = SLICE("x:70"), gone = SLICE("x:8");
    const struct record asked[] = { { .kind = RECORD_AUTHOR_SCRUB, .key = one, .name = 9 },
                                    { .kind = RECORD_AUTHOR_DELETE, .key = gone },
                                    { .kind = RECORD_AUTHOR_SCRUB, .key = another, .name = 9 },
                                    { .kind = RECORD_AUTHOR_SCRUB, .key = one, .name = 10 },
                                    { .kind = RECORD_AUTHOR_DELETE, .key = gone },
                                    { .kind = RECORD_AUTHOR_SCRUB, .key = one, .name = 1 } };
    assert_all_found(asked, LENGTH(asked), FORGET_PLACE, "9,10,");
    assert_all_found(asked, LENGTH(asked), FORGET_POST, "12,");
    const struct record all[] = { { .kind = RECORD_AUTHOR_SCRUB, .key = another },
                                  { .kind = RECORD_AUTHOR_SCRUB, .key = another, .name = 9 } };
    assert_all_found(all, LENGTH(all), FORGET_PLACE, "11,");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_scrub_takes_the_place_and_nothing_else, start, end),
        cmocka_unit_test_setup_teardown(the_store_knows_whose_posts_are_whose, start, end),
        cmocka_unit_test_setup_teardown(of_an_author_that_much_is_said_of_each_post_is_found_once,
                                        start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
