/* One record read after the other, for the tests of dialects. */
#ifndef TEST_DIALECT_FIXTURE_H
#define TEST_DIALECT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "post_reading.h"

static struct post_reading reading;

static int begin(void **state) {
    (void)state;
    reading_init(&reading);
    reading_seal(&reading);
    return 0;
}

static int end(void **state) {
    (void)state;
    reading_free(&reading);
    return 0;
}

static const struct message *read_file(const char *name) {
    return read_record(&reading, data_file(&reading.arena, name));
}

#define assert_text(slice, text) assert_true(slice_is(slice, text))

static void assert_list(struct slice_list list, const char *const *expected) {
    uint32_t count = 0;
    for (; expected[count]; count++) {
        assert_true(count < list.count);
        assert_text(list.items[count], expected[count]);
    }
    assert_int_equal(list.count, count);
}

#define assert_items(list, ...) assert_list(list, (const char *const[]){ __VA_ARGS__, NULL })
#define assert_no_items(list) assert_int_equal((list).count, 0)

#endif
