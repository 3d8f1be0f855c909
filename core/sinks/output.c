/* sinks/output.h */
#include "sinks/output.h"
#include "base/os.h"
#include "post/notice.h"
#include <errno.h>

#define GATHERED_BYTES ((size_t)64 * 1024)

void output_init(struct output *output, const char *name, int fd) {
    *output = (struct output){ .name = name, .fd = fd };
    buffer_init(&output->pending, 2 * GATHERED_BYTES);
}

void output_free(struct output *output) { buffer_free(&output->pending); }

static bool write_out(struct output *output, struct slice bytes) {
    if (output->torn && !os_write(output->fd, SLICE("\n"))) return false;
    output->torn = !os_write(output->fd, bytes);
    return !output->torn;
}

bool output_flush(struct output *output) {
    bool written = write_out(output, buffer_slice(&output->pending));
    output->pending.length = 0;
    return written;
}

bool output_put(struct output *output, struct slice bytes) {
    if (output->pending.length + bytes.length > GATHERED_BYTES && !output_flush(output))
        return false;
    if (bytes.length > GATHERED_BYTES) return write_out(output, bytes);
    return buffer_append(&output->pending, bytes);
}

static bool put_notice(struct output *output, enum record_kind kind, struct slice key) {
    struct arena arena;
    arena_init(&arena);
    bool put = output_put(output, notice_of(kind, key, &arena));
    arena_free(&arena);
    return put;
}

bool output_document(struct output *output, enum record_kind kind,
                     const struct document *document) {
    bool put = record_is_notice(kind) ? put_notice(output, kind, document->key)
                                      : output_put(output, document->bytes);
    return put && output_put(output, SLICE("\n"));
}

void output_answer(struct output *output, bool written, struct handover *handover) {
    struct error err;
    if (written)
        handover_answer(handover, NULL);
    else if (errno == EPIPE)
        handover_unwanted(handover);
    else {
        bool full = errno == ENOSPC || errno == EDQUOT;
        error_set(&err, ERROR_FAILED, "%s: cannot be written: %s", output->name, strerror(errno));
        output->pending.length = 0;
        (full ? handover_full : handover_broken)(handover, &err);
    }
}
