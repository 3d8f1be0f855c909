/* script/api.h */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "script/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "script/counters.h"
#include "script/message_methods.h"
#include "script/sandbox.h"
#include <lauxlib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pcre2.h>
#include <stdatomic.h>
#include <stdio.h>

#define MATCH_LIMIT 20000
/* Of one regex: a call may make twenty, a file thousands. */
#define REGEX_STEPS 50000
#define MAX_SUBJECT_BYTES ((size_t)256 * 1024)

static int clamp(lua_State *lua) {
    lua_Number value = luaL_checknumber(lua, 1), low = luaL_checknumber(lua, 2),
               high = luaL_checknumber(lua, 3);
    lua_pushnumber(lua, value < low ? low : value > high ? high : value);
    return 1;
}

static int now(lua_State *lua) {
    lua_pushinteger(lua, clock_wall_ms());
    return 1;
}

/* HMAC-SHA-256 of the text under the salt, the first 16 bytes in hex: a pseudonym. */
static int hash(lua_State *lua) {
    size_t text_bytes, salt_bytes;
    const char *text = luaL_checklstring(lua, 1, &text_bytes);
    const char *salt = luaL_checklstring(lua, 2, &salt_bytes);
    sandbox_charge(lua, 200 + (text_bytes + salt_bytes) / 16);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char hex[33];
    HMAC(EVP_sha256(), salt, (int)salt_bytes, (const unsigned char *)text, text_bytes, digest,
         &length);
    for (int i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    lua_pushlstring(lua, hex, 32);
    return 1;
}

/* At most one line a second from all scripts: a script may be called for every post. */
static int say(lua_State *lua) {
    static _Atomic int64_t last_ms;
    const char *text = luaL_checkstring(lua, 1);
    int64_t at = clock_wall_ms(), last = atomic_load(&last_ms);
    if (at - last < 1000 && at >= last) return 0;
    if (atomic_compare_exchange_strong(&last_ms, &last, at)) log_info("script", "%.500s", text);
    return 0;
}

static int count(lua_State *lua) {
    size_t length;
    const char *name = luaL_checklstring(lua, 1, &length);
    lua_Integer amount = luaL_optinteger(lua, 2, 1);
    if (amount < 0) return luaL_error(lua, "a counter only grows");
    if (memchr(name, '\0', length) || !counter_add(slice_from(name, length), (uint64_t)amount))
        return luaL_error(lua,
                          "counters have names of 1 to %d bytes, and there are at most %d of them",
                          COUNTER_NAME_BYTES, MAX_COUNTERS);
    return 0;
}

/* ---- regex ---------------------------------------------------------------------------------- */

static const char regex_key;

struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

static int regex_free(lua_State *lua) {
    struct regex *regex = lua_touserdata(lua, 1);
    pcre2_code_free(regex->code);
    pcre2_match_data_free(regex->match);
    pcre2_match_context_free(regex->limits);
    *regex = (struct regex){ 0 };
    return 0;
}

static struct regex *check_regex(lua_State *lua) {
    bool same = false;
    if (lua_type(lua, 1) == LUA_TUSERDATA && lua_getmetatable(lua, 1)) {
        lua_rawgetp(lua, LUA_REGISTRYINDEX, &regex_key);
        same = lua_rawequal(lua, -1, -2);
        lua_pop(lua, 2);
    }
    if (!same) luaL_error(lua, "a regex is wanted here: write re:match, not re.match");
    return lua_touserdata(lua, 1);
}

/* Runs from byte `at`; false when there is no match. */
static bool regex_run(lua_State *lua, struct regex *regex, struct slice text, size_t at) {
    if (text.length > MAX_SUBJECT_BYTES) luaL_error(lua, "the text is too long for a regex");
    sandbox_charge(lua, 10 + text.length / 4);
    int found = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.length, at, 0, regex->match,
                            regex->limits);
    if (found == PCRE2_ERROR_NOMATCH) sandbox_charge(lua, text.length / 4);
    if (found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_HEAPLIMIT)
        luaL_error(lua, "this regex takes too long on this text");
    return found > 0;
}

static int push_captures(lua_State *lua, struct regex *regex, struct slice text) {
    const PCRE2_SIZE *range = pcre2_get_ovector_pointer(regex->match);
    uint32_t count = pcre2_get_ovector_count(regex->match);
    uint32_t first = count > 1 ? 1 : 0;
    luaL_checkstack(lua, (int)count, "captures");
    for (uint32_t i = first; i < count; i++)
        if (range[2 * i] == PCRE2_UNSET)
            lua_pushnil(lua);
        else
            lua_pushlstring(lua, text.data + range[2 * i], range[2 * i + 1] - range[2 * i]);
    return (int)(count - first);
}

static struct slice check_text(lua_State *lua, int index) {
    size_t length;
    const char *text = luaL_checklstring(lua, index, &length);
    return slice_from(text, length);
}

static int regex_match(lua_State *lua) {
    struct regex *regex = check_regex(lua);
    struct slice text = check_text(lua, 2);
    return regex_run(lua, regex, text, 0) ? push_captures(lua, regex, text) : 0;
}

static int regex_test(lua_State *lua) {
    struct regex *regex = check_regex(lua);
    lua_pushboolean(lua, regex_run(lua, regex, check_text(lua, 2), 0));
    return 1;
}

/* Every match replaced by a fixed text. */
static int regex_replace(lua_State *lua) {
    struct regex *regex = check_regex(lua);
    struct slice text = check_text(lua, 2), other = check_text(lua, 3);
    const PCRE2_SIZE *range = pcre2_get_ovector_pointer(regex->match);
    luaL_Buffer out;
    size_t at = 0, kept = 0;
    luaL_buffinit(lua, &out);
    while (at <= text.length && regex_run(lua, regex, text, at)) {
        luaL_addlstring(&out, text.data + kept, range[0] - kept);
        luaL_addlstring(&out, other.data, other.length);
        kept = range[1];
        at = range[1] > range[0] ? range[1] : range[1] + 1;
        while (at < text.length && ((unsigned char)text.data[at] & 0xC0) == 0x80)
            at++;
    }
    luaL_addlstring(&out, text.data + kept, text.length - kept);
    luaL_pushresult(&out);
    return 1;
}

static void push_regex_metatable(lua_State *lua) {
    static const luaL_Reg methods[] = { { "match", regex_match },
                                        { "test", regex_test },
                                        { "replace", regex_replace },
                                        { NULL, NULL } };
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &regex_key) != LUA_TNIL) return;
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_newtable(lua);
    luaL_setfuncs(lua, methods, 0);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, regex_free);
    lua_setfield(lua, -2, "__gc");
    lua_pushliteral(lua, "regex");
    lua_setfield(lua, -2, "__metatable");
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &regex_key);
}

/* linnet.regex "PATTERN": PCRE2 with Unicode; case is ignored with (?i) in front. */
static int make_regex(lua_State *lua) {
    struct slice pattern = check_text(lua, 1);
    sandbox_charge(lua, REGEX_STEPS); /* compiling takes time, and memory that no ceiling counts */
    struct regex *regex = lua_newuserdatauv(lua, sizeof *regex, 0);
    *regex = (struct regex){ 0 };
    push_regex_metatable(lua);
    lua_setmetatable(lua, -2);
    int code;
    PCRE2_SIZE offset;
    regex->code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.length, PCRE2_UTF | PCRE2_UCP,
                                &code, &offset, NULL);
    if (regex->code == NULL) {
        PCRE2_UCHAR why[160];
        pcre2_get_error_message(code, why, sizeof why);
        return luaL_error(lua, "the regex does not compile: %s (at its byte %d)", (const char *)why,
                          (int)offset);
    }
    pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE); /* without JIT it is only slower */
    regex->match = pcre2_match_data_create_from_pattern(regex->code, NULL);
    regex->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(regex->limits, MATCH_LIMIT);
    return 1;
}

/* ---- lexicons ------------------------------------------------------------------------------- */

static const char lexicon_key;

static int lexicon_index(lua_State *lua) {
    const struct lexicon *lexicon = *(const struct lexicon **)lua_touserdata(lua, 1);
    if (lua_type(lua, 2) != LUA_TSTRING) return 0;
    const struct lexicon_entry *entry = lexicon_find(lexicon, LEXICON_WORDS, check_text(lua, 2));
    if (entry == NULL) return 0;
    lua_pushnumber(lua, entry->numbers[0]);
    return 1;
}

static int lexicon_newindex(lua_State *lua) {
    return luaL_error(lua, "a lexicon cannot be changed by a function");
}

void lexicon_userdata_open(lua_State *lua) {
    lua_newtable(lua);
    lua_pushcfunction(lua, lexicon_index);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, lexicon_newindex);
    lua_setfield(lua, -2, "__newindex");
    lua_pushliteral(lua, "lexicon");
    lua_setfield(lua, -2, "__metatable");
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &lexicon_key);
}

/* Made once a lexicon and state: kept in the registry under the lexicon's address. */
void lexicon_userdata_push(lua_State *lua, const struct lexicon *lexicon) {
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, lexicon) != LUA_TNIL) return;
    lua_pop(lua, 1);
    const struct lexicon **handle = lua_newuserdatauv(lua, sizeof *handle, 0);
    *handle = lexicon;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &lexicon_key);
    lua_setmetatable(lua, -2);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, lexicon);
}

const struct api_function api_functions[] = {
    { "clamp", "fun(value: number, low: number, high: number): number",
      "value, kept within its bounds", clamp },
    { "now", "fun(): integer", "milliseconds since 1970", now },
    { "hash", "fun(text: string, salt: string): string",
      "a pseudonym: 32 hex digits, the same for the same text and salt", hash },
    { "log", "fun(text: string)", "a line in the log, at most one a second", say },
    { "count", "fun(name: string, amount?: integer)",
      "adds 1, or the amount, to a counter that the closing sums show", count },
    { "regex", "fun(pattern: string): linnet.regex",
      "PCRE2, Unicode; has :match, :test and :replace", make_regex },
    { 0 },
};

void api_add(lua_State *lua) {
    for (const struct api_function *function = api_functions; function->name; function++) {
        lua_pushcfunction(lua, function->call);
        lua_setfield(lua, -2, function->name);
    }
    lua_pushlightuserdata(lua, SCRIPT_NULL);
    lua_setfield(lua, -2, "null");
}
