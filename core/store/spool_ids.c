/* store/spool.h: which keys were kept; and removing segments, whose keys outlive them. */
#include "base/alloc.h"
#include "store/pack.h"
#include "store/spool_internal.h"
#include <errno.h>

bool spool_collect_ids(struct spool *spool, int fd, uint64_t bytes, uint64_t end,
                       struct id_lists *lists) {
    struct segment_piece piece;
    enum segment_found found;
    segment_walk_start(&spool->walk, fd, spool->seed, SEGMENT_HEADER_BYTES, bytes);
    while ((found = segment_walk_next(&spool->walk, &piece)) < SEGMENT_END) {
        if (found == SEGMENT_FRAME && piece.frame.sequence < end)
            id_lists_add(lists, &piece.frame, &spool->arena);
        arena_reset(&spool->arena, ARENA_BLOCK_BYTES);
    }
    return found == SEGMENT_END;
}

/* The list that lies beside a segment, when it is of this spool and of these records. */
static enum ids_found read_kept(const struct spool *spool, uint64_t first, uint64_t end,
                                struct id_lists *lists, struct error *err) {
    char path[PATH_BYTES];
    struct ids_header header;
    spool_path(spool, first, ".ids", path);
    enum ids_found found = ids_read(path, &header, lists);
    if (found == IDS_UNREADABLE) file_error(err, path, "read");
    if (found != IDS_WHOLE || (memcmp(header.id, spool->id, SPOOL_ID_BYTES) == 0 &&
                               header.first == first && (end == 0 || header.end == end)))
        return found;
    id_lists_free(lists);
    return IDS_NONE;
}

static bool make_ids(struct spool *spool, size_t index, struct id_lists *lists, struct error *err) {
    char path[PATH_BYTES];
    struct os_info info;
    spool_path(spool, spool->segments[index].first, ".seg", path);
    int fd = os_open(path, OS_READ);
    if (fd < 0) return errno == ENOENT || file_error(err, path, "opened");
    bool made = os_stat_fd(fd, &info) && spool_collect_ids(spool, fd, (uint64_t)info.bytes,
                                                           segment_end(spool, index), lists);
    if (!made) file_error(err, path, "read");
    os_close(fd);
    return made;
}

static bool write_ids(const struct spool *spool, size_t index, const struct id_lists *lists) {
    char path[PATH_BYTES];
    struct ids_header header = { .first = spool->segments[index].first,
                                 .end = segment_end(spool, index) };
    memcpy(header.id, spool->id, SPOOL_ID_BYTES);
    spool_path(spool, header.first, ".ids", path);
    return ids_write(path, &header, lists);
}

/* What is kept beside it, else made from it; *kept: it lies beside it now. */
static bool load_ids(struct spool *spool, size_t index, struct id_lists *lists, bool *kept,
                     struct error *err) {
    uint64_t first = spool->segments[index].first, end = segment_end(spool, index);
    *kept = read_kept(spool, first, end, lists, err) == IDS_WHOLE;
    if (*kept) return true;
    if (!make_ids(spool, index, lists, err)) return false;
    *kept = !spool->read_only && write_ids(spool, index, lists);
    return true;
}

/* One that cannot be written is made again when it is needed. */
void spool_keep_ids(const struct spool *spool) {
    (void)!write_ids(spool, spool->count - 1, &spool->ids);
}

/* ---- all of them ---- */

/* Of the i-th, counted from the oldest orphan on; not for the newest segment, whose are in memory.
 */
static bool load_any(struct spool *spool, size_t i, struct id_lists *lists, struct error *err) {
    bool kept;
    if (i >= spool->orphan_count)
        return load_ids(spool, i - spool->orphan_count, lists, &kept, err);
    return read_kept(spool, spool->orphans[i], 0, lists, err) != IDS_UNREADABLE;
}

struct id_count {
    size_t of[SPOOL_ID_KINDS];
};

static void count_ids(struct id_count *count, const struct id_lists *lists) {
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++)
        count->of[kind] += lists->of[kind].count;
}

/* All but the oldest `skip` of the list. */
static void hand_out_list(const struct id_list *list, enum spool_id kind, size_t skip,
                          known_id_taker *each, void *context) {
    struct unpacker keys = { .left = buffer_slice(&list->keys) };
    for (size_t i = 0; i < list->count; i++) {
        struct slice key = kind == SPOOL_NAME ? unpack_text(&keys) : SLICE("");
        if (i >= skip) each(context, &(struct known_id){ kind, list->hashes[i], key });
    }
}

static void hand_out(const struct id_lists *lists, size_t lists_count, enum spool_id kind,
                     size_t count, known_id_taker *each, void *context) {
    size_t excess = count - MIN(count, known_limit(kind));
    for (size_t i = 0; i < lists_count; i++) {
        const struct id_list *list = &lists[i].of[kind];
        size_t skip = MIN(excess, list->count);
        excess -= skip;
        hand_out_list(list, kind, skip, each, context);
    }
}

bool spool_ids(struct spool *spool, known_id_taker *each, void *context, struct error *err) {
    size_t newest = spool->orphan_count + spool->count - 1, from = newest;
    struct id_lists *lists = memory_zeroed(newest + 1, sizeof *lists);
    struct id_count count = { 0 };
    bool done = true;
    lists[newest] = spool->ids;
    count_ids(&count, &lists[newest]);
    while (done && from > 0 && count.of[SPOOL_KEPT] < SPOOL_KNOWN_IDS) {
        from--;
        done = load_any(spool, from, &lists[from], err);
        if (count.of[SPOOL_NAME] >= SPOOL_KNOWN_NAMES) id_list_free(&lists[from].of[SPOOL_NAME]);
        count_ids(&count, &lists[from]);
    }
    for (int kind = 0; kind < SPOOL_ID_KINDS && done; kind++)
        hand_out(lists + from, newest + 1 - from, (enum spool_id)kind, count.of[kind], each,
                 context);
    for (size_t i = from; i < newest; i++)
        id_lists_free(&lists[i]);
    memory_free(lists);
    return done;
}

/* ---- removing ---- */

static size_t count_kept(const struct spool *spool, uint64_t first) {
    char path[PATH_BYTES];
    struct ids_header header;
    spool_path(spool, first, ".ids", path);
    return ids_look(path, &header) ? header.counts[SPOOL_KEPT] : 0;
}

/* Removes the lists that a start will not look at. */
static void forget_ids(struct spool *spool) {
    size_t known = spool->ids.of[SPOOL_KEPT].count, kept = spool->orphan_count;
    for (size_t i = spool->count - 1; i-- > 0 && known < SPOOL_KNOWN_IDS;)
        known += count_kept(spool, spool->segments[i].first);
    while (kept > 0 && known < SPOOL_KNOWN_IDS)
        known += count_kept(spool, spool->orphans[--kept]);
    for (size_t i = 0; i < kept; i++) {
        char path[PATH_BYTES];
        spool_path(spool, spool->orphans[i], ".ids", path);
        os_remove_file(path);
    }
    spool->orphan_count -= kept;
    if (kept > 0)
        memmove(spool->orphans, spool->orphans + kept,
                spool->orphan_count * sizeof *spool->orphans);
}

/* In this order on the disk too, so that no power cut leaves a hole; and not before its keys are
 * safe. */
static bool drop_oldest(struct spool *spool) {
    char path[PATH_BYTES];
    struct id_lists lists = { 0 };
    struct error ignored;
    bool kept;
    uint64_t first = spool->segments[0].first;
    bool loaded = load_ids(spool, 0, &lists, &kept, &ignored);
    id_lists_free(&lists);
    if (!loaded || !kept) return false;
    spool_path(spool, first, ".seg", path);
    if (!os_remove(path) && errno != ENOENT) return false;
    spool->count--;
    memmove(spool->segments, spool->segments + 1, spool->count * sizeof *spool->segments);
    spool_add_orphan(spool, first);
    return file_sync_folder_of(path);
}

bool spool_may_drop(const struct spool *spool) {
    return spool->count > (spool->groups < 2 ? 2U : 1U);
}

void spool_drop(struct spool *spool, uint64_t below) {
    bool dropped = true;
    if (!spool_may_drop(spool) || spool->segments[1].first > below) return;
    while (dropped && spool_may_drop(spool) && spool->segments[1].first <= below)
        dropped = drop_oldest(spool);
    forget_ids(spool);
}
