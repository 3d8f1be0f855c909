/* Cursors on disk: repeats after whatever happened, never a gap. */
#include "spool_records.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include "store/cursor.h"
#include <errno.h>

#define NAME "index"
#define PATH "/s/cursors/index"

static int start(void **state) {
    sim_reset();
    struct spool *spool = open_sized(1);
    for (int i = 0; i < 10; i++)
        assert_int_equal(append(spool, 10), SPOOL_STORED);
    *state = spool;
    return 0;
}

static int end(void **state) {
    if (*state) spool_close(*state);
    return 0;
}

static struct cursor_file *open_cursor(const struct spool *spool, struct cursor *cursor) {
    struct error err;
    struct cursor_file *file = cursor_open(spool, STATE, NAME, 1, cursor, &err);
    if (file == NULL) fail_msg("%s", err.text);
    return file;
}

static void save(struct cursor_file *file, const struct cursor *cursor) {
    struct error err;
    if (!cursor_save(file, cursor, &err)) fail_msg("%s", err.text);
}

static void assert_cursor(const struct cursor *cursor, uint64_t start_at, uint64_t next,
                          uint64_t delivered, uint64_t damaged) {
    assert_int_equal(cursor->start, start_at);
    assert_int_equal(cursor->next, next);
    assert_int_equal(cursor->delivered, delivered);
    assert_int_equal(cursor->damaged, damaged);
    assert_int_equal(next - start_at, delivered + damaged + cursor->dead + cursor->dropped);
}

/* A file that says this, closed. */
static void make_cursor(const struct spool *spool, struct cursor cursor) {
    struct cursor before;
    struct cursor_file *file = open_cursor(spool, &before);
    save(file, &cursor);
    save(file, &cursor);
    cursor_close(file);
}

static void a_new_cursor_is_where_it_is_wanted(void **state) {
    struct error err;
    struct cursor cursor;
    struct cursor_file *file = cursor_open(*state, STATE, NAME, 41, &cursor, &err);
    assert_cursor(&cursor, 41, 41, 0, 0);
    assert_null(cursor_repaired(file));
    cursor_close(file);
    file = cursor_open(*state, STATE, NAME, 7, &cursor, &err);
    assert_cursor(&cursor, 41, 41, 0, 0);
    assert_null(cursor_repaired(file));
    cursor_close(file);
}

static void the_last_save_counts(void **state) {
    struct cursor cursor;
    struct cursor_file *file = open_cursor(*state, &cursor);
    for (uint64_t i = 1; i <= 20; i++) {
        cursor = (struct cursor){ 1, 1 + 4 * i, i, i, i, i };
        save(file, &cursor);
        cursor_close(file);
        sim_cut_power(i);
        file = open_cursor(*state, &cursor);
        assert_cursor(&cursor, 1, 1 + 4 * i, i, i);
        assert_int_equal(cursor.dead, i);
        assert_int_equal(cursor.dropped, i);
    }
    cursor_close(file);
}

/* ---- faults.md 11 ---- */

static void every_flipped_bit_costs_one_save_at_most(void **state) {
    struct cursor cursor;
    struct cursor_file *file = open_cursor(*state, &cursor);
    save(file, &(struct cursor){ .start = 1, .next = 11, .delivered = 10 });
    save(file, &(struct cursor){ .start = 1, .next = 21, .delivered = 20 });
    cursor_close(file);
    size_t length;
    const char *bytes = sim_bytes(PATH, &length);
    char *copy = memcpy(memory_alloc(length), bytes, length);
    uint64_t older = 0;
    for (size_t i = 0; i < length; i++) {
        copy[i] ^= (char)(1 << i % 8);
        sim_put(PATH, copy, length);
        copy[i] ^= (char)(1 << i % 8);
        file = open_cursor(*state, &cursor);
        assert_true(cursor.next == 11 || cursor.next == 21);
        assert_int_equal(cursor.delivered, cursor.next - 1);
        older += cursor.next == 11;
        cursor_close(file);
    }
    assert_int_equal(older, 92);
    memory_free(copy);
}

static void with_no_whole_copy_it_starts_at_the_oldest_record(void **state) {
    struct spool *spool = *state;
    spool_drop(spool, 31);
    static const size_t lengths[] = { 0, 1, 91, 4096, 10000 };
    char garbage[10000];
    memset(garbage, 'x', sizeof garbage);
    for (size_t i = 0; i < LENGTH(lengths); i++) {
        struct error err;
        struct cursor cursor;
        make_cursor(spool, (struct cursor){ .start = 1, .next = 91, .delivered = 90 });
        sim_put(PATH, garbage, lengths[i]);
        /* not at `fresh`: that would be a gap */
        struct cursor_file *file = cursor_open(spool, STATE, NAME, 101, &cursor, &err);
        assert_cursor(&cursor, 31, 31, 0, 0);
        assert_non_null(strstr(cursor_repaired(file), "no copy of it is whole"));
        cursor_close(file);
    }
}

static void one_that_cannot_be_read_starts_at_the_oldest_record(void **state) {
    struct cursor cursor;
    struct error err;
    make_cursor(*state, (struct cursor){ .start = 1, .next = 91, .delivered = 90 });
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EIO });
    struct cursor_file *file = open_cursor(*state, &cursor);
    assert_cursor(&cursor, 1, 1, 0, 0);
    cursor_close(file);
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EMFILE });
    assert_null(cursor_open(*state, STATE, NAME, 1, &cursor, &err));
    assert_non_null(strstr(err.text, PATH ": cannot be read"));
}

static void one_that_does_not_add_up_starts_at_the_oldest_record(void **state) {
    static const struct cursor wrong[] = { { .start = 1, .next = 10, .delivered = 8 },
                                           { .start = 10, .next = 1 } };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct cursor cursor;
        make_cursor(*state, wrong[i]);
        struct cursor_file *file = open_cursor(*state, &cursor);
        assert_cursor(&cursor, 1, 1, 0, 0);
        cursor_close(file);
    }
}

static void one_of_another_spool_starts_at_the_oldest_record(void **state) {
    struct cursor cursor;
    make_cursor(*state, (struct cursor){ .start = 1, .next = 91, .delivered = 90 });
    size_t length;
    const char *bytes = sim_bytes(PATH, &length);
    char *copy = memcpy(memory_alloc(length), bytes, length);
    spool_close(*state);
    (void)start(state);
    struct cursor_file *file = open_cursor(*state, &cursor);
    cursor_close(file);
    sim_put(PATH, copy, length);
    file = open_cursor(*state, &cursor);
    assert_cursor(&cursor, 1, 1, 0, 0);
    assert_non_null(strstr(cursor_repaired(file), "of another spool"));
    cursor_close(file);
    memory_free(copy);
}

static void one_past_the_end_is_at_the_end(void **state) {
    static const struct {
        struct cursor says;
        uint64_t start, delivered, dead;
    } cases[] = {
        { { 1, 111, 110, 0, 0, 0 }, 1, 100, 0 },
        { { 1, 111, 5, 80, 15, 10 }, 1, 0, 80 },
        { { 1, 181, 5, 140, 15, 20 }, 1, 0, 100 },
        { { 106, 111, 2, 1, 1, 1 }, 101, 0, 0 },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct cursor cursor;
        make_cursor(*state, cases[i].says);
        struct cursor_file *file = open_cursor(*state, &cursor);
        assert_int_equal(cursor.dead, cases[i].dead);
        assert_cursor(&cursor, cases[i].start, 101, cases[i].delivered, cursor.damaged);
        assert_non_null(strstr(cursor_repaired(file), "past the end"));
        cursor_close(file);
    }
}

static void one_in_a_removed_segment_counts_what_is_gone_as_damaged(void **state) {
    struct spool *spool = *state;
    struct cursor cursor;
    make_cursor(spool, (struct cursor){ .start = 1, .next = 6, .delivered = 4, .dead = 1 });
    spool_drop(spool, 31);
    struct cursor_file *file = open_cursor(spool, &cursor);
    assert_cursor(&cursor, 1, 31, 4, 25);
    assert_non_null(strstr(cursor_repaired(file), "are gone"));
    cursor_close(file);
}

/* faults.md 43 */
static void one_of_a_newer_format_is_refused_untouched(void **state) {
    struct error err;
    struct cursor cursor;
    make_cursor(*state, (struct cursor){ .start = 1, .next = 1 });
    size_t length, after;
    const char *bytes = sim_bytes(PATH, &length);
    char *good = memcpy(memory_alloc(length), bytes, length), *copy = memory_alloc(length);
    for (int slots = 1; slots <= 3; slots++) {
        memcpy(copy, good, length);
        for (int slot = 0; slot < 2; slot++)
            if (slots & 1 << slot)
                copy[4096 * slot + 8] = CURSOR_FORMAT + 1;
            else
                memset(copy + 4096 * slot, 0, 92);
        sim_put(PATH, copy, length);
        sim_inject((struct sim_fault){ .calls = SIM_CHANGES });
        assert_null(cursor_open(*state, STATE, NAME, 1, &cursor, &err));
        assert_non_null(strstr(err.text, PATH ": made by a newer linnet"));
        assert_int_equal(sim_count(), 0);
        bytes = sim_bytes(PATH, &after);
        assert_slices(slice_from(bytes, after), slice_from(copy, length));
    }
    memory_free(copy);
    memory_free(good);
}

/* ---- faults.md 1, 3, 4, 5, 6 ---- */

static void killed_at_each_change_what_was_saved_is_there(void **state) {
    void *image = sim_save();
    for (uint64_t seed = 0; seed < 12; seed++)
        for (uint64_t at = 1;; at++) {
            uint64_t saved = 1;
            struct error err;
            struct cursor cursor;
            sim_restore(image);
            sim_inject((struct sim_fault){ .calls = SIM_CHANGES, .kill_at = at, .half = seed % 2 });
            for (int part = 0; part < 2; part++) {
                struct cursor_file *file = cursor_open(*state, STATE, NAME, 1, &cursor, &err);
                for (uint64_t i = 0; file && i < 3; i++) {
                    cursor.next++;
                    cursor.delivered++;
                    bool done = cursor_save(file, &cursor, &err);
                    assert_false(done && sim_is_dead());
                    if (done) saved = cursor.next;
                }
                if (file) cursor_close(file);
            }
            bool killed = sim_is_dead();
            if (seed == 11)
                sim_restart();
            else
                sim_cut_power(seed);
            struct cursor_file *file = open_cursor(*state, &cursor);
            assert_true(cursor.next == saved || cursor.next == saved + 1);
            assert_int_equal(cursor.delivered, cursor.next - 1);
            assert_null(cursor_repaired(file));
            cursor_close(file);
            if (!killed) break;
        }
    sim_restore(image);
    free(image);
}

static void after_a_failed_sync_the_next_save_makes_a_new_file(void **state) {
    struct error err;
    struct cursor cursor;
    static const int errors[] = { EIO, ENOSPC };
    static const unsigned calls[] = { SIM_SYNC, SIM_WRITE };
    for (size_t i = 0; i < 4; i++) {
        struct cursor_file *file = open_cursor(*state, &cursor);
        cursor = (struct cursor){ .start = 1, .next = 11, .delivered = 10 };
        save(file, &cursor);
        sim_inject((struct sim_fault){
            .calls = calls[i / 2], .at = 1, .error = errors[i % 2], .half = true });
        cursor = (struct cursor){ .start = 1, .next = 21, .delivered = 20 };
        assert_false(cursor_save(file, &cursor, &err));
        assert_non_null(strstr(err.text, PATH ": cannot be written"));
        sim_inject((struct sim_fault){ .calls = SIM_RENAME });
        save(file, &cursor);
        assert_int_equal(sim_count(), 1);
        cursor_close(file);
        sim_cut_power(0);
        file = open_cursor(*state, &cursor);
        assert_int_equal(cursor.next, 21);
        cursor_close(file);
    }
}

static void without_room_it_is_saved_when_there_is_some(void **state) {
    struct error err;
    struct cursor cursor;
    struct cursor_file *file = open_cursor(*state, &cursor);
    cursor = (struct cursor){ .start = 1, .next = 11, .delivered = 10 };
    save(file, &cursor);
    for (unsigned calls = SIM_CREATE; calls <= SIM_REMOVE; calls *= 2) {
        sim_inject((struct sim_fault){ .calls = SIM_SYNC, .at = 1, .error = ENOSPC });
        assert_false(cursor_save(file, &cursor, &err));
        sim_inject((struct sim_fault){ .calls = calls, .at = 1, .error = ENOSPC, .forever = true });
        for (int tries = 0; tries < 3; tries++)
            if (cursor_save(file, &cursor, &err)) assert_int_equal(sim_count(), 0);
        sim_inject((struct sim_fault){ 0 });
        cursor.next++;
        cursor.delivered++;
        save(file, &cursor);
    }
    uint64_t next = cursor.next;
    cursor_close(file);
    sim_cut_power(0);
    file = open_cursor(*state, &cursor);
    assert_int_equal(cursor.next, next);
    cursor_close(file);
}

static void a_cursor_that_cannot_be_made_is_named(void **state) {
    struct error err;
    struct cursor cursor;
    for (unsigned calls = SIM_OPEN; calls <= SIM_RENAME; calls *= 2) {
        if (calls == SIM_TRUNCATE) continue;
        sim_inject((struct sim_fault){ .calls = calls, .at = 1, .error = EACCES });
        assert_null(cursor_open(*state, STATE, NAME, 1, &cursor, &err));
        assert_non_null(strstr(err.text, PATH));
    }
    sim_inject((struct sim_fault){ 0 });
}

/* ---- names ---- */

struct names {
    char all[8][300];
    size_t count;
};

static void note_name(void *context, const char *name) {
    struct names *names = context;
    snprintf(names->all[names->count++], sizeof names->all[0], "%s", name);
}

static void any_name_makes_a_file_in_the_folder(void **state) {
    static const char *const wanted[] = { "a", "../up", "sl/ash", "p%nt", "Caf\xc3\xa9 1", "_-Z9" };
    struct error err;
    struct cursor cursor;
    struct names names = { 0 };
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        struct cursor_file *file = cursor_open(*state, STATE, wanted[i], 1, &cursor, &err);
        assert_non_null(file);
        cursor_close(file);
    }
    static const char *const strange[] = { "a.new", "%",   "%4",  "%zz", "%4z", "%:0",
                                           "%@0",   "%G0", "a b", "a{",  "A[",  "a`" };
    for (size_t i = 0; i < LENGTH(strange); i++) {
        char path[64];
        snprintf(path, sizeof path, "/s/cursors/%s", strange[i]);
        os_close(os_open(path, OS_UPDATE));
    }
    assert_true(cursor_list(STATE, note_name, &names, &err));
    assert_int_equal(names.count, LENGTH(wanted));
    for (size_t i = 0; i < LENGTH(wanted); i++) {
        size_t at = 0;
        while (at < names.count && strcmp(names.all[at], wanted[i]) != 0)
            at++;
        assert_true(at < names.count);
    }
}

static void names_too_long_are_refused_and_left_alone(void **state) {
    char name[300];
    struct error err;
    struct cursor cursor;
    const char *wrong;
    struct names names = { 0 };
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_null(cursor_open(*state, STATE, name, 1, &cursor, &err));
    assert_non_null(strstr(err.text, "too long a name"));
    assert_false(cursor_look(*state, STATE, name, &cursor, &wrong, &err));
    assert_false(cursor_forget(STATE, name, &err));
    memcpy(name + 250, ":", 2); /* three bytes of a file's name */
    assert_null(cursor_open(*state, STATE, name, 1, &cursor, &err));
    assert_non_null(strstr(err.text, "too long a name"));
    char folder[4000];
    memset(folder, 'f', sizeof folder);
    folder[sizeof folder - 1] = '\0';
    assert_false(cursor_forget(folder, "x", &err));
    assert_false(cursor_list(folder, note_name, &names, &err));
}

static void a_forgotten_cursor_is_gone(void **state) {
    struct error err;
    struct names names = { 0 };
    make_cursor(*state, (struct cursor){ .start = 1, .next = 1 });
    assert_true(cursor_forget(STATE, NAME, &err));
    sim_cut_power(0);
    assert_true(cursor_list(STATE, note_name, &names, &err));
    assert_int_equal(names.count, 0);
    assert_false(cursor_forget(STATE, NAME, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    make_cursor(*state, (struct cursor){ .start = 1, .next = 1 });
    sim_inject((struct sim_fault){ .calls = SIM_SYNC_FOLDER, .at = 1, .error = EIO });
    assert_false(cursor_forget(STATE, NAME, &err));
}

static void a_cursor_that_cannot_be_removed_is_named(void **state) {
    struct error err;
    struct cursor cursor;
    const char *wrong;
    make_cursor(*state, (struct cursor){ .start = 1, .next = 1 });
    sim_inject((struct sim_fault){ .calls = SIM_REMOVE, .at = 1, .error = EACCES });
    assert_false(cursor_forget(STATE, NAME, &err));
    assert_non_null(strstr(err.text, "cannot be removed: Permission denied"));
    assert_true(cursor_look(*state, STATE, NAME, &cursor, &wrong, &err));
}

static void count_name(void *context, const char *name) {
    (void)name;
    ++*(size_t *)context;
}

/* Not made by linnet: a name so long is no cursor's. */
static void a_file_with_too_long_a_name_is_not_listed(void **state) {
    struct error err;
    char path[300];
    size_t count = 0;
    (void)state;
    assert_true(os_make_private_folder("/l/cursors"));
    for (int length = 250; length < 254; length++) {
        snprintf(path, sizeof path, "/l/cursors/%0*d", length, 1);
        os_close(os_open(path, OS_UPDATE));
    }
    assert_true(cursor_list("/l", count_name, &count, &err));
    assert_int_equal(count, 2);
}

static void looking_changes_nothing(void **state) {
    struct error err;
    struct cursor cursor;
    const char *wrong;
    make_cursor(*state, (struct cursor){ .start = 1, .next = 111, .delivered = 110 });
    sim_inject((struct sim_fault){ .calls = SIM_CHANGES });
    assert_true(cursor_look(*state, STATE, NAME, &cursor, &wrong, &err));
    assert_cursor(&cursor, 1, 101, 100, 0);
    assert_non_null(strstr(wrong, "past the end"));
    assert_false(cursor_look(*state, STATE, "other", &cursor, &wrong, &err));
    assert_non_null(strstr(err.text, "other: there is no such cursor"));
    assert_int_equal(sim_count(), 0);
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EACCES });
    assert_false(cursor_look(*state, STATE, NAME, &cursor, &wrong, &err));
}

static void what_it_counts_goes_to_the_end_of_the_spool_or_beyond(void **state) {
    const struct cursor cursor = {
        .start = 5, .next = 12, .delivered = 3, .dead = 1, .dropped = 2, .damaged = 1
    };
    (void)state;
    struct log_counts counts = cursor_counts(&cursor, 20);
    assert_int_equal(counts.spooled, 15);
    assert_int_equal(counts.delivered + counts.dead + counts.dropped + counts.damaged, 7);
    assert_int_equal(cursor_counts(&cursor, 8).spooled, 7);
}

#define CURSOR_TEST(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        CURSOR_TEST(a_new_cursor_is_where_it_is_wanted),
        CURSOR_TEST(the_last_save_counts),
        CURSOR_TEST(every_flipped_bit_costs_one_save_at_most),
        CURSOR_TEST(with_no_whole_copy_it_starts_at_the_oldest_record),
        CURSOR_TEST(one_that_cannot_be_read_starts_at_the_oldest_record),
        CURSOR_TEST(one_that_does_not_add_up_starts_at_the_oldest_record),
        CURSOR_TEST(one_of_another_spool_starts_at_the_oldest_record),
        CURSOR_TEST(one_past_the_end_is_at_the_end),
        CURSOR_TEST(one_in_a_removed_segment_counts_what_is_gone_as_damaged),
        CURSOR_TEST(one_of_a_newer_format_is_refused_untouched),
        CURSOR_TEST(killed_at_each_change_what_was_saved_is_there),
        CURSOR_TEST(after_a_failed_sync_the_next_save_makes_a_new_file),
        CURSOR_TEST(without_room_it_is_saved_when_there_is_some),
        CURSOR_TEST(a_cursor_that_cannot_be_made_is_named),
        CURSOR_TEST(any_name_makes_a_file_in_the_folder),
        CURSOR_TEST(names_too_long_are_refused_and_left_alone),
        CURSOR_TEST(a_forgotten_cursor_is_gone),
        CURSOR_TEST(a_cursor_that_cannot_be_removed_is_named),
        CURSOR_TEST(a_file_with_too_long_a_name_is_not_listed),
        CURSOR_TEST(looking_changes_nothing),
        CURSOR_TEST(what_it_counts_goes_to_the_end_of_the_spool_or_beyond),
    };
    return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}
