/* Verbs "help" and "version", read off the verb table. */
#include "base/service.h"
#include "cli/manual.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "sinks/registry.h"
#include "sources/registry.h"
#include <lua.h>
#include <stdio.h>

static void print_flags(const struct verb *verb) {
    print("\nflags:\n");
    for (int flag = 0; flag < FLAG_COUNT; flag++) {
        if (!verb_takes(verb, flag)) continue;
        const struct flag *one = &all_flags[flag];
        char left[64], letter[5] = "    ";
        if (one->letter) snprintf(letter, sizeof letter, "-%c, ", one->letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, one->name, one->argument ? " " : "",
                 one->argument ? one->argument : "");
        print("  %-26s %s\n", left, one->help);
    }
}

static void print_part(const struct part_kind *kind) {
    print("  %-10s %s\n", kind->name, kind->help);
    for (size_t i = 0; i < kind->options.count; i++) {
        const struct option *option = &kind->options.options[i];
        bool has = option->standard && option->standard[0];
        print("    %-10s %s%s%s%s\n", option->name, option->help, has ? " (" : "",
              has ? option->standard : "", has ? ")" : "");
    }
}

/* Sources and sinks with their options, from the tables that parse them. */
static void print_parts(void) {
    print("\nsources:\n");
    for (const struct source_ops *const *ops = all_sources; *ops; ops++)
        print_part(&(*ops)->kind);
    print("\nsinks:\n");
    for (const struct sink_ops *const *ops = all_sinks; *ops; ops++)
        print_part(&(*ops)->kind);
}

static int help_verb(const char *name) {
    const struct verb *verb = verb_find(name);
    if (verb == NULL) return unknown_verb(name);
    print("usage: linnet %s%s%s [flags]\n\n%s\n", verb->name, verb->words ? " " : "",
          verb->words ? verb->words : "", verb->help);
    if (verb->details) print("\n%s", verb->details);
    print_flags(verb);
    if (verb->flags & FLAG(SINK)) print_parts();
    return 0;
}

int verb_help(const struct arguments *arguments) {
    const char *page = argument_value(arguments, FLAG_MAN);
    if (page) return print_manual(page);
    if (arguments->word_count > 0) return help_verb(arguments->words[0]);
    print("linnet listens to social streams, keeps what matches your queries, scores its mood\n"
          "and delivers it.\n\nusage: linnet VERB [flags]\n\n");
    for (const struct verb *verb = all_verbs; verb->name; verb++)
        print("  %-11s %s\n", verb->name, verb->help);
    print("\nexamples:\n%s\n`linnet help VERB` tells all about one.\n", usage_examples);
    return 0;
}

#ifdef __clang__
#define COMPILER __VERSION__ /* begins with its name */
#else
#define COMPILER "gcc " __VERSION__
#endif

int verb_version(const struct arguments *arguments) {
    (void)arguments;
    print("linnet %s (%s, %s, %s)\n", LINNET_VERSION, LUA_RELEASE, COMPILER,
          service_known ? "systemd" : "no systemd");
    return 0;
}
