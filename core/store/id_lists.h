/* The hashes of a segment's keys, and keys by their names, in memory and in FOLDER/spool/N.ids
 * beside the sealed segment.
 *
 *   magic 8, version 4, zero 4, spool's id 16, first and end sequence 8 each, four counts 4 each,
 *   CRC32C of these 64; the hashes of each kind, 8 bytes each; of each name the key (a text);
 *   CRC32C of hashes and keys. Version 1 has three counts and no names.
 *
 * A list that is missing or damaged is made again from its segment. */
#ifndef STORE_ID_LISTS_H
#define STORE_ID_LISTS_H

#include "base/arena.h"
#include "store/spool.h"

struct id_list {
    uint64_t *hashes; /* oldest first */
    size_t count, room;
    struct buffer keys; /* SPOOL_NAME: packed texts, one a hash */
};

/* Zeroed when empty. */
struct id_lists {
    struct id_list of[SPOOL_ID_KINDS];
};

/* How many of a kind a start remembers. */
size_t known_limit(enum spool_id kind);

void id_list_free(struct id_list *list);
void id_lists_free(struct id_lists *lists);
/* Takes the key and the name, or the deletes of a whole frame. The arena is for the moment. */
void id_lists_add(struct id_lists *lists, const struct frame *frame, struct arena *arena);

struct ids_header {
    char id[SPOOL_ID_BYTES];
    uint64_t first, end;
    uint32_t counts[SPOOL_ID_KINDS];
};

/* No more than the known_limit newest of each kind, and SPOOL_KNOWN_NAME_BYTES of keys; the counts
 * are found out. False with errno. */
bool ids_write(const char *path, const struct ids_header *header,
               const struct id_lists *lists) MUST_CHECK;
enum ids_found {
    IDS_WHOLE,
    IDS_NONE,      /* that is whole */
    IDS_UNREADABLE /* see errno; it may be whole */
};
/* `lists` were empty, and stay so unless it is whole. */
enum ids_found ids_read(const char *path, struct ids_header *header,
                        struct id_lists *lists) MUST_CHECK;
/* The header alone. */
bool ids_look(const char *path, struct ids_header *header) MUST_CHECK;

#endif
