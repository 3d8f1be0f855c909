/* Verb "completion": scripts for bash, zsh and fish, read off the verb table. */
#include "cli/print.h"
#include "cli/verbs.h"

static const char *const shells[] = { "bash", "zsh", "fish" };

static const char *shell_at(const void *unused, size_t i) {
    (void)unused;
    return i < LENGTH(shells) ? shells[i] : NULL;
}

/* Inside of single quotes of a shell; what `special` names gets a backslash, for zsh's _arguments.
 */
static void print_quoted(const char *text, const char *quote, const char *special) {
    for (; *text; text++) {
        if (*text == '\'')
            print("%s", quote);
        else if (strchr(special, *text))
            print("\\%c", *text);
        else
            print("%c", *text);
    }
}

#define POSIX_QUOTE "'\\''"
#define FISH_QUOTE "\\'"

/* The words that may follow a verb: those that its usage line has in small letters between bars,
 * and what VERB and SHELL stand for. */
static void print_words(const struct verb *verb) {
    struct slice words = slice_of(verb->words ? verb->words : "");
    if (slice_starts(words, SLICE("[VERB]")))
        for (const struct verb *each = all_verbs; each->name; each++)
            print("%s ", each->name);
    if (slice_is(words, "SHELL"))
        for (size_t i = 0; i < LENGTH(shells); i++)
            print("%s ", shells[i]);
    for (size_t i = 0; verb_word(verb, i).length; i++)
        print("%.*s ", SLICE_ARGS(verb_word(verb, i)));
}

/* Files and folders may follow. */
static bool takes_files(const struct verb *verb) {
    return verb->words && (strstr(verb->words, "FILE") || strstr(verb->words, "PATH") ||
                           strstr(verb->words, "DIR") || strstr(verb->words, "TEXT"));
}

static void complete_bash(void) {
    print(
        "# bash completion for linnet, by `linnet completion bash`.\n"
        "_linnet() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words files\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words='");
    for (const struct verb *verb = all_verbs; verb->name; verb++)
        print("%s ", verb->name);
    print("'\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        print("        %s) files=%s words='", verb->name, takes_files(verb) ? "-f" : "");
        print_words(verb);
        for (int flag = 0; flag < FLAG_COUNT; flag++)
            if (verb_takes(verb, flag)) print("--%s ", all_flags[flag].name);
        print("' ;;\n");
    }
    print("        esac\n        case $before in\n        ");
    const char *bar = "";
    for (int flag = 0; flag < FLAG_COUNT; flag++) {
        if (all_flags[flag].argument == NULL) continue;
        print("%s--%s", bar, all_flags[flag].name);
        if (all_flags[flag].letter) print("|-%c", all_flags[flag].letter);
        bar = "|";
    }
    print(") files=-f words= ;;\n        esac\n    fi\n"
          "    mapfile -t COMPREPLY < <(compgen $files -W \"$words\" -- \"$word\")\n}\n"
          "complete -o filenames -F _linnet linnet\n");
}

static void zsh_flag(const struct flag *flag, const char *name, const char *value_sign) {
    bool value = flag->argument != NULL;
    print(" \\\n        '*%s%s[", name, value ? value_sign : "");
    print_quoted(flag->help, POSIX_QUOTE, "[]:\\");
    print("]%s%s%s'", value ? ":" : "", value ? flag->argument : "", value ? ":_files" : "");
}

static void complete_zsh(void) {
    print("#compdef linnet\n# zsh completion for linnet, by `linnet completion zsh`.\n"
          "local -a verbs=(\n");
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        print("    '%s:", verb->name);
        print_quoted(verb->help, POSIX_QUOTE, "");
        print("'\n");
    }
    print(")\nif (( CURRENT == 2 )); then _describe verb verbs; return; fi\n"
          "shift words; (( CURRENT-- ))\ncase $words[1] in\n");
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        print("    %s) _arguments -S", verb->name);
        for (int flag = 0; flag < FLAG_COUNT; flag++) {
            const struct flag *one = &all_flags[flag];
            char letter[3] = { '-', one->letter, '\0' }, name[40] = "--";
            if (!verb_takes(verb, flag)) continue;
            strncat(name, one->name, sizeof name - 3);
            if (one->letter) zsh_flag(one, letter, "+");
            zsh_flag(one, name, "=");
        }
        print(" \\\n        '*:word:{ compadd -- ");
        print_words(verb);
        print("%s}' ;;\n", takes_files(verb) ? "; _files " : "");
    }
    print("esac\n");
}

static void fish_rule(const struct verb *verb) {
    print("complete -c linnet -n '__fish_seen_subcommand_from %s'", verb->name);
}

static void complete_fish(void) {
    print("# fish completion for linnet, by `linnet completion fish`.\n");
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        print("complete -c linnet -f -n __fish_use_subcommand -a %s -d '", verb->name);
        print_quoted(verb->help, FISH_QUOTE, "");
        print("'\n");
        fish_rule(verb);
        print("%s -a '", takes_files(verb) ? "" : " -f");
        print_words(verb);
        print("'\n");
        for (int flag = 0; flag < FLAG_COUNT; flag++) {
            const struct flag *one = &all_flags[flag];
            if (!verb_takes(verb, flag)) continue;
            fish_rule(verb);
            if (one->letter) print(" -s %c", one->letter);
            print(" -l %s%s -d '", one->name, one->argument ? " -r" : "");
            print_quoted(one->help, FISH_QUOTE, "");
            print("'\n");
        }
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
        const char *near = nearest_name(shell, shell_at, NULL);
        complain("linnet completion: which shell? bash, zsh or fish\n");
        if (near) complain("    did you mean \"%s\"?\n", near);
        return 2;
    }
    return 0;
}
