/* From argv to a verb: getopt_long over the verb table. */
#include "base/alloc.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/os.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include <getopt.h>

static const char *verb_name_at(const void *context, size_t index) {
    (void)context;
    return all_verbs[index].name;
}

/* The i-th of the verb's own flags, for "did you mean". */
static const char *flag_name_at(const void *context, size_t index) {
    const struct verb *verb = context;
    for (size_t flag = 0; flag < FLAG_COUNT; flag++)
        if (verb_takes(verb, (int)flag) && index-- == 0) return all_flags[flag].name;
    return NULL;
}

int unknown_verb(const char *word) {
    const char *nearest = nearest_name(slice_of(word), verb_name_at, NULL);
    complain("linnet: there is no verb \"%s\"\n", word);
    if (nearest) complain("    did you mean \"%s\"?\n", nearest);
    complain("    `linnet help` lists them\n");
    return 2;
}

struct usage_words {
    const struct verb *verb;
    struct arena *arena;
};

/* "author" of "author:ID" */
static const char *usage_word_at(const void *context, size_t index) {
    const struct usage_words *words = context;
    struct slice word = verb_word(words->verb, index);
    if (word.length == 0) return NULL;
    return arena_copy(words->arena, slice_first(word, strcspn(word.data, ": "))).data;
}

int wrong_words(const char *verb, const char *question, const struct arguments *arguments) {
    struct arena arena;
    struct usage_words words = { verb_find(verb), &arena };
    const char *typed = arguments->word_count ? arguments->words[0] : "";
    size_t length = strcspn(typed, ":");
    arena_init(&arena);
    complain("linnet %s: %s\n", verb, question);
    const char *near = nearest_name(slice_from(typed, length), usage_word_at, &words);
    if (near && !slice_is(slice_from(typed, length), near))
        complain("    did you mean \"%s%s\"?\n", near, typed + length);
    arena_free(&arena);
    return 2;
}

static int wrong_flag(const struct verb *verb, const char *word, int complaint) {
    if (complaint == ':') {
        complain("linnet %s: %s needs a value\n", verb->name, word);
    } else {
        struct slice name = slice_of(word);
        while (name.length && name.data[0] == '-')
            name = slice_skip(name, 1);
        const char *value = memchr(name.data, '=', name.length);
        if (value) name = slice_first(name, (size_t)(value - name.data));
        const char *nearest = nearest_name(name, flag_name_at, verb);
        complain("linnet %s: there is no flag \"%s\"\n", verb->name, word);
        if (nearest) complain("    did you mean --%s?\n", nearest);
    }
    complain("    `linnet help %s` lists the flags\n", verb->name);
    return 2;
}

/* Room for getopt's two descriptions of the same flags. */
struct getopt_tables {
    char letters[2 * FLAG_COUNT + 2];
    struct option names[FLAG_COUNT + 1];
};

static void describe_flags(const struct verb *verb, struct getopt_tables *tables) {
    char *letter = tables->letters;
    struct option *name = tables->names;
    *letter++ = ':';
    for (int flag = 0; flag < FLAG_COUNT; flag++) {
        if (!verb_takes(verb, flag)) continue;
        bool takes = all_flags[flag].argument != NULL;
        if (all_flags[flag].letter) *letter++ = all_flags[flag].letter;
        if (all_flags[flag].letter && takes) *letter++ = ':';
        *name++ = (struct option){ all_flags[flag].name, takes ? required_argument : no_argument,
                                   NULL, 256 + flag };
    }
    *letter = '\0';
    *name = (struct option){ 0 };
}

static int flag_of(int option) {
    if (option >= 256) return option - 256;
    for (int flag = 0; flag < FLAG_COUNT; flag++)
        if (all_flags[flag].letter == option) return flag;
    return -1;
}

static void add_value(struct arguments *arguments, int flag, const char *value, int most) {
    arguments->given[flag] = true;
    if (value == NULL) return;
    if (arguments->values[flag] == NULL)
        arguments->values[flag] = memory_zeroed((size_t)most + 1, sizeof(char *));
    const char **end = arguments->values[flag];
    while (*end)
        end++;
    *end = value;
}

/* 0, or the exit code of a wrong line. argv[0] is the verb. */
static int parse_flags(const struct verb *verb, int argc, char **argv,
                       struct arguments *arguments) {
    struct getopt_tables tables;
    int option;
    describe_flags(verb, &tables);
    opterr = 0;
    while ((option = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
        if (option == '?' || option == ':') {
            char letter[3] = { '-', (char)optopt, '\0' };
            bool short_one = optopt > 0 && optopt < 256;
            return wrong_flag(verb, short_one ? letter : argv[optind - 1], option);
        }
        add_value(arguments, flag_of(option), optarg, argc);
    }
    arguments->words = (const char *const *)argv + optind;
    arguments->word_count = (size_t)(argc - optind);
    return 0;
}

static bool set_color(const struct arguments *arguments) {
    const char *when = argument_value(arguments, FLAG_COLOR);
    struct slice choice = slice_of(when ? when : "auto");
    if (slice_is(choice, "always"))
        os_set_color(OS_COLOR_ALWAYS);
    else if (slice_is(choice, "never"))
        os_set_color(OS_COLOR_NEVER);
    else if (!slice_is(choice, "auto"))
        return false;
    return true;
}

static int help_about(const struct verb *verb) {
    return verb_help(&(struct arguments){ .words = &verb->name, .word_count = 1 });
}

/* As its usage line says: none, one, or any number where it has "..." or a choice. */
static size_t most_words(const struct verb *verb) {
    if (verb->words == NULL) return 0;
    return strstr(verb->words, "...") || strchr(verb->words, '|') ? SIZE_MAX : 1;
}

/* Also for a verb that would get by without it: `search -coffee` is a query that became a flag. */
static bool names_no_file(const struct arguments *arguments) {
    struct os_info info;
    const char *path = argument_value(arguments, FLAG_CONFIG);
    bool missing = path && os_stat(path, &info) && info.kind == OS_MISSING;
    if (missing) complain("linnet: cannot read %s: No such file or directory\n", path);
    return missing;
}

static int run_verb(const struct verb *verb, int argc, char **argv) {
    struct arguments arguments = { 0 };
    int wrong = parse_flags(verb, argc, argv, &arguments);
    if (wrong == 0 && !set_color(&arguments)) {
        complain("linnet %s: --color is auto, always or never\n", verb->name);
        wrong = 2;
    }
    if (wrong == 0 && arguments.word_count > most_words(verb)) {
        complain("linnet %s: takes no \"%s\"\n    `linnet help %s` says what it takes\n",
                 verb->name, arguments.words[most_words(verb)], verb->name);
        wrong = 2;
    }
    if (wrong == 0 && names_no_file(&arguments)) wrong = 78;
    if (arguments.given[FLAG_VERBOSE]) log_set_level(LOG_DEBUG);
    int code = wrong                        ? wrong
               : arguments.given[FLAG_HELP] ? help_about(verb)
                                            : verb->run(&arguments);
    for (int flag = 0; flag < FLAG_COUNT; flag++)
        memory_free(arguments.values[flag]);
    print_flush();
    return code;
}

int command_line(int argc, char **argv) {
    static const struct arguments nothing;
    os_ignore_closed_pipes();
    if (argc < 2) {
        print_is_complaint();
        verb_help(&nothing);
        print_flush();
        return 2;
    }
    struct slice first = slice_of(argv[1]);
    const char *name = slice_is(first, "-h") || slice_is(first, "--help") ? "help"
                       : slice_is(first, "--version")                     ? "version"
                                                                          : argv[1];
    const struct verb *verb = verb_find(name);
    return verb ? run_verb(verb, argc - 1, argv + 1) : unknown_verb(argv[1]);
}
