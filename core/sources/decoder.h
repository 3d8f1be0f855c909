/* Bytes of a recorded stream, uncompressed: plain, gzip (also several members) or zstd, told by
 * their first bytes. One owner, one thread. */
#ifndef SOURCES_DECODER_H
#define SOURCES_DECODER_H

#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>

struct decoder;

/* `name` is the file's, for errors; it must outlive the decoder. The descriptor stays the caller's.
 */
struct decoder *decoder_create(const char *name, int fd) MUST_CHECK;
/* The same of bytes that come from elsewhere. `read` gives up to `room` of them, 0 at the end, and
 * is asked only where decoder_read would read the descriptor; it must not have to wait then. False
 * with *err. */
struct decoder_input {
    bool (*read)(void *context, void *into, size_t room, size_t *got, struct error *err);
    void *context;
};
struct decoder *decoder_create_from(const char *name, struct decoder_input input) MUST_CHECK;
void decoder_destroy(struct decoder *decoder);
/* Reads the descriptor once when it has to, and puts up to `room` bytes into `into`. *got may be 0
 * without an end. False: damaged, cut off or unreadable, *err says where; bytes put before are
 * good. */
bool decoder_read(struct decoder *decoder, char *into, size_t room, size_t *got,
                  struct error *err) MUST_CHECK;
/* Everything was read. */
bool decoder_ended(const struct decoder *decoder);
/* The next decoder_read can give bytes without waiting for the descriptor. */
bool decoder_buffered(const struct decoder *decoder);
/* Bytes taken from the descriptor so far. */
uint64_t decoder_consumed(const struct decoder *decoder);

#endif
