/* store/spool.h: opening. What there is, whether it is ours, and where it ends. */
#include "store/spool.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "store/pack.h"
#include "store/spool_internal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME_DIGITS 20

void spool_path(const struct spool *spool, uint64_t first, const char *suffix,
                char into[PATH_BYTES]) {
    snprintf(into, PATH_BYTES, "%s/spool/%020llu%s", spool->folder, (unsigned long long)first,
             suffix);
}

void spool_add_segment(struct spool *spool, struct segment segment) {
    if (spool->count == spool->room) {
        spool->room = MAX(2 * spool->room, 16);
        spool->segments = memory_resize(spool->segments, spool->room * sizeof *spool->segments);
    }
    spool->segments[spool->count++] = segment;
}

void spool_add_orphan(struct spool *spool, uint64_t first) {
    spool->orphans =
        memory_resize(spool->orphans, (spool->orphan_count + 1) * sizeof *spool->orphans);
    spool->orphans[spool->orphan_count++] = first;
}

/* ---- what is in the folder ---- */

static bool parse_name(const char *name, const char *suffix, uint64_t *first) {
    if (strspn(name, "0123456789") != NAME_DIGITS || strcmp(name + NAME_DIGITS, suffix) != 0)
        return false;
    *first = strtoull(name, NULL, 10);
    return true;
}

static void note_file(void *context, const char *name) {
    struct spool *spool = context;
    uint64_t first;
    if (parse_name(name, ".seg", &first))
        spool_add_segment(spool, (struct segment){ .first = first });
    else if (parse_name(name, ".ids", &first))
        spool_add_orphan(spool, first);
}

static int compare_firsts(const void *a, const void *b) {
    const uint64_t *one = a, *two = b; /* also a segment's, which begins with it */
    return *one < *two ? -1 : *one > *two;
}

/* Lists whose segment is there are found through it. */
static void keep_orphans(struct spool *spool) {
    size_t kept = 0;
    for (size_t i = 0; i < spool->orphan_count; i++) {
        const uint64_t *first = &spool->orphans[i];
        if (bsearch(first, spool->segments, spool->count, sizeof *spool->segments, compare_firsts))
            continue;
        spool->orphans[kept++] = *first;
    }
    spool->orphan_count = kept;
}

static bool list_files(struct spool *spool, struct error *err) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/spool", spool->folder);
    if (!os_list_folder(path, note_file, spool)) return file_error(err, path, "listed");
    spool->segments = memory_resize(spool->segments, MAX(spool->room, 1) * sizeof *spool->segments);
    qsort(spool->segments, spool->count, sizeof *spool->segments, compare_firsts);
    if (spool->orphan_count)
        qsort(spool->orphans, spool->orphan_count, sizeof *spool->orphans, compare_firsts);
    keep_orphans(spool);
    return true;
}

static void remove_leftover(void *context, const char *name) {
    const char *folder = context;
    char path[PATH_BYTES];
    if (!slice_ends(slice_of(name), SLICE(".new"))) return;
    snprintf(path, sizeof path, "%.3900s/%.64s", folder, name);
    os_remove_file(path);
}

/* Files that a kill left half made; and the folder's names are durable from here on. */
static bool clean_folder(const struct spool *spool, struct error *err) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/spool", spool->folder);
    if (!os_list_folder(path, remove_leftover, path)) return file_error(err, path, "listed");
    return os_sync_folder(path) || file_error(err, path, "synced");
}

static bool make_folder(const struct spool *spool, const char *part, struct error *err) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", spool->folder, part);
    return os_make_private_folder(path) || file_error(err, path, "made");
}

static bool sync_state(const struct spool *spool, struct error *err) {
    return os_sync_folder(spool->folder) || file_error(err, spool->folder, "synced");
}

/* The names of the state folder's parts, and its own, are durable too. */
static bool make_folders(const struct spool *spool, struct error *err) {
    char path[PATH_BYTES];
    if (!make_folder(spool, "spool", err) || !make_folder(spool, "quarantine", err)) return false;
    snprintf(path, sizeof path, "%s/..", spool->folder);
    if (!os_sync_folder(path) && errno != EACCES) return file_error(err, path, "synced");
    return sync_state(spool, err);
}

/* Last: who finds this folder finds a spool. */
static bool make_cursors(const struct spool *spool, struct error *err) {
    return make_folder(spool, "cursors", err) && sync_state(spool, err);
}

/* ---- whether it is ours ---- */

/* A header that the disk cannot give back is lost; false with errno for other reasons. */
static bool read_header(const char *path, struct segment *segment, struct segment_header *header,
                        enum segment_header_found *found) {
    char bytes[SEGMENT_HEADER_BYTES];
    struct os_info info = { 0 };
    int fd = os_open(path, OS_READ);
    if (fd < 0) return false;
    bool known = os_stat_fd(fd, &info);
    ssize_t got = known ? os_read_at(fd, bytes, sizeof bytes, 0) : -1;
    int failed = errno;
    os_close(fd);
    errno = failed;
    if (!known || (got < 0 && errno != EIO)) return false;
    segment->bytes = (uint64_t)info.bytes;
    *found = segment_get_header(slice_from(bytes, (size_t)MAX(got, 0)), header);
    return true;
}

static bool is_same(const struct spool *spool, const char *id) {
    return memcmp(spool->id, id, SPOOL_ID_BYTES) == 0;
}

/* The first header that is whole says whose the spool is, and the others agree. */
static bool identify_segment(struct spool *spool, struct segment *segment, bool *known,
                             enum segment_header_found *found, struct error *err) {
    char path[PATH_BYTES];
    struct segment_header header;
    spool_path(spool, segment->first, ".seg", path);
    if (!read_header(path, segment, &header, found)) return file_error(err, path, "read");
    if (*found == SEGMENT_NEWER)
        return error_set(err, ERROR_FAILED, "%.400s: made by a newer linnet", path);
    if (*found == SEGMENT_LOST) return true;
    if (!*known) memcpy(spool->id, header.id, SPOOL_ID_BYTES);
    *known = true;
    segment->format = header.format;
    if (is_same(spool, header.id) && header.first == segment->first) return true;
    return error_set(err, ERROR_FAILED, "%.400s: belongs to another spool", path);
}

/* Where no segment says it, a list of ids may. */
static bool identify_by_ids(struct spool *spool, const uint64_t *firsts, size_t count) {
    char path[PATH_BYTES];
    struct ids_header header;
    for (size_t i = count; i-- > 0;) {
        spool_path(spool, firsts[i], ".ids", path);
        if (!ids_look(path, &header)) continue;
        memcpy(spool->id, header.id, SPOOL_ID_BYTES);
        spool->end = header.end;
        return true;
    }
    return false;
}

/* *newest is what the newest segment's header is. */
static bool identify(struct spool *spool, enum segment_header_found *newest, struct error *err) {
    bool known = false;
    for (size_t i = 0; i < spool->count; i++)
        if (!identify_segment(spool, &spool->segments[i], &known, newest, err)) return false;
    for (size_t i = 0; i < spool->count && !known; i++)
        known = identify_by_ids(spool, &spool->segments[i].first, 1);
    known = known || identify_by_ids(spool, spool->orphans, spool->orphan_count);
    if (!known && spool->count) {
        char path[PATH_BYTES];
        spool_path(spool, newest_segment(spool)->first, ".seg", path);
        return error_set(err, ERROR_FAILED, "%.400s: its header is damaged", path);
    }
    uint64_t id[2] = { random_bits(), random_bits() };
    if (!known) memcpy(spool->id, id, SPOOL_ID_BYTES);
    spool->seed = segment_seed(spool->id);
    return true;
}

/* ---- open and close ---- */

/* A spool without segments begins with one, so that its id is kept. */
static bool begin(struct spool *spool, struct error *err) {
    char path[PATH_BYTES];
    spool_path(spool, spool->end, ".seg", path);
    if (spool->read_only) return error_set(err, ERROR_FAILED, "%.400s: no spool", spool->folder);
    return spool_begin_segment(spool, SLICE("")) || file_error(err, path, "written");
}

static bool open_spool(struct spool *spool, bool salvage, struct error *err) {
    enum segment_header_found newest = SEGMENT_LOST;
    if (strlen(spool->folder) > PATH_BYTES - NAME_BYTES)
        return error_set(err, ERROR_FAILED, "%.400s...: too long a path", spool->folder);
    if (!spool->read_only && !make_folders(spool, err)) return false;
    if (!list_files(spool, err) || !identify(spool, &newest, err)) return false;
    if (!spool->read_only && !clean_folder(spool, err)) return false;
    bool opened = spool->count == 0 ? begin(spool, err)
                                    : spool_recover(spool, newest == SEGMENT_LOST, salvage, err);
    return opened && (spool->read_only || make_cursors(spool, err));
}

bool spool_exists(const char *folder) {
    char path[PATH_BYTES];
    struct os_info info;
    snprintf(path, sizeof path, "%.4000s/cursors", folder);
    return !os_stat(path, &info) || info.kind != OS_MISSING;
}

struct spool *spool_open(const struct spool_options *options, struct error *err) {
    struct spool *spool = memory_zeroed(1, sizeof *spool);
    spool->folder = memory_copy_text(options->folder);
    spool->read_only = options->read_only;
    spool->segment_bytes = options->segment_bytes ? options->segment_bytes : SEGMENT_BYTES;
    spool->end = 1;
    spool->fd = -1;
    buffer_init(&spool->state, MAX_FRAME_BYTES);
    buffer_init(&spool->filler, MAX_FRAME_BYTES);
    arena_init(&spool->arena);
    if (open_spool(spool, options->salvage, err)) return spool;
    spool_close(spool);
    return NULL;
}

void spool_close(struct spool *spool) {
    if (spool->fd >= 0) os_close(spool->fd);
    segment_walk_free(&spool->walk);
    id_lists_free(&spool->ids);
    arena_free(&spool->arena);
    buffer_free(&spool->state);
    buffer_free(&spool->filler);
    memory_free(spool->segments);
    memory_free(spool->orphans);
    memory_free(spool->folder);
    memory_free(spool);
}

/* ---- what it says of itself ---- */

uint32_t spool_seed(const struct spool *spool) { return spool->seed; }

struct slice spool_id(const struct spool *spool) { return slice_from(spool->id, SPOOL_ID_BYTES); }

uint64_t spool_first(const struct spool *spool) { return spool->segments[0].first; }

uint64_t spool_end(const struct spool *spool) { return spool->end; }

uint64_t spool_bytes(const struct spool *spool) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < spool->count; i++)
        bytes += spool->segments[i].bytes;
    return bytes;
}

struct slice spool_state(const struct spool *spool) { return buffer_slice(&spool->state); }

uint64_t spool_cut_bytes(const struct spool *spool) { return spool->cut_bytes; }

void spool_set_state(struct buffer *state, struct slice bytes) {
    state->length = 0;
    (void)!buffer_append(state, bytes); /* shorter than a frame, which the ceiling is */
}

size_t segment_of(const struct spool *spool, uint64_t sequence) {
    size_t low = 0, high = spool->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (spool->segments[middle].first <= sequence)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint64_t spool_next_segment(const struct spool *spool, uint64_t sequence) {
    return segment_end(spool, segment_of(spool, sequence));
}
