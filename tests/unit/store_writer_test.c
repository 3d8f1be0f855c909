/* database/writer.h: what is counted and found is what the documents say, whatever happened. */
#include "../sim/os_sim.h"
#include "../sim/vfs_sim.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#include "base/compiler.h"
#include "database/format.h"
#include "database/rollup.h"
#include "database/writer.h"

#define PATH "/s/linnet.db"
#define KEYS 40
#define WORDS 8
#define OLD_POSTS "450" /* more than two steps of filling take */

static struct error err;

static int start(void **state) {
    (void)state;
    sim_reset();
    return !os_make_private_folder("/s") || !os_sync_folder("/");
}

/* ---- a life: random work of a process that may be killed in any call ---- */

static struct slice make_document(uint64_t key, uint64_t version, char *out, size_t size) {
    static const char *const labels[] = { "good", "bad", "" };
    uint64_t seed = key * 1000 + version, a = sim_draw(&seed), b = sim_draw(&seed);
    int length = snprintf(
        out, size,
        "{\"id\":\"%d\",\"network\":\"%s\",\"text\":\"w%d w%d w%d\",\"lang\":\"%s\","
        "\"created\":\"2026-11-%02dT%02d:%02d:07.000Z\",\"received\":\"2026-11-26T10:00:00.000Z\","
        "\"author\":{\"id\":\"%d\",\"handle\":\"Anna%d\"},%s%s%s\"score\":%s0.%03d,"
        "\"queries\":[\"q%d\"],\"hashtags\":[\"Tag%d\",\"tag%d\"],\"mentions\":[\"m%d\"],"
        "\"urls\":[\"https://www.site%d.co.uk/a\"]}",
        (int)key, a % 2 ? "x" : "bluesky", (int)(a / 2 % WORDS), (int)(a / 16 % WORDS),
        (int)(a / 128 % WORDS), a % 3 ? "en" : "de", 10 + (int)(b % 3), (int)(b / 4 % 3),
        (int)(b / 16 % 3), (int)(b / 64 % 9), (int)(b / 64 % 9), b % 3 < 2 ? "\"label\":\"" : "",
        labels[b % 3], b % 3 < 2 ? "\"," : "", a % 5 ? "" : "-", (int)(a / 1024 % 1000),
        (int)(a / 7 % 3), (int)(a / 11 % 4), (int)(a / 13 % 4), (int)(b / 512 % 5),
        (int)(b / 4096 % 5));
    assert_true(length > 0 && (size_t)length < size);
    return slice_from(out, (size_t)length);
}

static bool change_something(struct store_writer *writer, uint64_t *seed) {
    static char text[2000], name[32];
    struct slice reject;
    uint64_t key = sim_draw(seed) % KEYS;
    struct store_post post = { .traits = STORE_NO_TRAITS };
    post.key = slice_from(name, (size_t)snprintf(name, sizeof name, "x:%d", (int)key));
    if (sim_draw(seed) % 4 == 0) return store_writer_remove(writer, post.key, &reject, &err);
    if (sim_draw(seed) % 6 == 0)
        return store_writer_scrub(writer, post.key, SLICE("{\"hashtags\":null}"), &reject, &err);
    post.document = make_document(key, sim_draw(seed) % 3, text, sizeof text);
    return store_writer_put(writer, &post, &reject, &err) && reject.data == NULL;
}

/* A transaction; some are given up. */
static bool work(struct store_writer *writer, uint64_t *seed) {
    bool more;
    if (sim_draw(seed) % 6 == 0) return store_writer_fill(writer, &more, &err);
    if (!store_writer_open(writer, &err) || !store_writer_begin(writer, &err)) return false;
    for (uint64_t left = 1 + sim_draw(seed) % 12; left > 0; left--)
        if (!change_something(writer, seed)) return false;
    if (sim_draw(seed) % 5 == 0) return false;
    return store_writer_commit(writer, &err);
}

static void live(uint64_t seed) {
    struct store_writer *writer = store_writer_create(PATH);
    if (sim_draw(&seed) % 4 == 0) /* in the upgrade, too */
        sim_inject((struct sim_fault){ .calls = SIM_ANY, .kill_at = 1 + sim_draw(&seed) % 40 });
    if (store_writer_open(writer, &err)) {
        sim_inject((struct sim_fault){
            .calls = SIM_CHANGES, .kill_at = 1 + sim_draw(&seed) % 300, .half = seed % 2 });
        for (int i = 0; i < 60 && !sim_is_dead(); i++)
            if (!work(writer, &seed)) store_writer_recover(writer);
    }
    _exit(0);
}

static void live_elsewhere(uint64_t seed) {
    int status;
    pid_t child = fork();
    if (child == 0) live(seed);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status) fail_msg("seed %d: status %x", (int)seed, (unsigned)status);
    if (seed % 3)
        sim_cut_power(seed);
    else
        sim_restart();
}

/* ---- what must be so ---- */

static int64_t number(struct database *database, const char *sql) {
    bool row;
    sqlite3_stmt *statement = database_prepare(database, sql, &err);
    if (!statement || !database_step(database, statement, &row, &err) || !row)
        fail_msg("%s: %s", sql, err.text);
    int64_t found = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return found;
}

#define FILLED " number > (SELECT value FROM store_state WHERE name = 'unfilled')"
#define LIST(dimension, name, value)                                                               \
    " UNION SELECT number, " dimension ", " value " FROM post, json_each(document, '$." name "')"  \
    " AS item WHERE" FILLED
/* Both ways to say it, in the words of this test and in those of the store. */
#define RECOUNTED                                                                                  \
    "WITH seen (number, dimension, value) AS (SELECT number, 0, '' FROM post WHERE" FILLED LIST(   \
        "1", "queries", "item.value") LIST("2", "hashtags", "lower(item.value)")                   \
        LIST("3", "mentions", "item.value") LIST(                                                  \
            "4", "urls",                                                                           \
            "substr(item.value, 13, 11)") " UNION SELECT number, 5, lower(author_handle) FROM "    \
                                          "post WHERE" FILLED                                      \
                                          " UNION SELECT number, 6, lang FROM post WHERE" FILLED   \
                                          " UNION SELECT number, 7, network FROM post "            \
                                          "WHERE" FILLED ")"                                       \
                                          ", steps (step) AS (VALUES (60), (3600), (86400))"       \
                                          ", recounted AS (SELECT step, dimension, "               \
                                          "strftime('%s', created) / step * step, value,"          \
                                          " coalesce(label, ''), count(*), count(score),"          \
                                          " sum(CAST(round(score * 1000000) AS INTEGER))"          \
                                          " FROM steps, seen JOIN post USING (number) GROUP BY "   \
                                          "1, 2, 3, 4, 5)"                                         \
                                          ", counted AS (SELECT step, rollup.dimension, start, "   \
                                          "said.value, marked.value, posts, scored,"               \
                                          " score_sum FROM rollup JOIN rollup_value AS said ON "   \
                                          "said.number = rollup.value"                             \
                                          " JOIN rollup_value AS marked ON marked.number = "       \
                                          "rollup.label)"

static void compare_words(struct database *database, uint64_t seed) {
    char sql[600];
    for (int i = 0; i < WORDS; i++) {
        snprintf(sql, sizeof sql,
                 "WITH found AS (SELECT rowid AS number FROM post_terms WHERE post_terms MATCH"
                 " '\"ww%d\"'), there AS (SELECT number FROM post WHERE" FILLED
                 " AND instr(text, 'w%d')) SELECT (SELECT count(*) FROM found) + 1000 *"
                 " (SELECT count(*) FROM (SELECT * FROM found EXCEPT SELECT * FROM there)) + 1000 *"
                 " (SELECT count(*) FROM (SELECT * FROM there EXCEPT SELECT * FROM found))",
                 i, i);
        if (number(database, sql) >= 1000) fail_msg("seed %d: word %d", (int)seed, i);
    }
}

static void check_store(uint64_t seed) {
    struct database database;
    if (!database_open(&database, PATH, &store_format, DATABASE_WRITE, &err))
        fail_msg("seed %d: %s", (int)seed, err.text);
    assert_int_equal(number(&database, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
                     1);
    int64_t lost = number(&database, RECOUNTED " SELECT count(*) FROM (SELECT * FROM recounted"
                                               " EXCEPT SELECT * FROM counted)");
    int64_t many = number(&database, RECOUNTED " SELECT count(*) FROM (SELECT * FROM counted"
                                               " EXCEPT SELECT * FROM recounted)");
    if (lost || many)
        fail_msg("seed %d: %d rows lost, %d too many", (int)seed, (int)lost, (int)many);
    assert_int_equal(number(&database, "SELECT count(*) FROM rollup_value WHERE dimension IN (3, 5)"
                                       " AND number NOT IN (SELECT value FROM rollup)"),
                     0);
    compare_words(&database, seed);
    database_close(&database);
}

static void fill_all(void) {
    bool more = true;
    struct store_writer *writer = store_writer_create(PATH);
    assert_true(store_writer_open(writer, &err));
    while (more)
        if (!store_writer_fill(writer, &more, &err)) fail_msg("%s", err.text);
    store_writer_destroy(writer);
}

static void random_lives_leave_what_a_recount_finds(void **state) {
    (void)state;
    for (uint64_t seed = 10; seed < 60; seed++) {
        (void)start(NULL);
        for (uint64_t i = 0; i < 4; i++)
            live_elsewhere(seed * 10 + i);
        check_store(seed);
    }
}

/* ---- stores of an older linnet ---- */

static const char old_posts[] =
    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " OLD_POSTS "),"
    " made AS (SELECT i, 'x:' || i AS id, '2026-11-1' || (i % 3) || 'T01:0' || (i % 2) || "
    "':00.000Z' AS"
    " at, 'w' || (i % 8) || ' w' || (i % 3) AS words, 'Anna' || (i % 9) AS handle, (i % 10) / 10.0 "
    "AS score"
    " FROM n)"
    "INSERT INTO post (id, network, created, received, lang, author_handle, text, label, score,"
    " document) SELECT id, 'x', at, at, 'en', handle, words, 'good', score, json_object('id', i,"
    " 'network', 'x', 'created', at, 'received', at, 'lang', 'en', 'author', json_object('handle',"
    " handle), 'text', words, 'label', 'good', 'score', score, 'queries', json_array('q' || (i % "
    "3)),"
    " 'hashtags', json_array('Tag' || (i % 5)), 'urls', json_array('https://www.site' || (i % 5) ||"
    " '.co.uk/a')) FROM made";

static void make_old_store(void) {
    struct database database;
    struct database_format old = store_format;
    old.version = 1;
    if (!database_open(&database, PATH, &old, DATABASE_WRITE, &err) ||
        !database_run(&database, old_posts, &err))
        fail_msg("%s", err.text);
    database_close(&database);
}

static void an_old_store_is_filled_in_whatever_comes_between(void **state) {
    (void)state;
    for (uint64_t seed = 100; seed < 140; seed++) {
        (void)start(NULL);
        make_old_store();
        for (uint64_t i = 0; i < 4; i++) {
            live_elsewhere(seed * 10 + i);
            check_store(seed);
        }
        fill_all();
        check_store(seed);
    }
}

static void an_old_store_is_read_as_it_is(void **state) {
    struct database database;
    (void)state;
    make_old_store();
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(database.version, 1);
    assert_int_equal(number(&database, "SELECT count(*) FROM posts"), atoi(OLD_POSTS));
    database_close(&database);
}

static void an_upgrade_that_fails_changes_nothing(void **state) {
    struct database database;
    (void)state;
    make_old_store();
    sim_inject((struct sim_fault){ .calls = SIM_WRITE, .at = 3, .error = ENOSPC, .forever = true });
    assert_false(database_open(&database, PATH, &store_format, DATABASE_WRITE, &err));
    sim_restart();
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(database.version, 1);
    assert_int_equal(number(&database, "SELECT count(*) FROM posts"), atoi(OLD_POSTS));
    database_close(&database);
}

static void a_step_of_filling_is_small_and_the_newest_come_first(void **state) {
    bool more;
    struct database database;
    (void)state;
    make_old_store();
    struct store_writer *writer = store_writer_create(PATH);
    assert_true(store_writer_open(writer, &err));
    assert_true(store_writer_fill(writer, &more, &err) && more);
    store_writer_destroy(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(number(&database, "SELECT value FROM store_state WHERE name = 'unfilled'"),
                     250);
    assert_int_equal(number(&database, "SELECT min(number) FROM post WHERE created_s"), 251);
    database_close(&database);
}

/* ---- pruning, numbers, bounds ---- */

static struct store_writer *open_writer(void) {
    struct store_writer *writer = store_writer_create(PATH);
    if (!store_writer_open(writer, &err) || !store_writer_begin(writer, &err))
        fail_msg("%s", err.text);
    return writer;
}

static void put(struct store_writer *writer, const char *key, const char *document) {
    struct slice reject;
    struct store_post post = { slice_of(key), slice_of(document), STORE_NO_TRAITS, 0 };
    if (!store_writer_put(writer, &post, &reject, &err)) fail_msg("%s", err.text);
    assert_null(reject.data);
}

static void close_writer(struct store_writer *writer) {
    if (!store_writer_commit(writer, &err)) fail_msg("%s", err.text);
    store_writer_destroy(writer);
}

#define POST(at) "{\"text\":\"tea\",\"received\":\"2026-11-" at "T00:00:00.000Z\"}"

static void pruned_posts_are_found_no_more_and_stay_in_the_charts(void **state) {
    bool more;
    struct database database;
    (void)state;
    struct store_writer *writer = open_writer();
    put(writer, "x:1", POST("01"));
    put(writer, "x:2", POST("09"));
    assert_true(store_writer_commit(writer, &err));
    assert_true(store_writer_prune(writer, 1793923200 /* November 6 */, &more, &err) && !more);
    store_writer_destroy(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(number(&database, "SELECT count(*) FROM post WHERE id = 'x:2'"), 1);
    assert_int_equal(number(&database, "SELECT count(*) FROM post"), 1);
    assert_int_equal(
        number(&database, "SELECT count(*) FROM post_terms WHERE post_terms MATCH '\"wtea\"'"), 1);
    assert_int_equal(number(&database, "SELECT sum(posts) FROM stats_day WHERE dimension = 'all'"),
                     2);
    database_close(&database);
}

static void a_post_that_a_trigger_holds_does_not_hide_that_others_go(void **state) {
    bool more;
    struct database database;
    (void)state;
    struct store_writer *writer = open_writer();
    put(writer, "x:1", POST("01"));
    put(writer, "x:2", POST("02"));
    close_writer(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_WRITE, &err));
    assert_true(database_run(&database,
                             "CREATE TRIGGER held BEFORE DELETE ON post WHEN old.id = 'x:1'"
                             " BEGIN SELECT raise(ABORT, 'held'); END",
                             &err));
    database_close(&database);
    writer = open_writer();
    assert_true(store_writer_commit(writer, &err));
    assert_true(store_writer_prune(writer, 1793923200 /* November 6 */, &more, &err) && !more);
    store_writer_destroy(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(number(&database, "SELECT count(*) FROM post"), 1);
    assert_int_equal(
        number(&database, "SELECT count(*) FROM post_terms WHERE post_terms MATCH '\"wtea\"'"), 1);
    database_close(&database);
}

static void a_number_never_comes_again(void **state) {
    struct slice reject;
    struct database database;
    (void)state;
    struct store_writer *writer = open_writer();
    put(writer, "x:1", POST("01"));
    put(writer, "x:2", POST("01"));
    assert_true(store_writer_remove(writer, SLICE("x:2"), &reject, &err));
    close_writer(writer);
    writer = open_writer();
    put(writer, "x:3", POST("01"));
    close_writer(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(number(&database, "SELECT max(number) FROM post"), 3);
    database_close(&database);
}

static void many_long_values_of_a_post_are_bounded(void **state) {
    static char text[200000];
    struct database database;
    (void)state;
    int length = sprintf(text, "{\"text\":\"tea\",\"received\":\"2026-11-01T00:00:00.000Z\","
                               "\"hashtags\":[\"x\"");
    for (int i = 0; i < 300; i++)
        length += sprintf(text + length, ",\"%0400d\",\"%d\"", i, i);
    sprintf(text + length, "]}");
    struct store_writer *writer = open_writer();
    put(writer, "x:1", text);
    close_writer(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(
        number(&database, "SELECT count(*) FROM stats_day WHERE dimension = 'hashtag'"),
        ROLLUP_VALUES);
    assert_int_equal(number(&database, "SELECT max(length(value)) FROM rollup_value"),
                     ROLLUP_VALUE_BYTES);
    database_close(&database);
    writer = open_writer();
    struct slice reject;
    assert_true(store_writer_remove(writer, SLICE("x:1"), &reject, &err));
    close_writer(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(number(&database, "SELECT count(*) FROM rollup"), 0);
    database_close(&database);
}

#define LABELS 1100 /* more than roll-ups have numbers for */

static void labels_beyond_their_numbers_count_as_none(void **state) {
    char text[200], key[32];
    struct slice reject;
    struct database database;
    (void)state;
    struct store_writer *writer = open_writer();
    for (int i = 0; i < LABELS; i++) {
        snprintf(key, sizeof key, "x:%d", i);
        snprintf(text, sizeof text,
                 "{\"text\":\"tea\",\"received\":\"2026-11-01T00:00:00.000Z\",\"label\":\"l%d\"}",
                 i);
        put(writer, key, text);
    }
    close_writer(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(number(&database, "SELECT posts FROM stats_day WHERE label = 'l1021'"), 1);
    assert_int_equal(number(&database, "SELECT posts FROM stats_day WHERE label = ''"),
                     LABELS - ROLLUP_NO_LABEL + 1);
    database_close(&database);
    writer = open_writer();
    for (int i = 0; i < LABELS; i++) {
        snprintf(key, sizeof key, "x:%d", i);
        assert_true(store_writer_remove(writer, slice_of(key), &reject, &err));
    }
    close_writer(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(number(&database, "SELECT count(*) FROM rollup_count"), 0);
    database_close(&database);
}

static void what_no_number_is_left_for_is_not_counted(void **state) {
    struct slice reject;
    struct database database;
    (void)state;
    close_writer(open_writer());
    assert_true(database_open(&database, PATH, &store_format, DATABASE_WRITE, &err));
    assert_true(database_run(&database,
                             "INSERT INTO rollup_value VALUES (67108862, 2, 'b');"
                             "INSERT INTO rollup_bucket VALUES (134217726, 0, 0, 0)",
                             &err));
    database_close(&database);
    struct store_writer *writer = open_writer();
    put(writer, "x:1", "{\"text\":\"tea\",\"received\":\"2026-11-01T00:00:00.000Z\"}");
    put(writer, "x:2",
        "{\"text\":\"tea\",\"hashtags\":[\"b\",\"c\"],\"received\":\"2026-11-01T00:00:00"
        ".000Z\"}");
    close_writer(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    /* The last bucket is the first that was asked for: of all posts, a minute. */
    assert_int_equal(number(&database, "SELECT posts FROM rollup"), 2);
    assert_int_equal(number(&database, "SELECT step FROM rollup"), 60);
    assert_int_equal(number(&database, "SELECT max(number) FROM rollup_bucket"),
                     ROLLUP_MOST_BUCKETS);
    assert_int_equal(number(&database, "SELECT max(number) FROM rollup_value"), ROLLUP_MOST_VALUES);
    database_close(&database);
    writer = open_writer();
    assert_true(store_writer_remove(writer, SLICE("x:1"), &reject, &err));
    assert_true(store_writer_remove(writer, SLICE("x:2"), &reject, &err));
    close_writer(writer);
    assert_true(database_open(&database, PATH, &store_format, DATABASE_READ, &err));
    assert_int_equal(number(&database, "SELECT count(*) FROM rollup_count"), 0);
    database_close(&database);
}

int main(void) {
    vfs_sim_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_lives_leave_what_a_recount_finds),
        cmocka_unit_test(an_old_store_is_filled_in_whatever_comes_between),
        cmocka_unit_test_setup(an_old_store_is_read_as_it_is, start),
        cmocka_unit_test_setup(an_upgrade_that_fails_changes_nothing, start),
        cmocka_unit_test_setup(a_step_of_filling_is_small_and_the_newest_come_first, start),
        cmocka_unit_test_setup(pruned_posts_are_found_no_more_and_stay_in_the_charts, start),
        cmocka_unit_test_setup(a_post_that_a_trigger_holds_does_not_hide_that_others_go, start),
        cmocka_unit_test_setup(a_number_never_comes_again, start),
        cmocka_unit_test_setup(many_long_values_of_a_post_are_bounded, start),
        cmocka_unit_test_setup(labels_beyond_their_numbers_count_as_none, start),
        cmocka_unit_test_setup(what_no_number_is_left_for_is_not_counted, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
