/* The full-text index's tokenizer "linnet": the index is given terms that are found already
 * (post/vocabulary.h), and this only takes them apart. */
#ifndef DATABASE_TOKENIZER_H
#define DATABASE_TOKENIZER_H

#include <sqlite3.h>

/* Makes it known to a connection; an SQLite code. */
int store_tokenizer_connect(sqlite3 *handle);

#endif
