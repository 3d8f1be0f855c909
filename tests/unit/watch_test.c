/* Which changes of files reach a configuration that was read from them. */
#include "config/watch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include <cmocka.h>

struct fixture {
    char folder[64];
    struct loop *loop;
    struct watcher *watcher;
    struct inputs inputs;
    struct timer limit;
    int changes;
};

static void changed(void *context) {
    struct fixture *fixture = context;
    fixture->changes++;
}

static void limit(struct timer *timer) {
    loop_stop(CONTAINER_OF(timer, struct fixture, limit)->loop);
}

/* Changes within so many milliseconds. */
static int changes_in(struct fixture *fixture, uint64_t ms) {
    fixture->changes = 0;
    timer_start(fixture->loop, &fixture->limit, ms);
    loop_run(fixture->loop);
    return fixture->changes;
}

static const char *below(const struct fixture *fixture, const char *name) {
    static char paths[4][200];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", fixture->folder, name);
    return path;
}

static void put(const struct fixture *fixture, const char *name, const char *text) {
    FILE *file = fopen(below(fixture, name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
}

static void follow(struct fixture *fixture, const char *name, const char *text) {
    inputs_init(&fixture->inputs);
    if (text)
        inputs_add(&fixture->inputs, below(fixture, name), slice_of(text));
    else
        inputs_add_missing(&fixture->inputs, below(fixture, name));
    watcher_follow(fixture->watcher, &fixture->inputs);
}

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    strcpy(fixture->folder, "/tmp/linnet-watch-XXXXXX");
    if (!mkdtemp(fixture->folder)) return -1;
    fixture->loop = loop_create();
    fixture->watcher = watcher_create(fixture->loop, changed, fixture);
    fixture->limit.fire = limit;
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    char command[100];
    watcher_destroy(fixture->watcher);
    loop_destroy(fixture->loop);
    inputs_free(&fixture->inputs);
    snprintf(command, sizeof command, "rm -r %s", fixture->folder);
    int code = system(command);
    free(fixture);
    return code;
}

static void a_file_that_stays_as_it_was_read_is_no_change(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "a", "one");
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    put(fixture, "a", "one"); /* touched */
    put(fixture, "other", "two");
    assert_int_equal(changes_in(fixture, 400), 0);
}

static void what_changed_before_it_was_followed_is_not_lost(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "a", "two");
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 400), 1);
}

static void a_burst_of_writes_is_one_change(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "a", "one");
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    for (int i = 0; i < 20; i++)
        put(fixture, "a", i % 2 ? "two" : "three");
    assert_int_equal(changes_in(fixture, 600), 1);
}

static struct fixture *writing;
static struct timer again;
static void write_again(struct timer *timer) {
    static unsigned number;
    char text[20];
    snprintf(text, sizeof text, "%u", number++);
    put(writing, "a", text);
    timer_start(writing->loop, timer, 20);
}

static void an_endless_burst_is_looked_at_each_second(void **state) {
    writing = *state;
    put(writing, "a", "one");
    follow(writing, "a", "one");
    again = (struct timer){ .fire = write_again };
    timer_start(writing->loop, &again, 0);
    assert_in_range(changes_in(writing, 2600), 2, 4);
    timer_stop(&again);
}

static void a_rename_over_the_file_is_a_change(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "a", "one");
    follow(fixture, "a", "one");
    put(fixture, "b", "two");
    assert_int_equal(changes_in(fixture, 300), 0);
    assert_int_equal(rename(below(fixture, "b"), below(fixture, "a")), 0);
    assert_int_equal(changes_in(fixture, 400), 1);
}

static void a_file_that_goes_and_comes_back_is_seen_both_times(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "a", "one");
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    unlink(below(fixture, "a"));
    assert_int_equal(changes_in(fixture, 400), 1);
    inputs_free(&fixture->inputs);
    follow(fixture, "a", NULL);
    assert_int_equal(changes_in(fixture, 300), 0);
    put(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 400), 1);
}

static void a_file_in_a_folder_that_did_not_exist_is_noticed(void **state) {
    struct fixture *fixture = *state;
    follow(fixture, "x/y/a", NULL);
    assert_int_equal(changes_in(fixture, 300), 0);
    mkdir(below(fixture, "x"), 0700);
    assert_int_equal(changes_in(fixture, 300), 0);
    mkdir(below(fixture, "x/y"), 0700);
    put(fixture, "x/y/a", "one");
    assert_int_equal(changes_in(fixture, 400), 1);
}

static void a_symbolic_link_that_is_swapped_is_a_change(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "one.txt", "one");
    put(fixture, "two.txt", "two");
    assert_int_equal(symlink("one.txt", below(fixture, "a")), 0);
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    assert_int_equal(symlink("two.txt", below(fixture, "new")), 0);
    rename(below(fixture, "new"), below(fixture, "a"));
    assert_int_equal(changes_in(fixture, 400), 1);
}

static void a_swapped_link_of_a_folder_and_its_target_are_watched(void **state) {
    struct fixture *fixture = *state;
    mkdir(below(fixture, "v1"), 0700);
    mkdir(below(fixture, "v2"), 0700);
    put(fixture, "v1/a", "one");
    put(fixture, "v2/a", "one");
    assert_int_equal(symlink("v1", below(fixture, "current")), 0);
    follow(fixture, "current/a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    assert_int_equal(symlink("v2", below(fixture, "new")), 0);
    rename(below(fixture, "new"), below(fixture, "current"));
    assert_int_equal(changes_in(fixture, 400), 0); /* the same text there */
    put(fixture, "v1/a", "two");
    assert_int_equal(changes_in(fixture, 400), 0); /* no longer ours */
    put(fixture, "v2/a", "two");
    assert_int_equal(changes_in(fixture, 400), 1);
}

static void a_folder_that_is_replaced_is_watched_anew(void **state) {
    struct fixture *fixture = *state;
    mkdir(below(fixture, "d"), 0700);
    put(fixture, "d/a", "one");
    follow(fixture, "d/a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    rename(below(fixture, "d"), below(fixture, "old"));
    mkdir(below(fixture, "d"), 0700);
    put(fixture, "d/a", "one");
    assert_int_equal(changes_in(fixture, 400), 0);
    put(fixture, "d/a", "two");
    assert_int_equal(changes_in(fixture, 400), 1);
}

static void links_in_a_circle_end(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(symlink("b", below(fixture, "a")), 0);
    assert_int_equal(symlink("a", below(fixture, "b")), 0);
    follow(fixture, "a", NULL);
    assert_int_equal(changes_in(fixture, 300), 0);
    unlink(below(fixture, "b"));
    put(fixture, "b", "one");
    assert_int_equal(changes_in(fixture, 400), 1);
}

#define WATCH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WATCH_TEST(a_file_that_stays_as_it_was_read_is_no_change),
        WATCH_TEST(what_changed_before_it_was_followed_is_not_lost),
        WATCH_TEST(a_burst_of_writes_is_one_change),
        WATCH_TEST(an_endless_burst_is_looked_at_each_second),
        WATCH_TEST(a_rename_over_the_file_is_a_change),
        WATCH_TEST(a_file_that_goes_and_comes_back_is_seen_both_times),
        WATCH_TEST(a_file_in_a_folder_that_did_not_exist_is_noticed),
        WATCH_TEST(a_symbolic_link_that_is_swapped_is_a_change),
        WATCH_TEST(a_swapped_link_of_a_folder_and_its_target_are_watched),
        WATCH_TEST(a_folder_that_is_replaced_is_watched_anew),
        WATCH_TEST(links_in_a_circle_end),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
