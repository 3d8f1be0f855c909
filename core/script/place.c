/* script/place.h: follows a path of keys through the tokens of the file that it was written in. */
#include "script/place.h"
#include "script/tokens.h"
#include <stdio.h>

#define MAX_VARIABLES 8 /* local a = b; local b = c; ... followed this far */
#define NOWHERE ((size_t)-1)

/* What is known of a value: the tokens where its key and its expression start. */
struct found {
    const struct script_file *file;
    struct tokens tokens;
    size_t key, value;
    bool exact; /* false: this is only the table that it is somewhere in */
};

static bool opens(const struct tokens *tokens, size_t at) {
    static const char *const openers[] = { "{", "(", "[", "function", "if", "do", "repeat" };
    for (size_t i = 0; i < LENGTH(openers); i++)
        if (token_is(tokens, at, openers[i])) return true;
    return false;
}

static bool closes(const struct tokens *tokens, size_t at) {
    static const char *const closers[] = { "}", ")", "]", "end", "until" };
    for (size_t i = 0; i < LENGTH(closers); i++)
        if (token_is(tokens, at, closers[i])) return true;
    return false;
}

/* The "," or ";" or closing token behind the field that starts at `at`. */
static size_t field_end(const struct tokens *tokens, size_t at) {
    for (int depth = 0; at < tokens->count; at++) {
        if (depth == 0 && (token_is(tokens, at, ",") || token_is(tokens, at, ";"))) return at;
        if (opens(tokens, at)) depth++;
        if (closes(tokens, at) && depth-- == 0) return at;
    }
    return at;
}

static bool is_keyed(const struct tokens *tokens, size_t at) {
    return at < tokens->count && tokens->items[at].kind == TOKEN_NAME &&
           token_is(tokens, at + 1, "=");
}

/* `["key"] =` or `[3] =` */
static bool is_bracketed(const struct tokens *tokens, size_t at) {
    return token_is(tokens, at, "[") && token_is(tokens, at + 2, "]") &&
           token_is(tokens, at + 3, "=");
}

static bool bracket_holds(const struct token *token, const struct place *place) {
    size_t start = 0;
    if (place->key.data) return token_string_offset(token, place->key, &start);
    char number[24];
    snprintf(number, sizeof number, "%lld", place->item);
    return token->kind == TOKEN_NUMBER && slice_is(token->text, number);
}

/* Looks for the member `place` in the constructor whose "{" is at `open`; the last one counts. */
static bool find_member(struct found *found, size_t open, const struct place *place) {
    const struct tokens *tokens = &found->tokens;
    bool seen = false;
    long long item = 0;
    for (size_t at = open + 1; at < tokens->count && !closes(tokens, at);) {
        size_t value = at;
        bool matches = false;
        if (is_keyed(tokens, at)) {
            value = at + 2;
            matches = place->key.data && slice_equal(tokens->items[at].text, place->key);
        } else if (is_bracketed(tokens, at)) {
            value = at + 4;
            matches = bracket_holds(&tokens->items[at + 1], place);
        } else {
            matches = !place->key.data && ++item == place->item;
        }
        if (matches) {
            found->key = at;
            found->value = value;
            seen = true;
        }
        at = field_end(tokens, value);
        if (token_is(tokens, at, ",") || token_is(tokens, at, ";")) at++;
    }
    return seen;
}

/* The expression of the last `local NAME =` before `at`; NOWHERE when there is none. */
static size_t find_variable(const struct tokens *tokens, size_t at, struct slice name) {
    for (size_t i = at; i-- > 1;)
        if (token_is(tokens, i - 1, "local") && slice_equal(tokens->items[i].text, name) &&
            token_is(tokens, i + 1, "="))
            return i + 2;
    return NOWHERE;
}

static bool is_variable(const struct tokens *tokens, size_t at) {
    static const char *const followers[] = { ".", "{", "(", "[", ":", "..", NULL };
    if (at >= tokens->count || tokens->items[at].kind != TOKEN_NAME) return false;
    for (size_t i = 0; followers[i]; i++)
        if (token_is(tokens, at + 1, followers[i])) return false;
    enum token_kind next = tokens->items[at + 1].kind;
    return next != TOKEN_STRING && next != TOKEN_LONG_STRING;
}

/* `NAME.key = value` as a statement: the last one. */
static bool find_assignment(struct found *found, struct slice name, const struct place *place) {
    const struct tokens *tokens = &found->tokens;
    for (size_t i = tokens->count; place->key.data && i-- > 0;)
        if (slice_equal(tokens->items[i].text, name) && token_is(tokens, i + 1, ".") &&
            i + 3 < tokens->count && slice_equal(tokens->items[i + 2].text, place->key) &&
            token_is(tokens, i + 3, "=")) {
            found->key = i + 2;
            found->value = i + 4;
            return true;
        }
    return false;
}

/* Steps from the table at found->value to its member. */
static bool enter_member(struct found *found, const struct place *place) {
    const struct tokens *tokens = &found->tokens;
    size_t at = found->value;
    for (int i = 0; i < MAX_VARIABLES && is_variable(tokens, at); i++) {
        if (find_assignment(found, tokens->items[at].text, place)) return true;
        size_t value = find_variable(tokens, at, tokens->items[at].text);
        if (value == NOWHERE) break;
        at = value;
    }
    while (at < tokens->count && (tokens->items[at].kind == TOKEN_NAME ||
                                  token_is(tokens, at, ".") || token_is(tokens, at, "(")))
        at++;
    return token_is(tokens, at, "{") && find_member(found, at, place);
}

/* Behind the last `return` that is in no function and no block. */
static size_t find_return(const struct tokens *tokens) {
    size_t last = NOWHERE;
    int depth = 0;
    for (size_t at = 0; at < tokens->count; at++) {
        if (opens(tokens, at)) depth++;
        if (closes(tokens, at)) depth--;
        if (depth == 0 && token_is(tokens, at, "return")) last = at + 1;
    }
    return last;
}

static bool is_maker(const struct tokens *tokens, size_t at, const struct place *place) {
    return token_is(tokens, at, "linnet") && token_is(tokens, at + 1, ".") &&
           token_is(tokens, at + 2, place->maker);
}

/* The first `linnet.MAKER` of the line, else the line's first token. */
static size_t find_maker(const struct tokens *tokens, const struct place *place) {
    size_t first = NOWHERE;
    for (size_t at = 0; at < tokens->count; at++) {
        /* A call's line is that of its name or, when that stands alone, of its "{". */
        bool named = tokens->items[at].line == place->line;
        if (is_maker(tokens, at, place) && (named || tokens->items[at + 3].line == place->line))
            return at;
        if (named && first == NOWHERE) first = at;
    }
    return first;
}

static bool find_place(const struct place *place, struct arena *arena, struct found *found);

static void find_root(const struct place *place, struct arena *arena, struct found *found) {
    /* Written in place? Then the way there tells several of one line apart. */
    if (place->up) {
        struct place step = *place;
        step.file = NULL;
        if (find_place(&step, arena, found) && found->file == place->file && place->maker &&
            is_maker(&found->tokens, found->value, place))
            return;
    }
    *found = (struct found){ .file = place->file, .tokens = tokens_of(place->file->text, arena) };
    size_t at = place->maker ? find_maker(&found->tokens, place) : find_return(&found->tokens);
    if (at == NOWHERE) at = found->tokens.count ? found->tokens.count - 1 : 0;
    found->key = found->value = at;
    found->exact = true;
}

/* False when it stands nowhere in a file; found->exact tells whether the last step was found. */
static bool find_place(const struct place *place, struct arena *arena, struct found *found) {
    if (place == NULL) return false;
    if (place->file) {
        find_root(place, arena, found);
        return true;
    }
    if (!find_place(place->up, arena, found)) return false;
    found->exact = found->exact && enter_member(found, place);
    return true;
}

void place_locate(const struct place *place, enum place_part part, struct arena *arena,
                  struct error *err) {
    struct found found = { 0 };
    if (!find_place(place, arena, &found)) return;
    size_t at = part == PLACE_KEY ? found.key : found.value;
    error_locate(err, found.file->path, found.file->text, token_offset(&found.tokens, at));
}

/* The string literal that made `text`: the expression itself, or a variable's. */
static bool find_literal(const struct found *found, struct slice text, size_t *offset) {
    const struct tokens *tokens = &found->tokens;
    size_t at = found->value;
    for (int i = 0; i < MAX_VARIABLES && at != NOWHERE && is_variable(tokens, at); i++)
        at = find_variable(tokens, at, tokens->items[at].text);
    if (at == NOWHERE) return false;
    if (token_is(tokens, at, "linnet")) at += 3; /* linnet.track "..." */
    if (token_is(tokens, at, "(")) at++;
    if (at >= tokens->count || !token_string_offset(&tokens->items[at], text, offset)) return false;
    *offset += token_offset(tokens, at);
    return true;
}

void place_locate_text(const struct place *place, struct slice text, size_t offset,
                       struct arena *arena, struct error *err) {
    struct found found = { 0 };
    if (!find_place(place, arena, &found)) return;
    size_t at = offset;
    if (found.exact && find_literal(&found, text, &at)) {
        error_locate(err, found.file->path, found.file->text, at);
        return;
    }
    struct error inside = *err;
    error_locate(&inside, "", text, offset);
    place_locate(place, PLACE_VALUE, arena, err);
    memcpy(err->quoted, inside.quoted, sizeof err->quoted);
    err->caret = inside.caret;
}

bool place_error(const struct place *place, enum place_part part, struct arena *arena,
                 struct error *err, const char *format, ...) {
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(err, ERROR_CONFIG, "%s", text);
    place_locate(place, part, arena, err);
    return false;
}

static const struct script_file *file_of(const struct place *place) {
    while (place && place->file == NULL)
        place = place->up;
    return place ? place->file : NULL;
}

/* The names of a declaration that stands in a file of its own start there. */
static bool starts_names(const struct place *place) {
    return (place->key.data == NULL && place->item == 0) ||
           (place->maker && place->file != file_of(place->up));
}

struct slice place_name(const struct place *place, struct arena *arena) {
    if (place == NULL || starts_names(place)) return SLICE("");
    struct slice above = place_name(place->up, arena);
    if (place->key.data == NULL && above.length == 0)
        return arena_format(arena, "item %lld", place->item);
    if (place->key.data == NULL)
        return arena_format(arena, "%.*s[%lld]", SLICE_ARGS(above), place->item);
    if (above.length == 0) return place->key;
    return arena_format(arena, "%.*s.%.*s", SLICE_ARGS(above), SLICE_ARGS(place->key));
}
