/* base/process.h: what this process says that it uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
/* cmocka needs the four on top */
#include <cmocka.h>

#include "base/os.h"
#include "base/process.h"

static void one_more_descriptor_is_one_more(void **state) {
    (void)state;
    uint64_t before = process_look().descriptors;
    assert_true(before > 0);
    int fd = os_open("/dev/null", OS_READ);
    assert_true(fd >= 0);
    assert_int_equal(process_look().descriptors, before + 1);
    os_close(fd);
    assert_int_equal(process_look().descriptors, before);
}

static void no_more_descriptors_are_open_than_may_be(void **state) {
    (void)state;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit lower = { .rlim_cur = 64, .rlim_max = limit.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &lower), 0);
    assert_int_equal(process_look().most_descriptors, 64);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void memory_that_is_touched_is_resident(void **state) {
    (void)state;
    struct process_use use = process_look();
    assert_true(use.threads >= 1);
    assert_true(use.resident_bytes > 100000);
    assert_true(use.virtual_bytes >= use.resident_bytes);
    static volatile char touched[32 << 20];
    for (size_t i = 0; i < sizeof touched; i += 4096)
        touched[i] = 1;
    assert_true(process_look().resident_bytes > use.resident_bytes + (16 << 20));
}

static void what_cannot_be_counted_is_zero(void **state) {
    (void)state;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = { .rlim_cur = 0, .rlim_max = limit.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct process_use use = process_look();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(use.descriptors, 0);
    assert_int_equal(use.resident_bytes, 0);
    assert_true(use.cpu_ns > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_more_descriptor_is_one_more),
        cmocka_unit_test(no_more_descriptors_are_open_than_may_be),
        cmocka_unit_test(memory_that_is_touched_is_resident),
        cmocka_unit_test(what_cannot_be_counted_is_zero),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
