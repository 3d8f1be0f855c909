/* The coverage ledger STATE/ledger.db: when each source was heard and when not, and why; what sinks
 * lost. So that a gap never looks like silence.
 *
 * A row is an interval. Of a source: covered, gap or pause, one after the other. Of a sink: drop or
 * damage, from the first loss to the last one, with their count. An interval that goes on has its
 * end moved along every few seconds: after a kill it ends at the last moment that was written.
 *
 * A live source is one that hears what happens now: what it does not hear is lost, so that between
 * a run that ends and the next one there is a gap. A recorded file waits; its covered intervals are
 * those in which it was read, and it has no gaps.
 *
 * The latest LEDGER_ROWS of LEDGER_DAYS are kept. Blocking; one thread at a time, and other
 * processes beside it. */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "store/database.h"

#define LEDGER_FILE "ledger.db"
#define LEDGER_DAYS 400
#define LEDGER_ROWS 100000
#define LEDGER_NOT_RUNNING "linnet was not running"

enum ledger_kind { LEDGER_COVERED, LEDGER_GAP, LEDGER_PAUSE, LEDGER_DROP, LEDGER_DAMAGE };
#define LEDGER_KINDS 5
extern const char *const ledger_kinds[LEDGER_KINDS]; /* "covered", "gap", ... */

struct ledger_interval {
    struct slice part; /* the source's or sink's name */
    enum ledger_kind kind;
    int64_t from_ms, to_ms; /* since 1970 UTC */
    bool open;              /* it still goes on, or its run was killed */
    bool live;              /* when linnet stops, what follows it is a gap */
    uint64_t count;         /* records lost; 0: not known */
    struct slice reason;    /* may be "" */
    uint64_t run;           /* the process that wrote it: any number that others do not have */
    uint64_t number;        /* in its run, from 1: the same again replaces it */
    /* Only of ledger_put: it is the first of its part in this run, and when the run before left the
     * part live, the time between is put as a gap with this number, told in the next two. */
    uint64_t absence;
    int64_t absent_from_ms, absent_to_ms; /* both 0: there was none */
};

struct ledger {
    struct database database;
};

bool ledger_open(struct ledger *ledger, const char *path, enum database_mode mode,
                 struct error *err) MUST_CHECK;
void ledger_close(struct ledger *ledger);
/* All or none, durable when it returns true. After a failure the database must be rolled back or
 * closed. */
bool ledger_put(struct ledger *ledger, struct ledger_interval *intervals, size_t count,
                struct error *err) MUST_CHECK;
/* Takes away what is older than LEDGER_DAYS before `now_ms` or beyond LEDGER_ROWS. */
bool ledger_trim(struct ledger *ledger, int64_t now_ms, struct error *err) MUST_CHECK;
/* Calls `each` for what ended at `since_ms` or later, and for the last one of each part, in the
 * order in which they began; slices are valid during the call. */
bool ledger_each(struct ledger *ledger, int64_t since_ms,
                 void (*each)(void *context, const struct ledger_interval *interval), void *context,
                 struct error *err) MUST_CHECK;
/* The run that wrote last; 0: none. */
bool ledger_last_run(struct ledger *ledger, uint64_t *run, struct error *err) MUST_CHECK;

#endif
