/* Dialects: how each network writes a post. They read slots of the one parse and fill the message.
 *
 * Per message the last dialect whose members are there is taken; a record that is no JSON object is
 * a post of one bare line. */
#ifndef POST_DIALECT_H
#define POST_DIALECT_H

#include "base/arena.h"
#include "base/error.h"
#include "post/message.h"
#include "json/projection.h"

struct dialects;

struct dialect;
struct dialect_spec;

/* The built-in dialects; adds their paths to `projection`. */
struct dialects *dialects_create(struct projection *projection) MUST_CHECK;
/* Adds one that a user declared, behind the others. False with *err when a path is none, or the
 * projection is full; then it is not added. Keeps nothing of the spec. */
bool dialects_add(struct dialects *dialects, const struct dialect_spec *spec,
                  struct projection *projection, struct error *err) MUST_CHECK;
/* message_begin is to read these, too: enum message_part. Before the projection is sealed. */
void dialects_need(struct dialects *dialects, struct projection *projection, uint32_t parts);
void dialects_destroy(struct dialects *dialects);

/* Where records without an id of their own are: their id is made of it. */
struct record_place {
    struct slice source; /* path, or "-" for standard input */
    bool seekable;  /* message->offset is a byte offset that stays; else the record's ordinal */
    uint64_t round; /* how often the source was begun again: posts are new ones then */
};

/* Fills `message` from message->raw; all of it but `raw`, `offset` and `received_ms` is zero,
 * unless it is MESSAGE_MALFORMED or MESSAGE_CONTROL already and stays so. The record's slots, for
 * schemas, valid until the projector runs again; NULL for bare lines and malformed records. */
const struct json_slot *message_read(const struct dialects *dialects, struct projector *projector,
                                     const struct record_place *place, struct message *message,
                                     struct arena *arena);

/* message_read in two steps, for those who throw most posts away: the first fills what every
 * message has and the parts that dialects_need was told, and takes the rest of the record for
 * granted. */
struct message_rest {
    const struct json_slot *slots;
    const struct dialect *dialect;
    const int *map;
};
const struct json_slot *message_begin(const struct dialects *dialects, struct projector *projector,
                                      const struct record_place *place, struct message *message,
                                      struct arena *arena, struct message_rest *rest);
/* The second: all of the message, and the other slots. Nothing else may have been read by the
 * projector. False: it is MESSAGE_MALFORMED, for what stands in the rest. */
bool message_finish(const struct message_rest *rest, struct projector *projector,
                    const struct record_place *place, struct message *message,
                    struct arena *arena) MUST_CHECK;
/* What posts of all networks are told apart by: the id when it is a URI, else network ":" id. */
struct slice message_key(struct slice network, struct slice id, struct arena *arena);

#endif
