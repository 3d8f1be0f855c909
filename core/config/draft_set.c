/* config/draft.h: --set KEY=VALUE. */
#include "config/draft.h"
#include <stdio.h>

struct setting {
    struct draft *draft;
    struct slice key, value; /* "sinks.out.path" and what follows the "=" */
    struct error *err;
};

static const char *const settable[] = { "workers", "state", "schema", "scorers", "track",
                                        "sources", "sinks", "spool",  "grace",   "http" };

static const char *settable_name(const void *context, size_t i) {
    (void)context;
    return i < LENGTH(settable) ? settable[i] : NULL;
}

static const char *part_name(const void *context, size_t i) {
    const struct part_drafts *parts = context;
    return i < parts->count ? parts->items[i].name : NULL;
}

/* Puts "--set KEY=VALUE: " before what went wrong. */
static bool blame_setting(const struct setting *setting) {
    struct error *err = setting->err;
    char text[sizeof err->text];
    snprintf(text, sizeof text, "--set %.*s: %.500s", SLICE_ARGS(slice_first(setting->key, 120)),
             err->text);
    memcpy(err->text, text, sizeof text);
    err->kind = ERROR_USAGE;
    return false;
}

static bool refuse_setting(const struct setting *setting, struct slice name, const char *sentence,
                           const char *(*candidate)(const void *context, size_t i),
                           const void *context) {
    error_set(setting->err, ERROR_USAGE, "%s \"%.*s\"", sentence,
              SLICE_ARGS(slice_first(name, 60)));
    const char *near = nearest_name(name, candidate, context);
    if (near) error_suggest(setting->err, "did you mean \"%s\"?", near);
    return blame_setting(setting);
}

/* The part of `text` before the first dot; *rest gets what follows it, data NULL without a dot. */
static struct slice split_dot(struct slice text, struct slice *rest) {
    const char *dot = text.length ? memchr(text.data, '.', text.length) : NULL;
    *rest = dot ? slice_skip(text, (size_t)(dot - text.data) + 1) : slice_from(NULL, 0);
    return dot ? slice_from(text.data, (size_t)(dot - text.data)) : text;
}

static struct choice choice_of_slice(struct draft *draft, struct slice name) {
    return choice_of_name(draft, arena_copy(draft->arena, name).data);
}

/* `option` is NULL when the error is set already. */
static bool set_option(const struct setting *setting, const struct option *option, void *settings) {
    return (option && option_set_text(option, settings, setting->value, "", setting->draft->arena,
                                      setting->err)) ||
           blame_setting(setting);
}

static bool set_part(const struct setting *setting, struct slice path, struct part_drafts *parts,
                     bool sink) {
    struct slice key, name = split_dot(path, &key);
    struct part_draft *part = NULL;
    for (size_t i = 0; i < parts->count; i++)
        if (slice_is(name, parts->items[i].name)) part = &parts->items[i];
    if (part == NULL)
        return refuse_setting(setting, name, sink ? "there is no sink" : "there is no source",
                              part_name, parts);
    if (sink && slice_is(key, "schema")) {
        part->schema = choice_of_slice(setting->draft, setting->value);
        return true;
    }
    const struct option *common =
        sink ? option_find(&sink_options, key, part->kind->name, setting->err) : NULL;
    if (common) return set_option(setting, common, &part->sink);
    const struct option *option =
        option_find(&part->kind->options, key, part->kind->name, setting->err);
    if (option) part->given[option - part->kind->options.options] = true;
    return set_option(setting, option, part->settings);
}

static bool set_member(const struct setting *setting, struct slice top, struct slice rest) {
    struct draft *draft = setting->draft;
    if (slice_is(top, "sources")) return set_part(setting, rest, &draft->sources, false);
    if (slice_is(top, "sinks")) return set_part(setting, rest, &draft->sinks, true);
    if (slice_is(top, "spool")) {
        const struct option *option = option_find(&spool_options, rest, "the spool", setting->err);
        return set_option(setting, option, &draft->spool);
    }
    if (slice_is(top, "http")) {
        const struct option *option = option_find(&http_options, rest, "http", setting->err);
        return set_option(setting, option, &draft->http);
    }
    if (slice_is(top, "scorers")) {
        draft_set_language(draft, arena_copy(draft->arena, rest),
                           choice_of_slice(draft, setting->value));
        return true;
    }
    struct query_draft query = { .name = arena_copy(draft->arena, rest).data,
                                 .text = arena_copy(draft->arena, setting->value),
                                 .flag = "--set" };
    draft_set_query(draft, &query);
    return true;
}

static bool has_members(struct slice top) {
    return slice_is(top, "sources") || slice_is(top, "sinks") || slice_is(top, "scorers") ||
           slice_is(top, "track") || slice_is(top, "spool") || slice_is(top, "http");
}

static bool set_whole(const struct setting *setting, struct slice top) {
    struct draft *draft = setting->draft;
    if (slice_is(top, "schema")) {
        draft->schema = choice_of_slice(draft, setting->value);
        return true;
    }
    const struct option *option = option_find(&top_options, top, "the configuration", setting->err);
    return set_option(setting, option, &draft->settings);
}

bool draft_apply_set(struct draft *draft, const char *text, struct error *err) {
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return error_set(err, ERROR_USAGE, "--set %.200s: write KEY=VALUE", text);
    struct setting setting = { draft, slice_from(text, (size_t)(equals - text)),
                               slice_of(equals + 1), err };
    struct slice rest, top = split_dot(setting.key, &rest);
    bool known = false;
    for (size_t i = 0; i < LENGTH(settable); i++)
        known |= slice_is(top, settable[i]);
    if (!known)
        return refuse_setting(&setting, top, "the command line cannot set", settable_name, NULL);
    if (has_members(top) != (rest.length > 0)) {
        error_set(err, ERROR_USAGE,
                  has_members(top) ? "say which: %.*s.NAME" : "%.*s has no members",
                  SLICE_ARGS(top));
        return blame_setting(&setting);
    }
    return rest.length ? set_member(&setting, top, rest) : set_whole(&setting, top);
}
