/* Which changes of files reach a configuration that was read from them. */
#include "config/watch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include "own_folder.h"
#include <cmocka.h>

struct fixture {
    struct loop *loop;
    struct watcher *watcher;
    struct inputs inputs;
    struct timer limit;
    int changes, awaited; /* awaited: so many end the loop */
};

static void changed(void *context) {
    struct fixture *fixture = context;
    if (++fixture->changes == fixture->awaited) loop_stop(fixture->loop);
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

/* However late it is noticed. */
static void wait_for_changes(struct fixture *fixture, int count) {
    fixture->awaited = count;
    assert_int_equal(changes_in(fixture, 60000), count);
    fixture->awaited = 0;
}

static void expect_one_change(struct fixture *fixture) {
    wait_for_changes(fixture, 1);
    assert_int_equal(changes_in(fixture, 300), 0);
}

static void follow(struct fixture *fixture, const char *name, const char *text) {
    inputs_init(&fixture->inputs);
    if (text)
        inputs_add(&fixture->inputs, below(name), slice_of(text));
    else
        inputs_add_missing(&fixture->inputs, below(name));
    watcher_follow(fixture->watcher, &fixture->inputs);
}

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (own_folder_make() != 0) return -1;
    fixture->loop = loop_create();
    fixture->watcher = watcher_create(fixture->loop, changed, fixture);
    fixture->limit.fire = limit;
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    watcher_destroy(fixture->watcher);
    loop_destroy(fixture->loop);
    inputs_free(&fixture->inputs);
    free(fixture);
    return own_folder_remove();
}

static void a_file_that_stays_as_it_was_read_is_no_change(void **state) {
    struct fixture *fixture = *state;
    write_file("a", "one");
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    write_file("a", "one"); /* touched */
    write_file("other", "two");
    assert_int_equal(changes_in(fixture, 400), 0);
}

static void what_changed_before_it_was_followed_is_not_lost(void **state) {
    struct fixture *fixture = *state;
    write_file("a", "two");
    follow(fixture, "a", "one");
    expect_one_change(fixture);
}

static void a_burst_of_writes_is_one_change(void **state) {
    struct fixture *fixture = *state;
    write_file("a", "one");
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    for (int i = 0; i < 20; i++)
        write_file("a", i % 2 ? "two" : "three");
    expect_one_change(fixture);
}

static struct fixture *writing;
static struct timer again;
static void write_again(struct timer *timer) {
    static unsigned number;
    char text[20];
    snprintf(text, sizeof text, "%u", number++);
    write_file("a", text);
    timer_start(writing->loop, timer, 20);
}

static void an_endless_burst_is_looked_at_again_and_again(void **state) {
    writing = *state;
    write_file("a", "one");
    follow(writing, "a", "one");
    again = (struct timer){ .fire = write_again };
    timer_start(writing->loop, &again, 0);
    wait_for_changes(writing, 2);
    timer_stop(&again);
}

static void a_rename_over_the_file_is_a_change(void **state) {
    struct fixture *fixture = *state;
    write_file("a", "one");
    follow(fixture, "a", "one");
    write_file("b", "two");
    assert_int_equal(changes_in(fixture, 300), 0);
    assert_int_equal(rename(below("b"), below("a")), 0);
    expect_one_change(fixture);
}

static void a_file_that_goes_and_comes_back_is_seen_both_times(void **state) {
    struct fixture *fixture = *state;
    write_file("a", "one");
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    unlink(below("a"));
    expect_one_change(fixture);
    inputs_free(&fixture->inputs);
    follow(fixture, "a", NULL);
    assert_int_equal(changes_in(fixture, 300), 0);
    write_file("a", "one");
    expect_one_change(fixture);
}

static void a_file_in_a_folder_that_did_not_exist_is_noticed(void **state) {
    struct fixture *fixture = *state;
    follow(fixture, "x/y/a", NULL);
    assert_int_equal(changes_in(fixture, 300), 0);
    mkdir(below("x"), 0700);
    assert_int_equal(changes_in(fixture, 300), 0);
    mkdir(below("x/y"), 0700);
    write_file("x/y/a", "one");
    expect_one_change(fixture);
}

static void a_symbolic_link_that_is_swapped_is_a_change(void **state) {
    struct fixture *fixture = *state;
    write_file("one.txt", "one");
    write_file("two.txt", "two");
    assert_int_equal(symlink("one.txt", below("a")), 0);
    follow(fixture, "a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    assert_int_equal(symlink("two.txt", below("new")), 0);
    rename(below("new"), below("a"));
    expect_one_change(fixture);
}

static void a_swapped_link_of_a_folder_and_its_target_are_watched(void **state) {
    struct fixture *fixture = *state;
    mkdir(below("v1"), 0700);
    mkdir(below("v2"), 0700);
    write_file("v1/a", "one");
    write_file("v2/a", "one");
    assert_int_equal(symlink("v1", below("current")), 0);
    follow(fixture, "current/a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    assert_int_equal(symlink("v2", below("new")), 0);
    rename(below("new"), below("current"));
    assert_int_equal(changes_in(fixture, 400), 0); /* the same text there */
    write_file("v1/a", "two");
    assert_int_equal(changes_in(fixture, 400), 0); /* no longer ours */
    write_file("v2/a", "two");
    expect_one_change(fixture);
}

static void a_folder_that_is_replaced_is_watched_anew(void **state) {
    struct fixture *fixture = *state;
    mkdir(below("d"), 0700);
    write_file("d/a", "one");
    follow(fixture, "d/a", "one");
    assert_int_equal(changes_in(fixture, 300), 0);
    rename(below("d"), below("old"));
    mkdir(below("d"), 0700);
    write_file("d/a", "one");
    assert_int_equal(changes_in(fixture, 400), 0);
    write_file("d/a", "two");
    expect_one_change(fixture);
}

static void links_in_a_circle_end(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(symlink("b", below("a")), 0);
    assert_int_equal(symlink("a", below("b")), 0);
    follow(fixture, "a", NULL);
    assert_int_equal(changes_in(fixture, 300), 0);
    unlink(below("b"));
    write_file("b", "one");
    expect_one_change(fixture);
}

#define WATCH_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WATCH_TEST(a_file_that_stays_as_it_was_read_is_no_change),
        WATCH_TEST(what_changed_before_it_was_followed_is_not_lost),
        WATCH_TEST(a_burst_of_writes_is_one_change),
        WATCH_TEST(an_endless_burst_is_looked_at_again_and_again),
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
