/* Cutting streams into records: the same ones whatever the reads, and bounds. */
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
#include "padded.h"
#include "sources/records.h"

#define MOST_RECORDS 5000

/* Everything that a stream was cut into. */
struct cut {
    struct slice records[MOST_RECORDS];
    uint64_t offsets[MOST_RECORDS];
    enum message_kind kinds[MOST_RECORDS];
    size_t count;
    bool good;
    uint64_t position;
    struct error err;
};

static struct cut cut;
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

static void take(const struct records *records, const struct batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct message *message = &batch->messages[i];
        for (size_t at = 0; at < JSON_PADDING;
             at++) /* the sanitizer knows whether it may be read */
            (void)*(volatile const char *)(message->raw.data + message->raw.length + at);
        assert_true(cut.count < MOST_RECORDS);
        cut.records[cut.count] = arena_copy(&arena, message->raw);
        cut.offsets[cut.count] = message->offset;
        cut.kinds[cut.count++] = message->kind;
    }
    cut.position = records->offset;
}

/* One more fill; whether there is more to come. */
static bool fill(struct records *records, struct batch *batch, uint32_t limit) {
    batch_reset(batch);
    cut.good = records_fill(records, batch, limit, &cut.err);
    assert_true(batch->count <= limit);
    take(records, batch);
    return cut.good && !records_ended(records);
}

static void cut_file(struct slice bytes, uint32_t limit, bool by_ordinal) {
    int fd = file_of(bytes), rounds = 0;
    struct decoder *decoder = decoder_create("a.json", fd);
    struct records records;
    struct batch *batch = batch_create();
    cut.count = 0;
    records_init(&records, decoder, by_ordinal);
    while (fill(&records, batch, limit))
        assert_true(++rounds < 200000);
    batch_destroy(batch);
    records_free(&records);
    decoder_destroy(decoder);
    close(fd);
}

/* The same through a pipe that gets `piece` bytes at a time. */
static void cut_pipe(struct slice bytes, size_t piece) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    struct decoder *decoder = decoder_create("pipe", ends[0]);
    struct records records;
    struct batch *batch = batch_create();
    cut.count = 0;
    records_init(&records, decoder, false);
    for (bool more = true; more;) {
        struct slice next = slice_first(bytes, piece);
        if (next.length)
            assert_int_equal(write(ends[1], next.data, next.length), next.length);
        else
            close(ends[1]);
        bytes = slice_skip(bytes, next.length);
        do
            more = fill(&records, batch, BATCH_MESSAGES);
        while (more && records_buffered(&records));
        assert_true(cut.good);
    }
    batch_destroy(batch);
    records_free(&records);
    decoder_destroy(decoder);
    close(ends[0]);
}

static void assert_cut(const char *const *expected) {
    assert_true(cut.good);
    size_t count = 0;
    for (; expected[count]; count++) {
        assert_true(count < cut.count);
        assert_true(slice_is(cut.records[count], expected[count]));
    }
    assert_int_equal(cut.count, count);
}

static void assert_records(const char *stream, const char *const *expected) {
    static const uint32_t limits[] = { 1, 2, 256 };
    struct slice bytes = slice_of(stream);
    for (size_t i = 0; i < LENGTH(limits); i++) {
        cut_file(bytes, limits[i], false);
        assert_cut(expected);
    }
    for (size_t piece = 1; piece <= bytes.length + 1; piece++) {
        cut_pipe(bytes, piece);
        assert_cut(expected);
        assert_int_equal(cut.position, bytes.length);
    }
}

#define RECORDS(...)                                                                               \
    (const char *const[]) { __VA_ARGS__, NULL }

static void lines_are_records_whatever_ends_them(void **state) {
    (void)state;
    assert_records("a\nb\n", RECORDS("a", "b"));
    assert_records("a\nb", RECORDS("a", "b"));
    assert_records("a\r\nb\r\n\r\n", RECORDS("a", "b", ""));
    assert_records("\n\na\n", RECORDS("", "", "a"));
    assert_records("", (const char *const[]){ NULL });
    assert_records("\n", RECORDS(""));
    assert_records("abcdef", RECORDS("abcdef"));
}

static void the_prototype_s_commas_between_objects_are_no_text(void **state) {
    (void)state;
    assert_records("{\"a\":1},\n{\"a\":2},\n{\"a\":3}",
                   RECORDS("{\"a\":1}", "{\"a\":2}", "{\"a\":3}"));
    assert_records("{\"a\":1},\r\n{\"a\":2},\n", RECORDS("{\"a\":1}", "{\"a\":2}"));
    assert_records("hello,\n", RECORDS("hello,")); /* in a line of text it is text */
}

static void offsets_are_bytes_or_ordinals(void **state) {
    (void)state;
    for (uint32_t limit = 1; limit <= 4; limit++) {
        cut_file(SLICE("aa\r\n\nbbb\ncc"), limit, false);
        assert_int_equal(cut.count, 4);
        assert_int_equal(cut.offsets[0], 0);
        assert_int_equal(cut.offsets[1], 4);
        assert_int_equal(cut.offsets[2], 5);
        assert_int_equal(cut.offsets[3], 9);
        assert_int_equal(cut.position, 11);
        cut_file(SLICE("aa\r\n\nbbb\ncc"), limit, true);
        for (uint64_t i = 0; i < 4; i++)
            assert_int_equal(cut.offsets[i], i);
    }
}

static void a_recorded_stream_is_cut_alike_plain_and_compressed(void **state) {
    (void)state;
    struct slice stream = data_file(&arena, "x-v1.1/stream-newline.bin");
    static struct cut plain;
    cut_file(stream, 256, false);
    plain = cut;
    assert_true(plain.count >= 9);
    struct slice packed[] = { gzipped(&arena, stream), zstd_compressed(&arena, stream) };
    for (size_t i = 0; i < 4; i++) {
        if (i < 2)
            cut_file(packed[i], i ? 256 : 3, false);
        else
            cut_pipe(packed[i - 2], 1);
        assert_true(cut.good);
        assert_int_equal(cut.count, plain.count);
        for (size_t at = 0; at < plain.count; at++) {
            assert_true(slice_equal(cut.records[at], plain.records[at]));
            assert_int_equal(cut.offsets[at], plain.offsets[at]);
        }
    }
}

static struct slice repeated(char byte, size_t count) {
    char *bytes = arena_alloc(&arena, count + 1);
    memset(bytes, byte, count);
    bytes[count] = '\n';
    return slice_from(bytes, count + 1);
}

static struct slice joined(struct slice a, struct slice b, struct slice c) {
    char *bytes = arena_alloc(&arena, a.length + b.length + c.length + 1);
    memcpy(bytes, a.data, a.length);
    memcpy(bytes + a.length, b.data, b.length);
    memcpy(bytes + a.length + b.length, c.data, c.length);
    return slice_from(bytes, a.length + b.length + c.length);
}

static void a_record_may_have_a_mebibyte(void **state) {
    (void)state;
    struct slice stream = joined(SLICE("a\n"), repeated('x', MAX_RECORD_BYTES), SLICE("b\n"));
    for (uint32_t limit = 1; limit < 4; limit++) {
        cut_file(stream, limit, false);
        assert_true(cut.good);
        assert_int_equal(cut.count, 3);
        assert_int_equal(cut.records[1].length, MAX_RECORD_BYTES);
        assert_int_equal(cut.kinds[1], MESSAGE_POST);
        assert_true(slice_is(cut.records[2], "b"));
    }
}

static void assert_one_malformed_between_a_and_b(void) {
    assert_true(cut.good);
    assert_int_equal(cut.count, 3);
    assert_true(slice_is(cut.records[0], "a"));
    assert_int_equal(cut.kinds[1], MESSAGE_MALFORMED);
    assert_int_equal(cut.offsets[1], 2);
    assert_true(cut.records[1].length <= 1024);
    assert_true(slice_is(cut.records[2], "b"));
    assert_int_equal(cut.kinds[2], MESSAGE_POST);
}

static void a_longer_one_is_malformed_once_and_skipped(void **state) {
    (void)state;
    static const size_t excess[] = { 1, 2, 1000, 262144, 3 << 20 };
    for (size_t i = 0; i < LENGTH(excess); i++) {
        struct slice stream =
            joined(SLICE("a\n"), repeated('x', MAX_RECORD_BYTES + excess[i]), SLICE("b"));
        for (uint32_t limit = 1; limit < 4; limit++) {
            cut_file(stream, limit, false);
            assert_one_malformed_between_a_and_b();
            assert_int_equal(cut.position, stream.length);
        }
        cut_pipe(stream, 60000);
        assert_one_malformed_between_a_and_b();
        cut_file(slice_first(stream, stream.length - 2), 256, false); /* and no newline at all */
        assert_int_equal(cut.count, 2);
        assert_int_equal(cut.kinds[1], MESSAGE_MALFORMED);
    }
}

static void what_was_read_before_damage_is_handed_out_whole(void **state) {
    (void)state;
    char *text = arena_alloc(&arena, 40000), *to = text;
    for (int i = 0; i < 3000; i++)
        to += sprintf(to, "line %d\n", i);
    struct slice packed = gzipped(&arena, slice_from(text, (size_t)(to - text)));
    ((char *)packed.data)[packed.length - 5] ^= 1; /* its checksum: the last thing to be read */
    static const uint32_t limits[] = { 1, 100, 256 };
    for (size_t i = 0; i < LENGTH(limits); i++) {
        cut_file(packed, limits[i], false);
        assert_false(cut.good);
        assert_int_equal(cut.count, 3000);
        assert_true(slice_is(cut.records[2999], "line 2999"));
        assert_non_null(strstr(cut.err.text, "a.json"));
    }
}

static void a_bomb_of_lines_stays_bounded(void **state) {
    (void)state;
    size_t bytes = (size_t)32 << 20;
    char *text = malloc(bytes);
    memset(text, 'x', bytes);
    int fd = file_of(gzipped(&arena, slice_from(text, bytes)));
    free(text);
    struct decoder *decoder = decoder_create("bomb", fd);
    struct records records;
    struct batch *batch = batch_create();
    cut.count = 0;
    records_init(&records, decoder, false);
    for (bool more = true; more;) {
        more = fill(&records, batch, BATCH_MESSAGES);
        assert_true(arena_size(&batch->arena) <= (size_t)4 << 20);
        assert_true(records.left.capacity <= MAX_RECORD_BYTES * 2);
    }
    assert_true(cut.good);
    assert_int_equal(cut.count, 1);
    assert_int_equal(cut.kinds[0], MESSAGE_MALFORMED);
    batch_destroy(batch);
    records_free(&records);
    decoder_destroy(decoder);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_records_whatever_ends_them),
        cmocka_unit_test(the_prototype_s_commas_between_objects_are_no_text),
        cmocka_unit_test(offsets_are_bytes_or_ordinals),
        cmocka_unit_test(a_recorded_stream_is_cut_alike_plain_and_compressed),
        cmocka_unit_test(a_record_may_have_a_mebibyte),
        cmocka_unit_test(a_longer_one_is_malformed_once_and_skipped),
        cmocka_unit_test(what_was_read_before_damage_is_handed_out_whole),
        cmocka_unit_test(a_bomb_of_lines_stays_bounded),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
