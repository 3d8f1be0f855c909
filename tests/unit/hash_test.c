/* The hash of ids: fixed for ever, and well spread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

static void the_value_of_a_text_never_changes(void **state) {
    (void)state;
    assert_true(hash_bytes(SLICE("")) == UINT64_C(0x111cb3a78f59a58e));
    assert_true(hash_bytes(SLICE("a")) == UINT64_C(0x3d4189f8c0530a2a));
    assert_true(hash_bytes(SLICE("12345678")) == UINT64_C(0x00f68e059f31ea93));
    assert_true(hash_bytes(SLICE("x:1050118621198921728")) == UINT64_C(0xbea501bd7763096c));
    assert_true(hash_bytes(slice_from(NULL, 0)) == UINT64_C(0x111cb3a78f59a58e));
}

static void zero_bytes_and_lengths_count(void **state) {
    (void)state;
    static const char zeros[64];
    for (size_t a = 0; a < 64; a++)
        for (size_t b = 0; b < a; b++)
            assert_true(hash_bytes(slice_from(zeros, a)) != hash_bytes(slice_from(zeros, b)));
    assert_true(hash_bytes(slice_from("a\0", 2)) != hash_bytes(SLICE("a")));
}

static void only_the_bytes_count_not_where_they_stand(void **state) {
    (void)state;
    char room[80];
    uint64_t expected = hash_bytes(SLICE("at://did:plc:abc/app.bsky.feed.post/3k"));
    for (size_t shift = 0; shift < 16; shift++) {
        memset(room, (int)shift, sizeof room);
        memcpy(room + shift, "at://did:plc:abc/app.bsky.feed.post/3k", 38);
        assert_true(hash_bytes(slice_from(room + shift, 38)) == expected);
    }
}

static void every_bit_of_a_key_changes_about_half_of_the_hash(void **state) {
    (void)state;
    char key[] = "x:1050118621198921728";
    uint64_t before = hash_bytes(slice_from(key, 21));
    for (size_t bit = 0; bit < 21 * 8; bit++) {
        key[bit / 8] ^= (char)(1 << bit % 8);
        int changed = __builtin_popcountll(before ^ hash_bytes(slice_from(key, 21)));
        assert_in_range(changed, 12, 52);
        key[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static int by_value(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void neighbouring_ids_do_not_collide(void **state) {
    (void)state;
    enum { COUNT = 200000 };
    uint64_t *hashes = malloc(COUNT * sizeof *hashes);
    unsigned low[256] = { 0 };
    for (int i = 0; i < COUNT; i++) {
        char key[40];
        int length = snprintf(key, sizeof key, "x:%lld", 1050118621198921728LL + i);
        hashes[i] = hash_bytes(slice_from(key, (size_t)length));
        low[hashes[i] & 255]++;
    }
    for (int i = 0; i < 256; i++) /* tables take the low bits */
        assert_in_range(low[i], COUNT / 256 * 8 / 10, COUNT / 256 * 12 / 10);
    qsort(hashes, COUNT, sizeof *hashes, by_value);
    for (int i = 1; i < COUNT; i++)
        assert_true(hashes[i] != hashes[i - 1]);
    free(hashes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_of_a_text_never_changes),
        cmocka_unit_test(zero_bytes_and_lengths_count),
        cmocka_unit_test(only_the_bytes_count_not_where_they_stand),
        cmocka_unit_test(every_bit_of_a_key_changes_about_half_of_the_hash),
        cmocka_unit_test(neighbouring_ids_do_not_collide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
