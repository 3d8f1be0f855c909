/* script/message_methods.h */
#include "script/message_methods.h"
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
FIELD(lang) { push_known(lua, call->message->lang); }
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
    { "lang", "string?", "the language the network says", push_lang },
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
    size_t length;
    const char *name = luaL_checklstring(lua, 2, &length);
    double value;
    if (call->score && call->score(call->context, slice_from(name, length), &value))
        lua_pushnumber(lua, value);
    else
        lua_pushnil(lua);
    return 1;
}

/* upvalues: the message, the tokens, the next one's number. Gives its text as queries see it, with
 * #, @ or $, and its kind. */
static int next_token(lua_State *lua) {
    static const char *const kinds[] = { "word", "tag", "name", "cash", "link", "emoji" };
    static const char *const prefixes[] = { "", "#", "@", "$", "", "" };
    message_check(lua, lua_upvalueindex(1));
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
    return 2;
}

static int method_tokens(lua_State *lua) {
    const struct script_call *call = message_check(lua, 1);
    struct token_list *tokens = arena_alloc(call->arena, sizeof *tokens);
    *tokens = token_split(call->message->text, call->arena);
    lua_pushvalue(lua, 1);
    lua_pushlightuserdata(lua, tokens);
    lua_pushinteger(lua, 0);
    lua_pushcclosure(lua, next_token, 3);
    return 1;
}

const struct message_method message_methods[] = {
    { "is",
      "fun(self: linnet.message, trait: \"retweet\"|\"reply\"|\"quote\"|\"verified\"): boolean",
      "what kind of post it is", method_is },
    { "has",
      "fun(self: linnet.message, part: "
      "\"links\"|\"hashtags\"|\"mentions\"|\"cashtags\"|\"media\"|\"images\"|\"video_link\"|"
      "\"geo\"): boolean",
      "what is in it", method_has },
    { "tokens", "fun(self: linnet.message): fun(): string?, string?",
      "its tokens in order, as queries see them, each with its kind", method_tokens },
    { 0 },
};
