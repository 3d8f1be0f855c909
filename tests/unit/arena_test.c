/* Memory of one batch: alignment, staying in place, reuse, giving back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

static void pieces_are_aligned_apart_and_keep_their_content(void **state) {
    (void)state;
    struct arena arena;
    unsigned char *pieces[400];
    arena_init(&arena);
    for (size_t i = 1; i < 400; i++) {
        pieces[i] = arena_alloc(&arena, i * 13);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i & 255), i * 13);
    }
    assert_true(arena_size(&arena) > ARENA_BLOCK_BYTES); /* so that several blocks were crossed */
    for (size_t i = 1; i < 400; i++)
        for (size_t at = 0; at < i * 13; at++)
            assert_int_equal(pieces[i][at], i & 255);
    arena_free(&arena);
}

static void a_piece_larger_than_a_block_is_given(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *small = arena_alloc(&arena, 10);
    char *large = arena_alloc(&arena, ARENA_BLOCK_BYTES * 3 + 1);
    memset(small, 1, 10);
    memset(large, 2, ARENA_BLOCK_BYTES * 3 + 1);
    char *after = arena_alloc(&arena, 10);
    memset(after, 3, 10);
    assert_int_equal(small[9], 1);
    assert_int_equal(large[ARENA_BLOCK_BYTES * 3], 2);
    arena_free(&arena);
}

static void a_reset_keeps_no_more_than_it_was_told(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 20; i++)
        memset(arena_alloc(&arena, 200000), i, 200000);
    size_t full = arena_size(&arena);
    arena_reset(&arena, full / 2);
    assert_true(arena_size(&arena) <= full / 2);
    assert_true(arena_size(&arena) > 0);
    arena_reset(&arena, 0);
    assert_int_equal(arena_size(&arena), 0);
    memset(arena_alloc(&arena, 100), 1, 100);
    arena_free(&arena);
}

static void kept_blocks_are_used_again_instead_of_new_ones(void **state) {
    (void)state;
    struct arena arena;
    size_t size = 0;
    arena_init(&arena);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 8; i++)
            memset(arena_alloc(&arena, 100000), round, 100000);
        if (round == 0) size = arena_size(&arena);
        assert_int_equal(arena_size(&arena), size);
        arena_reset(&arena, (size_t)4 << 20);
    }
    arena_free(&arena);
}

static void kept_blocks_that_are_too_small_stay_behind_a_new_one(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 4; i++)
        memset(arena_alloc(&arena, 200000), i, 200000);
    arena_reset(&arena, (size_t)4 << 20);
    char *first = arena_alloc(&arena, 100);
    char *large = arena_alloc(&arena, 1000000);
    memset(first, 1, 100);
    memset(large, 2, 1000000);
    for (int i = 0; i < 4; i++)
        memset(arena_alloc(&arena, 200000), 3, 200000);
    assert_int_equal(first[99], 1);
    assert_int_equal(large[999999], 2);
    arena_free(&arena);
}

static void zeroed_items_are_zero_in_used_memory_too(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    memset(arena_alloc(&arena, 5000), 255, 5000);
    arena_reset(&arena, ARENA_BLOCK_BYTES * 2);
    const char *zeroed = arena_zeroed(&arena, 50, 100);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(zeroed[i], 0);
    (void)arena_zeroed(&arena, 0, 100);
    arena_free(&arena);
}

static void a_copy_ends_in_a_nul_that_is_not_counted(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct slice copy = arena_copy(&arena, slice_from("a\0b", 3));
    assert_int_equal(copy.length, 3);
    assert_memory_equal(copy.data, "a\0b", 4);
    struct slice empty = arena_copy(&arena, slice_from(NULL, 0));
    assert_int_equal(empty.length, 0);
    assert_int_equal(empty.data[0], 0);
    arena_free(&arena);
}

static void joined_texts_stand_one_behind_the_other(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct slice joined = ARENA_JOIN(&arena, SLICE("a"), slice_from(NULL, 0), SLICE("bc"));
    assert_int_equal(joined.length, 3);
    assert_string_equal(joined.data, "abc");
    arena_free(&arena);
}

static void formatted_text_is_as_long_as_it_has_to_be(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct slice text = arena_format(&arena, "%05d|%*s|%s", 42, 300, "x", "end");
    assert_int_equal(text.length, 5 + 1 + 300 + 1 + 3);
    assert_true(slice_ends(text, SLICE("x|end")));
    assert_int_equal(arena_format(&arena, "%s", "").length, 0);
    arena_free(&arena);
}

static void the_unused_tail_of_the_newest_piece_is_given_back(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *piece = arena_alloc(&arena, 1000);
    arena_shrink(&arena, piece, 17);
    char *next = arena_alloc(&arena, 10);
    assert_ptr_equal(next, piece + 32);
    arena_shrink(&arena, next, 0);
    assert_ptr_equal(arena_alloc(&arena, 10), next);
    arena_free(&arena);
}

static void pieces_taken_since_a_mark_are_given_back(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct arena empty = arena;
    for (int round = 0; round < 3; round++) {
        char *kept = arena_alloc(&arena, 100);
        memset(kept, 7, 100);
        struct arena mark = arena;
        for (int i = 0; i < 8; i++)
            memset(arena_alloc(&arena, 100000), round, 100000);
        arena_rewind(&arena, mark);
        assert_ptr_equal(arena_alloc(&arena, 10), kept + 112);
        assert_int_equal(kept[99], 7);
        size_t size = arena_size(&arena);
        arena_rewind(&arena, empty); /* of before the first block */
        assert_ptr_equal(arena_alloc(&arena, 10), kept);
        assert_int_equal(arena_size(&arena), size);
        arena_rewind(&arena, empty);
    }
    arena_free(&arena);
}

/* The exit code of a child that asks for what no machine has. */
static int exit_code_of(void (*ask)(struct arena *arena)) {
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO); /* where it would complain */
        struct arena arena;
        arena_init(&arena);
        (void)arena_alloc(&arena, 100);
        ask(&arena);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ask_for_all_bytes(struct arena *arena) {
    *(volatile char *)arena_alloc(arena, SIZE_MAX - 3) = 1;
}

static void ask_for_more_items_than_bytes(struct arena *arena) {
    *(volatile char *)arena_zeroed(arena, SIZE_MAX / 8, 64) = 1;
}

static void sizes_that_pass_the_address_space_end_the_process_and_never_wrap(void **state) {
    (void)state;
    assert_int_equal(exit_code_of(ask_for_all_bytes), 1);
    assert_int_equal(exit_code_of(ask_for_more_items_than_bytes), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_apart_and_keep_their_content),
        cmocka_unit_test(a_piece_larger_than_a_block_is_given),
        cmocka_unit_test(a_reset_keeps_no_more_than_it_was_told),
        cmocka_unit_test(kept_blocks_are_used_again_instead_of_new_ones),
        cmocka_unit_test(kept_blocks_that_are_too_small_stay_behind_a_new_one),
        cmocka_unit_test(zeroed_items_are_zero_in_used_memory_too),
        cmocka_unit_test(a_copy_ends_in_a_nul_that_is_not_counted),
        cmocka_unit_test(joined_texts_stand_one_behind_the_other),
        cmocka_unit_test(formatted_text_is_as_long_as_it_has_to_be),
        cmocka_unit_test(the_unused_tail_of_the_newest_piece_is_given_back),
        cmocka_unit_test(pieces_taken_since_a_mark_are_given_back),
        cmocka_unit_test(sizes_that_pass_the_address_space_end_the_process_and_never_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
