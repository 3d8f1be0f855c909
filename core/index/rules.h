/* What is to be done about each answer of an index: to one document, or to a whole request.
 *
 * Pure; the table of rules is in rules.c. */
#ifndef INDEX_RULES_H
#define INDEX_RULES_H

#include "index/reply.h"

enum index_rule {
    INDEX_DONE,      /* it is as it should be */
    INDEX_NEWER,     /* 409: another version is there */
    INDEX_POISON,    /* this document, never again */
    INDEX_DOUBTFUL,  /* perhaps the document, perhaps the server: again, but not for ever */
    INDEX_BUSY,      /* again, slower */
    INDEX_BLOCKED,   /* again, when people have made room or took the block away */
    INDEX_AWAY,      /* again, when the server or the shard is back */
    INDEX_REFUSED,   /* again, when the credentials are good */
    INDEX_MISSING,   /* again, when the index has been made */
    INDEX_TOO_LARGE, /* again in halves */
    INDEX_WRONG,     /* a request that cannot be read: again in halves */
    INDEX_PLAIN,     /* again, not compressed */
};

/* Of one item of a bulk reply. */
enum index_rule index_item_rule(const struct index_item *item, enum index_verb verb);
/* Of a whole request that was answered with another status than 200; `said` by index_error_read. */
enum index_rule index_request_rule(const struct index_item *said, bool compressed);
/* What is the matter, for the log: "is busy", "takes nothing"... */
const char *index_rule_text(enum index_rule rule);

/* Of a 409 the version that is there; false when it does not say. */
bool index_present_version(struct slice reason, int64_t *version) MUST_CHECK;

#endif
