/* The embedded store's tables and views, which others may read too (Datasette, DuckDB, sqlite3):
 * README.md names the views, and only they are promised. */
#ifndef DATABASE_FORMAT_H
#define DATABASE_FORMAT_H

#include "store/database.h"

/* In the state folder. */
#define STORE_FILE "linnet.db"

extern const struct database_format store_format;

/* The path that a sink "sqlite" was given; NULL: none. */
const char *sqlite_sink_path(const void *settings);

#endif
