/* sources/decoder.h on ISA-L and libzstd. */
#include "sources/decoder.h"
#include "base/alloc.h"
#include "base/os.h"
#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#define INPUT_BYTES ((size_t)128 * 1024)

enum codec { CODEC_UNKNOWN, CODEC_PLAIN, CODEC_GZIP, CODEC_ZSTD };

struct decoder {
    const char *name;
    int fd;
    struct decoder_input from; /* instead of the descriptor */
    enum codec codec;
    bool at_end; /* of the descriptor */
    bool inside; /* a gzip member or zstd frame has begun and not ended */
    bool full;   /* the last call filled all its room: more output may wait */
    uint64_t consumed;
    char *input;
    size_t start, end; /* of what is left in `input` */
    struct inflate_state *gzip;
    ZSTD_DStream *zstd;
};

struct decoder *decoder_create(const char *name, int fd) {
    struct decoder *decoder = memory_zeroed(1, sizeof *decoder);
    decoder->name = name;
    decoder->fd = fd;
    decoder->input = memory_alloc(INPUT_BYTES);
    return decoder;
}

struct decoder *decoder_create_from(const char *name, struct decoder_input input) {
    struct decoder *decoder = decoder_create(name, -1);
    decoder->from = input;
    return decoder;
}

void decoder_destroy(struct decoder *decoder) {
    ZSTD_freeDStream(decoder->zstd);
    memory_free(decoder->gzip);
    memory_free(decoder->input);
    memory_free(decoder);
}

bool decoder_ended(const struct decoder *decoder) {
    return decoder->at_end && decoder->start == decoder->end && !decoder->full;
}

bool decoder_buffered(const struct decoder *decoder) {
    /* Bytes that are too few to tell the codec are of no use yet. */
    bool some = decoder->start < decoder->end && decoder->codec != CODEC_UNKNOWN;
    return some || decoder->full || decoder->at_end;
}

uint64_t decoder_consumed(const struct decoder *decoder) { return decoder->consumed; }

static bool read_descriptor(void *context, void *into, size_t room, size_t *got,
                            struct error *err) {
    const struct decoder *decoder = context;
    ssize_t bytes = os_read(decoder->fd, into, room);
    if (bytes < 0)
        return error_set(err, ERROR_FAILED, "%s: cannot be read: %s", decoder->name,
                         strerror(errno));
    *got = (size_t)bytes;
    return true;
}

/* One read of what it reads from, into `into`. */
static bool read_once(struct decoder *decoder, char *into, size_t room, size_t *got,
                      struct error *err) {
    bool good = decoder->from.read ? decoder->from.read(decoder->from.context, into, room, got, err)
                                   : read_descriptor(decoder, into, room, got, err);
    if (!good) *got = 0;
    decoder->at_end = good && *got == 0;
    decoder->consumed += *got;
    return good;
}

static bool fill_input(struct decoder *decoder, struct error *err) {
    size_t got = 0;
    if (decoder->start > 0)
        memmove(decoder->input, decoder->input + decoder->start, decoder->end - decoder->start);
    decoder->end -= decoder->start;
    decoder->start = 0;
    if (!read_once(decoder, decoder->input + decoder->end, INPUT_BYTES - decoder->end, &got, err))
        return false;
    decoder->end += got;
    return true;
}

static bool begins_with(const struct decoder *decoder, const char *magic, size_t length) {
    return decoder->end >= length && memcmp(decoder->input, magic, length) == 0;
}

static void choose_codec(struct decoder *decoder) {
    if (begins_with(decoder, "\x1f\x8b", 2)) {
        decoder->codec = CODEC_GZIP;
        decoder->gzip = memory_zeroed(1, sizeof *decoder->gzip);
        isal_inflate_init(decoder->gzip);
        decoder->gzip->crc_flag = ISAL_GZIP;
    } else if (begins_with(decoder, "\x28\xb5\x2f\xfd", 4)) {
        decoder->codec = CODEC_ZSTD;
        decoder->zstd = ZSTD_createDStream();
        ZSTD_initDStream(decoder->zstd);
    } else
        decoder->codec = CODEC_PLAIN;
}

static bool damaged(const struct decoder *decoder, const char *codec, struct error *err) {
    uint64_t at = decoder->consumed - (decoder->end - decoder->start);
    return error_set(err, ERROR_FAILED, "%s: damaged %s data near byte %llu", decoder->name, codec,
                     (unsigned long long)at);
}

/* Between members there may be zeros, and behind the last one. */
static void skip_padding(struct decoder *decoder) {
    while (decoder->start < decoder->end && decoder->input[decoder->start] == 0)
        decoder->start++;
}

static void next_member(struct decoder *decoder) {
    decoder->inside = false;
    isal_inflate_reset(decoder->gzip);
    decoder->gzip->crc_flag = ISAL_GZIP;
}

static bool inflate_gzip(struct decoder *decoder, char *into, size_t room, size_t *got,
                         struct error *err) {
    struct inflate_state *state = decoder->gzip;
    decoder->full = false;
    if (!decoder->inside) skip_padding(decoder);
    if (!decoder->inside && decoder->start == decoder->end) return true;
    decoder->inside = true;
    state->next_in = (uint8_t *)decoder->input + decoder->start;
    state->avail_in = (uint32_t)(decoder->end - decoder->start);
    state->next_out = (uint8_t *)into;
    state->avail_out = (uint32_t)room;
    int result = isal_inflate(state);
    decoder->start = decoder->end - state->avail_in;
    *got = room - state->avail_out;
    decoder->full = state->avail_out == 0;
    if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT) return damaged(decoder, "gzip", err);
    if (state->block_state == ISAL_BLOCK_FINISH) next_member(decoder);
    return true;
}

static bool inflate_zstd(struct decoder *decoder, char *into, size_t room, size_t *got,
                         struct error *err) {
    ZSTD_inBuffer input = { decoder->input, decoder->end, decoder->start };
    ZSTD_outBuffer output = { into, room, 0 };
    decoder->full = false;
    if (!decoder->inside && decoder->start == decoder->end) return true;
    size_t left = ZSTD_decompressStream(decoder->zstd, &output, &input);
    decoder->start = input.pos;
    *got = output.pos;
    decoder->full = output.pos == room;
    if (ZSTD_isError(left)) return damaged(decoder, "zstd", err);
    decoder->inside = left != 0;
    return true;
}

static bool read_plain(struct decoder *decoder, char *into, size_t room, size_t *got,
                       struct error *err) {
    if (decoder->start == decoder->end) return read_once(decoder, into, room, got, err);
    *got = MIN(room, decoder->end - decoder->start);
    memcpy(into, decoder->input + decoder->start, *got);
    decoder->start += *got;
    return true;
}

/* False with *err, or true when the first bytes told the codec or are still too few. */
static bool find_codec(struct decoder *decoder, struct error *err) {
    if (!fill_input(decoder, err)) return false;
    if (decoder->end >= 4 || decoder->at_end) choose_codec(decoder);
    return true;
}

static bool read_coded(struct decoder *decoder, char *into, size_t room, size_t *got,
                       struct error *err) {
    bool gzip = decoder->codec == CODEC_GZIP;
    bool starved = decoder->start == decoder->end && !decoder->full && !decoder->at_end;
    if (starved && !fill_input(decoder, err)) return false;
    bool done = gzip ? inflate_gzip(decoder, into, room, got, err)
                     : inflate_zstd(decoder, into, room, got, err);
    if (!done || *got > 0 || !decoder_ended(decoder) || !decoder->inside) return done;
    return error_set(err, ERROR_FAILED, "%s: the %s data is cut off after byte %llu", decoder->name,
                     gzip ? "gzip" : "zstd", (unsigned long long)decoder->consumed);
}

bool decoder_read(struct decoder *decoder, char *into, size_t room, size_t *got,
                  struct error *err) {
    *got = 0;
    if (decoder->codec == CODEC_UNKNOWN && !find_codec(decoder, err)) return false;
    switch (decoder->codec) {
    case CODEC_UNKNOWN: return true;
    case CODEC_PLAIN: return decoder_ended(decoder) || read_plain(decoder, into, room, got, err);
    default: return read_coded(decoder, into, room, got, err);
    }
}
