/* Changes of the full-text index `post_terms`, gathered and made in the order of the posts'
 * numbers: in any other, the index writes out what it has each time. One thread's. */
#ifndef DATABASE_TERMS_H
#define DATABASE_TERMS_H

#include "database/document.h"
#include "store/database.h"

struct term_changes;
struct term_changes *term_changes_create(struct database *database) MUST_CHECK;
void term_changes_destroy(struct term_changes *changes);
bool term_changes_open(struct term_changes *changes, struct error *err) MUST_CHECK;
/* Finalizes its statements, and forgets. */
void term_changes_close(struct term_changes *changes);
void term_changes_forget(struct term_changes *changes);
/* The post's terms come (by 1) or go (by -1). Within a transaction. */
bool term_changes_note(struct term_changes *changes, int64_t number,
                       struct store_document *document, int by, struct arena *arena,
                       struct error *err) MUST_CHECK;
/* Makes what was noted since the last time; before the transaction ends. */
bool term_changes_write(struct term_changes *changes, struct error *err) MUST_CHECK;

#endif
