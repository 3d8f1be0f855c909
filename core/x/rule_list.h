/* Rules of X's filtered stream in their order, found by their text. */
#ifndef X_RULE_LIST_H
#define X_RULE_LIST_H

#include "base/arena.h"
#include <stdint.h>

struct x_rule {
    struct slice id; /* empty: X does not have it */
    struct slice value, tag;
    size_t query;  /* of the snapshot, of wanted ones */
    size_t shared; /* with so many other queries */
};

struct x_rule_list {
    struct x_rule *items;
    size_t count;
    uint32_t *slots; /* by text, twice as many as there is room for; 0: free, else from 1 */
};

/* At the end; grows in the arena. */
void x_rule_add(struct x_rule_list *list, const struct x_rule *rule, struct arena *arena);
/* The first with this text, or NULL. */
const struct x_rule *x_rule_find(const struct x_rule_list *list, struct slice value);

#endif
