/* Replies of an index: each item counts for its own document, a reply that does not answer its
 * request counts for nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "index/rules.h"

static struct {
    struct arena arena;
    struct projector *projector;
    struct index_item items[8];
    const char *why;
} bench;

static int setup(void **state) {
    (void)state;
    arena_init(&bench.arena);
    bench.projector = projector_create(NULL);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    projector_destroy(bench.projector);
    arena_free(&bench.arena);
    return 0;
}

/* The committed replies of servers, where `create` stands for what we send. */
static struct slice fixture(const char *name) {
    static char bytes[16384], path[256];
    snprintf(path, sizeof path, "tests/data/index/%s", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return slice_from(bytes, length);
}

static const struct index_action five[] = { { .id = { "x:0", 3 } },
                                            { .id = { "x:1", 3 } },
                                            { .id = { "x:2", 3 } },
                                            { .id = { "x:3", 3 } },
                                            { .id = { "x:4", 3 } } };
static const struct index_action two[] = { { .id = { "a", 1 } },
                                           { .id = { "b", 1 }, .verb = INDEX_REMOVE } };

static bool read_as(struct slice body, const struct index_action *actions, size_t count) {
    return index_reply_read(body, actions, count, bench.projector, &bench.arena, bench.items,
                            &bench.why);
}

static bool reads(const char *body) { return read_as(slice_of(body), two, 2); }

static void each_item_has_its_own_rule(void **state) {
    (void)state;
    static const enum index_rule rules[] = { INDEX_DONE, INDEX_NEWER, INDEX_BUSY, INDEX_POISON,
                                             INDEX_AWAY };
    static const char *const names[] = { "bulk-mixed.json", "bulk-mixed-othernames.json" };
    for (size_t file = 0; file < LENGTH(names); file++) {
        assert_true(read_as(fixture(names[file]), five, 5));
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(index_item_rule(&bench.items[i], INDEX_PUT), rules[i]);
        struct slice text = index_item_text(&bench.items[3], &bench.arena);
        assert_non_null(strstr(text.data, "failed to parse field [@timestamp]"));
        assert_non_null(strstr(text.data, "failed to parse date field [bad date]"));
    }
}

static void replies_of_several_versions_are_read(void **state) {
    (void)state;
    static const char *const names[] = { "bulk-ok-es7.json", "bulk-ok-es8.json" };
    for (size_t file = 0; file < LENGTH(names); file++) {
        assert_true(read_as(fixture(names[file]), five, 5));
        for (size_t i = 0; i < 5; i++)
            assert_int_equal(index_item_rule(&bench.items[i], INDEX_PUT), INDEX_DONE);
    }
    assert_true(reads("{\"errors\":false,\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},"
                      "{\"delete\":{\"_id\":\"b\",\"status\":404}}]}"));
    assert_int_equal(index_item_rule(&bench.items[1], INDEX_REMOVE), INDEX_DONE);
}

static void a_change_of_what_is_not_there_is_done_unless_the_index_is_missing(void **state) {
    (void)state;
    static const struct index_action one = { .id = { "a", 1 }, .verb = INDEX_CHANGE };
    static const char reply[] = "{\"errors\":true,\"items\":[{\"update\":{\"_id\":\"a\",\"status\":"
                                "404,\"error\":{\"type\":\"%s\",\"reason\":\"[a]\"}}}]}";
    static const struct {
        const char *type;
        enum index_rule rule;
    } cases[] = { { "document_missing_exception", INDEX_DONE },
                  { "index_not_found_exception", INDEX_MISSING } };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[200];
        snprintf(text, sizeof text, reply, cases[i].type);
        assert_true(read_as(slice_of(text), &one, 1));
        assert_int_equal(index_item_rule(&bench.items[0], INDEX_CHANGE), cases[i].rule);
    }
    assert_false(
        read_as(SLICE("{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":200}}]}"), &one, 1));
}

static void a_block_is_waited_for_whatever_its_status(void **state) {
    (void)state;
    assert_true(read_as(fixture("bulk-readonly.json"), five, 2));
    assert_int_equal(index_item_rule(&bench.items[0], INDEX_PUT), INDEX_BLOCKED);
    assert_int_equal(index_item_rule(&bench.items[1], INDEX_PUT), INDEX_BLOCKED);
}

static void a_reply_that_does_not_answer_counts_for_nothing(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "no JSON",
        "[]",
        "{}",
        "{\"errors\":true}",
        "{\"errors\":false,\"items\":[]}",
        "{\"errors\":true,\"items\":{}}",
        "{\"errors\":false,\"items\":[1,2]}",
        /* shorter, longer */
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"delete\":{\"_id\":\"b\","
        "\"status\":200}},{\"index\":{\"_id\":\"c\",\"status\":201}}]}",
        /* in another order, of other documents, of another action, cut off, behind its end */
        "{\"items\":[{\"delete\":{\"_id\":\"b\",\"status\":200}},{\"index\":{\"_id\":\"a\","
        "\"status\":201}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"delete\":{\"_id\":\"z\","
        "\"status\":200}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"index\":{\"_id\":\"b\","
        "\"status\":200}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"delete\":{\"_id\":\"b\","
        "\"status\":200}}]",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"delete\":{\"_id\":\"b\","
        "\"status\":200}}]}{",
        /* without a status, with none that there is, with two actions in one item */
        "{\"items\":[{\"index\":{\"_id\":\"a\"}},{\"delete\":{\"_id\":\"b\",\"status\":200}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":\"201\"}},{\"delete\":{\"_id\":\"b\","
        "\"status\":200}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":20100}},{\"delete\":{\"_id\":\"b\","
        "\"status\":200}}]}",
        "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201},\"index\":{\"_id\":\"a\"}},"
        "{\"delete\":{\"_id\":\"b\",\"status\":200}}]}",
        "{\"items\":[[{\"index\":{\"_id\":\"a\",\"status\":201}}],{\"delete\":{\"_id\":\"b\","
        "\"status\":200}}]}",
        /* the items are not where they should be */
        "{\"x\":{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"delete\":{\"_id\":\"b\","
        "\"status\":200}}]}}",
    };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        if (reads(wrong[i])) fail_msg("believed: %s", wrong[i]);
        assert_non_null(bench.why);
    }
}

static void any_cut_of_a_reply_counts_for_nothing(void **state) {
    (void)state;
    struct slice whole = fixture("bulk-mixed.json");
    while (whole.length && whole.data[whole.length - 1] != '}')
        whole.length--;
    for (size_t length = 0; length < whole.length; length++)
        assert_false(read_as(slice_first(whole, length), five, 5));
    assert_true(read_as(whole, five, 5));
}

static enum index_rule rule_of(int status, const char *name, bool compressed) {
    struct index_item said = index_error_read(status, fixture(name), bench.projector, &bench.arena);
    return index_request_rule(&said, compressed);
}

static void a_whole_request_has_its_rule(void **state) {
    (void)state;
    assert_int_equal(rule_of(400, "error-400-no-newline.json", false), INDEX_WRONG);
    assert_int_equal(rule_of(401, "error-401.json", false), INDEX_REFUSED);
    assert_int_equal(rule_of(403, "error-403-aws.json", false), INDEX_REFUSED);
    assert_int_equal(rule_of(413, "error-413-aws.json", false), INDEX_TOO_LARGE);
    assert_int_equal(rule_of(429, "error-429-whole.json", false), INDEX_BUSY);
    assert_int_equal(rule_of(429, "error-429-circuit-breaker.json", false), INDEX_BUSY);
    assert_int_equal(rule_of(429, "error-429-aws.txt", false), INDEX_BUSY);
    assert_int_equal(rule_of(504, "error-504.html", false), INDEX_AWAY);
    assert_int_equal(rule_of(415, "error-504.html", true), INDEX_PLAIN);
    assert_int_equal(rule_of(307, "error-504.html", false), INDEX_REFUSED);
    assert_int_equal(rule_of(500, "error-504.html", false), INDEX_DOUBTFUL);
}

static void what_a_server_says_is_told(void **state) {
    (void)state;
    struct index_item said =
        index_error_read(403, fixture("error-403-aws.json"), bench.projector, &bench.arena);
    assert_non_null(strstr(index_item_text(&said, &bench.arena).data, "is not authorized"));
    said = index_error_read(504, SLICE("<html>\x1B[31m\nbad"), bench.projector, &bench.arena);
    assert_string_equal(index_item_text(&said, &bench.arena).data, "<html> [31m bad");
    said = index_error_read(503, SLICE(""), bench.projector, &bench.arena);
    assert_string_equal(index_item_text(&said, &bench.arena).data, "status 503");
}

static void servers_tell_what_they_are(void **state) {
    (void)state;
    struct index_server server =
        index_server_read(fixture("root-es7.json"), bench.projector, &bench.arena);
    assert_true(slice_is(server.number, "7.10.2") && slice_is(server.flavor, "oss"));
    assert_int_equal(server.distribution.length, 0);
    server = index_server_read(fixture("root-opensearch2.json"), bench.projector, &bench.arena);
    assert_true(slice_is(server.number, "2.19.0") && slice_is(server.distribution, "opensearch"));
    server = index_server_read(SLICE("<html>"), bench.projector, &bench.arena);
    assert_int_equal(server.number.length, 0);
}

static void the_version_that_is_there_is_found(void **state) {
    (void)state;
    int64_t version;
    assert_true(index_present_version(
        SLICE("[x:1]: version conflict, current version [42] is higher than the one provided [7]"),
        &version));
    assert_int_equal(version, 42);
    assert_false(index_present_version(SLICE("document already exists"), &version));
    assert_false(index_present_version(SLICE("current version ["), &version));
    assert_false(index_present_version(SLICE("current version [99999999999999999999]"), &version));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_has_its_own_rule),
        cmocka_unit_test(replies_of_several_versions_are_read),
        cmocka_unit_test(a_change_of_what_is_not_there_is_done_unless_the_index_is_missing),
        cmocka_unit_test(a_block_is_waited_for_whatever_its_status),
        cmocka_unit_test(a_reply_that_does_not_answer_counts_for_nothing),
        cmocka_unit_test(any_cut_of_a_reply_counts_for_nothing),
        cmocka_unit_test(a_whole_request_has_its_rule),
        cmocka_unit_test(what_a_server_says_is_told),
        cmocka_unit_test(servers_tell_what_they_are),
        cmocka_unit_test(the_version_that_is_there_is_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
