/* Bytes of an object as they are stored: as they are, as one gzip member (RFC 1952) or as one zstd
 * frame (RFC 8878). One owner, one thread. */
#ifndef ARCHIVE_CODEC_H
#define ARCHIVE_CODEC_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdint.h>

/* The numbers are in files: they stay. */
enum codec { CODEC_NONE, CODEC_GZIP, CODEC_ZSTD, CODECS };

/* "none", "gzip", "zstd"; what names end in: "", ".gz", ".zst"; the strongest level. */
extern const char *const codec_names[CODECS];
extern const char *const codec_endings[CODECS];
extern const unsigned codec_levels[CODECS];

struct encoder;
struct encoder *encoder_create(enum codec codec, unsigned level) MUST_CHECK;
void encoder_destroy(struct encoder *encoder);
/* Takes from the front of *bytes and puts up to `room` bytes at `into`: how many. */
size_t encoder_run(struct encoder *encoder, struct slice *bytes, char *into, size_t room);
/* The same with what is left inside; all has come when it puts less than `room`. */
size_t encoder_end(struct encoder *encoder, char *into, size_t room);

#endif
