/* Records of a live stream, whatever pieces their bytes come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "net/line_stream.h"

static struct slice read_fixture(const char *path, char *room, size_t size) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(room, 1, size, file);
    fclose(file);
    assert_in_range(length, 1, size - 1);
    return slice_from(room, length);
}

/* What was found, "<" and ">" around each record. */
struct found {
    char text[65536];
    size_t length, records;
    enum line_found last;
};

static void note(struct found *found, const char *mark, struct slice record) {
    int added = snprintf(found->text + found->length, sizeof found->text - found->length,
                         "%s<%.*s>", mark, SLICE_ARGS(record));
    found->length += (size_t)added;
    found->records++;
    assert_in_range(found->length, 0, sizeof found->text - 1);
}

static void take_all(struct line_stream *stream, struct found *found) {
    struct slice record;
    while ((found->last = line_stream_next(stream, &record)) != LINE_NONE) {
        if (found->last == LINE_BROKEN) return;
        note(found, found->last == LINE_TOO_LONG ? "long " : "", record);
    }
}

/* Pieces of `size` bytes; 0: random ones, of one byte up to the whole. */
static uint64_t cut(enum line_framing framing, struct slice bytes, size_t size,
                    struct found *found) {
    struct line_stream stream;
    line_stream_init(&stream, framing);
    *found = (struct found){ 0 };
    while (bytes.length && found->last != LINE_BROKEN) {
        size_t piece = size ? size : 1 + (size_t)rand() % (1 + (size_t)rand() % bytes.length);
        assert_false(line_stream_full(&stream));
        line_stream_put(&stream, slice_first(bytes, piece));
        bytes = slice_skip(bytes, piece);
        take_all(&stream, found);
    }
    uint64_t keep_alives = stream.keep_alives;
    line_stream_free(&stream);
    return keep_alives;
}

static void check_pieces(enum line_framing framing, const char *path, size_t records,
                         uint64_t keep_alives) {
    static char room[65536];
    static struct found whole, parts;
    struct slice bytes = read_fixture(path, room, sizeof room);
    assert_int_equal(keep_alives, cut(framing, bytes, bytes.length, &whole));
    assert_int_equal(records, whole.records);
    for (size_t size = 1; size < 100; size++) {
        assert_int_equal(keep_alives, cut(framing, bytes, size, &parts));
        assert_string_equal(whole.text, parts.text);
    }
    for (int round = 0; round < 200; round++) {
        cut(framing, bytes, 0, &parts);
        assert_string_equal(whole.text, parts.text);
    }
}

static void a_stream_is_the_same_in_whatever_pieces_it_comes(void **state) {
    (void)state;
    check_pieces(LINES, "tests/data/x-v2/stream.bin", 6, 3);
    check_pieces(LINES, "tests/data/x-v1.1/stream-newline.bin", 8, 4);
    check_pieces(LENGTHS, "tests/data/x-v1.1/stream-delimited-length.bin", 8, 3);
}

static void a_record_split_inside_a_character_is_whole(void **state) {
    (void)state;
    static struct found found;
    for (size_t at = 1; at < 14; at++) {
        struct slice text = SLICE("{\"t\":\"\xf0\x9f\x90\xb1\"}\r\n");
        struct line_stream stream;
        found = (struct found){ 0 };
        line_stream_init(&stream, LINES);
        line_stream_put(&stream, slice_first(text, at));
        take_all(&stream, &found);
        line_stream_put(&stream, slice_skip(text, at));
        take_all(&stream, &found);
        line_stream_free(&stream);
        assert_string_equal("<{\"t\":\"\xf0\x9f\x90\xb1\"}>", found.text);
    }
}

static void keep_alives_and_half_lines_are_no_records(void **state) {
    (void)state;
    static struct found found;
    assert_int_equal(4, cut(LINES, SLICE("\r\n\n  \r\n\r\n{\"half\":"), 1, &found));
    assert_int_equal(0, found.records);
    assert_int_equal(2, cut(LENGTHS, SLICE("\r\n\r\n12\r\n{\"half\""), 1, &found));
    assert_int_equal(0, found.records);
}

static void half_a_record_of_a_connection_is_not_joined_to_the_next(void **state) {
    (void)state;
    static struct found found;
    struct line_stream stream;
    for (enum line_framing framing = LINES; framing <= LENGTHS; framing++) {
        found = (struct found){ 0 };
        line_stream_init(&stream, framing);
        line_stream_put(&stream, framing == LINES ? SLICE("{\"a\"") : SLICE("99\n{\"a\""));
        take_all(&stream, &found);
        line_stream_reset(&stream);
        line_stream_put(&stream, framing == LINES ? SLICE("{}\n") : SLICE("2\n{}"));
        take_all(&stream, &found);
        line_stream_free(&stream);
        assert_string_equal("<{}>", found.text);
    }
}

/* `before` the long record, its bytes, `after` it. */
static void check_long(enum line_framing framing, const char *before, size_t length,
                       const char *after, size_t piece) {
    static struct found found;
    size_t head = strlen(before), tail = strlen(after);
    char *bytes = memory_alloc(head + length + tail);
    memcpy(bytes, before, head);
    memset(bytes + head, 'x', length);
    memcpy(bytes + head + length, after, tail);
    cut(framing, slice_from(bytes, head + length + tail), piece, &found);
    assert_int_equal(2, found.records);
    assert_int_equal(0, strncmp(found.text, "long <xxx", 9));
    assert_string_equal("xx><{}>", found.text + found.length - 7);
    assert_in_range(found.length, 200, 300);
    memory_free(bytes);
}

static void a_record_without_end_is_cut_and_the_next_one_is_whole(void **state) {
    (void)state;
    const size_t pieces[] = { 1000, 16384, 65536 };
    for (size_t i = 0; i < LENGTH(pieces); i++) {
        check_long(LINES, "", LINE_MAX_BYTES + 1, "\r\n{}\r\n", pieces[i]);
        check_long(LINES, "\n", 5 * LINE_MAX_BYTES, "\n{}\n", pieces[i]);
        check_long(LENGTHS, "1048577\r\n", LINE_MAX_BYTES + 1, "2\r\n{}", pieces[i]);
        check_long(LENGTHS, "9000000\n", 9000000, "\r\n2\n{}", pieces[i]);
    }
}

static void a_length_that_is_none_breaks_the_stream(void **state) {
    (void)state;
    static const char *const texts[] = { "{\"a\":1}\r\n", "-5\r\n", "0\r\n",
                                         "12x\n",         "0x10\n", "99999999999999\n" };
    static struct found found;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        cut(LENGTHS, slice_of(texts[i]), 1, &found);
        assert_int_equal(LINE_BROKEN, found.last);
        assert_int_equal(0, found.records);
    }
    char endless[1000];
    memset(endless, '1', sizeof endless);
    cut(LENGTHS, slice_from(endless, sizeof endless), 100, &found);
    assert_int_equal(LINE_BROKEN, found.last);
}

static void it_is_full_before_its_memory_ends(void **state) {
    (void)state;
    struct line_stream stream;
    char piece[16384];
    struct slice record;
    memset(piece, 'x', sizeof piece);
    piece[sizeof piece - 1] = '\n';
    line_stream_init(&stream, LINES);
    size_t put = 0;
    for (; !line_stream_full(&stream); put++)
        line_stream_put(&stream, slice_from(piece, sizeof piece));
    assert_in_range(put * sizeof piece, LINE_MAX_BYTES, 2 * LINE_MAX_BYTES);
    assert_int_equal(LINE_RECORD, line_stream_next(&stream, &record));
    while (put-- > 1)
        assert_int_equal(LINE_RECORD, line_stream_next(&stream, &record));
    assert_int_equal(LINE_NONE, line_stream_next(&stream, &record));
    assert_false(line_stream_full(&stream));
    line_stream_free(&stream);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_the_same_in_whatever_pieces_it_comes),
        cmocka_unit_test(a_record_split_inside_a_character_is_whole),
        cmocka_unit_test(keep_alives_and_half_lines_are_no_records),
        cmocka_unit_test(half_a_record_of_a_connection_is_not_joined_to_the_next),
        cmocka_unit_test(a_record_without_end_is_cut_and_the_next_one_is_whole),
        cmocka_unit_test(a_length_that_is_none_breaks_the_stream),
        cmocka_unit_test(it_is_full_before_its_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
