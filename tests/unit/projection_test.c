/* Taking members out of JSON: each rule of "Reading JSON" (core/README.md), and hostile bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "padded.h"

/* A projection of a few paths, and what one record gave. */
struct reader {
    struct projection *projection;
    struct projector *projector;
    struct arena arena;
    const struct json_slot *slots; /* of the last record */
    struct slice reason;
};

static void reader_init(struct reader *reader, const char *const *paths) {
    *reader = (struct reader){ .projection = projection_create() };
    arena_init(&reader->arena);
    for (int i = 0; paths[i]; i++)
        assert_int_equal(projection_add(reader->projection, slice_of(paths[i])), i);
    projection_seal(reader->projection);
    reader->projector = projector_create(reader->projection);
}

#define READER(name, ...)                                                                          \
    struct reader name;                                                                            \
    reader_init(&name, (const char *const[]){ __VA_ARGS__, NULL })

static void reader_free(struct reader *reader) {
    projection_destroy(reader->projection);
    projector_destroy(reader->projector);
    arena_free(&reader->arena);
}

/* Whether it was read; whatever stands behind it, the answer must be the same. */
static bool run(struct reader *reader, struct slice json) {
    static const char fillings[] = { '}', ']', '"', ',', '{', ':', '1', '\0', '\xff', ' ' };
    bool first = false, done = false;
    for (size_t i = 0; i < sizeof fillings; i++) {
        struct slice record = padded(&reader->arena, json, fillings[i]);
        reader->slots = projector_run(reader->projector, record, &reader->arena, &reader->reason);
        done = reader->slots != NULL;
        if (i == 0) first = done;
        assert_int_equal(done, first);
    }
    if (!done) assert_true(reader->reason.length > 0);
    return done;
}

static bool reads(struct reader *reader, const char *json) { return run(reader, slice_of(json)); }

static void assert_slot(const struct reader *reader, int slot, enum json_type type,
                        const char *text) {
    const struct json_slot *got = &reader->slots[slot];
    assert_int_equal(got->count, 1);
    assert_int_equal(got->first.type, type);
    assert_true(slice_is(got->first.text, text));
}

/* The texts of a slot, joined by '|'. */
static const char *joined(const struct reader *reader, int slot) {
    static char out[512];
    size_t used = 0;
    const struct json_slot *got = &reader->slots[slot];
    out[0] = '\0';
    if (got->count == 0) return out;
    uint32_t count = 0;
    for (const struct json_value *value = &got->first; value; value = value->next, count++)
        used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s", count ? "|" : "",
                                 SLICE_ARGS(value->text));
    assert_int_equal(count, got->count);
    return out;
}

static void each_type_is_told(void **state) {
    (void)state;
    READER(reader, "s", "n", "t", "f", "z", "o", "missing");
    assert_true(reads(&reader, " {\"s\":\"x\",\"n\": -1.5e+3 ,\"t\":true,\"f\":false,\"z\":null,"
                               "\"o\":{\"s\":1}}\r\n\t "));
    assert_slot(&reader, 0, JSON_STRING, "x");
    assert_slot(&reader, 1, JSON_NUMBER, "-1.5e+3");
    assert_slot(&reader, 2, JSON_TRUE, "true");
    assert_slot(&reader, 3, JSON_FALSE, "false");
    assert_int_equal(reader.slots[4].first.type, JSON_NULL);
    assert_int_equal(reader.slots[5].first.type, JSON_OBJECT);
    assert_int_equal(reader.slots[6].count, 0);
    assert_int_equal(reader.slots[6].first.type, JSON_ABSENT);
    assert_false(reader.slots[6].array);
    reader_free(&reader);
}

static void paths_go_down_and_do_not_cross(void **state) {
    (void)state;
    READER(reader, "a.b.c", "a", "b", "a.b");
    assert_true(reads(&reader, "{\"c\":0,\"a\":{\"c\":1,\"b\":{\"c\":2,\"b\":3}},\"b\":4}"));
    assert_slot(&reader, 0, JSON_NUMBER, "2");
    assert_int_equal(reader.slots[1].first.type, JSON_OBJECT);
    assert_slot(&reader, 2, JSON_NUMBER, "4");
    assert_int_equal(reader.slots[3].first.type, JSON_OBJECT);
    assert_true(reads(&reader, "{\"a\":{\"b\":7}}"));
    assert_slot(&reader, 3, JSON_NUMBER, "7");
    assert_int_equal(reader.slots[0].count, 0);
    assert_true(reads(&reader, "{\"a.b.c\":1}")); /* a name with dots is another name */
    assert_int_equal(reader.slots[0].count, 0);
    assert_true(reads(&reader, "{}"));
    reader_free(&reader);
}

static void a_path_through_an_array_collects(void **state) {
    (void)state;
    READER(reader, "tags.text", "list", "tags");
    assert_true(reads(&reader, "{\"tags\":[{\"text\":\"a\"},{\"x\":1},{\"text\":null},"
                               "{\"text\":\"c\"}],\"list\":[1,[2,[3]],\"4\"]}"));
    assert_string_equal(joined(&reader, 0), "a|null|c");
    assert_true(reader.slots[0].array);
    assert_string_equal(joined(&reader, 1), "1|2|3|4");
    assert_int_equal(reader.slots[2].count, 4);
    assert_true(reads(&reader, "{\"tags\":[],\"list\":5}"));
    assert_int_equal(reader.slots[0].count, 0);
    assert_true(reader.slots[0].array); /* empty is not absent */
    assert_true(reader.slots[2].array);
    assert_false(reader.slots[1].array);
    assert_string_equal(joined(&reader, 1), "5");
    reader_free(&reader);
}

static void the_first_of_duplicate_keys_wins(void **state) {
    (void)state;
    READER(reader, "a", "o.x", "l.v");
    assert_true(reads(&reader, "{\"a\":1,\"a\":2,\"o\":{\"x\":1,\"x\":2},\"o\":{\"x\":3},"
                               "\"l\":[{\"v\":1,\"v\":2},{\"v\":3}],\"l\":[{\"v\":4}]}"));
    assert_slot(&reader, 0, JSON_NUMBER, "1");
    assert_slot(&reader, 1, JSON_NUMBER, "1");
    assert_string_equal(joined(&reader, 2), "1|3");
    assert_true(reads(&reader, "{\"a\":null,\"a\":2}"));
    assert_int_equal(reader.slots[0].first.type, JSON_NULL);
    assert_true(reads(&reader, "{\"\\u0061\":1,\"a\":2}")); /* the same name, otherwise written */
    assert_slot(&reader, 0, JSON_NUMBER, "1");
    reader_free(&reader);
}

static void members_nobody_asked_for_are_not_validated(void **state) {
    (void)state;
    READER(reader, "a");
    assert_true(reads(&reader, "{\"x\":01.e,\"y\":nul,\"z\":\"\\q\",\"a\":1}"));
    assert_slot(&reader, 0, JSON_NUMBER, "1");
    assert_true(reads(&reader, "{\"a\":{\"x\":nul}}")); /* of this one only that it is an object */
    assert_int_equal(reader.slots[0].first.type, JSON_OBJECT);
    reader_free(&reader);
}

static void an_unreadable_wanted_member_is_malformed(void **state) {
    (void)state;
    static const char *const values[] = { "01",       "1.",          "-",         ".5",    "+1",
                                          "1e",       "0x10",        "nul",       "True",  "NaN",
                                          "\"\\q\"",  "\"\\u12g4\"", "\"\\u12\"", "truee", "1 2",
                                          "\"a\"b",   "\"a\" \"b\"", "",          "'a'",   "-01",
                                          "Infinity", "1e+",         "--1",       "1.2.3", "}" };
    READER(reader, "a", "l");
    for (size_t i = 0; i < LENGTH(values); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"a\":%s}", values[i]);
        assert_false(reads(&reader, json));
        snprintf(json, sizeof json, "{\"l\":[1,%s],\"a\":2}", values[i]);
        assert_false(reads(&reader, json));
    }
    reader_free(&reader);
}

static void bytes_after_the_object_are_malformed(void **state) {
    (void)state;
    static const char *const tails[] = { "{}", " {}",  "1",      ",",    "}",
                                         "]",  "\"\"", " \"}\"", "null", "\n{\"a\":2}" };
    READER(reader, "a");
    for (size_t i = 0; i < LENGTH(tails); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"a\":1}%s", tails[i]);
        assert_false(reads(&reader, json));
    }
    assert_true(reads(&reader, "{\"a\":1} \t\r\n "));
    reader_free(&reader);
}

static void what_is_no_object_is_malformed(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",           " ",          "[]",          "[{\"a\":1}]", "1",
        "\"a\"",      "null",       "{",           "}",           "{\"a\"}",
        "{\"a\":1,}", "{,}",        "{a:1}",       "{\"a\" 1}",   "{\"a\":1 \"b\":2}",
        "{]",         "{\"a\":[1}", "{\"a\":[1,]}"
    };
    READER(reader, "a");
    for (size_t i = 0; i < LENGTH(wrong); i++)
        if (reads(&reader, wrong[i])) fail_msg("read: %s", wrong[i]);
    reader_free(&reader);
}

static void lone_surrogates_become_the_replacement_character(void **state) {
    (void)state;
    READER(reader, "a");
    assert_true(reads(&reader, "{\"a\":\"x\\ud83dy\\ude00\\ud83d\\ude00\\ude00\\ud83d\"}"));
    assert_slot(&reader, 0, JSON_STRING,
                "x\xEF\xBF\xBDy\xEF\xBF\xBD\xF0\x9F\x98\x80\xEF\xBF\xBD\xEF\xBF\xBD");
    reader_free(&reader);
}

static void integers_keep_all_their_digits(void **state) {
    (void)state;
    static const char *const numbers[] = { "9223372036854775808",
                                           "18446744073709551615",
                                           "-9223372036854775808",
                                           "123456789012345678901234567890",
                                           "1050118621198921729",
                                           "-0",
                                           "0.1000000000000000000000000000001" };
    READER(reader, "a");
    for (size_t i = 0; i < LENGTH(numbers); i++) {
        char json[80];
        snprintf(json, sizeof json, "{\"a\":%s}", numbers[i]);
        assert_true(reads(&reader, json));
        assert_slot(&reader, 0, JSON_NUMBER, numbers[i]);
    }
    reader_free(&reader);
}

static void a_nul_may_stand_in_a_text_but_not_outside(void **state) {
    (void)state;
    READER(reader, "a");
    assert_true(reads(&reader, "{\"a\":\"x\\u0000y\"}"));
    assert_int_equal(reader.slots[0].first.text.length, 3);
    assert_memory_equal(reader.slots[0].first.text.data, "x\0y", 3);
    assert_false(run(&reader, SLICE("{\"a\":\"x\0y\"}"))); /* RFC 8259: controls are escaped */
    assert_false(run(&reader, SLICE("{\"a\":1\0}")));
    assert_false(run(&reader, SLICE("{\"a\":\"x\ny\"}")));
    assert_false(run(&reader, SLICE("{\"a\":1}\0")));
    reader_free(&reader);
}

static void broken_utf8_is_malformed_wherever_it_stands(void **state) {
    (void)state;
    static const char *const broken[] = {
        "\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xFF"
    };
    READER(reader, "a");
    for (size_t i = 0; i < LENGTH(broken); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"a\":\"%s\"}", broken[i]);
        assert_false(reads(&reader, json));
        snprintf(json, sizeof json, "{\"x\":\"%s\",\"a\":1}", broken[i]);
        assert_false(reads(&reader, json));
    }
    reader_free(&reader);
}

static void assert_nested(struct reader *reader, size_t depth, const char *open, const char *close,
                          bool closed) {
    size_t step = strlen(open), end = closed ? strlen(close) : 0;
    char *json = arena_alloc(&reader->arena, depth * (step + end) + 32), *to = json;
    to += sprintf(to, "{\"a\":1,\"deep\":");
    for (size_t i = 0; i < depth; i++)
        to += sprintf(to, "%s", open);
    *to++ = '0';
    for (size_t i = 0; closed && i < depth; i++)
        to += sprintf(to, "%s", close);
    *to++ = '}';
    bool done = run(reader, slice_from(json, (size_t)(to - json)));
    if (!closed) assert_false(done); /* closed ones may be refused for their depth, not more */
    arena_reset(&reader->arena, (size_t)1 << 20);
}

static void deep_nesting_does_no_harm(void **state) {
    (void)state;
    READER(wanted, "a", "deep", "deep.x.x.x.x.x.x");
    READER(unwanted, "a");
    for (size_t depth = 1; depth <= 100000; depth *= 10) {
        assert_nested(&wanted, depth, "[", "]", true);
        assert_nested(&wanted, depth, "[", "]", false);
        assert_nested(&wanted, depth, "{\"x\":", "}", true);
        assert_nested(&wanted, depth, "{\"x\":", "}", false);
        assert_nested(&wanted, depth, "[{\"x\":", "}]", true);
        assert_nested(&unwanted, depth, "[", "]", true);
        assert_nested(&unwanted, depth, "{\"x\":", "}", false);
    }
    reader_free(&wanted);
    reader_free(&unwanted);
}

static void a_truncated_tweet_is_malformed_at_every_byte(void **state) {
    (void)state;
    static const char *const files[] = { "x-v1.1/tweet-full.json", "x-v1.1/tweet-quote.json" };
    READER(reader, "id", "text", "user.name", "entities.hashtags.text", "quoted_status.user.name",
           "place.bounding_box.coordinates", "coordinates");
    for (size_t i = 0; i < LENGTH(files); i++) {
        struct slice tweet = slice_trim(data_file(&reader.arena, files[i]));
        assert_true(run(&reader, tweet));
        for (size_t length = 0; length < tweet.length; length++) {
            assert_false(run(&reader, slice_first(tweet, length)));
            arena_reset(&reader.arena, 0);
            tweet = slice_trim(data_file(&reader.arena, files[i]));
        }
    }
    reader_free(&reader);
}

static void a_tweet_with_changed_bytes_never_crashes(void **state) {
    (void)state;
    static const char marks[] = "{}[]\",:\\0tn\xC3 \n";
    READER(reader, "id", "text", "user.name", "entities.hashtags.text", "entities.urls",
           "place.bounding_box.coordinates", "coordinates.coordinates");
    srand(7);
    for (int round = 0; round < 4000; round++) {
        struct slice tweet = data_file(&reader.arena, "x-v1.1/tweet-full.json");
        char *bytes = (char *)tweet.data;
        for (int i = rand() % 6; i >= 0; i--)
            bytes[(size_t)rand() % tweet.length] = marks[(size_t)rand() % (sizeof marks - 1)];
        size_t from = (size_t)rand() % 3 ? 0 : (size_t)rand() % tweet.length;
        struct slice record = slice_skip(tweet, from);
        if (!projector_run(reader.projector, record, &reader.arena, &reader.reason))
            assert_true(reader.reason.length > 0);
        arena_reset(&reader.arena, (size_t)1 << 20);
    }
    reader_free(&reader);
}

static void one_path_has_one_slot_and_wrong_paths_none(void **state) {
    (void)state;
    struct projection *projection = projection_create();
    assert_int_equal(projection_add(projection, SLICE("a.b")), 0);
    assert_int_equal(projection_add(projection, SLICE("a")), 1);
    assert_int_equal(projection_add(projection, SLICE("a.b")), 0);
    static const char *const wrong[] = { "",   ".",    "a.",
                                         ".a", "a..b", "1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7" };
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(projection_add(projection, slice_of(wrong[i])), -1);
    assert_int_equal(projection_add(projection, SLICE("1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6")), 2);
    projection_destroy(projection);
}

static void a_projection_is_full_at_1024_slots(void **state) {
    (void)state;
    struct projection *projection = projection_create();
    char path[32];
    for (int i = 0; i < 1024; i++) {
        snprintf(path, sizeof path, "a%d.b%d", i / 100, i % 100);
        assert_int_equal(projection_add(projection, slice_of(path)), i);
    }
    assert_int_equal(projection_add(projection, SLICE("one.more")), -1);
    assert_int_equal(projection_add(projection, SLICE("a0.b0")), 0);
    projection_seal(projection);
    struct projector *projector = projector_create(projection);
    struct arena arena;
    struct slice reason;
    arena_init(&arena);
    struct slice record = padded(&arena, SLICE("{\"a10\":{\"b23\":1},\"a0\":{\"b99\":2}}"), ' ');
    const struct json_slot *slots = projector_run(projector, record, &arena, &reason);
    assert_non_null(slots);
    assert_true(slice_is(slots[1023].first.text, "1"));
    assert_true(slice_is(slots[99].first.text, "2"));
    arena_free(&arena);
    projector_destroy(projector);
    projection_destroy(projection);
}

static void names_may_be_escaped_empty_or_long(void **state) {
    (void)state;
    READER(reader, "a\"b", "\xC3\xA9");
    assert_true(reads(&reader, "{\"\":0,\"a\\\"b\":1,\"\\u00e9\":2}"));
    assert_slot(&reader, 0, JSON_NUMBER, "1");
    assert_slot(&reader, 1, JSON_NUMBER, "2");
    char json[2000];
    for (size_t length = 250; length < 1030; length += 3) {
        char name[1100];
        memset(name, 'a', length);
        name[length] = '\0';
        snprintf(json, sizeof json, "{\"%s\":0,\"a\\\"b\":1}", name);
        assert_true(reads(&reader, json));
        assert_slot(&reader, 0, JSON_NUMBER, "1");
    }
    assert_false(reads(&reader, "{\"\\x\":0}"));
    reader_free(&reader);
}

/* Names of every length around the words in which they are compared, each a beginning of the next;
 * more of them than are remembered. */
static void a_name_is_found_whatever_names_came_before_it(void **state) {
    (void)state;
    enum { NAMES = 90, WANTED = 6 };
    static const char *const wanted[WANTED + 1] = { "aaaaa",
                                                    "aaaaaa",
                                                    "aaaaaaaaaaaaaa",
                                                    "aaaaaaaaaaaaaaa",
                                                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                                    NULL };
    struct reader reader;
    reader_init(&reader, wanted);
    srand(11);
    for (int round = 0; round < 3000; round++) {
        char json[8192] = "{", expected[WANTED][12] = { "" };
        size_t used = 1, first = (size_t)rand() % NAMES;
        for (int i = rand() % 40; i >= 0; i--, first += rand() % 4 ? 1 : (size_t)rand() % NAMES) {
            size_t length = first % NAMES;
            bool escaped = rand() % 50 == 0 && length > 0;
            for (size_t w = 0; w < WANTED; w++)
                if (strlen(wanted[w]) == length && !expected[w][0])
                    snprintf(expected[w], sizeof expected[w], "%d", i);
            used += (size_t)snprintf(json + used, sizeof json - used, "\"%.*s%s\":%d%s",
                                     (int)(length - escaped),
                                     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                     escaped ? "\\u0061" : "", i, i ? "," : "}");
        }
        assert_true(reads(&reader, json));
        for (int w = 0; w < WANTED; w++)
            if (expected[w][0])
                assert_slot(&reader, w, JSON_NUMBER, expected[w]);
            else
                assert_int_equal(reader.slots[w].count, 0);
        arena_reset(&reader.arena, ARENA_BLOCK_BYTES);
    }
    reader_free(&reader);
}

static void what_is_added_for_later_is_left_until_it_is_asked_for(void **state) {
    (void)state;
    struct arena arena;
    struct slice reason;
    arena_init(&arena);
    struct projection *projection = projection_create();
    static const char *const later[] = { "user.name", "place", "entities.tags.text", "user.id" };
    for (int i = 0; i < 4; i++)
        assert_int_equal(projection_add_later(projection, slice_of(later[i])), i);
    assert_int_equal(projection_add(projection, SLICE("text")), 4);
    assert_int_equal(projection_add(projection, SLICE("list.a")), 5);
    assert_int_equal(projection_add_later(projection, SLICE("list.b")), 6);
    assert_int_equal(projection_add(projection, SLICE("user.id")), 3); /* now at once */
    projection_seal(projection);
    struct projector *projector = projector_create(projection);
    struct slice good = padded(
        &arena,
        SLICE("{\"place\":[1,2],\"user\":{\"name\":\"n\",\"id\":7},\"user\":{\"name\":\"no\"},"
              "\"entities\":{\"tags\":[{\"text\":\"a\"},{\"text\":\"b\"}]},"
              "\"list\":[{\"a\":1,\"b\":2}],\"text\":\"t\"}"),
        '}');
    const struct json_slot *slots = projector_run(projector, good, &arena, &reason);
    assert_non_null(slots);
    assert_true(projector_left(projector));
    for (int slot = 0; slot < 3; slot++)
        assert_true(slots[slot].count == 0 && !slots[slot].array);
    for (int slot = 3; slot < 7; slot++) /* within an array nothing is left */
        assert_int_equal(slots[slot].count, 1);
    assert_true(projector_finish(projector, &arena, &reason));
    assert_false(projector_left(projector));
    assert_true(slice_is(slots[0].first.text, "n") && slots[0].count == 1);
    assert_true(slots[1].array && slots[1].count == 2);
    assert_true(slots[2].count == 2 && slots[2].first.next->element == 1);
    struct slice bad = padded(&arena, SLICE("{\"place\":{]},\"text\":\"t\"}"), '}');
    assert_null(projector_run(projector, bad, &arena, &reason)); /* brackets are always counted */
    bad = padded(&arena, SLICE("{\"place\":oops,\"text\":\"t\"}"), '}');
    assert_non_null(projector_run(projector, bad, &arena, &reason));
    assert_false(projector_finish(projector, &arena, &reason));
    assert_true(slice_is(reason, "a value is no JSON"));
    projector_destroy(projector);
    projection_destroy(projection);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_is_told),
        cmocka_unit_test(paths_go_down_and_do_not_cross),
        cmocka_unit_test(a_path_through_an_array_collects),
        cmocka_unit_test(the_first_of_duplicate_keys_wins),
        cmocka_unit_test(members_nobody_asked_for_are_not_validated),
        cmocka_unit_test(an_unreadable_wanted_member_is_malformed),
        cmocka_unit_test(bytes_after_the_object_are_malformed),
        cmocka_unit_test(what_is_no_object_is_malformed),
        cmocka_unit_test(lone_surrogates_become_the_replacement_character),
        cmocka_unit_test(integers_keep_all_their_digits),
        cmocka_unit_test(a_nul_may_stand_in_a_text_but_not_outside),
        cmocka_unit_test(broken_utf8_is_malformed_wherever_it_stands),
        cmocka_unit_test(deep_nesting_does_no_harm),
        cmocka_unit_test(a_truncated_tweet_is_malformed_at_every_byte),
        cmocka_unit_test(a_tweet_with_changed_bytes_never_crashes),
        cmocka_unit_test(one_path_has_one_slot_and_wrong_paths_none),
        cmocka_unit_test(a_projection_is_full_at_1024_slots),
        cmocka_unit_test(names_may_be_escaped_empty_or_long),
        cmocka_unit_test(what_is_added_for_later_is_left_until_it_is_asked_for),
        cmocka_unit_test(a_name_is_found_whatever_names_came_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
