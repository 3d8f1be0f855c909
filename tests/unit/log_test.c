/* What the operator reads on standard error: here a pipe, so JSON lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/slice.h"
#include "padded.h"
#include "json/projection.h"

/* Standard error goes to a file of its own between the two calls. */
static int real_stderr;
static FILE *captured;

static void capture_begin(void) {
    captured = tmpfile();
    real_stderr = dup(2);
    dup2(fileno(captured), 2);
}

static struct slice capture_end(void) {
    static char text[32768];
    dup2(real_stderr, 2);
    close(real_stderr);
    rewind(captured);
    size_t length = fread(text, 1, sizeof text, captured);
    fclose(captured);
    return slice_from(text, length);
}

/* The one line that was logged, read as JSON: part and message. */
struct logged {
    struct slice level, part, message;
};

static struct logged read_line(struct slice text, struct arena *arena) {
    assert_true(text.length > 2);
    assert_ptr_equal(memchr(text.data, '\n', text.length), text.data + text.length - 1);
    struct projection *projection = projection_create();
    struct slice reason;
    assert_int_equal(projection_add(projection, SLICE("level")), 0);
    assert_int_equal(projection_add(projection, SLICE("part")), 1);
    assert_int_equal(projection_add(projection, SLICE("message")), 2);
    projection_seal(projection);
    struct slice record = padded(arena, slice_first(text, text.length - 1), ' ');
    struct projector *projector = projector_create(projection);
    const struct json_slot *slots = projector_run(projector, record, arena, &reason);
    assert_non_null(slots);
    struct logged logged = { slots[0].first.text, slots[1].first.text, slots[2].first.text };
    projector_destroy(projector);
    projection_destroy(projection);
    return logged;
}

static void one_call_is_one_json_line(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    capture_begin();
    log_warning("flow", "%d records of \"%s\"", 3, "a\\b");
    struct logged line = read_line(capture_end(), &arena);
    assert_true(slice_is(line.level, "warning"));
    assert_true(slice_is(line.part, "flow"));
    assert_true(slice_is(line.message, "3 records of \"a\\b\""));
    arena_free(&arena);
}

static void lines_below_the_level_are_dropped(void **state) {
    (void)state;
    capture_begin();
    log_debug("flow", "not yet");
    log_set_level(LOG_ERROR);
    log_warning("flow", "not any more");
    log_error("flow", "this one");
    log_set_level(LOG_DEBUG);
    log_debug("flow", "and this one");
    log_set_level(LOG_INFO);
    struct slice text = capture_end();
    int lines = 0;
    for (size_t i = 0; i < text.length; i++)
        lines += text.data[i] == '\n';
    assert_int_equal(lines, 2);
}

static void hostile_values_stay_inside_their_line(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    capture_begin();
    log_info("a\"b\n\x1b", "x\n{\"level\":\"error\"}\r\x1b[31m\x7f \xC2\x9B \xff\xfe end");
    struct slice text = capture_end();
    for (size_t i = 0; i + 1 < text.length; i++)
        assert_true((unsigned char)text.data[i] >= 0x20 && text.data[i] != 0x7f);
    for (size_t i = 0; i + 1 < text.length; i++) /* U+0080 to U+009F command terminals, too */
        assert_false((unsigned char)text.data[i] == 0xC2 && (unsigned char)text.data[i + 1] < 0xA0);
    struct logged line = read_line(text, &arena);
    assert_true(slice_is(line.level, "info"));
    assert_true(slice_starts(line.message, SLICE("x\n{\"level\"")));
    assert_true(slice_ends(line.message, SLICE(" end")));
    arena_free(&arena);
}

static void assert_cut_well(const char *part, const char *unit, size_t count) {
    struct arena arena;
    arena_init(&arena);
    char *message = arena_alloc(&arena, strlen(unit) * count + 1);
    message[0] = '\0';
    for (size_t i = 0; i < count; i++)
        memcpy(message + i * strlen(unit), unit, strlen(unit) + 1);
    capture_begin();
    log_error(part, "%s", message);
    struct logged line = read_line(capture_end(), &arena);
    assert_true(slice_is(line.level, "error"));
    assert_true(line.message.length > 300);
    assert_true(slice_starts(slice_of(message), slice_first(line.message, 300)));
    arena_free(&arena);
}

static void what_is_too_long_is_cut_and_still_json(void **state) {
    (void)state;
    static char long_part[5000];
    memset(long_part, 'p', sizeof long_part - 1);
    static const char *const units[] = { "a", "\"", "\x01", "\xC3\xA9", "\xF0\x9F\x98\x80" };
    for (size_t i = 0; i < LENGTH(units); i++) {
        assert_cut_well("flow", units[i], 5000);
        assert_cut_well(long_part, units[i], 5000);
    }
    assert_cut_well("flow", "x\xF0\x9F\x98\x80", 2000);
    assert_cut_well("flow", "xy\xF0\x9F\x98\x80", 2000);
}

static void the_journal_gets_priorities_and_no_time(void **state) {
    (void)state;
    struct stat own;
    char stream[64];
    capture_begin();
    fstat(2, &own);
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)own.st_dev,
             (unsigned long long)own.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    struct error err = { .kind = ERROR_CONFIG };
    error_set(&err, ERROR_CONFIG, "first");
    error_suggest(&err, "second");
    log_warning("flow", "a \"b\"\n<0>c");
    log_error("flow", "d");
    log_place(LOG_INFO, "reload", "not taken", &err);
    setenv("JOURNAL_STREAM", "8:0", 1); /* somebody else's */
    log_info("flow", "e");
    unsetenv("JOURNAL_STREAM");
    struct slice text = capture_end();
    const char *wanted = "<4>flow: a \"b\"\\x0a<0>c\n<3>flow: d\n<6>reload: not taken\n"
                         "<6>reload: linnet: first\n<6>reload:     second\n{\"time\"";
    assert_true(slice_starts(text, slice_of(wanted)));
}

static void a_log_that_nobody_reads_is_not_waited_for(void **state) {
    (void)state;
    int ends[2];
    char text[65536 + 4096];
    ssize_t length = 0, got;
    assert_int_equal(pipe(ends), 0);
    real_stderr = dup(2);
    dup2(ends[1], 2);
    for (int i = 0; i < 2000; i++)
        log_info("flow", "line %d %0100d", i, 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    while (read(ends[0], text, sizeof text) > 0) {
    }
    log_info("flow", "the last");
    dup2(real_stderr, 2);
    close(real_stderr);
    while ((got = read(ends[0], text + length, sizeof text - (size_t)length)) > 0)
        length += got;
    struct slice read_text = slice_from(text, (size_t)length);
    assert_non_null(memmem(read_text.data, read_text.length, "lines before this one are lost", 30));
    assert_true(slice_ends(read_text, SLICE("the last\"}\n")));
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call_is_one_json_line),
        cmocka_unit_test(lines_below_the_level_are_dropped),
        cmocka_unit_test(hostile_values_stay_inside_their_line),
        cmocka_unit_test(what_is_too_long_is_cut_and_still_json),
        cmocka_unit_test(the_journal_gets_priorities_and_no_time),
        cmocka_unit_test(a_log_that_nobody_reads_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
