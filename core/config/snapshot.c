/* config/snapshot.h: loading, counting, and the two look-ups of every post. */
#include "config/snapshot.h"
#include "base/alloc.h"
#include "config/build.h"
#include "config/find.h"
#include <lua.h>
#include <stdatomic.h>

static void release_secrets(const struct snapshot *snapshot) {
    if (snapshot->http) options_release(&http_options, snapshot->http);
    for (size_t i = 0; i < snapshot->source_count; i++)
        options_release(&snapshot->sources[i].kind->options, snapshot->sources[i].settings);
    for (size_t i = 0; i < snapshot->sink_count; i++)
        options_release(&snapshot->sinks[i].kind->options, snapshot->sinks[i].settings);
}

static void snapshot_free(struct snapshot *snapshot) {
    struct snapshot_state *state = snapshot->state;
    release_secrets(snapshot);
    for (struct built_scorer *built = state->scorers; built; built = built->next) {
        if (built->scorer.engine) built->scorer.ops->destroy(built->scorer.engine);
        if (built->lexicon) lexicon_destroy(built->lexicon);
    }
    for (size_t i = 0; i < snapshot->filter_count; i++)
        if (snapshot->filters[i].query) query_set_destroy(snapshot->filters[i].query);
    for (size_t i = 0; i < snapshot->schema_count; i++)
        schema_destroy(snapshot->schemas[i]);
    if (snapshot->program) program_destroy(snapshot->program);
    if (snapshot->queries) query_set_destroy(snapshot->queries);
    if (snapshot->dialects) dialects_destroy(snapshot->dialects);
    if (snapshot->projection) projection_destroy(snapshot->projection);
    arena_free(&state->arena);
    memory_free(state);
}

static struct snapshot *snapshot_create(void) {
    struct snapshot_state *state = memory_zeroed(1, sizeof *state);
    arena_init(&state->arena);
    atomic_init(&state->references, 1);
    struct snapshot *snapshot = arena_zeroed(&state->arena, 1, sizeof *snapshot);
    snapshot->state = state;
    snapshot->path = "";
    return snapshot;
}

struct loading {
    const struct snapshot_request *request;
    struct snapshot *snapshot;
    struct loader *loader;
    struct lexicon_shelf shelf;
};

static bool read_file(struct loading *loading, struct draft *draft, struct error *err) {
    const char *path = loading->snapshot->path;
    if (path[0] == '\0') return true;
    return loader_push_file(loading->loader, path, err) &&
           draft_read(draft, loader_file(loading->loader, path), err);
}

/* Everything that touches Lua, inside the sandbox. */
static bool load(void *context, struct error *err) {
    struct loading *loading = context;
    struct draft draft = {
        .loader = loading->loader,
        .arena = &loading->snapshot->state->arena,
        .parts = loading->request->parts,
        .folder = loading->loader->setup.folder ? loading->loader->setup.folder : "",
    };
    draft_init(&draft);
    return read_file(loading, &draft, err) && draft_apply_flags(&draft, loading->request, err) &&
           snapshot_build(loading->snapshot, &draft, &loading->shelf, loading->request->scorer,
                          loading->request->secrets, err);
}

const char *parts_maker(const void *context, size_t i) {
    const struct parts *parts = context;
    const struct part_kind *const *kind = parts->sources;
    for (; kind && *kind; kind++)
        if (i-- == 0) return (*kind)->name;
    for (kind = parts->sinks; kind && *kind; kind++)
        if (part_kind_find(parts->sources, slice_of((*kind)->name)) == NULL && i-- == 0)
            return (*kind)->name;
    return NULL;
}

const char *parts_meant(const void *context, struct slice name) {
    const struct parts *parts = context;
    const struct part_kind *kind = part_kind_meant(parts->sources, name);
    if (kind == NULL) kind = part_kind_meant(parts->sinks, name);
    return kind ? kind->name : NULL;
}

/* *path becomes "" for built-in defaults. */
static bool find_path(const struct snapshot_request *request, struct arena *arena,
                      const char **path, struct error *err) {
    *path = request->path;
    if (*path) *path = arena_copy(arena, slice_of(*path)).data;
    if (*path == NULL) *path = request->defaults ? "" : configuration_find(arena, err);
    return *path != NULL;
}

static bool load_into(struct snapshot *snapshot, const struct snapshot_request *request,
                      struct error *err) {
    struct arena *arena = &snapshot->state->arena;
    if (!find_path(request, arena, &snapshot->path, err)) return false;
    struct loader_setup setup = {
        .folder = snapshot->path[0] ? path_folder(arena, snapshot->path) : NULL,
        .share = request->share,
        .maker = parts_maker,
        .meant = parts_meant,
        .context = request->parts,
    };
    struct loading loading = { request, snapshot, loader_create(&setup), { NULL } };
    if (loading.loader == NULL) return error_set(err, ERROR_FAILED, "no Lua state could be made");
    loading.loader->inputs = request->inputs;
    bool done = loader_run(loading.loader, load, &loading, err);
    lexicon_shelf_free(&loading.shelf);
    loader_destroy(loading.loader);
    return done;
}

struct snapshot *snapshot_load(const struct snapshot_request *request, struct error *err) {
    struct snapshot *snapshot = snapshot_create();
    snapshot->generation = request->generation;
    error_clear(err);
    if (load_into(snapshot, request, err)) return snapshot;
    snapshot_free(snapshot);
    return NULL;
}

const struct snapshot *snapshot_hold(const struct snapshot *snapshot) {
    atomic_fetch_add_explicit(&snapshot->state->references, 1, memory_order_relaxed);
    return snapshot;
}

void snapshot_release(const struct snapshot *snapshot) {
    uint32_t before =
        atomic_fetch_sub_explicit(&snapshot->state->references, 1, memory_order_acq_rel);
    if (before == 1) snapshot_free((struct snapshot *)snapshot); /* nobody else can see it now */
}

void snapshot_locate_query(const struct snapshot *snapshot, size_t query, struct error *err) {
    const struct query_place *place = snapshot->state->places;
    struct slice text = query_set_text(snapshot->queries, query);
    struct arena arena;
    if (place == NULL) return;
    arena_init(&arena);
    if (place[query].place)
        place_locate_text(place[query].place, text, 0, &arena, err);
    else
        error_locate(err, place[query].flag, text, 0);
    arena_free(&arena);
}

static bool equal_ignoring_case(struct slice a, struct slice b) {
    if (a.length != b.length) return false;
    for (size_t i = 0; i < a.length; i++) {
        unsigned char x = (unsigned char)a.data[i], y = (unsigned char)b.data[i];
        if (x != y && ((x ^ y) != 0x20 || (x | 0x20) < 'a' || (x | 0x20) > 'z')) return false;
    }
    return true;
}

/* NULL when the table does not name the language. */
static const struct language_scorer *find_language(const struct snapshot *snapshot,
                                                   struct slice lang) {
    for (size_t i = 0; i < snapshot->scorer_count; i++)
        if (equal_ignoring_case(snapshot->scorers[i].lang, lang)) return &snapshot->scorers[i];
    return NULL;
}

const struct scorer *snapshot_scorer(const struct snapshot *snapshot, struct slice lang) {
    if (lang.length == 0) lang = SLICE("und");
    const struct language_scorer *found = find_language(snapshot, lang);
    const char *dash = found ? NULL : memchr(lang.data, '-', lang.length);
    if (dash) found = find_language(snapshot, slice_from(lang.data, (size_t)(dash - lang.data)));
    return found ? found->scorer : snapshot->default_scorer;
}

static bool rule_takes(const struct label_rule *rule, double value) {
    switch (rule->kind) {
    case LABEL_BELOW: return value < rule->bound;
    case LABEL_UPTO: return value <= rule->bound;
    case LABEL_ELSE: break;
    }
    return true;
}

const struct scorer *snapshot_named(const struct snapshot *snapshot, struct slice name) {
    for (const struct built_scorer *built = snapshot->state->scorers; built; built = built->next)
        if (slice_is(name, built->scorer.name)) return &built->scorer;
    return NULL;
}

struct slice snapshot_label(const struct snapshot *snapshot, const struct scorer *scorer,
                            const struct score *score) {
    if (scorer == NULL || !score->known) return SLICE("unknown");
    const struct label_rule *rules = snapshot->labels ? snapshot->labels : scorer->labels;
    size_t count = snapshot->labels ? snapshot->label_count : scorer->label_count;
    for (size_t i = 0; i < count; i++)
        if (rule_takes(&rules[i], score->value)) return rules[i].name;
    return SLICE("unknown");
}
