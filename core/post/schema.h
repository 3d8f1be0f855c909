/* A schema: one table that says what a post's document looks like and how an index maps it.
 *
 * It is built from a spec (what Lua declared) by one thread, then only read. Sources of a field: a
 * name of the message ("author.handle"), a path of the record ("raw.user.id", which joins the one
 * parse), or every match of a pattern in a text. A name that the message lacks is left out of the
 * document; a null in the record stays null; an empty array stays empty. */
#ifndef POST_SCHEMA_H
#define POST_SCHEMA_H

#include "base/arena.h"
#include "base/error.h"
#include "post/message.h"
#include "json/projection.h"
#include "json/writer.h"

enum field_type {
    FIELD_KEYWORD,
    FIELD_TEXT,
    FIELD_DATE,
    FIELD_LONG,
    FIELD_DOUBLE,
    FIELD_BOOLEAN,
    FIELD_GEO_POINT,
    FIELD_OBJECT, /* has fields of its own */
};

/* The type of this name ("keyword", "long", ...), or -1; "object" is not one a user writes. */
int field_type_find(struct slice name);
/* The names, for "did you mean"; NULL after the last. */
const char *field_type_name(size_t index);

struct field_spec {
    struct slice name;
    enum field_type type;
    struct slice
        from; /* empty: the name itself (inside an object: the object's from + "." + name) */
    struct slice format;             /* date format of the index mapping; empty = none */
    uint32_t function;               /* a script's function + 1; 0: none, then `from` says */
    struct slice all;                /* PCRE2 pattern; every match in `from`'s text; empty = none */
    const struct field_spec *fields; /* FIELD_OBJECT */
    size_t field_count;
};

struct schema_spec {
    struct slice name; /* "post", "tweet", or the file's */
    struct slice key;  /* "raw.id_str"; empty: the message's own key */
    struct slice text; /* what scorers read; empty: "text" */
    const struct field_spec *fields;
    size_t field_count;
};

struct schema;

/* Compiles; adds its raw paths to `projection`. On failure *bad_field is the field at fault (NULL:
 * key or text). Keeps nothing of the spec. */
struct schema *schema_create(const struct schema_spec *spec, struct projection *projection,
                             const struct field_spec **bad_field, struct error *err) MUST_CHECK;
void schema_destroy(struct schema *schema);
const char *schema_name(const struct schema *schema);

/* What one thread needs to make documents (pattern match data). */
struct schema_scratch;
struct schema_scratch *schema_scratch_create(void);
void schema_scratch_destroy(struct schema_scratch *scratch);

/* The text that scorers read. */
struct slice schema_text(const struct schema *schema, const struct message *message,
                         const struct json_slot *slots);
/* The document's `_id`; the message's key when the schema names none or the record has none (of a
 * delete the network's id). */
struct slice schema_key(const struct schema *schema, const struct message *message,
                        const struct json_slot *slots);

/* Names that a document takes from outside the message. */
struct document_context {
    const char *const *query_names; /* by number */
    uint64_t generation;
    /* Writes the value of a function; false when it has none. NULL when no schema has functions. */
    bool (*computed)(const void *computer, uint32_t function, enum field_type type,
                     struct writer *writer);
    const void *computer;
};
/* One JSON object, in the arena. `slots` may be NULL when the record was a bare line. */
struct slice schema_document(const struct schema *schema, struct schema_scratch *scratch,
                             struct message *message, const struct json_slot *slots,
                             const struct document_context *context, struct arena *arena);

/* What a document loses when it is to be forgotten where its post was written: a merge patch (RFC
 * 7396) that nulls each geo_point, the message's coordinates, and what comes from a record's
 * members about its place. Of functions only the type is known. Lives as long as the schema. */
struct slice schema_unlocated(const struct schema *schema);

/* The index mapping, `{"mappings":{"properties":{…}}}`, in the arena. */
struct slice schema_mapping(const struct schema *schema, struct arena *arena);

/* One value of the documents, as an index of them has it. */
struct schema_member {
    struct slice path;    /* "author.handle" */
    enum field_type type; /* never FIELD_OBJECT */
    const char *from;     /* the message's name for it; NULL: the record's own, or computed */
};
/* All of them in the document's order, in the arena. */
const struct schema_member *schema_members(const struct schema *schema, struct arena *arena,
                                           size_t *count);

#endif
