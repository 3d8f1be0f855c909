/* config/draft.h: defaults, parts, and the small changes that files and flags share. */
#include "config/draft.h"
#include <lauxlib.h>
#include <stddef.h>

static const struct option top_option_list[] = {
    { .name = "workers",
      .type = OPTION_INTEGER,
      .offset = offsetof(struct top_settings, workers),
      .standard = "1",
      .lowest = 0,
      .highest = 64,
      .help = "threads that process posts; 0 does it all on the loop, in a fixed order" },
    { .name = "state",
      .type = OPTION_PATH,
      .offset = offsetof(struct top_settings, state),
      .help = "the folder for what linnet remembers, and its control socket" },
    { .name = "grace",
      .type = OPTION_DURATION,
      .offset = offsetof(struct top_settings, grace_ms),
      .standard = "10s",
      .lowest = 0,
      .highest = 1e9,
      .help = "how long sinks may take to answer when linnet is told to stop" },
};

const struct option_table top_options = { top_option_list, LENGTH(top_option_list),
                                          sizeof(struct top_settings) };

static const struct option spool_option_list[] = {
    { .name = "max",
      .type = OPTION_BYTES,
      .offset = offsetof(struct spool_settings, max_bytes),
      .standard = "10GiB",
      .lowest = 1 << 20,
      .highest = 1e15,
      .help = "how long the spool may become before sources wait" },
};

const struct option_table spool_options = { spool_option_list, LENGTH(spool_option_list),
                                            sizeof(struct spool_settings) };

static const struct option sink_option_list[] = {
    { .name = "when_full",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct sink_settings, when_full),
      .standard = "pause",
      .choices = "pause|drop_oldest",
      .help =
          "when the spool is full and this sink is behind: sources wait, or it loses the oldest" },
    { .name = "start",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct sink_settings, start),
      .standard = "now",
      .choices = "now|oldest",
      .help = "what a new sink gets: posts from now on, or all that the spool still has" },
};

const struct option_table sink_options = { sink_option_list, LENGTH(sink_option_list),
                                           sizeof(struct sink_settings) };

struct choice choice_of_name(struct draft *draft, const char *name) {
    lua_State *lua = draft->loader->lua;
    lua_pushstring(lua, name);
    return (struct choice){ .value = luaL_ref(lua, LUA_REGISTRYINDEX) };
}

struct choice choice_of_top(struct draft *draft, const struct place *place) {
    int value = luaL_ref(draft->loader->lua, LUA_REGISTRYINDEX);
    return (struct choice){ value, place };
}

void draft_init(struct draft *draft) {
    option_defaults(&top_options, &draft->settings, draft->arena);
    option_defaults(&spool_options, &draft->spool, draft->arena);
    option_defaults(&http_options, &draft->http, draft->arena);
    draft->schema = choice_of_name(draft, "post");
    draft_set_language(draft, SLICE("en"), choice_of_name(draft, "vader"));
    draft_set_language(draft, SLICE("und"), choice_of_name(draft, "vader"));
    draft_set_language(draft, SLICE("default"), choice_of_name(draft, "none"));
}

void part_draft_init(struct draft *draft, struct part_draft *part, const struct part_kind *kind,
                     const char *name) {
    const struct option_table *table = &kind->options;
    *part = (struct part_draft){
        .name = name,
        .kind = kind,
        .settings = arena_zeroed(draft->arena, 1, table->settings_bytes),
        .given = arena_zeroed(draft->arena, table->count, sizeof(bool)),
        .schema = { .value = LUA_NOREF },
    };
    option_defaults(table, part->settings, draft->arena);
    option_defaults(&sink_options, &part->sink, draft->arena);
}

const struct part_kind *part_kind_find(const struct part_kind *const *kinds, struct slice name) {
    for (; kinds && *kinds; kinds++)
        if (slice_is(name, (*kinds)->name)) return *kinds;
    return NULL;
}

static bool is_listed(const char *list, struct slice name) {
    while (list && *list) {
        size_t length = strcspn(list, "|");
        if (slice_equal(slice_from(list, length), name)) return true;
        list += length + (list[length] == '|');
    }
    return false;
}

const struct part_kind *part_kind_meant(const struct part_kind *const *kinds, struct slice name) {
    for (; kinds && *kinds; kinds++)
        if (is_listed((*kinds)->also, name)) return *kinds;
    return NULL;
}

/* Room for one more item behind `count`: lists of a configuration are short, so each is copied. */
static void *grown(struct arena *arena, const void *items, size_t count, size_t bytes) {
    void *more = arena_zeroed(arena, count + 1, bytes);
    if (count) memcpy(more, items, count * bytes);
    return more;
}

void draft_set_language(struct draft *draft, struct slice lang, struct choice scorer) {
    for (size_t i = 0; i < draft->language_count; i++)
        if (slice_equal(draft->languages[i].lang, lang)) {
            draft->languages[i].scorer = scorer;
            return;
        }
    draft->languages =
        grown(draft->arena, draft->languages, draft->language_count, sizeof *draft->languages);
    draft->languages[draft->language_count++] = (struct language_draft){ lang, scorer };
}

void draft_set_query(struct draft *draft, const struct query_draft *query) {
    size_t at = 0;
    for (size_t i = 0; i < draft->query_count; i++) {
        int order = strcmp(draft->queries[i].name, query->name);
        if (order == 0) {
            draft->queries[i] = *query;
            return;
        }
        if (order < 0) at = i + 1;
    }
    draft->queries =
        grown(draft->arena, draft->queries, draft->query_count, sizeof *draft->queries);
    memmove(&draft->queries[at + 1], &draft->queries[at],
            (draft->query_count - at) * sizeof *draft->queries);
    draft->queries[at] = *query;
    draft->query_count++;
}
