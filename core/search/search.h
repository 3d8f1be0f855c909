/* Posts of the embedded store that match a query, newest first.
 *
 * The index of terms and the times narrow down what could match; whether a post does is decided by
 * the matcher (post/query.h) on the message that its document tells of. So what no document holds
 * (quoted text, whom a post answers) is not found. Where the index says little, posts are looked at
 * from the newest on, for a limited time, and the outcome says how far that came. */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "config/moment.h"
#include "database/document.h"
#include "post/query.h"
#include "search/stored.h"

struct search_question {
    struct slice query; /* of QUERY_SEARCH_LANGUAGE; empty: all posts */
    struct span span;   /* of when posts were created, in whole seconds */
    uint64_t limit;     /* posts; 0: all */
    uint64_t budget_ms; /* 0: as long as it takes */
};

struct found_post {
    struct slice key, bytes; /* `_id`, and the document as it was stored */
    const struct store_document *document;
    const struct slice *marked; /* what the query met in document->message.text and elsewhere */
    size_t marked_count;
};

struct search_outcome {
    uint64_t found, examined;
    bool cut;        /* the limit was reached, and there may be more */
    bool partial;    /* the time was up */
    int64_t until_s; /* `partial`: posts of this second and later ones were looked at */
    uint64_t untold; /* posts examined that do not say what is: and has:media ask for */
};

struct search;

/* Reads the query. NULL with *err: it is not in the language, or asks for what no document holds;
 * the error is of kind ERROR_USAGE and shows the place. `stored` and `question` outlive it. */
struct search *search_create(struct stored *stored, const struct search_question *question,
                             struct error *err) MUST_CHECK;
void search_destroy(struct search *search);
/* Calls `each` for each post found, all of it valid during the call, with no statement open: it may
 * take its time. Once a search. */
bool search_run(struct search *search, void (*each)(void *context, const struct found_post *post),
                void *context, struct search_outcome *outcome, struct error *err) MUST_CHECK;

#endif
