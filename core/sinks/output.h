/* A file or standard output that documents are written to, a batch at a time. One owner, on the
 * loop. */
#ifndef SINKS_OUTPUT_H
#define SINKS_OUTPUT_H

#include "base/buffer.h"
#include "flow/sink.h"

struct output {
    const char *name; /* for errors */
    int fd;
    struct buffer pending; /* gathered, not yet written */
    bool torn; /* the last line may be half a document: what comes next begins its own */
};

void output_init(struct output *output, const char *name, int fd);
void output_free(struct output *output);
/* Gathers bytes; they are written when enough came together, or by output_flush. False with errno.
 */
bool output_put(struct output *output, struct slice bytes) MUST_CHECK;
bool output_flush(struct output *output) MUST_CHECK;
/* The record's document and a newline; of a notice what post/notice.h says. */
bool output_document(struct output *output, enum record_kind kind,
                     const struct document *document) MUST_CHECK;
/* Answers a delivery: done, or by errno full, or broken (a closed pipe is no error, only the end).
 */
void output_answer(struct output *output, bool written, struct handover *handover);

#endif
