/* Percent-encoding: every byte, and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>

#include "net/uri.h"

static void expect(struct slice given, const char *expected) {
    if (!slice_is(given, expected)) fail_msg("%.*s, not %s", SLICE_ARGS(given), expected);
}

static void each_byte_but_the_unreserved_is_escaped_in_upper_case(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int byte = 0; byte < 256; byte++) {
        char raw = (char)byte, escaped[8];
        bool stays = byte < 128 && (isalnum(byte) || (byte && strchr("-_.~", byte)));
        snprintf(escaped, sizeof escaped, stays ? "%c" : "%%%02X", (unsigned)byte);
        expect(uri_encode(slice_from(&raw, 1), false, &arena), escaped);
        struct slice decoded = uri_decode(slice_of(escaped), &arena);
        assert_true(slice_equal(decoded, slice_from(&raw, 1)));
    }
    arena_free(&arena);
}

static void a_path_keeps_its_slashes(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    expect(uri_encode(SLICE("/a b/ü=+"), true, &arena), "/a%20b/%C3%BC%3D%2B");
    expect(uri_encode(SLICE("a/b"), false, &arena), "a%2Fb");
    expect(uri_encode(SLICE(""), true, &arena), "");
    arena_free(&arena);
}

static void what_is_no_escape_stays(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    expect(uri_decode(SLICE("a%2fb%2Fc+%"), &arena), "a/b/c+%");
    expect(uri_decode(SLICE("%4"), &arena), "%4");
    expect(uri_decode(SLICE("%zz%4g%41"), &arena), "%zz%4gA");
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_but_the_unreserved_is_escaped_in_upper_case),
        cmocka_unit_test(a_path_keeps_its_slashes),
        cmocka_unit_test(what_is_no_escape_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
