/* Verbs "help", "version" and "completion": all three are read off the verb table. */
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
        if (!(verb->flags & (1u << flag))) continue;
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

static void complete_bash(void) {
    print("_linnet() {\n    local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W '");
    for (const struct verb *verb = all_verbs; verb->name; verb++)
        print("%s ", verb->name);
    print("' -- \"$word\"))\n        return\n    fi\n    case $verb in\n");
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        print("    %s) COMPREPLY=($(compgen -f -W '", verb->name);
        for (int flag = 0; flag < FLAG_COUNT; flag++)
            if (verb->flags & (1u << flag)) print("--%s ", all_flags[flag].name);
        print("' -- \"$word\")) ;;\n");
    }
    print("    esac\n}\ncomplete -o filenames -F _linnet linnet\n");
}

static void complete_zsh(void) {
    print("#compdef linnet\nlocal -a verbs=(\n");
    for (const struct verb *verb = all_verbs; verb->name; verb++)
        print("  '%s:%s'\n", verb->name, verb->help);
    print(")\nif (( CURRENT == 2 )); then _describe verb verbs; return; fi\ncase $words[2] in\n");
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        print("  %s) _arguments", verb->name);
        for (int flag = 0; flag < FLAG_COUNT; flag++)
            if (verb->flags & (1u << flag))
                print(" '--%s[%s]%s'", all_flags[flag].name, all_flags[flag].help,
                      all_flags[flag].argument ? ":value:_files" : "");
        print(" '*:file:_files' ;;\n");
    }
    print("esac\n");
}

static void complete_fish(void) {
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        print("complete -c linnet -n __fish_use_subcommand -a %s -d '%s'\n", verb->name,
              verb->help);
        for (int flag = 0; flag < FLAG_COUNT; flag++)
            if (verb->flags & (1u << flag))
                print("complete -c linnet -n '__fish_seen_subcommand_from %s' -l %s -d '%s'%s\n",
                      verb->name, all_flags[flag].name, all_flags[flag].help,
                      all_flags[flag].argument ? " -r" : "");
    }
}

int verb_completion(const struct arguments *arguments) {
    struct slice shell = slice_of(arguments->word_count ? arguments->words[0] : "");
    if (slice_is(shell, "bash"))
        complete_bash();
    else if (slice_is(shell, "zsh"))
        complete_zsh();
    else if (slice_is(shell, "fish"))
        complete_fish();
    else {
        complain("linnet completion: which shell? bash, zsh or fish\n");
        return 2;
    }
    return 0;
}
