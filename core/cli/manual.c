/* linnet(1): the verbs and their flags. */
#include "cli/manual.h"
#include "cli/mdoc.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include <stdio.h>

/* What every verb takes is told once. */
static uint64_t common_flags(void) {
    uint64_t common = UINT64_MAX;
    for (const struct verb *verb = all_verbs; verb->name; verb++)
        common &= verb->flags;
    return common;
}

static void print_usage(const struct verb *verb) {
    mdoc_macro(".Nm linnet\n.Cm %s", verb->name);
    if (verb->words) mdoc_quoted("Ar", verb->words);
}

static void print_synopsis(void) {
    mdoc_section("SYNOPSIS");
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        print_usage(verb);
        mdoc_macro(".Op Ar flags");
    }
}

/* The flags of one verb that not all have. */
static void print_verb_flags(uint64_t flags) {
    bool first = true;
    for (int flag = 0; flag < FLAG_COUNT; flag++) {
        if (!(flags >> flag & 1)) continue;
        if (first) mdoc_macro(".Pp\nFlags:");
        first = false;
        bool last = flags >> flag >> 1 == 0;
        mdoc_macro(".Fl \\-%s%s", all_flags[flag].name, last ? "" : " ,");
    }
}

static void print_verbs(void) {
    uint64_t common = common_flags();
    mdoc_section("VERBS");
    for (const struct verb *verb = all_verbs; verb->name; verb++) {
        mdoc_subsection(verb->name);
        print_usage(verb);
        mdoc_macro(".Pp");
        mdoc_say("%s.", verb->help);
        if (verb->details && verb->details[0] != ' ') mdoc_macro(".Pp");
        if (verb->details) mdoc_say("%s", verb->details);
        print_verb_flags(verb->flags & ~common);
    }
}

static void print_flags(void) {
    mdoc_section("FLAGS");
    mdoc_say("Every verb takes the configuration, how much to log, how to color, and help; which "
             "of the others a verb takes is said there. A single dash is standard input, two end "
             "the flags.");
    mdoc_list();
    for (int flag = 0; flag < FLAG_COUNT; flag++) {
        const struct flag *one = &all_flags[flag];
        char letter[16] = "", argument[32] = "";
        if (one->letter) snprintf(letter, sizeof letter, "Fl %c , ", one->letter);
        if (one->argument) snprintf(argument, sizeof argument, " Ar %s", one->argument);
        mdoc_macro(".It %sFl \\-%s%s", letter, one->name, argument);
        mdoc_say("%s", one->help);
    }
    mdoc_list_end();
}

struct explained {
    const char *name, *meaning;
};

static const struct explained variables[] = {
    { "LINNET_SHARE", "the folder with plugins, lua and config, instead of the installed one" },
    { "XDG_CONFIG_HOME, HOME", "where a configuration is looked for" },
    { "STATE_DIRECTORY, XDG_STATE_HOME, HOME",
      "where the state is when the configuration does not say: STATE_DIRECTORY, else "
      "XDG_STATE_HOME/linnet, else HOME/.local/state/linnet" },
    { "NO_COLOR, FORCE_COLOR", "when set, whether to color what goes to a terminal or not" },
    { "NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID", "set by systemd, which is told how it goes" },
    { "JOURNAL_STREAM", "set by systemd: the log then suits its journal" },
};

static const struct explained files[] = {
    { "./config/linnet.lua", "the configuration; else the next of these that is there" },
    { "$XDG_CONFIG_HOME/linnet/linnet.lua", "that of a user; without the variable in ~/.config" },
    { "/etc/linnet/linnet.lua", "that of the service" },
    { "STATE/spool, STATE/cursors", "what waits for sinks, and how far each of them is" },
    { "STATE/dead.db", "dead letters" },
    { "STATE/linnet.db", "the embedded store" },
    { "STATE/ledger.db", "when each source was heard, and what sinks lost" },
    { "STATE/control.sock", "where a running linnet answers status, top, tap, reload and forget" },
};

static const struct explained exits[] = {
    { "0", "done, malformed records or not, matches or none" },
    { "1", "what was asked for failed" },
    { "2", "wrong usage" },
    { "78", "the configuration is wrong; the place was shown" },
    { "130", "interrupted" },
};

static void print_explained(const char *title, const char *macro, const struct explained *list,
                            size_t count) {
    mdoc_section(title);
    mdoc_list();
    for (size_t i = 0; i < count; i++) {
        mdoc_item(macro, list[i].name);
        mdoc_say("%s", list[i].meaning);
    }
    mdoc_list_end();
}

static void print_linnet_manual(void) {
    mdoc_begin("linnet", 1, "keep, score and deliver posts of social streams");
    print_synopsis();
    mdoc_section("DESCRIPTION");
    mdoc_say("linnet listens to social streams, keeps the posts that match your queries, scores "
             "their mood and delivers them. Data goes to standard output, everything else to "
             "standard error.");
    print_verbs();
    print_flags();
    mdoc_section("SIGNALS");
    mdoc_say("HUP reads the configuration again, as saving one of its files does. TERM and INT "
             "stop: sources read no further, sinks get the configuration's grace time for what "
             "they have; a second one stops at once.");
    print_explained("ENVIRONMENT", "Ev", variables, LENGTH(variables));
    print_explained("FILES", "Pa", files, LENGTH(files));
    print_explained("EXIT STATUS", "Li", exits, LENGTH(exits));
    mdoc_section("EXAMPLES");
    mdoc_say("%s", usage_examples);
    mdoc_section("SEE ALSO");
    mdoc_macro(".Xr systemctl 1 ,\n.Xr linnet-config 5 ,\n.Xr linnet-query 7");
}

int print_manual(const char *page) {
    struct slice name = slice_of(page);
    if (slice_is(name, "linnet"))
        print_linnet_manual();
    else if (slice_is(name, "linnet-config"))
        print_config_manual();
    else if (slice_is(name, "linnet-query"))
        print_query_manual();
    else {
        complain("linnet help: there is no manual page \"%s\": linnet, linnet-config, "
                 "linnet-query\n",
                 page);
        return 2;
    }
    return 0;
}
