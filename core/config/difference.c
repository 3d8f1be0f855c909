/* config/difference.h */
#include "config/difference.h"
#include "config/build.h"

#define EXAMPLES 3

enum change { ADDED, REMOVED, CHANGED, CHANGES };

/* Names that were added, removed or changed: how many, and the first of them. */
struct tally {
    size_t counts[CHANGES];
    struct slice examples[CHANGES][EXAMPLES];
};

struct comparing {
    const struct snapshot *before, *after;
    struct arena *arena;
    struct slice said;
};

static void note(struct tally *tally, enum change change, struct slice name) {
    size_t at = tally->counts[change]++;
    if (at < EXAMPLES) tally->examples[change][at] = name;
}

static void say(struct comparing *comparing, struct slice line) {
    comparing->said = arena_format(comparing->arena, "%.*s%s%.*s", SLICE_ARGS(comparing->said),
                                   comparing->said.length ? "\n" : "", SLICE_ARGS(line));
}

/* "2 added (rust, zig), 5 removed (a, b, c ...)" */
static struct slice tally_text(const struct tally *tally, struct arena *arena) {
    static const char *const words[CHANGES] = { "added", "removed", "changed" };
    struct slice text = SLICE("");
    for (int change = 0; change < CHANGES; change++) {
        size_t count = tally->counts[change];
        if (count == 0) continue;
        text = arena_format(arena, "%.*s%s%zu %s (", SLICE_ARGS(text), text.length ? ", " : "",
                            count, words[change]);
        for (size_t i = 0; i < MIN(count, (size_t)EXAMPLES); i++)
            text = arena_format(arena, "%.*s%s%.*s", SLICE_ARGS(text), i ? ", " : "",
                                SLICE_ARGS(slice_first(tally->examples[change][i], 60)));
        text = arena_format(arena, "%.*s%s)", SLICE_ARGS(text), count > EXAMPLES ? " ..." : "");
    }
    return text;
}

static void say_tally(struct comparing *comparing, const char *what, const char *of,
                      const struct tally *tally) {
    struct slice text = tally_text(tally, comparing->arena);
    if (text.length == 0) return;
    say(comparing, arena_format(comparing->arena, "%s%s: %.*s", what, of, SLICE_ARGS(text)));
}

/* ---- queries ------------------------------------------------------------------------------- */

/* The query of this name, or the count; names are sorted but for those of -e. */
static size_t find_query(const struct snapshot *snapshot, const char *name) {
    size_t count = query_set_count(snapshot->queries), low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(snapshot->query_names[middle], name);
        if (order == 0) return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (low = 0; low < MIN(count, (size_t)100); low++)
        if (strcmp(snapshot->query_names[low], name) == 0) return low;
    return count;
}

static void compare_queries(struct comparing *comparing) {
    const struct snapshot *before = comparing->before, *after = comparing->after;
    size_t old_count = query_set_count(before->queries), count = query_set_count(after->queries);
    struct tally tally = { 0 };
    for (size_t i = 0; i < count; i++) {
        size_t old = find_query(before, after->query_names[i]);
        if (old == old_count)
            note(&tally, ADDED, slice_of(after->query_names[i]));
        else if (before->state->queries[old] != after->state->queries[i])
            note(&tally, CHANGED, slice_of(after->query_names[i]));
    }
    for (size_t i = 0; i < old_count; i++)
        if (find_query(after, before->query_names[i]) == count)
            note(&tally, REMOVED, slice_of(before->query_names[i]));
    say_tally(comparing, "queries", "", &tally);
    if ((count == 0) != (old_count == 0))
        say(comparing, count ? SLICE("only what a query matches is kept")
                             : SLICE("no queries: everything is kept"));
}

/* ---- filters and dialects: lists of names --------------------------------------------------- */

static const struct listed_fact *find_listed(const struct listed_facts *facts, struct slice name) {
    for (size_t i = 0; i < facts->count; i++)
        if (slice_equal(facts->items[i].name, name)) return &facts->items[i];
    return NULL;
}

static void compare_listed(struct comparing *comparing, const char *what,
                           const struct listed_facts *before, const struct listed_facts *after) {
    struct tally tally = { 0 };
    bool moved = false;
    for (size_t i = 0; i < after->count; i++) {
        const struct listed_fact *is = &after->items[i], *was = find_listed(before, is->name);
        if (was == NULL)
            note(&tally, ADDED, is->name);
        else if (was->hash != is->hash)
            note(&tally, CHANGED, is->name);
        moved |= was && before->count == after->count && was != &before->items[i];
    }
    for (size_t i = 0; i < before->count; i++)
        if (find_listed(after, before->items[i].name) == NULL)
            note(&tally, REMOVED, before->items[i].name);
    say_tally(comparing, what, "", &tally);
    if (moved) say(comparing, arena_format(comparing->arena, "%s: another order", what));
}

/* ---- scorers ------------------------------------------------------------------------------- */

static const char *scorer_name(const struct scorer *scorer) {
    return scorer ? scorer->name : "none";
}

static void compare_language(struct comparing *comparing, struct slice lang) {
    const struct scorer *old = snapshot_scorer(comparing->before, lang),
                        *new = snapshot_scorer(comparing->after, lang);
    if (strcmp(scorer_name(old), scorer_name(new)) == 0) return;
    say(comparing, arena_format(comparing->arena, "scorer for %.*s: %s -> %s", SLICE_ARGS(lang),
                                scorer_name(old), scorer_name(new)));
}

static bool has_language(const struct snapshot *snapshot, struct slice lang) {
    for (size_t i = 0; i < snapshot->scorer_count; i++)
        if (slice_equal(snapshot->scorers[i].lang, lang)) return true;
    return false;
}

static struct slice word_text(const struct lexicon_facts *facts, size_t at) {
    return slice_of(facts->texts + facts->words[at].text);
}

/* Both are sorted: one walk along them. */
static void compare_words(const struct lexicon_facts *before, const struct lexicon_facts *after,
                          struct tally *tally) {
    size_t old = 0, new = 0;
    while (old < before->count || new < after->count) {
        bool gone = new == after->count ||
                    (old < before->count && before->words[old].hash < after->words[new].hash);
        bool fresh =
            !gone && (old == before->count || after->words[new].hash < before->words[old].hash);
        if (gone)
            note(tally, REMOVED, word_text(before, old));
        else if (fresh)
            note(tally, ADDED, word_text(after, new));
        else if (before->words[old].value != after->words[new].value)
            note(tally, CHANGED, word_text(after, new));
        old += !fresh;
        new += !gone;
    }
}

static bool labels_equal(const struct label_rule *a, size_t a_count, const struct label_rule *b,
                         size_t b_count) {
    if (a == NULL || b == NULL) return a == b;
    if (a_count != b_count) return false;
    for (size_t i = 0; i < a_count; i++)
        if (!slice_equal(a[i].name, b[i].name) || a[i].kind != b[i].kind ||
            (a[i].kind != LABEL_ELSE && a[i].bound != b[i].bound))
            return false;
    return true;
}

static const struct built_scorer *find_scorer(const struct snapshot *snapshot, const char *name) {
    const struct built_scorer *built = snapshot->state->scorers;
    while (built && strcmp(built->scorer.name, name) != 0)
        built = built->next;
    return built;
}

static void compare_scorer(struct comparing *comparing, const struct built_scorer *old,
                           const struct built_scorer *new) {
    const struct scorer *was = &old->scorer, *is = &new->scorer;
    struct tally tally = { 0 };
    if (was->ops != is->ops)
        say(comparing, arena_format(comparing->arena, "scorer %s: another engine", is->name));
    compare_words(&old->words, &new->words, &tally);
    say_tally(comparing, "words of ", is->name, &tally);
    if (!labels_equal(was->labels, was->label_count, is->labels, is->label_count))
        say(comparing, arena_format(comparing->arena, "labels of %s: changed", is->name));
}

static void compare_scorers(struct comparing *comparing) {
    const struct snapshot *before = comparing->before, *after = comparing->after;
    for (size_t i = 0; i < after->scorer_count; i++)
        compare_language(comparing, after->scorers[i].lang);
    for (size_t i = 0; i < before->scorer_count; i++)
        if (!has_language(after, before->scorers[i].lang))
            compare_language(comparing, before->scorers[i].lang);
    const char *old = scorer_name(before->default_scorer),
               *new = scorer_name(after->default_scorer);
    if (strcmp(old, new) != 0)
        say(comparing,
            arena_format(comparing->arena, "scorer for other languages: %s -> %s", old, new));
    for (const struct built_scorer *built = after->state->scorers; built; built = built->next) {
        const struct built_scorer *was = find_scorer(before, built->scorer.name);
        if (was) compare_scorer(comparing, was, built);
    }
    if (!labels_equal(before->labels, before->label_count, after->labels, after->label_count))
        say(comparing, SLICE("labels: changed"));
}

/* ---- schemas ------------------------------------------------------------------------------- */

static const struct field_fact *find_field(const struct schema_facts *facts, struct slice name) {
    for (size_t i = 0; i < facts->count; i++)
        if (slice_equal(facts->fields[i].name, name)) return &facts->fields[i];
    return NULL;
}

static void compare_schema(struct comparing *comparing, const char *name,
                           const struct schema_facts *old, const struct schema_facts *new) {
    struct tally tally = { 0 };
    for (size_t i = 0; i < new->count; i++) {
        const struct field_fact *was = find_field(old, new->fields[i].name);
        if (was == NULL)
            note(&tally, ADDED, new->fields[i].name);
        else if (was->hash != new->fields[i].hash)
            note(&tally, CHANGED, new->fields[i].name);
    }
    for (size_t i = 0; i < old->count; i++)
        if (find_field(new, old->fields[i].name) == NULL)
            note(&tally, REMOVED, old->fields[i].name);
    say_tally(comparing, "fields of schema ", name, &tally);
    if (old->rest != new->rest)
        say(comparing, arena_format(comparing->arena, "schema %s: another key or text", name));
}

static void compare_schemas(struct comparing *comparing) {
    const struct snapshot *before = comparing->before, *after = comparing->after;
    const char *old = schema_name(before->schemas[0]), *new = schema_name(after->schemas[0]);
    if (strcmp(old, new) != 0)
        say(comparing, arena_format(comparing->arena, "schema: %s -> %s", old, new));
    for (size_t i = 0; i < after->schema_count; i++)
        for (size_t k = 0; k < before->schema_count; k++) {
            const char *name = schema_name(after->schemas[i]);
            if (strcmp(name, schema_name(before->schemas[k])) != 0) continue;
            compare_schema(comparing, name, &before->state->schemas[k], &after->state->schemas[i]);
            break;
        }
}

/* ---- sources, sinks, the rest -------------------------------------------------------------- */

struct part_list {
    const struct part_config *items;
    size_t count;
};

static const struct part_config *find_part(const struct part_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0) return &list->items[i];
    return NULL;
}

static void compare_parts(struct comparing *comparing, const char *what,
                          const struct part_list *before, const struct part_list *after) {
    struct tally tally = { 0 };
    for (size_t i = 0; i < after->count; i++) {
        const struct part_config *is = &after->items[i], *was = find_part(before, is->name);
        if (was == NULL)
            note(&tally, ADDED, slice_of(is->name));
        else if (!part_equal(was, is))
            note(&tally, CHANGED, slice_of(is->name));
    }
    for (size_t i = 0; i < before->count; i++)
        if (find_part(after, before->items[i].name) == NULL)
            note(&tally, REMOVED, slice_of(before->items[i].name));
    say_tally(comparing, what, "", &tally);
}

static void compare_sink_schemas(struct comparing *comparing) {
    const struct snapshot *before = comparing->before, *after = comparing->after;
    const struct part_list sinks = { before->sinks, before->sink_count };
    for (size_t i = 0; i < after->sink_count; i++) {
        const struct part_config *is = &after->sinks[i], *was = find_part(&sinks, is->name);
        const char *new = schema_name(after->schemas[is->schema]);
        const char *old = was ? schema_name(before->schemas[was->schema]) : new;
        if (strcmp(old, new) != 0 && (was->schema || is->schema))
            say(comparing,
                arena_format(comparing->arena, "schema of %s: %s -> %s", is->name, old, new));
    }
}

static void compare_rest(struct comparing *comparing) {
    const struct snapshot *before = comparing->before, *after = comparing->after;
    const char *old = before->state_folder ? before->state_folder : "",
               *new = after->state_folder ? after->state_folder : "";
    if (before->workers != after->workers)
        say(comparing,
            arena_format(comparing->arena, "workers: %lld -> %lld, takes effect at the next start",
                         (long long)before->workers, (long long)after->workers));
    if (before->spool_bytes != after->spool_bytes)
        say(comparing, SLICE("spool: max changed, takes effect at the next start"));
    if (!options_equal(&http_options, before->http, after->http))
        say(comparing, SLICE("http: changed"));
    if (strcmp(old, new) != 0)
        say(comparing, arena_format(comparing->arena,
                                    "state: %s -> %s, takes effect at the next start", old, new));
}

/* For what is in no declaration's data: functions, comments. */
static void compare_files(struct comparing *comparing, const struct inputs *before,
                          const struct inputs *after) {
    struct tally tally = { 0 };
    for (size_t i = 0; i < after->count; i++) {
        const struct input *is = &after->items[i], *was = inputs_find(before, is->path);
        if (!is->missing && was && !was->missing && was->hash != is->hash)
            note(&tally, CHANGED, slice_of(is->shown));
    }
    say_tally(comparing, "files, not what they declare as data", "", &tally);
}

struct slice snapshot_difference(const struct version *before, const struct version *after,
                                 struct arena *arena) {
    const struct snapshot *old = before->snapshot, *new = after->snapshot;
    struct comparing comparing = { old, new, arena, SLICE("") };
    compare_listed(&comparing, "dialects", &old->state->dialects, &new->state->dialects);
    compare_queries(&comparing);
    compare_listed(&comparing, "filters", &old->state->filters, &new->state->filters);
    compare_scorers(&comparing);
    compare_schemas(&comparing);
    compare_parts(&comparing, "sources", &(struct part_list){ old->sources, old->source_count },
                  &(struct part_list){ new->sources, new->source_count });
    compare_parts(&comparing, "sinks", &(struct part_list){ old->sinks, old->sink_count },
                  &(struct part_list){ new->sinks, new->sink_count });
    compare_sink_schemas(&comparing);
    compare_rest(&comparing);
    if (comparing.said.length == 0) compare_files(&comparing, before->inputs, after->inputs);
    return comparing.said.length ? comparing.said : SLICE("nothing changed");
}
