/* store/frame.h: headers, sums and commits. */
#include "store/frame.h"
#include "store/frame_internal.h"
#include "store/pack.h"
#include <assert.h>
#include <isa-l/crc.h>

static const char marker[4] = { 'l', 'n', 'f', '1' };

enum {
    AT_LENGTH = 4,
    AT_SEQUENCE = 8,
    AT_KIND = 16,
    AT_TAILED = 17,
    AT_BODY_SUM = 20,
    AT_HEADER_SUM = 24
};

/* The library neither inverts nor writes, whatever its prototype says. */
uint32_t crc32c(uint32_t before, struct slice bytes) {
    return ~crc32_iscsi((unsigned char *)bytes.data, (int)bytes.length, ~before);
}

static bool header_is_right(const char *at, uint32_t seed) {
    return memcmp(at, marker, sizeof marker) == 0 &&
           crc32c(seed, slice_from(at, AT_HEADER_SUM)) == read_u32(at + AT_HEADER_SUM) &&
           (unsigned char)at[AT_KIND] < FRAME_KINDS &&
           read_u32(at + AT_LENGTH) <= MAX_FRAME_BYTES - FRAME_HEADER_BYTES;
}

static void read_header(const char *at, struct frame *frame) {
    frame->kind = (enum frame_kind)at[AT_KIND];
    frame->tailed = at[AT_TAILED] != 0;
    frame->sequence = read_u64(at + AT_SEQUENCE);
    frame->body = slice_from(at + FRAME_HEADER_BYTES, read_u32(at + AT_LENGTH));
    frame->bytes = FRAME_HEADER_BYTES + frame->body.length;
}

enum frame_found frame_find(struct slice bytes, uint32_t seed, struct frame *frame) {
    frame->bytes = 0;
    if (bytes.length < FRAME_HEADER_BYTES) return FRAME_CUT;
    if (!header_is_right(bytes.data, seed)) return FRAME_DAMAGED;
    read_header(bytes.data, frame);
    if (bytes.length < frame->bytes) return FRAME_CUT;
    bool right = crc32c(0, frame->body) == read_u32(bytes.data + AT_BODY_SUM);
    return right ? FRAME_WHOLE : FRAME_DAMAGED;
}

bool frame_next(struct slice bytes, struct frame *frame) {
    if (bytes.length == 0) return false;
    read_header(bytes.data, frame);
    assert(frame->bytes <= bytes.length);
    return true;
}

size_t frame_seek(struct slice bytes, uint32_t seed) {
    size_t at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
        size_t places = bytes.length - at - FRAME_HEADER_BYTES + 1;
        const char *found = memchr(bytes.data + at, marker[0], places);
        if (found == NULL) break;
        if (header_is_right(found, seed)) return (size_t)(found - bytes.data);
        at = (size_t)(found - bytes.data) + 1;
    }
    return bytes.length;
}

char *frame_begin(struct buffer *buffer, size_t body) {
    if (body > MAX_FRAME_BYTES - FRAME_HEADER_BYTES) return NULL;
    if (!buffer_reserve(buffer, FRAME_HEADER_BYTES + body)) return NULL;
    return buffer->data + buffer->length + FRAME_HEADER_BYTES;
}

void frame_end(struct buffer *buffer, uint32_t seed, enum frame_kind kind, uint64_t sequence,
               size_t body, bool tailed) {
    char *at = buffer->data + buffer->length;
    memcpy(at, marker, sizeof marker);
    pack_u32(at + AT_LENGTH, (uint32_t)body);
    pack_u64(at + AT_SEQUENCE, sequence);
    pack_u32(at + AT_KIND, kind);
    at[AT_TAILED] = tailed;
    pack_u32(at + AT_BODY_SUM, crc32c(0, slice_from(at + FRAME_HEADER_BYTES, body)));
    pack_u32(at + AT_HEADER_SUM, crc32c(seed, slice_from(at, AT_HEADER_SUM)));
    buffer->length += FRAME_HEADER_BYTES + body;
}

/* first, bytes, count of deletes, deletes, state: to the body's end or tail. */
#define COMMIT_BYTES ((size_t)20)
/* Behind the padding. */
#define TAIL_BYTES ((size_t)4)

bool frame_put_commit(struct buffer *buffer, uint32_t seed, uint64_t last_sequence,
                      const struct commit *commit) {
    struct frame first = { .sequence = last_sequence + 1 };
    (void)!frame_next(buffer_slice(buffer), &first);
    if (commit->state.length > MAX_STATE_BYTES) return false;
    size_t body = COMMIT_BYTES + commit->delete_count * sizeof(uint64_t) + commit->state.length;
    size_t padding = 0;
    if (commit->multiple) {
        body += TAIL_BYTES;
        uint64_t end = commit->behind + buffer->length + FRAME_HEADER_BYTES + body;
        padding = (size_t)(commit->multiple - end % commit->multiple) % commit->multiple;
        body += padding;
    }
    char *at = frame_begin(buffer, body);
    if (at == NULL) return false;
    at = pack_u64(at, first.sequence);
    at = pack_u64(at, buffer->length);
    at = pack_u32(at, commit->delete_count);
    for (uint32_t i = 0; i < commit->delete_count; i++)
        at = pack_u64(at, commit->deletes[i]);
    if (commit->state.length) memcpy(at, commit->state.data, commit->state.length);
    at += commit->state.length;
    if (commit->multiple) {
        memset(at, 0, padding);
        pack_u32(at + padding, (uint32_t)padding);
    }
    frame_end(buffer, seed, FRAME_COMMIT, last_sequence, body, commit->multiple != 0);
    return true;
}

static void cut_tail(struct unpacker *body) {
    struct slice left = body->left;
    size_t tail = left.length < TAIL_BYTES
                      ? SIZE_MAX
                      : TAIL_BYTES + (size_t)read_u32(left.data + left.length - TAIL_BYTES);
    body->bad |= tail > left.length;
    body->left = slice_first(left, body->bad ? 0 : left.length - tail);
}

bool frame_get_commit(const struct frame *frame, struct arena *arena, struct commit *commit) {
    struct unpacker body = { .left = frame->body };
    *commit = (struct commit){ .first = unpack_u64(&body), .bytes = unpack_u64(&body) };
    commit->delete_count = unpack_count(&body, sizeof(uint64_t));
    uint64_t *deletes = arena_alloc(arena, commit->delete_count * sizeof *deletes);
    for (uint32_t i = 0; i < commit->delete_count; i++)
        deletes[i] = unpack_u64(&body);
    commit->deletes = deletes;
    if (frame->tailed) cut_tail(&body);
    commit->state = body.left;
    return !body.bad;
}
