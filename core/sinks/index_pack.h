/* Bodies of requests as gzip. */
#ifndef SINKS_INDEX_PACK_H
#define SINKS_INDEX_PACK_H

#include "base/buffer.h"

/* Replaces what is in `packed`, whose ceiling is above the body's length. */
void index_pack(struct slice body, struct buffer *packed);

#endif
