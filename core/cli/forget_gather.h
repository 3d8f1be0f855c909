/* Which posts `linnet forget` means: those that the store and the dead letters have, or the one
 * that was named. Blocking. */
#ifndef CLI_FORGET_GATHER_H
#define CLI_FORGET_GATHER_H

#include "config/snapshot.h"
#include "flow/forget.h"

struct forget_subject {
    bool author; /* `id` is of an author; else the `_id` of a post */
    struct slice id;
};

/* A post, as the pipeline and as the store call it. */
struct forget_post {
    struct post_name name;
    struct slice key; /* the store's; empty: it is not there */
};

struct forget_list {
    struct arena arena;
    struct forget_post *posts; /* heap; each once */
    size_t count, room;
    size_t stored;    /* of them in the store */
    int64_t *letters; /* numbers of dead letters; heap */
    size_t letter_count, letter_room;
};

void forget_list_init(struct forget_list *list);
void forget_list_free(struct forget_list *list);
/* Adds what the store at `path` has. */
bool forget_gather_stored(struct forget_list *list, const struct forget_subject *subject,
                          const char *path, struct error *err) MUST_CHECK;
/* Adds what dead letters in `folder` are about; these are read as the configuration says. */
bool forget_gather_letters(struct forget_list *list, const struct forget_subject *subject,
                           const char *folder, const struct snapshot *snapshot,
                           struct error *err) MUST_CHECK;
/* Adds the post itself when nobody has it. False: `id` is no `_id`. */
bool forget_gather_named(struct forget_list *list, const struct forget_subject *subject) MUST_CHECK;

#endif
