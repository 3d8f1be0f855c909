/* base/os.h on real files, folders, pipes and terminals. */
#include "own_folder.h"

#include "base/alloc.h"
#include "base/os.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#define NO_DESCRIPTOR (-1)

static int set_up(void **state) {
    (void)state;
    os_ignore_closed_pipes();
    return own_folder_make();
}

static int tear_down(void **state) {
    (void)state;
    return own_folder_remove();
}

static char too_long[5000];

static const char *too_long_a_path(void) { return memset(too_long, 'x', sizeof too_long - 1); }

static void what_is_written_past_the_cache_is_read_wherever_it_lies(void **state) {
    (void)state;
    static const size_t starts[] = { 0, 1 }, lengths[] = { 8192, 4096, 5000, 0 };
    static char read[8192];
    char *blocks = aligned_alloc(OS_BLOCK_BYTES, 16384);
    assert_non_null(blocks);
    for (size_t i = 0; i < 16384; i++)
        blocks[i] = (char)(i * 7 >> 3);
    int fd = os_open(below("f"), OS_UPDATE);
    assert_true(fd >= 0);
    for (size_t i = 0; i < LENGTH(lengths); i++)
        for (size_t at = 0; at < LENGTH(starts); at++)
            for (uint64_t offset = 0; offset <= 4096; offset += 2048) {
                struct slice bytes = slice_from(blocks + starts[at], lengths[i]);
                assert_true(os_truncate(fd, 0));
                assert_true(os_write_past_cache(fd, bytes, offset));
                ssize_t got = os_read_at(fd, read, sizeof read, offset);
                assert_int_equal(got, lengths[i]);
                assert_memory_equal(read, bytes.data, lengths[i]);
            }
    assert_true(os_sync(fd));
    os_close(fd);
    free(blocks);
}

static void without_a_descriptor_every_call_fails(void **state) {
    (void)state;
    char *block = aligned_alloc(OS_BLOCK_BYTES, OS_BLOCK_BYTES), byte;
    struct os_info info;
    memset(block, 0, OS_BLOCK_BYTES);
    assert_int_equal(os_read(NO_DESCRIPTOR, &byte, 1), -1);
    assert_int_equal(os_read_at(NO_DESCRIPTOR, &byte, 1, 0), -1);
    assert_false(os_write(NO_DESCRIPTOR, SLICE("x")));
    assert_false(os_write_at(NO_DESCRIPTOR, SLICE("x"), 0));
    assert_false(os_write_past_cache(NO_DESCRIPTOR, slice_from(block, OS_BLOCK_BYTES), 0));
    assert_false(os_sync(NO_DESCRIPTOR));
    assert_false(os_truncate(NO_DESCRIPTOR, 0));
    assert_false(os_stat_fd(NO_DESCRIPTOR, &info));
    free(block);
}

static void who_holds_a_state_is_told_to_the_next(void **state) {
    (void)state;
    int holder;
    int first = os_lock_state(own_folder, &holder);
    assert_true(first >= 0);
    assert_int_equal(os_lock_state(own_folder, &holder), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    assert_int_equal(holder, os_process_id());
    assert_true(os_truncate(first, 0)); /* before it has said who it is */
    assert_int_equal(os_lock_state(own_folder, &holder), -1);
    assert_int_equal(holder, 0);
    os_close(first);
    first = os_lock_state(own_folder, &holder);
    assert_true(first >= 0);
    os_close(first);
    assert_int_equal(os_lock_state(below("missing"), &holder), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(os_lock_state(too_long_a_path(), &holder), -1);
    assert_int_equal(errno, ENAMETOOLONG);
}

static void a_folder_is_locked_once(void **state) {
    (void)state;
    int first = os_lock_folder(own_folder);
    assert_true(first >= 0);
    assert_int_equal(os_lock_folder(own_folder), -1);
    os_close(first);
    first = os_lock_folder(own_folder);
    assert_true(first >= 0);
    os_close(first);
    assert_int_equal(os_lock_folder(below("missing")), -1);
}

static void a_private_folder_is_made_with_those_above_it_and_not_through_a_file(void **state) {
    (void)state;
    struct os_info info;
    assert_true(os_make_private_folder(below("a/b/c")));
    assert_true(os_make_private_folder(below("a/b/c")));
    assert_true(os_stat(below("a/b"), &info));
    assert_int_equal(info.kind, OS_FOLDER);
    assert_false(info.open_to_all);
    write_file("f", "");
    assert_false(os_make_private_folder(below("f")));
    assert_int_equal(errno, ENOTDIR);
    assert_false(os_make_private_folder(below("f/g")));
    assert_false(os_make_private_folder(too_long_a_path()));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_true(os_make_folder(below("d")));
    assert_true(os_make_folder(below("d")));
    assert_false(os_make_folder(below("missing/d")));
}

static void what_is_not_there_is_missing_and_what_cannot_be_looked_at_is_not(void **state) {
    (void)state;
    struct os_info info;
    write_file("f", "");
    assert_true(os_stat(below("missing"), &info));
    assert_int_equal(info.kind, OS_MISSING);
    assert_true(os_stat(below("f/g"), &info));
    assert_int_equal(info.kind, OS_MISSING);
    assert_true(os_stat("/dev/null", &info));
    assert_int_equal(info.kind, OS_OTHER);
    assert_false(os_stat(too_long_a_path(), &info));
    assert_false(os_sync_folder(below("f")));
}

static void a_file_longer_than_its_ceiling_is_not_read(void **state) {
    (void)state;
    static char many[40000];
    size_t length;
    write_bytes("f", many, sizeof many);
    assert_null(os_read_file(below("f"), sizeof many - 1, &length));
    assert_int_equal(errno, EFBIG);
    char *bytes = os_read_file(below("f"), sizeof many, &length);
    assert_non_null(bytes);
    assert_int_equal(length, sizeof many);
    memory_free(bytes);
    assert_null(os_read_file(own_folder, sizeof many, &length));
    assert_int_equal(errno, EISDIR);
}

/* Nobody waits for who does not read. */
static void what_a_pipe_has_no_room_for_is_not_written(void **state) {
    (void)state;
    static char full[65536];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_true(os_write_now(ends[1], slice_from(full, sizeof full)));
    assert_false(os_write_now(ends[1], SLICE("x")));
    close(ends[0]);
    assert_false(os_write_now(ends[1], SLICE("x")));
    close(ends[1]);
}

static void color_is_as_chosen_or_as_the_environment_says_or_for_terminals(void **state) {
    (void)state;
    int fd = os_open("/dev/null", OS_READ);
    unsetenv("NO_COLOR");
    unsetenv("FORCE_COLOR");
    assert_false(os_use_color(fd));
    setenv("FORCE_COLOR", "1", 1);
    assert_true(os_use_color(fd));
    setenv("NO_COLOR", "", 1); /* as if it were not set */
    assert_true(os_use_color(fd));
    setenv("NO_COLOR", "1", 1);
    assert_false(os_use_color(fd));
    os_set_color(OS_COLOR_ALWAYS);
    assert_true(os_use_color(fd));
    os_set_color(OS_COLOR_NEVER);
    assert_false(os_use_color(fd));
    os_set_color(OS_COLOR_AUTO);
    unsetenv("NO_COLOR");
    unsetenv("FORCE_COLOR");
    os_close(fd);
}

static void a_terminal_says_how_wide_it_is_and_others_are_taken_for_80(void **state) {
    (void)state;
    static const struct {
        unsigned short rows, columns;
        bool known;
    } sizes[] = { { 30, 100, true }, { 0, 100, false }, { 30, 0, false } };
    int rows, columns, fd = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        struct winsize size = { .ws_row = sizes[i].rows, .ws_col = sizes[i].columns };
        assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
        assert_int_equal(os_terminal_columns(fd), sizes[i].columns ? sizes[i].columns : 80);
        assert_int_equal(os_terminal_size(fd, &rows, &columns), sizes[i].known);
        if (sizes[i].known) assert_true(rows == 30 && columns == 100);
    }
    close(fd);
    fd = os_open("/dev/null", OS_READ);
    assert_int_equal(os_terminal_columns(fd), 80);
    assert_false(os_terminal_size(fd, &rows, &columns));
    os_close(fd);
}

static void the_programs_folder_is_where_it_lies(void **state) {
    (void)state;
    char folder[4096], program[4096], name[4200];
    assert_true(os_program_folder(folder, sizeof folder));
    assert_true(os_read_link("/proc/self/exe", program, sizeof program));
    snprintf(name, sizeof name, "%s%s", folder, strrchr(program, '/'));
    assert_string_equal(name, program);
    assert_false(os_read_link(own_folder, program, sizeof program));
}

#define FILES_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        FILES_TEST(what_is_written_past_the_cache_is_read_wherever_it_lies),
        FILES_TEST(without_a_descriptor_every_call_fails),
        FILES_TEST(who_holds_a_state_is_told_to_the_next),
        FILES_TEST(a_folder_is_locked_once),
        FILES_TEST(a_private_folder_is_made_with_those_above_it_and_not_through_a_file),
        FILES_TEST(what_is_not_there_is_missing_and_what_cannot_be_looked_at_is_not),
        FILES_TEST(a_file_longer_than_its_ceiling_is_not_read),
        FILES_TEST(what_a_pipe_has_no_room_for_is_not_written),
        FILES_TEST(color_is_as_chosen_or_as_the_environment_says_or_for_terminals),
        FILES_TEST(a_terminal_says_how_wide_it_is_and_others_are_taken_for_80),
        FILES_TEST(the_programs_folder_is_where_it_lies),
    };
    return cmocka_run_group_tests_name("os_files", tests, NULL, NULL);
}
