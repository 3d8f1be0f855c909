/* Deletes and scrubs that a user asks for: kept whatever is known, deletes for good. And what is
 * said of an author. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "config/snapshot.h"
#include "flow/forget.h"
#include "flow/release.h"
#include <cmocka.h>

static struct snapshot snapshot = { .generation = 1 };
static struct record *records;
static struct releaser *releaser;
static struct batch *batch;
static struct source_sums sums = { .name = "forget" };

static int begin(void **state) {
    (void)state;
    releaser = releaser_create();
    batch = batch_create();
    return 0;
}

static int end(void **state) {
    (void)state;
    releaser_destroy(releaser);
    batch_destroy(batch);
    return 0;
}

/* What becomes of one that `forget` or a network sends. */
static enum message_outcome release(enum message_kind kind, const char *key, bool forget) {
    batch_reset(batch);
    batch->snapshot = &snapshot;
    batch->forget = forget;
    struct message *message = batch_add(batch, SLICE("raw"), 0);
    message->kind = kind;
    message->key = slice_of(key);
    message->key_hash = hash_bytes(message->key);
    if (message_is_of_author(kind)) message->up_to = 99;
    if (message_is_post(kind)) message->outcome = OUTCOME_KEPT;
    uint32_t kept = batch_release(releaser, batch, &sums, &records);
    assert_int_equal(kept, message->outcome == OUTCOME_KEPT);
    return message->outcome;
}

static void a_wanted_delete_is_kept_whatever_is_known_of_its_post(void **state) {
    (void)state;
    assert_int_equal(release(MESSAGE_POST, "x:1", false), OUTCOME_KEPT);
    assert_int_equal(release(MESSAGE_DELETE, "x:1", true), OUTCOME_KEPT);
    assert_int_equal(release(MESSAGE_DELETE, "x:2", true), OUTCOME_KEPT);
    assert_int_equal(release(MESSAGE_DELETE, "x:2", true), OUTCOME_KEPT);
    assert_int_equal(sums.received, sums.spooled);
}

static void what_was_forgotten_stays_away(void **state) {
    (void)state;
    assert_int_equal(release(MESSAGE_DELETE, "x:2", true), OUTCOME_KEPT);
    assert_int_equal(release(MESSAGE_POST, "x:2", false), OUTCOME_FILTERED);
    assert_int_equal(release(MESSAGE_EDIT, "x:2", false), OUTCOME_FILTERED);
}

static void what_was_forgotten_stays_away_after_a_restart(void **state) {
    (void)state;
    const struct known_id known = { .hash = hash_bytes(SLICE("x:9")), .kind = SPOOL_KEPT_DELETE };
    releaser_know(releaser, &known);
    assert_int_equal(release(MESSAGE_POST, "x:9", false), OUTCOME_FILTERED);
}

static void a_scrub_is_kept_for_posts_that_were_as_often_as_it_comes(void **state) {
    (void)state;
    assert_int_equal(release(MESSAGE_POST, "x:1", false), OUTCOME_KEPT);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(release(MESSAGE_SCRUB, "x:1", false), OUTCOME_KEPT);
        assert_int_equal(records[0].kind, RECORD_SCRUB);
    }
    assert_int_equal(release(MESSAGE_SCRUB, "x:2", false), OUTCOME_FILTERED);
    assert_int_equal(release(MESSAGE_POST, "x:2", false), OUTCOME_KEPT);
    assert_int_equal(release(MESSAGE_SCRUB, "x:3", true), OUTCOME_KEPT);
}

static void what_is_said_of_an_author_is_for_a_sink_that_finds_posts(void **state) {
    (void)state;
    static const struct part_kind finder = { .name = "store", .finds_posts = true }, other = { 0 };
    const struct part_config parts[] = { { .name = "out", .kind = &other },
                                         { .name = "store", .kind = &finder } };
    uint64_t control = sums.control;
    snapshot.sinks = parts;
    snapshot.sink_count = 1;
    assert_int_equal(release(MESSAGE_AUTHOR_SCRUB, "x:7", false), OUTCOME_PENDING);
    assert_int_equal(release(MESSAGE_AUTHOR_DELETE, "x:7", false), OUTCOME_PENDING);
    assert_int_equal(sums.control - control, 2);
    snapshot.sink_count = 2;
    assert_int_equal(release(MESSAGE_AUTHOR_SCRUB, "x:7", false), OUTCOME_KEPT);
    assert_int_equal(records[0].kind, RECORD_AUTHOR_SCRUB);
    assert_int_equal(records[0].name, 99);
    assert_int_equal(release(MESSAGE_AUTHOR_DELETE, "x:8", false), OUTCOME_KEPT);
    assert_int_equal(records[0].kind, RECORD_AUTHOR_DELETE);
    assert_int_equal(records[0].name, 99);
    assert_true(slice_is(records[0].key, "x:8"));
    snapshot.sink_count = 0;
}

static void assert_named(const char *key, const char *network, const char *id) {
    struct post_name name;
    struct arena arena;
    arena_init(&arena);
    assert_true(post_name_of(slice_of(key), &name));
    assert_true(slice_is(name.network, network));
    assert_true(slice_is(name.id, id));
    assert_true(slice_is(message_key(name.network, name.id, &arena), key));
    arena_free(&arena);
}

static void a_key_says_network_and_id(void **state) {
    struct post_name name;
    (void)state;
    assert_named("x:7", "x", "7");
    assert_named("plain:a:b", "plain", "a:b");
    assert_named("at://did:plc:a/app.bsky.feed.post/3", "bluesky",
                 "at://did:plc:a/app.bsky.feed.post/3");
    assert_named("https://m.example/users/a/statuses/1", "mastodon",
                 "https://m.example/users/a/statuses/1");
    assert_false(post_name_of(SLICE("7"), &name));
    assert_false(post_name_of(SLICE("x:"), &name));
    assert_false(post_name_of(SLICE(":7"), &name));
    assert_false(post_name_of(SLICE(""), &name));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_wanted_delete_is_kept_whatever_is_known_of_its_post),
        TEST(what_was_forgotten_stays_away),
        TEST(what_was_forgotten_stays_away_after_a_restart),
        TEST(a_scrub_is_kept_for_posts_that_were_as_often_as_it_comes),
        TEST(what_is_said_of_an_author_is_for_a_sink_that_finds_posts),
        TEST(a_key_says_network_and_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
