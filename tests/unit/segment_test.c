/* Segments: headers that stand a flipped bit, walks that damage does not stop. */
#include "spool_records.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include <errno.h>

#define PATH "/f"
#define SEED 99u

static int start(void **state) {
    (void)state;
    sim_reset();
    return 0;
}

/* ---- the header ---- */

static struct segment_header a_header(void) {
    struct segment_header header = { .first = 77 };
    memcpy(header.id, "0123456789abcdef", SPOOL_ID_BYTES);
    return header;
}

static void assert_header(const struct segment_header *header) {
    struct segment_header expected = a_header();
    assert_memory_equal(header->id, expected.id, SPOOL_ID_BYTES);
    assert_int_equal(header->first, expected.first);
    assert_int_equal(header->format, SPOOL_FORMAT);
}

static void a_header_comes_back(void **state) {
    (void)state;
    char bytes[SEGMENT_HEADER_BYTES];
    struct segment_header in = a_header(), out;
    segment_put_header(bytes, &in);
    assert_int_equal(segment_get_header(slice_from(bytes, sizeof bytes), &out), SEGMENT_WHOLE);
    assert_header(&out);
    assert_int_equal(segment_get_header(slice_from(bytes, sizeof bytes - 1), &out), SEGMENT_LOST);
}

static void every_flipped_bit_of_a_header_costs_nothing(void **state) {
    (void)state;
    char bytes[SEGMENT_HEADER_BYTES];
    struct segment_header in = a_header(), out;
    segment_put_header(bytes, &in);
    for (size_t i = 0; i < 8 * sizeof bytes; i++) {
        bytes[i / 8] ^= (char)(1 << i % 8);
        assert_int_equal(segment_get_header(slice_from(bytes, sizeof bytes), &out), SEGMENT_HALF);
        assert_header(&out);
        bytes[i / 8] ^= (char)(1 << i % 8);
    }
}

static void a_header_with_both_copies_damaged_is_lost(void **state) {
    (void)state;
    char bytes[SEGMENT_HEADER_BYTES];
    struct segment_header in = a_header(), out;
    segment_put_header(bytes, &in);
    bytes[20]++;
    bytes[SEGMENT_HEADER_BYTES / 2 + 21]++;
    assert_int_equal(segment_get_header(slice_from(bytes, sizeof bytes), &out), SEGMENT_LOST);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(segment_get_header(slice_from(bytes, sizeof bytes), &out), SEGMENT_LOST);
}

static void a_newer_header_is_known_wherever_its_sum_is(void **state) {
    (void)state;
    char bytes[SEGMENT_HEADER_BYTES];
    struct segment_header in = a_header(), out;
    segment_put_header(bytes, &in);
    bytes[8] = SPOOL_FORMAT + 1;
    memset(bytes + 60, 0, sizeof bytes - 60);
    assert_int_equal(segment_get_header(slice_from(bytes, sizeof bytes), &out), SEGMENT_NEWER);
}

/* ---- walks ---- */

static struct segment_walk *begin_walk(const struct buffer *bytes) {
    struct segment_walk *walk = memory_zeroed(1, sizeof *walk);
    int fd = os_open(PATH, OS_UPDATE);
    assert_true(os_write_at(fd, buffer_slice(bytes), 0));
    segment_walk_start(walk, fd, SEED, 0, bytes->length);
    return walk;
}

static void end_walk(struct segment_walk *walk) {
    os_close(walk->fd);
    segment_walk_free(walk);
    memory_free(walk);
}

static void put(struct buffer *bytes, uint64_t sequence) {
    struct made made;
    make_record(&made, sequence, 600);
    assert_true(frame_put_record(bytes, SEED, &made.record));
}

static void assert_frame(struct segment_walk *walk, uint64_t sequence) {
    struct segment_piece piece;
    assert_int_equal(segment_walk_next(walk, &piece), SEGMENT_FRAME);
    assert_int_equal(piece.frame.sequence, sequence);
    assert_int_equal(piece.bytes, piece.frame.bytes);
}

static void assert_damage(struct segment_walk *walk, uint64_t offset, uint64_t bytes) {
    struct segment_piece piece;
    assert_int_equal(segment_walk_next(walk, &piece), SEGMENT_DAMAGE);
    assert_int_equal(piece.offset, offset);
    assert_int_equal(piece.bytes, bytes);
}

static void assert_end(struct segment_walk *walk) {
    struct segment_piece piece;
    assert_int_equal(segment_walk_next(walk, &piece), SEGMENT_END);
    end_walk(walk);
}

static void a_walk_over_more_than_its_window_finds_every_frame(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, (size_t)4 << 20);
    for (uint64_t i = 1; i <= 3000; i++)
        put(&bytes, i);
    assert_true(bytes.length > (size_t)3 * 256 << 10);
    struct segment_walk *walk = begin_walk(&bytes);
    for (uint64_t i = 1; i <= 3000; i++)
        assert_frame(walk, i);
    assert_end(walk);
    buffer_free(&bytes);
}

static void a_frame_longer_than_the_window_is_found(void **state) {
    (void)state;
    struct buffer bytes;
    struct made made;
    char *raw = memory_zeroed(1, (size_t)3 << 20);
    buffer_init(&bytes, (size_t)8 << 20);
    make_record(&made, 5, 600);
    made.record.raw = slice_from(raw, (size_t)3 << 20);
    assert_true(frame_put_record(&bytes, SEED, &made.record));
    put(&bytes, 6);
    struct segment_walk *walk = begin_walk(&bytes);
    assert_frame(walk, 5);
    assert_frame(walk, 6);
    assert_end(walk);
    memory_free(raw);
    buffer_free(&bytes);
}

/* faults.md 10 */
static void a_flipped_bit_in_a_length_skips_no_later_frame(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, 100000);
    put(&bytes, 1);
    size_t second = bytes.length;
    put(&bytes, 2);
    size_t third = bytes.length;
    put(&bytes, 3);
    for (size_t bit = 0; bit < 32; bit++) {
        char *length = bytes.data + second + 4 + bit / 8;
        *length ^= (char)(1 << bit % 8);
        struct segment_walk *walk = begin_walk(&bytes);
        assert_frame(walk, 1);
        assert_damage(walk, second, third - second);
        assert_frame(walk, 3);
        assert_true(walk->room <= bytes.length);
        assert_end(walk);
        *length ^= (char)(1 << bit % 8);
    }
    buffer_free(&bytes);
}

static void a_damaged_body_costs_its_frame_alone(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, 100000);
    put(&bytes, 1);
    size_t second = bytes.length;
    put(&bytes, 2);
    size_t third = bytes.length;
    bytes.data[third - 1]++;
    put(&bytes, 3);
    struct segment_walk *walk = begin_walk(&bytes);
    assert_frame(walk, 1);
    assert_damage(walk, second, third - second);
    assert_frame(walk, 3);
    assert_end(walk);
    buffer_free(&bytes);
}

/* Not even when the header lies across two windows. */
static void damage_longer_than_the_window_is_one_piece(void **state) {
    (void)state;
    for (size_t more = 0; more < 64; more++) {
        struct buffer bytes;
        buffer_init(&bytes, (size_t)4 << 20);
        put(&bytes, 1);
        size_t at = bytes.length;
        size_t length = ((size_t)512 << 10) - at - 40 + more;
        assert_true(buffer_reserve(&bytes, length));
        memset(bytes.data + at, 'l', length);
        bytes.length += length;
        put(&bytes, 2);
        struct segment_walk *walk = begin_walk(&bytes);
        assert_frame(walk, 1);
        assert_damage(walk, at, length);
        assert_frame(walk, 2);
        assert_end(walk);
        buffer_free(&bytes);
    }
}

static void every_cut_ends_in_damage_from_the_last_whole_frame_on(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, 100000);
    put(&bytes, 1);
    size_t second = bytes.length;
    put(&bytes, 2);
    for (size_t end = second + 1; end < bytes.length; end++) {
        struct segment_walk *walk = begin_walk(&bytes);
        walk->end = end;
        assert_frame(walk, 1);
        assert_damage(walk, second, end - second);
        assert_end(walk);
    }
    buffer_free(&bytes);
}

static void garbage_to_the_end_is_damage(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, (size_t)1 << 20);
    assert_true(buffer_reserve(&bytes, (size_t)700 << 10));
    memset(bytes.data, 'l', bytes.length = (size_t)700 << 10);
    struct segment_walk *walk = begin_walk(&bytes);
    assert_damage(walk, 0, bytes.length);
    assert_end(walk);
    buffer_free(&bytes);
}

/* faults.md 13 */
static void a_file_that_is_cut_meanwhile_ends_there(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, 100000);
    put(&bytes, 1);
    size_t second = bytes.length;
    put(&bytes, 2);
    struct segment_walk *walk = begin_walk(&bytes);
    assert_true(os_truncate(walk->fd, second));
    assert_frame(walk, 1);
    assert_end(walk);
    walk = begin_walk(&bytes);
    segment_walk_start(walk, walk->fd, walk->seed, second, walk->end);
    assert_true(os_truncate(walk->fd, second));
    assert_end(walk); /* nothing at all is left behind its start */
    walk = begin_walk(&bytes);
    assert_true(os_truncate(walk->fd, second + 40));
    assert_frame(walk, 1);
    assert_damage(walk, second, 40);
    assert_end(walk);
    buffer_free(&bytes);
}

/* faults.md 9 */
static void a_block_that_cannot_be_read_counts_as_damage(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, 100000);
    while (bytes.length < 20000)
        put(&bytes, 1 + bytes.length);
    struct segment_walk *walk = begin_walk(&bytes);
    struct segment_piece piece;
    uint64_t damaged = 0;
    enum segment_found found;
    /* the read of all fails, then that of the second block */
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EIO });
    assert_int_equal(segment_walk_next(walk, &piece), SEGMENT_FRAME);
    assert_int_equal(sim_count(), 1 + (bytes.length + 4095) / 4096);
    assert_int_equal(walk->unreadable, 0);
    end_walk(walk);
    walk = begin_walk(&bytes);
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EIO, .forever = true });
    while ((found = segment_walk_next(walk, &piece)) < SEGMENT_END)
        damaged += found == SEGMENT_DAMAGE ? piece.bytes : 0;
    assert_int_equal(found, SEGMENT_END);
    assert_int_equal(damaged, bytes.length);
    assert_int_equal(walk->unreadable, bytes.length);
    end_walk(walk);
    buffer_free(&bytes);
}

static void a_file_that_is_cut_while_its_blocks_are_read_ends_there(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, 100000);
    while (bytes.length < 20000)
        put(&bytes, 1 + bytes.length);
    struct segment_walk *walk = begin_walk(&bytes);
    struct segment_piece piece;
    assert_true(os_truncate(walk->fd, 5000));
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EIO });
    while (segment_walk_next(walk, &piece) < SEGMENT_END)
        continue;
    assert_int_equal(walk->offset, 5000);
    end_walk(walk);
    buffer_free(&bytes);
}

/* At each read of a walk over damage: nothing is taken for damage that was not read. */
static void a_walk_that_may_not_read_says_so(void **state) {
    (void)state;
    struct buffer bytes;
    buffer_init(&bytes, (size_t)4 << 20);
    put(&bytes, 1);
    size_t at = bytes.length, length = (size_t)600 << 10;
    assert_true(buffer_reserve(&bytes, length));
    memset(bytes.data + at, 'l', length);
    bytes.length += length;
    struct made made;
    char *raw = memory_zeroed(1, (size_t)1 << 20);
    make_record(&made, 5, 600);
    made.record.raw = slice_from(raw, (size_t)1 << 20);
    assert_true(frame_put_record(&bytes, SEED, &made.record));
    for (uint64_t nth = 1;; nth++) {
        struct segment_walk *walk = begin_walk(&bytes);
        struct segment_piece piece;
        enum segment_found found;
        sim_inject((struct sim_fault){ .calls = SIM_READ, .at = nth, .error = ENOMEM });
        while ((found = segment_walk_next(walk, &piece)) < SEGMENT_END)
            continue;
        bool failed = sim_count() >= nth;
        assert_int_equal(found, failed ? SEGMENT_UNREADABLE : SEGMENT_END);
        end_walk(walk);
        if (!failed) break;
        assert_true(nth < 20);
    }
    struct segment_walk *walk = begin_walk(&bytes);
    struct segment_piece piece;
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EIO });
    (void)!segment_walk_next(walk, &piece);
    end_walk(walk);
    memory_free(raw);
    buffer_free(&bytes);
}

#define SEGMENT_TEST(test) cmocka_unit_test_setup(test, start)

int main(void) {
    const struct CMUnitTest tests[] = {
        SEGMENT_TEST(a_header_comes_back),
        SEGMENT_TEST(every_flipped_bit_of_a_header_costs_nothing),
        SEGMENT_TEST(a_header_with_both_copies_damaged_is_lost),
        SEGMENT_TEST(a_newer_header_is_known_wherever_its_sum_is),
        SEGMENT_TEST(a_walk_over_more_than_its_window_finds_every_frame),
        SEGMENT_TEST(a_frame_longer_than_the_window_is_found),
        SEGMENT_TEST(a_flipped_bit_in_a_length_skips_no_later_frame),
        SEGMENT_TEST(a_damaged_body_costs_its_frame_alone),
        SEGMENT_TEST(damage_longer_than_the_window_is_one_piece),
        SEGMENT_TEST(every_cut_ends_in_damage_from_the_last_whole_frame_on),
        SEGMENT_TEST(garbage_to_the_end_is_damage),
        SEGMENT_TEST(a_file_that_is_cut_meanwhile_ends_there),
        SEGMENT_TEST(a_block_that_cannot_be_read_counts_as_damage),
        SEGMENT_TEST(a_file_that_is_cut_while_its_blocks_are_read_ends_there),
        SEGMENT_TEST(a_walk_that_may_not_read_says_so),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
