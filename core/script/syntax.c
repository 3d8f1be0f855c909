/* script/syntax.h: the token at fault is found by loading the text up to each candidate. */
#include "script/syntax.h"
#include "script/sandbox.h"
#include "script/tokens.h"
#include <lauxlib.h>
#include <stdio.h>

#define MAX_TRIED_BYTES ((size_t)64 << 20) /* loaded again to find one token */

static size_t line_offset(struct slice text, int line) {
    size_t at = 0;
    for (; line > 1 && at < text.length; at++)
        line -= text.data[at] == '\n';
    return at;
}

static size_t first_token(const struct tokens *tokens, int line) {
    size_t at = 0;
    while (at < tokens->count && tokens->items[at].line < line)
        at++;
    return at;
}

/* Whether Lua, given the text up to `end`, only misses what comes after it. */
static bool is_good_start(lua_State *lua, struct slice text, size_t end) {
    bool good = luaL_loadbufferx(lua, text.data, end, "=start", "t") == LUA_OK;
    if (!good)
        good = slice_ends(slice_of(lua_tostring(lua, -1)), SLICE("near <eof>")) &&
               !strstr(lua_tostring(lua, -1), "unfinished string");
    lua_pop(lua, 1);
    return good;
}

/* The first token of the line with which the text so far cannot go on. */
static size_t find_culprit(lua_State *lua, const struct tokens *tokens, int line) {
    size_t first = first_token(tokens, line);
    size_t tried = 0;
    for (size_t at = first; at < tokens->count && tokens->items[at].line == line; at++) {
        size_t end = token_offset(tokens, at) + tokens->items[at].text.length;
        tried += end;
        if (tried > MAX_TRIED_BYTES) break;
        if (!is_good_start(lua, tokens->source, end)) return token_offset(tokens, at);
    }
    bool last = tokens->items[first].line != line; /* nothing there: the text ends too early */
    return last ? line_offset(tokens->source, line) : token_offset(tokens, first);
}

bool syntax_error(lua_State *lua, const struct script_file *file, struct arena *arena,
                  struct error *err) {
    int line = 0;
    if (lua_type(lua, -1) != LUA_TSTRING) lua_error(lua); /* no memory: for the sandbox to tell */
    const char *message = sandbox_strip(lua_tostring(lua, -1), file->path, &line);
    error_set(err, ERROR_CONFIG, "%s", message);
    if (line == 0) {
        snprintf(err->file, sizeof err->file, "%s", file->path);
        return false;
    }
    struct tokens tokens = tokens_of(file->text, arena);
    size_t at = file->text.length;
    if (!slice_ends(slice_of(message), SLICE("near <eof>")))
        at = find_culprit(lua, &tokens, line);
    else if (slice_starts(slice_of(message), SLICE("unfinished long string")) && tokens.count)
        at = token_offset(&tokens, tokens.count - 1);
    else
        while (at > 0 && (unsigned char)file->text.data[at - 1] <= ' ')
            at--; /* not on the empty line behind the last one */
    error_locate(err, file->path, file->text, at);
    return false;
}

/* The next word between quotes in the sentence behind *at; empty when there is none. */
static struct slice next_quoted(const char **at) {
    const char *start = *at + strcspn(*at, "\"'");
    if (*start == '\0') return SLICE("");
    const char *end = strchr(start + 1, *start);
    if (end == NULL) return SLICE("");
    *at = end + 1;
    return slice_from(start + 1, (size_t)(end - start - 1));
}

static bool token_names(const struct token *token, struct slice name) {
    size_t start = 0;
    if (token->kind == TOKEN_NAME) return slice_equal(token->text, name);
    return token_string_offset(token, name, &start);
}

/* The token that the sentence is about: a name that it quotes, or the "linnet" of the linnet.NAME
 * that it says. tokens->count when the line has none. */
static size_t find_subject(const struct tokens *tokens, size_t first, int line,
                           const char *sentence) {
    const char *said = strstr(sentence, "linnet.");
    for (size_t at = first; said && at < tokens->count && tokens->items[at].line == line; at++)
        if (token_is(tokens, at, "linnet") && token_is(tokens, at + 1, ".") &&
            slice_starts(slice_of(said + 7), tokens->items[MIN(at + 2, tokens->count)].text))
            return at;
    for (struct slice name; (name = next_quoted(&sentence)).length;)
        for (size_t at = first; at < tokens->count && tokens->items[at].line == line; at++)
            if (token_names(&tokens->items[at], name)) return at;
    return tokens->count;
}

void syntax_find_column(const struct script_file *file, struct arena *arena, struct error *err) {
    struct tokens tokens = tokens_of(file->text, arena);
    size_t first = first_token(&tokens, err->line);
    size_t subject = find_subject(&tokens, first, err->line, err->text);
    bool blank = tokens.items[first].line != err->line;
    size_t at = blank ? line_offset(file->text, err->line) : token_offset(&tokens, first);
    if (subject < tokens.count) at = token_offset(&tokens, subject);
    error_locate(err, file->path, file->text, at);
}
