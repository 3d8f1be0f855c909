/* Verb "dashboards": a dashboard over the index that linnet fills, as Kibana and OpenSearch
 * Dashboards import it. */
#include "cli/dashboards.h"
#include "cli/print.h"
#include "cli/saved_objects.h"
#include "cli/setup.h"
#include "index/link.h"
#include "sinks/registry.h"

/* What an index is called where nobody says it. */
#define USUAL_INDEX "posts*"
#define MOST_TARGETS 16
#define MOST_LABELS 16

/* Indices with the schema of what is in them. */
struct target {
    struct slice pattern;
    const struct schema *schema;
};

/* What a sink fills: "posts", "posts-*"; empty: no index. */
static struct slice pattern_of(const struct part_config *sink, struct arena *arena) {
    struct index_place place;
    struct error err;
    if (sink->kind != &opensearch_sink.kind) return SLICE("");
    const struct index_settings *settings = sink->settings;
    bool good = index_place_read(settings->url, settings->index, arena, &place, &err);
    return good ? index_place_pattern(&place, arena) : SLICE("");
}

static bool has_capitals(const char *text) {
    return text[strcspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0';
}

/* --index, else those of the sinks, else the usual one. */
static size_t find_targets(const struct arguments *arguments, const struct snapshot *snapshot,
                           struct arena *arena, struct target targets[MOST_TARGETS]) {
    const char *named = argument_value(arguments, FLAG_INDEX);
    size_t count = 0;
    for (size_t i = 0; i < snapshot->sink_count && count < MOST_TARGETS; i++) {
        struct slice pattern = pattern_of(&snapshot->sinks[i], arena);
        if (pattern.length && (named == NULL || slice_is(pattern, named)))
            targets[count++] =
                (struct target){ pattern, snapshot->schemas[snapshot->sinks[i].schema] };
    }
    if (count) return count;
    if (named && has_capitals(named))
        complain("linnet dashboards: names of indices have no capital letters: there will be "
                 "nothing in %s\n",
                 named);
    if (named == NULL)
        complain("linnet dashboards: no sink fills an index: made for %s; --index names another\n",
                 USUAL_INDEX);
    targets[0] = (struct target){ slice_of(named ? named : USUAL_INDEX), snapshot->schemas[0] };
    return 1;
}

static size_t add_labels(const struct label_rule *rules, size_t rule_count,
                         struct slice labels[MOST_LABELS], size_t count) {
    for (size_t i = 0; i < rule_count && count < MOST_LABELS; i++) {
        size_t known = 0;
        while (known < count && !slice_equal(labels[known], rules[i].name))
            known++;
        if (known == count) labels[count++] = rules[i].name;
    }
    return count;
}

/* Those of the configuration, else those of all its scorers. */
static size_t find_labels(const struct snapshot *snapshot, struct slice labels[MOST_LABELS]) {
    if (snapshot->labels) return add_labels(snapshot->labels, snapshot->label_count, labels, 0);
    size_t count = 0;
    for (size_t i = 0; i < snapshot->scorer_count; i++) {
        const struct scorer *scorer = snapshot->scorers[i].scorer;
        if (scorer) count = add_labels(scorer->labels, scorer->label_count, labels, count);
    }
    const struct scorer *other = snapshot->default_scorer;
    return other ? add_labels(other->labels, other->label_count, labels, count) : count;
}

static void tell_notes(const struct board *board, const struct schema *schema) {
    for (enum board_role role = 0; role < ROLE_COUNT; role++) {
        const char *note = board_note(board, role);
        if (note)
            complain("linnet dashboards: schema %s, %.*s%s%s\n", schema_name(schema),
                     SLICE_ARGS(board->roles[role].path),
                     board->roles[role].path.length ? ": " : "", note);
    }
}

/* The objects of one index, in the arena; false after the error was printed. */
static bool make_objects(const struct snapshot *snapshot, const struct target *target,
                         struct arena *arena, struct board *board, struct slice *objects) {
    struct slice *labels = arena_zeroed(arena, MOST_LABELS, sizeof *labels);
    board_init(board, target->pattern, target->schema, arena);
    board->labels = labels;
    board->label_count = find_labels(snapshot, labels);
    if (board->roles[ROLE_TIME].path.length == 0) {
        complain("linnet dashboards: schema %s has no date: there is nothing to draw over time\n",
                 schema_name(target->schema));
        return false;
    }
    tell_notes(board, target->schema);
    *objects = saved_objects(board, arena);
    return true;
}

/* Of all indices, one set for those whose ids would be the same. */
static bool make_all(const struct arguments *arguments, const struct snapshot *snapshot,
                     struct arena *arena, struct slice *objects) {
    struct target targets[MOST_TARGETS];
    struct board boards[MOST_TARGETS];
    size_t count = find_targets(arguments, snapshot, arena, targets);
    *objects = SLICE("");
    for (size_t i = 0; i < count; i++) {
        struct slice some;
        size_t same = 0;
        if (!make_objects(snapshot, &targets[i], arena, &boards[i], &some)) return false;
        while (!slice_equal(boards[same].id, boards[i].id))
            same++;
        if (same == i) *objects = ARENA_JOIN(arena, *objects, some);
    }
    return true;
}

static bool is_usage(const struct arguments *arguments, bool push) {
    if (push) return arguments->word_count == 2;
    return arguments->word_count == 1 && slice_is(slice_of(arguments->words[0]), "export");
}

int verb_dashboards(const struct arguments *arguments) {
    bool push = arguments->word_count && slice_is(slice_of(arguments->words[0]), "push");
    if (!is_usage(arguments, push))
        return wrong_words("dashboards", "export or push URL?", arguments);
    int code;
    struct snapshot *snapshot = setup_snapshot(arguments, SETUP_OPTIONAL, NULL, &code);
    if (snapshot == NULL) return code;
    struct arena arena;
    struct slice objects;
    arena_init(&arena);
    if (!make_all(arguments, snapshot, &arena, &objects))
        code = 1;
    else if (push)
        code = dashboards_push(arguments, arguments->words[1], objects);
    else
        print_slice(objects);
    arena_free(&arena);
    snapshot_release(snapshot);
    return code;
}
