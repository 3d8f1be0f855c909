/* flow/process.h */
#include "flow/process.h"
#include "base/alloc.h"

struct processor {
    struct projector *projector;
    struct schema_scratch *schema_scratch;
    /* made for `snapshot`, anew when a batch brings another */
    const struct snapshot *snapshot;
    struct query_scratch *query_scratch;
    struct json_slot *slots;
};

struct processor *processor_create(void) {
    struct processor *processor = memory_zeroed(1, sizeof *processor);
    processor->projector = projector_create();
    processor->schema_scratch = schema_scratch_create();
    return processor;
}

static void leave_snapshot(struct processor *processor) {
    if (processor->snapshot == NULL) return;
    query_scratch_destroy(processor->query_scratch);
    memory_free(processor->slots);
    snapshot_release(processor->snapshot);
    processor->snapshot = NULL;
}

static void enter_snapshot(struct processor *processor, const struct snapshot *snapshot) {
    if (processor->snapshot == snapshot) return;
    leave_snapshot(processor);
    processor->snapshot = snapshot_hold(snapshot);
    processor->query_scratch = query_scratch_create(snapshot->queries);
    processor->slots =
        memory_zeroed(projection_slots(snapshot->projection) + 1, sizeof *processor->slots);
}

void processor_destroy(struct processor *processor) {
    leave_snapshot(processor);
    projector_destroy(processor->projector);
    schema_scratch_destroy(processor->schema_scratch);
    memory_free(processor);
}

static bool matches(struct processor *processor, struct message *message, struct arena *arena) {
    const struct query_set *queries = processor->snapshot->queries;
    if (query_set_count(queries) == 0) return true;
    query_set_match(queries, processor->query_scratch, message, arena);
    return message->query_count > 0;
}

static void score(const struct snapshot *snapshot, struct message *message,
                  const struct json_slot *slots, struct arena *arena) {
    const struct scorer *scorer = snapshot_scorer(snapshot, message->lang);
    struct score result = { 0 };
    if (scorer) {
        struct slice text = schema_text(snapshot->schemas[0], message, slots);
        result = scorer->ops->score(scorer->engine, text, arena, false);
        message->scorer = slice_of(scorer->name);
    }
    message->scored = result.known;
    message->score = result.value;
    message->label = snapshot_label(snapshot, scorer, &result);
}

static void make_documents(struct processor *processor, struct message *message,
                           const struct json_slot *slots, struct arena *arena) {
    const struct snapshot *snapshot = processor->snapshot;
    struct document_context context = { snapshot->query_names, snapshot->generation };
    size_t count = snapshot->schema_count;
    message->documents = arena_alloc(arena, count * sizeof *message->documents);
    message->keys = arena_alloc(arena, count * sizeof *message->keys);
    for (size_t i = 0; i < count; i++) {
        message->documents[i] = schema_document(snapshot->schemas[i], processor->schema_scratch,
                                                message, slots, &context, arena);
        message->keys[i] = schema_key(snapshot->schemas[i], message, slots);
    }
}

static void message_process(struct processor *processor, const struct batch *batch,
                            struct message *message, struct arena *arena) {
    const struct snapshot *snapshot = processor->snapshot;
    bool has_slots;
    message_read(snapshot->dialects, snapshot->projection, processor->projector, processor->slots,
                 &has_slots, &batch->place, message, arena);
    if (message->kind != MESSAGE_POST && message->kind != MESSAGE_EDIT) return;
    if (batch->restamp) message->created_ms = message->received_ms;
    message->outcome = matches(processor, message, arena) ? OUTCOME_KEPT : OUTCOME_FILTERED;
    if (message->outcome == OUTCOME_FILTERED) return;
    const struct json_slot *slots = has_slots ? processor->slots : NULL;
    score(snapshot, message, slots, arena);
    make_documents(processor, message, slots, arena);
}

void batch_process(struct processor *processor, struct batch *batch) {
    enter_snapshot(processor, batch->snapshot);
    for (uint32_t i = 0; i < batch->count; i++)
        message_process(processor, batch, &batch->messages[i], &batch->arena);
}
