/* What X or its rules have against a query, as an error with the place where the query stands. */
#ifndef X_BLAME_H
#define X_BLAME_H

#include "x/rules.h"

/* X does not take a rule of it. */
void x_blame_refused(const struct snapshot *snapshot, const struct x_rule *rule, const char *why,
                     struct error *err);
/* No rule can be made for it. */
void x_blame_unruled(const struct snapshot *snapshot, const struct x_unruled *unruled,
                     struct error *err);
/* X has no room for a rule of it. */
void x_blame_left_out(const struct snapshot *snapshot, const struct x_rule *rule,
                      struct error *err);

#endif
