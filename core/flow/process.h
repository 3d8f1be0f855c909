/* process(): what happens to every post, once, whole, under one snapshot.
 *
 * dialect → queries (none match: filtered) → scorer by language → label → documents. A processor
 * belongs to one thread and serves any snapshot; results land in the batch's arena. */
#ifndef FLOW_PROCESS_H
#define FLOW_PROCESS_H

#include "config/snapshot.h"
#include "post/batch.h"

struct processor;

struct processor *processor_create(void) MUST_CHECK;
void processor_destroy(struct processor *processor);
/* Any thread. The script's function that runs now, NULL when none does; *call is its number: who
 * sees the same number again much later has found one that is stuck. The text lives while it runs.
 */
const char *processor_running(const struct processor *processor, uint64_t *call);
/* Why script function `number` failed the last time, with its place; NULL when it never did. */
const struct error *processor_failure(const struct processor *processor, uint32_t number);
/* Fills every message of the batch and its outcome: OUTCOME_KEPT or OUTCOME_FILTERED for posts,
 * OUTCOME_PENDING for what the loop decides (deletes) or counts (control, malformed). Of a post
 * that no query wants only what queries read is filled, and what else it says is not looked at: it
 * counts as filtered even where keeping it would have found it malformed. */
void batch_process(struct processor *processor, struct batch *batch);
/* The score of a text that is no post, by a scorer of the snapshot; with evidence if `explain`. */
struct score text_score(struct processor *processor, const struct snapshot *snapshot,
                        const struct scorer *scorer, struct slice text, bool explain,
                        struct arena *arena);

#endif
