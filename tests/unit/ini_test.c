/* Files of AWS settings: what they say, and what is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "aws/ini.h"

static struct arena arena;

static struct ini read(const char *text) {
    struct ini ini;
    struct error err;
    if (!ini_read(slice_of(text), "config", &arena, &ini, &err)) fail_msg("%s", err.text);
    return ini;
}

static void expect(const struct ini *ini, const char *section, const char *name,
                   const char *value) {
    struct slice found = ini_value(ini, slice_of(section), name);
    if (value == NULL) {
        assert_null(found.data);
        return;
    }
    if (!slice_is(found, value)) fail_msg("%s: \"%.*s\"", name, SLICE_ARGS(found));
}

static void expect_wrong(struct slice text, const char *place, const char *why) {
    struct ini ini;
    struct error err;
    assert_false(ini_read(text, "config", &arena, &ini, &err));
    if (strstr(err.text, place) != err.text || strstr(err.text, why) == NULL)
        fail_msg("not %s %s: %s", place, why, err.text);
    assert_null(strstr(err.text, "hidden"));
}

static void settings_are_found_by_section_and_name(void **state) {
    (void)state;
    struct ini ini = read("\xef\xbb\xbf[default]\r\nregion=eu-west-1\r\n  \r\n[ b ]\n"
                          "AWS_Access_Key_Id = AKIA/+=\n# region = no\n;region = no\nempty =\n");
    expect(&ini, "default", "region", "eu-west-1");
    expect(&ini, "b", "aws_access_key_id", "AKIA/+=");
    expect(&ini, "b", "empty", "");
    expect(&ini, "b", "region", NULL);
    expect(&ini, "c", "region", NULL);
    assert_true(ini_has(&ini, SLICE("b")));
    assert_false(ini_has(&ini, SLICE("c")));
}

static void a_comment_at_the_end_needs_a_blank_before_it(void **state) {
    (void)state;
    struct ini ini = read("[a] # here\nx = 1 ; one\ny = a#b;c\t# no\nz = #none\n");
    expect(&ini, "a", "x", "1");
    expect(&ini, "a", "y", "a#b;c");
    expect(&ini, "a", "z", "");
}

static void indented_lines_belong_to_the_setting_above(void **state) {
    (void)state;
    struct ini ini = read("[a]\ns3 =\n  addressing_style = path\n\tmax = 20\ncommand = run\n"
                          "    --fast\nlast = 1\n");
    expect(&ini, "a", "s3.addressing_style", "path");
    expect(&ini, "a", "s3.max", "20");
    expect(&ini, "a", "addressing_style", NULL);
    expect(&ini, "a", "command", "run\n    --fast");
    expect(&ini, "a", "last", "1");
}

static void the_last_of_two_holds_and_sections_of_one_name_are_one(void **state) {
    (void)state;
    struct ini ini = read("[a]\nx = 1\ny = 1\n[b]\nx = 2\n[a]\nx = 3\n");
    expect(&ini, "a", "x", "3");
    expect(&ini, "a", "y", "1");
    expect(&ini, "b", "x", "2");
}

static void what_is_wrong_is_told_with_its_line_and_without_its_text(void **state) {
    (void)state;
    expect_wrong(SLICE("[a]\nhidden\n"), "config:2:", "name = value");
    expect_wrong(SLICE("hidden = 1\n"), "config:1:", "first section");
    expect_wrong(SLICE("[a]\n\n[hidden\n"), "config:3:", "\"]\"");
    expect_wrong(SLICE("[a]\n  hidden = 1\n"), "config:2:", "indented");
    expect_wrong(SLICE("[a]\n= hidden\n"), "config:2:", "name = value");
    expect_wrong(SLICE("[a]\nx = \0hidden\n"), "config:2:", "NUL");
}

static void a_hostile_file_stays_small_in_memory(void **state) {
    (void)state;
    size_t length = INI_MOST_BYTES;
    char *text = malloc(length + 1);
    struct ini ini;
    struct error err;
    memset(text, 'x', length + 1);
    expect_wrong(slice_from(text, length + 1), "config:0:", "1 MiB");
    memcpy(text, "[a]\n", 4);
    memset(text + 4, 'n', length - 4);
    text[length / 2] = '=';
    expect_wrong(slice_from(text, length), "config:2:", "too long");
    memcpy(text + 4, "k=v\n", 4);
    for (size_t i = 8; i + 3 <= length; i += 3)
        memcpy(text + i, " v\n", 3);
    assert_true(ini_read(slice_from(text, 8 + (length - 8) / 3 * 3), "config", &arena, &ini, &err));
    assert_true(arena_size(&arena) < (size_t)4 << 20);
    free(text);
}

static int setup(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_are_found_by_section_and_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_comment_at_the_end_needs_a_blank_before_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(indented_lines_belong_to_the_setting_above, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_last_of_two_holds_and_sections_of_one_name_are_one,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told_with_its_line_and_without_its_text,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_hostile_file_stays_small_in_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
