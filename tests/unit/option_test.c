/* Options: sizes, durations, bounds, choices, paths, and what wrong values are told. */
#include "config/option.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka needs the three above it */
#include <cmocka.h>

struct settings {
    const char *text, *path, *choice;
    int64_t count, bytes, time_ms;
    double share;
    bool flag;
};

static const struct option options[] = {
    { .name = "text", .offset = offsetof(struct settings, text), .standard = "hello" },
    { .name = "path", .type = OPTION_PATH, .offset = offsetof(struct settings, path) },
    { .name = "choice",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct settings, choice),
      .choices = "pause|drop_oldest|stop",
      .standard = "pause" },
    { .name = "count",
      .type = OPTION_INTEGER,
      .offset = offsetof(struct settings, count),
      .standard = "7",
      .lowest = 0,
      .highest = 64 },
    { .name = "bytes",
      .type = OPTION_BYTES,
      .offset = offsetof(struct settings, bytes),
      .standard = "10MiB",
      .lowest = 1024,
      .highest = 1e12 },
    { .name = "time",
      .type = OPTION_DURATION,
      .offset = offsetof(struct settings, time_ms),
      .standard = "900s",
      .lowest = 1000,
      .highest = 86400e3 },
    { .name = "share",
      .type = OPTION_NUMBER,
      .offset = offsetof(struct settings, share),
      .standard = "0.5",
      .lowest = -1,
      .highest = 1 },
    { .name = "flag",
      .type = OPTION_BOOLEAN,
      .offset = offsetof(struct settings, flag),
      .standard = "true" },
};
static const struct option_table table = { options, LENGTH(options), sizeof(struct settings) };

static struct arena arena;

static bool set(struct settings *settings, const char *name, const char *text, struct error *err) {
    const struct option *option = option_find(&table, slice_of(name), "the test", err);
    assert_non_null(option);
    return option_set_text(option, settings, slice_of(text), "conf", &arena, err);
}

static void sizes_are_decimal_or_binary(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes;
    } good[] = {
        { "0", 0 },
        { "1500", 1500 },
        { "10B", 10 },
        { "10MB", 10000000 },
        { "10MiB", 10485760 },
        { "1.5KiB", 1536 },
        { "2 GiB", INT64_C(2147483648) },
        { "1kB", 1000 },
        { "3TB", INT64_C(3000000000000) },
    };
    static const char *const bad[] = { "",
                                       "MiB",
                                       "10MIB",
                                       "-1",
                                       "1e3",
                                       "1.2.3",
                                       ".",
                                       "10 M B",
                                       "0x10",
                                       "10MiB ?",
                                       "ten",
                                       "99999999999TiB",
                                       "1111111111111111111111111111111111111111111" };
    int64_t bytes;
    for (size_t i = 0; i < LENGTH(good); i++) {
        assert_true(parse_bytes(slice_of(good[i].text), &bytes));
        assert_int_equal(bytes, good[i].bytes);
    }
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_false(parse_bytes(slice_of(bad[i]), &bytes));
}

static void durations_have_units_and_bare_numbers_are_seconds(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        { "500ms", 500 },      { "900s", 900000 }, { "15m", 900000 }, { "2h", 7200000 },
        { "30d", 2592000000 }, { "900", 900000 },  { "0.25", 250 },   { "1.5 h", 5400000 }
    };
    static const char *const bad[] = { "", "s", "1w", "-5s", "1h30m", "5 S", "inf", "nan" };
    int64_t ms;
    for (size_t i = 0; i < LENGTH(good); i++) {
        assert_true(parse_duration(slice_of(good[i].text), &ms));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_false(parse_duration(slice_of(bad[i]), &ms));
}

static void defaults_are_read_like_any_value(void **state) {
    (void)state;
    struct settings settings = { 0 };
    option_defaults(&table, &settings, &arena);
    assert_string_equal(settings.text, "hello");
    assert_string_equal(settings.choice, "pause");
    assert_int_equal(settings.count, 7);
    assert_int_equal(settings.bytes, 10485760);
    assert_int_equal(settings.time_ms, 900000);
    assert_true(settings.share == 0.5);
    assert_true(settings.flag);
    assert_null(settings.path);
}

static void paths_are_made_whole_but_absolute_ones_stay(void **state) {
    (void)state;
    struct settings settings = { 0 };
    struct error err;
    assert_true(set(&settings, "path", "../out.ndjson", &err));
    assert_string_equal(settings.path, "conf/../out.ndjson");
    assert_true(set(&settings, "path", "./s3:/out", &err));
    assert_string_equal(settings.path, "conf/./s3:/out");
    assert_true(set(&settings, "path", "s3://out", &err));
    assert_string_equal(settings.path, "s3://out");
    assert_true(set(&settings, "path", "s3", &err));
    assert_string_equal(settings.path, "conf/s3");
    assert_true(set(&settings, "path", "/var/out", &err));
    assert_string_equal(settings.path, "/var/out");
    assert_true(option_set_text(&options[1], &settings, SLICE("out"), "", &arena, &err));
    assert_string_equal(settings.path, "out");
    assert_true(option_set_text(&options[1], &settings, SLICE("out"), "/", &arena, &err));
    assert_string_equal(settings.path, "/out");
}

static void wrong_values_are_refused_with_what_is_taken(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *says, *suggests;
    } wrong[] = {
        { "count", "65", "count takes a whole number from 0 to 64, not \"65\"", "" },
        { "count", "-1", "count takes a whole number from 0 to 64, not \"-1\"", "" },
        { "count", "3x", "count takes a whole number from 0 to 64, not \"3x\"", "" },
        { "count", "", "count takes a whole number from 0 to 64, not \"\"", "" },
        { "count", "99999999999999999999",
          "count takes a whole number from 0 to 64, not \"99999999999999999999\"", "" },
        { "share", "1.01", "share takes a number from -1 to 1, not \"1.01\"", "" },
        { "share", "nan", "share takes a number from -1 to 1, not \"nan\"", "" },
        { "bytes", "10M", "bytes takes a size such as \"10MiB\", not \"10M\"", "" },
        { "bytes", "1000", "bytes is below 1024 bytes: \"1000\"", "" },
        { "time", "2d", "time is above 86400 seconds: \"2d\"", "" },
        { "time", "1x", "time takes a time such as \"900s\" or \"15m\", not \"1x\"", "" },
        { "flag", "yes", "flag takes true or false, not \"yes\"", "" },
        { "path", "", "path takes a path, not \"\"", "" },
        { "path", "s3:/a/b", "path: \"s3:/a/b\" is neither a path nor a URL",
          "did you mean \"s3://a/b\"? a file of that name is \"./s3:/a/b\"" },
        { "path", "S3:a", "path: \"S3:a\" is neither a path nor a URL",
          "did you mean \"s3://a\"? a file of that name is \"./S3:a\"" },
        { "path", "https:/a", "path: \"https:/a\" is neither a path nor a URL",
          "did you mean \"https://a\"? a file of that name is \"./https:/a\"" },
        { "choice", "drop_odlest",
          "choice takes \"pause\" or \"drop_oldest\" or \"stop\", not \"drop_odlest\"",
          "did you mean \"drop_oldest\"?" },
        { "choice", "drop", "choice takes \"pause\" or \"drop_oldest\" or \"stop\", not \"drop\"",
          "" },
    };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct settings settings = { 0 }, untouched = { 0 };
        struct error err = { 0 };
        assert_false(set(&settings, wrong[i].name, wrong[i].text, &err));
        assert_string_equal(err.text, wrong[i].says);
        assert_string_equal(err.suggestion, wrong[i].suggests);
        assert_int_equal(err.kind, ERROR_CONFIG);
        assert_memory_equal(&settings, &untouched, sizeof settings);
    }
}

static void an_unknown_name_gets_the_nearest(void **state) {
    (void)state;
    struct error err = { 0 };
    assert_null(option_find(&table, SLICE("cuont"), "linnet.test", &err));
    assert_string_equal(err.text, "linnet.test has no \"cuont\"");
    assert_string_equal(err.suggestion, "did you mean \"count\"?");
    assert_null(option_find(&table, SLICE("elephant"), "linnet.test", &err));
    assert_string_equal(err.suggestion, "");
}

static void a_text_with_a_nul_byte_is_refused(void **state) {
    (void)state;
    struct settings settings = { 0 };
    struct error err = { 0 };
    assert_false(option_set_text(&options[0], &settings, SLICE("a\0b"), "", &arena, &err));
    assert_null(settings.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_decimal_or_binary),
        cmocka_unit_test(durations_have_units_and_bare_numbers_are_seconds),
        cmocka_unit_test(defaults_are_read_like_any_value),
        cmocka_unit_test(paths_are_made_whole_but_absolute_ones_stay),
        cmocka_unit_test(wrong_values_are_refused_with_what_is_taken),
        cmocka_unit_test(an_unknown_name_gets_the_nearest),
        cmocka_unit_test(a_text_with_a_nul_byte_is_refused),
    };
    arena_init(&arena);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
