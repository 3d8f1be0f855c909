/* store/intent.h
 *
 *   magic 8, version 4, count 4, log's id 16 (zeros behind a shorter one), number 8; intents;
 *   CRC32C 4. An intent: target, first, end, after, records 8 each, sum, codec, level, members,
 *   finished 4 each, then texts: object, upload and the values. */
#include "store/intent.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "store/file.h"
#include "store/frame.h"
#include "store/pack.h"
#include <errno.h>

static const char magic[8] = { 'l', 'i', 'n', 'n', 'e', 't', 'i', 'n' };

#define INTENT_FORMAT 1
#define LOG_ID_BYTES ((size_t)16)
#define HEAD_BYTES ((size_t)(8 + 4 + 4 + 16 + 8))
#define NUMBER_BYTES ((size_t)(5 * 8 + 5 * 4))
/* What one takes at least: its numbers and five empty texts. */
#define LEAST_BYTES (NUMBER_BYTES + 5 * 4)
#define MOST_BYTES ((size_t)64 << 20)

struct intents {
    char *path; /* NULL: in memory */
    char log[LOG_ID_BYTES];
    uint64_t number;
    const char *repaired;
    struct intent *first;
    uint32_t count;
};

/* ---- the list, ordered by `first` ---- */

struct intent *intents_first(const struct intents *intents) { return intents->first; }

const char *intents_repaired(const struct intents *intents) { return intents->repaired; }

uint64_t intents_number(const struct intents *intents) { return intents->number; }

static struct intent *insert(struct intents *intents, const struct intent *intent) {
    struct intent *copy = memory_alloc(sizeof *copy), **link = &intents->first;
    *copy = *intent;
    while (*link && (*link)->first <= copy->first)
        link = &(*link)->next;
    copy->next = *link;
    *link = copy;
    intents->count++;
    return copy;
}

/* The last one before it in its partition ends where it goes on, unless it came from before. */
static uint64_t follows(const struct intents *intents, const struct intent *intent) {
    uint64_t after = intent->first;
    for (const struct intent *other = intents->first; other; other = other->next)
        if (other->own && other->end <= intent->first &&
            partition_equal(&other->partition, &intent->partition))
            after = other->end;
    return after;
}

struct intent *intents_add(struct intents *intents, const struct intent *intent) {
    struct intent own = *intent;
    own.own = true;
    own.after = follows(intents, intent);
    return insert(intents, &own);
}

void intents_remove(struct intents *intents, struct intent *intent) {
    struct intent **link = &intents->first;
    while (*link != intent)
        link = &(*link)->next;
    *link = intent->next;
    intents->count--;
    memory_free(intent);
}

bool partition_equal(const struct partition *a, const struct partition *b) {
    if (a->members != b->members) return false;
    for (int i = 0; i < PARTITION_MEMBERS; i++)
        if (strcmp(a->values[i], b->values[i]) != 0) return false;
    return true;
}

/* The next of its partition. */
static struct intent *next_of(const struct intent *intent) {
    struct intent *next = intent->next;
    while (next && !partition_equal(&next->partition, &intent->partition))
        next = next->next;
    return next;
}

/* Two finished ones, between which no record of theirs lies, say no more than one. */
static bool join_next(struct intents *intents, struct intent *intent) {
    struct intent *next = next_of(intent);
    if (next == NULL || !intent->finished || !next->finished || next->after > intent->end)
        return false;
    intent->end = MAX(intent->end, next->end);
    intent->records += next->records;
    intent->own = intent->own || next->own;
    intents_remove(intents, next);
    return true;
}

void intents_finish(struct intents *intents, struct intent *intent) {
    struct partition partition = intent->partition; /* it may be joined to another one */
    intent->finished = true;
    intent->upload[0] = '\0';
    for (struct intent *at = intents->first; at; at = at->next)
        if (partition_equal(&at->partition, &partition)) {
            while (join_next(intents, at)) {
            }
        }
}

void intents_pass(struct intents *intents, uint64_t durable) {
    for (struct intent *at = intents->first, *next; at; at = next) {
        next = at->next;
        if (at->finished && at->end <= durable) intents_remove(intents, at);
    }
}

/* Its first record is not behind this one. */
static bool holds(const struct intent *intent, uint64_t sequence, const struct partition *of) {
    uint32_t members = intent->partition.members;
    if (sequence >= intent->end) return false;
    if ((members & PARTITION_ERRORS) != (of->members & PARTITION_ERRORS)) return false;
    for (int i = 0; i < PARTITION_MEMBERS; i++)
        if (members & UINT32_C(1) << i && strcmp(intent->partition.values[i], of->values[i]) != 0)
            return false;
    return true;
}

struct intent *intents_of(const struct intents *intents, uint64_t sequence,
                          const struct partition *of) {
    struct intent *found = NULL;
    for (struct intent *at = intents->first; at && at->first <= sequence; at = at->next)
        if (holds(at, sequence, of) && (found == NULL || !at->finished)) found = at;
    return found;
}

/* ---- the file ---- */

static char *pack_intent(char *at, const struct intent *intent) {
    const uint64_t longs[] = { intent->target, intent->first, intent->end, intent->after,
                               intent->records };
    const uint32_t shorts[] = { intent->sum, intent->codec, intent->level,
                                intent->partition.members, intent->finished };
    for (size_t i = 0; i < LENGTH(longs); i++)
        at = pack_u64(at, longs[i]);
    for (size_t i = 0; i < LENGTH(shorts); i++)
        at = pack_u32(at, shorts[i]);
    at = pack_text(at, slice_of(intent->object));
    at = pack_text(at, slice_of(intent->upload));
    for (int i = 0; i < PARTITION_MEMBERS; i++)
        at = pack_text(at, slice_of(intent->partition.values[i]));
    return at;
}

static void unpack_name(struct unpacker *from, char *into, size_t size) {
    struct slice text = unpack_text(from);
    if (text.length == 0) return;
    bool good = text.length < size && memchr(text.data, '\0', text.length) == NULL;
    if (good)
        memcpy(into, text.data, text.length);
    else
        *from = (struct unpacker){ .bad = true };
}

static void unpack_intent(struct unpacker *from, struct intent *intent) {
    uint64_t *const longs[] = { &intent->target, &intent->first, &intent->end, &intent->after,
                                &intent->records };
    for (size_t i = 0; i < LENGTH(longs); i++)
        *longs[i] = unpack_u64(from);
    intent->sum = unpack_u32(from);
    intent->codec = unpack_u32(from);
    intent->level = unpack_u32(from);
    intent->partition.members = unpack_u32(from);
    intent->finished = unpack_u32(from) != 0;
    unpack_name(from, intent->object, sizeof intent->object);
    unpack_name(from, intent->upload, sizeof intent->upload);
    for (int i = 0; i < PARTITION_MEMBERS; i++)
        unpack_name(from, intent->partition.values[i], PARTITION_VALUE_BYTES);
}

bool intents_save(struct intents *intents, struct error *err) {
    if (intents->path == NULL) return true;
    size_t room = HEAD_BYTES + 4 + intents->count * (sizeof(struct intent) + LEAST_BYTES);
    char *bytes = memory_zeroed(1, room), *at = bytes;
    memcpy(at, magic, sizeof magic);
    at = pack_u32(pack_u32(at + sizeof magic, INTENT_FORMAT), intents->count);
    memcpy(at, intents->log, LOG_ID_BYTES);
    at = pack_u64(at + LOG_ID_BYTES, intents->number);
    for (const struct intent *intent = intents->first; intent; intent = intent->next)
        at = pack_intent(at, intent);
    size_t length = (size_t)(at - bytes);
    pack_u32(at, crc32c(0, slice_from(bytes, length)));
    int fd = file_publish(intents->path, slice_from(bytes, length + 4));
    memory_free(bytes);
    if (fd < 0) return file_error(err, intents->path, "written");
    os_close(fd);
    return true;
}

/* NULL, or what is wrong with it. */
static const char *take_in(struct intents *intents, struct slice bytes) {
    const char *damaged = "it is damaged: what was being finished may be there twice";
    if (bytes.length < HEAD_BYTES + 4) return damaged;
    struct slice body = slice_first(bytes, bytes.length - 4);
    if (crc32c(0, body) != read_u32(bytes.data + body.length)) return damaged;
    struct unpacker from = { .left = slice_skip(body, 8 + 4) };
    uint32_t count = unpack_u32(&from);
    struct slice log = unpack_bytes(&from, LOG_ID_BYTES);
    intents->number = unpack_u64(&from);
    if (memcmp(log.data, intents->log, LOG_ID_BYTES) != 0)
        return "it is of another spool: it starts again";
    if (count > from.left.length / LEAST_BYTES) return damaged;
    for (; count > 0 && !from.bad; count--) {
        struct intent intent = { 0 };
        unpack_intent(&from, &intent);
        if (!from.bad) insert(intents, &intent);
    }
    return from.bad || from.left.length ? damaged : NULL;
}

static void forget_all(struct intents *intents) {
    while (intents->first)
        intents_remove(intents, intents->first);
}

static bool read_file(struct intents *intents, struct error *err) {
    size_t length = 0;
    char *bytes = os_read_file(intents->path, MOST_BYTES, &length);
    if (bytes == NULL && errno == ENOENT) return true;
    if (bytes == NULL && errno != EFBIG) return file_error(err, intents->path, "read");
    struct slice all = bytes ? slice_from(bytes, length) : SLICE("");
    bool ours = slice_starts(all, slice_from(magic, sizeof magic)) && length >= HEAD_BYTES;
    bool newer = ours && read_u32(bytes + sizeof magic) > INTENT_FORMAT;
    intents->repaired = newer ? NULL : take_in(intents, ours ? all : SLICE(""));
    if (intents->repaired) forget_all(intents);
    memory_free(bytes);
    return !newer || error_set(err, ERROR_FAILED, "%.400s: made by a newer linnet", intents->path);
}

struct intents *intents_open(const char *path, struct slice log, struct error *err) {
    struct intents *intents = memory_zeroed(1, sizeof *intents);
    if (log.length) memcpy(intents->log, log.data, MIN(log.length, LOG_ID_BYTES));
    if (path) intents->path = memory_copy_text(path);
    bool opened = path == NULL || read_file(intents, err);
    if (intents->number == 0) intents->number = random_bits() | 1;
    /* Its name is durable before anybody relies on it. */
    if (opened && intents_save(intents, err)) return intents;
    intents_close(intents);
    return NULL;
}

void intents_close(struct intents *intents) {
    forget_all(intents);
    memory_free(intents->path);
    memory_free(intents);
}
