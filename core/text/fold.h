/* One spelling for texts that are to be compared: NFC, then full Unicode case folding (CaseFolding
 * status C and F: ß is "ss", İ is i with a dot), NFC again; U+2019 becomes an apostrophe.
 *
 * Accents are kept. Pure functions, any thread; results live in the caller's arena. */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "base/arena.h"
#include "base/slice.h"

/* Longer texts are folded in pieces of at most this many bytes, cut between code points, so that a
 * hostile run of marks cannot make their sorting expensive. Equal starts still fold to equal
 * starts. */
#define FOLD_PIECE_BYTES 256

/* The folded `text`; broken bytes become U+FFFD. At most 3 times as long. */
struct slice fold_text(struct slice text, struct arena *arena);

#endif
