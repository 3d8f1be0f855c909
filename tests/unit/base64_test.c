/* Base64: the vectors of RFC 4648, every remainder, more than one piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "base/compiler.h"

static void the_vectors_of_the_rfc_are_met(void **state) {
    static const char *const rows[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char out[16];
        size_t length = base64_write(slice_of(rows[i][0]), out);
        assert_string_equal(out, rows[i][1]);
        assert_int_equal(length, strlen(rows[i][1]));
        assert_int_equal(length, base64_bytes(strlen(rows[i][0])));
    }
}

static void long_bytes_are_encoded_in_one_piece(void **state) {
    size_t length = ((size_t)3 << 20) + 2;
    char *bytes = memory_zeroed(length, 1), *out = memory_alloc(base64_bytes(length) + 1);
    (void)state;
    bytes[length - 1] = 1;
    assert_int_equal(base64_write(slice_from(bytes, length), out), base64_bytes(length));
    for (size_t i = 0; i + 4 < base64_bytes(length); i++)
        assert_int_equal(out[i], 'A');
    assert_string_equal(out + base64_bytes(length) - 4, "AAE=");
    memory_free(bytes);
    memory_free(out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc_are_met),
        cmocka_unit_test(long_bytes_are_encoded_in_one_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
