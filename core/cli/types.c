/* Verb "types": what scripts may write, as lua-language-server reads it. All of it comes from the
 * tables by which linnet itself works. */
#include "cli/print.h"
#include "cli/setup.h"
#include "config/draft.h"
#include "script/api.h"
#include "script/keys.h"
#include "script/message_methods.h"
#include "script/testing.h"

static void print_keys(const char *name, const struct known_key *keys) {
    print("\n---@class %s\n", name);
    for (; keys->name; keys++)
        print("---@field %s %s %s\n", keys->name, keys->type, keys->help);
}

static void print_message(void) {
    print("\n---A post. Valid until the function that got it returns.\n---@class linnet.message\n");
    for (const struct message_field *field = message_fields; field->name; field++)
        if (strcmp(field->name, "score") != 0)
            print("---@field %s %s %s\n", field->name, field->type, field->help);
    print("---@field score number|fun(self: linnet.message, scorer: string, text?: string): "
          "number? once scored; as a method another scorer's value\n");
    for (const struct message_method *method = message_methods; method->name; method++)
        print("---@field %s %s %s\n", method->name, method->signature, method->help);
}

static void print_small_types(void) {
    print("\n---@class linnet.author\n---@field id string?\n---@field handle string?\n"
          "---@field name string?\n---@field followers integer?\n");
    print("\n---A lexicon as a scorer's function sees it.\n"
          "---@alias linnet.words table<string, number>\n"
          "\n---{ word, value, note }\n---@alias linnet.evidence table\n"
          "\n---{ polarity, subjectivity, intensity }, textblob's\n---@alias linnet.word table\n"
          "\n---{ \":)\", polarity }\n---@alias linnet.emoticon table\n");
    print("\n---@class linnet.regex\n"
          "---@field match fun(self: linnet.regex, text: string): string?, ... captures\n"
          "---@field test fun(self: linnet.regex, text: string): boolean\n"
          "---@field replace fun(self: linnet.regex, text: string, by: string): string\n");
    print("\n---@class linnet.source\n---@class linnet.sink\n---@class linnet.track\n"
          "---@class linnet.secret\n");
    print_keys("linnet.label", label_keys);
    print_keys("linnet.field", field_keys);
    print_keys("linnet.created", created_keys);
    print_keys("linnet.author_paths", author_keys);
    print_keys("linnet.spool", spool_keys);
    print_keys("linnet.http", http_keys);
    print_keys("linnet.configuration", configuration_keys);
}

/* linnet.filter and the like: what they take, what they give, and what that answers in tests. */
static void print_maker(const struct maker_keys *maker) {
    print("\n---@class linnet.%s_table\n", maker->maker);
    if (maker->items) print("---@field [integer] %s\n", maker->items);
    for (const struct known_key *key = maker->keys; key->name; key++)
        print("---@field %s %s %s\n", key->name, key->type, key->help);
    print("\n---@class linnet.%s\n", maker->maker);
    for (const struct test_method *method = test_methods; method->maker; method++)
        if (strcmp(method->maker, maker->maker) == 0)
            print("---@field %s %s in tests: %s\n", method->name, method->signature, method->help);
    print("\n---%s\n---@param declared linnet.%s_table\n---@return linnet.%s\n"
          "function linnet.%s(declared) end\n",
          maker->help, maker->maker, maker->maker, maker->maker);
}

static const char *option_lua_type(const struct option *option) {
    switch (option->type) {
    case OPTION_INTEGER:
    case OPTION_NUMBER: return "number?";
    case OPTION_BYTES:
    case OPTION_DURATION: return "string|number|nil";
    case OPTION_BOOLEAN: return "boolean?";
    case OPTION_LIST: return "string|string[]|nil";
    case OPTION_SECRET: return "linnet.secret?";
    default: return "string?";
    }
}

static void print_options(const struct option_table *table) {
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        print("---@field %s %s %s\n", option->name, option_lua_type(option), option->help);
    }
}

static void print_part(const struct part_kind *kind, const char *what) {
    print("\n---@class linnet.%s_options\n", kind->name);
    print_options(&kind->options);
    if (strcmp(what, "sink") == 0) {
        print(
            "---@field schema string|linnet.schema|nil its documents, else the configuration's\n");
        print_options(&sink_options);
    }
    print("\n---%s\n---@param options linnet.%s_options\n---@return linnet.%s\n"
          "function linnet.%s(options) end\n",
          kind->help, kind->name, what, kind->name);
}

static void print_functions(void) {
    for (const struct api_function *function = api_functions; function->name; function++)
        print("\n---%s\n---@type %s\nlinnet.%s = nil\n", function->help, function->signature,
              function->name);
    print("\n---JSON null.\nlinnet.null = nil ---@type lightuserdata\n");
    print("\n---A v1.1 track list: \"a b,c\" is (a AND b) OR c.\n---@param list string\n"
          "---@return linnet.track\nfunction linnet.track(list) end\n");
}

static void print_globals(void) {
    print("\n---The value of an environment variable.\n---@param name string\n---@return string?\n"
          "function env(name) end\n");
    print("\n---In a configuration: \"file:PATH\", \"env:NAME\" or \"cmd:COMMAND\", which is never "
          "shown.\n---@param place string\n---@return linnet.secret\nfunction secret(place) end\n");
    print("\n---In tests: a post made by hand.\n---@param fields linnet.test_message\n"
          "---@return linnet.message\nfunction linnet.message(fields) end\n");
    print("\n---In tests: as if this file lay beside the configuration.\n---@param name string\n"
          "---@param text string\nfunction linnet.stub_file(name, text) end\n");
    print("\n---In tests: what env gives.\n---@param name string\n---@param value string\n"
          "function linnet.stub_env(name, value) end\n");
}

int verb_types(const struct arguments *arguments) {
    const struct parts *parts = all_parts();
    (void)arguments;
    print("---@meta\n-- What linnet gives to scripts. Written by `linnet types`: not to be edited."
          "\n\nlinnet = {}\n");
    print_message();
    print_small_types();
    print_keys("linnet.test_message", test_message_keys);
    for (const struct maker_keys *maker = all_maker_keys; maker->maker; maker++)
        print_maker(maker);
    for (const struct part_kind *const *kind = parts->sources; *kind; kind++)
        print_part(*kind, "source");
    for (const struct part_kind *const *kind = parts->sinks; *kind; kind++)
        print_part(*kind, "sink");
    print_functions();
    print_globals();
    return 0;
}
