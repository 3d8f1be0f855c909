/* What a dashboard is made from: which members of a schema play which part in it. Pure. */
#ifndef CLI_BOARD_H
#define CLI_BOARD_H

#include "base/arena.h"
#include "post/schema.h"
#include <stdbool.h>

enum board_role {
    ROLE_TIME,
    ROLE_LABEL,
    ROLE_SCORE,
    ROLE_TEXT,
    ROLE_AUTHOR,
    ROLE_LANG,
    ROLE_HASHTAGS,
    ROLE_MENTIONS,
    ROLE_QUERIES,
    ROLE_PLACE,
    ROLE_COUNT
};

/* A member that plays a part. */
struct board_member {
    struct slice path; /* empty: the schema has none */
    bool aggregated;   /* an index can count its values */
    bool counted;      /* it cannot, but a script over each post can */
};

struct board {
    struct slice pattern; /* of the indices: "posts-*" */
    struct slice id;      /* what the ids of all its objects begin with: "linnet-posts" */
    const struct schema_member *members;
    size_t member_count;
    struct board_member roles[ROLE_COUNT];
    const struct slice *labels;
    size_t label_count;
};

/* `pattern` stays the caller's, all else is in the arena. */
void board_init(struct board *board, struct slice pattern, const struct schema *schema,
                struct arena *arena);
/* Whether a script has to count what plays this part. */
static inline bool board_counts(const struct board *board, enum board_role role) {
    bool listed = role == ROLE_HASHTAGS || role == ROLE_MENTIONS;
    return listed && !board->roles[role].aggregated && board->roles[role].counted;
}
/* What the board does without, or does slowly, for the role: a sentence, or NULL. */
const char *board_note(const struct board *board, enum board_role role);

#endif
