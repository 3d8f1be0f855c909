/* The tables of script/keys.h. */
#include "script/keys.h"

const struct known_key filter_keys[] = {
    {
        "keep",
        "string|fun(message: linnet.message): boolean",
        "a query, or a function: true keeps",
    },
    { "on_error", "\"keep\"|\"drop\"|nil", "what becomes of a post when the function fails: keep" },
    { 0 },
};

const struct known_key schema_keys[] = {
    { "extends", "string|linnet.schema|nil",
      "a schema whose fields come first; one of the same name is replaced where it stands" },
    { "key", "string?", "what becomes _id: \"raw.PATH\"; else the message's own key" },
    { "text", "string?", "what scorers read: \"raw.PATH\" or \"text\"" },
    { 0 },
};

const struct known_key field_keys[] = {
    { "from", "string|fun(message: linnet.message): any",
      "another name of the message, \"raw.PATH\" of the record, or a function" },
    { "format", "string?", "the date format of the index: \"epoch_millis\"" },
    { "all", "string?", "a PCRE2 pattern: every match in the text that `from` names" },
    { 0 },
};

const struct known_key scorer_keys[] = {
    { "engine", "\"vader\"|\"textblob\"|nil", "a scorer in C; or give `score`" },
    { "lexicon", "string|linnet.lexicon|nil", "its words; else those named as the engine" },
    { "labels", "linnet.label[]?", "tried in order; else those of the engine" },
    { "score",
      "nil|fun(message: linnet.message, lexicon: linnet.words?): number?, linnet.evidence[]?",
      "a value from -1 to 1, or nil for no opinion; and why" },
    { 0 },
};

const struct known_key label_keys[] = {
    { "upto", "number?", "the highest value that has this label" },
    { "below", "number?", "the label's values lie below" },
    { 0 },
};

const struct known_key lexicon_keys[] = {
    { "extends", "string|linnet.lexicon|nil", "a lexicon to start from" },
    { "words", "table<string, number|linnet.word>?", "word = valence (vader), or linnet.word" },
    { "remove", "string[]?", "keys of `extends` to leave out, from all sections" },
    { "boosters", "table<string, number>?", "vader: word = what it adds to the next word" },
    { "negators", "string[]?", "words that turn the next ones round" },
    { "idioms", "table<string, number>?", "vader: two or three words = valence of the whole" },
    { "emoji", "table<string, string>?", "vader: an emoji = the words it is read as" },
    { "emoticons", "linnet.emoticon[]?", "textblob: { \":)\", polarity }" },
    { "abbreviations", "string[]?", "textblob: what does not end a sentence" },
    { 0 },
};

const struct known_key word_keys[] = {
    { "adverb", "boolean?", "textblob: it modifies the next word" },
    { 0 },
};

const struct known_key dialect_keys[] = {
    { "network", "string", "what message.network is" },
    { "has", "string[]", "paths: a record with all of them is of this dialect" },
    { "id", "string?", "path of the post's id; else one is made" },
    { "text", "string", "path of the text" },
    { "lang", "string?", "path of the language" },
    { "created", "string|linnet.created|nil", "path of the time, or { PATH, format = ... }" },
    { "author", "linnet.author_paths?", "paths of id, handle, name" },
    { "hashtags", "string?", "path of tags without #; through an array it collects" },
    { "mentions", "string?", "path of handles without @" },
    { "urls", "string?", "path of links" },
    { 0 },
};

const struct known_key author_keys[] = {
    { "id", "string?", "path of the author's id" },
    { "handle", "string?", "path of the author's handle" },
    { "name", "string?", "path of the author's name" },
    { 0 },
};

const struct known_key created_keys[] = {
    { "format", "\"iso8601\"|\"epoch_millis\"|\"epoch_seconds\"|nil",
      "how the time is written: iso8601" },
    { 0 },
};

const struct maker_keys all_maker_keys[] = {
    { "filter", NULL, "what a post must pass to be kept", filter_keys },
    { "schema", "linnet.field", "what a post's document looks like, and how an index maps it",
      schema_keys },
    { "scorer", NULL, "how a post is scored", scorer_keys },
    { "lexicon", NULL, "words and what they are worth", lexicon_keys },
    { "dialect", NULL, "how a network writes its posts", dialect_keys },
    { 0 },
};

const char *known_key_name(const void *keys, size_t i) {
    return ((const struct known_key *)keys)[i].name;
}
