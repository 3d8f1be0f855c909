/* Names of an archive's objects: Firehose's prefix language, and values of strangers in paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka needs the four on top */
#include <cmocka.h>

#include "archive/name.h"

/* 2026-03-07T05:09:02.345Z */
#define MOMENT_MS INT64_C(1772860142345)

static struct arena arena;

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct partition values(const char *query, const char *lang, const char *network) {
    struct partition partition = { .members = 7 };
    partition_value(slice_of(query), "none", partition.values[PARTITION_QUERY]);
    partition_value(slice_of(lang), "und", partition.values[PARTITION_LANG]);
    partition_value(slice_of(network), "none", partition.values[PARTITION_NETWORK]);
    return partition;
}

static char name[INTENT_OBJECT_BYTES];

static const char *make_name(const char *text, enum prefix_kind kind, int64_t ms) {
    struct prefix prefix;
    struct error err;
    struct partition partition = values("coffee", "en", "x");
    if (!prefix_compile(text, kind, &arena, &prefix, &err)) fail_msg("%s", err.text);
    object_name(&prefix, &(struct naming){ &partition, ms, "tweets", ".gz" }, name);
    return name;
}

/* The prefix alone. */
static void assert_prefix_of(const char *text, enum prefix_kind kind, const char *wanted) {
    char *rest = strstr((char *)make_name(text, kind, MOMENT_MS), "tweets-1-");
    assert_non_null(rest);
    *rest = '\0';
    assert_string_equal(name, wanted);
}

static void without_a_prefix_it_is_as_firehose_has_it(void **state) {
    (void)state;
    make_name(NULL, PREFIX_RECORDS, MOMENT_MS);
    const char *start = "2026/03/07/05/tweets-1-2026-03-07-05-09-02-";
    assert_memory_equal(name, start, strlen(start));
    const char *uuid = name + strlen(start);
    assert_int_equal(strlen(uuid), 36 + 3);
    assert_string_equal(uuid + 36, ".gz");
    for (int i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(uuid[i], '-');
        else
            assert_non_null(strchr("0123456789abcdef", uuid[i]));
    assert_int_equal(uuid[14], '4');
    assert_non_null(strchr("89ab", uuid[19]));
}

static void no_two_objects_have_one_name(void **state) {
    char first[INTENT_OBJECT_BYTES];
    (void)state;
    strcpy(first, make_name("", PREFIX_RECORDS, MOMENT_MS));
    assert_string_not_equal(first, make_name("", PREFIX_RECORDS, MOMENT_MS));
}

static void a_prefix_without_a_date_gets_one(void **state) {
    (void)state;
    assert_prefix_of("tweets/", PREFIX_RECORDS, "tweets/2026/03/07/05/");
    assert_prefix_of("tweets-", PREFIX_RECORDS, "tweets-2026/03/07/05/");
    assert_prefix_of("q=!{query}/", PREFIX_RECORDS, "q=coffee/2026/03/07/05/");
    assert_prefix_of("!{timestamp:yyyy}/", PREFIX_RECORDS, "2026/");
}

static void dates_are_written_by_javas_letters(void **state) {
    (void)state;
    assert_prefix_of("!{timestamp:yyyy/MM/dd}/", PREFIX_RECORDS, "2026/03/07/");
    assert_prefix_of("year=!{timestamp:yyyy}/day=!{timestamp:D}/", PREFIX_RECORDS,
                     "year=2026/day=66/");
    assert_prefix_of("!{timestamp:yy-M-d-H-m-s}/", PREFIX_RECORDS, "26-3-7-5-9-2/");
    assert_prefix_of("!{timestamp:uuuu-DDD}/", PREFIX_RECORDS, "2026-066/");
    assert_prefix_of("!{timestamp:HH:mm:ss.SSS}/", PREFIX_RECORDS, "05:09:02.345/");
    assert_prefix_of("!{timestamp:'year='yyyy'o''clock'}/", PREFIX_RECORDS, "year=2026o'clock/");
}

static void the_day_of_the_year_knows_leap_years(void **state) {
    static const struct {
        int64_t ms;
        const char *day;
    } days[] = { { INT64_C(1709164800000), "060" },   /* 2024-02-29 */
                 { INT64_C(1735603200000), "366" },   /* 2024-12-31 */
                 { INT64_C(1767139200000), "365" },   /* 2025-12-31 */
                 { INT64_C(4107542400000), "060" } }; /* 2100-03-01 */
    (void)state;
    for (size_t i = 0; i < LENGTH(days); i++) {
        make_name("!{timestamp:DDD}/", PREFIX_RECORDS, days[i].ms);
        assert_memory_equal(name, days[i].day, 3);
    }
}

static void an_error_prefix_tells_the_type(void **state) {
    (void)state;
    assert_prefix_of(NULL, PREFIX_ERRORS, "processing-failed/2026/03/07/05/");
    assert_prefix_of("error", PREFIX_ERRORS, "error/processing-failed/2026/03/07/05/");
    assert_prefix_of("e/!{firehose:error-output-type}/!{timestamp:yyyy}/", PREFIX_ERRORS,
                     "e/processing-failed/2026/");
}

static void random_strings_are_eleven_letters_each_time_others(void **state) {
    char first[12];
    (void)state;
    make_name("!{firehose:random-string}/", PREFIX_RECORDS, MOMENT_MS);
    assert_int_equal(strcspn(name, "/"), 11);
    memcpy(first, name, 11);
    make_name("!{firehose:random-string}/", PREFIX_RECORDS, MOMENT_MS);
    assert_memory_not_equal(first, name, 11);
}

static void assert_refused(const char *text, enum prefix_kind kind, const char *why,
                           const char *suggestion) {
    struct prefix prefix;
    struct error err;
    assert_false(prefix_compile(text, kind, &arena, &prefix, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    if (strstr(err.text, why) == NULL) fail_msg("%s: %s", text, err.text);
    if (strstr(err.suggestion, suggestion) == NULL) fail_msg("%s: %s", text, err.suggestion);
}

static void what_is_unknown_is_named_with_its_place(void **state) {
    (void)state;
    assert_refused("a/!{quary}/", PREFIX_RECORDS,
                   "prefix: there is no \"!{quary}\", at character 3 of \"a/!{quary}/\"",
                   "did you mean \"!{query}\"?");
    assert_refused("!{partitionKeyFromQuery:customer}", PREFIX_RECORDS, "there is no", "!{query}");
    assert_refused("!{query", PREFIX_RECORDS, "not closed, at character 1", "");
    assert_refused("!{timestamp:}", PREFIX_RECORDS, "pattern is missing", "");
    assert_refused("!{timestamp:yyyy/YY}", PREFIX_RECORDS, "at character 18", "");
    assert_refused("!{timestamp:MMM}", PREFIX_RECORDS, "a date is made of", "");
    assert_refused("!{timestamp:yyyy'x}", PREFIX_RECORDS, "quote is not closed", "");
    assert_refused("!{firehose:error-output-type}/", PREFIX_RECORDS, "for error_prefix", "");
    assert_refused("!{timestamp:yyyy}/", PREFIX_ERRORS, "needs !{firehose:error-output-type}", "");
    assert_refused("!{query}/!{firehose:error-output-type}/", PREFIX_ERRORS,
                   "error_prefix: errors are not told apart", "");
}

static void a_prefix_stays_inside_the_archive(void **state) {
    static const char *const wrong[] = { "../",    "a/../b/", "/etc/",   "a//b/",
                                         "a/./b/", ".",       "a/\n/b/", "!{timestamp:'..'}/" };
    char long_one[1000];
    (void)state;
    for (size_t i = 0; i < LENGTH(wrong) - 3; i++)
        assert_refused(wrong[i], PREFIX_RECORDS, "folder", "");
    assert_refused("a/\n/b/", PREFIX_RECORDS, "control character", "");
    assert_refused("!{timestamp:'..'}/", PREFIX_RECORDS, "folder", "");
    memset(long_one, 'x', sizeof long_one);
    long_one[999] = '\0';
    assert_refused(long_one, PREFIX_RECORDS, "too long", "");
    long_one[200] = '\0';
    assert_refused(long_one, PREFIX_RECORDS, "too long", "");
    assert_prefix_of("..a/...b/", PREFIX_RECORDS, "..a/...b/2026/03/07/05/");
}

static void too_many_parts_are_refused(void **state) {
    char text[70 * 8 + 1] = "";
    (void)state;
    for (int i = 0; i < 70; i++)
        memcpy(text + strlen(text), "!{lang}", 8);
    assert_refused(text, PREFIX_RECORDS, "too many parts", "");
}

static void assert_value(const char *value, size_t length, const char *wanted) {
    char into[PARTITION_VALUE_BYTES];
    partition_value(slice_from(value, length), "none", into);
    assert_string_equal(into, wanted);
}

/* faults.md 59 */
static void values_are_one_part_of_a_path(void **state) {
    (void)state;
    assert_value("coffee_2-x", 10, "coffee_2-x");
    assert_value("v1.2", 4, "v1.2");
    assert_value("", 0, "none");
    assert_value(".", 1, "%2E");
    assert_value("..", 2, "%2E.");
    assert_value("../../etc/passwd", 16, "%2E.%2F..%2Fetc%2Fpasswd");
    assert_value("a\0b\n\x7f", 5, "a%00b%0A%7F");
    assert_value("%2f", 3, "%252f");
    assert_value("\xc3\xa9", 2, "%C3%A9");
}

static void long_values_keep_their_beginning_and_stay_apart(void **state) {
    char text[4096], first[PARTITION_VALUE_BYTES], second[PARTITION_VALUE_BYTES];
    (void)state;
    memset(text, 'x', sizeof text);
    partition_value(slice_from(text, sizeof text), "none", first);
    text[4095] = 'y';
    partition_value(slice_from(text, sizeof text), "none", second);
    assert_int_equal(strlen(first), 63);
    assert_memory_equal(first, text, 40);
    assert_string_not_equal(first, second);
    memset(text, '/', sizeof text);
    partition_value(slice_from(text, sizeof text), "none", first);
    assert_true(strlen(first) < PARTITION_VALUE_BYTES);
    assert_null(strchr(first, '/'));
    assert_value("0123456789012345678901234567890123456789012345678901234567890123456789", 63,
                 "012345678901234567890123456789012345678901234567890123456789012");
}

int main(void) {
#define NAME_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        NAME_TEST(without_a_prefix_it_is_as_firehose_has_it),
        NAME_TEST(no_two_objects_have_one_name),
        NAME_TEST(a_prefix_without_a_date_gets_one),
        NAME_TEST(dates_are_written_by_javas_letters),
        NAME_TEST(the_day_of_the_year_knows_leap_years),
        NAME_TEST(an_error_prefix_tells_the_type),
        NAME_TEST(random_strings_are_eleven_letters_each_time_others),
        NAME_TEST(what_is_unknown_is_named_with_its_place),
        NAME_TEST(a_prefix_stays_inside_the_archive),
        NAME_TEST(too_many_parts_are_refused),
        NAME_TEST(values_are_one_part_of_a_path),
        NAME_TEST(long_values_keep_their_beginning_and_stay_apart),
    };
    return cmocka_run_group_tests_name("archive_name", tests, NULL, NULL);
}
