/* Which site a link leads to. */
#ifndef DATABASE_DOMAIN_H
#define DATABASE_DOMAIN_H

#include "base/arena.h"
#include "base/slice.h"

/* The registrable domain of a URL with or without its scheme ("news.example.co.uk" gives
 * "example.co.uk", by the Public Suffix List that was built in), folded; the whole host when it has
 * none, such as an address; empty when there is no host. */
struct slice store_domain(struct slice url, struct arena *arena);

#endif
