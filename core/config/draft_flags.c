/* config/draft.h: -i, -o, -e and --set over what the file said. */
#include "config/draft.h"
#include <lauxlib.h>
#include <stdio.h>

static size_t count_texts(const char *const *texts) {
    size_t count = 0;
    while (texts && texts[count])
        count++;
    return count;
}

struct flag_parts {
    struct draft *draft;
    const struct part_kind *const *kinds;
    const char *flag, *what; /* "-o", "sink" */
    const char *dash, *path; /* kinds of "-" and of a bare path; NULL: there are none */
    struct error *err;
};

/* "ndjson", "ndjson2", "ndjson3": no kind is named like another with a number behind it. */
static const char *next_name(struct draft *draft, const struct part_drafts *parts,
                             const struct part_kind *kind) {
    size_t before = 0;
    for (size_t i = 0; i < parts->count; i++)
        before += parts->items[i].kind == kind;
    return before ? arena_format(draft->arena, "%s%zu", kind->name, before + 1).data : kind->name;
}

static const char *kind_name(const void *context, size_t i) {
    const struct part_kind *const *kinds = context;
    return kinds && kinds[i] ? kinds[i]->name : NULL;
}

static bool refuse_kind(const struct flag_parts *flags, struct slice text, struct slice name) {
    error_set(flags->err, ERROR_USAGE, "%s %.*s: there is no %s \"%.*s\"", flags->flag,
              SLICE_ARGS(slice_first(text, 200)), flags->what, SLICE_ARGS(slice_first(name, 60)));
    const struct part_kind *meant = part_kind_meant(flags->kinds, name);
    const char *near = meant ? meant->name : nearest_name(name, kind_name, flags->kinds);
    if (near) {
        error_suggest(flags->err, "did you mean \"%s\"?", near);
        return false;
    }
    char *said = flags->err->suggestion;
    size_t room = sizeof flags->err->suggestion, used = 0;
    for (size_t i = 0; flags->kinds && flags->kinds[i] && used < room; i++)
        used += (size_t)snprintf(said + used, room - used, "%s%s",
                                 i ? ", " : "there are: ", flags->kinds[i]->name);
    return false;
}

/* What the text names; *argument is what its kind gets of it (data NULL: nothing). */
static const struct part_kind *parse_part(const struct flag_parts *flags, struct slice text,
                                          struct slice *argument) {
    const char *colon = memchr(text.data, ':', text.length);
    struct slice name = colon ? slice_from(text.data, (size_t)(colon - text.data)) : text;
    *argument = colon ? slice_skip(text, name.length + 1) : slice_from(NULL, 0);
    if (slice_is(text, "-") && flags->dash) name = slice_of(flags->dash);
    const struct part_kind *kind = part_kind_find(flags->kinds, name);
    if (kind == NULL && flags->path) {
        kind = part_kind_find(flags->kinds, slice_of(flags->path));
        *argument = text;
    }
    if (kind == NULL) (void)refuse_kind(flags, text, name);
    return kind;
}

static bool set_argument(const struct flag_parts *flags, struct part_draft *part,
                         struct slice argument, struct slice text) {
    const struct option_table *table = &part->kind->options;
    if (argument.data == NULL) return true;
    if (part->kind->argument == NULL)
        return error_set(flags->err, ERROR_USAGE, "%s %.*s: nothing may follow %s", flags->flag,
                         SLICE_ARGS(slice_first(text, 200)), part->kind->name);
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->options[i].name, part->kind->argument) != 0) continue;
        part->given[i] = true;
        if (option_set_text(&table->options[i], part->settings, argument, "", flags->draft->arena,
                            flags->err))
            return true;
    }
    flags->err->kind = ERROR_USAGE;
    return false;
}

static bool add_part(const struct flag_parts *flags, const char *text, struct part_drafts *parts) {
    struct slice argument;
    if (*text == '\0')
        return error_set(flags->err, ERROR_USAGE, "%s names no %s", flags->flag, flags->what);
    const struct part_kind *kind = parse_part(flags, slice_of(text), &argument);
    if (kind == NULL) return false;
    struct part_draft *part = &parts->items[parts->count];
    part_draft_init(flags->draft, part, kind, next_name(flags->draft, parts, kind));
    parts->count++;
    return set_argument(flags, part, argument, slice_of(text));
}

static bool replace_parts(const struct flag_parts *flags, const char *const *texts,
                          struct part_drafts *parts) {
    size_t count = count_texts(texts);
    if (count == 0) return true;
    *parts = (struct part_drafts){ .items = arena_zeroed(flags->draft->arena, count,
                                                         sizeof *parts->items) };
    for (size_t i = 0; i < count; i++)
        if (!add_part(flags, texts[i], parts)) return false;
    return true;
}

static void replace_queries(struct draft *draft, const char *const *texts) {
    size_t count = count_texts(texts);
    if (count == 0) return;
    draft->queries = arena_zeroed(draft->arena, count, sizeof *draft->queries);
    draft->query_count = count;
    for (size_t i = 0; i < count; i++)
        draft->queries[i] = (struct query_draft){
            .name = arena_format(draft->arena, "e%zu", i + 1).data,
            .text = arena_copy(draft->arena, slice_of(texts[i])),
            .flag = "-e",
        };
}

/* No sinks anywhere: standard output. */
static void add_default_sink(struct draft *draft) {
    const struct part_kind *kind = part_kind_find(draft->parts->sinks, SLICE("stdout"));
    if (draft->sinks.count || kind == NULL) return;
    draft->sinks.items = arena_zeroed(draft->arena, 1, sizeof *draft->sinks.items);
    draft->sinks.count = 1;
    part_draft_init(draft, &draft->sinks.items[0], kind, "stdout");
}

static bool refuse_missing(struct draft *draft, const struct part_draft *part,
                           const struct option *option, struct error *err) {
    if (part->place)
        return place_error(part->place, PLACE_VALUE, &draft->loader->arena, err,
                           "linnet.%s needs its %s: %s = ...", part->kind->name, option->name,
                           option->name);
    bool argument = part->kind->argument && strcmp(part->kind->argument, option->name) == 0;
    error_set(err, ERROR_USAGE, "%s needs its %s", part->kind->name, option->name);
    if (argument)
        error_suggest(err, "write %s:%s", part->kind->name, option->name);
    else
        error_suggest(err, "write --set sinks.%s.%s=...", part->name, option->name);
    return false;
}

static bool keep_only(struct part_drafts *sinks, const char *name, struct error *err) {
    for (size_t i = 0; name && i < sinks->count; i++) {
        if (strcmp(sinks->items[i].name, name) != 0) continue;
        *sinks = (struct part_drafts){ &sinks->items[i], 1 };
        return true;
    }
    return name == NULL || error_set(err, ERROR_FAILED, "no sink is called \"%s\"", name);
}

/* Whether the error begins with the option's name, as a word. */
static bool is_about(const struct error *err, const struct option *option) {
    size_t length = strlen(option->name);
    char behind = err->text[length];
    return strncmp(err->text, option->name, length) == 0 && (behind == ' ' || behind == ':');
}

/* "https://me:word@host" is not to be shown. */
static bool shows_login(const char *line) {
    const char *address = strstr(line, "://");
    return address && address[3 + strcspn(address + 3, "@/\"'")] == '@';
}

bool draft_blame_part(struct draft *draft, const struct part_draft *part, struct error *err) {
    const struct option_table *table = &part->kind->options;
    size_t at = 0;
    while (at < table->count && !(part->given[at] && is_about(err, &table->options[at])))
        at++;
    err->kind = part->place ? ERROR_CONFIG : ERROR_USAGE;
    if (at < table->count)
        (void)draft_blame(draft, part->place, table->options[at].name, err);
    else
        place_locate(part->place, PLACE_VALUE, &draft->loader->arena, err);
    if (shows_login(err->quoted)) err->quoted[0] = '\0', err->caret = 0;
    return false;
}

static bool check_parts(struct draft *draft, const struct part_drafts *parts, struct error *err) {
    for (size_t i = 0; i < parts->count; i++) {
        const struct part_draft *part = &parts->items[i];
        const struct option_table *table = &part->kind->options;
        for (size_t at = 0; at < table->count; at++)
            if (table->options[at].standard == NULL && !part->given[at])
                return refuse_missing(draft, part, &table->options[at], err);
        if (part->kind->check && !part->kind->check(part->settings, err))
            return draft_blame_part(draft, part, err);
    }
    return true;
}

bool draft_apply_flags(struct draft *draft, const struct snapshot_request *request,
                       struct error *err) {
    struct flag_parts sources = {
        draft, draft->parts->sources, "-i", "source", "stdin", "file", err
    };
    struct flag_parts sinks = { draft, draft->parts->sinks, "-o", "sink", "stdout", NULL, err };
    if (!replace_parts(&sources, request->sources, &draft->sources) ||
        !replace_parts(&sinks, request->sinks, &draft->sinks) ||
        !keep_only(&draft->sinks, request->only_sink, err))
        return false;
    replace_queries(draft, request->queries);
    add_default_sink(draft);
    for (size_t i = 0; i < count_texts(request->settings); i++)
        if (!draft_apply_set(draft, request->settings[i], err)) return false;
    return check_parts(draft, &draft->sources, err) && check_parts(draft, &draft->sinks, err) &&
           draft_check_http(draft, err);
}
