/* Checks and repairs that a disk stops half way: what was there stays. */
#include "spool_damage.h"

#include "store/spool_check.h"

struct told {
    int cursors;
};

static void tell_damage(void *context, const struct checked_damage *damage) {
    (void)context, (void)damage;
}
static void tell_segment(void *context, const struct checked_segment *segment) {
    (void)context, (void)segment;
}
static void tell_cursor(void *context, const struct checked_cursor *cursor) {
    (void)cursor;
    ((struct told *)context)->cursors++;
}

static struct told told;
static const struct spool_checker checker = { tell_damage, tell_segment, tell_cursor, &told };
static struct spool_checked checked;
static struct error err;

static void a_long_group_that_cannot_be_written_anew_stays(void **state) {
    (void)state;
    struct spool *spool = open_sized(1);
    append_long_group(spool);
    assert_int_equal(append(spool, 1), SPOOL_STORED);
    spool_close(spool);
    size_t length, after;
    char *bytes = copy_of(FIRST, &length);
    bytes[0]++;
    sim_put(FIRST, bytes, length);
    /* behind the header */
    sim_inject((struct sim_fault){ .calls = SIM_WRITE, .path = "001.seg", .at = 2, .error = EIO });
    assert_false(spool_repair(STATE, &checker, &checked, &err));
    assert_non_null(strstr(err.text, FIRST ": cannot be written anew"));
    const char *now = sim_bytes(FIRST, &after);
    assert_slices(slice_from(now, after), slice_from(bytes, length));
    assert_true(spool_repair(STATE, &checker, &checked, &err));
    assert_int_equal(checked.records, 3);
    memory_free(bytes);
}

static void behind_a_cursor_that_cannot_be_read_none_is_looked_at(void **state) {
    (void)state;
    static const char *const names[] = { "archive", "index" };
    make_spool(0, 2);
    struct spool *spool = open_sized(0);
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct cursor cursor;
        struct cursor_file *file = cursor_open(spool, STATE, names[i], 1, &cursor, &err);
        assert_non_null(file);
        cursor_close(file);
    }
    spool_close(spool);
    told.cursors = 0;
    sim_inject(
        (struct sim_fault){ .calls = SIM_READ, .path = "cursors/", .at = 1, .error = EACCES });
    assert_false(spool_check(STATE, &checker, &checked, &err));
    assert_int_equal(told.cursors, 0);
    assert_true(spool_check(STATE, &checker, &checked, &err));
    assert_int_equal(told.cursors, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DAMAGE_TEST(a_long_group_that_cannot_be_written_anew_stays),
        DAMAGE_TEST(behind_a_cursor_that_cannot_be_read_none_is_looked_at),
    };
    return cmocka_run_group_tests_name("spool_repair", tests, NULL, NULL);
}
