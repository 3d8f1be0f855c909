/* An archive's objects over kills, power cuts and failures of a disk in memory: each record is in
 * exactly one. */
#include "archive_life.h"

#include <errno.h>

/* ---- the tests ------------------------------------------------------------------------------ */

static void each_record_is_in_one_object(void **state) {
    (void)state;
    assert_true(live((struct sim_fault){ 0 }));
    assert_each_once("call", 0);
    assert_true(objects >= RECORDS / 7);
}

/* Whatever came before, a life without faults brings the rest. */
static void assert_recovers(const char *what, uint64_t call) {
    if (!live((struct sim_fault){ 0 })) fail_msg("%s %d: %s", what, (int)call, err.text);
    assert_each_once(what, call);
}

static void killed_at_each_call_each_is_there_once(void **state) {
    bool lived = false;
    for (uint64_t call = 1; !lived; call++) {
        start(state);
        noise = call;
        lived = live((struct sim_fault){ .kill_at = call, .half = call % 2 });
        sim_restart();
        assert_recovers("killed at", call);
        end(state);
    }
}

static void killed_again_while_it_recovers_each_is_there_once(void **state) {
    bool lived = false;
    for (uint64_t call = 1; !lived; call += 3) {
        start(state);
        noise = call;
        lived = live((struct sim_fault){ .kill_at = call });
        for (uint64_t more = 1; more < 60; more += 1 + call % 13) {
            sim_restart();
            (void)live((struct sim_fault){ .kill_at = more, .half = true });
        }
        sim_restart();
        assert_recovers("killed again after", call);
        end(state);
    }
}

static void after_a_power_cut_at_each_call_each_is_there_once(void **state) {
    bool lived = false;
    for (uint64_t call = 1; !lived; call++)
        for (uint64_t cut = 0; cut < 8; cut++) {
            start(state);
            noise = call;
            lived = live((struct sim_fault){ .kill_at = call });
            sim_cut_power(cut < 3 ? cut : cut + call * 100);
            assert_recovers("power cut at", call);
            end(state);
        }
}

static void what_fails_once_is_tried_again(void **state) {
    static const int errors[] = { EIO, ENOSPC };
    for (size_t i = 0; i < LENGTH(errors); i++)
        for (uint64_t call = 1; call < 2000; call++) {
            start(state);
            noise = call;
            bool lived = live((struct sim_fault){ .at = call, .error = errors[i], .half = true });
            bool over = sim_count() < call;
            sim_restart();
            if (!lived) assert_recovers("failed at", call); /* it could not start */
            assert_each_once("failed at", call);
            end(state);
            if (over) break;
        }
}

static void after_a_failed_sync_the_power_may_go(void **state) {
    for (uint64_t call = 1; call < 400; call++) {
        start(state);
        noise = call;
        (void)live((struct sim_fault){ .at = call, .error = EIO });
        sim_cut_power(0);
        assert_recovers("failed, then cut", call);
        end(state);
    }
}

static void records_that_come_again_are_passed_over(void **state) {
    (void)state;
    forgetful = true;
    assert_true(live((struct sim_fault){ 0 }));
    for (int again = 0; again < 3; again++) {
        durable = 1 + 20 * (uint64_t)again;
        assert_true(live((struct sim_fault){ 0 }));
        assert_each_once("again", again);
    }
}

static void another_place_gets_what_is_pending(void **state) {
    (void)state;
    forgetful = true;
    assert_true(live((struct sim_fault){ 0 }));
    assert_true(os_make_private_folder("/elsewhere"));
    to = "/elsewhere";
    assert_true(live((struct sim_fault){ 0 }));
    assert_each_once("another place", 0);
    memset(found, 0, sizeof found);
    assert_true(os_list_folder("/elsewhere", look_at, "/elsewhere"));
    for (int i = 1; i <= RECORDS; i++)
        assert_int_equal(found[i], 1);
}

static void other_partitions_after_a_restart_repeat_nothing(void **state) {
    static const char *const prefixes[] = { "", "!{query}/", "!{network}/", "!{query}/!{lang}/" };
    for (uint64_t call = 1; call < 400; call += 7)
        for (size_t i = 0; i < 16; i++) {
            start(state);
            noise = call;
            use_prefix(prefixes[i % 4]);
            (void)live((struct sim_fault){ .kill_at = call });
            sim_restart();
            use_prefix(prefixes[i / 4]);
            assert_recovers("other partitions after", call);
            end(state);
        }
}

static void what_was_intended_for_records_that_are_gone_is_given_up(void **state) {
    for (uint64_t call = 1; call < 400; call += 3) {
        start(state);
        noise = call;
        (void)live((struct sim_fault){ .kill_at = call });
        sim_restart();
        uint64_t first = durable = MIN(durable + 1 + call % 20, (uint64_t)RECORDS);
        assert_true(live((struct sim_fault){ 0 }));
        read_archive();
        for (uint64_t i = first; i <= RECORDS; i++)
            assert_true(found[i] > 0);
        end(state);
    }
}

/* Without a record behind them it waits for its age: there might be more to come. */
static void of_what_was_intended_the_rest_is_kept(void **state) {
    for (uint64_t call = 1; call < 400; call++) {
        start(state);
        noise = call;
        forgetful = true;
        (void)live((struct sim_fault){ .kill_at = call });
        sim_restart();
        gone = 1 + call % (RECORDS - 10);
        gone_end = gone + 1 + call % 9;
        assert_true(live((struct sim_fault){ 0 }));
        read_archive();
        for (uint64_t i = 1; i <= RECORDS; i++)
            if (i < gone || i >= gone_end) assert_true(found[i] > 0);
        end(state);
    }
}

static void an_object_holds_what_its_size_says(void **state) {
    (void)state;
    use_prefix("");
    settings.size = 20;
    assert_true(live((struct sim_fault){ 0 }));
    assert_each_once("size", 0);
    assert_int_equal(objects, RECORDS / 4);
}

static void too_many_partitions_seal_the_oldest(void **state) {
    static char names[RECORDS * 3 + 1][8];
    static struct slice queries[RECORDS * 3 + 1];
    struct life life;
    (void)state;
    settings.size = 1000;
    assert_true(begin_life(&life));
    for (unsigned i = 1; i <= MOST_OPEN + 5; i++) {
        snprintf(names[i], sizeof names[i], "q%u", i % 1000);
        queries[i] = slice_of(names[i]);
        struct record record = records[1];
        record.sequence = i;
        record.queries = &queries[i];
        struct gathering gathering = { .records = &record, .count = 1 };
        assert_int_equal(gatherer_take(&life.gatherer, &gathering, &err), GATHERED_ALL);
        assert_true(life.gatherer.open_count <= MOST_OPEN);
    }
    assert_int_equal(life.gatherer.sealed_count, 5);
    assert_string_equal(life.gatherer.sealed->partition.values[0], "q1");
    end_life(&life);
}

static void no_more_is_taken_while_sealed_ones_wait(void **state) {
    struct life life;
    (void)state;
    use_prefix("");
    settings.size = 5;
    assert_true(begin_life(&life));
    struct gathering *gathering = hand_over(&life, 1, RECORDS);
    assert_int_equal(gatherer_take(&life.gatherer, gathering, &err), GATHERED_SOME);
    assert_int_equal(life.gatherer.sealed_count, MOST_SEALED);
    assert_int_equal(gathering->done, MOST_SEALED);
    assert_true(work(&life, gathering, true));
    end_life(&life);
    assert_each_once("waiting", 0);
}

static void an_hour_has_objects_of_its_own(void **state) {
    (void)state;
    use_prefix("!{timestamp:HH}/");
    settings.size = 1000;
    settings.hourly = true;
    for (int i = 1; i <= RECORDS; i++)
        records[i].received_ms = INT64_C(4002339600000) + i * 360000; /* ten an hour */
    assert_true(live((struct sim_fault){ 0 }));
    assert_each_once("hour", 0);
    struct os_info info;
    for (int hour = 9; hour <= 15; hour++) {
        char path[64];
        snprintf(path, sizeof path, TO "/%02d", hour);
        assert_true(os_stat(path, &info));
        assert_int_equal(info.kind, OS_FOLDER);
    }
    assert_int_equal(objects, 7);
}

static void bytes_that_a_disk_changed_are_read_again(void **state) {
    struct life life;
    char path[256];
    (void)state;
    use_prefix("");
    assert_true(begin_life(&life));
    settings.size = 100000;
    struct gathering *gathering = hand_over(&life, 1, RECORDS);
    assert_int_equal(gatherer_take(&life.gatherer, gathering, &err), GATHERED_ALL);
    assert_true(object_flush(life.gatherer.open, &err));
    snprintf(path, sizeof path, "%.200s", life.gatherer.open->path);
    sim_put(path, "other bytes", 11);
    gatherer_seal(&life.gatherer, true);
    sim_inject((struct sim_fault){ .calls = SIM_SYNC, .at = 1, .error = EIO });
    assert_false(gatherer_finish(&life.gatherer, &life.lost, &err));
    assert_true(life.lost);
    end_life(&life);
    assert_recovers("lost", 0);
}

static void leftovers_of_others_stay(void **state) {
    struct os_info info;
    (void)state;
    assert_true(os_make_private_folder(TO));
    os_close(os_open(TO "/.linnet-0000000000000001-1.part", OS_UPDATE));
    assert_true(live((struct sim_fault){ 0 }));
    assert_true(os_stat(TO "/.linnet-0000000000000001-1.part", &info) && info.kind == OS_FILE);
}

/* A post whose document is missing, where documents are kept. */
static void what_cannot_be_kept_is_an_error_record(void **state) {
    static const char wanted[] =
        "{\"attemptsMade\":1,\"arrivalTimestamp\":1772860142345,\"errorCode\":\"Linnet."
        "NoDocument\","
        "\"errorMessage\":\"it was kept without a document in this sink's schema\","
        "\"attemptEndingTimestamp\":1772860142345,\"rawData\":\"cjAwMQ==\"}\n";
    struct life life;
    (void)state;
    settings.style.documents = true;
    settings.size = 1000;
    if (!prefix_compile("error", PREFIX_ERRORS, &arena, &settings.error_prefix, &err))
        fail_msg("%s", err.text);
    assert_true(begin_life(&life));
    struct gathering *gathering = hand_over(&life, 1, 1);
    assert_int_equal(gatherer_take(&life.gatherer, gathering, &err), GATHERED_ALL);
    struct object *object = life.gatherer.open;
    assert_int_equal(object->coming.length, sizeof wanted - 1);
    assert_memory_equal(object->coming.data, wanted, sizeof wanted - 1);
    gatherer_seal(&life.gatherer, true);
    assert_true(gatherer_finish(&life.gatherer, &life.lost, &err));
    end_life(&life);
    struct os_info info;
    assert_true(os_stat(TO "/error/processing-failed/2026/03/07/05", &info));
    assert_int_equal(info.kind, OS_FOLDER);
}

int main(void) {
#define GATHER_TEST(test) cmocka_unit_test_setup_teardown(test, start, end)
    const struct CMUnitTest tests[] = {
        GATHER_TEST(each_record_is_in_one_object),
        cmocka_unit_test(killed_at_each_call_each_is_there_once),
        cmocka_unit_test(killed_again_while_it_recovers_each_is_there_once),
        cmocka_unit_test(after_a_power_cut_at_each_call_each_is_there_once),
        cmocka_unit_test(what_fails_once_is_tried_again),
        cmocka_unit_test(after_a_failed_sync_the_power_may_go),
        GATHER_TEST(records_that_come_again_are_passed_over),
        GATHER_TEST(another_place_gets_what_is_pending),
        cmocka_unit_test(other_partitions_after_a_restart_repeat_nothing),
        cmocka_unit_test(what_was_intended_for_records_that_are_gone_is_given_up),
        cmocka_unit_test(of_what_was_intended_the_rest_is_kept),
        GATHER_TEST(an_object_holds_what_its_size_says),
        GATHER_TEST(too_many_partitions_seal_the_oldest),
        GATHER_TEST(no_more_is_taken_while_sealed_ones_wait),
        GATHER_TEST(an_hour_has_objects_of_its_own),
        GATHER_TEST(bytes_that_a_disk_changed_are_read_again),
        GATHER_TEST(leftovers_of_others_stay),
        GATHER_TEST(what_cannot_be_kept_is_an_error_record),
    };
    return cmocka_run_group_tests_name("archive_gather", tests, NULL, NULL);
}
