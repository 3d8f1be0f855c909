/* Keys from machines, containers, roles and commands, as a request gets them. */
#include "aws_fixture.h"

/* ---- machines ---- */

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
        TEST(a_slow_command_does_not_hold_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
