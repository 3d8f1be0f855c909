/* Requests that are signed with keys from wherever they are, against services in miniature: one
 * process plays the service, STS, a container's service and the machine's. */
#include "aws_environment.h"
#include "fake_http.h"

#include "aws/client.h"
#include "base/clock.h"
#include "base/compiler.h"

/* ---- the client ---- */

static struct loop *loop;
static struct aws_client *client;
static struct {
    unsigned replies, expected;
    bool keyless;
    int status;
    enum http_outcome outcome;
    char body[1024], reason[1024];
} got;

static void replied(void *context, const struct aws_reply *reply) {
    (void)context;
    got.keyless = reply->keyless;
    got.status = reply->status;
    got.outcome = reply->outcome;
    snprintf(got.body, sizeof got.body, "%.*s", SLICE_ARGS(reply->body));
    snprintf(got.reason, sizeof got.reason, "%s", reply->reason ? reply->reason : "");
    if (++got.replies == got.expected) loop_stop(loop);
}

static struct aws_ask get_ask(void) {
    return (struct aws_ask){ .method = "GET",
                             .origin = slice_of(fake_url("")),
                             .path = SLICE("/thing"),
                             .service = SLICE("s3"),
                             .region = SLICE("eu-west-1"),
                             .style = SIGV4_S3,
                             .total_ms = 20000,
                             .most_bytes = 1000,
                             .replied = replied };
}

static void ask_many(unsigned count) {
    const struct aws_ask ask = get_ask();
    got.replies = 0;
    got.expected = count;
    for (unsigned i = 0; i < count; i++)
        (void)!aws_call_start(client, &ask);
    assert_int_equal(got.replies, 0);
    loop_run(loop);
}

static void open_client(fake_answer *answer) {
    const struct aws_client_options options = { .connections = 4, .threads = 1 };
    struct error err;
    fake_start(answer);
    loop = loop_create();
    client = aws_client_create(loop, &options, &err);
    assert_non_null(client);
}

static void expect_status(int status) {
    if (got.outcome != HTTP_REPLIED || got.status != status)
        fail_msg("%d %s%s", got.status, got.body, got.reason);
}

static void expect_keyless(const char *why) {
    assert_true(got.keyless);
    if (strstr(got.reason, why) == NULL) fail_msg("not \"%s\": %s", why, got.reason);
    assert_null(strstr(got.reason, "s3cret"));
}

static bool has(const char *text, const char *part) { return strstr(text, part) != NULL; }

static const char *request(int number) {
    assert_true(number < fake_count());
    return fake.seen->requests[number];
}

static void use_machine(void) {
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", fake_url(""), 1);
}

/* ---- the services ---- */

static void say_ok(char *reply) { fake_say(reply, "200 OK", "", "fine"); }

#define MACHINE_KEYS_OF(id, expires)                                                               \
    "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"" id                            \
    "\",\"SecretAccessKey\":\"s3cret\",\"Token\":\"T==\",\"Expiration\":\"" expires "\"}"
#define FAR "2040-01-01T00:00:00Z"

/* As EC2 does, version 2 only. False: it is another's to answer. */
static bool say_machine(const char *request, const char *keys, char *reply) {
    if (has(request, "PUT /latest/api/token ") &&
        has(request, "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"))
        fake_say(reply, "200 OK", "", "TOKEN==");
    else if (strncmp(request, "GET /latest/", 12) != 0)
        return false;
    else if (!has(request, "x-aws-ec2-metadata-token: TOKEN==\r\n"))
        fake_say(reply, "401 Unauthorized", "", "");
    else if (has(request, "GET /latest/meta-data/iam/security-credentials/ "))
        fake_say(reply, "200 OK", "", "linnet-role\n");
    else if (has(request, "GET /latest/meta-data/iam/security-credentials/linnet-role "))
        fake_say(reply, "200 OK", "", keys);
    else if (has(request, "GET /latest/meta-data/placement/region "))
        fake_say(reply, "200 OK", "", "ap-south-1");
    else
        fake_say(reply, "404 Not Found", "", "");
    return true;
}

static void machine(const char *request, int number, char *reply) {
    (void)number;
    if (!say_machine(request, MACHINE_KEYS_OF("ASIAMACHINE", FAR), reply)) say_ok(reply);
}

static void a_machine_gives_keys_once_for_all_who_wait(void **state) {
    (void)state;
    open_client(machine);
    use_machine();
    ask_many(5);
    expect_status(200);
    assert_string_equal(got.body, "fine");
    assert_int_equal(fake_count_of("PUT /latest/api/token "), 1);
    assert_int_equal(fake_count_of("GET /thing "), 5);
    assert_true(has(request(3), "Credential=ASIAMACHINE/"));
    assert_true(has(request(3), "x-amz-security-token: T==\r\n"));
    ask_many(1);
    assert_int_equal(fake_count_of("PUT /latest/api/token "), 1);
}

static void forgetful_machine(const char *request, int number, char *reply) {
    if (number == 2)
        fake_say(reply, "401 Unauthorized", "", "");
    else
        machine(request, number, reply);
}

static void a_machine_that_forgot_its_token_is_asked_for_another(void **state) {
    (void)state;
    open_client(forgetful_machine);
    use_machine();
    ask_many(1);
    expect_status(200);
    assert_int_equal(fake_count_of("PUT /latest/api/token "), 2);
}

static void old_machine(const char *request, int number, char *reply) {
    (void)request, (void)number;
    fake_say(reply, "403 Forbidden", "", "");
}

static void version_1_is_never_spoken(void **state) {
    (void)state;
    open_client(old_machine);
    use_machine();
    ask_many(1);
    expect_keyless("there are no AWS keys: AWS_ACCESS_KEY_ID is not set, profile \"default\" has "
                   "none in ");
    expect_keyless("gives no token: HTTP 403");
    assert_int_equal(fake_count_of("GET "), 0);
}

static void silent_machine(const char *request, int number, char *reply) {
    (void)request, (void)number, (void)reply;
}

static void a_machine_that_says_nothing_is_given_up(void **state) {
    (void)state;
    open_client(silent_machine);
    use_machine();
    ask_many(2);
    expect_keyless("hop limit is 1");
    assert_int_equal(got.replies, 2);
}

static void refused_machine(const char *request, int number, char *reply) {
    (void)number;
    say_machine(request,
                "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"EC2 cannot assume\"}",
                reply);
}

static void an_answer_200_that_has_no_keys_is_told(void **state) {
    (void)state;
    open_client(refused_machine);
    use_machine();
    ask_many(1);
    expect_keyless("AssumeRoleUnauthorizedAccess: EC2 cannot assume");
}

static void machine_with_an_outage(const char *request, int number, char *reply) {
    (void)number;
    if (!say_machine(request, MACHINE_KEYS_OF("ASIAOLD", "2020-01-01T00:00:00Z"), reply))
        say_ok(reply);
}

static void a_machine_with_an_outage_may_give_old_keys(void **state) {
    (void)state;
    open_client(machine_with_an_outage);
    use_machine();
    ask_many(1);
    ask_many(1);
    expect_status(200);
    assert_int_equal(fake_count_of("PUT /latest/api/token "), 1);
}

/* ---- containers ---- */

static void container(const char *request, int number, char *reply) {
    if (number == 0)
        fake_say(reply, "500 No", "", "{\"code\":\"x\",\"message\":\"wait\"}");
    else if (has(request, "GET /v2/credentials?a=b "))
        fake_say(reply, "200 OK", "", MACHINE_KEYS_OF("ASIACONTAINER", FAR));
    else
        say_ok(reply);
}

static void a_container_is_asked_again_after_an_error(void **state) {
    (void)state;
    open_client(container);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", fake_url("/v2/credentials?a=b"), 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc", 1);
    ask_many(1);
    expect_status(200);
    assert_true(has(request(1), "authorization: Basic abc\r\n"));
    assert_true(has(request(2), "Credential=ASIACONTAINER/"));
}

static void broken_container(const char *request, int number, char *reply) {
    (void)request, (void)number;
    fake_say(reply, "400 Bad", "", "{\"code\":\"InvalidIdInRequest\",\"message\":\"not found\"}");
}

static void a_container_that_fails_is_an_error_and_nothing_else_is_tried(void **state) {
    (void)state;
    open_client(broken_container);
    use_machine();
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", fake_url("/v2"), 1);
    ask_many(1);
    expect_keyless("answered HTTP 400: not found");
    assert_int_equal(fake_count(), 1);
}

/* ---- STS ---- */

static void read_data(const char *name, char *text) {
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    text[fread(text, 1, 4000, file)] = '\0';
    fclose(file);
    char *date = strstr(text, "2026-11-22T21:00:00Z");
    if (date) memcpy(date, FAR, 20);
}

static void sts(const char *request, int number, char *reply) {
    char text[4096];
    (void)number;
    if (has(request, "Action=AssumeRoleWithWebIdentity&"))
        read_data("tests/data/aws/web-identity-response.xml", text);
    else if (has(request, "Action=AssumeRole&"))
        read_data("tests/data/aws/assume-role-response.xml", text);
    else
        strcpy(text, "fine");
    fake_say(reply, "200 OK", "", text);
}

static void a_role_is_taken_with_the_keys_of_its_source(void **state) {
    (void)state;
    open_client(sts);
    setenv("AWS_ENDPOINT_URL_STS", fake_url(""), 1);
    setenv("AWS_CONFIG_FILE", "tests/data/aws/config", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "tests/data/aws/credentials", 1);
    setenv("AWS_PROFILE", "assumed", 1);
    setenv("AWS_REGION", "eu-central-1", 1);
    ask_many(1);
    expect_status(200);
    assert_true(has(request(0), "POST / HTTP/1.1\r\n"));
    assert_true(has(request(0), "Credential=AKIAEXAMPLEBASE00000/"));
    assert_true(
        has(request(0), "/eu-central-1/sts/aws4_request, SignedHeaders=content-type;host;"));
    assert_true(has(request(0), "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo&"));
    assert_true(has(request(0), "&ExternalId=xyz"));
    assert_true(has(request(1), "Credential=ASIAEXAMPLEEXAMPLE05/"));
}

static void a_web_identity_is_shown_unsigned(void **state) {
    (void)state;
    open_client(sts);
    setenv("AWS_ENDPOINT_URL", fake_url("/"), 1);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", below("token"), 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/w", 1);
    write_file("token", "eyJ/x+\n");
    ask_many(1);
    expect_status(200);
    assert_true(has(request(0), "POST / HTTP/1.1\r\n"));
    assert_true(has(request(0), "&WebIdentityToken=eyJ%2Fx%2B"));
    assert_false(has(request(0), "uthorization"));
    assert_true(has(request(1), "Credential=ASIAEXAMPLEEXAMPLE04/"));
}

static void sts_that_refuses(const char *request, int number, char *reply) {
    char text[4096];
    (void)request, (void)number;
    read_data("tests/data/aws/sts-error-expired.xml", text);
    fake_say(reply, "400 Bad Request", "", text);
}

static void what_sts_says_is_told(void **state) {
    (void)state;
    open_client(sts_that_refuses);
    setenv("AWS_ENDPOINT_URL_STS", fake_url(""), 1);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", below("token"), 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/w", 1);
    write_file("token", "s3cret");
    ask_many(1);
    expect_keyless("does not give role arn:aws:iam::1:role/w: HTTP 400, ExpiredTokenException: ");
    assert_int_equal(fake_count(), 1);
}

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

static void write_keys(const char *id) {
    char text[200];
    snprintf(text, sizeof text, "[default]\naws_access_key_id=%s\naws_secret_access_key=s3cret\n",
             id);
    write_file("credentials", text);
}

static void refused_keys_are_looked_for_once_and_not_again_a_moment_later(void **state) {
    (void)state;
    open_client(service_of_new_keys);
    setenv("AWS_SHARED_CREDENTIALS_FILE", below("credentials"), 1);
    write_keys("AKIAOLD");
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
    open_client(service_that_changes_the_file);
    setenv("AWS_SHARED_CREDENTIALS_FILE", below("credentials"), 1);
    write_keys("AKIAOLD");
    ask_many(1);
    expect_status(200);
    assert_int_equal(fake_count(), 2);
    ask_many(3);
    expect_status(200);
    assert_int_equal(fake_count(), 5);
}

static void service_that_denies(const char *request, int number, char *reply) {
    (void)request, (void)number;
    fake_say(reply, "403 Forbidden", "", "<Error><Code>AccessDenied</Code></Error>");
}

static void a_refusal_for_other_reasons_is_answered_at_once(void **state) {
    (void)state;
    open_client(service_that_denies);
    setenv("AWS_SHARED_CREDENTIALS_FILE", below("credentials"), 1);
    write_keys("AKIAOLD");
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
    open_client(service_of_another_time);
    setenv("AWS_SHARED_CREDENTIALS_FILE", below("credentials"), 1);
    write_keys("AKIA");
    ask_many(1);
    expect_status(200);
    assert_int_equal(fake_count(), 2);
    ask_many(1);
    expect_status(200);
    assert_int_equal(fake_count(), 3);
    assert_true(has(request(2), "/20310506/eu-west-1/s3/aws4_request"));
}

/* ---- commands ---- */

/* The command ends when the loop has let it. */
static void let_it_end(struct timer *timer) {
    (void)timer;
    write_file("go", "");
}

static void a_slow_command_does_not_hold_the_loop(void **state) {
    (void)state;
    struct timer timer = { .fire = let_it_end };
    char text[300];
    open_client(service_that_denies);
    setenv("AWS_CONFIG_FILE", below("config"), 1);
    snprintf(text, sizeof text,
             "[default]\ncredential_process = sh -c 'until [ -e %s/go ]; do sleep 0.01; done; "
             "cat tests/data/aws/process-long-term.json'\n",
             own_folder);
    write_file("config", text);
    timer_start(loop, &timer, 100);
    ask_many(1);
    expect_status(403);
    assert_true(has(request(0), "Credential=AKIAEXAMPLEEXAMPLE03/"));
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

static int setup(void **state) {
    (void)state;
    if (own_folder_make()) return -1;
    clear_environment();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    aws_client_destroy(client);
    loop_destroy(loop);
    fake_stop();
    return own_folder_remove();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_machine_gives_keys_once_for_all_who_wait),
        TEST(a_machine_that_forgot_its_token_is_asked_for_another),
        TEST(version_1_is_never_spoken),
        TEST(a_machine_that_says_nothing_is_given_up),
        TEST(an_answer_200_that_has_no_keys_is_told),
        TEST(a_machine_with_an_outage_may_give_old_keys),
        TEST(a_container_is_asked_again_after_an_error),
        TEST(a_container_that_fails_is_an_error_and_nothing_else_is_tried),
        TEST(a_role_is_taken_with_the_keys_of_its_source),
        TEST(a_web_identity_is_shown_unsigned),
        TEST(what_sts_says_is_told),
        TEST(refused_keys_are_looked_for_once_and_not_again_a_moment_later),
        TEST(rotated_keys_are_taken_without_a_restart),
        TEST(a_refusal_for_other_reasons_is_answered_at_once),
        TEST(a_wrong_clock_is_corrected_once),
        TEST(a_slow_command_does_not_hold_the_loop),
        TEST(what_is_signed_goes_over_tls_or_stays_on_this_machine),
        TEST(nothing_is_signed_without_a_region),
        TEST(what_is_open_to_all_needs_no_keys),
        TEST(the_region_may_be_the_machines),
        TEST(a_cancelled_call_is_not_answered_and_the_others_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
