/* The functions that declarations hold, and the states that call them.
 *
 * A program belongs to a snapshot: it is gathered while the configuration is compiled, then only
 * read, by any thread. A state belongs to one worker: it runs the program's files again, from the
 * texts that were proven, and remembers nothing across posts that a script could read. A function
 * that fails is counted, logged once a minute with the user's line, and the caller takes the
 * declared fall-back. */
#ifndef SCRIPT_PROGRAM_H
#define SCRIPT_PROGRAM_H

#include "post/schema.h"
#include "script/loader.h"
#include "script/message.h"
#include "sentiment/lexicon.h"
#include "sentiment/scorer.h"
#include "json/writer.h"

struct program;

struct program *program_create(const struct loader_setup *setup) MUST_CHECK;
void program_destroy(struct program *program);
/* Adds the function at `place`; `name` is how errors call it: "filter originals". Its number. */
uint32_t program_add(struct program *program, const struct place *place, struct slice name);
/* Copies the text of every file that was read; once, when all functions are added. */
void program_keep_files(struct program *program, const struct loader *loader);
size_t program_count(const struct program *program);
/* Calls that failed so far, and the name, of function `number`. */
uint64_t program_failures(const struct program *program, uint32_t number, const char **name);

/* How errors and the watchdog call function `number`. */
const char *program_name(const struct program *program, uint32_t number);

struct script_state;

/* NULL with *err when a file no longer loads as it did when it was proven. */
struct script_state *script_state_create(const struct program *program,
                                         struct error *err) MUST_CHECK;
void script_state_destroy(struct script_state *state);

/* What went wrong with the call that failed last. */
const struct error *script_failure(const struct script_state *state);
/* The same of one function; kind ERROR_NONE: it never failed. */
const struct error *script_failure_of(const struct script_state *state, uint32_t function);

/* Each calls one function with the message of `call`. False: it failed, and that was counted. */

/* A filter's `keep`. */
bool script_keep(struct script_state *state, uint32_t function, const struct script_call *call,
                 bool *keep);
/* A scorer's `score`: value -1…1 and evidence, or nil for no opinion. `lexicon` may be NULL. */
bool script_score(struct script_state *state, uint32_t function, const struct script_call *call,
                  const struct lexicon *lexicon, bool explain, struct score *score);
/* A schema's `from`: writes the value when it suits `type`. nil is success with *written false. */
bool script_field(struct script_state *state, uint32_t function, const struct script_call *call,
                  enum field_type type, struct writer *writer, bool *written);

#endif
