/* The screen of `linnet top` without a terminal: answers, keys and sizes in, cells out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/top_layout.h"
#include "cli/top_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1700000100000) /* 2023-11-14T22:15:00Z */

static struct top_status before, now;
static struct top_view view;
static struct top_canvas canvas;

static const char answer[] =
    "{\"running\":true,\"version\":\"0.1.0\",\"config\":\"linnet.lua\",\"uptime_s\":3725,"
    "\"generation\":4,\"error\":null,\"spool\":{\"bytes\":12345678,\"waiting\":false},"
    "\"sources\":[{\"name\":\"stream\",\"received\":%d,\"spooled\":50,\"malformed\":2,"
    "\"last_received\":\"2023-11-14T22:14:58.000Z\",\"last_created\":\"2023-11-14T22:14:46.000Z\","
    "\"position_moved\":\"2023-11-14T22:14:57.000Z\",\"coverage\":{\"state\":\"%s\",\"shown\":"
    "\"covered since then\"}}],"
    "\"sinks\":[{\"name\":\"index\",\"delivered\":40,\"pending\":7,\"dead\":3,\"dropped\":0,"
    "\"oldest\":null},{\"name\":\"store\",\"delivered\":50,\"pending\":0,\"dead\":0,\"dropped\":0,"
    "\"oldest\":null}],"
    "\"queries\":[{\"name\":\"coffee\",\"matched\":16,\"negative\":4,\"neutral\":4,\"positive\":4,"
    "\"other\":4,\"last\":\"2023-11-14T22:14:59.000Z\"},{\"name\":\"%s\",\"matched\":99,"
    "\"negative\":0,\"neutral\":0,\"positive\":99,\"other\":0,\"last\":null}],"
    "\"queries_left_out\":0}";

static void read_answer(int received, const char *state, const char *query) {
    char json[4000];
    snprintf(json, sizeof json, answer, received, state, query);
    struct top_status old = before;
    before = now;
    now = old;
    assert_true(top_status_read(&now, slice_of(json), NOW - 1000 + received * 20, &before));
    top_view_note(&view, &now);
}

static int start(void **state) {
    (void)state;
    top_status_init(&before);
    top_status_init(&now);
    memset(&view, 0, sizeof view);
    return 0;
}

static int stop(void **state) {
    (void)state;
    top_status_free(&before);
    top_status_free(&now);
    return 0;
}

static void lay_out(int rows, int columns, bool ascii) {
    canvas_begin(&canvas, rows, columns, ascii);
    top_layout(&canvas, &now, &view, NOW);
}

/* A row as text, without the blanks at its end. */
static const char *line(int row) {
    static char text[4096];
    size_t length = 0;
    for (int column = 0; column < canvas.columns; column++) {
        const struct top_cell *cell = canvas_at(&canvas, row, column);
        memcpy(text + length, cell->text, cell->bytes);
        length += cell->bytes;
    }
    while (length && text[length - 1] == ' ')
        length--;
    text[length] = '\0';
    return text;
}

static bool on_screen(const char *text) {
    for (int row = 0; row < canvas.rows; row++)
        if (strstr(line(row), text)) return true;
    return false;
}

static void every_cell_is_filled_once(void) {
    for (int row = 0; row < canvas.rows; row++) {
        int width = 0;
        for (int column = 0; column < canvas.columns; column++)
            width += canvas_at(&canvas, row, column)->width;
        assert_int_equal(width, canvas.columns);
    }
}

static void a_screen_says_what_the_answer_says(void **state) {
    (void)state;
    read_answer(0, "covered", "tea");
    read_answer(100, "covered", "tea");
    lay_out(24, 80, false);
    assert_string_equal(line(0), "linnet 0.1.0  up 1h02m  generation 4  ok");
    assert_string_equal(line(1), "received 50.0/s  kept 0.0/s  spool 12.3M bytes  █");
    assert_string_equal(line(3),
                        "SOURCES 1                       rate     lag  cursor  received     "
                        "kept    state");
    assert_string_equal(line(4),
                        "> stream                      50.0/s     12s    3.0s       100       "
                        "50  covered");
    assert_true(on_screen("  index "));
    assert_true(on_screen("share −○+?"));
    assert_true(on_screen("−−−−○○○○++++????"));
    assert_true(on_screen("? help  q quit"));
    every_cell_is_filled_once();
}

static void the_state_word_says_the_worst(void **state) {
    (void)state;
    lay_out(24, 80, false);
    assert_string_equal(line(0), "linnet not running");
    read_answer(1, "gap", "tea");
    lay_out(24, 80, false);
    assert_non_null(strstr(line(0), "gap now"));
    now.rows[TOP_SOURCES][0].state = SLICE("covered");
    now.rows[TOP_SINKS][0].oldest_ms = NOW - 62000;
    lay_out(24, 80, false);
    assert_non_null(strstr(line(0), "late 1m02s"));
    now.waiting = true;
    lay_out(24, 80, false);
    assert_non_null(strstr(line(0), "not storing"));
}

static void a_narrow_screen_loses_columns_and_keeps_names(void **state) {
    (void)state;
    read_answer(1, "covered", "tea");
    lay_out(15, 60, false);
    assert_true(on_screen("  coffee ") && on_screen("rate") && !on_screen("received  "));
    every_cell_is_filled_once();
    lay_out(14, 80, false);
    assert_string_equal(line(0), "linnet top needs 60 x 15, this is 80 x 14");
    lay_out(15, 59, false);
    assert_non_null(strstr(line(0), "this is 59 x 15"));
    lay_out(1, 3, false); /* and nothing is written beside it */
    lay_out(1, 1, false);
}

static void hostile_and_wide_names_stay_in_their_cells(void **state) {
    (void)state;
    static const char *const names[] = {
        "\\u001b[2Jgone\\u0007\\u202e\\n",
        "日本語のとても長い名前日本語のとても長い名前",
        "e\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301",
        "👩‍👩‍👧‍👦 family",
    };
    for (size_t i = 0; i < LENGTH(names); i++) {
        read_answer((int)i, "covered", names[i]);
        for (int columns = 60; columns < 100; columns++) {
            lay_out(24, columns, false);
            every_cell_is_filled_once();
            for (int row = 0; row < 24; row++)
                for (const char *at = line(row); *at; at++)
                    assert_true((unsigned char)*at >= ' ' && *at != 127);
        }
        assert_false(on_screen("\xe2\x80\xae"));
    }
}

static void without_utf_8_all_is_ascii(void **state) {
    (void)state;
    read_answer(0, "covered", "日本 é");
    read_answer(9, "covered", "日本 é");
    lay_out(24, 80, true);
    for (int row = 0; row < 24; row++)
        for (const char *at = line(row); *at; at++)
            assert_true((unsigned char)*at < 0x80);
    assert_true(on_screen("  ?? ?"));
    assert_true(on_screen("----oooo++++????"));
}

static void type(const char *keys) {
    for (; *keys; keys++)
        assert_int_equal(top_view_key(&view, *keys), TOP_NOTHING);
}

static void a_filter_and_an_order_choose_what_is_listed(void **state) {
    (void)state;
    read_answer(1, "covered", "tea");
    type("\t\t/COF");
    lay_out(24, 80, false);
    assert_true(on_screen("QUERIES 1") && on_screen("filter: COF") && !on_screen("  tea"));
    top_view_key(&view, TOP_KEY_ERASE);
    top_view_key(&view, TOP_KEY_ESCAPE);
    type("sss");
    lay_out(24, 80, false);
    assert_true(on_screen("QUERIES 2 by number") && on_screen("> tea"));
    type("jjjjjj"); /* not below the last */
    lay_out(24, 80, false);
    assert_true(on_screen("> coffee"));
    type("k");
    lay_out(24, 80, false);
    assert_true(on_screen("> tea"));
    assert_int_equal(top_view_key(&view, 'q'), TOP_QUIT);
    assert_int_equal(top_view_key(&view, 'r'), TOP_RELOAD);
}

static void keys_that_are_text_do_nothing_else_while_a_filter_is_typed(void **state) {
    (void)state;
    type("/qrp?");
    assert_string_equal(view.filter, "qrp?");
    assert_false(view.paused || view.help);
    for (int i = 0; i < 300; i++)
        top_view_key(&view, 'x');
    assert_int_equal(strlen(view.filter), sizeof view.filter - 1);
    for (int i = 0; i < 300; i++)
        top_view_key(&view, TOP_KEY_ERASE);
    assert_string_equal(view.filter, "");
}

static void detail_and_help_take_the_place_of_the_tables(void **state) {
    (void)state;
    read_answer(1, "covered", "tea");
    top_view_key(&view, TOP_KEY_ENTER);
    lay_out(24, 80, false);
    assert_true(on_screen("covered since then") && on_screen("malformed") && !on_screen("SINKS"));
    type("?");
    lay_out(24, 80, false);
    assert_true(on_screen("read the configuration again") && !on_screen("malformed"));
    top_view_key(&view, TOP_KEY_ESCAPE);
    lay_out(24, 80, false);
    assert_true(on_screen("SINKS"));
}

static void counts_and_spans_are_short(void **state) {
    (void)state;
    static const struct {
        uint64_t value;
        const char *text;
    } counts[] = {
        { 0, "0" },          { 9999, "9999" },     { 12345, "12.3k" },     { 999499, "999k" },
        { 999999, "1.00M" }, { 4560000, "4.56M" }, { UINT64_MAX, "18.4E" }
    };
    char text[TOP_TEXT_BYTES];
    for (size_t i = 0; i < LENGTH(counts); i++) {
        top_count(counts[i].value, text);
        assert_string_equal(text, counts[i].text);
    }
    static const struct {
        int64_t ms;
        const char *text;
    } spans[] = { { -5, "0.0s" },
                  { 9900, "9.9s" },
                  { 59000, "59s" },
                  { 200000, "3m20s" },
                  { 18120000, "5h02m" },
                  { 273600000, "3d04h" },
                  { INT64_C(252288000000), "8y" } };
    for (size_t i = 0; i < LENGTH(spans); i++) {
        top_span(spans[i].ms, text);
        assert_string_equal(text, spans[i].text);
    }
    top_rate(-1, text);
    assert_string_equal(text, "-");
    top_rate(123456, text);
    assert_string_equal(text, "123k/s");
}

static void what_is_no_answer_is_refused(void **state) {
    (void)state;
    assert_false(top_status_read(&now, SLICE("{\"running\":"), NOW, &before));
    assert_false(top_status_read(&now, SLICE(""), NOW, &before));
    assert_true(top_status_read(&now,
                                SLICE("{\"running\":7,\"sources\":[{\"name\":3}],\"sinks\":7,"
                                      "\"queries\":[[],{\"matched\":-1}]}"),
                                NOW, &before));
    lay_out(24, 80, false);
}

#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWED
#endif
#endif

/* 200 x 60 cells, 1,000 queries: reading the answer and laying it out. */
static void a_full_screen_takes_less_than_five_milliseconds(void **state) {
    (void)state;
    char *json = malloc(400000);
    size_t length = (size_t)sprintf(json, "{\"running\":true,\"queries\":[");
    for (int i = 0; i < 1000; i++)
        length += (size_t)sprintf(json + length,
                                  "%s{\"name\":\"query-%d é\",\"matched\":%d,\"negative\":%d,"
                                  "\"neutral\":3,\"positive\":9,\"other\":1,\"last\":"
                                  "\"2023-11-14T22:14:59.000Z\"}",
                                  i ? "," : "", i, i * 7 % 1000, i);
    sprintf(json + length, "]}");
    view.sort[TOP_QUERIES] = TOP_BY_TOTAL;
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < 20; round++) {
        uint64_t began = clock_thread_ns();
        assert_true(top_status_read(&now, slice_of(json), NOW, &before));
        lay_out(60, 200, false);
        best = MIN(best, clock_thread_ns() - began);
    }
    free(json);
    print_message("note: a full screen of linnet top takes %.2f ms\n", (double)best / 1e6);
#ifndef SLOWED
    assert_true(best < 5000000);
#endif
}

#define TOP_TEST(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void) {
    const struct CMUnitTest tests[] = {
        TOP_TEST(a_screen_says_what_the_answer_says),
        TOP_TEST(the_state_word_says_the_worst),
        TOP_TEST(a_narrow_screen_loses_columns_and_keeps_names),
        TOP_TEST(hostile_and_wide_names_stay_in_their_cells),
        TOP_TEST(without_utf_8_all_is_ascii),
        TOP_TEST(a_filter_and_an_order_choose_what_is_listed),
        TOP_TEST(keys_that_are_text_do_nothing_else_while_a_filter_is_typed),
        TOP_TEST(detail_and_help_take_the_place_of_the_tables),
        TOP_TEST(counts_and_spans_are_short),
        TOP_TEST(what_is_no_answer_is_refused),
        TOP_TEST(a_full_screen_takes_less_than_five_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
