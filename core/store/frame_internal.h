/* What the makers of frames share: the room for a body, and the header around it. */
#ifndef STORE_FRAME_INTERNAL_H
#define STORE_FRAME_INTERNAL_H

#include "store/frame.h"

/* Where the body goes that the next call ends; NULL when the frame would be too long. */
char *frame_begin(struct buffer *buffer, size_t body) MUST_CHECK;
void frame_end(struct buffer *buffer, uint32_t seed, enum frame_kind kind, uint64_t sequence,
               size_t body, bool tailed);

#endif
