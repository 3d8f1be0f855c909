/* post/batch.h */
#include "post/batch.h"
#include "base/alloc.h"

/* What a recycled batch may keep: 256 tweets with their documents. */
#define KEPT_BYTES ((size_t)4 << 20)

struct batch *batch_create(void) {
    struct batch *batch = memory_zeroed(1, sizeof *batch);
    batch->messages = memory_alloc(BATCH_MESSAGES * sizeof *batch->messages);
    arena_init(&batch->arena);
    return batch;
}

void batch_destroy(struct batch *batch) {
    arena_free(&batch->arena);
    memory_free(batch->messages);
    memory_free(batch);
}

void batch_reset(struct batch *batch) {
    arena_reset(&batch->arena, KEPT_BYTES);
    *batch = (struct batch){ .arena = batch->arena, .messages = batch->messages };
}

struct message *batch_add(struct batch *batch, struct slice raw, uint64_t offset) {
    if (batch->count == BATCH_MESSAGES) return NULL;
    struct message *message = &batch->messages[batch->count++];
    *message = (struct message){ .raw = raw, .offset = offset, .received_ms = batch->received_ms };
    return message;
}
