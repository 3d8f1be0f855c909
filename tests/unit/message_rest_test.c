/* Reading a message in two steps: the first has all that its queries ask for, both together all
 * that reading at once gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "post/query.h"
#include "post_reading.h"

static const char *const files[] = {
    "x-v1.1/tweet-extended.json",
    "x-v1.1/tweet-full.json",
    "x-v1.1/tweet-quote.json",
    "x-v1.1/tweet-reply.json",
    "x-v1.1/tweet-retweet.json",
    "x-v1.1/control-messages.ndjson",
    "x-v2/compliance-posts.ndjson",
    "x-v2/stream-post.json",
    "x-v2/stream-repost.json",
    "x-v2/stream-note-tweet.json",
    "mastodon/status.json",
    "mastodon/ws-frames.jsonl",
    "mastodon/status-boost.json",
    "jetstream/stream-v1.jsonl",
    "jetstream/commit-create-post.json",
};

/* What the fixtures do not say. */
static const char *const loose[] = {
    "{\"id\":1,\"text\":\"tea #one\",\"user\":{\"screen_name\":\"anna\",\"verified\":true}}",
    "{\"id\":2,\"text\":\"tea\",\"created_at\":\"Fri May 01 02:26:40 +0000 "
    "2020\",\"user\":{\"id\":7,"
    "\"screen_name\":\"Anna\",\"verified\":true},\"entities\":{\"hashtags\":[{\"text\":\"two\"}],"
    "\"user_mentions\":[{\"screen_name\":\"bob\"}],\"urls\":[{\"expanded_url\":\"http://a.org/"
    "b\"}],"
    "\"symbols\":[{\"text\":\"AAPL\"}]},\"extended_entities\":{\"media\":[{\"type\":\"photo\"}]},"
    "\"coordinates\":{\"coordinates\":[1.5,2.5]},\"place\":{\"id\":\"x\"},\"lang\":\"en\","
    "\"retweeted_status\":{\"id\":3,\"text\":\"tea again\",\"user\":{\"id_str\":\"9\","
    "\"screen_name\":\"carl\"},\"entities\":{\"hashtags\":[{\"text\":\"three\"}]}}}",
    "{\"id\":4,\"text\":\"plain\",\"author\":{\"handle\":\"anna\"},\"hashtags\":[\"two\"]}",
    "a line about tea",
    "",
};

static const char *const queries[] = {
    "tea",
    "te* OR plain",
    "\"tea again\"",
    "tea NEAR/3 again",
    "/tea$/",
    "lang:en tea",
    "#two",
    "#three OR #one",
    "@bob",
    "$AAPL",
    "url:a.org",
    "url:twitter",
    "from:anna",
    "from:7",
    "to:anna OR tea",
    "retweets_of:carl",
    "tea is:verified",
    "tea -is:verified",
    "tea is:retweet",
    "tea -is:retweet",
    "tea is:reply",
    "tea has:media",
    "tea has:images",
    "tea has:hashtags",
    "tea -has:mentions",
    "tea has:links",
    "tea has:geo",
    "tea has:cashtags",
    "tea bounding_box:[1 2 3 4]",
    "tea point_radius:[1.5 2.5 10km]",
    "tea sample:50",
    "network:x tea",
    "-tea",
    "(tea OR #two) -from:anna",
    "twitter OR the OR hello OR test",
};

static struct query_set *make_set(const char *text, bool track) {
    struct query_source source = { "q", slice_of(text), track };
    struct error err;
    size_t bad, offset;
    struct query_set *set = query_set_create(&source, 1, &bad, &offset, &err);
    if (set == NULL) print_error("%s: %s\n", text, err.text);
    assert_non_null(set);
    return set;
}

static void assert_same_list(struct slice_list a, struct slice_list b) {
    assert_int_equal(a.count, b.count);
    for (uint32_t i = 0; i < a.count; i++)
        assert_true(slice_equal(a.items[i], b.items[i]));
}

static void assert_same(const struct message *a, const struct message *b) {
    assert_int_equal(a->kind, b->kind);
    assert_true(slice_equal(a->key, b->key) && a->key_hash == b->key_hash);
    assert_true(slice_equal(a->text, b->text) && slice_equal(a->quoted_text, b->quoted_text));
    assert_true(slice_equal(a->author.id, b->author.id));
    assert_true(slice_equal(a->author.handle, b->author.handle));
    assert_true(slice_equal(a->author.name, b->author.name));
    assert_true(slice_equal(a->retweeted_handle, b->retweeted_handle));
    assert_int_equal(a->author.followers, b->author.followers);
    assert_int_equal(a->traits, b->traits);
    assert_int_equal(a->created_ms, b->created_ms);
    assert_true(a->lon == b->lon && a->lat == b->lat);
    assert_same_list(a->hashtags, b->hashtags);
    assert_same_list(a->mentions, b->mentions);
    assert_same_list(a->cashtags, b->cashtags);
    assert_same_list(a->urls, b->urls);
}

/* Of the two ways: what the queries said. */
static void check(struct post_reading *reading, const struct query_set *set, struct slice raw) {
    struct query_scratch *scratch = query_scratch_create(set);
    struct message whole = { .raw = padded(&reading->arena, raw, '}') }, halves = whole;
    struct message_rest rest;
    (void)!message_read(reading->dialects, reading->projector, &reading->place, &whole,
                        &reading->arena);
    (void)!message_begin(reading->dialects, reading->projector, &reading->place, &halves,
                         &reading->arena, &rest);
    assert_int_equal(whole.kind, halves.kind);
    if (whole.kind == MESSAGE_POST || whole.kind == MESSAGE_EDIT) {
        query_set_match(set, scratch, &whole, &reading->arena);
        query_set_match(set, scratch, &halves, &reading->arena);
        if (whole.query_count != halves.query_count)
            print_error("%.*s\n", (int)MIN(raw.length, (size_t)300), raw.data);
        assert_int_equal(whole.query_count, halves.query_count);
    }
    assert_true(
        message_finish(&rest, reading->projector, &reading->place, &halves, &reading->arena));
    assert_same(&whole, &halves);
    query_scratch_destroy(scratch);
}

/* A file is one record, or has one on each line. */
static void check_file(struct post_reading *reading, const struct query_set *set,
                       const char *name) {
    struct slice text = slice_trim(data_file(&reading->arena, name));
    while (slice_ends(slice_of(name), SLICE("l")) || slice_ends(slice_of(name), SLICE("ndjson"))) {
        const char *end = memchr(text.data, '\n', text.length);
        if (end == NULL) break;
        check(reading, set, slice_from(text.data, (size_t)(end - text.data)));
        text = slice_skip(text, (size_t)(end - text.data) + 1);
    }
    check(reading, set, text);
}

static void check_query(const char *query, bool track) {
    struct post_reading reading;
    struct query_set *set = make_set(query, track);
    reading_init(&reading);
    dialects_need(reading.dialects, reading.projection, query_set_parts(set));
    reading_seal(&reading);
    for (size_t i = 0; i < LENGTH(files); i++)
        check_file(&reading, set, files[i]);
    for (size_t i = 0; i < LENGTH(loose); i++)
        check(&reading, set, slice_of(loose[i]));
    reading_free(&reading);
    query_set_destroy(set);
}

static void both_steps_give_what_one_gives(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(queries); i++)
        check_query(queries[i], false);
    static const char *const lists[] = { "tea", "two", "bob,anna", "a.org/b", "aapl tea" };
    for (size_t i = 0; i < LENGTH(lists); i++)
        check_query(lists[i], true);
}

static void queries_say_which_parts_they_read(void **state) {
    (void)state;
    static const struct {
        const char *query;
        uint32_t parts;
    } rows[] = {
        { "tea \"a b\" NEAR/2 xy* lang:en /x/ is:retweet sample:5", 0 },
        { "tea from:anna", PART_PEOPLE },
        { "tea OR #two", PART_LISTS },
        { "tea has:mentions is:verified", PART_LISTS | PART_PEOPLE },
        { "tea -has:media", PART_MEDIA },
        { "tea point_radius:[1 2 3km]", PART_PLACE },
        { "-tea", PARTS_ALL }, /* holds for nearly all */
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct query_set *set = make_set(rows[i].query, false);
        assert_int_equal(query_set_parts(set), rows[i].parts);
        query_set_destroy(set);
    }
}

static void what_is_left_makes_malformed_only_those_who_ask(void **state) {
    (void)state;
    struct post_reading reading;
    struct message_rest rest;
    reading_init(&reading);
    reading_seal(&reading);
    struct slice raw =
        SLICE("{\"id\":1,\"text\":\"tea\",\"created_at\":\"\",\"user\":{\"id\":oops}}");
    struct message whole = { .raw = padded(&reading.arena, raw, ' ') }, halves = whole;
    (void)!message_read(reading.dialects, reading.projector, &reading.place, &whole,
                        &reading.arena);
    assert_int_equal(whole.kind, MESSAGE_MALFORMED);
    (void)!message_begin(reading.dialects, reading.projector, &reading.place, &halves,
                         &reading.arena, &rest);
    assert_int_equal(halves.kind, MESSAGE_POST);
    assert_false(message_finish(&rest, reading.projector, &reading.place, &halves, &reading.arena));
    assert_int_equal(halves.kind, MESSAGE_MALFORMED);
    assert_true(halves.reason.length > 0);
    reading_free(&reading);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_steps_give_what_one_gives),
        cmocka_unit_test(queries_say_which_parts_they_read),
        cmocka_unit_test(what_is_left_makes_malformed_only_those_who_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
