/* post/dialect.h: which dialect reads a record, and what all dialects share. */
#include "post/dialect.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "post/dialect_declared.h"
#include "post/dialect_internal.h"

static const struct dialect *const built_in[] = { &dialect_plain, &dialect_x1, &dialect_x2,
                                                  &dialect_jetstream, &dialect_mastodon };

struct entry {
    const struct dialect *dialect;
    int *map; /* as reading.map */
};

/* The built-in ones first; the last one that fits is taken. */
struct dialects {
    struct entry *entries;
    size_t count;
};

/* False when the projection does not take a path; *bad is its number. */
static bool add(struct dialects *dialects, const struct dialect *dialect,
                struct projection *projection, size_t *bad) {
    int *map = memory_alloc(dialect->path_count * sizeof *map);
    for (*bad = 0; *bad < dialect->path_count; ++*bad) {
        map[*bad] = projection_add(projection, slice_of(dialect->paths[*bad]));
        if (map[*bad] >= 0) continue;
        memory_free(map);
        return false;
    }
    dialects->entries =
        memory_resize(dialects->entries, (dialects->count + 1) * sizeof *dialects->entries);
    dialects->entries[dialects->count++] = (struct entry){ dialect, map };
    return true;
}

struct dialects *dialects_create(struct projection *projection) {
    struct dialects *dialects = memory_zeroed(1, sizeof *dialects);
    for (size_t i = 0, bad; i < LENGTH(built_in); i++)
        (void)!add(dialects, built_in[i], projection, &bad); /* an empty projection takes them */
    return dialects;
}

bool dialects_add(struct dialects *dialects, const struct dialect_spec *spec,
                  struct projection *projection, struct error *err) {
    struct dialect *dialect = dialect_declare(spec);
    size_t bad;
    if (add(dialects, dialect, projection, &bad)) return true;
    error_set(err, ERROR_CONFIG, "\"%.100s\" is no path of a record, or one too many",
              dialect->paths[bad]);
    dialect_free(dialect);
    return false;
}

void dialects_destroy(struct dialects *dialects) {
    for (size_t i = 0; i < dialects->count; i++) {
        memory_free(dialects->entries[i].map);
        if (i >= LENGTH(built_in)) dialect_free((struct dialect *)dialects->entries[i].dialect);
    }
    memory_free(dialects->entries);
    memory_free(dialects);
}

struct slice_list slot_texts(const struct json_slot *slot, struct arena *arena) {
    struct slice_list list = { 0 };
    if (slot->count == 0) return list;
    list.items = arena_alloc(arena, slot->count * sizeof *list.items);
    for (const struct json_value *value = &slot->first; value; value = value->next)
        if (value->type == JSON_STRING) list.items[list.count++] = value->text;
    return list;
}

static struct slice value_of(const struct json_slot *slot, uint32_t element, bool numbers) {
    for (const struct json_value *value = &slot->first; slot->count && value; value = value->next) {
        bool wanted = value->type == JSON_STRING || (numbers && value->type == JSON_NUMBER);
        if (value->element == element && wanted) return value->text;
    }
    return slice_from(NULL, 0);
}

struct slice slot_text_of(const struct json_slot *slot, uint32_t element) {
    return value_of(slot, element, false);
}

struct slice slot_id_of(const struct json_slot *slot, uint32_t element) {
    return value_of(slot, element, true);
}

struct slice_list slot_texts_of(const struct json_slot *slot, uint32_t element,
                                struct arena *arena) {
    struct slice_list list = { 0 };
    if (slot->count == 0) return list;
    list.items = arena_alloc(arena, slot->count * sizeof *list.items);
    for (const struct json_value *value = &slot->first; value; value = value->next)
        if (value->type == JSON_STRING && value->element == element)
            list.items[list.count++] = value->text;
    return list;
}

struct slice x_text(struct slice text, struct arena *arena) {
    static const struct {
        struct slice entity;
        char byte;
    } known[] = { { { "&amp;", 5 }, '&' }, { { "&lt;", 4 }, '<' }, { { "&gt;", 4 }, '>' } };
    if (text.length == 0 || memchr(text.data, '&', text.length) == NULL) return text;
    char *out = arena_alloc(arena, text.length), *to = out;
    while (text.length) {
        size_t step = 1;
        char byte = text.data[0];
        for (size_t i = 0; byte == '&' && i < LENGTH(known); i++)
            if (slice_starts(text, known[i].entity)) {
                step = known[i].entity.length;
                byte = known[i].byte;
                break;
            }
        *to++ = byte;
        text = slice_skip(text, step);
    }
    return slice_from(out, (size_t)(to - out));
}

void read_coordinates(struct message *message, const struct json_value *lon,
                      const struct json_value *lat) {
    double east, north;
    if (lon->type != JSON_NUMBER || lat->type != JSON_NUMBER) return;
    if (!number_double(lon->text, &east) || !number_double(lat->text, &north)) return;
    if (east < -180 || east > 180 || north < -90 || north > 90) return;
    message->lon = east;
    message->lat = north;
    message->traits |= TRAIT_COORDINATES;
}

void read_malformed(struct message *message, const char *reason) {
    message->kind = MESSAGE_MALFORMED;
    message->reason = slice_of(reason);
}

static char *append(char *to, struct slice bytes) {
    if (bytes.length) memcpy(to, bytes.data, bytes.length);
    return to + bytes.length;
}

/* Whether the network's ids are URIs, which are unique everywhere: at://…, https://… */
static bool has_uri(struct slice network, struct slice id) {
    bool federated = slice_is(network, "bluesky") || slice_is(network, "mastodon");
    return federated && id.length > 3 && memmem(id.data, id.length, "://", 3) != NULL;
}

struct slice message_key(struct slice network, struct slice id, struct arena *arena) {
    if (has_uri(network, id)) return id;
    size_t length = network.length + 1 + id.length;
    char *key = arena_alloc(arena, length);
    char *end = append(append(append(key, network), SLICE(":")), id);
    return slice_from(key, (size_t)(end - key));
}

static void read_key(struct message *message, struct arena *arena) {
    if (message->id.length > MAX_ID_BYTES || message->network.length > 24) {
        read_malformed(message, "the id or network name is too long");
        return;
    }
    message->key = message_key(message->network, message->id, arena);
}

/* The id of a record that brings none: a hash of where it stood, and of its bytes where that place
 * does not stay. */
static struct slice made_id(const struct record_place *place, const struct message *message,
                            struct arena *arena) {
    uint64_t hash =
        hash_fold(hash_bytes(place->source) ^ message->offset ^ place->round << 48, HASH_STEP);
    if (!place->seekable) hash = hash_fold(hash ^ hash_bytes(message->raw), HASH_SEED);
    return arena_format(arena, "%016llx", (unsigned long long)hash);
}

/* Some editors put a byte order mark before the first record. */
static struct slice without_mark(struct slice record) {
    return slice_starts(record, SLICE("\xEF\xBB\xBF")) ? slice_skip(record, 3) : record;
}

static void read_bare_line(struct message *message) {
    if (!utf8_valid(message->raw)) {
        read_malformed(message, "the line is not UTF-8");
        return;
    }
    message->network = SLICE("plain");
    message->text = message->raw;
}

/* Sets the dialect of message->raw: the last one that fits, or NULL. False: it is malformed. */
static bool choose_dialect(const struct dialects *dialects, struct projector *projector,
                           struct reading *reading) {
    struct message *message = reading->message;
    reading->slots = projector_run(projector, message->raw, reading->arena, &message->reason);
    if (reading->slots == NULL) {
        message->kind = MESSAGE_MALFORMED;
        return false;
    }
    for (size_t i = dialects->count; i-- > 0;) {
        reading->dialect = dialects->entries[i].dialect;
        reading->map = dialects->entries[i].map;
        if (reading->dialect->fits(reading)) return true;
    }
    reading->dialect = NULL;
    return true;
}

static void message_clear(struct message *message, int64_t received_ms) {
    *message = (struct message){ .raw = message->raw,
                                 .offset = message->offset,
                                 .author.followers = -1,
                                 .created_ms = TIME_UNKNOWN,
                                 .received_ms = received_ms };
}

/* A whole record that is no keep-alive. */
static const struct json_slot *read_record(const struct dialects *dialects,
                                           struct projector *projector, struct message *message,
                                           struct arena *arena) {
    struct reading reading = { .message = message, .arena = arena };
    if (message->raw.data[0] != '{') {
        read_bare_line(message);
        return NULL;
    }
    if (!choose_dialect(dialects, projector, &reading)) return NULL;
    bool unwrapped =
        reading.dialect && reading.dialect->unwrap && reading.dialect->unwrap(&reading);
    if (unwrapped && !choose_dialect(dialects, projector, &reading)) return NULL;
    if (reading.dialect)
        reading.dialect->read(&reading);
    else
        read_malformed(message, "no dialect knows this object: it has no text");
    return reading.slots;
}

const struct json_slot *message_read(const struct dialects *dialects, struct projector *projector,
                                     const struct record_place *place, struct message *message,
                                     struct arena *arena) {
    if (message->kind == MESSAGE_MALFORMED) return NULL; /* its source could not read it whole */
    message->raw = slice_trim(without_mark(message->raw));
    message_clear(message, message->received_ms);
    if (message->raw.length == 0) {
        message->kind = MESSAGE_CONTROL; /* a keep-alive */
        return NULL;
    }
    const struct json_slot *slots = read_record(dialects, projector, message, arena);
    if (message->kind == MESSAGE_CONTROL || message->kind == MESSAGE_MALFORMED) return slots;
    if (message->kind == MESSAGE_DELETE && message->notice_id.length) {
        message->key_hash = hash_bytes(message->notice_id); /* its key is not known here */
        return slots;
    }
    if (message->id.length == 0)
        message->id = made_id(place, message, arena);
    else if (place->round)
        message->id = arena_format(arena, "%.*s-%llu", SLICE_ARGS(message->id),
                                   (unsigned long long)place->round);
    read_key(message, arena);
    message->key_hash = hash_bytes(message->key);
    return slots;
}
