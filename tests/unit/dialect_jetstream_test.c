/* Bluesky's Jetstream, both generations: posts, updates, deletes, facets that fit no text. */
#include "dialect_fixture.h"

#define URI "at://did:plc:q235v55g5unth4zjjdpacfdr/app.bsky.feed.post/"

static void a_commit_is_a_post_by_its_uri(void **state) {
    (void)state;
    const struct message *post = read_file("jetstream/commit-create-post.json");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->network, "bluesky");
    assert_text(post->key, URI "3mmoojp4cd223");
    assert_text(post->id, URI "3mmoojp4cd223");
    assert_text(post->author.id, "did:plc:q235v55g5unth4zjjdpacfdr");
    assert_text(post->lang, "pt");
    assert_true(post->created_ms == 1779719008757);
    assert_items(post->hashtags, "sunny", "extra");
    assert_items(post->mentions, "ada.test");
    assert_items(post->urls, "https://example.com/x");
}

static void the_second_generation_reads_alike(void **state) {
    (void)state;
    static const enum message_kind expected[] = { MESSAGE_CONTROL, MESSAGE_POST, MESSAGE_DELETE,
                                                  MESSAGE_CONTROL, MESSAGE_CONTROL };
    struct slice lines = data_file(&reading.arena, "jetstream/stream-v2-xrpc.jsonl");
    for (size_t i = 0; i < LENGTH(expected); i++) {
        const char *end = memchr(lines.data, '\n', lines.length);
        size_t length = end ? (size_t)(end - lines.data) : lines.length;
        const struct message *event = read_record(&reading, slice_first(lines, length));
        assert_int_equal(event->kind, expected[i]);
        if (i == 1) assert_items(event->mentions, "ada.test");
        if (i == 1) assert_text(event->key, URI "3mmoojp4cd223");
        lines = slice_skip(lines, length + (end != NULL));
    }
}

static void a_reply_names_whom_it_answers(void **state) {
    (void)state;
    const struct message *reply = read_file("jetstream/commit-create-reply.json");
    assert_text(reply->reply_to_id, "did:plc:j76trmiofvaxxpvx2vnb2vwf");
    assert_int_equal(reply->traits, TRAIT_REPLY);
}

static void an_update_is_an_edit_and_a_delete_names_the_same_post(void **state) {
    (void)state;
    const struct message *update = read_file("jetstream/commit-update-post.json");
    assert_int_equal(update->kind, MESSAGE_EDIT);
    assert_text(update->key, URI "3mmoojp4cd223");
    assert_items(update->mentions,
                 "did:plc:aaaabbbbccccddddeeeeffff"); /* its facet is past the end */
    const struct message *gone = read_file("jetstream/commit-delete-post.json");
    assert_int_equal(gone->kind, MESSAGE_DELETE);
    assert_text(gone->key, URI "3mmoojp4cd223");
}

static void everything_else_is_control(void **state) {
    (void)state;
    static const char *const files[] = { "jetstream/commit-create-like.json",
                                         "jetstream/identity-no-handle.json",
                                         "jetstream/account-deleted.json" };
    for (size_t i = 0; i < LENGTH(files); i++)
        assert_int_equal(read_file(files[i])->kind, MESSAGE_CONTROL);
}

static void a_wrong_date_gives_way_to_when_it_was_seen(void **state) {
    (void)state;
    const struct message *post = read_file("jetstream/commit-create-hostile-facets.json");
    assert_text(post->text, "\xC3\xA9#x");
    assert_items(post->hashtags, "x");
    assert_no_items(post->mentions);
    assert_true(post->created_ms == 1779719010272);
}

/* A post of the text "é@bob hi" with one mention facet from `start` to `end`. */
static const struct message *mention(const char *start, const char *end) {
    char json[512];
    snprintf(json, sizeof json,
             "{\"did\":\"did:plc:a\",\"time_us\":1,\"kind\":\"commit\",\"commit\":{\"operation\":"
             "\"create\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"r\",\"record\":{\"text\":"
             "\"\xC3\xA9@bob hi\",\"facets\":[{\"features\":[{\"did\":\"did:plc:b\"}],\"index\":{"
             "\"byteStart\":%s,\"byteEnd\":%s}}]}}}",
             start, end);
    return read_text(&reading, json);
}

static void a_mention_is_the_handle_in_the_text_whatever_the_offsets_are(void **state) {
    (void)state;
    assert_items(mention("2", "6")->mentions, "bob");
    assert_items(mention("2", "99")->mentions, "bob hi"); /* cut to the text */
    static const char *const hostile[][2] = { { "6", "2" },      { "-1", "6" },
                                              { "1", "6" },      { "0", "1" },
                                              { "2", "2" },      { "1e3", "6" },
                                              { "\"2\"", "6" },  { "null", "null" },
                                              { "[2]", "[[]]" }, { "1099511627776", "6" },
                                              { "9", "9" },      { "2", "99999999999999999999" } };
    for (size_t i = 0; i < LENGTH(hostile); i++)
        if (i != 8) assert_items(mention(hostile[i][0], hostile[i][1])->mentions, "did:plc:b");
    assert_int_equal(mention("[2]", "[[]]")->kind, MESSAGE_POST);
}

static void offsets_belong_to_their_own_facet(void **state) {
    (void)state;
    const struct message *post = read_text(
        &reading,
        "{\"did\":\"did:plc:a\",\"time_us\":1,\"kind\":\"commit\",\"commit\":{\"operation\":"
        "\"create\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"r\",\"record\":{"
        "\"text\":\"@ann @bob\",\"facets\":[{\"index\":{},\"features\":[{\"tag\":\"t\"},{"
        "\"tag\":\"t\"}]},{\"features\":[{\"did\":\"did:b\"}],\"index\":{\"byteStart\":5,"
        "\"byteEnd\":9}},{\"features\":[{\"did\":\"did:a\"},{\"uri\":\"u:1\"}],\"index\":{"
        "\"byteStart\":0,\"byteEnd\":4}}]}}}");
    assert_items(post->mentions, "bob", "ann");
    assert_items(post->hashtags, "t");
    assert_items(post->urls, "u:1");
}

static void lists_are_bounded(void **state) {
    (void)state;
    size_t room = 200000, at;
    char *json = arena_alloc(&reading.arena, room);
    at = (size_t)snprintf(json, room,
                          "{\"did\":\"did:plc:a\",\"time_us\":1,\"kind\":\"commit\",\"commit\":{"
                          "\"operation\":\"create\",\"collection\":\"app.bsky.feed.post\",\"rkey\":"
                          "\"r\",\"record\":{\"text\":\"t\",\"tags\":[\"0\"");
    for (int i = 1; i < 10000; i++)
        at += (size_t)snprintf(json + at, room - at, ",\"%d\"", i);
    snprintf(json + at, room - at, "]}}}");
    assert_int_equal(read_text(&reading, json)->hashtags.count, 256);
}

static void media_and_quotes_are_told_by_the_embed(void **state) {
    (void)state;
    static const struct {
        const char *embed;
        uint32_t traits;
    } cases[] = {
        { "\"$type\":\"app.bsky.embed.images\"", TRAIT_MEDIA | TRAIT_IMAGES },
        { "\"$type\":\"app.bsky.embed.video\"", TRAIT_MEDIA | TRAIT_VIDEO },
        { "\"$type\":\"app.bsky.embed.record\"", TRAIT_QUOTE },
        { "\"$type\":\"app.bsky.embed.recordWithMedia\",\"media\":{\"$type\":"
          "\"app.bsky.embed.images\"}",
          TRAIT_QUOTE | TRAIT_MEDIA | TRAIT_IMAGES },
        { "\"$type\":\"com.example.unknown\"", 0 },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char json[512];
        snprintf(json, sizeof json,
                 "{\"did\":\"did:plc:a\",\"time_us\":1,\"kind\":\"commit\",\"commit\":{"
                 "\"operation\":\"create\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"r\","
                 "\"record\":{\"text\":\"t\",\"embed\":{%s}}}}",
                 cases[i].embed);
        assert_int_equal(read_text(&reading, json)->traits, cases[i].traits);
    }
}

static void a_commit_without_a_place_or_an_operation_is_malformed(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "\"operation\":\"create\",\"record\":{\"text\":\"t\"}",
        "\"operation\":\"create\",\"rkey\":\"r\",\"record\":{\"text\":[]}",
        "\"operation\":\"move\",\"rkey\":\"r\",\"record\":{\"text\":\"t\"}",
    };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        char json[512];
        snprintf(json, sizeof json,
                 "{\"did\":\"did:plc:a\",\"time_us\":1,\"kind\":\"commit\",\"commit\":{"
                 "\"collection\":\"app.bsky.feed.post\",%s}}",
                 wrong[i]);
        assert_int_equal(read_text(&reading, json)->kind, MESSAGE_MALFORMED);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_commit_is_a_post_by_its_uri),
        TEST(the_second_generation_reads_alike),
        TEST(a_reply_names_whom_it_answers),
        TEST(an_update_is_an_edit_and_a_delete_names_the_same_post),
        TEST(everything_else_is_control),
        TEST(a_wrong_date_gives_way_to_when_it_was_seen),
        TEST(a_mention_is_the_handle_in_the_text_whatever_the_offsets_are),
        TEST(offsets_belong_to_their_own_facet),
        TEST(lists_are_bounded),
        TEST(media_and_quotes_are_told_by_the_embed),
        TEST(a_commit_without_a_place_or_an_operation_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
