/* script/message_methods.h */
#include "script/message_methods.h"
#include "script/sandbox.h"
#include "text/token.h"
#include <lauxlib.h>

static void push_known(lua_State *lua, struct slice text) {
    if (text.length)
        lua_pushlstring(lua, text.data, text.length);
    else
        lua_pushnil(lua);
}

static void push_list(lua_State *lua, struct slice_list list) {
    lua_createtable(lua, (int)list.count, 0);
    for (uint32_t i = 0; i < list.count; i++) {
        lua_pushlstring(lua, list.items[i].data, list.items[i].length);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
}

static void push_instant(lua_State *lua, int64_t ms) {
    if (ms == TIME_UNKNOWN)
        lua_pushnil(lua);
    else
        lua_pushinteger(lua, ms);
}

#define FIELD(name) static void push_##name(lua_State *lua, const struct script_call *call)

FIELD(text) {
    lua_pushlstring(lua, call->message->text.data ? call->message->text.data : "",
                    call->message->text.length);
}
FIELD(id) { push_known(lua, call->message->id); }
FIELD(lang) { push_known(lua, message_language(call->message)); }
FIELD(network) { push_known(lua, call->message->network); }
FIELD(label) { push_known(lua, call->message->label); }
FIELD(created) { push_instant(lua, call->message->created_ms); }
FIELD(received) { push_instant(lua, call->message->received_ms); }
FIELD(hashtags) { push_list(lua, call->message->hashtags); }
FIELD(mentions) { push_list(lua, call->message->mentions); }
FIELD(urls) { push_list(lua, call->message->urls); }

FIELD(queries) {
    const struct message *message = call->message;
    lua_createtable(lua, (int)message->query_count, 0);
    for (uint32_t i = 0; i < message->query_count; i++) {
        lua_pushstring(lua, call->query_names[message->queries[i]]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
}

FIELD(author) {
    const struct author *author = &call->message->author;
    lua_createtable(lua, 0, 4);
    push_known(lua, author->id);
    lua_setfield(lua, -2, "id");
    push_known(lua, author->handle);
    lua_setfield(lua, -2, "handle");
    push_known(lua, author->name);
    lua_setfield(lua, -2, "name");
    if (author->followers >= 0) {
        lua_pushinteger(lua, author->followers);
        lua_setfield(lua, -2, "followers");
    }
}

/* Before there is a score this is the method; afterwards a number, which can be called as well. */
FIELD(score) {
    if (call->message->scored)
        lua_pushnumber(lua, call->message->score);
    else
        lua_pushcfunction(lua, message_score);
}

FIELD(raw) { message_push_raw(lua, call); }

const struct message_field message_fields[] = {
    { "text", "string", "the full text", push_text },
    { "id", "string?", "as the network writes it", push_id },
    { "lang", "string", "as the network says, else as the text shows; else und", push_lang },
    { "network", "string", "x, plain, ...", push_network },
    { "created", "integer?", "milliseconds since 1970", push_created },
    { "received", "integer?", "milliseconds since 1970", push_received },
    { "author", "linnet.author", "id, handle, name, followers; nil where not said", push_author },
    { "hashtags", "string[]", "without #", push_hashtags },
    { "mentions", "string[]", "handles without @", push_mentions },
    { "urls", "string[]", "expanded links", push_urls },
    { "queries", "string[]", "names of the queries that matched", push_queries },
    { "label", "string?", "once scored", push_label },
    { "score", "number", "once scored; as a method the value of another scorer", push_score },
    { "raw", "table?", "the whole record, parsed when asked", push_raw },
    { 0 },
};

struct trait_name {
    const char *name;
    uint32_t traits;
};

static bool has_trait(lua_State *lua, const struct script_call *call,
                      const struct trait_name *names) {
    const char *wanted = luaL_checkstring(lua, 2);
    for (; names->name; names++)
        if (strcmp(names->name, wanted) == 0) return (call->message->traits & names->traits) != 0;
    luaL_error(lua, "there is no \"%s\" to ask a message for", wanted);
    return false;
}

static int method_is(lua_State *lua) {
    static const struct trait_name names[] = { { "retweet", TRAIT_RETWEET },
                                               { "reply", TRAIT_REPLY },
                                               { "quote", TRAIT_QUOTE },
                                               { "verified", TRAIT_VERIFIED },
                                               { "bot", TRAIT_BOT },
                                               { "sensitive", TRAIT_SENSITIVE },
                                               { 0 } };
    lua_pushboolean(lua, has_trait(lua, message_check(lua, 1), names));
    return 1;
}

static bool has_list(const struct message *message, const char *name, bool *known) {
    *known = true;
    if (strcmp(name, "links") == 0) return message->urls.count > 0;
    if (strcmp(name, "hashtags") == 0) return message->hashtags.count > 0;
    if (strcmp(name, "mentions") == 0) return message->mentions.count > 0;
    if (strcmp(name, "cashtags") == 0) return message->cashtags.count > 0;
    *known = false;
    return false;
}

static int method_has(lua_State *lua) {
    static const struct trait_name names[] = { { "media", TRAIT_MEDIA },
                                               { "images", TRAIT_IMAGES },
                                               { "video_link", TRAIT_VIDEO },
                                               { "geo", TRAIT_PLACE | TRAIT_COORDINATES },
                                               { 0 } };
    const struct script_call *call = message_check(lua, 1);
    bool known, has = has_list(call->message, luaL_checkstring(lua, 2), &known);
    lua_pushboolean(lua, known ? has : has_trait(lua, call, names));
    return 1;
}

int message_score(lua_State *lua) {
    const struct script_call *call = message_check(lua, 1);
    struct slice name, text = { NULL, 0 };
    double value;
    name.data = luaL_checklstring(lua, 2, &name.length);
    if (!lua_isnoneornil(lua, 3)) text.data = luaL_checklstring(lua, 3, &text.length);
    if (call->score && call->score(call->context, name, text, &value))
        lua_pushnumber(lua, value);
    else
        lua_pushnil(lua);
    return 1;
}

/* upvalues: the message, the tokens, the next one's number. Gives its text as queries see it, with
 * #, @ or $, its kind, and its first and last byte in the text. */
static int next_token(lua_State *lua) {
    static const char *const kinds[] = { "word", "tag", "name", "cash", "link", "emoji" };
    static const char *const prefixes[] = { "", "#", "@", "$", "", "" };
    message_alive(lua, lua_upvalueindex(1));
    const struct token_list *tokens = lua_touserdata(lua, lua_upvalueindex(2));
    lua_Integer next = lua_tointeger(lua, lua_upvalueindex(3));
    if ((size_t)next >= tokens->count) return 0;
    const struct token *token = &tokens->items[next];
    lua_pushinteger(lua, next + 1);
    lua_replace(lua, lua_upvalueindex(3));
    if (prefixes[token->kind][0]) {
        lua_pushstring(lua, prefixes[token->kind]);
        lua_pushlstring(lua, token->folded.data, token->folded.length);
        lua_concat(lua, 2);
    } else
        lua_pushlstring(lua, token->folded.data, token->folded.length);
    lua_pushstring(lua, kinds[token->kind]);
    lua_pushinteger(lua, (lua_Integer)token->start + 1);
    lua_pushinteger(lua, (lua_Integer)token->start + token->length);
    return 4;
}

static int method_tokens(lua_State *lua) {
    const struct script_call *call = message_check(lua, 1);
    struct token_list *tokens = arena_alloc(call->arena, sizeof *tokens);
    sandbox_charge(lua, 50 + call->message->text.length / 2);
    *tokens = token_split(call->message->text, call->arena);
    lua_pushvalue(lua, 1);
    lua_pushlightuserdata(lua, tokens);
    lua_pushinteger(lua, 0);
    lua_pushcclosure(lua, next_token, 3);
    return 1;
}

/* Whether the tokens of `wanted` stand at `at`. */
static bool stands_at(const struct token_list *tokens, size_t at, const struct token_list *wanted) {
    if (wanted->count == 0 || wanted->count > tokens->count - at) return false;
    for (size_t i = 0; i < wanted->count; i++)
        if (!slice_equal(tokens->items[at + i].folded, wanted->items[i].folded)) return false;
    return true;
}

/* The bytes of the text that made queries match: { first, last } one after the other. */
static uint32_t *find_matches(const struct script_call *call, size_t *count) {
    struct token_list tokens = token_split(call->message->text, call->arena);
    struct slice_list texts = { 0 };
    if (call->matched) texts = call->matched(call->context);
    uint32_t *found = arena_alloc(call->arena, (tokens.count + 1) * 2 * sizeof *found);
    struct token_list *wanted = arena_alloc(call->arena, (texts.count + 1) * sizeof *wanted);
    for (uint32_t i = 0; i < texts.count; i++)
        wanted[i] = token_split(texts.items[i], call->arena);
    *count = 0;
    for (size_t at = 0; at < tokens.count; at++) {
        size_t longest = 0;
        for (uint32_t i = 0; i < texts.count; i++)
            if (wanted[i].count > longest && stands_at(&tokens, at, &wanted[i]))
                longest = wanted[i].count;
        if (longest == 0) continue;
        const struct token *last = &tokens.items[at + longest - 1];
        found[2 * *count] = tokens.items[at].start;
        found[2 * (*count)++ + 1] = last->start + last->length;
        at += longest - 1;
    }
    return found;
}

/* upvalues: the message, the places, how many are left. */
static int next_match(lua_State *lua) {
    message_alive(lua, lua_upvalueindex(1));
    const uint32_t *place = lua_touserdata(lua, lua_upvalueindex(2));
    lua_Integer left = lua_tointeger(lua, lua_upvalueindex(3));
    if (left == 0) return 0;
    lua_pushlightuserdata(lua, (uint32_t *)place + 2); /* only read */
    lua_replace(lua, lua_upvalueindex(2));
    lua_pushinteger(lua, left - 1);
    lua_replace(lua, lua_upvalueindex(3));
    lua_pushinteger(lua, (lua_Integer)place[0] + 1);
    lua_pushinteger(lua, place[1]);
    return 2;
}

static int method_matches(lua_State *lua) {
    const struct script_call *call = message_check(lua, 1);
    size_t count;
    uint32_t *places = find_matches(call, &count);
    lua_pushvalue(lua, 1);
    lua_pushlightuserdata(lua, places);
    lua_pushinteger(lua, (lua_Integer)count);
    lua_pushcclosure(lua, next_match, 3);
    return 1;
}

const struct message_method message_methods[] = {
    { "is",
      "fun(self: linnet.message, trait: \"retweet\"|\"reply\"|\"quote\"|\"verified\"|\"bot\"|"
      "\"sensitive\"): boolean",
      "what kind of post it is", method_is },
    { "has",
      "fun(self: linnet.message, part: "
      "\"links\"|\"hashtags\"|\"mentions\"|\"cashtags\"|\"media\"|\"images\"|\"video_link\"|"
      "\"geo\"): boolean",
      "what is in it", method_has },
    { "tokens", "fun(self: linnet.message): fun(): string?, string?, integer?, integer?",
      "its tokens in order, as queries see them: text, kind, first and last byte in message.text",
      method_tokens },
    { "matches", "fun(self: linnet.message): fun(): integer?, integer?",
      "first and last byte of every place in message.text that made a query match",
      method_matches },
    { 0 },
};
