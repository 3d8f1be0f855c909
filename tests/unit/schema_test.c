/* Documents and index mappings: the two schemas that linnet brings, nulls, arrays, wrong types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "post/schema.h"
#include "post_reading.h"

#define FIELD(field, kind, ...)                                                                    \
    { .name = { field, sizeof(field) - 1 }, .type = FIELD_##kind, __VA_ARGS__ }
#define FROM(path) .from = { path, sizeof(path) - 1 }
#define INSIDE(list) .fields = (list), .field_count = LENGTH(list)

/* plugins/schemas/post.lua */
static const struct field_spec post_author[] = { FIELD("id", KEYWORD, FROM("")),
                                                 FIELD("handle", KEYWORD, FROM("")),
                                                 FIELD("name", TEXT, FROM("")) };
static const struct field_spec post_fields[] = {
    FIELD("id", KEYWORD, FROM("")),
    FIELD("network", KEYWORD, FROM("")),
    FIELD("text", TEXT, FROM("")),
    FIELD("lang", KEYWORD, FROM("")),
    FIELD("created", DATE, FROM("")),
    FIELD("received", DATE, FROM("")),
    FIELD("author", OBJECT, INSIDE(post_author)),
    FIELD("label", KEYWORD, FROM("")),
    FIELD("score", DOUBLE, FROM("")),
    FIELD("scorer", KEYWORD, FROM("")),
    FIELD("queries", KEYWORD, FROM("")),
    FIELD("hashtags", KEYWORD, FROM("")),
    FIELD("mentions", KEYWORD, FROM("")),
    FIELD("urls", KEYWORD, FROM("")),
    FIELD("coordinates", GEO_POINT, FROM("")),
    FIELD("generation", LONG, FROM("")),
};
static const struct schema_spec post_spec = { .name = { "post", 4 }, INSIDE(post_fields) };

/* plugins/schemas/tweet.lua */
static const struct field_spec tweet_user[] = { FIELD("id", LONG, FROM("")),
                                                FIELD("name", TEXT, FROM("")) };
static const struct field_spec tweet_place[] = { FIELD("type", KEYWORD, FROM("")),
                                                 FIELD("coordinates", GEO_POINT, FROM("")) };
static const struct field_spec tweet_fields[] = {
    FIELD("id", TEXT, FROM("raw.id_str")),
    FIELD("tweet", TEXT, FROM("raw.text")),
    FIELD("timestamp", DATE, FROM("raw.timestamp_ms"), .format = { "epoch_millis", 12 }),
    FIELD("user", OBJECT, FROM("raw.user"), INSIDE(tweet_user)),
    FIELD("sentiment", KEYWORD, FROM("label")),
    FIELD("coordinates", OBJECT, FROM("raw.coordinates"), INSIDE(tweet_place)),
    FIELD("hashtags", TEXT, FROM("raw.entities.hashtags.text")),
    FIELD("mentions", TEXT, FROM("raw.text"), .all = { "@\\w*", 4 }),
};
static const struct schema_spec tweet_spec = { .name = { "tweet", 5 },
                                               .key = { "raw.id_str", 10 },
                                               .text = { "raw.text", 8 },
                                               INSIDE(tweet_fields) };

/* One schema and the record it is tried on. */
struct bench {
    struct post_reading reading;
    struct schema *schema;
    struct schema_scratch *scratch;
};

static void bench_begin(struct bench *bench, const struct schema_spec *spec) {
    const struct field_spec *bad_field;
    struct error err;
    reading_init(&bench->reading);
    bench->schema = schema_create(spec, bench->reading.projection, &bad_field, &err);
    assert_non_null(bench->schema);
    reading_seal(&bench->reading);
    bench->scratch = schema_scratch_create();
}

static void bench_end(struct bench *bench) {
    schema_scratch_destroy(bench->scratch);
    schema_destroy(bench->schema);
    reading_free(&bench->reading);
}

/* The document of the last record read, scored as positive. */
static struct slice document(struct bench *bench) {
    static const char *const names[] = { "coffee", "tea" };
    static const uint32_t matched[] = { 0, 1 };
    struct post_reading *reading = &bench->reading;
    struct document_context context = { .query_names = names, .generation = 3 };
    reading->message.label = SLICE("positive");
    reading->message.scorer = SLICE("vader");
    reading->message.scored = true;
    reading->message.score = 0.6369;
    reading->message.queries = matched;
    reading->message.query_count = 2;
    return schema_document(bench->schema, bench->scratch, &reading->message, reading->slots,
                           &context, &reading->arena);
}

static void assert_is(struct slice got, const char *expected) {
    if (!slice_is(got, expected))
        fail_msg("\n     got: %.*s\nexpected: %s", SLICE_ARGS(got), expected);
}

static void assert_document(struct bench *bench, const char *json, const char *expected) {
    read_text(&bench->reading, json);
    assert_int_equal(bench->reading.message.kind, MESSAGE_POST);
    assert_is(document(bench), expected);
}

static void a_tweet_becomes_a_post(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &post_spec);
    read_record(&bench.reading, data_file(&bench.reading.arena, "x-v1.1/tweet-full.json"));
    assert_is(
        document(&bench),
        "{\"id\":\"1050118621198921728\",\"network\":\"x\",\"text\":\"I love this & that "
        "#happy http://t.co/abc123\",\"lang\":\"en\",\"created\":\"2018-10-10T20:19:24.000Z\","
        "\"received\":\"2023-11-14T22:13:20.000Z\",\"author\":{\"id\":\"6253282001\","
        "\"handle\":\"ada_sample\",\"name\":\"Ada \xF0\x9F\x98\x80\"},\"label\":\"positive\","
        "\"score\":0.6369,\"scorer\":\"vader\",\"queries\":[\"coffee\",\"tea\"],\"hashtags\":"
        "[\"happy\"],\"mentions\":[],\"urls\":[\"https://example.com/page\"],\"coordinates\":"
        "{\"lon\":-9.1393,\"lat\":38.7223},\"generation\":3}");
    assert_true(slice_is(schema_key(bench.schema, &bench.reading.message, bench.reading.slots),
                         "x:1050118621198921728"));
    assert_string_equal(schema_name(bench.schema), "post");
    bench_end(&bench);
}

static void what_a_post_lacks_is_left_out(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &post_spec);
    read_text(&bench.reading, "just a line");
    bench.reading.message.id = SLICE("7");
    assert_null(bench.reading.slots);
    assert_is(
        document(&bench),
        "{\"id\":\"7\",\"network\":\"plain\",\"text\":\"just a "
        "line\",\"lang\":\"und\",\"received\":"
        "\"2023-11-14T22:13:20.000Z\",\"label\":\"positive\",\"score\":0.6369,\"scorer\":"
        "\"vader\",\"queries\":[\"coffee\",\"tea\"],\"hashtags\":[],\"mentions\":[],\"urls\":[],"
        "\"generation\":3}");
    bench_end(&bench);
}

static void a_document_of_post_reads_back_as_the_same_post(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &post_spec);
    read_record(&bench.reading, data_file(&bench.reading.arena, "x-v1.1/tweet-full.json"));
    struct slice first = document(&bench), key = bench.reading.message.key;
    read_record(&bench.reading, first);
    assert_int_equal(bench.reading.message.kind, MESSAGE_POST);
    assert_true(slice_equal(bench.reading.message.key, key));
    assert_true(slice_equal(document(&bench), first));
    bench_end(&bench);
}

static void a_tweet_becomes_the_prototype_s_document(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &tweet_spec);
    read_record(&bench.reading, data_file(&bench.reading.arena, "x-v1.1/tweet-full.json"));
    assert_is(document(&bench),
              "{\"id\":\"1050118621198921728\",\"tweet\":\"I love this &amp; that #happy "
              "http://t.co/abc123\",\"timestamp\":\"1539202764000\",\"user\":{\"id\":6253282001,"
              "\"name\":\"Ada \xF0\x9F\x98\x80\"},\"sentiment\":\"positive\",\"coordinates\":{"
              "\"type\":\"Point\",\"coordinates\":[-9.1393,38.7223]},\"hashtags\":[\"happy\"],"
              "\"mentions\":[]}");
    const struct post_reading *reading = &bench.reading;
    assert_true(slice_is(schema_key(bench.schema, &reading->message, reading->slots),
                         "1050118621198921728"));
    assert_true(slice_starts(schema_text(bench.schema, &reading->message, reading->slots),
                             SLICE("I love this &amp;")));
    bench_end(&bench);
}

static void nulls_stay_null_and_empty_arrays_empty(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &tweet_spec);
    assert_document(
        &bench,
        "{\"id_str\":\"1\",\"text\":\"hi @ada, @b\xC3\xA9 @\",\"created_at\":\"x\","
        "\"timestamp_ms\":null,\"user\":{\"id\":null},\"coordinates\":null,"
        "\"entities\":{\"hashtags\":[]}}",
        "{\"id\":\"1\",\"tweet\":\"hi @ada, @b\xC3\xA9 @\",\"timestamp\":null,\"user\":{"
        "\"id\":null},\"sentiment\":\"positive\",\"coordinates\":null,\"hashtags\":[],"
        "\"mentions\":[\"@ada\",\"@b\xC3\xA9\",\"@\"]}");
    assert_document(&bench,
                    "{\"id_str\":\"1\",\"text\":\"\",\"created_at\":\"x\",\"user\":[],"
                    "\"entities\":{\"hashtags\":[{\"text\":null},{\"x\":1},{\"text\":\"b\"}]}}",
                    "{\"id\":\"1\",\"tweet\":\"\",\"user\":[],\"sentiment\":\"positive\","
                    "\"hashtags\":[null,\"b\"],\"mentions\":[]}");
    bench_end(&bench);
}

static void wrong_types_are_written_as_they_came(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &tweet_spec);
    assert_document(&bench,
                    "{\"id_str\":\"1\",\"text\":\"a\",\"created_at\":\"x\",\"timestamp_ms\":{},"
                    "\"user\":7,\"coordinates\":[\"a\",1],\"entities\":\"none\"}",
                    "{\"id\":\"1\",\"tweet\":\"a\",\"user\":7,\"sentiment\":\"positive\","
                    "\"coordinates\":[\"a\",1],\"mentions\":[]}");
    assert_document(&bench,
                    "{\"id_str\":\"1\",\"text\":\"a\",\"created_at\":\"x\",\"user\":{\"id\":"
                    "18446744073709551615,\"name\":[\"x\",{\"y\":1},true]}}",
                    "{\"id\":\"1\",\"tweet\":\"a\",\"user\":{\"id\":18446744073709551615,\"name\":"
                    "[\"x\",true]},\"sentiment\":\"positive\",\"mentions\":[]}");
    bench_end(&bench);
}

static void hostile_text_is_escaped(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &tweet_spec);
    assert_document(&bench,
                    "{\"id_str\":\"1\",\"created_at\":\"x\",\"text\":\"\\u0000\\\"},{\\n\\ud800\"}",
                    "{\"id\":\"1\",\"tweet\":\"\\u0000\\\"},{\\n\xEF\xBF\xBD\",\"sentiment\":"
                    "\"positive\",\"mentions\":[]}");
    bench_end(&bench);
}

static void mappings_are_the_documents_shape(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &tweet_spec);
    assert_is(schema_mapping(bench.schema, &bench.reading.arena),
              "{\"mappings\":{\"properties\":{\"id\":{\"type\":\"text\"},\"tweet\":{\"type\":"
              "\"text\"},\"timestamp\":{\"type\":\"date\",\"format\":\"epoch_millis\"},\"user\":{"
              "\"properties\":{\"id\":{\"type\":\"long\"},\"name\":{\"type\":\"text\"}}},"
              "\"sentiment\":{\"type\":\"keyword\"},\"coordinates\":{\"properties\":{\"type\":{"
              "\"type\":\"keyword\"},\"coordinates\":{\"type\":\"geo_point\"}}},\"hashtags\":{"
              "\"type\":\"text\"},\"mentions\":{\"type\":\"text\"}}}}");
    bench_end(&bench);
    bench_begin(&bench, &post_spec);
    struct slice mapping = schema_mapping(bench.schema, &bench.reading.arena);
    assert_true(slice_starts(mapping, SLICE("{\"mappings\":{\"properties\":{\"id\":{\"type\":"
                                            "\"keyword\"},\"network\":{\"type\":\"keyword\"}")));
    assert_true(slice_ends(mapping, SLICE("\"coordinates\":{\"type\":\"geo_point\"},"
                                          "\"generation\":{\"type\":\"long\"}}}}")));
    bench_end(&bench);
}

static const struct field_spec patterns[] = {
    FIELD("empty", KEYWORD, FROM("text"), .all = { "x*", 2 }),
    FIELD("none", KEYWORD, FROM("raw.absent"), .all = { "x", 1 }),
    FIELD("wide", KEYWORD, FROM("text"), .all = { "\xC3\xA9+", 3 }),
    FIELD("slow", KEYWORD, FROM("text"), .all = { "(a+)+$", 6 }),
};
static const struct schema_spec pattern_spec = { .name = { "p", 1 }, INSIDE(patterns) };

static void patterns_give_every_match_and_no_pattern_hangs(void **state) {
    (void)state;
    struct bench bench;
    bench_begin(&bench, &pattern_spec);
    assert_document(&bench, "{\"text\":\"\xC3\xA9xx\xF0\x9F\x98\x80\xC3\xA9\xC3\xA9\"}",
                    "{\"empty\":[\"\",\"xx\",\"\",\"\",\"\",\"\"],\"wide\":[\"\xC3\xA9\",\"\xC3\xA9"
                    "\xC3\xA9\"],\"slow\":[]}");
    char json[6000] = "{\"text\":\"";
    memset(json + 9, 'a', 5000);
    memcpy(json + 5009, "!\"}", 4);
    read_text(&bench.reading, json);
    assert_true(slice_ends(document(&bench), SLICE("\"slow\":[]}")));
    bench_end(&bench);
}

static const struct field_spec one_field[] = { FIELD("text", TEXT, FROM("")) };
static const struct schema_spec number_spec = { .name = { "n", 1 },
                                                .key = { "raw.id", 6 },
                                                INSIDE(one_field) };

static void a_key_may_be_a_number_and_falls_back_to_the_message_s(void **state) {
    (void)state;
    static const struct {
        const char *id, *key;
    } cases[] = { { "18446744073709551615", "18446744073709551615" },
                  { "\"a\"", "a" },
                  { "\"\"", NULL },
                  { "null", NULL },
                  { "true", NULL },
                  { "{}", NULL } };
    struct bench bench;
    bench_begin(&bench, &number_spec);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char json[80];
        snprintf(json, sizeof json, "{\"text\":\"a\",\"id\":%s}", cases[i].id);
        const struct message *message = read_text(&bench.reading, json);
        struct slice key = schema_key(bench.schema, message, bench.reading.slots);
        assert_true(slice_equal(key, cases[i].key ? slice_of(cases[i].key) : message->key));
    }
    read_text(&bench.reading, "a line");
    assert_true(slice_equal(schema_key(bench.schema, &bench.reading.message, NULL),
                            bench.reading.message.key));
    assert_true(slice_is(schema_text(bench.schema, &bench.reading.message, NULL), "a line"));
    bench_end(&bench);
}

static void a_delete_is_keyed_by_what_its_record_has_else_by_the_network_s_id(void **state) {
    (void)state;
    static const struct schema_spec spec = { .name = { "own", 3 },
                                             .key = { "raw.commit.rkey", 15 } };
    struct bench bench;
    bench_begin(&bench, &spec);
    read_text(&bench.reading,
              "{\"did\":\"did:plc:a\",\"time_us\":1,\"kind\":\"commit\",\"commit\":{\"operation\":"
              "\"delete\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"3k\"}}");
    const struct message *message = &bench.reading.message;
    assert_int_equal(message->kind, MESSAGE_DELETE);
    assert_true(slice_is(schema_key(bench.schema, message, bench.reading.slots), "3k"));
    read_text(&bench.reading, "{\"delete\":{\"status\":{\"id\":7,\"id_str\":\"7\"}}}");
    assert_true(slice_is(schema_key(bench.schema, message, bench.reading.slots), "7"));
    bench_end(&bench);
}

static void a_place_is_forgotten_wherever_the_schema_has_it(void **state) {
    (void)state;
    static const struct field_spec inner[] = { FIELD("name", KEYWORD, FROM("raw.place.full_name")),
                                               FIELD("lang", KEYWORD, FROM("lang")) };
    static const struct field_spec fields[] = {
        FIELD("at", OBJECT, FROM("raw.user"), INSIDE(inner)),
        FIELD("where", GEO_POINT, .function = 1),
        FIELD("country", KEYWORD, FROM("raw.includes.places.country_code")),
        FIELD("placed", KEYWORD, FROM("raw.placed")), /* no member about a place */
    };
    static const struct schema_spec own = { .name = { "own", 3 }, INSIDE(fields) };
    static const struct {
        const struct schema_spec *spec;
        const char *patch;
    } cases[] = { { &post_spec, "{\"coordinates\":null}" },
                  { &tweet_spec, "{\"coordinates\":null}" },
                  { &own, "{\"at\":{\"name\":null},\"where\":null,\"country\":null}" } };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct bench bench;
        bench_begin(&bench, cases[i].spec);
        assert_is(schema_unlocated(bench.schema), cases[i].patch);
        bench_end(&bench);
    }
}

/* Compiling `field` as a schema's only one fails and says so. */
static void assert_refused(const struct field_spec *fields, size_t count, const char *said,
                           const struct field_spec *at_fault) {
    struct schema_spec spec = { .name = { "s", 1 }, .fields = fields, .field_count = count };
    struct projection *projection = projection_create();
    const struct field_spec *bad_field = NULL;
    struct error err;
    assert_null(schema_create(&spec, projection, &bad_field, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    if (strstr(err.text, said) == NULL) fail_msg("%s", err.text);
    assert_ptr_equal(bad_field, at_fault);
    projection_destroy(projection);
}

static void mistakes_are_told_with_their_field(void **state) {
    (void)state;
    static const struct field_spec unknown[] = { FIELD("id", KEYWORD, FROM("")),
                                                 FIELD("lnag", KEYWORD, FROM("")) };
    static const struct field_spec twice[] = { FIELD("id", KEYWORD, FROM("")),
                                               FIELD("id", TEXT, FROM("")) };
    static const struct field_spec path[] = { FIELD("a", KEYWORD, FROM("raw.a..b")) };
    static const struct field_spec pattern[] = { FIELD("a", KEYWORD, FROM("text"),
                                                       .all = { "(", 1 }) };
    static const struct field_spec half[] = {
        FIELD("a", KEYWORD, FROM("text"), .all = { "\\C", 2 }) /* half a character */
    };
    static const struct field_spec list[] = { FIELD("a", KEYWORD, FROM("hashtags"),
                                                    .all = { "x", 1 }) };
    static const struct field_spec deep[] = { FIELD("author", OBJECT, INSIDE(unknown)) };
    assert_refused(unknown, 2, "lnag", &unknown[1]);
    assert_refused(twice, 2, "two fields \"id\"", &twice[1]);
    assert_refused(path, 1, "raw.a..b", &path[0]);
    assert_refused(pattern, 1, "pattern", &pattern[0]);
    assert_refused(half, 1, "pattern", &half[0]);
    assert_refused(list, 1, "hashtags", &list[0]);
    assert_refused(deep, 1, "author.lnag", &unknown[1]);
}

static void types_have_names(void **state) {
    (void)state;
    assert_int_equal(field_type_find(SLICE("geo_point")), FIELD_GEO_POINT);
    assert_int_equal(field_type_find(SLICE("object")), -1);
    assert_int_equal(field_type_find(SLICE("")), -1);
    size_t count = 0;
    for (; field_type_name(count); count++)
        assert_int_equal(field_type_find(slice_of(field_type_name(count))), count);
    assert_int_equal(count, FIELD_OBJECT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tweet_becomes_a_post),
        cmocka_unit_test(what_a_post_lacks_is_left_out),
        cmocka_unit_test(a_document_of_post_reads_back_as_the_same_post),
        cmocka_unit_test(a_tweet_becomes_the_prototype_s_document),
        cmocka_unit_test(nulls_stay_null_and_empty_arrays_empty),
        cmocka_unit_test(wrong_types_are_written_as_they_came),
        cmocka_unit_test(hostile_text_is_escaped),
        cmocka_unit_test(mappings_are_the_documents_shape),
        cmocka_unit_test(patterns_give_every_match_and_no_pattern_hangs),
        cmocka_unit_test(a_key_may_be_a_number_and_falls_back_to_the_message_s),
        cmocka_unit_test(a_delete_is_keyed_by_what_its_record_has_else_by_the_network_s_id),
        cmocka_unit_test(a_place_is_forgotten_wherever_the_schema_has_it),
        cmocka_unit_test(mistakes_are_told_with_their_field),
        cmocka_unit_test(types_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
