/* index/pack.h, by ISA-L. */
#include "index/pack.h"
#include "base/alloc.h"
#include <isa-l/igzip_lib.h>

/* What cannot be made smaller becomes this much longer, at most: stored blocks and a header. */
#define OVERHEAD(bytes) ((bytes) / 1024 + 4096)

void index_pack(struct slice body, struct buffer *packed) {
    struct isal_zstream *stream = memory_alloc(sizeof *stream);
    uint8_t *level = memory_alloc(ISAL_DEF_LVL1_DEFAULT);
    size_t room = body.length + OVERHEAD(body.length);
    packed->length = 0;
    (void)!buffer_reserve(packed, room);
    isal_deflate_init(stream);
    stream->level = 1;
    stream->level_buf = level;
    stream->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    stream->gzip_flag = IGZIP_GZIP;
    stream->end_of_stream = 1;
    stream->flush = NO_FLUSH;
    stream->next_in = (uint8_t *)body.data;
    stream->avail_in = (uint32_t)body.length;
    stream->next_out = (uint8_t *)packed->data;
    stream->avail_out = (uint32_t)room;
    isal_deflate(stream);
    packed->length = room - stream->avail_out;
    memory_free(level);
    memory_free(stream);
}
