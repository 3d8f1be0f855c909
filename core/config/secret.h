/* What a configuration names with secret "file:PATH", "env:NAME" or "cmd:COMMAND".
 *
 * The settings say where it is; what it is, is read when a snapshot is proven, lies in memory that
 * no core dump holds, and is shown by nothing. Its file is among the configuration's inputs, so
 * that a changed one is read anew and reaches whoever uses it as a changed setting. Any thread. */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include "base/arena.h"
#include "base/error.h"
#include "script/inputs.h"

struct secret_text;

struct secret {
    const char *where;        /* "file:/etc/linnet/token" */
    struct secret_text *text; /* counted; NULL: it was not read */
};

/* NULL with *err when the text names no place: it may be the secret itself, and *err does not say
 * it. `folder` makes paths whole. */
struct secret *secret_create(struct slice text, const char *folder, struct arena *arena,
                             struct error *err) MUST_CHECK;
/* Reads it; a file is noted in `inputs` (may be NULL), and one that every user may read is warned
 * of. The error is without a place. */
bool secret_read(struct secret *secret, struct inputs *inputs, struct error *err) MUST_CHECK;
/* What it is: empty when it was not read. */
struct slice secret_value(const struct secret *secret);
bool secret_equal(const struct secret *a, const struct secret *b);
/* A copy with the same text, which is to be released too. */
struct secret *secret_copy(const struct secret *secret, struct arena *arena);
void secret_release(struct secret *secret);

#endif
