/* Bodies of requests as gzip. */
#ifndef INDEX_PACK_H
#define INDEX_PACK_H

#include "base/buffer.h"

/* Replaces what is in `packed`, whose ceiling is above the body's length. */
void index_pack(struct slice body, struct buffer *packed);

#endif
