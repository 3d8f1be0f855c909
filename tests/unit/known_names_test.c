/* Keys by the name that deletes use: found while they are among the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/known_names.h"

static struct name_window *window;

static int begin(void **state) {
    (void)state;
    window = name_window_create();
    return 0;
}

static int end(void **state) {
    (void)state;
    name_window_destroy(window);
    return 0;
}

/* A key of `length` bytes that tells its number. */
static struct slice key_of(uint64_t number, size_t length) {
    static char key[600];
    int used = snprintf(key, sizeof key, "https://a.example/%llu/", (unsigned long long)number);
    memset(key + used, 'x', sizeof key - (size_t)used);
    return slice_from(key, length);
}

static void add(uint64_t from, uint64_t to, size_t length) {
    for (uint64_t i = from; i < to; i++)
        name_window_add(window, i, key_of(i, length));
}

static void assert_found(uint64_t name, size_t length) {
    struct slice found = name_window_find(window, name);
    assert_true(slice_equal(found, key_of(name, length)));
}

static void assert_lost(uint64_t name) {
    assert_int_equal(name_window_find(window, name).length, 0);
}

static void a_key_is_found_by_its_name(void **state) {
    (void)state;
    assert_lost(7);
    add(7, 9, 40);
    assert_found(7, 40);
    assert_found(8, 40);
    assert_lost(9);
    assert_lost(7 + KNOWN_NAMES); /* of the same chain */
}

static void names_of_one_chain_do_not_hide_each_other(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 5; i++)
        name_window_add(window, 3 + i * KNOWN_NAMES, key_of(i, 30));
    for (uint64_t i = 0; i < 5; i++)
        assert_true(slice_equal(name_window_find(window, 3 + i * KNOWN_NAMES), key_of(i, 30)));
}

static void the_newest_of_one_name_is_found(void **state) {
    (void)state;
    name_window_add(window, 1, key_of(1, 30));
    name_window_add(window, 1, key_of(2, 50));
    assert_true(slice_equal(name_window_find(window, 1), key_of(2, 50)));
}

static void the_oldest_make_room(void **state) {
    (void)state;
    add(0, KNOWN_NAMES, 60);
    assert_found(0, 60);
    add(KNOWN_NAMES, KNOWN_NAMES + 3, 60);
    assert_lost(0);
    assert_lost(2);
    assert_found(3, 60);
    add(KNOWN_NAMES + 3, 4 * KNOWN_NAMES, 60);
    assert_lost(3 * KNOWN_NAMES - 1);
    for (uint64_t i = 3 * KNOWN_NAMES; i < 4 * KNOWN_NAMES; i++)
        assert_found(i, 60);
}

static void long_keys_make_room_for_themselves(void **state) {
    (void)state;
    uint64_t count = 3 * KNOWN_NAME_BYTES / 479, whole = KNOWN_NAME_BYTES / 479;
    add(0, count, 479); /* they do not divide the bytes evenly */
    assert_lost(count - whole - 1);
    for (uint64_t i = count - whole + 1; i < count; i++)
        assert_found(i, 479);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_found_by_its_name, begin, end),
        cmocka_unit_test_setup_teardown(names_of_one_chain_do_not_hide_each_other, begin, end),
        cmocka_unit_test_setup_teardown(the_newest_of_one_name_is_found, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_make_room, begin, end),
        cmocka_unit_test_setup_teardown(long_keys_make_room_for_themselves, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
