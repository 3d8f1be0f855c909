/* The terms of an index over posts, in both directions: what a post has, and what a query's term
 * looks for. Both are written here, so that they cannot come apart.
 *
 * A term is a kind's byte and a folded text. An index of them only narrows down: every message that
 * a term of a query is found in has that term here (and maybe others have, too); whether the query
 * holds is for post/query.h to say. Words of a quoted post count as the text's own.
 *
 *   w word   # tag   @ name   $ cash   e emoji   u word of a link   f author (handle, id)
 *   l language ("en-gb" is "en", too)   n network   q name of a query that matched
 *
 * Pure functions, any thread. */
#ifndef POST_VOCABULARY_H
#define POST_VOCABULARY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "post/message.h"

/* Ends each term; no term holds a byte below a space. */
#define VOCABULARY_END '\x1f'
/* Longer terms are cut. */
#define VOCABULARY_MAX_BYTES 128

/* Appends all terms of the message, some of them maybe twice, each with VOCABULARY_END behind it.
 * False when the buffer's ceiling is too low for them. */
bool vocabulary_of(struct message *message, const struct slice *queries, size_t query_count,
                   struct arena *arena, struct buffer *terms) MUST_CHECK;

enum vocabulary_use {
    VOCABULARY_NONE,   /* no term says anything about it: all posts have to be looked at */
    VOCABULARY_TERM,   /* a post that it is found in has this term */
    VOCABULARY_PREFIX, /* a post that it is found in has a term that begins so */
};
/* What a term of a query, of a kind and spelling as in post/query_internal.h, looks for. */
enum vocabulary_use vocabulary_term(uint32_t term_kind, struct slice folded, struct arena *arena,
                                    struct slice *term) MUST_CHECK;
/* The same for a query's name. */
struct slice vocabulary_query(struct slice name, struct arena *arena);

#endif
