/* Frames: what is put in comes out, and nothing else is taken for one. */
#include "spool_records.h"

#include "store/frame_internal.h"

#define SEED 12345u

static int start(void **state) {
    struct buffer *buffer = memory_zeroed(1, sizeof *buffer);
    buffer_init(buffer, 2 * MAX_FRAME_BYTES);
    *state = buffer;
    return 0;
}

static int end(void **state) {
    buffer_free(*state);
    memory_free(*state);
    return 0;
}

static void put(struct buffer *buffer, uint64_t sequence) {
    struct made made;
    make_record(&made, sequence, 600);
    assert_true(frame_put_record(buffer, SEED, &made.record));
}

static void the_sum_is_that_of_the_standard(void **state) {
    (void)state;
    assert_int_equal(crc32c(0, SLICE("123456789")), 0xe3069283u);
    assert_int_equal(crc32c(crc32c(0, SLICE("1234")), SLICE("56789")), 0xe3069283u);
    assert_int_equal(crc32c(7, SLICE("")), 7);
}

static void a_record_comes_back_as_it_was(void **state) {
    struct buffer *buffer = *state;
    struct arena arena;
    struct frame frame;
    arena_init(&arena);
    for (uint64_t i = 1; i <= 50; i++)
        put(buffer, i);
    struct slice left = buffer_slice(buffer);
    for (uint64_t i = 1; i <= 50; i++) {
        struct made made;
        struct record record;
        make_record(&made, i, 600);
        assert_int_equal(frame_find(left, SEED, &frame), FRAME_WHOLE);
        assert_true(frame_get_record(&frame, &arena, &record));
        assert_records(&record, &made.record);
        assert_slices(frame_key(&frame), made.record.key);
        assert_int_equal(frame_name(&frame), name_of_record(i));
        left = slice_skip(left, frame.bytes);
    }
    assert_false(frame_next(left, &frame));
    arena_free(&arena);
}

static void each_kind_of_record_comes_back_as_its_own(void **state) {
    struct buffer *buffer = *state;
    static const enum record_kind kinds[] = { RECORD_POST,          RECORD_EDIT,
                                              RECORD_DELETE,        RECORD_SCRUB,
                                              RECORD_AUTHOR_DELETE, RECORD_AUTHOR_SCRUB };
    struct arena arena;
    struct frame frame;
    arena_init(&arena);
    for (size_t i = 0; i < LENGTH(kinds); i++) {
        struct record record = {
            .kind = kinds[i], .key = SLICE("x:7"), .sequence = i + 1, .name = 99
        };
        buffer->length = 0;
        assert_true(frame_put_record(buffer, SEED, &record));
        assert_int_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_WHOLE);
        assert_int_not_equal(frame.kind, FRAME_COMMIT);
        assert_true(frame_get_record(&frame, &arena, &record));
        assert_int_equal(record.kind, kinds[i]);
        assert_int_equal(record.name, 99);
    }
    arena_free(&arena);
}

static void a_commit_comes_back_with_what_it_says_of_its_group(void **state) {
    struct buffer *buffer = *state;
    struct arena arena;
    struct frame frame;
    uint64_t deletes[] = { 7, UINT64_MAX };
    struct commit in = { .state = SLICE("sums"), .deletes = deletes, .delete_count = 2 }, out;
    arena_init(&arena);
    put(buffer, 8);
    put(buffer, 9);
    size_t at = buffer->length;
    assert_true(frame_put_commit(buffer, SEED, 9, &in));
    assert_int_equal(frame_find(slice_skip(buffer_slice(buffer), at), SEED, &frame), FRAME_WHOLE);
    assert_true(frame_get_commit(&frame, &arena, &out));
    assert_int_equal(frame.sequence, 9);
    assert_int_equal(out.first, 8);
    assert_int_equal(out.bytes, at);
    assert_int_equal(out.delete_count, 2);
    assert_memory_equal(out.deletes, deletes, sizeof deletes);
    assert_slices(out.state, in.state);
    arena_free(&arena);
}

static void a_commit_of_no_records_says_what_comes_next(void **state) {
    struct buffer *buffer = *state;
    struct arena arena;
    struct frame frame;
    struct commit none = { 0 }, out;
    arena_init(&arena);
    assert_true(frame_put_commit(buffer, SEED, 41, &none));
    assert_int_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_WHOLE);
    assert_true(frame_get_commit(&frame, &arena, &out));
    assert_int_equal(out.first, 42);
    assert_int_equal(out.bytes, 0);
    arena_free(&arena);
}

static void what_would_be_too_long_is_not_put(void **state) {
    struct buffer *buffer = *state;
    struct made made;
    char *bytes = memory_zeroed(1, MAX_FRAME_BYTES);
    struct commit commit = { .state = { bytes, MAX_STATE_BYTES + 1 } };
    make_record(&made, 1, 600);
    made.record.raw = slice_from(bytes, MAX_FRAME_BYTES - FRAME_HEADER_BYTES);
    assert_false(frame_put_record(buffer, SEED, &made.record));
    assert_false(frame_put_commit(buffer, SEED, 1, &commit));
    commit.state.length = MAX_STATE_BYTES;
    buffer->ceiling = 100;
    assert_false(frame_put_commit(buffer, SEED, 1, &commit));
    made.record.raw.length = 100;
    assert_false(frame_put_record(buffer, SEED, &made.record));
    assert_int_equal(buffer->length, 0);
    memory_free(bytes);
}

static void every_flipped_bit_of_a_frame_is_seen(void **state) {
    struct buffer *buffer = *state;
    struct frame frame;
    put(buffer, 3);
    for (size_t i = 0; i < buffer->length * 8; i++) {
        buffer->data[i / 8] ^= (char)(1 << i % 8);
        assert_int_not_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_WHOLE);
        /* a length is believed only when the header is right: no flip makes a long frame */
        assert_true(frame.bytes == 0 || frame.bytes == buffer->length);
        buffer->data[i / 8] ^= (char)(1 << i % 8);
    }
}

static void every_cut_of_a_frame_is_seen(void **state) {
    struct buffer *buffer = *state;
    struct frame frame;
    put(buffer, 3);
    for (size_t i = 0; i < buffer->length; i++) {
        assert_int_equal(frame_find(slice_first(buffer_slice(buffer), i), SEED, &frame), FRAME_CUT);
        assert_int_equal(frame.bytes, i < FRAME_HEADER_BYTES ? 0 : buffer->length);
    }
}

static void a_frame_of_another_spool_is_none(void **state) {
    struct buffer *buffer = *state;
    struct frame frame;
    put(buffer, 3);
    assert_int_equal(frame_find(buffer_slice(buffer), SEED + 1, &frame), FRAME_DAMAGED);
}

static void a_header_of_a_kind_or_length_that_is_none_is_damage(void **state) {
    struct buffer *buffer = *state;
    struct frame frame;
    assert_non_null(frame_begin(buffer, 8));
    frame_end(buffer, SEED, FRAME_KINDS, 1, 8, false);
    assert_int_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_DAMAGED);
    buffer->length = 0;
    assert_null(frame_begin(buffer, MAX_FRAME_BYTES - FRAME_HEADER_BYTES + 1));
    assert_true(buffer_reserve(buffer, MAX_FRAME_BYTES + 1));
    frame_end(buffer, SEED, FRAME_POST, 1, MAX_FRAME_BYTES - FRAME_HEADER_BYTES + 1, false);
    assert_int_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_DAMAGED);
}

static void the_next_frame_is_found_behind_any_bytes(void **state) {
    struct buffer *buffer = *state;
    assert_true(buffer_append(buffer, SLICE("lnf1 is no frame, nor is lnf1, nor l")));
    size_t at = buffer->length;
    assert_int_equal(frame_seek(buffer_slice(buffer), SEED), at);
    put(buffer, 3);
    assert_int_equal(frame_seek(buffer_slice(buffer), SEED), at);
    assert_int_equal(frame_seek(slice_skip(buffer_slice(buffer), at), SEED), 0);
    struct slice cut = slice_first(buffer_slice(buffer), at + FRAME_HEADER_BYTES - 1);
    assert_int_equal(frame_seek(cut, SEED), cut.length);
    char other[100] = { 0 };
    assert_int_equal(frame_seek(slice_from(other, 100), SEED), 100);
}

/* Its sum is right: whoever wrote it was wrong. */
static bool is_record(struct buffer *buffer, struct slice body) {
    struct arena arena;
    struct record record;
    struct frame frame;
    buffer->length = 0;
    memcpy(frame_begin(buffer, body.length), body.data, body.length);
    frame_end(buffer, SEED, FRAME_POST, 1, body.length, false);
    assert_int_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_WHOLE);
    arena_init(&arena);
    bool is = frame_get_record(&frame, &arena, &record);
    arena_free(&arena);
    return is;
}

static void a_body_that_is_no_record_is_refused(void **state) {
    struct buffer *buffer = *state, body;
    put(buffer, 5);
    buffer_init(&body, 10000);
    assert_true(buffer_append(&body, slice_skip(buffer_slice(buffer), FRAME_HEADER_BYTES)));
    assert_true(buffer_append(&body, SLICE("x")));
    assert_false(is_record(buffer, buffer_slice(&body)));
    body.length--;
    assert_true(is_record(buffer, buffer_slice(&body)));
    for (size_t i = 0; i < body.length; i++)
        assert_false(is_record(buffer, slice_first(buffer_slice(&body), i)));
    body.data[body.length - 4]++; /* the last route's document */
    assert_false(is_record(buffer, buffer_slice(&body)));
    buffer_free(&body);
}

static void a_commit_with_more_deletes_than_bytes_is_refused(void **state) {
    struct buffer *buffer = *state;
    struct arena arena;
    struct commit commit = { .state = SLICE("1234567") };
    struct frame frame;
    arena_init(&arena);
    assert_true(frame_put_commit(buffer, SEED, 1, &commit));
    buffer->data[FRAME_HEADER_BYTES + 16] = 1;
    assert_true(frame_next(buffer_slice(buffer), &frame));
    assert_false(frame_get_commit(&frame, &arena, &commit));
    arena_free(&arena);
}

/* Its sum is right, and it says that it has a tail. */
static bool is_tailed_commit(struct buffer *buffer, struct slice body) {
    struct arena arena;
    struct commit commit;
    struct frame frame;
    buffer->length = 0;
    memcpy(frame_begin(buffer, body.length), body.data, body.length);
    frame_end(buffer, SEED, FRAME_COMMIT, 1, body.length, true);
    assert_int_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_WHOLE);
    arena_init(&arena);
    bool is = frame_get_commit(&frame, &arena, &commit);
    assert_int_equal(commit.state.length, 0);
    arena_free(&arena);
    return is;
}

static void a_commit_without_room_for_its_tail_is_refused(void **state) {
    char body[20 + 4] = { 0 };
    assert_true(is_tailed_commit(*state, slice_from(body, 24)));
    for (size_t length = 20; length < 24; length++)
        assert_false(is_tailed_commit(*state, slice_from(body, length)));
    body[20] = 1; /* a byte of padding that is not there */
    assert_false(is_tailed_commit(*state, slice_from(body, 24)));
    memset(body + 20, 0xff, 4);
    assert_false(is_tailed_commit(*state, slice_from(body, 24)));
}

static void a_record_without_room_for_its_name_has_none(void **state) {
    struct buffer *buffer = *state;
    struct frame frame;
    for (size_t length = 0; length <= 8; length++) {
        buffer->length = 0;
        memset(frame_begin(buffer, length), 1, length);
        frame_end(buffer, SEED, FRAME_POST, 1, length, true);
        assert_int_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_WHOLE);
        assert_int_equal(frame_name(&frame), length < 8 ? 0 : UINT64_C(0x0101010101010101));
    }
}

#define FRAME_TEST(test) cmocka_unit_test_setup_teardown(test, start, end)

static void a_route_to_no_document_makes_it_no_record(void **state) {
    struct buffer *buffer = *state;
    struct arena arena;
    struct frame frame;
    struct made made;
    struct record record;
    arena_init(&arena);
    make_record(&made, 1, 600);
    made.routes[0].document = made.record.document_count;
    assert_true(frame_put_record(buffer, SEED, &made.record));
    assert_int_equal(frame_find(buffer_slice(buffer), SEED, &frame), FRAME_WHOLE);
    assert_false(frame_get_record(&frame, &arena, &record));
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_is_that_of_the_standard),
        FRAME_TEST(a_record_comes_back_as_it_was),
        FRAME_TEST(each_kind_of_record_comes_back_as_its_own),
        FRAME_TEST(a_commit_comes_back_with_what_it_says_of_its_group),
        FRAME_TEST(a_commit_of_no_records_says_what_comes_next),
        FRAME_TEST(what_would_be_too_long_is_not_put),
        FRAME_TEST(every_flipped_bit_of_a_frame_is_seen),
        FRAME_TEST(every_cut_of_a_frame_is_seen),
        FRAME_TEST(a_frame_of_another_spool_is_none),
        FRAME_TEST(a_header_of_a_kind_or_length_that_is_none_is_damage),
        FRAME_TEST(the_next_frame_is_found_behind_any_bytes),
        FRAME_TEST(a_body_that_is_no_record_is_refused),
        FRAME_TEST(a_commit_with_more_deletes_than_bytes_is_refused),
        FRAME_TEST(a_commit_without_room_for_its_tail_is_refused),
        FRAME_TEST(a_record_without_room_for_its_name_has_none),
        cmocka_unit_test_setup_teardown(a_route_to_no_document_makes_it_no_record, start, end),
    };
    return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
