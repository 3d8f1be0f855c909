/* Running *_test.lua: what is counted, what is told, and that one file leaves nothing behind. */
#include "script/testing.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include "own_folder.h"
#include <cmocka.h>

static int make_folder(void **state) {
    (void)state;
    if (own_folder_make() != 0) return -1;
    make_folder_below("scorers");
    make_folder_below("schemas");
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return own_folder_remove();
}

/* The last failure that was told. */
struct told {
    char sentence[200];
    struct error err;
};

static void tell(void *context, const char *sentence, const struct error *err) {
    struct told *told = context;
    snprintf(told->sentence, sizeof told->sentence, "%s", sentence);
    told->err = *err;
}

static struct told told;

static struct test_report run(const char *name, const char *text) {
    struct loader_setup setup = { .share = "." };
    struct test_report report = { .tell = tell, .context = &told };
    told = (struct told){ 0 };
    write_file(name, text);
    test_file_run(&setup, below(name), &report);
    return report;
}

static void tests_are_counted(void **state) {
    (void)state;
    struct test_report report =
        run("a_test.lua", "it('a', function() end)\ndescribe('b', function()\n"
                          "it('c', function() error('no') end) it('d', function() end) end)");
    assert_int_equal(report.passed, 2);
    assert_int_equal(report.failed, 1);
    assert_string_equal(told.sentence, "b c");
    assert_string_equal(told.err.text, "no");
    assert_int_equal(told.err.line, 3);
}

static void a_file_without_tests_has_none(void **state) {
    (void)state;
    struct test_report report = run("a_test.lua", "");
    assert_int_equal(report.passed + report.failed, 0);
}

static void messages_hold_what_was_given(void **state) {
    (void)state;
    struct test_report report = run(
        "a_test.lua",
        "it('a', function()\n"
        "  local m = linnet.message { text = 'caf\\u{e9} #tea', id = 'i', lang = 'fr', created = "
        "5,\n"
        "    author = { id = 'u', handle = 'h' }, hashtags = { 'tea' }, is = { 'reply', 'quote' "
        "},\n"
        "    has = { 'images' }, queries = { q = '#tea', r = 'milk' }, label = 'l', score = 0.5 }\n"
        "  assert.equal('caf\\u{e9} #tea', m.text) assert.equal('i', m.id) assert.equal(5, "
        "m.created)\n"
        "  assert.equal('u', m.author.id) assert.same({ 'tea' }, m.hashtags)\n"
        "  assert.is_true(m:is 'reply') assert.is_true(m:is 'quote')\n"
        "  assert.is_false(m:is 'retweet') assert.is_true(m:has 'images')\n"
        "  assert.is_true(m:has 'hashtags')\n"
        "  assert.same({ 'q' }, m.queries) assert.equal('l', m.label) assert.equal(0.5, m.score)\n"
        "  local raw = linnet.message { raw = { text = 'x', n = 9007199254740993,\n"
        "    none = linnet.null, list = {} } }.raw\n"
        "  assert.equal(9007199254740993, raw.n) assert.equal(linnet.null, raw.none)\n"
        "  assert.same({}, raw.list)\n"
        "end)\n");
    assert_string_equal(told.err.text, "");
    assert_int_equal(report.passed, 1);
}

static void stubs_reach_the_plugin_wherever_it_runs(void **state) {
    (void)state;
    write_file("scorers/x.lua",
               "local factor = require 'factor'\n"
               "return linnet.scorer { score = function(message)\n"
               "  if env 'SIGN' == '-' then return -factor end return factor end }");
    struct test_report report =
        run("scorers/x_test.lua", "linnet.stub_file('factor.lua', 'return 0.25')\n"
                                  "linnet.stub_env('SIGN', '-')\n"
                                  "local x = require 'scorers.x'\n"
                                  "it('a', function()\n"
                                  "  assert.equal(-0.25, (x:score(linnet.message {})))\nend)");
    assert_string_equal(told.err.text, "");
    assert_int_equal(report.passed, 1);
}

static void a_wrong_result_is_told_as_in_a_worker(void **state) {
    (void)state;
    write_file("scorers/y.lua", "return linnet.scorer { score = function() return 'much' end }");
    struct test_report report =
        run("scorers/y_test.lua", "local y = require 'scorers.y'\n"
                                  "it('a', function() y:score(linnet.message {}) end)");
    assert_int_equal(report.failed, 1);
    assert_string_equal(told.err.text, "it returned a string instead of a number or nil");
    assert_int_equal(told.err.line, 1);
}

static void a_failing_field_fails_the_test(void **state) {
    (void)state;
    write_file("schemas/z.lua", "return linnet.schema { { 'id', 'keyword' },\n"
                                "  { 'n', 'long', from = function(m) return m.no.way end } }");
    struct test_report report =
        run("schemas/z_test.lua", "local z = require 'schemas.z'\n"
                                  "it('a', function() z:document(linnet.message {}) end)");
    assert_int_equal(report.failed, 1);
    assert_int_equal(told.err.line, 2);
    assert_non_null(strstr(told.err.file, "schemas/z.lua"));
}

static void a_declaration_that_is_wrong_fails_each_time(void **state) {
    (void)state;
    struct test_report report = run(
        "a_test.lua", "local bad = linnet.scorer { engine = 'vadr' }\n"
                      "for i = 1, 3 do it('a', function() bad:score(linnet.message {}) end) end");
    assert_int_equal(report.failed, 3);
    assert_string_equal(told.err.text, "there is no engine \"vadr\"");
    assert_int_equal(told.err.line, 1);
}

static void records_of_any_depth_and_kind_are_bounded(void **state) {
    (void)state;
    struct test_report report =
        run("a_test.lua", "local deep = {} for i = 1, 100 do deep = { a = deep } end\n"
                          "local round = {} round.round = round\n"
                          "for _, raw in ipairs { deep, round, { a = function() end } } do\n"
                          "  it('a', function() linnet.message { raw = raw } end)\nend");
    assert_int_equal(report.failed, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_are_counted),
        cmocka_unit_test(a_file_without_tests_has_none),
        cmocka_unit_test(messages_hold_what_was_given),
        cmocka_unit_test(stubs_reach_the_plugin_wherever_it_runs),
        cmocka_unit_test(a_wrong_result_is_told_as_in_a_worker),
        cmocka_unit_test(a_failing_field_fails_the_test),
        cmocka_unit_test(a_declaration_that_is_wrong_fails_each_time),
        cmocka_unit_test(records_of_any_depth_and_kind_are_bounded),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
