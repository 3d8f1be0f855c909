/* A page of posts, as X's search gives it, as records like those of its stream: each post with what
 * it refers to of the page's `includes`. One owner. */
#ifndef X_PAGE_H
#define X_PAGE_H

#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct x_page;

/* *next: the token of the next page, in the arena; empty after the last. NULL: it is no page. */
struct x_page *x_page_read(struct slice json, struct slice *next, struct arena *arena);
bool x_page_ended(const struct x_page *page);
/* How many posts it had. */
size_t x_page_count(const struct x_page *page);
/* The next post as a record with padding behind it, in the arena, and its id (0: it has none);
 * false after the last. */
bool x_page_next(struct x_page *page, struct arena *arena, struct slice *record, uint64_t *id);
void x_page_free(struct x_page *page);

#endif
