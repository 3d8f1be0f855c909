/* tests/sim/bugs.h */
#include "bugs.h"
#include "archive/object.h"
#include "base/os.h"
#include "flow/log_spool_internal.h"
#include "flow/sink.h"
#include "store/cursor.h"
#include "store/dead_letters.h"
#include "wrap.h"

enum bug bug;

const char *const bug_names[BUGS] = {
    [NO_BUG] = "no bug",
    [BUG_NO_SYNC] = "no sync of files",
    [BUG_NO_FOLDER_SYNC] = "no sync of folders",
    [BUG_SYNC_TOO_LATE] = "acknowledged before it is synced",
    [BUG_SYNC_TRIED_TWICE] = "a failed sync is tried again and believed",
    [BUG_NO_TRUNCATE] = "torn ends are not cut off",
    [BUG_CURSOR_TOO_FAR] = "the cursor is saved before the answer",
    [BUG_DROPPED_TOO_SOON] = "segments are dropped too soon",
    [BUG_STATE_FORGOTTEN] = "positions and sums are forgotten at a start",
    [BUG_IDS_FORGOTTEN] = "known ids are forgotten at a start",
    [BUG_RETRY_IS_DONE] = "RETRY is taken for DONE",
    [BUG_CURSOR_JUMPS] = "the cursor jumps over what is not answered",
    [BUG_NOT_BURIED] = "what is refused is not kept",
    [BUG_OBJECT_NOT_SYNCED] = "objects are renamed before they are synced",
    [BUG_INTENT_NOT_SAVED] = "objects are finished before their intents are saved",
    [BUG_INTENT_NOT_ASKED] = "records that are there come again",
};

static bool closing; /* an object */

WRAP(bool, os_sync, int fd) {
    static int late = -1;
    if (bug == BUG_NO_SYNC || (bug == BUG_OBJECT_NOT_SYNCED && closing)) return true;
    if (bug != BUG_SYNC_TOO_LATE) {
        bool synced = __real_os_sync(fd);
        return !synced && bug == BUG_SYNC_TRIED_TWICE ? __real_os_sync(fd) : synced;
    }
    if (late == fd) (void)!__real_os_sync(fd);
    late = late == fd ? -1 : fd;
    return true;
}

WRAP(bool, os_sync_folder, const char *path) {
    return bug == BUG_NO_FOLDER_SYNC || __real_os_sync_folder(path);
}

WRAP(bool, os_truncate, int fd, uint64_t bytes) {
    return bug == BUG_NO_TRUNCATE || __real_os_truncate(fd, bytes);
}

WRAP(bool, cursor_save, struct cursor_file *file, const struct cursor *cursor, struct error *err) {
    struct cursor saved = *cursor;
    saved.next += bug == BUG_CURSOR_TOO_FAR;
    saved.delivered += bug == BUG_CURSOR_TOO_FAR;
    return __real_cursor_save(file, &saved, err);
}

WRAP(uint64_t, spool_readers_need, const struct spool_log *log) {
    return bug == BUG_DROPPED_TOO_SOON ? UINT64_MAX : __real_spool_readers_need(log);
}

WRAP(struct slice, log_spool_state, const struct log *log) {
    return bug == BUG_STATE_FORGOTTEN ? SLICE("") : __real_log_spool_state(log);
}

WRAP(bool, log_spool_ids, struct log *log, known_id_taker *each, void *context, struct error *err) {
    return bug == BUG_IDS_FORGOTTEN || __real_log_spool_ids(log, each, context, err);
}

WRAP(void, handover_answer, struct handover *handover, const struct verdict *verdicts) {
    __real_handover_answer(handover, bug == BUG_RETRY_IS_DONE ? NULL : verdicts);
}

/* What was read before it and is not answered counts as delivered. */
static void jump_to(struct spool_reader *reader, const struct log_piece *piece) {
    while (reader->out.first != piece) {
        struct log_piece *before = log_pieces_take(&reader->out);
        uint32_t rest = before->count - before->delivered - before->dead;
        reader->cursor.delivered += before->delivered + rest;
        reader->cursor.dead += before->dead;
        reader->cursor.next += before->count;
        reader->reader.counts.delivered += rest;
        before->given_up = true;
        log_pieces_put(&reader->given_up, before);
    }
}

WRAP(void, spool_settle_piece, struct log_reader *reader, struct log_piece *piece) {
    if (bug == BUG_CURSOR_JUMPS && !piece->given_up) jump_to(spool_reader_of(reader), piece);
    __real_spool_settle_piece(reader, piece);
}

WRAP(bool, dead_letters_add, struct dead_letters *letters, const struct dead_letter *added,
     size_t count, struct error *err) {
    return bug == BUG_NOT_BURIED || __real_dead_letters_add(letters, added, count, err);
}

WRAP(bool, object_close, struct object *object, struct error *err) {
    closing = true;
    bool closed = __real_object_close(object, err);
    closing = false;
    return closed;
}

WRAP(bool, intents_save, struct intents *intents, struct error *err) {
    return bug == BUG_INTENT_NOT_SAVED || __real_intents_save(intents, err);
}

WRAP(struct intent *, intents_of, const struct intents *intents, uint64_t sequence,
     const struct partition *of) {
    return bug == BUG_INTENT_NOT_ASKED ? NULL : __real_intents_of(intents, sequence, of);
}
