/* A schema as compiled. Private to post/schema*. */
#ifndef POST_SCHEMA_INTERNAL_H
#define POST_SCHEMA_INTERNAL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include "post/schema.h"
#include "json/writer.h"
#include <pcre2.h>

/* A name that a field may take from the message. `write` writes the value, or nothing and says
 * false when the message lacks it. */
struct message_name {
    const char *name;
    enum field_type type;
    bool (*write)(struct writer *writer, struct message *message,
                  const struct document_context *context, bool epoch);
};

/* NULL when there is no such name. */
const struct message_name *message_name_find(struct slice name);
/* For "did you mean": the i-th name, NULL after the last. */
const char *message_name_at(const void *context, size_t index);

struct field {
    struct slice name;
    enum field_type type;
    struct slice format;
    bool epoch;                       /* dates of the message as epoch milliseconds */
    const struct message_name *taken; /* from the message; else NULL */
    int slot;                         /* from the record; else -1 */
    uint32_t function;                /* a script's, + 1; 0: none */
    bool place;                       /* it tells where the post was written */
    bool full_text;                   /* `pattern` reads message->text, not a slot */
    pcre2_code *pattern;              /* every match; else NULL */
    struct field *fields;             /* FIELD_OBJECT */
    size_t field_count;
};

struct schema {
    char *name;
    int key_slot, text_slot; /* -1: the message's own */
    struct field *fields;
    size_t field_count;
    struct slice unlocated;
    struct arena arena; /* of names and fields */
};

struct schema_scratch {
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

#endif
