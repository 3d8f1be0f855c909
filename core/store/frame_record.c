/* store/frame.h: a record as a frame's body.
 *
 * key, source, position, label, raw: texts; received, generation, score (its bits): 8 bytes each;
 * flags: 4 (bit 0: scored, bit 1: traits are known, from bit 8 on: these); then lists behind their
 * length: queries (texts), documents (schema, key, bytes) and routes (sink, 4 bytes); in the tail,
 * the name: 8. */
#include "store/frame.h"
#include "store/frame_internal.h"
#include "store/pack.h"

_Static_assert((int)FRAME_POST == (int)RECORD_POST && (int)FRAME_EDIT == (int)RECORD_EDIT &&
                   (int)FRAME_DELETE == (int)RECORD_DELETE &&
                   (int)FRAME_SCRUB == (int)RECORD_SCRUB &&
                   (int)FRAME_AUTHOR_SCRUB == (int)RECORD_AUTHOR_SCRUB,
               "the kind is written as it is");

#define NUMBER_BYTES ((size_t)(3 * 8 + 4 + 3 * 4))
#define NAME_BYTES ((size_t)8)
/* What an item of a list takes at least. */
#define QUERY_BYTES ((size_t)4)
#define DOCUMENT_BYTES ((size_t)12)
#define ROUTE_BYTES ((size_t)8)

static size_t body_bytes(const struct record *record) {
    size_t bytes = NUMBER_BYTES + (record->name ? NAME_BYTES : 0) + packed_text(record->key) +
                   packed_text(record->source) + packed_text(record->position) +
                   packed_text(record->label) + packed_text(record->raw);
    for (uint32_t i = 0; i < record->query_count; i++)
        bytes += packed_text(record->queries[i]);
    for (uint32_t i = 0; i < record->document_count; i++)
        bytes += packed_text(record->documents[i].schema) + packed_text(record->documents[i].key) +
                 packed_text(record->documents[i].bytes);
    for (uint32_t i = 0; i < record->route_count; i++)
        bytes += packed_text(record->routes[i].sink) + 4;
    return bytes;
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#define SCORED UINT32_C(1)
#define TRAITS_KNOWN UINT32_C(2)
#define TRAITS_SHIFT 8

static uint32_t flags_of(const struct record *record) {
    uint32_t flags = record->scored ? SCORED : 0;
    if (record->traits != RECORD_NO_TRAITS) flags |= TRAITS_KNOWN | record->traits << TRAITS_SHIFT;
    return flags;
}

static void set_flags(struct record *record, uint32_t flags) {
    record->scored = flags & SCORED;
    record->traits = flags & TRAITS_KNOWN ? flags >> TRAITS_SHIFT : RECORD_NO_TRAITS;
}

static char *pack_lists(char *at, const struct record *record) {
    at = pack_u32(at, record->query_count);
    for (uint32_t i = 0; i < record->query_count; i++)
        at = pack_text(at, record->queries[i]);
    at = pack_u32(at, record->document_count);
    for (uint32_t i = 0; i < record->document_count; i++) {
        at = pack_text(at, record->documents[i].schema);
        at = pack_text(at, record->documents[i].key);
        at = pack_text(at, record->documents[i].bytes);
    }
    at = pack_u32(at, record->route_count);
    for (uint32_t i = 0; i < record->route_count; i++) {
        at = pack_text(at, record->routes[i].sink);
        at = pack_u32(at, record->routes[i].document);
    }
    return at;
}

bool frame_put_record(struct buffer *buffer, uint32_t seed, const struct record *record) {
    size_t body = body_bytes(record);
    char *at = frame_begin(buffer, body);
    if (at == NULL) return false;
    at = pack_text(at, record->key);
    at = pack_text(at, record->source);
    at = pack_text(at, record->position);
    at = pack_text(at, record->label);
    at = pack_text(at, record->raw);
    at = pack_u64(at, (uint64_t)record->received_ms);
    at = pack_u64(at, record->generation);
    at = pack_u64(at, bits_of(record->score));
    at = pack_u32(at, flags_of(record));
    at = pack_lists(at, record);
    if (record->name) pack_u64(at, record->name);
    frame_end(buffer, seed, (enum frame_kind)record->kind, record->sequence, body,
              record->name != 0);
    return true;
}

static void unpack_queries(struct unpacker *body, struct arena *arena, struct record *record) {
    record->query_count = unpack_count(body, QUERY_BYTES);
    struct slice *queries = arena_alloc(arena, record->query_count * sizeof *queries);
    for (uint32_t i = 0; i < record->query_count; i++)
        queries[i] = unpack_text(body);
    record->queries = queries;
}

static void unpack_documents(struct unpacker *body, struct arena *arena, struct record *record) {
    record->document_count = unpack_count(body, DOCUMENT_BYTES);
    struct document *documents = arena_alloc(arena, record->document_count * sizeof *documents);
    for (uint32_t i = 0; i < record->document_count; i++) {
        documents[i].schema = unpack_text(body);
        documents[i].key = unpack_text(body);
        documents[i].bytes = unpack_text(body);
    }
    record->documents = documents;
}

/* False when a route leads to no document. */
static bool unpack_routes(struct unpacker *body, struct arena *arena, struct record *record) {
    bool lead = true;
    record->route_count = unpack_count(body, ROUTE_BYTES);
    struct route *routes = arena_alloc(arena, record->route_count * sizeof *routes);
    for (uint32_t i = 0; i < record->route_count; i++) {
        routes[i].sink = unpack_text(body);
        routes[i].document = unpack_u32(body);
        lead = lead && routes[i].document < record->document_count;
    }
    record->routes = routes;
    return lead;
}

struct slice frame_key(const struct frame *frame) {
    struct unpacker body = { .left = frame->body };
    return unpack_text(&body);
}

uint64_t frame_name(const struct frame *frame) {
    if (!frame->tailed || frame->body.length < NAME_BYTES) return 0;
    return read_u64(frame->body.data + frame->body.length - NAME_BYTES);
}

bool frame_get_record(const struct frame *frame, struct arena *arena, struct record *record) {
    struct unpacker body = { .left = frame->body };
    *record = (struct record){ .sequence = frame->sequence,
                               .kind = (enum record_kind)frame->kind,
                               .key = unpack_text(&body) };
    record->source = unpack_text(&body);
    record->position = unpack_text(&body);
    record->label = unpack_text(&body);
    record->raw = unpack_text(&body);
    record->received_ms = (int64_t)unpack_u64(&body);
    record->generation = unpack_u64(&body);
    record->score = double_of(unpack_u64(&body));
    set_flags(record, unpack_u32(&body));
    unpack_queries(&body, arena, record);
    unpack_documents(&body, arena, record);
    bool lead = unpack_routes(&body, arena, record);
    if (frame->tailed) record->name = unpack_u64(&body);
    return lead && !body.bad && body.left.length == 0;
}
