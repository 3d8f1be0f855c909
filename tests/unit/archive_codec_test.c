/* Bytes as an archive stores them are read back by others' decoders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka needs the four on top */
#include <cmocka.h>

#include "archive/codec.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "base/compiler.h"
#include "sources/decoder.h"

#include "compressed.h"

#define TEXT_BYTES ((size_t)3000000)

/* Words, and a stretch that nothing makes shorter. */
static char *text;

static int begin(void **state) {
    static const char *const words[] = { "coffee ", "good ", "morning, ", "tea ", "\"id\":" };
    uint64_t noise = 7;
    (void)state;
    text = memory_alloc(TEXT_BYTES);
    for (size_t at = 0; at < TEXT_BYTES;) {
        noise = noise * UINT64_C(6364136223846793005) + 1442695040888963407;
        const char *word = words[noise >> 33 & 3];
        for (; *word && at < TEXT_BYTES; word++, at++)
            text[at] = at > 1000000 && at < 1300000 ? (char)(noise >> 40 ^ at * 7) : *word;
    }
    return 0;
}

static int end(void **state) {
    (void)state;
    memory_free(text);
    return 0;
}

/* Given in pieces of `piece` bytes, fetched in pieces of `room`. */
static void encode(struct encoder *encoder, size_t length, size_t piece, size_t room,
                   struct buffer *out) {
    struct slice left = slice_from(text, length);
    size_t put;
    while (left.length) {
        struct slice some = slice_first(left, piece), before = some;
        assert_true(buffer_reserve(out, room));
        out->length += encoder_run(encoder, &some, out->data + out->length, room);
        left = slice_skip(left, before.length - some.length);
    }
    do {
        assert_true(buffer_reserve(out, room));
        out->length += put = encoder_end(encoder, out->data + out->length, room);
    } while (put == room);
}

static void assert_decoded(struct slice stored, size_t length) {
    struct error err;
    int fd = file_of(stored);
    struct decoder *decoder = decoder_create("stored", fd);
    char *back = memory_alloc(length + 1);
    size_t at = 0, got;
    while (!decoder_ended(decoder)) {
        if (!decoder_read(decoder, back + at, length + 1 - at, &got, &err))
            fail_msg("%s", err.text);
        at += got;
    }
    assert_int_equal(at, length);
    assert_memory_equal(back, text, length);
    memory_free(back);
    decoder_destroy(decoder);
    close(fd);
}

static void assert_round_trip(enum codec codec, unsigned level, size_t length, size_t piece,
                              size_t room) {
    struct buffer out;
    struct encoder *encoder = encoder_create(codec, level);
    buffer_init(&out, 2 * TEXT_BYTES);
    encode(encoder, length, piece, room, &out);
    assert_decoded(buffer_slice(&out), length);
    if (codec != CODEC_NONE && length == TEXT_BYTES) assert_true(out.length < length / 2);
    encoder_destroy(encoder);
    buffer_free(&out);
}

static void what_is_stored_is_read_back(void **state) {
    (void)state;
    for (enum codec codec = CODEC_NONE; codec < CODECS; codec++)
        for (unsigned level = 1; level <= MAX(codec_levels[codec], 1); level++)
            assert_round_trip(codec, level, TEXT_BYTES, 128 * 1024, 128 * 1024);
}

static void pieces_may_have_any_length(void **state) {
    static const size_t lengths[] = { 1, 2, 17, 4096, 100000 };
    (void)state;
    for (enum codec codec = CODEC_NONE; codec < CODECS; codec++)
        for (size_t i = 0; i < LENGTH(lengths); i++)
            for (size_t room = 1; room < 40; room += 13)
                assert_round_trip(codec, 1, lengths[i], lengths[i] / 3 + 1, room);
}

static void an_object_is_one_member_or_frame(void **state) {
    (void)state;
    struct buffer out;
    buffer_init(&out, 2 * TEXT_BYTES);
    struct encoder *encoder = encoder_create(CODEC_ZSTD, 1);
    encode(encoder, TEXT_BYTES, 100000, 100000, &out);
    assert_int_equal(ZSTD_findFrameCompressedSize(out.data, out.length), out.length);
    encoder_destroy(encoder);
    out.length = 0;
    encoder = encoder_create(CODEC_GZIP, 1);
    encode(encoder, TEXT_BYTES, 100000, 100000, &out);
    encoder_destroy(encoder);
    struct inflate_state state_of;
    isal_inflate_init(&state_of);
    char *back = memory_alloc(TEXT_BYTES);
    state_of.crc_flag = ISAL_GZIP;
    state_of.next_in = (uint8_t *)out.data;
    state_of.avail_in = (uint32_t)out.length;
    state_of.next_out = (uint8_t *)back;
    state_of.avail_out = TEXT_BYTES;
    assert_int_equal(isal_inflate(&state_of), ISAL_DECOMP_OK);
    assert_int_equal(state_of.block_state, ISAL_BLOCK_FINISH);
    assert_int_equal(state_of.avail_in, 0);
    memory_free(back);
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_is_read_back),
        cmocka_unit_test(pieces_may_have_any_length),
        cmocka_unit_test(an_object_is_one_member_or_frame),
    };
    return cmocka_run_group_tests_name("archive_codec", tests, begin, end);
}
