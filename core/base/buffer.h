/* Bytes that grow up to a stated ceiling. One owner, one thread at a time. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdbool.h>

struct buffer {
    char *data;
    size_t length;   /* bytes in use */
    size_t capacity; /* bytes owned */
    size_t ceiling;  /* length never passes it */
};

void buffer_init(struct buffer *buffer, size_t ceiling);
void buffer_free(struct buffer *buffer);
/* Room for `bytes` more after `length`; false when that would pass the ceiling (nothing changed).
 */
bool buffer_reserve(struct buffer *buffer, size_t bytes) MUST_CHECK;
bool buffer_append(struct buffer *buffer, struct slice bytes) MUST_CHECK;
/* Removes the first `bytes`; the rest moves to the front. */
void buffer_consume(struct buffer *buffer, size_t bytes);

static inline struct slice buffer_slice(const struct buffer *buffer) {
    return slice_from(buffer->data, buffer->length);
}

#endif
