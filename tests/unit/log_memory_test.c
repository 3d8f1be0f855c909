/* The log in memory: every reader sees what is for it once, in order; a chunk goes when all have
 * passed it. */
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

/* A log with readers 0 … readers-1, all open. */
static struct log *log_with(unsigned readers) {
    struct log *log = log_create();
    for (unsigned i = 0; i < readers; i++) {
        assert_int_equal(log_add_reader(log), i);
        assert_null(log_read(log, i));
        log_open_reader(log, i);
    }
    return log;
}

static void a_chunk_is_passed_when_the_last_reader_has_done_so(void **state) {
    (void)state;
    struct log *log = log_with(3);
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
    struct log *nobody = log_with(0), *somebody = log_with(2);
    append(nobody, &chunk, 5);
    assert_int_equal(chunk.passed, 1);
    append(somebody, &chunk, 0);
    assert_int_equal(chunk.passed, 1);
    assert_null(log_read(somebody, 0));
    log_destroy(nobody);
    log_destroy(somebody);
}

static void pending_counts_records_not_chunks(void **state) {
    (void)state;
    struct log *log = log_with(2);
    struct counted chunks[3];
    for (uint32_t i = 0; i < 3; i++)
        append(log, &chunks[i], 10 + i);
    assert_int_equal(log_spooled(log, 0), 33);
    assert_int_equal(log_pending(log, 0), 33);
    log_advance(log, 0);
    assert_int_equal(log_pending(log, 0), 23);
    assert_int_equal(log_pending(log, 1), 33);
    log_advance(log, 0);
    log_advance(log, 0);
    assert_int_equal(log_pending(log, 0), 0);
    log_remove_reader(log, 1);
    assert_int_equal(chunks[0].passed + chunks[1].passed + chunks[2].passed, 3);
    log_destroy(log);
}

static void a_reader_gets_what_is_appended_while_it_is_open(void **state) {
    (void)state;
    struct log *log = log_with(1);
    struct counted chunks[4];
    append(log, &chunks[0], 1);
    assert_int_equal(log_add_reader(log), 1);
    append(log, &chunks[1], 1); /* added, not yet open */
    assert_null(log_read(log, 1));
    log_open_reader(log, 1);
    append(log, &chunks[2], 1);
    log_close_reader(log, 1);
    append(log, &chunks[3], 1);
    assert_int_equal(log_spooled(log, 1), 1);
    assert_ptr_equal(log_read(log, 1), &chunks[2].chunk); /* what came before still is for it */
    log_advance(log, 1);
    assert_null(log_read(log, 1));
    for (int i = 0; i < 4; i++) {
        assert_ptr_equal(log_read(log, 0), &chunks[i].chunk);
        log_advance(log, 0);
        assert_int_equal(chunks[i].passed, 1);
    }
    log_destroy(log);
}

static void a_removed_reader_holds_nothing_and_its_number_is_free(void **state) {
    (void)state;
    struct log *log = log_with(3);
    struct counted chunks[2];
    append(log, &chunks[0], 1);
    append(log, &chunks[1], 1);
    log_remove_reader(log, 1);
    assert_int_equal(log_add_reader(log), 1);
    assert_int_equal(log_spooled(log, 1), 0);
    assert_null(log_read(log, 1));
    log_remove_reader(log, 0);
    assert_int_equal(chunks[0].passed, 0);
    log_remove_reader(log, 2);
    assert_int_equal(chunks[0].passed, 1);
    assert_int_equal(chunks[1].passed, 1);
    log_destroy(log);
}

#define CHUNKS 3000
#define READERS 4

/* What a reader should see: chunk numbers, kept as a plain list. */
struct expected {
    int numbers[CHUNKS];
    size_t count, next;
    bool open;
};

static struct counted chunks[CHUNKS];
static struct expected expected[READERS];

static void step_reader(struct log *log, unsigned reader) {
    struct expected *wanted = &expected[reader];
    assert_int_equal(log_pending(log, reader), wanted->count - wanted->next);
    if (wanted->next == wanted->count) {
        assert_null(log_read(log, reader));
        if (wanted->open && rand() % 8 == 0) {
            log_close_reader(log, reader);
            wanted->open = false;
        } else if (!wanted->open) {
            log_open_reader(log, reader);
            wanted->open = true;
        }
        return;
    }
    assert_ptr_equal(log_read(log, reader), &chunks[wanted->numbers[wanted->next++]].chunk);
    log_advance(log, reader);
}

static void readers_at_their_own_pace_all_see_their_order(void **state) {
    (void)state;
    struct log *log = log_with(READERS);
    srand(4);
    for (int i = 0; i < READERS; i++)
        expected[i] = (struct expected){ .open = true };
    for (int appended = 0; appended < CHUNKS;) {
        if (rand() % 5) {
            step_reader(log, (unsigned)rand() % READERS);
            continue;
        }
        for (int i = 0; i < READERS; i++)
            if (expected[i].open) expected[i].numbers[expected[i].count++] = appended;
        append(log, &chunks[appended++], 1);
    }
    for (unsigned reader = 0; reader < READERS; reader++)
        while (expected[reader].next < expected[reader].count)
            step_reader(log, reader);
    for (int i = 0; i < CHUNKS; i++)
        assert_int_equal(chunks[i].passed, 1);
    log_destroy(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_is_passed_when_the_last_reader_has_done_so),
        cmocka_unit_test(without_readers_or_records_it_is_passed_at_once),
        cmocka_unit_test(pending_counts_records_not_chunks),
        cmocka_unit_test(a_reader_gets_what_is_appended_while_it_is_open),
        cmocka_unit_test(a_removed_reader_holds_nothing_and_its_number_is_free),
        cmocka_unit_test(readers_at_their_own_pace_all_see_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
