/* Boolean queries over posts: many at once, each message against all of them.
 *
 * A set is made of texts in linnet's query language (X's rule operators, and prefix*, NEAR/n,
 * /regex/) or of track lists ("a b,c" = (a AND b) OR c). Once made it never changes and is shared
 * by all threads; each worker has a scratch of its own. Matching looks every token of a message up
 * once for the whole set and evaluates only the queries that one of the found terms can make true,
 * so its time depends little on the number of queries.
 *
 * Words are matched against the message's text and the quoted post's text; #tag, @name and $cash
 * against the lists of the message, and against the text where the message has no such list. A
 * handle with its host ("anna@example.org") is found without it, too. A message without a field
 * fails every operator on it. */
#ifndef POST_QUERY_H
#define POST_QUERY_H

#include "base/arena.h"
#include "base/error.h"
#include "post/message.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUERY_MAX_BYTES 4096
#define QUERY_MAX_DEPTH 64 /* of parentheses */
#define QUERY_MAX_DISTANCE 50
#define TRACK_MAX_TERMS 400
#define TRACK_MAX_TERM_BYTES 60

enum query_language {
    QUERY_LANGUAGE,
    QUERY_TRACK_LIST, /* of v1.1 */
    /* Queries that may ask for what processing found, too: sentiment:, score:, query:. The
     * message's label, score and query_names are there before it is matched. */
    QUERY_SEARCH_LANGUAGE
};

struct query_source {
    const char *name;
    struct slice text;
    enum query_language language;
};

struct query_set;
struct query_scratch;

/* Copies what it needs of `sources`; query i is sources[i]. A text that is not in the language
 * gives NULL, its index and the offset of the wrong byte, and an error of kind ERROR_CONFIG located
 * in the text under the query's name. */
struct query_set *query_set_create(const struct query_source *sources, size_t count,
                                   size_t *bad_query, size_t *bad_offset,
                                   struct error *err) MUST_CHECK;
void query_set_destroy(struct query_set *set);
size_t query_set_count(const struct query_set *set);
struct slice query_set_text(const struct query_set *set, size_t query);
/* enum message_part: what a message must have for query_set_match. All when some query may hold
 * whatever the message says, so that many will be wanted whole. */
uint32_t query_set_parts(const struct query_set *set);

/* An FTS5 expression over the terms of post/vocabulary.h, in the arena, that holds for every
 * message for which the query does; empty: nothing can be said, and all messages have to be looked
 * at. Without `prefixes`, each of which an index gathers anew, none is in it. */
struct slice query_set_narrow(const struct query_set *set, size_t query, bool prefixes,
                              struct arena *arena);
/* The same for the posts of an author, by id. */
struct slice query_narrow_author(struct slice id, struct arena *arena);

/* Where a part of the query begins that asks for what no document holds (to:, retweets_of:);
 * SIZE_MAX when none does. */
size_t query_set_unstored(const struct query_set *set, size_t query);

/* Whether the query asks for traits of the message (is:, has:media and the like). */
bool query_set_asks_traits(const struct query_set *set, size_t query);

/* False: the query holds for no message with this label and score, whatever else it says; so much
 * can be told before it is read. */
bool query_set_may_hold(const struct query_set *set, size_t query, const struct message *message,
                        struct arena *arena);

/* What one thread needs to match against `set`, which has to live as long. */
struct query_scratch *query_scratch_create(const struct query_set *set) MUST_CHECK;
void query_scratch_destroy(struct query_scratch *scratch);

/* Sets message->queries (in `arena`) and message->query_count. An empty set matches nothing: that
 * it keeps everything is for the caller to say. */
void query_set_match(const struct query_set *set, struct query_scratch *scratch,
                     struct message *message, struct arena *arena);

/* Why a query holds: one term of its text, and what in the message made it true (empty for a
 * negation, is: and the like; otherwise it points into the message). */
struct query_reason {
    uint32_t query;
    struct slice term;
    struct slice matched;
};

/* Matches like query_set_match and gives the reasons, by query, in the order of its text. */
struct query_reason *query_set_explain(const struct query_set *set, struct query_scratch *scratch,
                                       struct message *message, struct arena *arena, size_t *count);

/* The i-th operator that linnet evaluates, for its manual; false after the last. */
struct query_manual {
    const char *name, *example; /* example: "lang:en"; NULL: there is none */
    bool search_only;
};
bool query_manual(size_t i, struct query_manual *manual) MUST_CHECK;
/* The j-th value of an operator that takes one of a few; else, and after the last, NULL. */
const char *query_manual_value(size_t i, size_t j);

#endif
