/* Saved objects of Kibana (7.4 and newer) and OpenSearch Dashboards: a data view, searches,
 * visualisations and one dashboard over them, as the lines that their import takes.
 *
 * Members that a schema lacks are left out. Ids depend on the board alone, so that a second import
 * replaces what the first one made. What an object was made for is an old version on purpose: newer
 * ones bring it up to date, older ones would refuse it. Pure. */
#ifndef CLI_SAVED_OBJECTS_H
#define CLI_SAVED_OBJECTS_H

#include "cli/board.h"

/* Lines of JSON, each with its newline, in the arena. The board must have a time. */
struct slice saved_objects(const struct board *board, struct arena *arena);

#endif
