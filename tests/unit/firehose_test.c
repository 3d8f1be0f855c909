/* PutRecordBatch: what a request holds and may not hold, and which replies are believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "aws/fault.h"
#include "aws/firehose.h"
#include "base/alloc.h"
#include "base/compiler.h"
#include "padded.h"
#include "sinks/firehose_doubt.h"

static struct arena arena;
static struct projector *walker;
static struct firehose_batch batch;

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    walker = projector_create(NULL);
    return 0;
}

static int end(void **state) {
    (void)state;
    projector_destroy(walker);
    arena_free(&arena);
    return 0;
}

static void batch_of(size_t pack_bytes) {
    firehose_batch_init(&batch, pack_bytes);
    firehose_batch_begin(&batch, "linnet-posts", FIREHOSE_BATCH_BYTES);
}

static void add(const char *post) {
    assert_true(firehose_batch_add(&batch, slice_of(post), SLICE("\n")));
}

/* Without white space between its tokens. */
static struct slice compact(struct slice json) {
    char *out = arena_alloc(&arena, json.length);
    size_t length = 0;
    for (size_t i = 0; i < json.length; i++)
        if (!strchr(" \n", json.data[i])) out[length++] = json.data[i];
    return slice_from(out, length);
}

static void assert_is(struct slice got, struct slice expected) {
    if (!slice_equal(got, expected))
        fail_msg("\n     got: %.*s\nexpected: %.*s", SLICE_ARGS(got), SLICE_ARGS(expected));
}

/* ---- requests ------------------------------------------------------------------------------- */

static void a_request_is_the_services_own(void **state) {
    (void)state;
    batch_of(0);
    add("{\"id\":\"1\",\"text\":\"I love it\"}");
    add("{\"id\":\"2\",\"text\":\"n\xC3\xA3o gosto \xF0\x9F\x98\xA1\"}");
    add("{\"id\":\"3\",\"text\":\"meh\"}");
    struct slice expected = data_file(&arena, "firehose/putrecordbatch-request.json");
    assert_is(firehose_batch_end(&batch), compact(expected));
    firehose_batch_free(&batch);
}

static void posts_share_a_record_up_to_its_size(void **state) {
    (void)state;
    batch_of(8);
    add("abc");
    add("def"); /* 8 with the two newlines */
    add("g");
    add("a long one");
    add("h");
    assert_is(
        firehose_batch_end(&batch),
        SLICE("{\"DeliveryStreamName\":\"linnet-posts\",\"Records\":[{\"Data\":\"YWJjCmRlZgo="
              "\"},{\"Data\":\"Zwo=\"},{\"Data\":\"YSBsb25nIG9uZQo=\"},{\"Data\":\"aAo=\"}]}"));
    const uint32_t posts[] = { 2, 1, 1, 1 };
    assert_int_equal(batch.count, LENGTH(posts));
    assert_memory_equal(batch.posts, posts, sizeof posts);
    firehose_batch_free(&batch);
}

static void a_request_takes_500_records(void **state) {
    (void)state;
    batch_of(0);
    for (size_t i = 0; i < FIREHOSE_MOST_RECORDS; i++)
        add("x");
    assert_false(firehose_batch_add(&batch, SLICE("x"), SLICE("\n")));
    assert_int_equal(batch.count, FIREHOSE_MOST_RECORDS);
    firehose_batch_begin(&batch, "linnet-posts", FIREHOSE_BATCH_BYTES);
    add("x");
    assert_int_equal(batch.count, 1);
    firehose_batch_free(&batch);
}

static void the_last_record_of_500_still_takes_posts(void **state) {
    (void)state;
    batch_of(4);
    for (size_t i = 0; i < 2 * (size_t)FIREHOSE_MOST_RECORDS; i++)
        add("x");
    assert_false(firehose_batch_add(&batch, SLICE("x"), SLICE("\n")));
    assert_int_equal(batch.posts[FIREHOSE_MOST_RECORDS - 1], 2);
    firehose_batch_free(&batch);
}

static void a_request_stays_below_its_bytes(void **state) {
    (void)state;
    size_t length = FIREHOSE_RECORD_BYTES - 1;
    char *post = memory_zeroed(length, 1);
    batch_of(0);
    for (int i = 0; i < 3; i++)
        assert_true(firehose_batch_add(&batch, slice_from(post, length), SLICE("\n")));
    assert_false(firehose_batch_add(&batch, slice_from(post, length), SLICE("\n")));
    struct slice body = firehose_batch_end(&batch);
    assert_true(batch.bytes <= FIREHOSE_BATCH_BYTES);
    assert_true(body.length > batch.bytes / 3 * 4);
    assert_true(slice_ends(body, SLICE("\"}]}")));
    memory_free(post);
    firehose_batch_free(&batch);
}

static void a_post_alone_is_taken_whatever_the_limit(void **state) {
    (void)state;
    firehose_batch_init(&batch, 1000);
    firehose_batch_begin(&batch, "s", 3);
    add("four");
    assert_false(firehose_batch_add(&batch, SLICE("x"), SLICE("\n")));
    firehose_batch_free(&batch);
}

static void a_post_that_is_parted_off_is_a_record_of_its_own(void **state) {
    (void)state;
    batch_of(1024);
    add("one");
    add("two");
    firehose_batch_part(&batch);
    add("doubted");
    firehose_batch_part(&batch);
    add("three");
    add("four");
    assert_int_equal(batch.count, 3);
    assert_true(batch.posts[0] == 2 && batch.posts[1] == 1 && batch.posts[2] == 2);
    firehose_batch_part(&batch);
    firehose_batch_begin(&batch, "s", FIREHOSE_BATCH_BYTES);
    add("five");
    add("six");
    assert_int_equal(batch.count, 1);
    firehose_batch_free(&batch);
}

/* ---- replies -------------------------------------------------------------------------------- */

static void every_record_that_is_answered_is_believed(void **state) {
    (void)state;
    struct firehose_reply reply;
    const char *why;
    struct slice whole = data_file(&arena, "firehose/putrecordbatch-response-ok.json");
    assert_true(firehose_reply_read(whole, 3, walker, &arena, &reply, &why));
    assert_int_equal(reply.failures, 0);
    struct slice partial = data_file(&arena, "firehose/putrecordbatch-response-partial.json");
    assert_true(firehose_reply_read(partial, 3, walker, &arena, &reply, &why));
    assert_int_equal(reply.failures, 2);
    assert_false(reply.failed[0]);
    assert_true(reply.failed[1] && reply.failed[2]);
    assert_ptr_equal(reply.first, &reply.refusals[1]);
    assert_is(reply.first->code, SLICE("ServiceUnavailableException"));
    assert_is(reply.first->message, SLICE("Slow down."));
    assert_int_equal(reply.refusals[0].code.length, 0);
}

#define KEPT "{\"RecordId\":\"a\"}"
#define FAILED "{\"ErrorCode\":\"InternalFailure\",\"ErrorMessage\":\"m\"}"
#define REPLY(failures, list) "{\"FailedPutCount\":" failures ",\"RequestResponses\":" list "}"

static void a_reply_that_does_not_answer_all_of_two_is_not_believed(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        { REPLY("0", "[" KEPT "]"), "fewer" },
        { REPLY("0", "[" KEPT "," KEPT "," KEPT "]"), "more" },
        { REPLY("0", "[]"), "fewer" },
        { "{\"FailedPutCount\":0}", "fewer" },
        { REPLY("0", "{\"a\":" KEPT ",\"b\":" KEPT "}"), "fewer" },
        { "{\"x\":" REPLY("0", "[" KEPT "," KEPT "]") "}", "fewer" },
        { REPLY("0", "[" KEPT ",7]"), "no object" },
        { REPLY("0", "[" KEPT ",{}]"), "neither" },
        { REPLY("0", "[" KEPT ",{\"RecordId\":\"\"}]"), "neither" },
        { REPLY("0", "[" KEPT ",{\"RecordId\":null}]"), "neither" },
        { REPLY("0", "[" KEPT ",{\"x\":" KEPT "}]"), "neither" },
        { REPLY("1", "[" KEPT ",{\"RecordId\":\"a\",\"ErrorCode\":\"E\"}]"), "neither" },
        { REPLY("0", "[" KEPT "," FAILED "]"), "FailedPutCount" },
        { REPLY("1", "[" KEPT "," KEPT "]"), "FailedPutCount" },
        { REPLY("\"0\"", "[" KEPT "," KEPT "]"), "FailedPutCount" },
        { "{\"RequestResponses\":[" KEPT "," KEPT "]}", "FailedPutCount" },
        { REPLY("0", "[" KEPT "," KEPT), "whole" },
        { REPLY("0", "[" KEPT "],\"RequestResponses\":[" KEPT "]"), "two lists" },
        { "<html>busy</html>", "whole" },
        { "", "whole" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct firehose_reply reply;
        const char *why = NULL;
        if (firehose_reply_read(slice_of(rows[i][0]), 2, walker, &arena, &reply, &why))
            fail_msg("believed: %s", rows[i][0]);
        if (strstr(why, rows[i][1]) == NULL) fail_msg("%s: %s", rows[i][0], why);
    }
}

static void every_error_has_its_rule(void **state) {
    (void)state;
    static const struct {
        const char *file;
        enum firehose_rule rule;
    } rows[] = {
        { "firehose/error-service-unavailable.json", FIREHOSE_BUSY },
        { "firehose/error-prefixed-type.json", FIREHOSE_BUSY },
        { "firehose/error-limit-exceeded.json", FIREHOSE_BUSY },
        { "firehose/error-resource-not-found.json", FIREHOSE_MISSING },
        { "firehose/error-invalid-argument-role.json", FIREHOSE_WRONG },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct aws_fault fault = aws_fault_read(data_file(&arena, rows[i].file), SLICE(""), &arena);
        if (firehose_rule_of(400, fault.code) != rows[i].rule) fail_msg("%s", rows[i].file);
    }
    assert_int_equal(firehose_rule_of(400, SLICE("ExpiredTokenException")), FIREHOSE_REFUSED);
    assert_int_equal(firehose_rule_of(500, SLICE("InternalFailure")), FIREHOSE_AWAY);
    assert_int_equal(firehose_rule_of(502, SLICE("")), FIREHOSE_AWAY);
    assert_int_equal(firehose_rule_of(503, SLICE("")), FIREHOSE_BUSY);
    assert_int_equal(firehose_rule_of(403, SLICE("")), FIREHOSE_REFUSED);
    assert_int_equal(firehose_rule_of(413, SLICE("")), FIREHOSE_TOO_LARGE);
    assert_int_equal(firehose_rule_of(302, SLICE("")), FIREHOSE_WRONG);
}

static void only_a_busy_stream_is_no_fault_of_the_record(void **state) {
    (void)state;
    assert_false(firehose_is_own_fault(SLICE("ServiceUnavailableException")));
    assert_false(firehose_is_own_fault(SLICE("ThrottlingException")));
    assert_true(firehose_is_own_fault(SLICE("InternalFailure")));
    assert_true(firehose_is_own_fault(SLICE("InvalidRecord")));
}

/* ---- doubts --------------------------------------------------------------------------------- */

static struct firehose_doubts doubts;

/* The stream answers for others, and then fails record 7. */
static bool fails(bool alone, uint32_t kept, uint32_t failed) {
    bool over = firehose_doubt(&doubts, 7, alone, kept, failed, 0);
    doubts.kept += kept;
    doubts.failed += failed;
    return over;
}

static void a_record_is_given_up_after_five_failures_beside_many_that_went_well(void **state) {
    (void)state;
    doubts = (struct firehose_doubts){ 0 };
    for (int i = 0; i < 4; i++) {
        assert_false(fails(true, FIREHOSE_KEPT_BESIDE, 1));
        assert_true(firehose_is_doubted(&doubts, 7));
    }
    assert_true(fails(true, FIREHOSE_KEPT_BESIDE, 1));
    assert_false(firehose_is_doubted(&doubts, 7));
}

static void neither_an_outage_nor_silence_nor_a_shared_record_blames_it(void **state) {
    (void)state;
    doubts = (struct firehose_doubts){ 0 };
    for (int i = 0; i < 100; i++) {
        assert_false(fails(true, 0, 1));
        assert_false(fails(true, 200, 200));
    }
    doubts = (struct firehose_doubts){ 0 };
    for (int i = 0; i < 100; i++)
        assert_false(fails(false, 1000, 1));
}

static void a_failure_counts_once_enough_went_well_since_the_one_before(void **state) {
    (void)state;
    doubts = (struct firehose_doubts){ 0 };
    for (int i = 0; i < 4; i++) {
        assert_false(fails(true, 0, 1));
        doubts.kept += 2 * FIREHOSE_KEPT_BESIDE;
        assert_false(fails(true, 0, 1));
    }
    doubts.kept += FIREHOSE_KEPT_BESIDE;
    assert_true(fails(true, 0, 1));
}

static void what_is_kept_after_all_is_no_longer_in_doubt(void **state) {
    (void)state;
    doubts = (struct firehose_doubts){ 0 };
    for (int i = 0; i < 4; i++)
        assert_false(fails(true, FIREHOSE_KEPT_BESIDE, 1));
    firehose_doubt_end(&doubts, 8);
    assert_true(firehose_is_doubted(&doubts, 7));
    firehose_doubt_end(&doubts, 7);
    assert_int_equal(doubts.count, 0);
    assert_false(fails(true, FIREHOSE_KEPT_BESIDE, 1));
}

static void those_that_were_settled_make_room_for_new_doubts(void **state) {
    (void)state;
    doubts = (struct firehose_doubts){ 0 };
    for (uint64_t i = 1; i <= FIREHOSE_MOST_DOUBTS; i++)
        assert_false(firehose_doubt(&doubts, i, true, 20, 1, 0));
    assert_false(firehose_doubt(&doubts, 1000, true, 20, 1, 1));
    assert_false(firehose_is_doubted(&doubts, 1000));
    assert_false(firehose_doubt(&doubts, 1000, true, 20, 1, 101));
    assert_true(firehose_is_doubted(&doubts, 1000) && firehose_is_doubted(&doubts, 101));
    assert_false(firehose_is_doubted(&doubts, 100));
    assert_int_equal(doubts.count, FIREHOSE_MOST_DOUBTS - 100 + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_the_services_own),
        cmocka_unit_test(posts_share_a_record_up_to_its_size),
        cmocka_unit_test(a_request_takes_500_records),
        cmocka_unit_test(the_last_record_of_500_still_takes_posts),
        cmocka_unit_test(a_request_stays_below_its_bytes),
        cmocka_unit_test(a_post_alone_is_taken_whatever_the_limit),
        cmocka_unit_test(a_post_that_is_parted_off_is_a_record_of_its_own),
        cmocka_unit_test(only_a_busy_stream_is_no_fault_of_the_record),
        cmocka_unit_test(a_record_is_given_up_after_five_failures_beside_many_that_went_well),
        cmocka_unit_test(neither_an_outage_nor_silence_nor_a_shared_record_blames_it),
        cmocka_unit_test(a_failure_counts_once_enough_went_well_since_the_one_before),
        cmocka_unit_test(what_is_kept_after_all_is_no_longer_in_doubt),
        cmocka_unit_test(those_that_were_settled_make_room_for_new_doubts),
        cmocka_unit_test(every_record_that_is_answered_is_believed),
        cmocka_unit_test(a_reply_that_does_not_answer_all_of_two_is_not_believed),
        cmocka_unit_test(every_error_has_its_rule),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
