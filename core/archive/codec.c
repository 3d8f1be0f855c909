/* archive/codec.h on ISA-L and libzstd. */
#include "archive/codec.h"
#include "base/alloc.h"
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <zstd.h>

/* Many objects may be open: one encoder looks back 1 MiB at most, from the level on that would look
 * back further. */
#define ZSTD_WINDOW_LOG 20
#define ZSTD_FAR_LEVEL 3

const char *const codec_names[] = { "none", "gzip", "zstd" };
const char *const codec_endings[] = { "", ".gz", ".zst" };
const unsigned codec_levels[] = { 0, 3, 9 };

struct encoder {
    enum codec codec;
    struct isal_zstream *gzip;
    ZSTD_CCtx *zstd;
    bool ended; /* what is asked for after that would be a second frame */
};

static void begin_gzip(struct encoder *encoder, unsigned level) {
    static const uint32_t rooms[] = { 0, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT,
                                      ISAL_DEF_LVL3_DEFAULT };
    struct isal_zstream *gzip = memory_zeroed(1, sizeof *gzip);
    isal_deflate_init(gzip);
    gzip->level = level;
    gzip->level_buf_size = rooms[level];
    gzip->level_buf = memory_alloc(rooms[level]);
    gzip->gzip_flag = IGZIP_GZIP;
    encoder->gzip = gzip;
}

static void begin_zstd(struct encoder *encoder, unsigned level) {
    encoder->zstd = ZSTD_createCCtx();
    if (encoder->zstd == NULL) abort(); /* out of memory */
    ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_compressionLevel, (int)level);
    if (level >= ZSTD_FAR_LEVEL)
        ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_windowLog, ZSTD_WINDOW_LOG);
    ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_checksumFlag, 1);
}

struct encoder *encoder_create(enum codec codec, unsigned level) {
    struct encoder *encoder = memory_zeroed(1, sizeof *encoder);
    encoder->codec = codec;
    level = level ? level : 1;
    level = level < codec_levels[codec] ? level : codec_levels[codec];
    if (codec == CODEC_GZIP) begin_gzip(encoder, level);
    if (codec == CODEC_ZSTD) begin_zstd(encoder, level);
    return encoder;
}

void encoder_destroy(struct encoder *encoder) {
    if (encoder == NULL) return;
    if (encoder->gzip) memory_free(encoder->gzip->level_buf);
    memory_free(encoder->gzip);
    ZSTD_freeCCtx(encoder->zstd);
    memory_free(encoder);
}

static size_t run_gzip(struct isal_zstream *gzip, struct slice *bytes, char *into, size_t room) {
    size_t some = MIN(bytes->length, (size_t)UINT32_MAX);
    gzip->next_in = (uint8_t *)(uintptr_t)bytes->data;
    gzip->avail_in = (uint32_t)some;
    gzip->next_out = (uint8_t *)into;
    gzip->avail_out = (uint32_t)room;
    if (isal_deflate(gzip) != COMP_OK) abort(); /* only for wrong settings */
    *bytes = slice_skip(*bytes, some - gzip->avail_in);
    return room - gzip->avail_out;
}

static size_t run_zstd(struct encoder *encoder, struct slice *bytes, char *into, size_t room,
                       ZSTD_EndDirective end) {
    ZSTD_inBuffer input = { bytes->data, bytes->length, 0 };
    ZSTD_outBuffer output = { into, room, 0 };
    size_t left = ZSTD_compressStream2(encoder->zstd, &output, &input, end);
    if (ZSTD_isError(left)) abort(); /* only for wrong settings, or out of memory */
    *bytes = slice_skip(*bytes, input.pos);
    encoder->ended = end == ZSTD_e_end && left == 0;
    return output.pos;
}

size_t encoder_run(struct encoder *encoder, struct slice *bytes, char *into, size_t room) {
    if (encoder->gzip) return run_gzip(encoder->gzip, bytes, into, room);
    if (encoder->zstd) return run_zstd(encoder, bytes, into, room, ZSTD_e_continue);
    size_t put = MIN(bytes->length, room);
    if (put) memcpy(into, bytes->data, put);
    *bytes = slice_skip(*bytes, put);
    return put;
}

size_t encoder_end(struct encoder *encoder, char *into, size_t room) {
    struct slice nothing = SLICE("");
    if (encoder->ended) return 0;
    if (encoder->zstd) return run_zstd(encoder, &nothing, into, room, ZSTD_e_end);
    if (encoder->gzip == NULL) return 0;
    encoder->gzip->end_of_stream = 1;
    size_t put = run_gzip(encoder->gzip, &nothing, into, room);
    encoder->ended = encoder->gzip->internal_state.state == ZSTATE_END;
    return put;
}
