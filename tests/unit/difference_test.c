/* What the report of a reload says about two configurations. */
#include "config/difference.h"
#include "config_fixture.h"

struct change {
    const char *before, *after;
    const char *says;
    const char *file, *file_before, *file_after; /* one more file */
};

#define LEXICON(words) "return linnet.lexicon { words = { " words " } }"
#define MOOD "return { scorers = { en = linnet.scorer { engine = 'vader', lexicon = 'mood' } } }"

#define DIALECTS(list) "return { dialects = { " list " } }"

static const struct change changes[] = {
    { "return {}", "return {}", "nothing changed", NULL, NULL, NULL },
    { "return { track = { a = 'x', b = 'y', c = 'z' } }",
      "return { track = { b = 'y', c = 'zz', d = 'w' } }",
      "queries: 1 added (d), 1 removed (a), 1 changed (c)", NULL, NULL, NULL },
    { "return { track = { a = 'x' } }",
      "return { track = { a = 'x', b = 'x', c = 'x', d = 'x', e = 'x' } }",
      "queries: 4 added (b, c, d ...)", NULL, NULL, NULL },
    { "return { track = { a = 'x' } }", "return { track = { a = linnet.track 'x' } }",
      "queries: 1 changed (a)", NULL, NULL, NULL },
    { "return { track = { a = 'x' } }", "return {}",
      "queries: 1 removed (a)\nno queries: everything is kept", NULL, NULL, NULL },
    { MOOD, MOOD, "words of en: 1 added (meh), 1 removed (crude), 1 changed (good)",
      "lexicons/mood.lua", LEXICON("good = 1, bad = -1, crude = -2"),
      LEXICON("good = 2, bad = -1, meh = -0.5") },
    { "return { scorers = { en = 'vader' } }", "return { scorers = { en = 'textblob' } }",
      "scorer for en: vader -> textblob", NULL, NULL, NULL },
    { "return { scorers = { en = 'vader', default = 'none' } }",
      "return { scorers = { en = 'vader', fr = 'vader', default = 'vader' } }",
      "scorer for fr: none -> vader\nscorer for other languages: none -> vader", NULL, NULL, NULL },
    { "return { labels = { { 'bad', upto = 0 }, { 'good' } } }",
      "return { labels = { { 'bad', below = 0 }, { 'good' } } }", "labels: changed", NULL, NULL,
      NULL },
    { "return { schema = linnet.schema { { 'id', 'keyword' }, { 'text', 'text' } } }",
      "return { schema = linnet.schema { { 'id', 'text' }, { 'lang', 'keyword' } } }",
      "fields of schema inline: 1 added (lang), 1 removed (text), 1 changed (id)", NULL, NULL,
      NULL },
    { "return { schema = 'post' }", "return { schema = 'tweet' }", "schema: post -> tweet", NULL,
      NULL, NULL },
    { "return { sinks = { a = linnet.ndjson { path = 'a' }, b = linnet.ndjson { path = 'b' } } }",
      "return { sinks = { b = linnet.ndjson { path = 'b', size = '2MiB' },"
      "                   c = linnet.ndjson { path = 'c' } } }",
      "sinks: 1 added (c), 1 removed (a), 1 changed (b)", NULL, NULL, NULL },
    { "return { sinks = { a = linnet.ndjson { path = 'a' } } }",
      "return { sinks = { a = linnet.ndjson { path = 'a', schema = 'tweet' } } }",
      "schema of a: post -> tweet", NULL, NULL, NULL },
    { "return { sources = { a = linnet.file { path = 'a' } } }", "return { sources = {} }",
      "sources: 1 removed (a)", NULL, NULL, NULL },
    { DIALECTS("linnet.dialect { network = 'forum', has = { 'thread' }, text = 'body' }"),
      DIALECTS("linnet.dialect { network = 'forum', has = { 'thread' }, text = 'text' }"),
      "dialects: 1 changed (forum)", NULL, NULL, NULL },
    { DIALECTS("'forum'"), DIALECTS("'forum'"), "dialects: 1 changed (forum)", "dialects/forum.lua",
      "return linnet.dialect { network = 'f', has = { 'thread' }, text = 'body' }",
      "return linnet.dialect { network = 'f', has = { 'thread', 'post' }, text = 'body' }" },
    { DIALECTS("linnet.dialect { network = 'f', has = { 'a' }, text = 'b', created = 'c' }"),
      DIALECTS("linnet.dialect { network = 'f', has = { 'a' }, text = 'b',"
               " created = { 'c', format = 'epoch_millis' } },"
               " linnet.dialect { network = 'f', has = { 'd' }, text = 'b' }"),
      "dialects: 1 added (f 2), 1 changed (f)", NULL, NULL, NULL },
    { "return { filters = { 'no_retweets', linnet.filter { keep = 'tea' } } }",
      "return { filters = { linnet.filter { keep = 'coffee' } } }",
      "filters: 1 removed (no_retweets), 1 changed (inline)", NULL, NULL, NULL },
    { "return { filters = { 'no_retweets', linnet.filter { keep = 'tea' } } }",
      "return { filters = { linnet.filter { keep = 'tea' }, 'no_retweets' } }",
      "filters: another order", NULL, NULL, NULL },
    { "return { workers = 1 }", "return { workers = 2 }",
      "workers: 1 -> 2, takes effect at the next start", NULL, NULL, NULL },
};

static struct snapshot *load_noting(const char *text, struct inputs *inputs) {
    struct error err = { 0 };
    inputs_init(inputs);
    struct snapshot *snapshot =
        load_with(text, (struct snapshot_request){ .generation = 1, .inputs = inputs }, &err);
    if (snapshot == NULL) fail_msg("%s: %s", text, err.text);
    return snapshot;
}

static void check_change(const struct change *change) {
    struct inputs inputs_before, inputs_after;
    struct arena arena;
    arena_init(&arena);
    if (change->file) write_file(change->file, change->file_before);
    struct snapshot *before = load_noting(change->before, &inputs_before);
    if (change->file) write_file(change->file, change->file_after);
    struct snapshot *after = load_noting(change->after, &inputs_after);
    struct slice said = snapshot_difference(&(struct version){ before, &inputs_before },
                                            &(struct version){ after, &inputs_after }, &arena);
    assert_string_equal(said.data, change->says);
    snapshot_release(before);
    snapshot_release(after);
    inputs_free(&inputs_before);
    inputs_free(&inputs_after);
    arena_free(&arena);
}

static void each_change_is_said_in_words(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(changes); i++)
        check_change(&changes[i]);
}

static void a_comment_is_told_as_a_changed_file(void **state) {
    (void)state;
    struct inputs first, second;
    struct arena arena;
    arena_init(&arena);
    struct snapshot *before = load_noting("return {}", &first);
    struct snapshot *after = load_noting("return {} -- new", &second);
    struct slice said = snapshot_difference(&(struct version){ before, &first },
                                            &(struct version){ after, &second }, &arena);
    assert_true(slice_starts(said, SLICE("files, not what they declare as data: 1 changed (")));
    snapshot_release(before);
    snapshot_release(after);
    inputs_free(&first);
    inputs_free(&second);
    arena_free(&arena);
}

static void a_load_notes_what_it_read_and_what_it_missed(void **state) {
    (void)state;
    struct inputs inputs;
    struct snapshot *snapshot = load_noting("return {}", &inputs);
    const struct input *input = inputs_find(&inputs, below("linnet.lua"));
    assert_non_null(input);
    assert_false(input->missing);
    input = inputs_find(&inputs, below("schemas/post.lua"));
    assert_non_null(input);
    assert_true(input->missing);
    snapshot_release(snapshot);
    inputs_free(&inputs);
}

static void a_load_that_fails_notes_it_too(void **state) {
    (void)state;
    struct inputs inputs;
    struct error err;
    inputs_init(&inputs);
    assert_null(load("return { schema = 'nope' }", &err)); /* nobody asks for its inputs */
    assert_null(load_with("return { schema = 'nope' }",
                          (struct snapshot_request){ .inputs = &inputs }, &err));
    assert_non_null(inputs_find(&inputs, below("schemas/nope.lua")));
    inputs_free(&inputs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_is_said_in_words),
        cmocka_unit_test(a_comment_is_told_as_a_changed_file),
        cmocka_unit_test(a_load_notes_what_it_read_and_what_it_missed),
        cmocka_unit_test(a_load_that_fails_notes_it_too),
    };
    return cmocka_run_group_tests_name("difference", tests, make_folder, remove_folder);
}
