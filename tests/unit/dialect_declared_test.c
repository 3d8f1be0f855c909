/* Dialects that a user declares: which records they take, and what they make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "post/dialect_declared.h"
#include "post_reading.h"

#define assert_text(slice, text) assert_true(slice_is(slice, text))

static struct dialect_spec forum_spec(void) {
    return (struct dialect_spec){
        .network = SLICE("forum"),
        .paths = { [DECLARED_ID] = SLICE("post_id"),
                   [DECLARED_TEXT] = SLICE("body"),
                   [DECLARED_LANG] = SLICE("locale"),
                   [DECLARED_CREATED] = SLICE("posted_at"),
                   [DECLARED_AUTHOR_ID] = SLICE("user.id"),
                   [DECLARED_AUTHOR_HANDLE] = SLICE("user.nick"),
                   [DECLARED_HASHTAGS] = SLICE("topics.name") },
        .has = { SLICE("post_id"), SLICE("body") },
        .has_count = 2,
    };
}

/* The reading's dialects and these. */
static void begin(struct post_reading *reading, const struct dialect_spec *specs, size_t count) {
    struct error err;
    reading_init(reading);
    for (size_t i = 0; i < count; i++)
        assert_true(dialects_add(reading->dialects, &specs[i], reading->projection, &err));
    reading_seal(reading);
}

static void its_records_are_read_by_its_paths(void **state) {
    (void)state;
    struct post_reading reading;
    struct dialect_spec spec = forum_spec();
    begin(&reading, &spec, 1);
    const struct message *post =
        read_text(&reading, "{\"post_id\":9007199254740993,\"body\":\"hi\",\"locale\":\"en\","
                            "\"posted_at\":\"2024-05-01T12:00:00Z\",\"user\":{\"id\":\"u1\","
                            "\"nick\":\"kate\"},\"topics\":[{\"name\":\"a\"},{\"name\":\"b\"}]}");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->network, "forum");
    assert_text(post->id, "9007199254740993");
    assert_text(post->key, "forum:9007199254740993");
    assert_text(post->text, "hi");
    assert_text(post->lang, "en");
    assert_true(post->created_ms == INT64_C(1714564800000));
    assert_text(post->author.id, "u1");
    assert_text(post->author.handle, "kate");
    assert_int_equal(post->author.name.length, 0);
    assert_int_equal(post->hashtags.count, 2);
    assert_text(post->hashtags.items[1], "b");
    assert_int_equal(post->mentions.count, 0);
    reading_free(&reading);
}

static void records_without_a_wanted_member_are_others(void **state) {
    (void)state;
    struct post_reading reading;
    struct dialect_spec spec = forum_spec();
    begin(&reading, &spec, 1);
    assert_text(read_text(&reading, "{\"text\":\"a\",\"body\":\"b\"}")->network, "plain");
    assert_text(read_text(&reading, "{\"text\":\"a\",\"body\":\"b\",\"post_id\":null}")->network,
                "plain");
    assert_int_equal(read_text(&reading, "{\"post_id\":1}")->kind, MESSAGE_MALFORMED);
    assert_text(read_text(&reading, "a bare line")->network, "plain");
    reading_free(&reading);
}

static void the_last_one_that_fits_is_taken(void **state) {
    (void)state;
    struct post_reading reading;
    struct dialect_spec specs[2] = { forum_spec(), forum_spec() };
    specs[1].network = SLICE("club");
    specs[1].has[specs[1].has_count++] = SLICE("club.name");
    begin(&reading, specs, 2);
    assert_text(read_text(&reading, "{\"post_id\":1,\"body\":\"b\"}")->network, "forum");
    assert_text(
        read_text(&reading, "{\"post_id\":1,\"body\":\"b\",\"club\":{\"name\":\"c\"}}")->network,
        "club");
    reading_free(&reading);
}

static void a_text_that_is_no_text_is_malformed(void **state) {
    (void)state;
    struct post_reading reading;
    struct dialect_spec spec = forum_spec();
    begin(&reading, &spec, 1);
    static const char *const bodies[] = { "5", "{}", "[\"a\"]", "true" };
    for (size_t i = 0; i < LENGTH(bodies); i++) {
        char record[64];
        snprintf(record, sizeof record, "{\"post_id\":1,\"body\":%s}", bodies[i]);
        const struct message *post = read_text(&reading, record);
        if (bodies[i][0] == '[') /* through an array it is a text */
            assert_text(post->text, "a");
        else
            assert_int_equal(post->kind, MESSAGE_MALFORMED);
    }
    reading_free(&reading);
}

static void a_post_without_an_id_gets_one(void **state) {
    (void)state;
    struct post_reading reading;
    struct dialect_spec spec = forum_spec();
    spec.paths[DECLARED_ID] = SLICE("");
    begin(&reading, &spec, 1);
    const struct message *post = read_text(&reading, "{\"post_id\":1,\"body\":\"b\"}");
    assert_int_equal(post->id.length, 16);
    reading_free(&reading);
}

static void times_are_read_in_their_format(void **state) {
    (void)state;
    static const struct {
        enum created_format format;
        const char *value;
        int64_t ms;
    } cases[] = {
        { CREATED_ISO8601, "\"2024-05-01T12:00:00+02:00\"", INT64_C(1714557600000) },
        { CREATED_ISO8601, "1714564800000", TIME_UNKNOWN },
        { CREATED_ISO8601, "null", TIME_UNKNOWN },
        { CREATED_EPOCH_MILLIS, "1714564800123", INT64_C(1714564800123) },
        { CREATED_EPOCH_MILLIS, "\"1714564800123\"", INT64_C(1714564800123) },
        { CREATED_EPOCH_SECONDS, "1714564800", INT64_C(1714564800000) },
        { CREATED_EPOCH_SECONDS, "1714564800.25", INT64_C(1714564800250) },
        { CREATED_EPOCH_SECONDS, "-1", -1000 },
        { CREATED_EPOCH_SECONDS, "9223372036854775807", TIME_UNKNOWN },
        { CREATED_EPOCH_SECONDS, "1e300", TIME_UNKNOWN },
        { CREATED_EPOCH_SECONDS, "\"soon\"", TIME_UNKNOWN },
        { CREATED_EPOCH_SECONDS, "{}", TIME_UNKNOWN },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct post_reading reading;
        struct dialect_spec spec = forum_spec();
        char record[128];
        spec.created = cases[i].format;
        begin(&reading, &spec, 1);
        snprintf(record, sizeof record, "{\"post_id\":1,\"body\":\"b\",\"posted_at\":%s}",
                 cases[i].value);
        assert_true(read_text(&reading, record)->created_ms == cases[i].ms);
        reading_free(&reading);
    }
}

static void a_path_that_is_none_is_refused_and_nothing_is_added(void **state) {
    (void)state;
    struct post_reading reading;
    struct dialect_spec spec = forum_spec();
    struct error err;
    reading_init(&reading);
    spec.paths[DECLARED_LANG] = SLICE("a..b");
    assert_false(dialects_add(reading.dialects, &spec, reading.projection, &err));
    assert_non_null(strstr(err.text, "\"a..b\" is no path"));
    reading_seal(&reading);
    assert_int_equal(read_text(&reading, "{\"post_id\":1,\"body\":\"b\"}")->kind,
                     MESSAGE_MALFORMED);
    reading_free(&reading);
}

static void the_spec_need_not_live_on(void **state) {
    (void)state;
    struct post_reading reading;
    char network[] = "forum", path[] = "body";
    struct dialect_spec spec = { .network = slice_of(network),
                                 .paths = { [DECLARED_TEXT] = slice_of(path) },
                                 .has = { slice_of(path) },
                                 .has_count = 1 };
    begin(&reading, &spec, 1);
    memset(network, 'x', sizeof network);
    memset(path, 'x', sizeof path);
    memset(&spec, 0, sizeof spec);
    const struct message *post = read_text(&reading, "{\"body\":\"b\"}");
    assert_text(post->network, "forum");
    assert_text(post->text, "b");
    reading_free(&reading);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_records_are_read_by_its_paths),
        cmocka_unit_test(records_without_a_wanted_member_are_others),
        cmocka_unit_test(the_last_one_that_fits_is_taken),
        cmocka_unit_test(a_text_that_is_no_text_is_malformed),
        cmocka_unit_test(a_post_without_an_id_gets_one),
        cmocka_unit_test(times_are_read_in_their_format),
        cmocka_unit_test(a_path_that_is_none_is_refused_and_nothing_is_added),
        cmocka_unit_test(the_spec_need_not_live_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
