/* A client of AWS with services in miniature, for tests: one process plays the service, STS, a
 * container's service and the machine's. */
#ifndef TESTS_AWS_FIXTURE_H
#define TESTS_AWS_FIXTURE_H

#include "aws_environment.h"
#include "fake_http.h"

#include "aws/client.h"
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

static inline void replied(void *context, const struct aws_reply *reply) {
    (void)context;
    got.keyless = reply->keyless;
    got.status = reply->status;
    got.outcome = reply->outcome;
    snprintf(got.body, sizeof got.body, "%.*s", SLICE_ARGS(reply->body));
    snprintf(got.reason, sizeof got.reason, "%s", reply->reason ? reply->reason : "");
    if (++got.replies == got.expected) loop_stop(loop);
}

static inline struct aws_ask get_ask(void) {
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

static inline void ask_many(unsigned count) {
    const struct aws_ask ask = get_ask();
    got.replies = 0;
    got.expected = count;
    for (unsigned i = 0; i < count; i++)
        (void)!aws_call_start(client, &ask);
    assert_int_equal(got.replies, 0);
    loop_run(loop);
}

static inline void open_client(fake_answer *answer) {
    const struct aws_client_options options = { .connections = 4, .threads = 1 };
    struct error err;
    fake_start(answer);
    loop = loop_create();
    client = aws_client_create(loop, &options, &err);
    assert_non_null(client);
}

static inline void expect_status(int status) {
    if (got.outcome != HTTP_REPLIED || got.status != status)
        fail_msg("%d %s%s", got.status, got.body, got.reason);
}

static inline void expect_keyless(const char *why) {
    assert_true(got.keyless);
    if (strstr(got.reason, why) == NULL) fail_msg("not \"%s\": %s", why, got.reason);
    assert_null(strstr(got.reason, "s3cret"));
}

static inline bool has(const char *text, const char *part) { return strstr(text, part) != NULL; }

static inline const char *request(int number) {
    assert_true(number < fake_count());
    return fake.seen->requests[number];
}

static inline void use_machine(void) {
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", fake_url("/"), 1);
}

/* ---- the services ---- */

static inline void say_ok(char *reply) { fake_say(reply, "200 OK", "", "fine"); }

#define MACHINE_KEYS_OF(id, expires)                                                               \
    "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"" id                            \
    "\",\"SecretAccessKey\":\"s3cret\",\"Token\":\"T==\",\"Expiration\":\"" expires "\"}"
#define FAR "2040-01-01T00:00:00Z"

/* As EC2 does, version 2 only. False: it is another's to answer. */
static inline bool say_machine(const char *request, const char *keys, char *reply) {
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

static inline void machine(const char *request, int number, char *reply) {
    (void)number;
    if (!say_machine(request, MACHINE_KEYS_OF("ASIAMACHINE", FAR), reply)) say_ok(reply);
}

static inline void write_keys(const char *id) {
    char text[200];
    snprintf(text, sizeof text, "[default]\naws_access_key_id=%s\naws_secret_access_key=s3cret\n",
             id);
    write_file("credentials", text);
}

static inline void service_that_denies(const char *request, int number, char *reply) {
    (void)request, (void)number;
    fake_say(reply, "403 Forbidden", "", "<Error><Code>AccessDenied</Code></Error>");
}

static inline int setup(void **state) {
    (void)state;
    if (own_folder_make()) return -1;
    clear_environment();
    return 0;
}

static inline int teardown(void **state) {
    (void)state;
    aws_client_destroy(client);
    loop_destroy(loop);
    fake_stop();
    return own_folder_remove();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
