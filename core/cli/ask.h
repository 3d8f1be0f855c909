/* What several verbs are asked alike: a state folder, a query, a limit; and questions to the linnet
 * that runs with the folder. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "base/arena.h"
#include "base/buffer.h"
#include "cli/verbs.h"
#include <stdint.h>

enum asked { ASK_ANSWERED, ASK_NOT_RUNNING, ASK_FAILED };

/* --state, else what the configuration says, even one that is broken, else the default; NULL:
 * nobody names one. */
const char *asked_folder(const struct arguments *arguments, struct arena *arena);
/* Runs `work` with that folder; returns the exit code, 1 when nobody names one, which is said in
 * the name of `verb`. */
int with_folder(const struct arguments *arguments, const char *verb, struct slice action,
                int (*work)(const struct arguments *arguments, const char *folder,
                            struct slice action));
/* --limit, else `standard`; false after the error was printed in the name of `verb`. */
bool asked_limit(const struct arguments *arguments, const char *verb, uint64_t standard,
                 uint64_t *limit) MUST_CHECK;
/* --seconds, else *seconds stays; false as above. */
bool asked_seconds(const struct arguments *arguments, const char *verb, double *seconds) MUST_CHECK;
/* All words as one query, in the arena. */
struct slice asked_query(const struct arguments *arguments, struct arena *arena);
/* Sends a line to the linnet that runs with `folder` (may be NULL) and reads its answer, without
 * the newline, into an empty buffer; ASK_FAILED after the error was printed. */
enum asked ask(const char *folder, struct slice request, unsigned patience_ms,
               struct buffer *answer) MUST_CHECK;
/* Takes the folder for this process alone; a descriptor to be closed, or -1 after the error was
 * printed. */
int lock_folder(const char *folder) MUST_CHECK;

#endif
