/* What stands for a post that was deleted where others stand as documents:
 * {"_id":KEY,"deleted":true}. Pure. */
#ifndef POST_DELETE_NOTICE_H
#define POST_DELETE_NOTICE_H

#include "json/writer.h"

void write_delete_notice(struct writer *writer, struct slice key);
/* In the arena. */
struct slice delete_notice(struct slice key, struct arena *arena);

#endif
