/* X API v2: posts with what stands beside them, edits, deletes, problems. */
#include "dialect_fixture.h"
#include "post/x_id.h"

static void a_post_finds_its_author_and_place_beside_it(void **state) {
    (void)state;
    const struct message *post = read_file("x-v2/stream-post.json");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->key, "x:1784600000000000001");
    assert_text(post->text, "Look at this cute cat! \xF0\x9F\x90\xB1 #cats https://t.co/a1");
    assert_text(post->lang, "en");
    assert_true(post->created_ms == 1795170900000);
    assert_text(post->author.id, "2244994945");
    assert_text(post->author.handle, "catperson");
    assert_text(post->author.name, "Cat Person");
    assert_int_equal(post->author.followers, 10);
    assert_items(post->hashtags, "cats");
    assert_items(post->urls, "https://example.com/cat");
    assert_int_equal(post->traits, TRAIT_PLACE);
}

static void a_repost_has_its_original_s_content_and_its_own_author(void **state) {
    (void)state;
    const struct message *post = read_file("x-v2/stream-repost.json");
    assert_text(post->id, "1784600000000000002");
    assert_text(post->text, "Look at this cute cat! \xF0\x9F\x90\xB1 #cats https://t.co/a1");
    assert_text(post->author.handle, "x");
    assert_text(post->retweeted_id, "2244994945");
    assert_text(post->retweeted_handle, "catperson");
    assert_items(post->hashtags, "cats");
    assert_items(post->urls, "https://example.com/cat");
    assert_int_equal(post->traits, TRAIT_RETWEET);
}

static void a_long_post_gives_its_whole_text_and_the_tags_of_that(void **state) {
    (void)state;
    const struct message *post = read_file("x-v2/stream-note-tweet.json");
    assert_true(slice_ends(post->text, SLICE("is only in note_tweet.text.")));
    const struct message *tagged = read_text(
        &reading,
        "{\"data\":{\"id\":\"1\",\"text\":\"cut #a\",\"entities\":{\"hashtags\":[{\"tag\":"
        "\"a\"}]},\"note_tweet\":{\"text\":\"all #a #b\",\"entities\":{\"hashtags\":[{"
        "\"tag\":\"a\"},{\"tag\":\"b\"}]}}}}");
    assert_text(tagged->text, "all #a #b");
    assert_items(tagged->hashtags, "a", "b");
}

static void a_partial_error_is_still_a_post(void **state) {
    (void)state;
    const struct message *post = read_file("x-v2/stream-partial-error.json");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->text, "reply");
    assert_int_equal(post->traits, TRAIT_REPLY);
}

static void an_edit_keeps_the_first_id_of_its_history(void **state) {
    (void)state;
    const struct message *edit = read_file("x-v2/stream-edit-newnames.json");
    assert_int_equal(edit->kind, MESSAGE_EDIT);
    assert_text(edit->key, "x:1784600000000000000");
    assert_text(edit->text, "Hello world! (edited)");
}

static void what_others_wrote_is_told_apart_by_its_element(void **state) {
    (void)state;
    const struct message *post = read_text(
        &reading,
        "{\"data\":{\"id\":\"9\",\"text\":\"so &lt;true&gt;\",\"author_id\":\"1\","
        "\"in_reply_to_user_id\":\"3\",\"referenced_tweets\":[{\"type\":\"replied_to\",\"id\":"
        "\"7\"},"
        "{\"type\":\"quoted\",\"id\":\"8\"}],\"geo\":{\"coordinates\":{\"type\":\"Point\","
        "\"coordinates\":[13.4,52.5]}}},\"includes\":{\"posts\":[{\"id\":\"7\",\"text\":\"no\"},{"
        "\"text\":\"quoted &amp; "
        "all\",\"id\":\"8\"}],\"users\":[{\"id\":\"3\",\"username\":\"bob\"},"
        "{\"username\":\"ada\",\"verified\":true,\"id\":\"1\"}],\"media\":[{\"type\":\"photo\"}]}"
        "}");
    assert_text(post->text, "so <true>");
    assert_text(post->quoted_text, "quoted & all");
    assert_text(post->author.handle, "ada");
    assert_text(post->reply_to_handle, "bob");
    assert_int_equal(post->author.followers, -1);
    assert_true(post->lon == 13.4 && post->lat == 52.5);
    assert_int_equal(post->traits, TRAIT_QUOTE | TRAIT_REPLY | TRAIT_VERIFIED | TRAIT_COORDINATES |
                                       TRAIT_MEDIA | TRAIT_IMAGES);
}

static void deletes_and_dropped_posts_are_deletes_other_events_control(void **state) {
    (void)state;
    static const enum message_kind expected[] = { MESSAGE_DELETE, MESSAGE_CONTROL, MESSAGE_CONTROL,
                                                  MESSAGE_DELETE, MESSAGE_CONTROL };
    struct slice lines = data_file(&reading.arena, "x-v2/compliance-posts.ndjson");
    for (size_t i = 0; i < LENGTH(expected); i++) {
        const char *end = memchr(lines.data, '\n', lines.length);
        size_t length = (size_t)(end - lines.data);
        const struct message *event = read_record(&reading, slice_first(lines, length));
        assert_int_equal(event->kind, expected[i]);
        if (i == 0) {
            assert_text(event->key, "x:1784600000000000001");
            assert_text(event->author.id, "2244994945");
            assert_true(event->created_ms == 1795172400123);
        }
        lines = slice_skip(lines, length + 1);
    }
    assert_int_equal(read_file("x-v2/stream-operational-disconnect.json")->kind, MESSAGE_CONTROL);
}

static void users_who_are_gone_take_their_posts_along(void **state) {
    (void)state;
    static const enum message_kind expected[] = {
        MESSAGE_AUTHOR_DELETE, MESSAGE_CONTROL, /* deleted, undeleted */
        MESSAGE_AUTHOR_DELETE, MESSAGE_CONTROL, /* protected */
        MESSAGE_AUTHOR_DELETE, MESSAGE_CONTROL, /* suspended */
        MESSAGE_AUTHOR_SCRUB,  MESSAGE_CONTROL, /* withheld */
    };
    struct slice lines = data_file(&reading.arena, "x-v2/compliance-users.ndjson");
    for (size_t i = 0; i < LENGTH(expected); i++) {
        const char *end = memchr(lines.data, '\n', lines.length);
        size_t length = (size_t)(end - lines.data);
        const struct message *event = read_record(&reading, slice_first(lines, length));
        assert_int_equal(event->kind, expected[i]);
        if (message_is_of_author(event->kind)) assert_text(event->key, "x:2244994945");
        if (event->kind == MESSAGE_AUTHOR_SCRUB) assert_true(event->up_to == 1784600000000000001);
        if (event->kind == MESSAGE_AUTHOR_DELETE) /* what is written a second later stays */
            assert_true(event->up_to == x_id_at(INT64_C(1795172401000)) - 1);
        lines = slice_skip(lines, length + 1);
    }
    assert_int_equal(lines.length, 0);
}

static void events_that_name_nobody_are_malformed(void **state) {
    (void)state;
    static const char *const records[] = {
        "{\"data\":{\"user_delete\":{}}}",
        "{\"data\":{\"user_delete\":{\"user\":{\"id\":{}}}}}",
        "{\"data\":{\"user_suspend\":{\"user\":{\"id\":\"\"}}}}",
        "{\"data\":{\"user_protect\":{\"user\":\"7\"}}}",
        "{\"data\":{\"scrub_geo\":{\"user\":{\"id\":\"7\"},\"up_to_tweet_id\":\"x\"}}}",
        "{\"data\":{\"scrub_geo\":{\"user\":{\"id\":\"7\"},\"up_to_tweet_id\":{}}}}",
    };
    for (size_t i = 0; i < LENGTH(records); i++)
        assert_int_equal(read_text(&reading, records[i])->kind, MESSAGE_MALFORMED);
}

static void a_saved_page_says_how_to_make_posts_of_it(void **state) {
    (void)state;
    const struct message *page = read_file("x-v2/search-recent-page1.json");
    assert_int_equal(page->kind, MESSAGE_MALFORMED);
    assert_true(slice_starts(page->reason, SLICE("a page of many posts: make it one post a line")));
}

static void wrong_types_are_malformed_or_left_out(void **state) {
    (void)state;
    assert_int_equal(read_text(&reading, "{\"data\":{\"id\":{},\"text\":\"a\"}}")->kind,
                     MESSAGE_MALFORMED);
    assert_int_equal(read_text(&reading, "{\"data\":{\"id\":\"1\",\"text\":7}}")->kind,
                     MESSAGE_MALFORMED);
    const struct message *post =
        read_text(&reading, "{\"data\":{\"id\":9223372036854775807,\"text\":\"a\",\"author_id\":[],"
                            "\"created_at\":5,\"lang\":{},\"referenced_tweets\":\"x\"},"
                            "\"includes\":{\"users\":{\"id\":1}}}");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->id, "9223372036854775807");
    assert_true(post->created_ms == TIME_UNKNOWN);
    assert_int_equal(post->traits, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_post_finds_its_author_and_place_beside_it),
        TEST(a_repost_has_its_original_s_content_and_its_own_author),
        TEST(a_long_post_gives_its_whole_text_and_the_tags_of_that),
        TEST(a_partial_error_is_still_a_post),
        TEST(an_edit_keeps_the_first_id_of_its_history),
        TEST(what_others_wrote_is_told_apart_by_its_element),
        TEST(deletes_and_dropped_posts_are_deletes_other_events_control),
        TEST(users_who_are_gone_take_their_posts_along),
        TEST(events_that_name_nobody_are_malformed),
        TEST(a_saved_page_says_how_to_make_posts_of_it),
        TEST(wrong_types_are_malformed_or_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
