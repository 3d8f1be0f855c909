/* What stands for a notice where others stand as documents: of a post that was deleted
 * {"_id":KEY,"deleted":true}, of one whose place is to be forgotten {"_id":KEY,"scrub_geo":true}.
 * Pure. */
#ifndef POST_NOTICE_H
#define POST_NOTICE_H

#include "store/record.h"
#include "json/writer.h"

/* The member that says it. */
const char *notice_name(enum record_kind kind);
void write_notice(struct writer *writer, enum record_kind kind, struct slice key);
/* In the arena. */
struct slice notice_of(enum record_kind kind, struct slice key, struct arena *arena);

#endif
