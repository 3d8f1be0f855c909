/* flow/recent.h: a ring of slots whose memory is used again. */
#include "flow/recent.h"
#include "base/alloc.h"
#include "json/projection.h"

/* At full rate a few of each batch are as good as all, and cost next to nothing. */
#define NOTED_A_BATCH 4

struct recent {
    struct slot {
        char *bytes;
        size_t length, capacity;
    } slots[RECENT_POSTS];
    size_t next, count;
};

struct recent *recent_create(void) { return memory_zeroed(1, sizeof(struct recent)); }

void recent_destroy(struct recent *recent) {
    for (size_t i = 0; i < RECENT_POSTS; i++)
        memory_free(recent->slots[i].bytes);
    memory_free(recent);
}

static void note(struct recent *recent, struct slice raw) {
    struct slot *slot = &recent->slots[recent->next];
    if (raw.length > slot->capacity) {
        slot->capacity = raw.length;
        slot->bytes = memory_resize(slot->bytes, slot->capacity);
    }
    memcpy(slot->bytes, raw.data, raw.length);
    slot->length = raw.length;
    recent->next = (recent->next + 1) % RECENT_POSTS;
    if (recent->count < RECENT_POSTS) recent->count++;
}

void recent_note(struct recent *recent, const struct batch *batch) {
    uint32_t step = (batch->count + NOTED_A_BATCH - 1) / NOTED_A_BATCH;
    for (uint32_t i = 0; i < batch->count; i += step) {
        const struct message *message = &batch->messages[i];
        if (message_is_post(message->kind) && message->raw.length &&
            message->raw.length <= RECENT_BYTES)
            note(recent, message->raw);
    }
}

void recent_copy(const struct recent *recent, struct batch *batch) {
    for (size_t i = 0; i < recent->count; i++) {
        const struct slot *slot = &recent->slots[i];
        struct slice post = slice_from(slot->bytes, slot->length);
        (void)batch_add(batch, json_padded(&batch->arena, post), i);
    }
    batch->place = (struct record_place){ .source = SLICE("recent"), .seekable = true };
}
