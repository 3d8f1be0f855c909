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

static uint8_t part_of(const struct dialect *dialect, size_t path) {
    return dialect->parts ? dialect->parts[path] : 0;
}

/* False when the projection does not take a path; *bad is its number. */
static bool add(struct dialects *dialects, const struct dialect *dialect,
                struct projection *projection, size_t *bad) {
    int *map = memory_alloc(dialect->path_count * sizeof *map);
    for (*bad = 0; *bad < dialect->path_count; ++*bad) {
        struct slice path = slice_of(dialect->paths[*bad]);
        map[*bad] = part_of(dialect, *bad) ? projection_add_later(projection, path)
                                           : projection_add(projection, path);
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

void dialects_need(struct dialects *dialects, struct projection *projection, uint32_t parts) {
    for (size_t i = 0; i < dialects->count; i++) {
        const struct dialect *dialect = dialects->entries[i].dialect;
        for (size_t path = 0; path < dialect->path_count; path++)
            if (part_of(dialect, path) & parts) /* it is there: only wanted sooner */
                (void)!projection_add(projection, slice_of(dialect->paths[path]));
    }
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

void read_author_notice(struct message *message, enum message_kind kind, struct slice id,
                        const struct json_slot *up_to) {
    message->kind = kind;
    message->id = message->author.id = id;
    if (id.length == 0) read_malformed(message, "it names no user");
    if (up_to == NULL || !slot_present(up_to)) return;
    int64_t number = 0;
    if (!up_to->array && number_integer(slot_id(up_to), &number) && number > 0)
        message->up_to = (uint64_t)number;
    else
        read_malformed(message, "the post up to which it goes is no number");
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

/* A record on its way to its dialect. */
struct attempt {
    const struct dialects *dialects;
    struct projector *projector;
    bool whole; /* nothing is left for message_finish */
    struct reading reading;
};

/* What was left of the record; false: it is malformed. */
static bool read_rest(const struct attempt *attempt) {
    struct message *message = attempt->reading.message;
    if (projector_finish(attempt->projector, attempt->reading.arena, &message->reason)) return true;
    message->kind = MESSAGE_MALFORMED;
    return false;
}

static bool fits(struct attempt *attempt, const struct entry *entry) {
    attempt->reading.dialect = entry->dialect;
    attempt->reading.map = entry->map;
    return entry->dialect->fits(&attempt->reading);
}

/* Sets the dialect of message->raw: the last one that fits, or NULL. One that does not at first is
 * asked again when it has all. False: the record is malformed. */
static bool choose_dialect(struct attempt *attempt) {
    struct reading *reading = &attempt->reading;
    struct message *message = reading->message;
    reading->slots =
        projector_run(attempt->projector, message->raw, reading->arena, &message->reason);
    if (reading->slots == NULL) message->kind = MESSAGE_MALFORMED;
    if (reading->slots == NULL || (attempt->whole && !read_rest(attempt))) return false;
    for (size_t i = attempt->dialects->count; i-- > 0;) {
        const struct entry *entry = &attempt->dialects->entries[i];
        if (fits(attempt, entry)) return true;
        if (entry->dialect->parts == NULL || !projector_left(attempt->projector)) continue;
        if (!read_rest(attempt)) return false;
        if (fits(attempt, entry)) return true;
    }
    reading->dialect = NULL;
    return true;
}

/* A whole record that is no keep-alive. False: it has no slots. */
static bool read_record(struct attempt *attempt) {
    struct reading *reading = &attempt->reading;
    if (reading->message->raw.data[0] != '{') {
        read_bare_line(reading->message);
        return false;
    }
    if (!choose_dialect(attempt)) return false;
    bool unwrapped =
        reading->dialect && reading->dialect->unwrap && reading->dialect->unwrap(reading);
    if (unwrapped && !choose_dialect(attempt)) return false;
    if (reading->dialect)
        reading->dialect->read(reading);
    else
        read_malformed(reading->message, "no dialect knows this object: it has no text");
    return true;
}

/* Its key, made of what its dialect said. */
static void identify(const struct record_place *place, struct message *message,
                     struct arena *arena) {
    if (message->kind == MESSAGE_CONTROL || message->kind == MESSAGE_MALFORMED) return;
    if (message->kind == MESSAGE_DELETE && message->notice_id.length) {
        message->key_hash = hash_bytes(message->notice_id); /* its key is not known here */
        return;
    }
    if (message->id.length == 0)
        message->id = made_id(place, message, arena);
    else if (place->round)
        message->id = arena_format(arena, "%.*s-%llu", SLICE_ARGS(message->id),
                                   (unsigned long long)place->round);
    read_key(message, arena);
    message->key_hash = hash_bytes(message->key);
}

/* Gives the slots, or NULL when there are none. */
static const struct json_slot *attempt_read(struct attempt *attempt,
                                            const struct record_place *place) {
    struct message *message = attempt->reading.message;
    /* its source could not read it whole, or knows that it is no post */
    if (message->kind == MESSAGE_MALFORMED || message->kind == MESSAGE_CONTROL) return NULL;
    message->raw = slice_trim(without_mark(message->raw));
    message->author.followers = -1;
    message->created_ms = TIME_UNKNOWN;
    if (message->raw.length == 0) {
        message->kind = MESSAGE_CONTROL; /* a keep-alive */
        return NULL;
    }
    bool slotted = read_record(attempt);
    identify(place, message, attempt->reading.arena);
    return slotted ? attempt->reading.slots : NULL;
}

const struct json_slot *message_read(const struct dialects *dialects, struct projector *projector,
                                     const struct record_place *place, struct message *message,
                                     struct arena *arena) {
    struct attempt attempt = { dialects, projector, .whole = true,
                               .reading = { .message = message, .arena = arena } };
    return attempt_read(&attempt, place);
}

const struct json_slot *message_begin(const struct dialects *dialects, struct projector *projector,
                                      const struct record_place *place, struct message *message,
                                      struct arena *arena, struct message_rest *rest) {
    struct attempt attempt = { dialects, projector,
                               .reading = { .message = message, .arena = arena } };
    const struct json_slot *slots = attempt_read(&attempt, place);
    *rest = (struct message_rest){ slots, attempt.reading.dialect, attempt.reading.map };
    return slots;
}

bool message_finish(const struct message_rest *rest, struct projector *projector,
                    const struct record_place *place, struct message *message,
                    struct arena *arena) {
    if (rest->slots == NULL || !projector_left(projector)) return true;
    struct attempt attempt = {
        .projector = projector,
        .reading = { rest->dialect, rest->slots, rest->map, message, arena },
    };
    if (!read_rest(&attempt)) return false;
    if (rest->dialect == NULL || rest->dialect->parts == NULL) return true;
    struct slice lang = message->lang; /* may have been looked for */
    rest->dialect->read(&attempt.reading);
    if (message->lang.length == 0) message->lang = lang;
    identify(place, message, arena);
    return message->kind != MESSAGE_MALFORMED;
}
