/* flow/process.h */
#include "flow/process.h"
#include "base/alloc.h"
#include "base/log.h"
#include <stdatomic.h>

struct processor {
    struct projector *raw_projector; /* scripts parse while slots of the other are in use */
    struct schema_scratch *schema_scratch;
    /* made for `snapshot`, anew when a batch brings another */
    const struct snapshot *snapshot;
    struct projector *projector;
    struct query_scratch *query_scratch;
    struct query_scratch **filter_scratches; /* NULL for filters that are functions */
    struct script_state *scripts;            /* NULL: no function to call */
    _Atomic(const char *) running;           /* the function of a script that is being called */
    _Atomic uint64_t calls;
};

const char *processor_running(const struct processor *processor, uint64_t *call) {
    *call = atomic_load(&processor->calls);
    return atomic_load(&processor->running);
}

const struct error *processor_failure(const struct processor *processor, uint32_t number) {
    if (processor->scripts == NULL) return NULL;
    const struct error *failure = script_failure_of(processor->scripts, number);
    return failure->kind == ERROR_NONE ? NULL : failure;
}

/* Around each call of a script, for the watchdog. */
static void enter_script(struct processor *processor, uint32_t function) {
    atomic_fetch_add_explicit(&processor->calls, 1, memory_order_relaxed);
    atomic_store_explicit(&processor->running, program_name(processor->snapshot->program, function),
                          memory_order_relaxed);
}

static void leave_script(struct processor *processor) {
    atomic_store_explicit(&processor->running, NULL, memory_order_relaxed);
}

/* A message and what belongs to it while it is processed. */
struct work {
    struct processor *processor;
    struct message *message;
    const struct json_slot *slots; /* NULL: a bare line */
    struct arena *arena;
    struct script_call call;
};

struct processor *processor_create(void) {
    struct processor *processor = memory_zeroed(1, sizeof *processor);
    processor->raw_projector = projector_create(NULL);
    processor->schema_scratch = schema_scratch_create();
    return processor;
}

static void leave_snapshot(struct processor *processor) {
    const struct snapshot *snapshot = processor->snapshot;
    if (snapshot == NULL) return;
    for (size_t i = 0; i < snapshot->filter_count; i++)
        if (processor->filter_scratches[i]) query_scratch_destroy(processor->filter_scratches[i]);
    memory_free(processor->filter_scratches);
    query_scratch_destroy(processor->query_scratch);
    script_state_destroy(processor->scripts);
    projector_destroy(processor->projector);
    snapshot_release(snapshot);
    processor->snapshot = NULL;
}

/* The files ran when they were proven and run again from the same texts: a failure is a mistake of
 * ours, or of memory, and every function takes its fall-back. */
static struct script_state *create_scripts(const struct snapshot *snapshot) {
    struct error err;
    if (program_count(snapshot->program) == 0) return NULL;
    struct script_state *scripts = script_state_create(snapshot->program, &err);
    if (scripts == NULL) log_error("script", "%s:%d: %s", err.file, err.line, err.text);
    return scripts;
}

static void enter_snapshot(struct processor *processor, const struct snapshot *snapshot) {
    if (processor->snapshot == snapshot) return;
    leave_snapshot(processor);
    processor->snapshot = snapshot_hold(snapshot);
    processor->query_scratch = query_scratch_create(snapshot->queries);
    processor->filter_scratches = memory_zeroed(snapshot->filter_count, sizeof(void *));
    for (size_t i = 0; i < snapshot->filter_count; i++)
        if (snapshot->filters[i].query)
            processor->filter_scratches[i] = query_scratch_create(snapshot->filters[i].query);
    processor->scripts = create_scripts(snapshot);
    processor->projector = projector_create(snapshot->projection);
}

void processor_destroy(struct processor *processor) {
    leave_snapshot(processor);
    projector_destroy(processor->raw_projector);
    schema_scratch_destroy(processor->schema_scratch);
    memory_free(processor);
}

static bool matches(struct work *work) {
    const struct query_set *queries = work->processor->snapshot->queries;
    if (query_set_count(queries) == 0) return true;
    query_set_match(queries, work->processor->query_scratch, work->message, work->arena);
    return work->message->query_count > 0;
}

/* A filter's query must not touch the queries that the message matched. */
static bool matches_filter(struct work *work, size_t number) {
    const struct filter *filter = &work->processor->snapshot->filters[number];
    struct message copy = *work->message;
    query_set_match(filter->query, work->processor->filter_scratches[number], &copy, work->arena);
    return copy.query_count > 0;
}

/* What a filter's function says; its fall-back when it fails. */
static bool function_keeps(struct work *work, const struct filter *filter) {
    struct processor *processor = work->processor;
    bool keep = filter->keep_on_error;
    if (processor->scripts == NULL) return keep;
    enter_script(processor, filter->function);
    if (!script_keep(processor->scripts, filter->function, &work->call, &keep))
        keep = filter->keep_on_error;
    leave_script(processor);
    return keep;
}

static bool passes_filters(struct work *work, bool trial) {
    const struct snapshot *snapshot = work->processor->snapshot;
    for (size_t i = 0; i < snapshot->filter_count; i++) {
        const struct filter *filter = &snapshot->filters[i];
        bool keeps = filter->query ? matches_filter(work, i) : function_keeps(work, filter);
        if (!keeps && !trial) return false;
    }
    return true;
}

static struct slice scored_text(const struct work *work) {
    return schema_text(work->processor->snapshot->schemas[0], work->message, work->slots);
}

/* message:score NAME of scripts: the engines that the configuration uses; no script calls another.
 */
static bool score_by_name(void *context, struct slice name, struct slice text, double *value) {
    const struct work *work = context;
    const struct scorer *scorer = snapshot_named(work->processor->snapshot, name);
    if (scorer == NULL || scorer->ops == NULL) return false;
    if (text.data == NULL) text = scored_text(work);
    struct score score = scorer->ops->score(scorer->engine, text, work->arena, false);
    *value = score.value;
    return score.known;
}

/* message:matches() of scripts. */
static struct slice_list matched_texts(void *context) {
    const struct work *work = context;
    const struct query_set *queries = work->processor->snapshot->queries;
    struct message copy = *work->message;
    size_t count;
    struct slice_list list = { 0 };
    if (query_set_count(queries) == 0) return list;
    const struct query_reason *reasons =
        query_set_explain(queries, work->processor->query_scratch, &copy, work->arena, &count);
    list.items = arena_alloc(work->arena, (count + 1) * sizeof *list.items);
    for (size_t i = 0; i < count; i++)
        if (reasons[i].matched.length) list.items[list.count++] = reasons[i].matched;
    return list;
}

static struct score score_with(struct work *work, const struct scorer *scorer, bool explain) {
    struct score score = { 0 };
    struct script_state *scripts = work->processor->scripts;
    if (scorer->ops)
        return scorer->ops->score(scorer->engine, scored_text(work), work->arena, explain);
    if (scripts == NULL) return score;
    enter_script(work->processor, scorer->function);
    if (!script_score(scripts, scorer->function, &work->call, scorer->lexicon, explain, &score))
        score.known = false;
    leave_script(work->processor);
    return score;
}

static void score(struct work *work) {
    const struct snapshot *snapshot = work->processor->snapshot;
    struct message *message = work->message;
    bool by_language = snapshot->scorer_count > 0;
    struct slice lang = by_language ? message_language(message) : message->lang;
    const struct scorer *scorer = snapshot_scorer(snapshot, lang);
    struct score result = { 0 };
    if (scorer) {
        result = score_with(work, scorer, false);
        message->scorer = slice_of(scorer->name);
    }
    message->scored = result.known;
    message->score = result.value;
    message->label = snapshot_label(snapshot, scorer, &result);
}

struct score text_score(struct processor *processor, const struct snapshot *snapshot,
                        const struct scorer *scorer, struct slice text, bool explain,
                        struct arena *arena) {
    struct message message = { .kind = MESSAGE_POST,
                               .raw = text,
                               .text = text,
                               .network = SLICE("plain"),
                               .author.followers = -1,
                               .created_ms = TIME_UNKNOWN,
                               .received_ms = TIME_UNKNOWN };
    struct work work = { processor,
                         &message,
                         NULL,
                         arena,
                         { &message, snapshot->query_names, arena, processor->raw_projector,
                           score_by_name, matched_texts, NULL } };
    work.call.context = &work;
    enter_snapshot(processor, snapshot);
    (void)matches(&work);
    return score_with(&work, scorer, explain);
}

static bool compute_field(const void *computer, uint32_t function, enum field_type type,
                          struct writer *writer) {
    const struct work *work = computer;
    struct script_state *scripts = work->processor->scripts;
    bool written = false;
    if (scripts == NULL) return false;
    enter_script(work->processor, function);
    bool done = script_field(scripts, function, &work->call, type, writer, &written);
    leave_script(work->processor);
    return done && written;
}

/* The post's `_id` in every schema, and no document yet, or what a scrub changes in it; `slots` may
 * be NULL. */
static void make_keys(const struct snapshot *snapshot, struct message *message,
                      const struct json_slot *slots, struct arena *arena) {
    message->documents = arena_alloc(arena, snapshot->schema_count * sizeof *message->documents);
    for (size_t i = 0; i < snapshot->schema_count; i++)
        message->documents[i] =
            (struct document){ .schema = slice_of(schema_name(snapshot->schemas[i])),
                               .key = schema_key(snapshot->schemas[i], message, slots),
                               .bytes = message->kind == MESSAGE_SCRUB
                                            ? schema_unlocated(snapshot->schemas[i])
                                            : SLICE("") };
}

static void make_documents(struct work *work) {
    const struct snapshot *snapshot = work->processor->snapshot;
    struct message *message = work->message;
    struct document_context context = { snapshot->query_names, snapshot->generation, compute_field,
                                        work };
    make_keys(snapshot, message, work->slots, work->arena);
    for (size_t i = 0; i < snapshot->schema_count; i++)
        message->documents[i].bytes =
            schema_document(snapshot->schemas[i], work->processor->schema_scratch, message,
                            work->slots, &context, work->arena);
}

/* All of a message that is not thrown away. */
static bool finish(struct processor *processor, const struct batch *batch, struct message *message,
                   const struct message_rest *rest, struct arena *arena) {
    bool good = message_finish(rest, processor->projector, &batch->place, message, arena);
    if (batch->restamp && message_is_post(message->kind))
        message->created_ms = message->received_ms;
    return good;
}

static void message_process(struct processor *processor, const struct batch *batch,
                            struct message *message, struct arena *arena) {
    const struct snapshot *snapshot = processor->snapshot;
    struct message_rest rest;
    const struct json_slot *slots = message_begin(snapshot->dialects, processor->projector,
                                                  &batch->place, message, arena, &rest);
    if (message->kind == MESSAGE_CONTROL || message->kind == MESSAGE_MALFORMED) return;
    struct work work = { processor,
                         message,
                         slots,
                         arena,
                         { message, snapshot->query_names, arena, processor->raw_projector,
                           score_by_name, matched_texts, NULL } };
    work.call.context = &work;
    bool post = message_is_post(message->kind);
    bool matched = post && (matches(&work) || batch->trial);
    /* an edit that does not match is a delete of what was kept before */
    if (message->kind == MESSAGE_POST && !matched) {
        message->outcome = OUTCOME_FILTERED;
        return;
    }
    if (!finish(processor, batch, message, &rest, arena)) return;
    bool kept = matched && passes_filters(&work, batch->trial);
    if (post) message->outcome = kept ? OUTCOME_KEPT : OUTCOME_FILTERED;
    if (!kept) {
        if (message->kind != MESSAGE_POST) make_keys(snapshot, message, slots, arena);
        return;
    }
    score(&work);
    make_documents(&work);
}

void batch_process(struct processor *processor, struct batch *batch) {
    enter_snapshot(processor, batch->snapshot);
    for (uint32_t i = 0; i < batch->count; i++)
        message_process(processor, batch, &batch->messages[i], &batch->arena);
}
