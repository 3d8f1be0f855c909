/* How a search looks inside, shared by core/search/search*.c only.
 *
 * Candidates come in pages, newest first: of the index of terms where it leaves few (search_few),
 * else of the index of times (search_walk), narrowed down page by page. */
#ifndef SEARCH_INTERNAL_H
#define SEARCH_INTERNAL_H

#include "search/search.h"

/* Candidates that are sorted as a whole; more are walked through by time. */
#define FEW_CANDIDATES 16384
/* Of a page: few at first, for the newest are soon found, then twice as many each time. */
#define FIRST_CANDIDATES 1024
#define PAGE_CANDIDATES 16384

struct candidate {
    int64_t number, created_s;
};

struct candidates {
    struct candidate *items; /* newest first; heap */
    size_t count;
};

struct search {
    struct stored *stored;
    const struct search_question *question;
    struct arena arena, page_arena; /* of the search; of a page */
    struct query_set *set;          /* NULL: all posts */
    struct query_scratch *scratch;
    struct store_reader *reader;
    bool asks_traits;
    struct slice narrow;      /* what the index of terms is asked; empty: nothing */
    struct slice narrow_page; /* the same of a page: without prefixes, each of which takes long */
    int64_t since_s, until_s;
    sqlite3_stmt *row;                     /* of a post */
    sqlite3_stmt *terms, *terms_between;   /* `narrow` */
    sqlite3_stmt *created, *same, *before; /* of one post; times */
    struct candidates few;
    size_t few_next;
    struct candidate last; /* of the walk */
    size_t page_room;      /* candidates of its next page */
    bool walks, done;
    uint64_t end_ns; /* 0: no end */
    struct search_outcome *outcome;
};

/* search_few.c: all candidates when they are few, else search->walks. */
bool search_gather(struct search *search, struct error *err) MUST_CHECK;
/* search_walk.c: the candidates of the next page, or none and search->done. */
bool search_walk(struct search *search, struct candidates *page, struct error *err) MUST_CHECK;
/* Whether the time is up. */
bool search_is_late(const struct search *search);

#endif
