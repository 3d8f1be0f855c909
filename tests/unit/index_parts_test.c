/* What a bulk request is made of: its lines, the order inside an id, how many go at a time; and how
 * long none goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/clock.h"
#include "flow/delivery.h"
#include "index/body.h"
#include "index/sink.h"

/* ---- lines ---- */

static void assert_lines(const struct index_action *action, const char *lines) {
    struct arena arena;
    struct buffer body;
    arena_init(&arena);
    buffer_init(&body, 4096);
    assert_true(index_body_add(&body, action, &arena));
    assert_true(slice_is(buffer_slice(&body), lines));
    buffer_free(&body);
    arena_free(&arena);
}

static void a_document_takes_two_lines_a_change_too_and_a_delete_one(void **state) {
    (void)state;
    struct index_action action = { .id = SLICE("x:1"), .document = SLICE("{\"a\":1}") };
    assert_lines(&action, "{\"index\":{\"_id\":\"x:1\"}}\n{\"a\":1}\n");
    action.version = 1234567890123456789;
    action.index = SLICE("posts-2026.11.27");
    assert_lines(&action,
                 "{\"index\":{\"_index\":\"posts-2026.11.27\",\"_id\":\"x:1\",\"version_type\":"
                 "\"external_gte\",\"version\":1234567890123456789}}\n{\"a\":1}\n");
    action.verb = INDEX_CHANGE;
    action.version = 0;
    action.document = SLICE("{\"a\":null}");
    assert_lines(&action, "{\"update\":{\"_index\":\"posts-2026.11.27\",\"_id\":\"x:1\"}}\n"
                          "{\"doc\":{\"a\":null}}\n");
    action.verb = INDEX_REMOVE;
    action.version = 1234567890123456789;
    action.index = SLICE("");
    assert_lines(&action, "{\"delete\":{\"_id\":\"x:1\",\"version_type\":\"external_gte\","
                          "\"version\":1234567890123456789}}\n");
}

static void an_id_cannot_leave_its_quotes(void **state) {
    (void)state;
    struct index_action action = { .id = SLICE("\"},\n\\\xC3\xA9"), .verb = INDEX_REMOVE };
    assert_lines(&action, "{\"delete\":{\"_id\":\"\\\"},\\n\\\\\xC3\xA9\"}}\n");
}

static void a_full_body_stays_as_it_is(void **state) {
    (void)state;
    struct arena arena;
    struct buffer body;
    struct index_action action = { .id = SLICE("x:1"), .document = SLICE("{\"a\":1}") };
    arena_init(&arena);
    buffer_init(&body, 200);
    assert_true(index_body_add(&body, &action, &arena));
    size_t length = body.length;
    while (index_body_add(&body, &action, &arena))
        length = body.length;
    assert_int_equal(body.length, length);
    assert_int_equal(body.data[length - 1], '\n');
    buffer_free(&body);
    arena_free(&arena);
}

/* ---- order ---- */

static void a_later_record_of_an_id_waits_for_the_earlier_one(void **state) {
    (void)state;
    struct index_order order;
    struct slice id = SLICE("x:1");
    index_order_init(&order);
    struct index_claim *claim = index_order_take(&order, id, 5, 1);
    assert_non_null(claim);
    claim->tries = 3;
    assert_null(index_order_take(&order, id, 6, 1));
    assert_non_null(index_order_take(&order, SLICE("x:2"), 7, 1));
    assert_int_equal(index_order_take(&order, id, 5, 1)->tries, 3); /* it comes again itself */
    index_order_settle(&order, id, 5);
    assert_int_equal(index_order_take(&order, id, 6, 1)->tries, 0);
    index_order_free(&order);
}

static void one_that_waits_is_not_overtaken_between_its_tries(void **state) {
    (void)state;
    struct index_order order;
    struct slice id = SLICE("x:1");
    index_order_init(&order);
    assert_non_null(index_order_take(&order, id, 5, 1));
    for (uint64_t sequence = 6; sequence <= 8; sequence++)
        assert_null(index_order_take(&order, id, sequence, 1));
    index_order_settle(&order, id, 5);
    assert_null(index_order_take(&order, id, 8, 1));
    assert_null(index_order_take(&order, id, 7, 1));
    assert_non_null(index_order_take(&order, id, 6, 1));
    index_order_settle(&order, id, 6);
    assert_null(index_order_take(&order, id, 8, 1));
    assert_non_null(index_order_take(&order, id, 7, 1));
    index_order_settle(&order, id, 7);
    assert_non_null(index_order_take(&order, id, 8, 1));
    index_order_settle(&order, id, 8);
    assert_int_equal(order.used, 0);
    index_order_free(&order);
}

static void a_record_that_was_given_up_holds_nobody(void **state) {
    (void)state;
    struct index_order order;
    index_order_init(&order);
    assert_non_null(index_order_take(&order, SLICE("x:1"), 5, 1));
    assert_null(index_order_take(&order, SLICE("x:1"), 9, 5));
    assert_non_null(index_order_take(&order, SLICE("x:1"), 9, 6));
    index_order_free(&order);
}

static struct slice id_of(unsigned number, char text[32]) {
    return slice_from(text, (size_t)snprintf(text, 32, "x:%u", number));
}

static void thousands_of_ids_are_told_apart(void **state) {
    (void)state;
    enum { IDS = 20000 };
    struct index_order order;
    char text[32];
    index_order_init(&order);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < IDS; i++)
            assert_non_null(index_order_take(&order, id_of(i, text), i + 1, 0));
        for (unsigned i = round; i < IDS; i += 3)
            index_order_settle(&order, id_of(i, text), i + 1);
        for (unsigned i = 0; i < IDS; i++)
            assert_int_equal(index_order_find(&order, id_of(i, text), i + 1) != NULL,
                             i % 3 != round);
        for (unsigned i = 0; i < IDS; i++)
            index_order_settle(&order, id_of(i, text), i + 1);
        assert_int_equal(order.used, 0);
    }
    index_order_free(&order);
}

static void records_that_were_given_up_take_no_room(void **state) {
    (void)state;
    struct index_order order;
    char text[32];
    index_order_init(&order);
    for (unsigned i = 0; i < 100000; i++) /* nobody settles them; they are dropped, all but 100 */
        assert_non_null(index_order_take(&order, id_of(i, text), i + 1, i < 100 ? 1 : i - 99));
    assert_in_range(order.size, 1, 2048);
    for (unsigned i = 99901; i < 100000; i++)
        assert_non_null(index_order_find(&order, id_of(i, text), i + 1));
    index_order_free(&order);
}

/* ---- pace ---- */

#define MS UINT64_C(1000000)

static void answer(struct index_pace *pace, uint64_t *now_ns, unsigned replies, uint64_t took_ms) {
    for (unsigned i = 0; i < replies; i++) {
        *now_ns += took_ms * MS;
        index_pace_good(pace, *now_ns - took_ms * MS, *now_ns);
    }
}

static void a_quick_index_gets_more_at_a_time(void **state) {
    (void)state;
    struct index_pace pace;
    uint64_t now_ns = 1;
    index_pace_init(&pace, 8);
    assert_int_equal(index_pace_room(&pace), 1);
    answer(&pace, &now_ns, 3, 5);
    assert_int_equal(index_pace_room(&pace), 4);
    answer(&pace, &now_ns, 100, 5);
    assert_int_equal(index_pace_room(&pace), 8);
}

static void one_moment_of_refusals_halves_it_once(void **state) {
    (void)state;
    struct index_pace pace;
    uint64_t now_ns = 1;
    index_pace_init(&pace, 8);
    answer(&pace, &now_ns, 20, 5);
    for (unsigned i = 0; i < 8; i++) /* all eight that were under way */
        index_pace_busy(&pace, now_ns, now_ns + 5 * MS + i);
    assert_int_equal(index_pace_room(&pace), 4);
}

static void a_storm_of_refusals_leaves_one_and_calm_brings_all_back(void **state) {
    (void)state;
    struct index_pace pace;
    uint64_t now_ns = 1;
    index_pace_init(&pace, 8);
    answer(&pace, &now_ns, 20, 5);
    for (unsigned i = 0; i < 3600; i++, now_ns += 1000 * MS)
        index_pace_busy(&pace, now_ns, now_ns + 5 * MS);
    assert_int_equal(index_pace_room(&pace), 1);
    answer(&pace, &now_ns, 100, 5);
    assert_int_equal(index_pace_room(&pace), 8);
}

static void a_slow_index_gets_fewer_at_a_time(void **state) {
    (void)state;
    struct index_pace pace;
    uint64_t now_ns = 1;
    index_pace_init(&pace, 8);
    answer(&pace, &now_ns, 20, 5);
    answer(&pace, &now_ns, 10, 2000);
    assert_in_range(index_pace_room(&pace), 1, 2);
}

/* ---- waiting ---- */

static void again(struct timer *timer) { (void)timer; }

/* Of several under way one failed, one went well, and now another that was sent before fails. */
static void a_late_failure_waits_no_longer_than_a_first_one(void **state) {
    (void)state;
    struct loop *loop = loop_create();
    struct delivery delivery = { .loop = loop };
    const struct sink_context context = { .loop = loop, .delivery = &delivery, .name = "index" };
    struct index_sink sink = { .context = &context, .again.fire = again };
    uint64_t sent_ns = clock_monotonic_ns();
    index_trouble(&sink, INDEX_BUSY, SLICE("busy"), SLICE(""), sent_ns);
    index_works(&sink);
    sink.until_ns = 0;
    index_trouble(&sink, INDEX_BUSY, SLICE("busy"), SLICE(""), sent_ns);
    assert_in_range(sink.until_ns - sink.troubled_ns, 1, 1000000000);
    timer_stop(&sink.again);
    loop_destroy(loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_takes_two_lines_a_change_too_and_a_delete_one),
        cmocka_unit_test(an_id_cannot_leave_its_quotes),
        cmocka_unit_test(a_full_body_stays_as_it_is),
        cmocka_unit_test(a_later_record_of_an_id_waits_for_the_earlier_one),
        cmocka_unit_test(one_that_waits_is_not_overtaken_between_its_tries),
        cmocka_unit_test(a_record_that_was_given_up_holds_nobody),
        cmocka_unit_test(thousands_of_ids_are_told_apart),
        cmocka_unit_test(records_that_were_given_up_take_no_room),
        cmocka_unit_test(a_quick_index_gets_more_at_a_time),
        cmocka_unit_test(one_moment_of_refusals_halves_it_once),
        cmocka_unit_test(a_storm_of_refusals_leaves_one_and_calm_brings_all_back),
        cmocka_unit_test(a_slow_index_gets_fewer_at_a_time),
        cmocka_unit_test(a_late_failure_waits_no_longer_than_a_first_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
