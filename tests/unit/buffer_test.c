/* Bytes that grow up to a ceiling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"

static void appended_bytes_stay_in_order(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100000);
    for (int i = 0; i < 1000; i++)
        assert_true(buffer_append(&buffer, SLICE("0123456789")));
    assert_int_equal(buffer.length, 10000);
    for (size_t i = 0; i < buffer.length; i++)
        assert_int_equal(buffer.data[i], '0' + i % 10);
    buffer_free(&buffer);
}

static void the_ceiling_can_be_reached_and_not_passed(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 300);
    char bytes[300];
    memset(bytes, 'x', sizeof bytes);
    assert_true(buffer_append(&buffer, slice_from(bytes, 299)));
    assert_false(buffer_append(&buffer, SLICE("ab")));
    assert_int_equal(buffer.length, 299); /* nothing of it was taken */
    assert_true(buffer_append(&buffer, SLICE("a")));
    assert_int_equal(buffer.length, 300);
    assert_true(buffer.capacity <= 300);
    assert_false(buffer_append(&buffer, SLICE("b")));
    assert_true(buffer_append(&buffer, SLICE("")));
    buffer_free(&buffer);
}

static void reserving_makes_room_without_changing_the_length(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    assert_true(buffer_append(&buffer, SLICE("ab")));
    assert_true(buffer_reserve(&buffer, 998));
    assert_int_equal(buffer.length, 2);
    assert_true(buffer.capacity >= 1000);
    memset(buffer.data + 2, 'c', 998);
    assert_memory_equal(buffer.data, "ab", 2);
    assert_false(buffer_reserve(&buffer, 999));
    assert_false(buffer_reserve(&buffer, SIZE_MAX));
    assert_false(buffer_reserve(&buffer, SIZE_MAX - 1));
    buffer_free(&buffer);
}

static void consuming_moves_the_rest_to_the_front(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    assert_true(buffer_append(&buffer, SLICE("abcdef")));
    buffer_consume(&buffer, 0);
    assert_true(slice_is(buffer_slice(&buffer), "abcdef"));
    buffer_consume(&buffer, 4);
    assert_true(slice_is(buffer_slice(&buffer), "ef"));
    assert_true(buffer_append(&buffer, SLICE("g")));
    assert_true(slice_is(buffer_slice(&buffer), "efg"));
    buffer_consume(&buffer, 3);
    assert_int_equal(buffer.length, 0);
    buffer_free(&buffer);
}

static void a_freed_buffer_may_be_filled_again(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4);
    assert_true(buffer_append(&buffer, SLICE("abcd")));
    buffer_free(&buffer);
    assert_int_equal(buffer.length, 0);
    assert_true(buffer_append(&buffer, SLICE("efgh")));
    assert_false(buffer_append(&buffer, SLICE("i")));
    buffer_free(&buffer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appended_bytes_stay_in_order),
        cmocka_unit_test(the_ceiling_can_be_reached_and_not_passed),
        cmocka_unit_test(reserving_makes_room_without_changing_the_length),
        cmocka_unit_test(consuming_moves_the_rest_to_the_front),
        cmocka_unit_test(a_freed_buffer_may_be_filled_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
