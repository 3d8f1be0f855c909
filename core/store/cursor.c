/* store/cursor.h
 *
 *   magic 8, version 4, zero 4, spool's id 16, number 8, start, next, delivered, dead, dropped,
 *   damaged 8 each, CRC32C 4; twice: saves go to 0 and 4096 (another block of the disk) in turn.
 *
 * After a failed sync nothing is known of the file, so the next save makes another in its place. */
#include "store/cursor.h"
#include "base/alloc.h"
#include "store/file.h"
#include "store/pack.h"
#include <errno.h>
#include <stdio.h>

static const char magic[8] = { 'l', 'i', 'n', 'n', 'e', 't', 'c', 'u' };

enum { AT_VERSION = 8, AT_ID = 16, AT_NUMBER = 32, AT_CURSOR = 40, AT_SUM = 88 };
#define SLOT_BYTES ((size_t)92)
#define SLOT_ROOM ((size_t)4096)
/* With .new behind it, as long a name as file systems take. */
#define MAX_NAME_BYTES ((size_t)251)

struct cursor_file {
    char path[PATH_BYTES];
    char id[SPOOL_ID_BYTES];
    uint64_t number; /* of the last save */
    int fd;          /* -1: the next save makes a new file */
    const char *repaired;
};

/* ---- names ---- */

static bool is_plain(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

/* No name has a dot in it: FILE.new is none. */
static bool cursor_path(const char *folder, const char *name, char into[PATH_BYTES],
                        struct error *err) {
    static const char digits[] = "0123456789ABCDEF";
    char encoded[MAX_NAME_BYTES + 4], *at = encoded;
    for (; *name && at < encoded + MAX_NAME_BYTES; name++) {
        if (is_plain(*name))
            *at++ = *name;
        else {
            *at++ = '%';
            *at++ = digits[(unsigned char)*name >> 4];
            *at++ = digits[*name & 15];
        }
    }
    *at = '\0';
    if (*name || at > encoded + MAX_NAME_BYTES || strlen(folder) > PATH_BYTES - NAME_BYTES)
        return error_set(err, ERROR_FAILED, "%.400s: too long a name for a cursor", encoded);
    snprintf(into, PATH_BYTES, "%.3600s/cursors/%s", folder, encoded);
    return true;
}

static int digit_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* False for a file that is no cursor's. */
static bool decode_name(const char *file, char into[MAX_NAME_BYTES + 1]) {
    size_t length = 0;
    if (strlen(file) > MAX_NAME_BYTES) return false;
    for (; *file; file++) {
        int byte = (unsigned char)*file;
        if (*file == '%') {
            int high = digit_value(file[1]), low = high < 0 ? -1 : digit_value(file[2]);
            if (low < 0) return false;
            byte = high << 4 | low;
            file += 2;
        } else if (!is_plain(*file))
            return false;
        into[length++] = (char)byte;
    }
    into[length] = '\0';
    return length > 0;
}

/* ---- slots ---- */

static void pack_slot(const struct cursor_file *file, const struct cursor *cursor,
                      char into[SLOT_BYTES]) {
    const uint64_t numbers[] = { cursor->start, cursor->next,    cursor->delivered,
                                 cursor->dead,  cursor->dropped, cursor->damaged };
    memset(into, 0, SLOT_BYTES);
    memcpy(into, magic, sizeof magic);
    pack_u32(into + AT_VERSION, CURSOR_FORMAT);
    memcpy(into + AT_ID, file->id, SPOOL_ID_BYTES);
    pack_u64(into + AT_NUMBER, file->number);
    for (size_t i = 0; i < LENGTH(numbers); i++)
        pack_u64(into + AT_CURSOR + 8 * i, numbers[i]);
    pack_u32(into + AT_SUM, crc32c(0, slice_from(into, AT_SUM)));
}

struct slot {
    bool good, newer;
    char id[SPOOL_ID_BYTES];
    uint64_t number;
    struct cursor cursor;
};

static struct slot unpack_slot(struct slice bytes) {
    struct slot slot = { 0 };
    const char *at = bytes.data;
    if (bytes.length < SLOT_BYTES || memcmp(at, magic, sizeof magic) != 0) return slot;
    slot.newer = read_u32(at + AT_VERSION) > CURSOR_FORMAT;
    slot.good = crc32c(0, slice_from(at, AT_SUM)) == read_u32(at + AT_SUM);
    memcpy(slot.id, at + AT_ID, SPOOL_ID_BYTES);
    slot.number = read_u64(at + AT_NUMBER);
    struct cursor *cursor = &slot.cursor;
    uint64_t *const numbers[] = { &cursor->start, &cursor->next,    &cursor->delivered,
                                  &cursor->dead,  &cursor->dropped, &cursor->damaged };
    for (size_t i = 0; i < LENGTH(numbers); i++)
        *numbers[i] = read_u64(at + AT_CURSOR + 8 * i);
    return slot;
}

/* The newest that is whole, else one that is not good. */
static struct slot newest_slot(struct slice bytes) {
    struct slot even = unpack_slot(slice_first(bytes, SLOT_BYTES));
    struct slot odd = unpack_slot(slice_first(slice_skip(bytes, SLOT_ROOM), SLOT_BYTES));
    if (even.good && odd.good) return even.number > odd.number ? even : odd;
    if (even.good || odd.good) return even.good ? even : odd;
    return even.newer ? even : odd;
}

/* ---- what a cursor may say ---- */

struct log_counts cursor_counts(const struct cursor *cursor, uint64_t end) {
    return (struct log_counts){ .spooled = MAX(end, cursor->next) - cursor->start,
                                .delivered = cursor->delivered,
                                .dead = cursor->dead,
                                .dropped = cursor->dropped,
                                .damaged = cursor->damaged };
}

static bool adds_up(const struct cursor *cursor) {
    return cursor->start <= cursor->next &&
           cursor->next - cursor->start ==
               cursor->delivered + cursor->dead + cursor->dropped + cursor->damaged;
}

/* Takes `records` off the counts that say what became of them; the likeliest first. */
static void take_back(struct cursor *cursor, uint64_t records) {
    uint64_t *const counts[] = { &cursor->delivered, &cursor->damaged, &cursor->dropped,
                                 &cursor->dead };
    for (size_t i = 0; i < LENGTH(counts); i++) {
        uint64_t taken = MIN(records, *counts[i]);
        *counts[i] -= taken;
        records -= taken;
    }
}

/* NULL, or what was wrong and now is not. */
static const char *fit(const struct spool_extent *extent, const struct slot *slot,
                       struct cursor *cursor) {
    uint64_t first = extent->first, end = extent->end;
    *cursor = (struct cursor){ .start = first, .next = first };
    if (!slot->good || !adds_up(&slot->cursor)) return "no copy of it is whole: it starts again";
    if (memcmp(slot->id, extent->id, SPOOL_ID_BYTES) != 0)
        return "it is of another spool: it starts again";
    *cursor = slot->cursor;
    if (cursor->next > end) {
        cursor->start = MIN(cursor->start, end);
        take_back(cursor, slot->cursor.next - end - (slot->cursor.start - cursor->start));
        cursor->next = end;
        return "it was past the end of the spool";
    }
    if (cursor->next >= first) return NULL;
    cursor->damaged += first - cursor->next;
    cursor->next = first;
    return "records that it had not passed are gone";
}

/* ---- files ---- */

static bool save_new(struct cursor_file *file, struct slice slot) {
    char bytes[SLOT_ROOM + SLOT_BYTES] = "";
    memcpy(bytes, slot.data, SLOT_BYTES);
    memcpy(bytes + SLOT_ROOM, slot.data, SLOT_BYTES);
    file->fd = file_publish(file->path, slice_from(bytes, sizeof bytes));
    return file->fd >= 0;
}

static bool save_slot(struct cursor_file *file, struct slice slot) {
    if (os_write_at(file->fd, slot, file->number % 2 * SLOT_ROOM) && os_sync(file->fd)) return true;
    int failed = errno;
    os_close(file->fd);
    file->fd = -1;
    errno = failed;
    return false;
}

bool cursor_save(struct cursor_file *file, const struct cursor *cursor, struct error *err) {
    char bytes[SLOT_BYTES];
    file->number++;
    pack_slot(file, cursor, bytes);
    struct slice slot = slice_from(bytes, sizeof bytes);
    bool saved = file->fd < 0 ? save_new(file, slot) : save_slot(file, slot);
    return saved || file_error(err, file->path, "written");
}

/* *missing: there is no such file. */
static bool read_slot(const char *path, struct slot *slot, bool *missing, struct error *err) {
    size_t length = 0;
    char *bytes = os_read_file(path, 2 * SLOT_ROOM, &length);
    bool too_long = bytes == NULL && errno == EFBIG, unread = bytes == NULL && errno == EIO;
    *missing = bytes == NULL && errno == ENOENT;
    if (bytes == NULL && !too_long && !unread && !*missing) return file_error(err, path, "read");
    *slot = newest_slot(slice_from(bytes, bytes ? length : 0));
    memory_free(bytes);
    if (!slot->newer) return true;
    return error_set(err, ERROR_FAILED, "%.400s: made by a newer linnet", path);
}

static struct spool_extent extent_of(const struct spool *spool) {
    struct spool_extent extent = { .first = spool_first(spool), .end = spool_end(spool) };
    memcpy(extent.id, spool_id(spool).data, SPOOL_ID_BYTES);
    return extent;
}

bool cursor_look(const struct spool *spool, const char *folder, const char *name,
                 struct cursor *cursor, const char **wrong, struct error *err) {
    char path[PATH_BYTES];
    struct slot slot = { 0 };
    bool missing;
    if (!cursor_path(folder, name, path, err) || !read_slot(path, &slot, &missing, err))
        return false;
    if (missing) return error_set(err, ERROR_FAILED, "%.400s: there is no such cursor", name);
    struct spool_extent extent = extent_of(spool);
    *wrong = fit(&extent, &slot, cursor);
    return true;
}

/* What it says is durable, under its name too, before anybody relies on it: so it is written
 * anew. */
struct cursor_file *cursor_open_in(const struct spool_extent *extent, const char *folder,
                                   const char *name, uint64_t fresh, struct cursor *cursor,
                                   struct error *err) {
    struct cursor_file *file = memory_zeroed(1, sizeof *file);
    struct slot slot = { 0 };
    bool missing = false;
    file->fd = -1;
    memcpy(file->id, extent->id, SPOOL_ID_BYTES);
    bool opened =
        cursor_path(folder, name, file->path, err) && read_slot(file->path, &slot, &missing, err);
    if (opened) {
        file->number = slot.number;
        file->repaired = fit(extent, &slot, cursor);
    }
    if (missing) {
        *cursor = (struct cursor){ .start = fresh, .next = fresh };
        file->repaired = NULL;
    }
    if (opened && cursor_save(file, cursor, err)) return file;
    cursor_close(file);
    return NULL;
}

struct cursor_file *cursor_open(const struct spool *spool, const char *folder, const char *name,
                                uint64_t fresh, struct cursor *cursor, struct error *err) {
    struct spool_extent extent = extent_of(spool);
    return cursor_open_in(&extent, folder, name, fresh, cursor, err);
}

const char *cursor_repaired(const struct cursor_file *file) { return file->repaired; }

void cursor_close(struct cursor_file *file) {
    if (file->fd >= 0) os_close(file->fd);
    memory_free(file);
}

bool cursor_forget(const char *folder, const char *name, struct error *err) {
    char path[PATH_BYTES];
    if (!cursor_path(folder, name, path, err)) return false;
    if (os_remove(path)) return file_sync_folder_of(path) || file_error(err, path, "removed");
    if (errno != ENOENT) return file_error(err, path, "removed");
    return error_set(err, ERROR_FAILED, "%.400s: there is no such cursor", path);
}

struct listing {
    void (*each)(void *context, const char *name);
    void *context;
};

static void list_one(void *context, const char *file) {
    const struct listing *listing = context;
    char name[MAX_NAME_BYTES + 1];
    if (decode_name(file, name)) listing->each(listing->context, name);
}

bool cursor_list(const char *folder, void (*each)(void *context, const char *name), void *context,
                 struct error *err) {
    char path[PATH_BYTES];
    struct listing listing = { each, context };
    snprintf(path, sizeof path, "%.4000s/cursors", folder);
    return os_list_folder(path, list_one, &listing) || file_error(err, path, "listed");
}
