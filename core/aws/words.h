/* A command line as a POSIX shell splits it: blanks, quotes, backslashes, and nothing else of a
 * shell. Pure. */
#ifndef AWS_WORDS_H
#define AWS_WORDS_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

#define WORDS_MOST 64

/* The words, in the arena, NULL behind the last; NULL with *err when a quote is not closed, or when
 * there are none or too many. */
const char **words_split(struct slice line, struct arena *arena, struct error *err) MUST_CHECK;

#endif
