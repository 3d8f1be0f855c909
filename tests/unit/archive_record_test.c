/* What tells an archive's records apart, and what it keeps of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four on top */
#include <cmocka.h>

#include "archive/record.h"

#define ALL ((UINT32_C(1) << PARTITION_MEMBERS) - 1)

static const struct sink_context context = { .name = "archive", .schema = "post" };
static const struct slice query = SLICE("coffee");

static struct partition partition_of(const struct record *record, bool documents) {
    struct record_style style = { .context = &context, .documents = documents };
    struct record_keeper *keeper = record_keeper_create(&style);
    struct partition partition;
    record_partition(keeper, record, ALL, &partition);
    record_keeper_destroy(keeper);
    return partition;
}

static void assert_partition(const struct record *record, const char *of_query, const char *lang,
                             const char *network) {
    struct partition partition = partition_of(record, false);
    assert_int_equal(partition.members, ALL);
    assert_string_equal(partition.values[PARTITION_QUERY], of_query);
    assert_string_equal(partition.values[PARTITION_LANG], lang);
    assert_string_equal(partition.values[PARTITION_NETWORK], network);
}

/* A raw record of each network, as far as it says its language. */
static void the_language_is_what_the_network_says(void **state) {
    static const struct {
        const char *key, *raw, *lang, *network;
    } given[] = {
        { "x:1", "{\"id\":1,\"lang\":\"pt\"}", "pt", "x" },
        { "x:1", "{\"data\":{\"id\":\"1\",\"lang\":\"ja\"}}", "ja", "x" },
        { "https://a.example/1", "{\"language\":\"de\",\"content\":\"x\"}", "de", "mastodon" },
        { "at://did:plc:x/app.bsky.feed.post/1",
          "{\"commit\":{\"record\":{\"langs\":[\"fr\",\"en\"]}}}", "fr", "bluesky" },
        { "plain:1", "{\"lang\":7}", "und", "plain" },
        { "plain:1", "{\"lang\":null}", "und", "plain" },
        { "plain:1", "not an object", "und", "plain" },
        { "plain:1", "{\"lang\":\"../..\"}", "%2E.%2F..", "plain" },
        { "no colon", "{}", "und", "none" },
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(given); i++) {
        struct record record = { .key = slice_of(given[i].key), .raw = slice_of(given[i].raw) };
        assert_partition(&record, "none", given[i].lang, given[i].network);
    }
}

static void the_documents_language_comes_first(void **state) {
    (void)state;
    struct document document = { .schema = SLICE("post"),
                                 .key = SLICE("x:1"),
                                 .bytes = SLICE("{\"id\":\"1\",\"lang\":\"es\"}") };
    struct record record = { .key = SLICE("x:1"),
                             .queries = &query,
                             .query_count = 1,
                             .raw = SLICE("{\"lang\":\"pt\"}"),
                             .documents = &document,
                             .document_count = 1 };
    assert_partition(&record, "coffee", "es", "x");
    document.bytes = SLICE("{\"id\":\"1\"}");
    assert_partition(&record, "coffee", "pt", "x");
}

static void a_delete_tells_no_language(void **state) {
    (void)state;
    struct record record = { .kind = RECORD_DELETE,
                             .key = SLICE("x:1"),
                             .raw = SLICE("{\"lang\":\"pt\"}") };
    assert_partition(&record, "none", "und", "x");
}

static void without_a_document_it_is_an_error_where_these_are_kept(void **state) {
    (void)state;
    struct record record = { .key = SLICE("x:1"), .raw = SLICE("{}") };
    assert_int_equal(partition_of(&record, true).members, PARTITION_ERRORS);
    assert_int_equal(partition_of(&record, false).members, ALL);
}

static void assert_kept(const struct record *record, bool documents, const char *wanted) {
    struct record_style style = { &context, documents, SLICE(",\n") };
    struct record_keeper *keeper = record_keeper_create(&style);
    struct object *object = object_create("/nowhere", CODEC_NONE, 1);
    record_keep(keeper, record, object);
    assert_int_equal(object->bytes, strlen(wanted));
    assert_int_equal(object->coming.length, strlen(wanted));
    assert_memory_equal(object->coming.data, wanted, strlen(wanted));
    object_destroy(object);
    record_keeper_destroy(keeper);
}

static void raw_bytes_stay_as_they_are(void **state) {
    (void)state;
    struct record record = { .key = SLICE("x:1"), .raw = SLICE("{ \"a\" : \"\\u00e9\" }") };
    assert_kept(&record, false, "{ \"a\" : \"\\u00e9\" },\n");
}

/* One that `linnet forget` made has no bytes of its own. */
static void a_delete_names_what_is_gone(void **state) {
    (void)state;
    struct document document = { .schema = SLICE("post"), .key = SLICE("77") };
    struct record record = {
        .kind = RECORD_DELETE, .key = SLICE("x:1"), .documents = &document, .document_count = 1
    };
    assert_kept(&record, true, "{\"_id\":\"77\",\"deleted\":true},\n");
    assert_kept(&record, false, "{\"_id\":\"77\",\"deleted\":true},\n");
    record.raw = SLICE("{\"delete\":{}}");
    assert_kept(&record, false, "{\"delete\":{}},\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_language_is_what_the_network_says),
        cmocka_unit_test(the_documents_language_comes_first),
        cmocka_unit_test(a_delete_tells_no_language),
        cmocka_unit_test(without_a_document_it_is_an_error_where_these_are_kept),
        cmocka_unit_test(raw_bytes_stay_as_they_are),
        cmocka_unit_test(a_delete_names_what_is_gone),
    };
    return cmocka_run_group_tests_name("archive_record", tests, NULL, NULL);
}
