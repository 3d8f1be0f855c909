/* Commits whose sums are right and that no spool wrote there: no start, read or repair trusts them.
 */
#include "spool_damage.h"

#include "store/frame_internal.h"
#include "store/pack.h"
#include "store/spool_check.h"

#define COMMIT_BYTES ((size_t)20)

struct forged {
    uint64_t last, first, bytes;
    uint32_t deletes; /* that it says it has */
};

static void put_commit(struct buffer *into, uint32_t seed, const struct forged *forged) {
    char *at = frame_begin(into, COMMIT_BYTES);
    assert_non_null(at);
    at = pack_u64(at, forged->first);
    at = pack_u64(at, forged->bytes);
    pack_u32(at, forged->deletes);
    frame_end(into, seed, FRAME_COMMIT, forged->last, COMMIT_BYTES, false);
}

/* The file, to be changed and put back. */
static uint32_t take_file(const char *path, struct buffer *file) {
    size_t length;
    struct segment_header header;
    const char *bytes = sim_bytes(path, &length);
    buffer_init(file, 2 * MAX_GROUP_BYTES);
    assert_true(buffer_append(file, slice_from(bytes, length)));
    assert_int_equal(segment_get_header(slice_from(bytes, length), &header), SEGMENT_WHOLE);
    return segment_seed(header.id);
}

static void put_file(const char *path, struct buffer *file) {
    sim_put(path, file->data, file->length);
    buffer_free(file);
}

/* Behind three groups and so many zeros the start does not see it, and cuts it off. */
static void assert_cut(size_t zeros, struct forged forged) {
    struct buffer file;
    make_spool(0, 3);
    uint32_t seed = take_file(FIRST, &file);
    size_t length = file.length;
    assert_true(buffer_reserve(&file, zeros));
    memset(file.data + length, 0, zeros);
    file.length += zeros;
    put_commit(&file, seed, &forged);
    uint64_t cut = file.length - length;
    put_file(FIRST, &file);
    struct spool *spool = open_sized(0);
    assert_int_equal(spool_end(spool), 10);
    assert_int_equal(spool_cut_bytes(spool), cut);
    assert_state(spool, 10);
    append_threes(spool, 1);
    assert_int_equal(read_all(spool).records, 12);
    spool_close(spool);
}

static void one_that_begins_behind_its_own_end_is_cut_off(void **state) {
    (void)state;
    assert_cut(0, (struct forged){ .last = 9, .first = 11 });
}

static void one_with_more_deletes_than_bytes_is_cut_off(void **state) {
    (void)state;
    assert_cut(0, (struct forged){ .last = 10, .first = 10, .deletes = 5 });
}

/* There is room for that many: as much would be read into memory. */
static void one_of_a_group_longer_than_any_is_cut_off(void **state) {
    (void)state;
    assert_cut(MAX_GROUP_BYTES + 8,
               (struct forged){ .last = 10, .first = 10, .bytes = MAX_GROUP_BYTES + 1 });
}

static void one_that_cannot_be_read_has_no_state(void **state) {
    (void)state;
    const char *before = "/s/spool/00000000000000000004.seg";
    const char *newest = "/s/spool/00000000000000000007.seg";
    struct buffer file;
    make_spool(1, 3); /* one group each */
    uint32_t seed = take_file(before, &file);
    put_commit(&file, seed, &(struct forged){ .last = 6, .first = 7, .deletes = 5 });
    put_file(before, &file);
    (void)take_file(newest, &file);
    file.data[file.length - 1]++;
    put_file(newest, &file);
    struct spool *spool = open_sized(1);
    assert_int_equal(spool_end(spool), 7);
    assert_state(spool, 7);
    spool_close(spool);
}

static void tell_no_damage(void *context, const struct checked_damage *damage) {
    (void)context, (void)damage;
}
static void tell_no_segment(void *context, const struct checked_segment *segment) {
    (void)context, (void)segment;
}
static void tell_no_cursor(void *context, const struct checked_cursor *cursor) {
    (void)context, (void)cursor;
}
static const struct spool_checker quiet = { tell_no_damage, tell_no_segment, tell_no_cursor, NULL };

static void one_that_cannot_be_read_is_left_out_by_a_repair(void **state) {
    (void)state;
    struct spool_checked checked;
    struct error err;
    struct buffer file;
    make_spool(1, 3);
    uint32_t seed = take_file(FIRST, &file);
    size_t good = file.length;
    put_commit(&file, seed, &(struct forged){ .last = 3, .first = 4, .deletes = 5 });
    file.data[0]++; /* the header: the segment is written anew */
    put_file(FIRST, &file);
    assert_true(spool_repair(STATE, &quiet, &checked, &err));
    assert_int_equal(checked.headers, 1);
    (void)take_file(FIRST, &file);
    assert_int_equal(file.length, good);
    buffer_free(&file);
    assert_true(spool_check(STATE, &quiet, &checked, &err));
    assert_int_equal(checked.records, 9);
    assert_int_equal(checked.headers + checked.damaged_bytes + checked.missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DAMAGE_TEST(one_that_begins_behind_its_own_end_is_cut_off),
        DAMAGE_TEST(one_with_more_deletes_than_bytes_is_cut_off),
        DAMAGE_TEST(one_of_a_group_longer_than_any_is_cut_off),
        DAMAGE_TEST(one_that_cannot_be_read_has_no_state),
        DAMAGE_TEST(one_that_cannot_be_read_is_left_out_by_a_repair),
    };
    return cmocka_run_group_tests_name("spool_commit", tests, NULL, NULL);
}
