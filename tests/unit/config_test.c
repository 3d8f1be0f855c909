/* Wrong configurations and what they are told: place, caret, sentence, suggestion. */
#include "config_fixture.h"

struct wrong {
    const char *text;             /* of linnet.lua */
    const char *place;            /* "line:column" there, or "file:line:column" */
    const char *at;               /* what stands at the caret */
    const char *says;             /* the sentence; the folder is left out; NULL: not ours to say */
    const char *suggests;         /* NULL: nothing */
    const char *file, *file_text; /* one more file */
};

#include "config_cases.h"
#include "dialect_cases.h"
#include "plugin_cases.h"

/* `text` without the name of the test's folder. */
static const char *without_folder(const char *text) {
    static char out[2000];
    size_t used = 0, skip = strlen(own_folder);
    while (*text && used < sizeof out - 1) {
        bool here = strncmp(text, own_folder, skip) == 0 && text[skip] == '/';
        text += here ? skip + 1 : 0;
        out[used++] = *text++;
    }
    out[used] = '\0';
    return out;
}

static const char *text_at_caret(const struct error *err) {
    const char *at = err->quoted;
    for (int column = 1; column < err->caret; column++)
        do
            at++;
        while ((*at & 0xC0) == 0x80);
    return at;
}

static void check_wrong(const struct wrong *wrong) {
    struct error err = { 0 };
    char place[700], expected[100];
    if (wrong->file) write_file(wrong->file, wrong->file_text);
    if (load(wrong->text, &err)) fail_msg("no error in:\n%s", wrong->text);
    snprintf(place, sizeof place, "%s:%d:%d", without_folder(err.file), err.line, err.column);
    bool elsewhere = strchr(wrong->place, '.') != NULL;
    snprintf(expected, sizeof expected, "%s%s", elsewhere ? "" : "linnet.lua:", wrong->place);
    const char *says = wrong->says ? wrong->says : without_folder(err.text);
    if (strcmp(place, expected) != 0 || strcmp(without_folder(err.text), says) != 0)
        fail_msg("%s says %s:\n%s\nnot %s:\n%s", wrong->text, place, without_folder(err.text),
                 expected, says);
    if (wrong->says) assert_string_equal(err.suggestion, wrong->suggests ? wrong->suggests : "");
    assert_int_equal(err.kind, ERROR_CONFIG);
    if (strncmp(text_at_caret(&err), wrong->at, strlen(wrong->at)) != 0)
        fail_msg("the caret is at \"%s\", not at \"%s\"", text_at_caret(&err), wrong->at);
}

static void a_wrong_configuration_says_where_and_why(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(wrong_configurations); i++)
        check_wrong(&wrong_configurations[i]);
}

static void a_wrong_plugin_says_where_and_why(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(wrong_plugins); i++)
        check_wrong(&wrong_plugins[i]);
}

static void a_wrong_dialect_says_where_and_why(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(wrong_dialects); i++)
        check_wrong(&wrong_dialects[i]);
}

static void a_wrong_query_of_a_flag_is_quoted(void **state) {
    (void)state;
    struct error err = { 0 };
    struct snapshot_request request = { .queries = LIST("tea", "caf\xc3\xa9 (tea") };
    assert_null(load_with("return {}", request, &err));
    assert_string_equal(err.file, "-e");
    assert_int_equal(err.line, 1);
    assert_int_equal(err.column, 6);
    assert_string_equal(text_at_caret(&err), "(tea");
}

static void a_missing_file_is_named(void **state) {
    (void)state;
    struct error err = { 0 };
    struct snapshot_request request = { .path = "no/such/file.lua", .parts = &parts };
    assert_null(snapshot_load(&request, &err));
    assert_string_equal(err.text, "cannot read no/such/file.lua: No such file or directory");
    assert_int_equal(err.kind, ERROR_CONFIG);
}

static void a_configuration_is_looked_for_in_three_places(void **state) {
    (void)state;
    struct error err = { 0 };
    struct snapshot_request request = { .share = ".", .parts = &parts };
    char before[500];
    assert_non_null(getcwd(before, sizeof before));
    setenv("XDG_CONFIG_HOME", "/nowhere", 1);
    assert_int_equal(chdir(own_folder), 0);
    struct snapshot *snapshot = snapshot_load(&request, &err);
    assert_int_equal(chdir(before), 0);
    unsetenv("XDG_CONFIG_HOME");
    if (snapshot) { /* this machine has one in /etc */
        snapshot_release(snapshot);
        return;
    }
    assert_string_equal(err.text, "there is no configuration: looked for config/linnet.lua, "
                                  "/nowhere/linnet/linnet.lua, /etc/linnet/linnet.lua");
    assert_string_equal(err.suggestion, "name one with -c FILE");
    assert_int_equal(err.kind, ERROR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_configuration_says_where_and_why),
        cmocka_unit_test(a_wrong_plugin_says_where_and_why),
        cmocka_unit_test(a_wrong_dialect_says_where_and_why),
        cmocka_unit_test(a_wrong_query_of_a_flag_is_quoted),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_configuration_is_looked_for_in_three_places),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
