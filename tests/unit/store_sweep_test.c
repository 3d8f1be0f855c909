/* core/store, each call to the disk failed: what was promised is there, or an error names the
 * place. */
#include "spool_records.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include "store/cursor.h"
#include "store/spool_check.h"
#include <errno.h>

#define SMALL 2500 /* segments: a few groups each */
#define RECORDS 40

struct seen {
    uint64_t ids, damaged, cursors;
};

static void note_id(void *context, const struct known_id *id) {
    (void)id;
    ((struct seen *)context)->ids++;
}

static void note_damage(void *context, const struct checked_damage *damage) {
    ((struct seen *)context)->damaged += damage->records;
}

static void note_segment(void *context, const struct checked_segment *segment) {
    (void)context, (void)segment;
}

static void note_cursor(void *context, const struct checked_cursor *cursor) {
    ((struct seen *)context)->cursors += cursor->wrong == NULL;
}

static void note_name(void *context, const char *name) {
    (void)context;
    assert_string_equal(name, "index");
}

/* A folder with segments, lists of segments that are gone, and a cursor. */
static int start(void **state) {
    struct error err;
    struct cursor cursor;
    (void)state;
    sim_reset();
    struct spool *spool = open_sized(SMALL);
    while (spool_end(spool) <= RECORDS)
        assert_int_equal(append(spool, 2), SPOOL_STORED);
    struct cursor_file *file = cursor_open(spool, STATE, "index", 1, &cursor, &err);
    assert_non_null(file);
    cursor = (struct cursor){ .start = 1, .next = 13, .delivered = 12 };
    assert_true(cursor_save(file, &cursor, &err));
    if (file) cursor_close(file);
    spool_drop(spool, 13);
    assert_true(spool_first(spool) > 1);
    spool_close(spool);
    return 0;
}

static bool read_from_middle(struct spool *spool, struct error *err) {
    struct spool_read read;
    bool good = true;
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    for (uint64_t at = 20; good && at < spool_end(spool); at = read.next) {
        read.frames.length = 0;
        good = spool_read(spool, at, 500, &read, err);
    }
    buffer_free(&read.frames);
    return good;
}

static bool use_cursor(const struct spool *spool, struct error *err) {
    struct cursor cursor;
    const char *wrong;
    if (!cursor_list(STATE, note_name, NULL, err)) return false;
    if (!cursor_look(spool, STATE, "index", &cursor, &wrong, err)) return false;
    struct cursor_file *file = cursor_open(spool, STATE, "index", 1, &cursor, err);
    bool good = file && cursor_save(file, &cursor, err);
    if (file) cursor_close(file);
    return good;
}

/* As a process does it; false with *err as soon as something does not work. */
static bool use_all(struct error *err) {
    struct seen seen = { 0 };
    const struct spool_checker checker = { note_damage, note_segment, note_cursor, &seen };
    struct spool_checked checked;
    struct spool *spool = try_open(SMALL, err);
    if (spool == NULL) return false;
    bool good = spool_ids(spool, note_id, &seen, err) && read_from_middle(spool, err) &&
                use_cursor(spool, err);
    for (int i = 0; i < 3 && good; i++)
        good = append(spool, 2) == SPOOL_STORED || error_set(err, ERROR_FAILED, "/s: not stored");
    spool_drop(spool, 13);
    spool_close(spool);
    return good && spool_check(STATE, &checker, &checked, err) &&
           spool_repair(STATE, &checker, &checked, err);
}

/* Nothing that was promised has gone; and all goes on. */
static void assert_whole(uint64_t call) {
    struct error err;
    struct cursor cursor;
    const char *wrong;
    struct seen seen = { 0 };
    struct spool *spool = try_open(SMALL, &err);
    if (spool == NULL) fail_msg("call %d: %s", (int)call, err.text);
    assert_true(spool_end(spool) > RECORDS);
    struct got got = read_from(spool, spool_first(spool), 700);
    assert_int_equal(got.damaged, 0);
    assert_int_equal(got.records, spool_end(spool) - spool_first(spool));
    assert_true(cursor_look(spool, STATE, "index", &cursor, &wrong, &err));
    assert_int_equal(cursor.next, 13);
    assert_true(spool_ids(spool, note_id, &seen, &err));
    assert_true(seen.ids >= RECORDS);
    spool_close(spool);
}

static void sweep(unsigned calls, int error, bool forever, bool whole) {
    struct error err;
    for (uint64_t at = 1;; at++) {
        (void)start(NULL);
        err.text[0] = '\0';
        sim_inject((struct sim_fault){
            .calls = calls, .at = at, .error = error, .forever = forever, .half = at % 2 });
        bool good = use_all(&err);
        bool failed = sim_count() >= at;
        if (!good && strstr(err.text, STATE) == NULL) fail_msg("call %d: %s", (int)at, err.text);
        sim_restart();
        if (whole)
            assert_whole(at);
        else if (!use_all(&err))
            fail_msg("call %d: %s", (int)at, err.text);
        if (!failed) return;
    }
}

static void sweep_errors(bool forever) {
    static const int errors[] = { EMFILE, ENOSPC, EACCES };
    for (size_t i = 0; i < LENGTH(errors); i++)
        sweep(SIM_ANY, errors[i], forever, true);
    sweep(SIM_CHANGES, EIO, forever, true);
}

static void whichever_call_fails_once_nothing_is_lost(void **state) {
    (void)state;
    sweep_errors(false);
}

static void whichever_call_fails_from_then_on_nothing_is_lost(void **state) {
    (void)state;
    sweep_errors(true);
}

/* What cannot be read is damage, which may cost records, but nothing else. */
static void whatever_cannot_be_read_the_rest_goes_on(void **state) {
    (void)state;
    sweep(SIM_READ | SIM_OPEN | SIM_STAT | SIM_LIST, EIO, false, false);
    sweep(SIM_READ | SIM_OPEN | SIM_STAT | SIM_LIST, EIO, true, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whichever_call_fails_once_nothing_is_lost),
        cmocka_unit_test(whichever_call_fails_from_then_on_nothing_is_lost),
        cmocka_unit_test(whatever_cannot_be_read_the_rest_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
