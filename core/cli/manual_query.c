/* linnet-query(7): the query language. */
#include "cli/manual.h"
#include "cli/mdoc.h"
#include "post/query.h"

/* What is written without an operator's name. */
static const struct {
    const char *example, *meaning;
} terms[] = {
    { "coffee", "the word, in upper or lower case" },
    { "\"black coffee\"", "these words, one right after the other" },
    { "\"black coffee\"~3", "these words, at most so many apart, in any order" },
    { "#coffee", "the hashtag" },
    { "@anna", "the mention" },
    { "$ABC", "the cashtag" },
    { "espress*", "words that begin so" },
    { "acme NEAR/6 (down OR outage)", "both, at most so many words apart, in any order" },
    { "/colou?r/", "the regular expression (PCRE2), in upper or lower case" },
    { "coffee tea", "both, anywhere: a space is AND, and binds tighter than OR" },
    { "coffee OR tea", "one of them at least" },
    { "coffee -tea", "without the other; NOT is the same" },
    { "(coffee OR tea) milk", "parentheses group" },
};

/* What operators mean; one that is missing here shows its example. */
static const struct {
    const char *name, *meaning;
} meanings[] = {
    { "from", "the author's handle or id" },
    { "to", "a reply to this handle or id" },
    { "retweets_of", "a retweet of this author's post" },
    { "url", "words of a link, shortened or expanded" },
    { "lang", "the language: the network's word, else what the text shows; und is none" },
    { "network", "where it came from: x, bluesky, mastodon, or a dialect's network" },
    { "has", "what the post has:" },
    { "is", "what the post is:" },
    { "bounding_box", "posts located in [west south east north], in degrees" },
    { "point_radius", "posts located within [longitude latitude radius], in km or mi" },
    { "sample", "so many posts of a hundred, always the same ones" },
    { "sentiment", "the label that a post was given" },
    { "score", "the value that a post was given" },
    { "query", "the query by which a post was kept" },
};

static const char *meaning_of(const char *name) {
    for (size_t i = 0; i < LENGTH(meanings); i++)
        if (slice_is(slice_of(name), meanings[i].name)) return meanings[i].meaning;
    return NULL;
}

static void print_values(size_t operator) {
    const char *value;
    for (size_t i = 0; (value = query_manual_value(operator, i)); i++)
        mdoc_macro(".Li %s%s", value, query_manual_value(operator, i + 1) ? " ," : "");
}

static void print_operators(void) {
    struct query_manual one;
    mdoc_section("OPERATORS");
    mdoc_say("name:value, without a space; a value with spaces is put in quotes. A post that has "
             "no such field fails the operator.");
    mdoc_list();
    for (size_t i = 0; query_manual(i, &one); i++) {
        const char *meaning = meaning_of(one.name);
        mdoc_item("Li", one.example ? one.example : one.name);
        if (meaning) mdoc_say("%s", meaning);
        if (one.search_only) mdoc_say("(only in search and alerts)");
        print_values(i);
    }
    mdoc_list_end();
}

void print_query_manual(void) {
    mdoc_begin("linnet-query", 7, "the query language of linnet");
    mdoc_section("DESCRIPTION");
    mdoc_say("A query says which posts are wanted. The language is that of X's rules, and more, "
             "evaluated here for every network. Queries stand in the configuration's track, after "
             "-e on the command line, and in filters; which of several match, and by which term, "
             "linnet match tells.");
    mdoc_macro(".Pp");
    mdoc_say("Words are looked for in the text and in that of a quoted post.");
    mdoc_section("TERMS");
    mdoc_list();
    for (size_t i = 0; i < LENGTH(terms); i++) {
        mdoc_item("Li", terms[i].example);
        mdoc_say("%s", terms[i].meaning);
    }
    mdoc_list_end();
    print_operators();
    mdoc_section("LIMITS");
    mdoc_say("A query may be %d bytes long, its parentheses %d deep, and NEAR reaches %d words "
             "far. A regular expression that takes too many steps does not match.",
             QUERY_MAX_BYTES, QUERY_MAX_DEPTH, QUERY_MAX_DISTANCE);
    mdoc_section("TRACK LISTS");
    mdoc_say("linnet.track \"black coffee,tea\" is a list as X's version 1.1 had it: a comma is "
             "OR, a space AND. It may have %d terms of %d bytes.",
             TRACK_MAX_TERMS, TRACK_MAX_TERM_BYTES);
    mdoc_section("EXAMPLES");
    mdoc_say("  linnet match -e '(#python OR \"python 3\") -is:retweet' 'python 3 is out'\n");
    mdoc_section("SEE ALSO");
    mdoc_macro(".Xr linnet 1 ,\n.Xr linnet-config 5");
}
