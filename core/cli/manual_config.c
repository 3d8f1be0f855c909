/* linnet-config(5): what a configuration and the declarations in it take. */
#include "base/alloc.h"
#include "cli/manual.h"
#include "cli/mdoc.h"
#include "cli/setup.h"
#include "config/draft.h"
#include "script/api.h"

static const char example[] = "  -- /etc/linnet/linnet.lua\n"
                              "  return {\n"
                              "    state = \"/var/lib/linnet\",\n"
                              "    sources = { posts = linnet.file { path = \"posts.ndjson\" } },\n"
                              "    track = { coffee = \"coffee lang:en -is:retweet\" },\n"
                              "    scorers = { en = \"vader\", default = \"none\" },\n"
                              "    sinks = {\n"
                              "      store = linnet.sqlite {},\n"
                              "      lines = linnet.ndjson { path = \"kept.ndjson\" },\n"
                              "    },\n"
                              "  }\n";

/* The default of a key that is an option, too; NULL: none. */
static const char *default_of(const char *name) {
    for (size_t i = 0; i < top_options.count; i++)
        if (slice_is(slice_of(name), top_options.options[i].name))
            return top_options.options[i].standard;
    return NULL;
}

static void print_keys(const struct known_key *keys, bool top) {
    mdoc_list();
    for (; keys->name; keys++) {
        const char *standard = top ? default_of(keys->name) : NULL;
        mdoc_item("Ic", keys->name);
        mdoc_say("%s", keys->help);
        if (standard && standard[0]) mdoc_say("(default: %s)", standard);
        mdoc_macro(".br");
        mdoc_quoted("Li", keys->type);
    }
    mdoc_list_end();
}

static void print_option(const struct option *option, struct arena *arena) {
    mdoc_item("Ic", option->name);
    mdoc_say("%s: %s", option_takes(option, arena), option->help);
    if (option->standard == NULL) mdoc_say("(must be given)");
    if (option->standard && option->standard[0]) mdoc_say("(default: %s)", option->standard);
}

static void print_options(const struct option_table *table) {
    struct arena arena;
    if (table->count == 0) return;
    arena_init(&arena);
    mdoc_list();
    for (size_t i = 0; i < table->count; i++)
        print_option(&table->options[i], &arena);
    mdoc_list_end();
    arena_free(&arena);
}

static void print_parts(const struct part_kind *const *kinds, const char *flag) {
    for (; *kinds; kinds++) {
        const struct part_kind *kind = *kinds;
        mdoc_macro(".Ss linnet.%s", kind->name);
        mdoc_say("%s", kind->help);
        if (kind->argument)
            mdoc_say("(on the command line: %s %s:%s)", flag, kind->name, kind->argument);
        print_options(&kind->options);
    }
}

static void print_makers(void) {
    mdoc_section("DECLARATIONS");
    mdoc_say("A NAME of a filter, scorer, schema, lexicon or dialect is KIND/NAME.lua beside the "
             "configuration, else among those that linnet brings. Wherever a NAME stands, the "
             "declaration itself may stand.");
    for (const struct maker_keys *maker = all_maker_keys; maker->maker; maker++) {
        mdoc_macro(".Ss linnet.%s", maker->maker);
        mdoc_say("%s", maker->help);
        print_keys(maker->keys, false);
    }
    mdoc_subsection("A field of a schema");
    print_keys(field_keys, false);
    mdoc_subsection("A label");
    mdoc_say("{ \"negative\", upto = -0.05 }: tried in order.");
    print_keys(label_keys, false);
}

static void print_functions(void) {
    mdoc_section("FUNCTIONS");
    mdoc_say("For the functions inside declarations; a configuration itself has only linnet, "
             "require, secret and env.");
    mdoc_list();
    for (const struct api_function *function = api_functions; function->name; function++) {
        mdoc_macro(".It Fn linnet.%s", function->name);
        mdoc_say("%s", function->help);
        mdoc_macro(".br");
        mdoc_quoted("Li", function->signature);
    }
    mdoc_list_end();
}

void print_config_manual(void) {
    const struct parts *parts = all_parts();
    mdoc_begin("linnet-config", 5, "what linnet reads, keeps and delivers");
    mdoc_section("DESCRIPTION");
    mdoc_say(
        "The configuration is a file of Lua that returns one table. It is data: the file runs in "
        "a sandbox, reads nothing but what it requires, and does nothing. Unknown keys are "
        "errors; linnet check shows the place. Paths are relative to the file.");
    mdoc_macro(".Pp");
    mdoc_say("Sizes are \"10MB\" (decimal) or \"10MiB\" (binary), times \"500ms\", \"900s\", "
             "\"15m\", \"2h\", \"30d\"; a bare number is bytes or seconds.");
    mdoc_macro(".Pp");
    mdoc_say("A running linnet takes over what is saved within a second. An edit that is wrong "
             "changes nothing and is shown in the log and by linnet status.");
    mdoc_section("THE CONFIGURATION");
    print_keys(configuration_keys, true);
    mdoc_subsection("spool");
    print_options(&spool_options);
    mdoc_subsection("http");
    print_options(&http_options);
    mdoc_section("SOURCES");
    print_parts(parts->sources, "-i");
    mdoc_section("SINKS");
    mdoc_say("Each takes a schema of its own, and:");
    print_options(&sink_options);
    print_parts(parts->sinks, "-o");
    print_makers();
    print_functions();
    mdoc_section("EXAMPLES");
    mdoc_say("%s", example);
    mdoc_section("SEE ALSO");
    mdoc_macro(".Xr linnet 1 ,\n.Xr linnet-query 7");
}
