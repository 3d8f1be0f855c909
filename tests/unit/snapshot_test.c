/* What a good configuration becomes, and what flags change of it. */
#include "config_fixture.h"

#include "sinks/registry.h"

static struct snapshot *load_good(const char *text) {
    struct error err = { 0 };
    char shown[2000] = "";
    struct snapshot *snapshot = load(text, &err);
    if (snapshot == NULL) {
        error_print(&err, shown, sizeof shown);
        fail_msg("%s", shown);
    }
    return snapshot;
}

static const char *scorer_of(const struct snapshot *snapshot, const char *lang) {
    const struct scorer *scorer = snapshot_scorer(snapshot, slice_of(lang));
    return scorer ? scorer->name : "none";
}

static double score_of(const struct snapshot *snapshot, const char *lang, const char *text) {
    struct arena arena;
    const struct scorer *scorer = snapshot_scorer(snapshot, slice_of(lang));
    arena_init(&arena);
    double value = scorer->ops->score(scorer->engine, slice_of(text), &arena, false).value;
    arena_free(&arena);
    return value;
}

static void without_a_configuration_there_are_defaults(void **state) {
    (void)state;
    struct error err = { 0 };
    struct snapshot_request request = { .defaults = true, .share = ".", .parts = &parts };
    struct snapshot *snapshot = snapshot_load(&request, &err);
    assert_non_null(snapshot);
    assert_string_equal(snapshot->path, "");
    assert_string_equal(schema_name(snapshot->schemas[0]), "post");
    assert_string_equal(scorer_of(snapshot, "en"), "vader");
    assert_string_equal(scorer_of(snapshot, "en-GB"), "vader");
    assert_string_equal(scorer_of(snapshot, "EN"), "vader");
    assert_string_equal(scorer_of(snapshot, ""), "vader");
    assert_string_equal(scorer_of(snapshot, "und"), "vader");
    assert_string_equal(scorer_of(snapshot, "de"), "none");
    assert_ptr_equal(snapshot_scorer(snapshot, SLICE("en")), snapshot_scorer(snapshot, SLICE("")));
    assert_int_equal(snapshot->source_count, 0);
    assert_int_equal(snapshot->sink_count, 1);
    assert_string_equal(snapshot->sinks[0].kind->name, "stdout");
    assert_int_equal(query_set_count(snapshot->queries), 0);
    assert_int_equal(snapshot->workers, 1);
    snapshot_release(snapshot);
}

static void the_shipped_configurations_load(void **state) {
    (void)state;
    static const char *const queries[] = { "coffee", "music",   "school",  "sleep",
                                           "sports", "weather", "weekend", "work" };
    static const struct part_kind *const sinks[] = { &archive_sink.kind, NULL };
    const struct parts shipped = { .sources = parts.sources, .sinks = sinks };
    struct error err = { 0 };
    struct snapshot_request request = { .path = "config/linnet.lua",
                                        .share = ".",
                                        .parts = &shipped };
    struct snapshot *snapshot = snapshot_load(&request, &err);
    assert_non_null(snapshot);
    assert_int_equal(query_set_count(snapshot->queries), LENGTH(queries));
    for (size_t i = 0; i < LENGTH(queries); i++)
        assert_string_equal(snapshot->query_names[i], queries[i]);
    snapshot_release(snapshot);
    request.path = "config/prototype.lua";
    snapshot = snapshot_load(&request, &err);
    assert_non_null(snapshot);
    assert_string_equal(schema_name(snapshot->schemas[0]), "tweet");
    assert_string_equal(scorer_of(snapshot, "en"), "textblob");
    assert_string_equal(scorer_of(snapshot, "und"), "textblob");
    snapshot_release(snapshot);
}

static void parts_come_in_name_order_with_their_options(void **state) {
    (void)state;
    struct snapshot *snapshot = load_good(
        "return { sinks = {\n"
        "  zebra = linnet.ndjson { path = 'z', size = '1MB', flush = 2, pretty = true },\n"
        "  ant = linnet.ndjson { path = '/a', overflow = 'drop_oldest', size = 2048 },\n"
        "  ['m-1'] = linnet.stdout {} },\n"
        "  sources = { b = linnet.file { path = 'b' }, a = linnet.stdin {} } }");
    assert_int_equal(snapshot->sink_count, 3);
    assert_string_equal(snapshot->sinks[0].name, "ant");
    assert_string_equal(snapshot->sinks[1].name, "m-1");
    assert_string_equal(snapshot->sinks[2].name, "zebra");
    const struct ndjson_settings *ant = snapshot->sinks[0].settings;
    const struct ndjson_settings *zebra = snapshot->sinks[2].settings;
    assert_string_equal(ant->path, "/a");
    assert_string_equal(ant->overflow, "drop_oldest");
    assert_int_equal(ant->size, 2048);
    assert_int_equal(ant->flush_ms, 100);
    assert_string_equal(zebra->path, below("z"));
    assert_int_equal(zebra->size, 1000000);
    assert_int_equal(zebra->flush_ms, 2000);
    assert_true(zebra->pretty);
    assert_string_equal(snapshot->sources[0].name, "a");
    assert_string_equal(snapshot->sources[1].name, "b");
    snapshot_release(snapshot);
}

static void sinks_may_name_schemas_and_equal_ones_are_built_once(void **state) {
    (void)state;
    struct snapshot *snapshot =
        load_good("local own = linnet.schema { { 'text', 'text' } }\n"
                  "return { schema = 'tweet', sinks = {\n"
                  "  a = linnet.stdout {}, b = linnet.stdout { schema = 'post' },\n"
                  "  c = linnet.stdout { schema = own }, d = linnet.stdout { schema = 'tweet' },\n"
                  "  e = linnet.stdout { schema = own } } }");
    static const uint32_t expected[] = { 0, 1, 2, 0, 2 };
    assert_int_equal(snapshot->schema_count, 3);
    for (size_t i = 0; i < LENGTH(expected); i++)
        assert_int_equal(snapshot->sinks[i].schema, expected[i]);
    snapshot_release(snapshot);
}

static void a_users_lexicon_extends_the_shipped_one_of_its_name(void **state) {
    (void)state;
    write_file("lexicons/vader.lua", "return linnet.lexicon { extends = 'vader', words = {"
                                     " stonks = 2.4, great = -3 }, remove = { 'crude' } }");
    struct snapshot *snapshot = load_good("return {}");
    assert_true(score_of(snapshot, "en", "stonks") > 0.4);
    assert_true(score_of(snapshot, "en", "great") < -0.4);
    assert_true(score_of(snapshot, "en", "crude") == 0);
    assert_true(score_of(snapshot, "en", "awful") < -0.4);
    snapshot_release(snapshot);
    assert_int_equal(remove(below("lexicons/vader.lua")), 0);
    snapshot = load_good("return {}");
    assert_true(score_of(snapshot, "en", "stonks") == 0);
    snapshot_release(snapshot);
}

static void scorers_may_be_declared_in_place_or_required(void **state) {
    (void)state;
    write_file("scorers/finance.lua",
               "return linnet.scorer { engine = 'vader', lexicon = linnet.lexicon {"
               " words = { up = 1.5 } }, labels = { { 'bear', below = 0 }, { 'bull' } } }");
    struct snapshot *snapshot = load_good(
        "local f = require 'scorers.finance'\n"
        "return { scorers = { en = f, fr = 'finance', de = linnet.scorer { engine = 'textblob' },\n"
        "                     und = 'none', default = f } }");
    assert_string_equal(scorer_of(snapshot, "en"), "finance");
    assert_string_equal(scorer_of(snapshot, "de"), "de");
    assert_string_equal(scorer_of(snapshot, "und"), "none");
    assert_string_equal(scorer_of(snapshot, "pt"), "finance");
    assert_ptr_equal(snapshot_scorer(snapshot, SLICE("en")),
                     snapshot_scorer(snapshot, SLICE("fr")));
    assert_true(score_of(snapshot, "en", "up") > 0);
    struct score score = { .known = true, .value = -0.1 };
    const struct scorer *scorer = snapshot_scorer(snapshot, SLICE("en"));
    assert_true(slice_is(snapshot_label(snapshot, scorer, &score), "bear"));
    snapshot_release(snapshot);
}

static void labels_are_tried_in_order_and_no_score_is_unknown(void **state) {
    (void)state;
    struct snapshot *snapshot =
        load_good("return { labels = { { 'low', below = 0 }, { 'zero', upto = 0 }, { 'high' } } }");
    static const struct {
        double value;
        const char *label;
    } cases[] = { { -1, "low" }, { -0.0001, "low" }, { 0, "zero" }, { 0.0001, "high" } };
    const struct scorer *scorer = snapshot_scorer(snapshot, SLICE("en"));
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct score score = { .known = true, .value = cases[i].value };
        assert_true(slice_is(snapshot_label(snapshot, scorer, &score), cases[i].label));
    }
    struct score none = { 0 };
    assert_true(slice_is(snapshot_label(snapshot, scorer, &none), "unknown"));
    assert_true(slice_is(snapshot_label(snapshot, NULL, &none), "unknown"));
    snapshot_release(snapshot);
}

static void a_snapshot_lives_until_its_last_release(void **state) {
    (void)state;
    struct snapshot *snapshot = load_good("return {}");
    const struct snapshot *held = snapshot_hold(snapshot);
    snapshot_release(snapshot);
    assert_int_equal(held->workers, 1);
    assert_int_equal(held->generation, 1);
    snapshot_release(held);
}

/* ---- the command line ----------------------------------------------------------------------- */

static void flags_replace_sources_and_sinks(void **state) {
    (void)state;
    struct error err = { 0 };
    struct snapshot_request request = {
        .sources = LIST("-", "posts.ndjson", "file:a:b.gz", "data/x"),
        .sinks = LIST("ndjson:out", "stdout", "ndjson:other"),
        .settings = LIST("sinks.ndjson2.size=1MiB"),
    };
    struct snapshot *snapshot = load_with("return { sources = { s = linnet.stdin {} }, sinks = { a "
                                          "= linnet.ndjson { path = 'a' } } }",
                                          request, &err);
    static const char *const names[] = { "stdin", "file", "file2", "file3" };
    static const char *const paths[] = { NULL, "posts.ndjson", "a:b.gz", "data/x" };
    assert_non_null(snapshot);
    assert_int_equal(snapshot->source_count, LENGTH(names));
    for (size_t i = 0; i < LENGTH(names); i++) {
        const struct file_settings *settings = snapshot->sources[i].settings;
        assert_string_equal(snapshot->sources[i].name, names[i]);
        if (paths[i]) assert_string_equal(settings->path, paths[i]);
    }
    assert_int_equal(snapshot->sink_count, 3);
    assert_string_equal(snapshot->sinks[2].name, "ndjson2");
    assert_int_equal(((const struct ndjson_settings *)snapshot->sinks[2].settings)->size, 1048576);
    snapshot_release(snapshot);
}

static void set_reads_a_value_by_its_type(void **state) {
    (void)state;
    struct error err = { 0 };
    struct snapshot_request request = {
        .settings = LIST("workers=0", "schema=tweet", "scorers.en=textblob", "scorers.pt-BR=vader",
                         "sinks.out.path=there", "sinks.out.pretty=true", "sinks.out.schema=post",
                         "track.tea=tea OR chai"),
    };
    struct snapshot *snapshot = load_with("return { track = { coffee = 'coffee', zoo = 'zoo' },\n"
                                          "  sinks = { out = linnet.ndjson {} } }",
                                          request, &err);
    assert_non_null(snapshot);
    const struct ndjson_settings *out = snapshot->sinks[0].settings;
    assert_int_equal(snapshot->workers, 0);
    assert_string_equal(schema_name(snapshot->schemas[0]), "tweet");
    assert_string_equal(scorer_of(snapshot, "en"), "textblob");
    assert_string_equal(scorer_of(snapshot, "pt-br"), "vader");
    assert_string_equal(scorer_of(snapshot, "und"), "vader");
    assert_string_equal(out->path, "there");
    assert_true(out->pretty);
    assert_string_equal(schema_name(snapshot->schemas[snapshot->sinks[0].schema]), "post");
    assert_int_equal(query_set_count(snapshot->queries), 3);
    assert_string_equal(snapshot->query_names[1], "tea");
    snapshot_release(snapshot);
}

static void wrong_flags_are_wrong_usage(void **state) {
    (void)state;
    static const struct {
        const char *source, *sink, *set;
        const char *says, *suggests;
    } wrong[] = {
        { .sink = "ndjsn:out",
          .says = "-o ndjsn:out: there is no sink \"ndjsn\"",
          .suggests = "did you mean \"ndjson\"?" },
        { .sink = "elastic",
          .says = "-o elastic: there is no sink \"elastic\"",
          .suggests = "there are: ndjson, stdout" },
        { .sink = "stdout:x", .says = "-o stdout:x: nothing may follow stdout", .suggests = "" },
        { .sink = "ndjson", .says = "ndjson needs its path", .suggests = "write ndjson:path" },
        { .sink = "", .says = "-o names no sink", .suggests = "" },
        { .source = "file:", .says = "path takes a path, not \"\"", .suggests = "" },
        { .set = "workers=many",
          .says = "--set workers: workers takes a whole number from 0 to 64, not \"many\"",
          .suggests = "" },
        { .set = "worker=1",
          .says = "--set worker: the command line cannot set \"worker\"",
          .suggests = "did you mean \"workers\"?" },
        { .set = "workers", .says = "--set workers: write KEY=VALUE", .suggests = "" },
        { .set = "sinks.otu.path=a",
          .says = "--set sinks.otu.path: there is no sink \"otu\"",
          .suggests = "did you mean \"out\"?" },
        { .set = "sinks.out.pth=a",
          .says = "--set sinks.out.pth: ndjson has no \"pth\"",
          .suggests = "did you mean \"path\"?" },
        { .set = "sinks.out=a", .says = "--set sinks.out: ndjson has no \"\"", .suggests = "" },
        { .set = "sinks=a", .says = "--set sinks: say which: sinks.NAME", .suggests = "" },
        { .set = "schema.a=b", .says = "--set schema.a: schema has no members", .suggests = "" },
        { .set = "labels=a",
          .says = "--set labels: the command line cannot set \"labels\"",
          .suggests = "" },
    };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct error err = { 0 };
        const char *source[] = { wrong[i].source, NULL }, *sink[] = { wrong[i].sink, NULL },
                   *set[] = { wrong[i].set, NULL };
        struct snapshot_request request = { .sources = source, .sinks = sink, .settings = set };
        const char *text = "return { sinks = { out = linnet.ndjson { path = 'a' } } }";
        if (load_with(text, request, &err)) fail_msg("no error: %s", wrong[i].says);
        assert_string_equal(err.text, wrong[i].says);
        assert_string_equal(err.suggestion, wrong[i].suggests);
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

static void a_named_scorer_is_loaded_too(void **state) {
    (void)state;
    struct error err = { 0 };
    struct snapshot_request request = { .scorer = "textblob" };
    struct snapshot *snapshot = load_with("return {}", request, &err);
    assert_non_null(snapshot);
    assert_string_equal(snapshot->named_scorer->name, "textblob");
    snapshot_release(snapshot);
    request.scorer = "textblub";
    assert_null(load_with("return {}", request, &err));
    assert_string_equal(err.suggestion, "did you mean \"textblob\"?");
    assert_int_equal(err.line, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_configuration_there_are_defaults),
        cmocka_unit_test(the_shipped_configurations_load),
        cmocka_unit_test(parts_come_in_name_order_with_their_options),
        cmocka_unit_test(sinks_may_name_schemas_and_equal_ones_are_built_once),
        cmocka_unit_test(a_users_lexicon_extends_the_shipped_one_of_its_name),
        cmocka_unit_test(scorers_may_be_declared_in_place_or_required),
        cmocka_unit_test(labels_are_tried_in_order_and_no_score_is_unknown),
        cmocka_unit_test(a_snapshot_lives_until_its_last_release),
        cmocka_unit_test(flags_replace_sources_and_sinks),
        cmocka_unit_test(set_reads_a_value_by_its_type),
        cmocka_unit_test(wrong_flags_are_wrong_usage),
        cmocka_unit_test(a_named_scorer_is_loaded_too),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
