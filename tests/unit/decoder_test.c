/* Uncompressing recorded streams, whole, broken, hostile; whatever the pieces they come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "compressed.h"
#include "sources/decoder.h"

/* What a decoder gave: bytes, and whether it ended well. */
struct decoded {
    struct slice bytes;
    bool good;
    struct error err;
};

#define MOST_BYTES ((size_t)8 << 20)
static char decoded_bytes[MOST_BYTES];

/* Reads to the end, `room` bytes at a time. A decoder that neither ends nor gives is caught. */
static struct decoded decode_fd(int fd, size_t room) {
    struct decoded decoded = { .good = true, .bytes = { decoded_bytes, 0 } };
    struct decoder *decoder = decoder_create("a.gz", fd);
    int idle = 0;
    while (decoded.good && !decoder_ended(decoder)) {
        size_t got, left = MOST_BYTES - decoded.bytes.length;
        decoded.good = decoder_read(decoder, decoded_bytes + decoded.bytes.length,
                                    room < left ? room : left, &got, &decoded.err);
        assert_true(got <= room);
        decoded.bytes.length += got;
        idle = got ? 0 : idle + 1;
        assert_true(idle < 100);
    }
    decoder_destroy(decoder);
    return decoded;
}

static struct decoded decode(struct slice bytes, size_t room) {
    int fd = file_of(bytes);
    struct decoded decoded = decode_fd(fd, room);
    close(fd);
    return decoded;
}

static void assert_decodes(struct slice bytes, struct slice expected) {
    static const size_t rooms[] = { 1, 7, 16, 100, 4096, 262144 };
    for (size_t i = 0; i < LENGTH(rooms); i++) {
        if (rooms[i] == 1 && expected.length > 100000) continue;
        struct decoded decoded = decode(bytes, rooms[i]);
        assert_true(decoded.good);
        assert_true(slice_equal(decoded.bytes, expected));
    }
}

static struct slice some_text(struct arena *arena, size_t length) {
    char *text = arena_alloc(arena, length);
    unsigned seed = 5;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)('a' + (seed = seed * 1103515245 + 12345) / 65536 % 20);
    return slice_from(text, length);
}

static struct arena arena;

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct slice both(struct slice first, struct slice second) {
    char *bytes = arena_alloc(&arena, first.length + second.length + 1);
    memcpy(bytes, first.data, first.length);
    memcpy(bytes + first.length, second.data, second.length);
    return slice_from(bytes, first.length + second.length);
}

static void plain_bytes_pass_unchanged(void **state) {
    (void)state;
    assert_decodes(SLICE("hello\nworld"), SLICE("hello\nworld"));
    struct slice text = some_text(&arena, 500000);
    assert_decodes(text, text);
}

static void five_bytes_and_fewer_are_read_whatever_they_are(void **state) {
    (void)state;
    struct slice tiny = SLICE("ab\ncd");
    for (size_t length = 0; length <= 5; length++)
        assert_decodes(slice_first(tiny, length), slice_first(tiny, length));
    assert_decodes(SLICE("\x1f"), SLICE("\x1f"));
    assert_decodes(SLICE("\x28\xb5\x2f"), SLICE("\x28\xb5\x2f")); /* no magic number: plain */
    for (size_t length = 2; length <= 5; length++)
        assert_false(decode(slice_first(SLICE("\x1f\x8b\x08\x00\x00"), length), 100).good);
    for (size_t length = 4; length <= 5; length++)
        assert_false(decode(slice_first(SLICE("\x28\xb5\x2f\xfd\x00"), length), 100).good);
}

static void both_codecs_give_back_what_was_compressed(void **state) {
    (void)state;
    static const size_t lengths[] = { 0, 1, 7, 16, 700, 4096, 8192, 262144, 300000 };
    for (size_t i = 0; i < LENGTH(lengths); i++) {
        struct slice text = some_text(&arena, lengths[i]);
        assert_decodes(gzipped(&arena, text), text);
        assert_decodes(zstd_compressed(&arena, text), text);
    }
}

static void members_and_frames_follow_one_another(void **state) {
    (void)state;
    struct slice a = some_text(&arena, 4096), b = some_text(&arena, 131), whole = both(a, b);
    assert_decodes(both(gzipped(&arena, a), gzipped(&arena, b)), whole);
    assert_decodes(both(zstd_compressed(&arena, a), zstd_compressed(&arena, b)), whole);
    struct slice many = SLICE(""), text = SLICE("");
    for (int i = 0; i < 60; i++) {
        many = both(many, gzipped(&arena, slice_first(b, (size_t)i % 5)));
        text = both(text, slice_first(b, (size_t)i % 5));
    }
    assert_decodes(many, text);
}

static void zeros_after_gzip_are_padding(void **state) {
    (void)state;
    static const char zeros[400000];
    struct slice packed = gzipped(&arena, SLICE("hello"));
    assert_decodes(both(packed, slice_from(zeros, 1)), SLICE("hello"));
    assert_decodes(both(packed, slice_from(zeros, sizeof zeros)), SLICE("hello"));
}

static void every_truncation_is_told_and_gives_only_good_bytes(void **state) {
    (void)state;
    struct slice text = some_text(&arena, 3000);
    struct slice packed[] = { gzipped(&arena, text), zstd_compressed(&arena, text) };
    for (size_t codec = 0; codec < 2; codec++)
        for (size_t length = 4; length < packed[codec].length; length++) {
            struct decoded decoded = decode(slice_first(packed[codec], length), 512);
            assert_false(decoded.good);
            assert_int_equal(decoded.err.kind, ERROR_FAILED);
            assert_non_null(strstr(decoded.err.text, "a.gz"));
            assert_true(slice_starts(text, decoded.bytes));
        }
}

static void changed_bytes_never_crash_nor_hang(void **state) {
    (void)state;
    struct slice text = some_text(&arena, 3000);
    struct slice packed[] = { gzipped(&arena, text), zstd_compressed(&arena, text) };
    srand(9);
    int told = 0;
    for (int round = 0; round < 1500; round++) {
        struct slice bytes = packed[round % 2];
        char *changed = arena_alloc(&arena, bytes.length);
        memcpy(changed, bytes.data, bytes.length);
        changed[4 + (size_t)rand() % (bytes.length - 4)] ^= (char)(1 + rand() % 255);
        told += !decode(slice_from(changed, bytes.length), 512).good;
    }
    assert_true(told > 1000);
}

static void rubbish_after_a_member_or_frame_is_damage(void **state) {
    (void)state;
    struct decoded decoded = decode(both(gzipped(&arena, SLICE("hello")), SLICE("rubbish!")), 100);
    assert_false(decoded.good);
    assert_true(slice_is(decoded.bytes, "hello"));
    decoded = decode(both(zstd_compressed(&arena, SLICE("hello")), SLICE("rubbish!")), 100);
    assert_false(decoded.good);
    assert_true(slice_is(decoded.bytes, "hello"));
}

static void a_bomb_is_given_out_in_bounded_pieces(void **state) {
    (void)state;
    static const size_t bytes = (size_t)64 << 20;
    char *zeros = calloc(bytes, 1);
    struct slice packed[] = { gzipped(&arena, slice_from(zeros, bytes)),
                              zstd_compressed(&arena, slice_from(zeros, bytes)) };
    free(zeros);
    for (size_t codec = 0; codec < 2; codec++) {
        assert_true(packed[codec].length < bytes / 200);
        int fd = file_of(packed[codec]);
        struct decoder *decoder = decoder_create("bomb", fd);
        struct error err;
        size_t total = 0, got;
        while (!decoder_ended(decoder)) {
            char piece[4096 + 64];
            memset(piece + 4096, '#', 64);
            assert_true(decoder_read(decoder, piece, 4096, &got, &err));
            assert_true(got <= 4096 && piece[4096] == '#');
            total += got;
        }
        assert_true(total == bytes);
        decoder_destroy(decoder);
        close(fd);
    }
}

static void a_pipe_may_give_one_byte_at_a_time(void **state) {
    (void)state;
    struct slice text = SLICE("hello, hello, hello\n");
    struct slice streams[] = { text, both(gzipped(&arena, text), SLICE("\0\0\0")),
                               zstd_compressed(&arena, text) };
    for (size_t i = 0; i < 3; i++) {
        int ends[2];
        char out[200];
        size_t used = 0, got;
        struct error err;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
        struct decoder *decoder = decoder_create("pipe", ends[0]);
        for (size_t at = 0; at <= streams[i].length; at++) {
            if (at < streams[i].length)
                assert_int_equal(write(ends[1], streams[i].data + at, 1), 1);
            else
                close(ends[1]);
            do { /* while it says that it need not wait, it must not: the pipe would fail */
                assert_true(decoder_read(decoder, out + used, sizeof out - used, &got, &err));
                used += got;
            } while (decoder_buffered(decoder) && !decoder_ended(decoder));
        }
        assert_true(decoder_ended(decoder));
        assert_true(slice_equal(slice_from(out, used), text));
        assert_int_equal(decoder_consumed(decoder), streams[i].length);
        decoder_destroy(decoder);
        close(ends[0]);
    }
}

static void an_unreadable_descriptor_is_an_error(void **state) {
    (void)state;
    int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
    struct decoded decoded = decode_fd(fd, 100);
    assert_false(decoded.good);
    assert_non_null(strstr(decoded.err.text, "cannot be read"));
    close(fd);
}

/* Bytes that come in odd pieces, and break where they are told to. */
struct feed {
    struct slice left;
    size_t piece;
    size_t breaks_at; /* bytes that are left then */
};

static bool feed_read(void *context, void *into, size_t room, size_t *got, struct error *err) {
    struct feed *feed = context;
    *got = MIN(MIN(room, feed->piece), feed->left.length);
    if (feed->breaks_at && feed->left.length <= feed->breaks_at)
        return error_set(err, ERROR_FAILED, "the network is gone");
    memcpy(into, feed->left.data, *got);
    feed->left = slice_skip(feed->left, *got);
    return true;
}

static struct decoded decode_feed(struct feed *feed) {
    struct decoded decoded = { .good = true, .bytes = { decoded_bytes, 0 } };
    struct decoder *decoder =
        decoder_create_from("s3://a/b", (struct decoder_input){ feed_read, feed });
    while (decoded.good && !decoder_ended(decoder)) {
        size_t got;
        decoded.good =
            decoder_read(decoder, decoded_bytes + decoded.bytes.length, 4096, &got, &decoded.err);
        decoded.bytes.length += got;
    }
    decoder_destroy(decoder);
    return decoded;
}

static void bytes_from_elsewhere_are_decoded_as_those_of_a_descriptor(void **state) {
    static const size_t pieces[] = { 1, 3, 1000, 1 << 20 };
    (void)state;
    struct slice text = some_text(&arena, 100000);
    struct slice coded[] = { text, gzipped(&arena, text), zstd_compressed(&arena, text) };
    for (size_t i = 0; i < LENGTH(coded) * LENGTH(pieces); i++) {
        struct feed feed = { .left = coded[i % 3], .piece = pieces[i / 3] };
        struct decoded decoded = decode_feed(&feed);
        assert_true(decoded.good && slice_equal(decoded.bytes, text));
    }
}

static void what_breaks_elsewhere_is_told_in_its_own_words(void **state) {
    (void)state;
    struct slice text = some_text(&arena, 10000);
    struct feed feed = { .left = text, .piece = 1000, .breaks_at = 5000 };
    struct decoded decoded = decode_feed(&feed);
    assert_false(decoded.good);
    assert_true(slice_equal(decoded.bytes, slice_first(text, 5000)));
    assert_string_equal("the network is gone", decoded.err.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_bytes_pass_unchanged),
        cmocka_unit_test(five_bytes_and_fewer_are_read_whatever_they_are),
        cmocka_unit_test(both_codecs_give_back_what_was_compressed),
        cmocka_unit_test(members_and_frames_follow_one_another),
        cmocka_unit_test(zeros_after_gzip_are_padding),
        cmocka_unit_test(every_truncation_is_told_and_gives_only_good_bytes),
        cmocka_unit_test(changed_bytes_never_crash_nor_hang),
        cmocka_unit_test(rubbish_after_a_member_or_frame_is_damage),
        cmocka_unit_test(a_bomb_is_given_out_in_bounded_pieces),
        cmocka_unit_test(a_pipe_may_give_one_byte_at_a_time),
        cmocka_unit_test(an_unreadable_descriptor_is_an_error),
        cmocka_unit_test(bytes_from_elsewhere_are_decoded_as_those_of_a_descriptor),
        cmocka_unit_test(what_breaks_elsewhere_is_told_in_its_own_words),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
