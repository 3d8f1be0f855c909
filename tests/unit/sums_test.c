/* Sums as they are read, and one that goes over to an heir. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "flow/sums.h"

static void a_sum_is_read_as_its_total_and_its_parts(void **state) {
    (void)state;
    char text[SUM_BYTES];
    struct source_sums source = {
        .received = 15, .control = 1, .malformed = 2, .duplicate = 3, .filtered = 4, .spooled = 5
    };
    source_sums_print(&source, text, sizeof text);
    assert_string_equal(text, "received 15 = control 1 + malformed 2 + duplicate 3 + filtered 4 + "
                              "spooled 5");
    struct reader_sums reader = {
        .spooled = 10, .delivered = 4, .dead = 3, .dropped = 2, .pending = 1
    };
    reader_sums_print(&reader, text, sizeof text);
    assert_string_equal(text, "spooled 10 = delivered 4 + dead 3 + dropped 2 + pending 1");
}

static void damaged_records_are_in_the_sum_when_there_are_any(void **state) {
    (void)state;
    char text[SUM_BYTES];
    struct reader_sums reader = { .spooled = 3, .delivered = 1, .damaged = 2 };
    reader_sums_print(&reader, text, sizeof text);
    assert_string_equal(text, "spooled 3 = delivered 1 + dead 0 + dropped 0 + pending 0 + "
                              "damaged 2");
}

static void the_longest_sum_fits(void **state) {
    (void)state;
    char text[SUM_BYTES];
    struct source_sums source = { .received = UINT64_MAX,
                                  .control = UINT64_MAX,
                                  .malformed = UINT64_MAX,
                                  .duplicate = UINT64_MAX,
                                  .filtered = UINT64_MAX,
                                  .spooled = UINT64_MAX };
    struct reader_sums reader = { .spooled = UINT64_MAX,
                                  .delivered = UINT64_MAX,
                                  .dead = UINT64_MAX,
                                  .dropped = UINT64_MAX,
                                  .damaged = UINT64_MAX,
                                  .pending = UINT64_MAX };
    source_sums_print(&source, text, sizeof text);
    assert_non_null(strstr(text, "+ spooled 18446744073709551615"));
    reader_sums_print(&reader, text, sizeof text);
    assert_non_null(strstr(text, "+ damaged 18446744073709551615"));
    char few[12];
    source_sums_print(&source, few, sizeof few);
    assert_string_equal(few, "received 18");
}

static void each_part_is_set_and_read_by_its_name(void **state) {
    (void)state;
    struct source_sums source = { .bytes = 100 };
    for (uint64_t i = 0; i < SOURCE_PARTS; i++)
        sum_set(&source, &source_parts[i], i + 1);
    for (uint64_t i = 0; i < SOURCE_PARTS; i++)
        assert_int_equal(sum_value(&source, &source_parts[i]), i + 1);
    assert_int_equal(source.received, 1);
    assert_int_equal(source.control + source.malformed + source.duplicate, 9);
    assert_int_equal(source.filtered + source.spooled, 11);
    assert_int_equal(source.bytes, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_is_read_as_its_total_and_its_parts),
        cmocka_unit_test(damaged_records_are_in_the_sum_when_there_are_any),
        cmocka_unit_test(the_longest_sum_fits),
        cmocka_unit_test(each_part_is_set_and_read_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
