/* What is known of rules without asking X. */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include "config/snapshot.h"

/* Tells which queries of a configuration X cannot be asked for. */
void rules_warn(const struct snapshot *snapshot);

#endif
