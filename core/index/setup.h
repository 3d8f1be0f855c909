/* What an index needs before documents can go there: a server that is new enough, a template, the
 * index itself, the schema's mapping. On the loop thread.
 *
 * The template holds for a plain name, too: an index that is deleted while documents come is made
 * anew by the server, and then with the right mapping. A mapping that cannot be changed to the
 * schema's is told, with the field, and documents go on as they fit. */
#ifndef INDEX_SETUP_H
#define INDEX_SETUP_H

#include "index/link.h"
#include "index/rules.h"

struct index_setup {
    /* The owner's to set. */
    const char *name; /* the sink's */
    struct index_link *link;
    const struct index_place *place;
    struct slice mapping; /* {"mappings":{…}} */
    bool manage;          /* else the server is only asked what it is */
    struct projector *projector;
    /* Once for each start: all is there, or why not; `retry_after` is the header's value. */
    void (*ended)(struct index_setup *setup, enum index_rule rule, struct slice text,
                  struct slice retry_after);

    unsigned step;
    bool composable, running;
    struct slice body; /* of the request that is under way */
    struct arena arena;
};

void index_setup_init(struct index_setup *setup);
/* Nothing may be under way any more. */
void index_setup_free(struct index_setup *setup);
/* Never ends before it returns. */
void index_setup_start(struct index_setup *setup);

#endif
