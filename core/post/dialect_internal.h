/* What a dialect consists of, and how it takes values out of slots. Private to
 * post/dialect*. */
#ifndef POST_DIALECT_INTERNAL_H
#define POST_DIALECT_INTERNAL_H

#include "post/message.h"
#include "json/number.h"
#include "json/projection.h"

/* One record being read by one dialect. */
struct reading {
    const struct dialect *dialect;
    const struct json_slot *slots;
    const int *map; /* the dialect's path number → slot number */
    struct message *message;
    struct arena *arena;
};

struct dialect {
    const char *name;
    const char *const *paths;
    size_t path_count;
    /* By path: the enum message_part that it alone tells, 0 for what is always needed. NULL: all
     * is. `read` is called again when the rest has come. */
    const uint8_t *parts;
    /* Whether the members are there that make it this network's. */
    bool (*fits)(const struct reading *reading);
    /* True when message->raw, padded, has become the record that this one wraps. NULL: never. */
    bool (*unwrap)(const struct reading *reading);
    /* Fills the message; a record it cannot read becomes MESSAGE_MALFORMED with its reason. */
    void (*read)(const struct reading *reading);
};

extern const struct dialect dialect_plain, dialect_x1, dialect_x2, dialect_jetstream,
    dialect_mastodon;

/* Ids and keys are bounded: an index refuses an `_id` of more than 512 bytes. */
#define MAX_ID_BYTES 480

static inline const struct json_slot *slot_at(const struct reading *reading, int path) {
    return &reading->slots[reading->map[path]];
}

static inline bool slot_is(const struct json_slot *slot, enum json_type type) {
    return slot->count > 0 && slot->first.type == type;
}

static inline bool slot_present(const struct json_slot *slot) {
    return slot->array || (slot->count > 0 && slot->first.type != JSON_NULL);
}

/* The first value when it is a text; empty otherwise. */
static inline struct slice slot_text(const struct json_slot *slot) {
    return slot_is(slot, JSON_STRING) ? slot->first.text : slice_from(NULL, 0);
}

/* The first value when it is a text or a number, as ids are written; empty otherwise. */
static inline struct slice slot_id(const struct json_slot *slot) {
    return slot_is(slot, JSON_STRING) || slot_is(slot, JSON_NUMBER) ? slot->first.text
                                                                    : slice_from(NULL, 0);
}

/* The first of the two that holds anything. */
static inline struct slice either(struct slice first, struct slice second) {
    return first.length ? first : second;
}

/* The text among the values of a slot that came with array element `element`; empty when none did.
 */
struct slice slot_text_of(const struct json_slot *slot, uint32_t element);
/* The same for numbers too. */
struct slice slot_id_of(const struct json_slot *slot, uint32_t element);
/* All texts of a slot. */
struct slice_list slot_texts(const struct json_slot *slot, struct arena *arena);
/* The texts that came with array element `element`. */
struct slice_list slot_texts_of(const struct json_slot *slot, uint32_t element,
                                struct arena *arena);
/* X escapes three characters on the wire, "&amp;", "&lt;" and "&gt;"; the text without. */
struct slice x_text(struct slice escaped, struct arena *arena);
/* Two numbers "lon", "lat" into the message, with TRAIT_COORDINATES, when they are on the globe. */
void read_coordinates(struct message *message, const struct json_value *lon,
                      const struct json_value *lat);
void read_malformed(struct message *message, const char *reason);
/* What is said of all posts of the author `id`; `up_to` is absent, or the number of the last one.
 */
void read_author_notice(struct message *message, enum message_kind kind, struct slice id,
                        const struct json_slot *up_to);

#endif
