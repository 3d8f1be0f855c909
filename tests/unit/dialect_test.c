/* How networks write posts: X v1.1, plain objects, bare lines; ids of records that bring none. */
#include "base/hash.h"
#include "dialect_fixture.h"

#define LONG_TEXT                                                                                  \
    "This is a long sample post that goes past one hundred and forty characters so that the "      \
    "compatibility text is cut and the whole of it only appears in extended_tweet \xE2\x80\x94 "   \
    "not bad at all \xF0\x9F\x8E\x89 #longpost"

static void a_whole_tweet_is_read(void **state) {
    (void)state;
    const struct message *tweet = read_file("x-v1.1/tweet-full.json");
    assert_int_equal(tweet->kind, MESSAGE_POST);
    assert_text(tweet->network, "x");
    assert_text(tweet->id, "1050118621198921728");
    assert_text(tweet->key, "x:1050118621198921728");
    assert_true(tweet->key_hash == hash_bytes(SLICE("x:1050118621198921728")));
    assert_text(tweet->text, "I love this & that #happy http://t.co/abc123");
    assert_text(tweet->lang, "en");
    assert_true(tweet->created_ms == 1539202764000);
    assert_true(tweet->received_ms == 1700000000000);
    assert_text(tweet->author.id, "6253282001");
    assert_text(tweet->author.handle, "ada_sample");
    assert_text(tweet->author.name, "Ada \xF0\x9F\x98\x80");
    assert_int_equal(tweet->author.followers, 42);
    assert_items(tweet->hashtags, "happy");
    assert_items(tweet->urls, "https://example.com/page");
    assert_no_items(tweet->mentions);
    assert_no_items(tweet->cashtags);
    assert_int_equal(tweet->traits, TRAIT_COORDINATES | TRAIT_PLACE);
    assert_true(tweet->lon == -9.1393 && tweet->lat == 38.7223);
    assert_int_equal(tweet->quoted_text.length, 0);
}

static void an_extended_tweet_gives_its_full_text_and_tags(void **state) {
    (void)state;
    const struct message *tweet = read_file("x-v1.1/tweet-extended.json");
    assert_int_equal(tweet->kind, MESSAGE_POST);
    assert_text(tweet->text, LONG_TEXT);
    assert_items(tweet->hashtags, "longpost");
    assert_int_equal(tweet->traits, 0);
}

static void a_retweet_has_its_original_s_content_and_its_own_author(void **state) {
    (void)state;
    const struct message *tweet = read_file("x-v1.1/tweet-retweet.json");
    assert_text(tweet->id, "1050118621198921730");
    assert_text(tweet->text, LONG_TEXT);
    assert_text(tweet->author.handle, "ada_sample");
    assert_text(tweet->retweeted_id, "6253282002");
    assert_text(tweet->retweeted_handle, "bob_sample");
    assert_items(tweet->hashtags, "longpost");
    assert_int_equal(tweet->traits, TRAIT_RETWEET);
}

static void a_quote_brings_the_quoted_text(void **state) {
    (void)state;
    const struct message *tweet = read_file("x-v1.1/tweet-quote.json");
    assert_text(tweet->text, "So true https://t.co/qqq");
    assert_text(tweet->quoted_text, "I love this & that #happy http://t.co/abc123");
    assert_no_items(tweet->hashtags); /* those are the other's */
    assert_int_equal(tweet->traits, TRAIT_QUOTE);
}

static void a_reply_names_whom_it_answers(void **state) {
    (void)state;
    const struct message *tweet = read_file("x-v1.1/tweet-reply.json");
    assert_text(tweet->reply_to_id, "6253282002");
    assert_text(tweet->reply_to_handle, "bob_sample");
    assert_int_equal(tweet->traits, TRAIT_REPLY);
}

static void control_messages_are_no_posts(void **state) {
    (void)state;
    struct slice lines = data_file(&reading.arena, "x-v1.1/control-messages.ndjson");
    int kinds[MESSAGE_MALFORMED + 1] = { 0 };
    while (lines.length) {
        const char *newline = memchr(lines.data, '\n', lines.length);
        size_t length = newline ? (size_t)(newline - lines.data) : lines.length;
        const struct message *message = read_record(&reading, slice_first(lines, length));
        kinds[message->kind]++;
        if (message->kind == MESSAGE_DELETE) {
            assert_text(message->key, "x:1050118621198921728");
            assert_true(message->key_hash == hash_bytes(message->key));
            assert_text(message->author.id, "6253282001");
            assert_true(message->created_ms == 1539202799000);
        }
        if (message->kind == MESSAGE_AUTHOR_SCRUB) {
            assert_text(message->key, "x:6253282001");
            assert_true(message->up_to == 1050118621198921729);
        }
        lines = slice_skip(lines, length + 1);
    }
    assert_int_equal(kinds[MESSAGE_DELETE], 1);
    assert_int_equal(kinds[MESSAGE_AUTHOR_SCRUB], 1);
    assert_int_equal(kinds[MESSAGE_CONTROL], 6);
    assert_int_equal(kinds[MESSAGE_MALFORMED], 1); /* some_future_message: nothing that we know */
}

static void a_scrub_says_whose_places_go_and_up_to_where(void **state) {
    (void)state;
    static const struct {
        const char *record;
        enum message_kind kind;
        uint64_t up_to;
    } cases[] = {
        { "{\"user_id\":7,\"up_to_status_id\":9223372036854775807}", MESSAGE_AUTHOR_SCRUB,
          INT64_MAX },
        { "{\"user_id_str\":\"7\",\"up_to_status_id_str\":\"5\"}", MESSAGE_AUTHOR_SCRUB, 5 },
        { "{\"user_id\":7}", MESSAGE_AUTHOR_SCRUB, 0 }, /* all */
        { "{\"user_id\":7,\"up_to_status_id\":null}", MESSAGE_AUTHOR_SCRUB, 0 },
        { "{\"user_id\":7,\"up_to_status_id\":9223372036854775808}", MESSAGE_MALFORMED, 0 },
        { "{\"user_id\":7,\"up_to_status_id\":-5}", MESSAGE_MALFORMED, 0 },
        { "{\"user_id\":7,\"up_to_status_id\":0}", MESSAGE_MALFORMED, 0 },
        { "{\"user_id\":7,\"up_to_status_id\":1e3}", MESSAGE_MALFORMED, 0 },
        { "{\"user_id\":7,\"up_to_status_id_str\":\"all\"}", MESSAGE_MALFORMED, 0 },
        { "{\"user_id\":7,\"up_to_status_id\":[1]}", MESSAGE_MALFORMED, 0 },
        { "{\"user_id\":{},\"up_to_status_id\":5}", MESSAGE_MALFORMED, 0 },
        { "{\"user_id\":\"\"}", MESSAGE_MALFORMED, 0 },
        { "{}", MESSAGE_MALFORMED, 0 },
        { "[]", MESSAGE_CONTROL, 0 },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[160];
        snprintf(text, sizeof text, "{\"scrub_geo\":%s}", cases[i].record);
        const struct message *message = read_text(&reading, text);
        assert_int_equal(message->kind, cases[i].kind);
        if (message->kind != MESSAGE_AUTHOR_SCRUB) continue;
        assert_text(message->key, "x:7");
        assert_true(message->up_to == cases[i].up_to);
    }
}

static void notices_that_linnet_wrote_are_notices(void **state) {
    (void)state;
    const struct message *message = read_text(&reading, "{\"_id\":\"x:7\",\"scrub_geo\":true}");
    assert_int_equal(message->kind, MESSAGE_SCRUB);
    assert_text(message->key, "x:7");
    assert_int_equal(read_text(&reading, "{\"_id\":\"x:7\",\"deleted\":true}")->kind,
                     MESSAGE_DELETE);
    assert_int_equal(read_text(&reading, "{\"_id\":\"x:\",\"scrub_geo\":true}")->kind,
                     MESSAGE_MALFORMED);
    assert_int_equal(read_text(&reading, "{\"_id\":7,\"scrub_geo\":true}")->kind,
                     MESSAGE_MALFORMED);
}

static void blank_keep_alives_are_control(void **state) {
    (void)state;
    static const char *const blanks[] = { "", " ", "\r", "\t \r" };
    for (size_t i = 0; i < LENGTH(blanks); i++)
        assert_int_equal(read_text(&reading, blanks[i])->kind, MESSAGE_CONTROL);
}

static void ids_past_2_to_63_stay_exact(void **state) {
    (void)state;
    assert_text(read_text(&reading, "{\"id\":9223372036854775809,\"text\":\"a\",\"created_at\":"
                                    "\"x\"}")
                    ->key,
                "x:9223372036854775809");
    assert_text(read_text(&reading, "{\"id\":18446744073709551615,\"text\":\"a\"}")->key,
                "plain:18446744073709551615");
    assert_text(read_text(&reading, "{\"id_str\":\"7\",\"id\":8,\"text\":\"a\",\"user\":{"
                                    "\"screen_name\":\"b\"}}")
                    ->key,
                "x:7");
}

static void tweets_with_wrong_types_are_malformed_or_lack_the_field(void **state) {
    (void)state;
    const struct message *message =
        read_text(&reading, "{\"id_str\":{},\"text\":\"a\",\"created_at\":\"b\"}");
    assert_int_equal(message->kind, MESSAGE_MALFORMED);
    assert_true(message->reason.length > 0);
    message = read_text(&reading, "{\"id_str\":\"1\",\"text\":5,\"created_at\":\"b\"}");
    assert_int_equal(message->kind, MESSAGE_MALFORMED);
    message = read_text(&reading,
                        "{\"id_str\":\"1\",\"text\":\"a\",\"created_at\":7,\"timestamp_ms\":[],"
                        "\"lang\":null,\"user\":{\"screen_name\":3,\"name\":{},"
                        "\"followers_count\":\"many\",\"verified\":\"true\"},\"entities\":[],"
                        "\"coordinates\":{\"coordinates\":[\"1\",2]},\"place\":\"Lisbon\","
                        "\"retweeted_status\":null,\"quoted_status\":[],\"is_quote_status\":1}");
    assert_int_equal(message->kind, MESSAGE_POST);
    assert_true(message->created_ms == TIME_UNKNOWN);
    assert_int_equal(message->author.followers, -1);
    assert_int_equal(message->author.handle.length, 0);
    assert_int_equal(message->lang.length, 0);
    assert_int_equal(message->traits, 0);
}

static void coordinates_off_the_globe_are_not_taken(void **state) {
    (void)state;
    static const char *const pairs[] = { "[181,0]", "[0,91]",      "[1e999,0]", "[1]",
                                         "[1,2,3]", "[null,null]", "[]" };
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        char json[160];
        snprintf(json, sizeof json,
                 "{\"id_str\":\"1\",\"text\":\"a\",\"created_at\":\"b\","
                 "\"coordinates\":{\"coordinates\":%s}}",
                 pairs[i]);
        assert_int_equal(read_text(&reading, json)->traits, 0);
    }
}

static void media_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *types;
        uint32_t traits;
    } cases[] = {
        { "[{\"type\":\"photo\"},{\"type\":\"photo\"}]", TRAIT_MEDIA | TRAIT_IMAGES },
        { "[{\"type\":\"video\"}]", TRAIT_MEDIA | TRAIT_VIDEO },
        { "[{\"type\":\"animated_gif\"},{\"type\":\"photo\"}]",
          TRAIT_MEDIA | TRAIT_VIDEO | TRAIT_IMAGES },
        { "[]", 0 },
        { "[{\"type\":null}]", 0 },
        { "[{\"x\":1}]", 0 },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char json[200];
        snprintf(json, sizeof json,
                 "{\"id_str\":\"1\",\"text\":\"a\",\"created_at\":\"b\","
                 "\"extended_entities\":{\"media\":%s}}",
                 cases[i].types);
        assert_int_equal(read_text(&reading, json)->traits, cases[i].traits);
    }
}

static void only_the_three_entities_of_x_are_decoded_once(void **state) {
    (void)state;
    assert_text(read_text(&reading, "{\"id_str\":\"1\",\"created_at\":\"b\",\"text\":"
                                    "\"&amp;lt; &lt;b&gt; &quot; &am &\"}")
                    ->text,
                "&lt; <b> &quot; &am &");
    assert_text(read_text(&reading, "{\"text\":\"a &amp; b\"}")->text, "a &amp; b");
}

static void a_plain_object_takes_post_s_own_names(void **state) {
    (void)state;
    const struct message *post = read_text(
        &reading,
        "{\"id\":\"abc\",\"network\":\"forum\",\"text\":\"hi\",\"lang\":\"pt\","
        "\"created\":\"2018-10-10T20:19:24.000Z\",\"author\":{\"id\":7,\"handle\":\"ada\","
        "\"name\":\"Ada\"},\"hashtags\":[\"a\",\"b\",3],\"mentions\":[\"m\"],\"urls\":[],"
        "\"coordinates\":{\"lon\":-9.5,\"lat\":38.25}}");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->key, "forum:abc");
    assert_text(post->text, "hi");
    assert_text(post->lang, "pt");
    assert_true(post->created_ms == 1539202764000);
    assert_text(post->author.id, "7");
    assert_text(post->author.handle, "ada");
    assert_text(post->author.name, "Ada");
    assert_int_equal(post->author.followers, -1);
    assert_items(post->hashtags, "a", "b");
    assert_items(post->mentions, "m");
    assert_no_items(post->urls);
    assert_true(post->lon == -9.5 && post->lat == 38.25);
    assert_int_equal(post->traits, TRAIT_COORDINATES);
}

static void plain_places_and_times_come_in_three_forms(void **state) {
    (void)state;
    static const char *const places[] = { "{\"lon\":1.5,\"lat\":2.5}", "[1.5,2.5]",
                                          "{\"type\":\"Point\",\"coordinates\":[1.5,2.5]}" };
    for (size_t i = 0; i < LENGTH(places); i++) {
        char json[160];
        snprintf(json, sizeof json, "{\"text\":\"a\",\"coordinates\":%s}", places[i]);
        const struct message *post = read_text(&reading, json);
        assert_int_equal(post->traits, TRAIT_COORDINATES);
        assert_true(post->lon == 1.5 && post->lat == 2.5);
    }
    assert_true(read_text(&reading, "{\"text\":\"a\",\"created\":1539202764000}")->created_ms ==
                1539202764000);
    assert_true(read_text(&reading, "{\"text\":\"a\",\"created\":\"soon\"}")->created_ms ==
                TIME_UNKNOWN);
    assert_text(read_text(&reading, "{\"text\":\"a\",\"author\":\"ada\"}")->author.handle, "ada");
}

/* Words that control messages of X use may be members of anybody's posts. */
static void a_plain_post_with_a_member_of_a_control_message_is_a_post(void **state) {
    (void)state;
    static const char *const names[] = { "event", "limit", "warning", "friends", "disconnect" };
    for (size_t i = 0; i < LENGTH(names); i++) {
        char json[100];
        snprintf(json, sizeof json, "{\"id\":\"1\",\"text\":\"a\",\"%s\":{\"x\":1}}", names[i]);
        const struct message *post = read_text(&reading, json);
        assert_int_equal(post->kind, MESSAGE_POST);
        assert_text(post->key, "plain:1");
    }
}

static void an_object_that_nobody_knows_is_malformed(void **state) {
    (void)state;
    static const char *const unknown[] = { "{}",
                                           "{\"x\":1}",
                                           "{\"text\":5}",
                                           "{\"text\":null}",
                                           "{\"id\":\"1\"}",
                                           "{\"delete\":{\"status\":{}}}" };
    for (size_t i = 0; i < LENGTH(unknown); i++) {
        const struct message *message = read_text(&reading, unknown[i]);
        assert_int_equal(message->kind, MESSAGE_MALFORMED);
        assert_true(message->reason.length > 0);
    }
    assert_int_equal(read_text(&reading, "{\"text\":\"a\"")->kind, MESSAGE_MALFORMED);
    assert_null(reading.slots);
}

static void a_bare_line_is_a_post_of_its_text(void **state) {
    (void)state;
    const struct message *post = read_text(&reading, "  hello [world] \r");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->text, "hello [world]");
    assert_text(post->network, "plain");
    assert_true(slice_starts(post->key, SLICE("plain:")));
    assert_true(post->created_ms == TIME_UNKNOWN);
    assert_null(reading.slots);
    assert_int_equal(read_text(&reading, "caf\xE9")->kind, MESSAGE_MALFORMED);
}

static struct slice made_key(const char *source, bool seekable, uint64_t round, uint64_t offset,
                             const char *line) {
    reading.place = (struct record_place){ slice_of(source), seekable, round };
    reading.message.offset = offset;
    struct slice key = read_text(&reading, line)->key;
    reading.place = (struct record_place){ SLICE("a.json"), true, 0 };
    return key;
}

static void a_made_id_is_the_place_of_the_record(void **state) {
    (void)state;
    struct slice key = made_key("a", true, 0, 100, "hello");
    assert_true(slice_equal(key, made_key("a", true, 0, 100, "hello")));
    assert_true(slice_equal(key, made_key("a", true, 0, 100, "other"))); /* path and offset only */
    assert_false(slice_equal(key, made_key("b", true, 0, 100, "hello")));
    assert_false(slice_equal(key, made_key("a", true, 0, 101, "hello")));
    assert_false(slice_equal(key, made_key("a", true, 1, 100, "hello")));
    struct slice piped = made_key("-", false, 0, 3, "hello");
    assert_true(slice_equal(piped, made_key("-", false, 0, 3, "hello")));
    assert_false(slice_equal(piped, made_key("-", false, 0, 3, "other"))); /* ordinal and text */
    assert_false(slice_equal(piped, made_key("-", false, 0, 4, "hello")));
    assert_true(slice_starts(made_key("a", true, 0, 0, "{\"text\":\"t\"}"), SLICE("plain:")));
}

static void a_repeated_source_gives_new_ids(void **state) {
    (void)state;
    reading.place.round = 2;
    assert_text(read_text(&reading, "{\"id\":\"7\",\"text\":\"a\"}")->key, "plain:7-2");
    reading.place.round = 0;
    assert_text(read_text(&reading, "{\"id\":\"7\",\"text\":\"a\"}")->key, "plain:7");
}

static void ids_and_networks_that_no_index_takes_are_malformed(void **state) {
    (void)state;
    char json[1200], id[600];
    memset(id, 'i', sizeof id);
    snprintf(json, sizeof json, "{\"text\":\"a\",\"id\":\"%.480s\"}", id);
    assert_int_equal(read_text(&reading, json)->kind, MESSAGE_POST);
    assert_true(reading.message.key.length <= 512);
    snprintf(json, sizeof json, "{\"text\":\"a\",\"id\":\"%.481s\"}", id);
    assert_int_equal(read_text(&reading, json)->kind, MESSAGE_MALFORMED);
    snprintf(json, sizeof json, "{\"text\":\"a\",\"id\":\"1\",\"network\":\"%.25s\"}", id);
    assert_int_equal(read_text(&reading, json)->kind, MESSAGE_MALFORMED);
}

static void what_a_source_could_not_read_stays_malformed(void **state) {
    (void)state;
    struct message message = { .raw = SLICE("{\"text\":"),
                               .kind = MESSAGE_MALFORMED,
                               .reason = SLICE("too long") };
    const struct json_slot *slots =
        message_read(reading.dialects, reading.projector, &reading.place, &message, &reading.arena);
    assert_int_equal(message.kind, MESSAGE_MALFORMED);
    assert_text(message.reason, "too long");
    assert_null(slots);
}

static void a_truncated_or_damaged_tweet_is_malformed_and_never_crashes(void **state) {
    (void)state;
    static const char marks[] = "{}[]\",:\\0tn\xC3";
    struct post_reading own;
    reading_init(&own);
    reading_seal(&own);
    struct slice tweet = slice_trim(data_file(&reading.arena, "x-v1.1/tweet-retweet.json"));
    for (size_t length = 1; length < tweet.length; length++) {
        assert_int_equal(read_record(&own, slice_first(tweet, length))->kind, MESSAGE_MALFORMED);
        arena_reset(&own.arena, (size_t)1 << 20);
    }
    srand(11);
    for (int round = 0; round < 3000; round++) {
        char *bytes = (char *)padded(&own.arena, tweet, ' ').data;
        for (int i = rand() % 4; i >= 0; i--)
            bytes[(size_t)rand() % tweet.length] = marks[(size_t)rand() % (sizeof marks - 1)];
        (void)read_record(&own, slice_from(bytes, tweet.length));
        arena_reset(&own.arena, (size_t)1 << 20);
    }
    reading_free(&own);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_tweet_is_read),
        cmocka_unit_test(an_extended_tweet_gives_its_full_text_and_tags),
        cmocka_unit_test(a_retweet_has_its_original_s_content_and_its_own_author),
        cmocka_unit_test(a_quote_brings_the_quoted_text),
        cmocka_unit_test(a_reply_names_whom_it_answers),
        cmocka_unit_test(control_messages_are_no_posts),
        cmocka_unit_test(a_scrub_says_whose_places_go_and_up_to_where),
        cmocka_unit_test(notices_that_linnet_wrote_are_notices),
        cmocka_unit_test(blank_keep_alives_are_control),
        cmocka_unit_test(ids_past_2_to_63_stay_exact),
        cmocka_unit_test(tweets_with_wrong_types_are_malformed_or_lack_the_field),
        cmocka_unit_test(coordinates_off_the_globe_are_not_taken),
        cmocka_unit_test(media_are_told_apart),
        cmocka_unit_test(only_the_three_entities_of_x_are_decoded_once),
        cmocka_unit_test(a_plain_object_takes_post_s_own_names),
        cmocka_unit_test(plain_places_and_times_come_in_three_forms),
        cmocka_unit_test(a_plain_post_with_a_member_of_a_control_message_is_a_post),
        cmocka_unit_test(an_object_that_nobody_knows_is_malformed),
        cmocka_unit_test(a_bare_line_is_a_post_of_its_text),
        cmocka_unit_test(a_made_id_is_the_place_of_the_record),
        cmocka_unit_test(a_repeated_source_gives_new_ids),
        cmocka_unit_test(ids_and_networks_that_no_index_takes_are_malformed),
        cmocka_unit_test(what_a_source_could_not_read_stays_malformed),
        cmocka_unit_test(a_truncated_or_damaged_tweet_is_malformed_and_never_crashes),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
