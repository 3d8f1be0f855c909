/* XML that AWS answers, and XML that it should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "aws/xml.h"

static struct arena arena;

static const struct xml_element *read(const char *text) {
    struct error err;
    const struct xml_element *root = xml_read(slice_of(text), &arena, &err);
    if (root == NULL) fail_msg("%s: %s", text, err.text);
    return root;
}

static void expect_text(const struct xml_element *element, const char *path, const char *text) {
    struct slice found = xml_text(element, path);
    if (!slice_is(found, text)) fail_msg("%s: %.*s", path, SLICE_ARGS(found));
}

static void expect_refused(struct slice text, const char *why) {
    struct error err;
    assert_null(xml_read(text, &arena, &err));
    if (strstr(err.text, why) == NULL) fail_msg("not \"%s\": %s", why, err.text);
}

static void a_text_is_found_by_its_path(void **state) {
    (void)state;
    const struct xml_element *root = read("<AssumeRoleResponse xmlns='https://x/doc/'>\n <Result>"
                                          "<Keys><Id>A&amp;B</Id><Token/></Keys>\n</Result>"
                                          "<p:Error xmlns:p='u'><p:Code>No</p:Code></p:Error>"
                                          "</AssumeRoleResponse>\n");
    expect_text(root, "Result/Keys/Id", "A&B");
    expect_text(root, "Result/Keys/Token", "");
    expect_text(root, "Result/Nothing/Id", "");
    expect_text(root, "Error/Code", "No");
    assert_null(xml_find(root, "Result/Id"));
    assert_non_null(xml_find(root, "Result/Keys"));
    assert_null(xml_find(NULL, "Result"));
}

static void a_list_is_walked(void **state) {
    (void)state;
    const struct xml_element *root =
        read("<L><C><K>a</K></C><P>-</P><C><K>b</K></C><C><K><![CDATA[<c>]]></K></C></L>");
    const char *const keys[] = { "a", "b", "<c>" };
    const struct xml_element *item = xml_find(root, "C");
    for (size_t i = 0; i < LENGTH(keys); i++, item = xml_again(item))
        expect_text(item, "K", keys[i]);
    assert_null(item);
}

static void white_space_that_keeps_a_connection_open_is_passed_over(void **state) {
    (void)state;
    expect_text(
        read("\n \n<?xml version='1.0' encoding='UTF-8'?>\n<E><Code>InternalError</Code></E>"),
        "Code", "InternalError");
}

static void a_text_is_whole_in_whatever_pieces_it_comes(void **state) {
    (void)state;
    char text[8192] = "<a><b>", expected[4000] = "";
    for (int i = 0; i < 300; i++) {
        snprintf(text + strlen(text), 40, "%d&lt;\n&#233;", i);
        snprintf(expected + strlen(expected), 40, "%d<\n\xc3\xa9", i);
    }
    strcat(text, "</b></a>");
    expect_text(read(text), "b", expected);
}

static void entities_of_its_own_are_refused(void **state) {
    (void)state;
    expect_refused(SLICE("<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>"
                         "<!ENTITY c '&b;&b;&b;&b;&b;&b;'>]><l>&c;</l>"),
                   "document type");
    expect_refused(SLICE("<!DOCTYPE l SYSTEM 'file:///etc/passwd'><l/>"), "document type");
    expect_refused(SLICE("<l>&unknown;</l>"), "undefined entity");
}

static void what_is_too_deep_too_many_or_too_long_is_refused(void **state) {
    (void)state;
    static char text[XML_MOST_BYTES + 2];
    size_t length = 0;
    for (int i = 0; i <= XML_MOST_DEPTH; i++)
        length += (size_t)sprintf(text + length, "<a>");
    expect_refused(slice_from(text, length), "too deep");
    length = (size_t)sprintf(text, "<a>");
    for (int i = 0; i <= XML_MOST_ELEMENTS; i++)
        length += (size_t)sprintf(text + length, "<b/>");
    expect_refused(slice_from(text, length), "too many");
    memset(text, 'x', sizeof text);
    expect_refused(slice_from(text, sizeof text), "too long");
}

static void what_is_no_xml_is_refused_at_every_cut(void **state) {
    (void)state;
    const char *whole = "<?xml version='1.0'?><a><b x='1'>text &amp; more</b></a>";
    struct error err;
    assert_non_null(xml_read(slice_of(whole), &arena, &err));
    for (size_t length = 0; length < strlen(whole); length++)
        expect_refused(slice_from(whole, length), "no XML");
    expect_refused(SLICE("{\"json\":1}"), "no XML");
    expect_refused(SLICE("<a>\xff\xfe</a>"), "no XML");
    expect_refused(SLICE("<a>\0</a>"), "no XML");
    expect_refused(SLICE("<a></b>"), "no XML");
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
        cmocka_unit_test(a_text_is_found_by_its_path),
        cmocka_unit_test(a_list_is_walked),
        cmocka_unit_test(white_space_that_keeps_a_connection_open_is_passed_over),
        cmocka_unit_test(a_text_is_whole_in_whatever_pieces_it_comes),
        cmocka_unit_test(entities_of_its_own_are_refused),
        cmocka_unit_test(what_is_too_deep_too_many_or_too_long_is_refused),
        cmocka_unit_test(what_is_no_xml_is_refused_at_every_cut),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
