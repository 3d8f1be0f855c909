/* linnet.message{} of tests: a table becomes JSON, and that a message, as any record does. */
#include "base/alloc.h"
#include "script/message_methods.h"
#include "script/testing_internal.h"
#include "script/value.h"
#include "json/writer.h"
#include <lauxlib.h>

#define MAX_DEPTH 32

const struct known_key test_message_keys[] = {
    { "text", "string?", "the full text" },
    { "id", "string?", "else one is made" },
    { "lang", "string?", "\"en\"" },
    { "network", "string?", "else plain" },
    { "created", "string|integer|nil", "ISO 8601, or milliseconds since 1970" },
    { "author", "linnet.author?", "id, handle, name" },
    { "hashtags", "string[]?", "without #" },
    { "mentions", "string[]?", "without @" },
    { "urls", "string[]?", "links" },
    { "coordinates", "number[]?", "{ lon, lat }" },
    { "raw", "table?", "a whole record instead of the names above, as a network writes it" },
    { "received", "integer?", "milliseconds since 1970" },
    { "is", "string[]?", "{ \"retweet\" }: what message:is answers yes to" },
    { "has", "string[]?", "{ \"media\" }: what message:has answers yes to" },
    { "queries", "table<string, string>?", "name = query: those that match are its queries" },
    { "label", "string?", "as if it were scored" },
    { "score", "number?", "as if it were scored" },
    { 0 },
};

/* The first of them that stand in the record. */
#define RECORD_KEYS 10

/* ---- tables to JSON -------------------------------------------------------------------------- */

static void write_value(lua_State *lua, int index, struct writer *writer, int depth);

static void write_list(lua_State *lua, int index, struct writer *writer, int depth) {
    size_t count = lua_rawlen(lua, index);
    write_array(writer);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(lua, index, (lua_Integer)i);
        write_value(lua, lua_gettop(lua), writer, depth);
        lua_pop(lua, 1);
    }
    write_array_end(writer);
}

/* A list, or names; an empty table is a list. */
static void write_table(lua_State *lua, int index, struct writer *writer, int depth) {
    struct testing *testing = testing_of(lua);
    struct table_keys keys;
    struct error err = { 0 };
    if (depth == MAX_DEPTH) luaL_error(lua, "this record is more than %d deep", MAX_DEPTH);
    if (!value_keys(testing->loader, index, NULL, "a table", &keys, &err)) testing_raise(lua, &err);
    if (keys.name_count && keys.item_count)
        luaL_error(lua, "a table of a record has names or items, not both");
    if (keys.name_count == 0) {
        write_list(lua, index, writer, depth + 1);
        return;
    }
    write_object(writer);
    for (size_t i = 0; i < keys.name_count; i++) {
        (void)value_push_member(lua, index, keys.names[i]);
        write_name(writer, keys.names[i]);
        write_value(lua, lua_gettop(lua), writer, depth + 1);
        lua_pop(lua, 1);
    }
    write_object_end(writer);
}

static void write_value(lua_State *lua, int index, struct writer *writer, int depth) {
    struct slice text;
    switch (lua_type(lua, index)) {
    case LUA_TTABLE: write_table(lua, index, writer, depth); return;
    case LUA_TBOOLEAN:
        write_raw(writer, lua_toboolean(lua, index) ? SLICE("true") : SLICE("false"));
        return;
    case LUA_TNUMBER:
        if (lua_isinteger(lua, index))
            write_integer(writer, lua_tointeger(lua, index));
        else
            write_double(writer, lua_tonumber(lua, index));
        return;
    case LUA_TSTRING:
        text.data = lua_tolstring(lua, index, &text.length);
        write_text(writer, text);
        return;
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(lua, index) == SCRIPT_NULL) {
            write_raw(writer, SLICE("null"));
            return;
        }
        break;
    default: break;
    }
    luaL_error(lua, "a record holds no %s", luaL_typename(lua, index));
}

/* ---- reading --------------------------------------------------------------------------------- */

void reader_init(struct reader *reader) {
    reader->projection = projection_create();
    reader->dialects = dialects_create(reader->projection);
}

void reader_seal(struct reader *reader) {
    projection_seal(reader->projection);
    reader->projector = projector_create(reader->projection);
}

void reader_free(struct reader *reader) {
    if (reader->projector) projector_destroy(reader->projector);
    if (reader->dialects) dialects_destroy(reader->dialects);
    if (reader->projection) projection_destroy(reader->projection);
}

/* message:score NAME */
static bool score_by_name(void *context, struct slice name, struct slice text, double *value) {
    struct test_message *made = context;
    for (size_t i = 0; scorer_ops_name(i) && i < MAX_ENGINES; i++) {
        if (!slice_is(name, scorer_ops_name(i))) continue;
        if (text.data == NULL) text = made->message.text;
        struct score score =
            scorer_ops_find(name)->score(made->testing->engines[i], text, made->call.arena, false);
        *value = score.value;
        return score.known;
    }
    return false;
}

/* message:matches() */
static struct slice_list matched_texts(void *context) {
    struct test_message *made = context;
    struct message copy = made->message;
    struct slice_list list = { 0 };
    size_t count;
    if (made->queries == NULL) return list;
    const struct query_reason *reasons =
        query_set_explain(made->queries, made->scratch, &copy, made->call.arena, &count);
    list.items = arena_alloc(made->call.arena, (count + 1) * sizeof *list.items);
    for (size_t i = 0; i < count; i++)
        if (reasons[i].matched.length) list.items[list.count++] = reasons[i].matched;
    return list;
}

static void need_engines(lua_State *lua, struct testing *testing) {
    struct error err = { 0 };
    if (testing->has_engines) return;
    testing->has_engines = true;
    for (size_t i = 0; scorer_ops_name(i) && i < MAX_ENGINES; i++) {
        struct slice name = slice_of(scorer_ops_name(i));
        const struct place *place = NULL;
        int top = lua_gettop(lua);
        if (!plugin_push_named(testing->loader, &lexicon_plugins, name, NULL, &place, &err))
            testing_raise(lua, &err);
        const struct lexicon *lexicon =
            compile_lexicon(testing->loader, lua_gettop(lua), place, &testing->shelf, &err);
        testing->engines[i] = lexicon ? scorer_ops_find(name)->create(lexicon, &err) : NULL;
        if (testing->engines[i] == NULL) testing_raise(lua, &err);
        lua_settop(lua, top);
    }
}

static struct slice record_of(lua_State *lua, struct testing *testing, int index) {
    struct writer writer;
    writer_init(&writer, &testing->arena, 1024);
    write_value(lua, index, &writer, 0);
    return json_padded(&testing->arena, writer_finish(&writer));
}

static void refuse_record(lua_State *lua, const struct message *message) {
    switch (message->kind) {
    case MESSAGE_POST:
    case MESSAGE_EDIT: return;
    case MESSAGE_MALFORMED:
        lua_pushlstring(lua, message->reason.data, message->reason.length);
        luaL_error(lua, "this record cannot be read: %s", lua_tostring(lua, -1));
        return;
    default: luaL_error(lua, "this record is no post: scripts see posts only");
    }
}

struct test_message *testing_read(lua_State *lua, const struct reader *reader, int index,
                                  struct slice network) {
    struct testing *testing = testing_of(lua);
    need_engines(lua, testing);
    struct test_message *made = arena_zeroed(&testing->arena, 1, sizeof *made);
    struct record_place place = { .source = SLICE("test"), .seekable = true };
    made->message = (struct message){ .raw = record_of(lua, testing, index),
                                      .received_ms = TIME_UNKNOWN,
                                      .offset = testing->message_count++ };
    (void)!message_read(reader->dialects, reader->projector, &place, &made->message,
                        &testing->arena);
    if (network.length && !slice_equal(made->message.network, network))
        luaL_error(lua, "this record does not fit: it lacks a member that `has` lists");
    refuse_record(lua, &made->message);
    made->testing = testing;
    made->call = (struct script_call){ .message = &made->message,
                                       .arena = &testing->arena,
                                       .projector = testing->raw_projector,
                                       .score = score_by_name,
                                       .matched = matched_texts,
                                       .context = made };
    made->next = testing->messages;
    testing->messages = made;
    message_push_lasting(lua, &made->call);
    return made;
}

struct test_message *testing_check(lua_State *lua, int index) {
    const struct script_call *call = message_at(lua, index);
    if (call) return call->context;
    luaL_error(lua, "a message is wanted here: linnet.message { text = \"...\" }");
    return NULL;
}

void testing_free_messages(struct testing *testing) {
    for (struct test_message *made = testing->messages; made; made = made->next) {
        if (made->scratch) query_scratch_destroy(made->scratch);
        if (made->queries) query_set_destroy(made->queries);
    }
}

/* ---- linnet.message{} ------------------------------------------------------------------------ */

static const struct {
    const char *list, *name;
    uint32_t trait;
} traits[] = { { "is", "retweet", TRAIT_RETWEET },   { "is", "reply", TRAIT_REPLY },
               { "is", "quote", TRAIT_QUOTE },       { "is", "verified", TRAIT_VERIFIED },
               { "is", "bot", TRAIT_BOT },           { "is", "sensitive", TRAIT_SENSITIVE },
               { "has", "media", TRAIT_MEDIA },      { "has", "images", TRAIT_IMAGES },
               { "has", "video_link", TRAIT_VIDEO }, { "has", "geo", TRAIT_PLACE } };

static void add_trait(lua_State *lua, struct message *message, const char *list) {
    const char *name = luaL_checkstring(lua, -1);
    for (size_t i = 0; i < LENGTH(traits); i++)
        if (strcmp(traits[i].list, list) == 0 && strcmp(traits[i].name, name) == 0) {
            message->traits |= traits[i].trait;
            return;
        }
    luaL_error(lua, "`%s` knows no \"%s\"", list, name);
}

static void set_traits(lua_State *lua, struct message *message, const char *list) {
    if (lua_getfield(lua, 1, list) == LUA_TTABLE)
        for (lua_Integer i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
            add_trait(lua, message, list);
            lua_pop(lua, 1);
        }
    lua_settop(lua, 2);
}

/* queries = { NAME = QUERY }; what matches becomes message.queries. */
static void set_queries(lua_State *lua, struct test_message *made) {
    struct testing *testing = made->testing;
    struct table_keys keys;
    struct error err = { 0 };
    size_t bad, offset;
    if (lua_getfield(lua, 1, "queries") == LUA_TNIL) {
        lua_settop(lua, 2);
        return;
    }
    if (!value_keys(testing->loader, -1, NULL, "a table: name = query", &keys, &err) ||
        !value_no_items(testing->loader, &keys, "a query needs its name", NULL, &err))
        testing_raise(lua, &err);
    struct query_source *sources = arena_zeroed(&testing->arena, keys.name_count, sizeof *sources);
    const char **names = arena_zeroed(&testing->arena, keys.name_count, sizeof *names);
    for (size_t i = 0; i < keys.name_count; i++) {
        sources[i].name = names[i] = keys.names[i].data;
        (void)value_push_member(lua, 3, keys.names[i]);
        if (!value_text(testing->loader, -1, NULL, &sources[i].text, &err))
            testing_raise(lua, &err);
        lua_pop(lua, 1);
    }
    made->queries = query_set_create(sources, keys.name_count, &bad, &offset, &err);
    if (made->queries == NULL) luaL_error(lua, "%s: %s", names[bad], err.text);
    made->scratch = query_scratch_create(made->queries);
    made->call.query_names = names;
    query_set_match(made->queries, made->scratch, &made->message, &testing->arena);
    lua_settop(lua, 2);
}

static void set_score(lua_State *lua, struct test_message *made) {
    struct message *message = &made->message;
    if (lua_getfield(lua, 1, "score") != LUA_TNIL) {
        message->scored = true;
        message->score = luaL_checknumber(lua, -1);
    }
    if (lua_getfield(lua, 1, "label") != LUA_TNIL) {
        size_t length;
        const char *label = luaL_checklstring(lua, -1, &length);
        message->label = arena_copy(&made->testing->arena, slice_from(label, length));
    }
    if (lua_getfield(lua, 1, "received") != LUA_TNIL)
        message->received_ms = luaL_checkinteger(lua, -1);
    lua_settop(lua, 2);
}

/* Pushes the record: `raw`, else what of the table belongs into one. */
static void push_record(lua_State *lua) {
    if (lua_getfield(lua, 1, "raw") == LUA_TTABLE) return;
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_pushliteral(lua, "");
    lua_setfield(lua, -2, "text");
    for (size_t i = 0; i < RECORD_KEYS; i++) {
        if (lua_getfield(lua, 1, test_message_keys[i].name) == LUA_TNIL)
            lua_pop(lua, 1);
        else
            lua_setfield(lua, -2, test_message_keys[i].name);
    }
}

int testing_message(lua_State *lua) {
    struct testing *testing = testing_of(lua);
    struct table_keys keys;
    struct error err = { 0 };
    lua_settop(lua, 1);
    if (!value_keys(testing->loader, 1, NULL, "a table", &keys, &err) ||
        !value_known_keys(testing->loader, &keys, test_message_keys, "linnet.message", NULL,
                          &err) ||
        !value_no_items(testing->loader, &keys, "a message takes names: text = ...", NULL, &err))
        testing_raise(lua, &err);
    push_record(lua);
    struct test_message *made = testing_read(lua, &testing->reader, 2, SLICE(""));
    lua_remove(lua, 2);
    set_traits(lua, &made->message, "is");
    set_traits(lua, &made->message, "has");
    set_queries(lua, made);
    set_score(lua, made);
    return 1;
}
