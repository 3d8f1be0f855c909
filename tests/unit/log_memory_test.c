/* The log in memory: every reader sees every chunk once, in order; a chunk goes when all have
 * passed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "store/log.h"

struct counted {
    struct log_chunk chunk;
    int passed;
};

static void chunk_passed(struct log_chunk *chunk) { ((struct counted *)(void *)chunk)->passed++; }

static void append(struct log *log, struct counted *counted, uint32_t count) {
    *counted = (struct counted){ .chunk = { .count = count, .passed = chunk_passed } };
    log_append(log, &counted->chunk);
}

static void a_chunk_is_passed_when_the_last_reader_has_done_so(void **state) {
    (void)state;
    struct log *log = log_create(3);
    struct counted chunk;
    append(log, &chunk, 5);
    for (unsigned reader = 0; reader < 3; reader++) {
        assert_int_equal(chunk.passed, 0);
        assert_ptr_equal(log_read(log, reader), &chunk.chunk);
        log_advance(log, reader);
        assert_null(log_read(log, reader));
    }
    assert_int_equal(chunk.passed, 1);
    log_destroy(log);
}

static void without_readers_or_records_it_is_passed_at_once(void **state) {
    (void)state;
    struct counted chunk;
    struct log *nobody = log_create(0), *somebody = log_create(2);
    append(nobody, &chunk, 5);
    assert_int_equal(chunk.passed, 1);
    assert_int_equal(log_appended(nobody), 5);
    append(somebody, &chunk, 0);
    assert_int_equal(chunk.passed, 1);
    assert_null(log_read(somebody, 0));
    log_destroy(nobody);
    log_destroy(somebody);
}

static void pending_counts_records_not_chunks(void **state) {
    (void)state;
    struct log *log = log_create(2);
    struct counted chunks[3];
    for (uint32_t i = 0; i < 3; i++)
        append(log, &chunks[i], 10 + i);
    assert_int_equal(log_appended(log), 33);
    assert_int_equal(log_pending(log, 0), 33);
    log_advance(log, 0);
    assert_int_equal(log_pending(log, 0), 23);
    assert_int_equal(log_pending(log, 1), 33);
    log_advance(log, 0);
    log_advance(log, 0);
    assert_int_equal(log_pending(log, 0), 0);
    for (int i = 0; i < 3; i++)
        log_advance(log, 1);
    log_destroy(log);
}

#define CHUNKS 2000
#define READERS 4

static void readers_at_their_own_pace_all_see_the_same_order(void **state) {
    (void)state;
    static struct counted chunks[CHUNKS];
    struct log *log = log_create(READERS);
    size_t next[READERS] = { 0 }, appended = 0;
    srand(4);
    while (next[0] + next[1] + next[2] + next[3] < (size_t)CHUNKS * READERS) {
        unsigned reader = (unsigned)rand() % READERS;
        if (appended < CHUNKS && rand() % 4 == 0) {
            append(log, &chunks[appended], 1);
            appended++;
        } else if (next[reader] < appended) {
            assert_ptr_equal(log_read(log, reader), &chunks[next[reader]].chunk);
            next[reader]++;
            log_advance(log, reader);
        } else
            assert_null(log_read(log, reader));
        assert_int_equal(log_pending(log, reader), appended - next[reader]);
    }
    for (size_t i = 0; i < CHUNKS; i++)
        assert_int_equal(chunks[i].passed, 1);
    log_destroy(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_is_passed_when_the_last_reader_has_done_so),
        cmocka_unit_test(without_readers_or_records_it_is_passed_at_once),
        cmocka_unit_test(pending_counts_records_not_chunks),
        cmocka_unit_test(readers_at_their_own_pace_all_see_the_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
