/* Requests that are signed: keys and clocks that are refused, where nothing is sent, regions. */
#include "aws_fixture.h"

/* ---- keys and clocks that are refused ---- */

#define EXPIRED                                                                                    \
    "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"

static void service_of_new_keys(const char *request, int number, char *reply) {
    (void)number;
    if (has(request, "Credential=AKIANEW/"))
        say_ok(reply);
    else
        fake_say(reply, "400 Bad Request", "", EXPIRED);
}

static void open_with_keys(fake_answer *answer, const char *access) {
    open_client(answer);
    setenv("AWS_SHARED_CREDENTIALS_FILE", below("credentials"), 1);
    write_keys(access);
}

static void refused_keys_are_looked_for_once_and_not_again_a_moment_later(void **state) {
    (void)state;
    open_with_keys(service_of_new_keys, "AKIAOLD");
    ask_many(1);
    expect_status(400);
    assert_int_equal(fake_count(), 2); /* once more with the same: there were no others */
    ask_many(1);
    expect_status(400);
    assert_int_equal(fake_count(), 3);
}

static void service_that_changes_the_file(const char *request, int number, char *reply) {
    if (number == 0) write_keys("AKIANEW");
    service_of_new_keys(request, number, reply);
}

static void rotated_keys_are_taken_without_a_restart(void **state) {
    (void)state;
    open_with_keys(service_that_changes_the_file, "AKIAOLD");
    ask_many(1);
    expect_status(200);
    assert_int_equal(fake_count(), 2);
    ask_many(3);
    expect_status(200);
    assert_int_equal(fake_count(), 5);
}

static void a_refusal_for_other_reasons_is_answered_at_once(void **state) {
    (void)state;
    open_with_keys(service_that_denies, "AKIAOLD");
    ask_many(1);
    expect_status(403);
    assert_int_equal(fake_count(), 1);
}

/* Its clock shows 2031-05-06 07:08:09 or a minute later. */
static void service_of_another_time(const char *request, int number, char *reply) {
    char headers[100];
    snprintf(headers, sizeof headers, "Date: Tue, 06 May 2031 07:0%d:09 GMT\r\n", 8 + number % 2);
    if (has(request, "x-amz-date: 20310506T07"))
        fake_say(reply, "200 OK", headers, "fine");
    else
        fake_say(reply, "403 Forbidden", headers,
                 "<Error><Code>RequestTimeTooSkewed</Code></Error>");
}

static void a_wrong_clock_is_corrected_once(void **state) {
    (void)state;
    open_with_keys(service_of_another_time, "AKIA");
    ask_many(1);
    expect_status(200);
    assert_int_equal(fake_count(), 2);
    ask_many(1);
    expect_status(200);
    assert_int_equal(fake_count(), 3);
    assert_true(has(request(2), "/20310506/eu-west-1/s3/aws4_request"));
}

/* ---- what is not sent ---- */

static void what_is_signed_goes_over_tls_or_stays_on_this_machine(void **state) {
    (void)state;
    open_client(service_that_denies);
    setenv("AWS_ACCESS_KEY_ID", "A", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s3cret", 1);
    static const char *const origins[] = { "http://example.com", "https://169.254.169.254",
                                           "http://169.254.169.254" };
    for (size_t i = 0; i < LENGTH(origins); i++) {
        struct aws_ask ask = get_ask();
        ask.origin = slice_of(origins[i]);
        got.expected = 1;
        got.replies = 0;
        (void)!aws_call_start(client, &ask);
        loop_run(loop);
        assert_int_equal(got.outcome, HTTP_UNREACHABLE);
        assert_false(got.keyless);
        assert_true(has(got.reason, "what is signed is"));
    }
}

static void nothing_is_signed_without_a_region(void **state) {
    (void)state;
    open_client(service_that_denies);
    setenv("AWS_ACCESS_KEY_ID", "A", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s3cret", 1);
    struct aws_ask ask = get_ask();
    ask.region = SLICE("");
    got.expected = 1;
    got.replies = 0;
    (void)!aws_call_start(client, &ask);
    loop_run(loop);
    assert_true(has(got.reason, "no region to sign for"));
    assert_int_equal(fake_count(), 0);
}

static void what_is_open_to_all_needs_no_keys(void **state) {
    (void)state;
    struct error err;
    open_client(service_that_denies);
    aws_client_destroy(client);
    client = aws_client_create(
        loop, &(struct aws_client_options){ .connections = 4, .threads = 1, .anonymous = true },
        &err);
    ask_many(1);
    expect_status(403);
    assert_false(has(request(0), "uthorization"));
}

static struct place_wait place;
static bool place_known;

static void placed(struct place_wait *wait, const struct error *err) {
    (void)wait;
    if (err) fail_msg("%s", err->text);
    place_known = true;
    loop_stop(loop);
}

static void the_region_may_be_the_machines(void **state) {
    (void)state;
    open_client(machine);
    use_machine();
    place = (struct place_wait){ .ready = placed };
    place_known = false;
    aws_client_place(client, &place);
    assert_false(place_known);
    loop_run(loop);
    assert_true(place_known);
    assert_string_equal(aws_client_region(client), "ap-south-1");
    struct aws_ask ask = get_ask();
    ask.region = SLICE("");
    got.expected = 1;
    got.replies = 0;
    (void)!aws_call_start(client, &ask);
    loop_run(loop);
    expect_status(200);
    assert_true(has(request(fake_count() - 1), "/ap-south-1/s3/aws4_request"));
}

static void a_cancelled_call_is_not_answered_and_the_others_are(void **state) {
    (void)state;
    open_client(machine);
    use_machine();
    const struct aws_ask ask = get_ask();
    got.expected = 1;
    got.replies = 0;
    struct aws_call *first = aws_call_start(client, &ask), *second = aws_call_start(client, &ask);
    (void)!aws_call_start(client, &ask);
    aws_call_cancel(second);
    aws_call_cancel(first);
    loop_run(loop);
    assert_int_equal(got.replies, 1);
    expect_status(200);
    assert_int_equal(fake_count_of("GET /thing "), 1);
    (void)!aws_call_start(client, &ask); /* the teardown cancels it */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(refused_keys_are_looked_for_once_and_not_again_a_moment_later),
        TEST(rotated_keys_are_taken_without_a_restart),
        TEST(a_refusal_for_other_reasons_is_answered_at_once),
        TEST(a_wrong_clock_is_corrected_once),
        TEST(what_is_signed_goes_over_tls_or_stays_on_this_machine),
        TEST(nothing_is_signed_without_a_region),
        TEST(what_is_open_to_all_needs_no_keys),
        TEST(the_region_may_be_the_machines),
        TEST(a_cancelled_call_is_not_answered_and_the_others_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
