/* store/id_lists.h */
#include "store/id_lists.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "store/file.h"
#include "store/pack.h"
#include <errno.h>

static const char magic[8] = { 'l', 'i', 'n', 'n', 'e', 't', 'i', 'd' };

enum { AT_VERSION = 8, AT_ID = 16, AT_FIRST = 32, AT_END = 40, AT_COUNTS = 48 };
#define MAX_HEADER_BYTES ((size_t)AT_COUNTS + 4 * SPOOL_ID_KINDS + 4)
#define HASH_BYTES sizeof(uint64_t)
#define MAX_IDS_BYTES                                                                              \
    (MAX_HEADER_BYTES +                                                                            \
     (SPOOL_KNOWN_IDS + 2 * SPOOL_KNOWN_DELETES + SPOOL_KNOWN_NAMES) * HASH_BYTES +                \
     SPOOL_KNOWN_NAMES * 4 + SPOOL_KNOWN_NAME_BYTES + 4)

size_t known_limit(enum spool_id kind) {
    static const size_t limits[SPOOL_ID_KINDS] = { [SPOOL_KEPT] = SPOOL_KNOWN_IDS,
                                                   [SPOOL_UNKNOWN_DELETE] = SPOOL_KNOWN_DELETES,
                                                   [SPOOL_KEPT_DELETE] = SPOOL_KNOWN_DELETES,
                                                   [SPOOL_NAME] = SPOOL_KNOWN_NAMES };
    return limits[kind];
}

/* ---- in memory ---- */

void id_list_free(struct id_list *list) {
    memory_free(list->hashes);
    buffer_free(&list->keys);
    *list = (struct id_list){ 0 };
}

void id_lists_free(struct id_lists *lists) {
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++)
        id_list_free(&lists->of[kind]);
}

static void id_list_add(struct id_list *list, uint64_t hash) {
    if (list->count == list->room) {
        list->room = MAX(2 * list->room, 64);
        list->hashes = memory_resize(list->hashes, list->room * HASH_BYTES);
    }
    list->hashes[list->count++] = hash;
}

/* How many of the oldest names are too many, and in *bytes what their keys take. */
static size_t excess_names(const struct id_list *names, size_t *bytes) {
    struct unpacker keys = { .left = buffer_slice(&names->keys) };
    size_t excess = 0;
    while (names->count - excess > SPOOL_KNOWN_NAMES ||
           keys.left.length - 4 * (names->count - excess) > SPOOL_KNOWN_NAME_BYTES) {
        (void)unpack_text(&keys);
        excess++;
    }
    *bytes = names->keys.length - keys.left.length;
    return excess;
}

/* Now and then the oldest go, so that hostile keys take no more memory than is kept of them. */
static void trim_names(struct id_list *names) {
    size_t bytes;
    if (names->keys.length < 2 * SPOOL_KNOWN_NAME_BYTES && names->count < 2 * SPOOL_KNOWN_NAMES)
        return;
    size_t excess = excess_names(names, &bytes);
    buffer_consume(&names->keys, bytes);
    names->count -= excess;
    memmove(names->hashes, names->hashes + excess, names->count * HASH_BYTES);
}

static void add_name(struct id_list *names, uint64_t name, struct slice key) {
    char length[4];
    trim_names(names);
    names->keys.ceiling = 2 * SPOOL_KNOWN_NAME_BYTES + MAX_FRAME_BYTES;
    pack_u32(length, (uint32_t)key.length);
    /* There is room: behind a trim, for one more frame. */
    (void)!buffer_append(&names->keys, slice_from(length, sizeof length));
    (void)!buffer_append(&names->keys, key);
    id_list_add(names, name);
}

static void add_unknown_deletes(struct id_list *list, const struct frame *frame,
                                struct arena *arena) {
    struct commit commit;
    (void)!frame_get_commit(frame, arena, &commit);
    for (uint32_t i = 0; i < commit.delete_count; i++)
        id_list_add(list, commit.deletes[i]);
}

void id_lists_add(struct id_lists *lists, const struct frame *frame, struct arena *arena) {
    if (frame->kind == FRAME_COMMIT) {
        add_unknown_deletes(&lists->of[SPOOL_UNKNOWN_DELETE], frame, arena);
        return;
    }
    if (frame->kind > FRAME_COMMIT) return; /* it keeps no key, and has forgotten none */
    enum spool_id kind = frame->kind == FRAME_DELETE ? SPOOL_KEPT_DELETE : SPOOL_KEPT;
    struct slice key = frame_key(frame);
    uint64_t name = frame_name(frame);
    id_list_add(&lists->of[kind], hash_bytes(key));
    if (name) add_name(&lists->of[SPOOL_NAME], name, key);
}

/* ---- in a file ---- */

/* Where the header's counts end: its sum follows. */
static size_t sum_at(size_t kinds) { return AT_COUNTS + 4 * kinds; }

static char *pack_newest(char *at, const struct id_list *list, size_t count) {
    for (size_t i = list->count - count; i < list->count; i++)
        at = pack_u64(at, list->hashes[i]);
    return at;
}

/* Counts, hashes and keys into a header that has the rest; gives the end. */
static char *pack_lists(char *bytes, const struct id_lists *lists) {
    const struct id_list *names = &lists->of[SPOOL_NAME];
    char *at = bytes + sum_at(SPOOL_ID_KINDS) + 4;
    size_t unkept, excess = excess_names(names, &unkept);
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++) {
        const struct id_list *list = &lists->of[kind];
        size_t count = kind == SPOOL_NAME ? names->count - excess
                                          : MIN(list->count, known_limit((enum spool_id)kind));
        pack_u32(bytes + AT_COUNTS + 4 * (size_t)kind, (uint32_t)count);
        at = pack_newest(at, list, count);
    }
    struct slice keys = slice_skip(buffer_slice(&names->keys), unkept);
    if (keys.length) memcpy(at, keys.data, keys.length);
    return at + keys.length;
}

bool ids_write(const char *path, const struct ids_header *header, const struct id_lists *lists) {
    char *bytes = memory_zeroed(1, MAX_IDS_BYTES);
    memcpy(bytes, magic, sizeof magic);
    pack_u32(bytes + AT_VERSION, SPOOL_FORMAT);
    memcpy(bytes + AT_ID, header->id, SPOOL_ID_BYTES);
    pack_u64(bytes + AT_FIRST, header->first);
    pack_u64(bytes + AT_END, header->end);
    char *end = pack_lists(bytes, lists), *sum = bytes + sum_at(SPOOL_ID_KINDS), *body = sum + 4;
    pack_u32(sum, crc32c(0, slice_from(bytes, (size_t)(sum - bytes))));
    end = pack_u32(end, crc32c(0, slice_from(body, (size_t)(end - body))));
    int fd = file_publish(path, slice_from(bytes, (size_t)(end - bytes)));
    memory_free(bytes);
    if (fd >= 0) os_close(fd);
    return fd >= 0;
}

/* *body is what follows it. */
static bool unpack_header(struct slice bytes, struct ids_header *header, struct slice *body) {
    const char *at = bytes.data;
    *header = (struct ids_header){ 0 };
    if (bytes.length < AT_COUNTS || memcmp(at, magic, sizeof magic) != 0) return false;
    uint32_t format = read_u32(at + AT_VERSION);
    size_t kinds = format == 1 ? SPOOL_NAME : SPOOL_ID_KINDS, sum = sum_at(kinds);
    if (format < 1 || format > SPOOL_FORMAT || bytes.length < sum + 4) return false;
    if (crc32c(0, slice_from(at, sum)) != read_u32(at + sum)) return false;
    memcpy(header->id, at + AT_ID, SPOOL_ID_BYTES);
    header->first = read_u64(at + AT_FIRST);
    header->end = read_u64(at + AT_END);
    for (size_t kind = 0; kind < kinds; kind++)
        header->counts[kind] = read_u32(at + AT_COUNTS + 4 * kind);
    *body = slice_skip(bytes, sum + 4);
    return true;
}

static void unpack_keys(struct unpacker *from, struct id_list *names) {
    struct slice keys = from->left;
    for (size_t i = 0; i < names->count; i++)
        (void)unpack_text(from);
    if (from->bad) return;
    names->keys.ceiling = keys.length;
    (void)!buffer_append(&names->keys, slice_first(keys, keys.length - from->left.length));
}

static bool unpack_lists(struct slice body, const struct ids_header *header,
                         struct id_lists *lists) {
    if (body.length < 4) return false;
    struct slice bytes = slice_first(body, body.length - 4);
    if (crc32c(0, bytes) != read_u32(bytes.data + bytes.length)) return false;
    struct unpacker from = { .left = bytes };
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++)
        for (uint32_t i = 0; i < header->counts[kind] && !from.bad; i++)
            id_list_add(&lists->of[kind], unpack_u64(&from));
    unpack_keys(&from, &lists->of[SPOOL_NAME]);
    return !from.bad && from.left.length == 0;
}

enum ids_found ids_read(const char *path, struct ids_header *header, struct id_lists *lists) {
    size_t length = 0;
    char *bytes = os_read_file(path, MAX_IDS_BYTES, &length);
    if (bytes == NULL)
        return errno == ENOENT || errno == EFBIG || errno == EIO ? IDS_NONE : IDS_UNREADABLE;
    struct slice body;
    bool whole = unpack_header(slice_from(bytes, length), header, &body) &&
                 unpack_lists(body, header, lists);
    memory_free(bytes);
    if (whole) return IDS_WHOLE;
    id_lists_free(lists);
    return IDS_NONE;
}

bool ids_look(const char *path, struct ids_header *header) {
    char bytes[MAX_HEADER_BYTES];
    struct slice body;
    int fd = os_open(path, OS_READ);
    if (fd < 0) return false;
    ssize_t got = os_read_at(fd, bytes, sizeof bytes, 0);
    os_close(fd);
    return got > 0 && unpack_header(slice_from(bytes, (size_t)got), header, &body);
}
