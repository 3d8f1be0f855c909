/* store/id_lists.h */
#include "store/id_lists.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "store/file.h"
#include "store/pack.h"
#include <errno.h>

static const char magic[8] = { 'l', 'i', 'n', 'n', 'e', 't', 'i', 'd' };

enum { AT_VERSION = 8, AT_ID = 16, AT_FIRST = 32, AT_END = 40, AT_COUNTS = 48, AT_SUM = 60 };
#define HEADER_BYTES ((size_t)64)
#define HASH_BYTES sizeof(uint64_t)
#define MAX_IDS_BYTES                                                                              \
    (HEADER_BYTES + (SPOOL_KNOWN_IDS + (SPOOL_ID_KINDS - 1) * SPOOL_KNOWN_DELETES) * HASH_BYTES + 4)

size_t known_limit(enum spool_id kind) {
    return kind == SPOOL_KEPT ? SPOOL_KNOWN_IDS : SPOOL_KNOWN_DELETES;
}

void id_lists_free(struct id_lists *lists) {
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++)
        memory_free(lists->of[kind].hashes);
    *lists = (struct id_lists){ 0 };
}

static void id_list_add(struct id_list *list, uint64_t hash) {
    if (list->count == list->room) {
        list->room = MAX(2 * list->room, 64);
        list->hashes = memory_resize(list->hashes, list->room * HASH_BYTES);
    }
    list->hashes[list->count++] = hash;
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
    enum spool_id kind = frame->kind == FRAME_DELETE ? SPOOL_KEPT_DELETE : SPOOL_KEPT;
    id_list_add(&lists->of[kind], hash_bytes(frame_key(frame)));
}

static char *pack_newest(char *at, const struct id_list *list, size_t count) {
    for (size_t i = list->count - count; i < list->count; i++)
        at = pack_u64(at, list->hashes[i]);
    return at;
}

bool ids_write(const char *path, const struct ids_header *header, const struct id_lists *lists) {
    char *bytes = memory_zeroed(1, MAX_IDS_BYTES), *at = bytes + HEADER_BYTES;
    memcpy(bytes, magic, sizeof magic);
    pack_u32(bytes + AT_VERSION, SPOOL_FORMAT);
    memcpy(bytes + AT_ID, header->id, SPOOL_ID_BYTES);
    pack_u64(bytes + AT_FIRST, header->first);
    pack_u64(bytes + AT_END, header->end);
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++) {
        size_t count = MIN(lists->of[kind].count, known_limit(kind));
        pack_u32(bytes + AT_COUNTS + 4 * (size_t)kind, (uint32_t)count);
        at = pack_newest(at, &lists->of[kind], count);
    }
    pack_u32(bytes + AT_SUM, crc32c(0, slice_from(bytes, AT_SUM)));
    size_t hashes = (size_t)(at - bytes) - HEADER_BYTES;
    at = pack_u32(at, crc32c(0, slice_from(bytes + HEADER_BYTES, hashes)));
    int fd = file_publish(path, slice_from(bytes, (size_t)(at - bytes)));
    memory_free(bytes);
    if (fd >= 0) os_close(fd);
    return fd >= 0;
}

static bool unpack_header(struct slice bytes, struct ids_header *header) {
    const char *at = bytes.data;
    if (bytes.length < HEADER_BYTES || memcmp(at, magic, sizeof magic) != 0) return false;
    if (crc32c(0, slice_from(at, AT_SUM)) != read_u32(at + AT_SUM)) return false;
    memcpy(header->id, at + AT_ID, SPOOL_ID_BYTES);
    header->first = read_u64(at + AT_FIRST);
    header->end = read_u64(at + AT_END);
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++)
        header->counts[kind] = read_u32(at + AT_COUNTS + 4 * (size_t)kind);
    return read_u32(at + AT_VERSION) == SPOOL_FORMAT;
}

static bool unpack_lists(struct slice bytes, const struct ids_header *header,
                         struct id_lists *lists) {
    struct unpacker from = { .left = slice_skip(bytes, HEADER_BYTES) };
    if (from.left.length < 4) return false;
    struct slice hashes = slice_first(from.left, from.left.length - 4);
    if (crc32c(0, hashes) != read_u32(hashes.data + hashes.length)) return false;
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++)
        for (uint32_t i = 0; i < header->counts[kind] && !from.bad; i++)
            id_list_add(&lists->of[kind], unpack_u64(&from));
    return !from.bad && from.left.length == 4;
}

enum ids_found ids_read(const char *path, struct ids_header *header, struct id_lists *lists) {
    size_t length = 0;
    char *bytes = os_read_file(path, MAX_IDS_BYTES, &length);
    if (bytes == NULL)
        return errno == ENOENT || errno == EFBIG || errno == EIO ? IDS_NONE : IDS_UNREADABLE;
    struct slice all = slice_from(bytes, length);
    bool whole = unpack_header(all, header) && unpack_lists(all, header, lists);
    memory_free(bytes);
    if (whole) return IDS_WHOLE;
    id_lists_free(lists);
    return IDS_NONE;
}

bool ids_look(const char *path, struct ids_header *header) {
    char bytes[HEADER_BYTES];
    int fd = os_open(path, OS_READ);
    if (fd < 0) return false;
    ssize_t got = os_read_at(fd, bytes, sizeof bytes, 0);
    os_close(fd);
    return got > 0 && unpack_header(slice_from(bytes, (size_t)got), header);
}
