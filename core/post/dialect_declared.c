/* post/dialect_declared.h: the paths are those of the spec, then those that a record must have. */
#include "post/dialect_declared.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/date.h"
#include "post/dialect_internal.h"

struct declared {
    struct dialect dialect;
    struct slice network;
    enum created_format created;
    bool given[DECLARED_PATHS];
    const char *paths[DECLARED_PATHS + DIALECT_MAX_HAS];
    struct arena arena; /* of the texts */
};

static const struct declared *declared_of(const struct reading *reading) {
    return (const struct declared *)reading->dialect; /* its first member */
}

static bool declared_fits(const struct reading *reading) {
    for (size_t i = DECLARED_PATHS; i < reading->dialect->path_count; i++)
        if (!slot_present(slot_at(reading, (int)i))) return false;
    return true;
}

static const struct json_slot nothing;

static const struct json_slot *part(const struct reading *reading, enum declared_path path) {
    return declared_of(reading)->given[path] ? slot_at(reading, (int)path) : &nothing;
}

/* A whole number of seconds, or one with a fraction. */
static bool read_seconds(struct slice text, int64_t *ms) {
    int64_t seconds;
    double number;
    if (number_integer(text, &seconds)) {
        if (seconds < -62167219200 || seconds > 253402300799) return false; /* 0000 … 9999 */
        *ms = seconds * 1000;
        return true;
    }
    if (!number_double(text, &number) || !(number > -62167219200.0 && number < 253402300799.0))
        return false;
    *ms = (int64_t)(number * 1000);
    return true;
}

static void read_created(const struct reading *reading) {
    struct slice text = slot_id(part(reading, DECLARED_CREATED));
    int64_t ms;
    bool known = false;
    switch (declared_of(reading)->created) {
    case CREATED_ISO8601: known = date_read_iso(text, &ms); break;
    case CREATED_EPOCH_MILLIS: known = date_read_epoch_ms(text, &ms); break;
    case CREATED_EPOCH_SECONDS: known = read_seconds(text, &ms); break;
    }
    if (known) reading->message->created_ms = ms;
}

static void declared_read(const struct reading *reading) {
    struct message *message = reading->message;
    const struct json_slot *text = part(reading, DECLARED_TEXT);
    message->kind = MESSAGE_POST;
    message->network = declared_of(reading)->network;
    message->id = slot_id(part(reading, DECLARED_ID));
    message->text = slot_text(text);
    message->lang = slot_text(part(reading, DECLARED_LANG));
    message->author.id = slot_id(part(reading, DECLARED_AUTHOR_ID));
    message->author.handle = slot_text(part(reading, DECLARED_AUTHOR_HANDLE));
    message->author.name = slot_text(part(reading, DECLARED_AUTHOR_NAME));
    message->hashtags = slot_texts(part(reading, DECLARED_HASHTAGS), reading->arena);
    message->mentions = slot_texts(part(reading, DECLARED_MENTIONS), reading->arena);
    message->urls = slot_texts(part(reading, DECLARED_URLS), reading->arena);
    read_created(reading);
    if (!slot_is(text, JSON_STRING)) read_malformed(message, "the post's text is no text");
}

struct dialect *dialect_declare(const struct dialect_spec *spec) {
    struct declared *declared = memory_zeroed(1, sizeof *declared);
    arena_init(&declared->arena);
    declared->network = arena_copy(&declared->arena, spec->network);
    declared->created = spec->created;
    for (size_t i = 0; i < DECLARED_PATHS; i++) {
        declared->given[i] = spec->paths[i].length > 0;
        /* What is not given shares the text's slot, and is never read. */
        struct slice path = spec->paths[declared->given[i] ? i : DECLARED_TEXT];
        declared->paths[i] = arena_copy(&declared->arena, path).data;
    }
    for (size_t i = 0; i < spec->has_count; i++)
        declared->paths[DECLARED_PATHS + i] = arena_copy(&declared->arena, spec->has[i]).data;
    declared->dialect = (struct dialect){ .name = declared->network.data,
                                          .paths = declared->paths,
                                          .path_count = DECLARED_PATHS + spec->has_count,
                                          .fits = declared_fits,
                                          .read = declared_read };
    return &declared->dialect;
}

void dialect_free(struct dialect *dialect) {
    struct declared *declared = (struct declared *)dialect; /* its first member */
    arena_free(&declared->arena);
    memory_free(declared);
}
