/* config/option.h: from text to a value in a part's settings. */
#include "config/option.h"
#include "base/log.h"
#include "config/certificates.h"
#include "config/secret.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

static bool is_bounded(const struct option *option) {
    return option->lowest != 0 || option->highest != 0;
}

static const char *takes_number(const struct option *option, const char *what,
                                struct arena *arena) {
    if (!is_bounded(option)) return what;
    if (option->highest == (double)INT64_MAX || option->highest == HUGE_VAL)
        return arena_format(arena, "%s from %.15g", what, option->lowest).data;
    return arena_format(arena, "%s from %.15g to %.15g", what, option->lowest, option->highest)
        .data;
}

/* "pause|drop_oldest" → "pause" or "drop_oldest" */
static const char *takes_choice(const struct option *option, struct arena *arena) {
    struct slice said = SLICE("");
    for (const char *at = option->choices; *at;) {
        size_t length = strcspn(at, "|");
        said = arena_format(arena, "%.*s%s\"%.*s\"", SLICE_ARGS(said), said.length ? " or " : "",
                            (int)length, at);
        at += length + (at[length] == '|');
    }
    return said.data;
}

const char *option_takes(const struct option *option, struct arena *arena) {
    switch (option->type) {
    case OPTION_TEXT: return "text";
    case OPTION_PATH: return "a path";
    case OPTION_CHOICE: return takes_choice(option, arena);
    case OPTION_INTEGER: return takes_number(option, "a whole number", arena);
    case OPTION_NUMBER: return takes_number(option, "a number", arena);
    case OPTION_BYTES: return "a size such as \"10MiB\"";
    case OPTION_DURATION: return "a time such as \"900s\" or \"15m\"";
    case OPTION_LIST: return "a list of texts without commas";
    case OPTION_SECRET: return "secret \"file:PATH\", \"env:NAME\" or \"cmd:COMMAND\"";
    case OPTION_BOOLEAN: break;
    }
    return "true or false";
}

static bool refuse(const struct option *option, struct slice text, struct arena *arena,
                   struct error *err) {
    return error_set(err, ERROR_CONFIG, "%s takes %s, not \"%.*s\"", option->name,
                     option_takes(option, arena), SLICE_ARGS(slice_first(text, 60)));
}

/* For what the type's own sentence does not say. */
static bool check_bounds(const struct option *option, double value, struct slice text,
                         struct error *err) {
    if (!is_bounded(option) || (value >= option->lowest && value <= option->highest)) return true;
    bool time = option->type == OPTION_DURATION;
    bool low = value < option->lowest;
    return error_set(err, ERROR_CONFIG, "%s is %s %.15g%s: \"%.*s\"", option->name,
                     low ? "below" : "above",
                     (low ? option->lowest : option->highest) / (time ? 1e3 : 1),
                     time                           ? " seconds"
                     : option->type == OPTION_BYTES ? " bytes"
                                                    : "",
                     SLICE_ARGS(slice_first(text, 60)));
}

static bool set_integer(const struct option *option, void *value, struct slice text,
                        struct arena *arena, struct error *err) {
    char *end;
    const char *start = arena_copy(arena, text).data;
    errno = 0;
    long long number = strtoll(start, &end, 10);
    bool whole = end != start && *end == '\0' && errno == 0;
    bool inside = !is_bounded(option) ||
                  ((double)number >= option->lowest && (double)number <= option->highest);
    if (!whole || !inside) return refuse(option, text, arena, err);
    *(int64_t *)value = number;
    return true;
}

static bool set_number(const struct option *option, void *value, struct slice text,
                       struct arena *arena, struct error *err) {
    char *end;
    const char *start = arena_copy(arena, text).data;
    double number = strtod(start, &end);
    bool inside = !is_bounded(option) || (number >= option->lowest && number <= option->highest);
    if (end == start || *end || !isfinite(number) || !inside)
        return refuse(option, text, arena, err);
    *(double *)value = number;
    return true;
}

static bool set_quantity(const struct option *option, int64_t *value, struct slice text,
                         struct arena *arena, struct error *err) {
    int64_t number;
    bool good =
        option->type == OPTION_BYTES ? parse_bytes(text, &number) : parse_duration(text, &number);
    if (!good) return refuse(option, text, arena, err);
    if (!check_bounds(option, (double)number, text, err)) return false;
    *value = number;
    return true;
}

static bool set_boolean(const struct option *option, bool *value, struct slice text,
                        struct arena *arena, struct error *err) {
    if (!slice_is(text, "true") && !slice_is(text, "false"))
        return refuse(option, text, arena, err);
    *value = slice_is(text, "true");
    return true;
}

struct choices {
    const struct option *option;
    struct arena *arena;
};

static const char *choice_at(const void *context, size_t i) {
    const struct choices *choices = context;
    const char *at = choices->option->choices;
    for (; i > 0; i--) {
        at += strcspn(at, "|");
        if (*at++ == '\0') return NULL;
    }
    return arena_copy(choices->arena, slice_from(at, strcspn(at, "|"))).data;
}

static bool set_choice(const struct option *option, const char **value, struct slice text,
                       struct arena *arena, struct error *err) {
    struct choices choices = { option, arena };
    const char *choice;
    for (size_t i = 0; (choice = choice_at(&choices, i)); i++) {
        if (!slice_is(text, choice)) continue;
        *value = choice;
        return true;
    }
    refuse(option, text, arena, err);
    const char *near = nearest_name(text, choice_at, &choices);
    if (near) error_suggest(err, "did you mean \"%s\"?", near);
    return false;
}

/* "s3:/bucket": a folder "s3:" is not what somebody meant. */
static bool check_scheme(const struct option *option, struct slice text, struct error *err) {
    static const char *const schemes[] = { "s3", "http", "https" };
    struct slice rest = slice_from(NULL, 0);
    const char *scheme = NULL;
    for (size_t i = 0; i < LENGTH(schemes); i++) {
        size_t length = strlen(schemes[i]);
        bool same = text.length > length && text.data[length] == ':' &&
                    strncasecmp(text.data, schemes[i], length) == 0;
        if (same) scheme = schemes[i], rest = slice_skip(text, length + 1);
    }
    if (scheme == NULL || slice_starts(rest, SLICE("//"))) return true;
    if (slice_starts(rest, SLICE("/"))) rest = slice_skip(rest, 1);
    struct slice shown = slice_first(text, 40);
    error_set(err, ERROR_CONFIG, "%s: \"%.*s\" is neither a path nor a URL", option->name,
              SLICE_ARGS(shown));
    error_suggest(err, "did you mean \"%s://%.*s\"? a file of that name is \"./%.*s\"", scheme,
                  SLICE_ARGS(slice_first(rest, 40)), SLICE_ARGS(shown));
    return false;
}

static bool set_path(const struct option *option, const char **value, struct slice text,
                     const char *folder, struct arena *arena, struct error *err) {
    if (text.length == 0) return refuse(option, text, arena, err);
    if (!check_scheme(option, text, err)) return false;
    bool url = memmem(text.data, text.length, "://", 3) != NULL;
    bool whole = url || text.data[0] == '/' || folder[0] == '\0';
    const char *slash = folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/";
    *value = whole ? arena_copy(arena, text).data
                   : arena_format(arena, "%s%s%.*s", folder, slash, SLICE_ARGS(text)).data;
    return !option->certificates || certificates_check(option->name, *value, err);
}

static bool set_secret(const struct option *option, struct secret **value, struct slice text,
                       const char *folder, struct arena *arena, struct error *err) {
    struct secret *secret = secret_create(text, folder, arena, err);
    if (secret) *value = secret;
    return secret ||
           error_set(err, ERROR_CONFIG, "%s takes %s", option->name, option_takes(option, arena));
}

bool option_set_text(const struct option *option, void *settings, struct slice text,
                     const char *folder, struct arena *arena, struct error *err) {
    void *value = (char *)settings + option->offset;
    if (option->type == OPTION_SECRET) return set_secret(option, value, text, folder, arena, err);
    if (memchr(text.data, '\0', text.length)) return refuse(option, SLICE("\\0"), arena, err);
    switch (option->type) {
    case OPTION_LIST:
    case OPTION_TEXT: *(const char **)value = arena_copy(arena, text).data; return true;
    case OPTION_PATH: return set_path(option, value, text, folder, arena, err);
    case OPTION_CHOICE: return set_choice(option, value, text, arena, err);
    case OPTION_INTEGER: return set_integer(option, value, text, arena, err);
    case OPTION_NUMBER: return set_number(option, value, text, arena, err);
    case OPTION_BYTES:
    case OPTION_DURATION: return set_quantity(option, value, text, arena, err);
    case OPTION_SECRET:
    case OPTION_BOOLEAN: break;
    }
    return set_boolean(option, value, text, arena, err);
}

void option_defaults(const struct option_table *table, void *settings, struct arena *arena) {
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        struct error err;
        if (option->standard == NULL || option->standard[0] == '\0') continue;
        if (option_set_text(option, settings, slice_of(option->standard), "", arena, &err))
            continue;
        log_error("config", "a wrong default: %s", err.text);
        abort(); /* the table is static: a mistake in linnet itself */
    }
}

static const char *option_candidate(const void *context, size_t i) {
    const struct option_table *table = context;
    return i < table->count ? table->options[i].name : NULL;
}

const struct option *option_find(const struct option_table *table, struct slice name,
                                 const char *of, struct error *err) {
    for (size_t i = 0; i < table->count; i++)
        if (slice_is(name, table->options[i].name)) return &table->options[i];
    error_set(err, ERROR_CONFIG, "%s has no \"%.*s\"", of, SLICE_ARGS(slice_first(name, 60)));
    const char *near = nearest_name(name, option_candidate, table);
    if (near) error_suggest(err, "did you mean \"%s\"?", near);
    return NULL;
}
