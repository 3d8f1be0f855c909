/* Who keeps the coverage ledger (store/ledger.h) of a pipeline: knows of each source whether it is
 * heard now, and has a thread of its own write what changes.
 *
 * On the loop thread. The ledger never holds anybody up: when it cannot be written that is said
 * once, and the latest changes wait in memory. Times are those of the wall clock; when that is set,
 * what goes on ends by the old one and begins anew by the new one. */
#ifndef FLOW_COVERAGE_H
#define FLOW_COVERAGE_H

#include "flow/sums.h"
#include "net/loop.h"
#include "store/ledger.h"

struct coverage;
/* One source, or one sink's losses. */
struct cover;

/* `folder` is copied. Nothing is opened before the loop runs. */
struct coverage *coverage_create(struct loop *loop, unsigned threads,
                                 const char *folder) MUST_CHECK;
/* Writes what is left; what goes on ends now. */
void coverage_destroy(struct coverage *coverage);

/* The source of this name, made when there is none. It stays where it is. */
struct cover *coverage_source(struct coverage *coverage, const char *name);
/* It is read from now on. */
void cover_begin(struct cover *cover);
/* See flow/source.h. */
void cover_connected(struct cover *cover);
void cover_gap(struct cover *cover, int64_t since_ms, const char *reason);
/* Of a gap between the two, which has ended, some was found after all: `how` is put before its
 * reason. Of this run's latest gaps only. */
void cover_gap_closed(struct cover *cover, int64_t from_ms, int64_t to_ms, const char *how);
/* It waits, and is not read; NULL: it is again. Short waits are nothing. */
void cover_pause(struct cover *cover, const char *reason);
/* It is read no more. `for_good`: it came to its end, or is not configured any more; else, when it
 * is live, what follows is a gap. */
void cover_end(struct cover *cover, const char *reason, bool for_good);
bool cover_is_paused(const struct cover *cover);
struct source_cover cover_status(const struct cover *cover);

/* A sink has lost records: LEDGER_DROP or LEDGER_DAMAGE. */
void coverage_lost(struct coverage *coverage, const char *sink, enum ledger_kind kind,
                   uint64_t count, const char *reason);

#endif
