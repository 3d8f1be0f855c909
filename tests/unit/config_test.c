/* Configurations: what a good one becomes, and what a wrong one is told: place, caret, sentence,
 * suggestion. */
#include "config/snapshot.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include <cmocka.h>

/* ---- two tiny parts ------------------------------------------------------------------------- */

struct file_settings {
    const char *path;
};
static const struct option file_options[] = {
    { .name = "path", .type = OPTION_PATH, .offset = offsetof(struct file_settings, path) },
};
static const struct part_kind file_kind = {
    .name = "file",
    .argument = "path",
    .options = { file_options, LENGTH(file_options), sizeof(struct file_settings) },
};

struct ndjson_settings {
    const char *path, *when_full;
    int64_t size, flush_ms;
    bool pretty;
};
static const struct option ndjson_options[] = {
    { .name = "path", .type = OPTION_PATH, .offset = offsetof(struct ndjson_settings, path) },
    { .name = "when_full", .type = OPTION_CHOICE, .standard = "pause",
      .choices = "pause|drop_oldest", .offset = offsetof(struct ndjson_settings, when_full) },
    { .name = "size", .type = OPTION_BYTES, .standard = "10MiB", .lowest = 1024, .highest = 1e12,
      .offset = offsetof(struct ndjson_settings, size) },
    { .name = "flush", .type = OPTION_DURATION, .standard = "100ms",
      .offset = offsetof(struct ndjson_settings, flush_ms) },
    { .name = "pretty", .type = OPTION_BOOLEAN, .standard = "false",
      .offset = offsetof(struct ndjson_settings, pretty) },
};
static bool ndjson_check(const void *settings, struct error *err) {
    const struct ndjson_settings *ndjson = settings;
    if (!ndjson->pretty || ndjson->size > 4096) return true;
    return error_set(err, ERROR_CONFIG, "pretty documents need a size above 4KiB");
}
static const struct part_kind ndjson_kind = {
    .name = "ndjson",
    .argument = "path",
    .options = { ndjson_options, LENGTH(ndjson_options), sizeof(struct ndjson_settings) },
    .check = ndjson_check,
};
static const struct part_kind stdin_kind = { .name = "stdin" }, stdout_kind = { .name = "stdout" };

static const struct part_kind *const source_kinds[] = { &file_kind, &stdin_kind, NULL };
static const struct part_kind *const sink_kinds[] = { &ndjson_kind, &stdout_kind, NULL };
static const struct parts parts = { source_kinds, sink_kinds };

/* ---- files ---------------------------------------------------------------------------------- */

static char folder[64];

static const char *below(const char *name) {
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(below(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    fclose(file);
}

static int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/linnet-config-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    mkdir(below("scorers"), 0700);
    mkdir(below("schemas"), 0700);
    mkdir(below("lexicons"), 0700);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static struct snapshot *load_with(const char *text, struct snapshot_request request,
                                  struct error *err) {
    char path[200];
    write_file("linnet.lua", text);
    snprintf(path, sizeof path, "%s", below("linnet.lua"));
    request.path = path;
    request.share = ".";
    request.parts = &parts;
    return snapshot_load(&request, err);
}

static struct snapshot *load(const char *text, struct error *err) {
    return load_with(text, (struct snapshot_request){ .generation = 1 }, err);
}

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

/* ---- wrong configurations ------------------------------------------------------------------- */

struct wrong {
    const char *text;             /* of linnet.lua */
    const char *place;            /* "line:column" there, or "file:line:column" */
    const char *at;               /* what stands at the caret */
    const char *says;             /* the sentence; the folder is left out */
    const char *suggests;         /* NULL: nothing */
    const char *file, *file_text; /* one more file */
};

#include "config_cases.h"
#include "plugin_cases.h"

/* `text` without the name of the test's folder. */
static const char *without_folder(const char *text) {
    static char out[2000];
    size_t used = 0, skip = strlen(folder);
    while (*text && used < sizeof out - 1) {
        bool here = strncmp(text, folder, skip) == 0 && text[skip] == '/';
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
    if (strcmp(place, expected) != 0 || strcmp(without_folder(err.text), wrong->says) != 0)
        fail_msg("%s says %s:\n%s\nnot %s:\n%s", wrong->text, place, without_folder(err.text),
                 expected, wrong->says);
    assert_string_equal(err.suggestion, wrong->suggests ? wrong->suggests : "");
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
    assert_int_equal(chdir(folder), 0);
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

/* ---- good configurations -------------------------------------------------------------------- */

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
    struct error err = { 0 };
    struct snapshot_request request = { .path = "config/linnet.lua", .share = ".",
                                        .parts = &parts };
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
        "  ant = linnet.ndjson { path = '/a', when_full = 'drop_oldest', size = 2048 },\n"
        "  ['m-1'] = linnet.stdout {} },\n"
        "  sources = { b = linnet.file { path = 'b' }, a = linnet.stdin {} } }");
    assert_int_equal(snapshot->sink_count, 3);
    assert_string_equal(snapshot->sinks[0].name, "ant");
    assert_string_equal(snapshot->sinks[1].name, "m-1");
    assert_string_equal(snapshot->sinks[2].name, "zebra");
    const struct ndjson_settings *ant = snapshot->sinks[0].settings;
    const struct ndjson_settings *zebra = snapshot->sinks[2].settings;
    assert_string_equal(ant->path, "/a");
    assert_string_equal(ant->when_full, "drop_oldest");
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
    struct snapshot *snapshot = load_good(
        "return { labels = { { 'low', below = 0 }, { 'zero', upto = 0 }, { 'high' } } }");
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

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void flags_replace_sources_and_sinks(void **state) {
    (void)state;
    struct error err = { 0 };
    struct snapshot_request request = {
        .sources = LIST("-", "posts.ndjson", "file:a:b.gz", "data/x"),
        .sinks = LIST("ndjson:out", "stdout", "ndjson:other"),
        .settings = LIST("sinks.ndjson2.size=1MiB"),
    };
    struct snapshot *snapshot = load_with(
        "return { sources = { s = linnet.stdin {} }, sinks = { a = linnet.ndjson { path = 'a' } } }",
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
    struct snapshot *snapshot =
        load_with("return { track = { coffee = 'coffee', zoo = 'zoo' },\n"
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
        { .sink = "ndjsn:out", .says = "-o ndjsn:out: there is no sink \"ndjsn\"",
          .suggests = "did you mean \"ndjson\"?" },
        { .sink = "elastic", .says = "-o elastic: there is no sink \"elastic\"",
          .suggests = "there are: ndjson, stdout" },
        { .sink = "stdout:x", .says = "-o stdout:x: nothing may follow stdout", .suggests = "" },
        { .sink = "ndjson", .says = "ndjson needs its path", .suggests = "write ndjson:path" },
        { .sink = "", .says = "-o names no sink", .suggests = "" },
        { .source = "file:", .says = "path takes a path, not \"\"", .suggests = "" },
        { .set = "workers=many",
          .says = "--set workers: workers takes a whole number from 0 to 64, not \"many\"",
          .suggests = "" },
        { .set = "worker=1", .says = "--set worker: the command line cannot set \"worker\"",
          .suggests = "did you mean \"workers\"?" },
        { .set = "workers", .says = "--set workers: write KEY=VALUE", .suggests = "" },
        { .set = "sinks.otu.path=a", .says = "--set sinks.otu.path: there is no sink \"otu\"",
          .suggests = "did you mean \"out\"?" },
        { .set = "sinks.out.pth=a", .says = "--set sinks.out.pth: ndjson has no \"pth\"",
          .suggests = "did you mean \"path\"?" },
        { .set = "sinks.out=a", .says = "--set sinks.out: ndjson has no \"\"", .suggests = "" },
        { .set = "sinks=a", .says = "--set sinks: say which: sinks.NAME", .suggests = "" },
        { .set = "schema.a=b", .says = "--set schema.a: schema has no members", .suggests = "" },
        { .set = "labels=a", .says = "--set labels: the command line cannot set \"labels\"",
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
        cmocka_unit_test(a_wrong_configuration_says_where_and_why),
        cmocka_unit_test(a_wrong_plugin_says_where_and_why),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_configuration_is_looked_for_in_three_places),
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
