/* What replies of S3 mean: errors in their bodies, in headers, in good replies; hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "aws/s3_error.h"
#include "base/compiler.h"

static struct arena arena;

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct s3_error read_error(int status, const char *code, const char *more) {
    struct slice body = arena_format(&arena,
                                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s"
                                     "</Code><Message>Said &amp; done</Message>%s"
                                     "<RequestId>4442</RequestId></Error>",
                                     code, more);
    const struct s3_said said = { .status = status, .body = body };
    return s3_error_read(&said, &arena);
}

static void codes_decide_what_is_done(void **state) {
    static const struct {
        int status;
        const char *code;
        enum s3_action action;
    } cases[] = {
        { 503, "SlowDown", S3_ASK_AGAIN },
        { 500, "InternalError", S3_ASK_AGAIN },
        { 400, "RequestTimeout", S3_ASK_AGAIN },
        { 409, "OperationAborted", S3_ASK_AGAIN },
        { 400, "ThrottlingException", S3_ASK_AGAIN },
        { 400, "ExpiredToken", S3_REFRESH },
        { 400, "InvalidToken", S3_REFRESH },
        { 403, "RequestTimeTooSkewed", S3_FIX_CLOCK },
        { 301, "PermanentRedirect", S3_RELOCATE },
        { 307, "TemporaryRedirect", S3_RELOCATE },
        { 400, "AuthorizationHeaderMalformed", S3_RELOCATE },
        { 403, "AccessDenied", S3_GIVE_UP },
        { 403, "SignatureDoesNotMatch", S3_GIVE_UP },
        { 404, "NoSuchKey", S3_GIVE_UP },
        { 412, "PreconditionFailed", S3_GIVE_UP },
        { 501, "NotImplemented", S3_GIVE_UP },
        { 400, "SomethingNew", S3_GIVE_UP },
        { 500, "SomethingNew", S3_ASK_AGAIN },
        { 429, "SomethingNew", S3_ASK_AGAIN },
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const struct s3_error told = read_error(cases[i].status, cases[i].code, "");
        assert_true(slice_is(told.code, cases[i].code));
        assert_true(slice_is(told.message, "Said & done") && slice_is(told.request_id, "4442"));
        assert_int_equal(cases[i].action, told.action);
    }
}

static void without_a_body_the_status_decides(void **state) {
    static const struct {
        int status;
        enum s3_action action;
    } cases[] = { { 200, S3_TAKE },    { 204, S3_TAKE },      { 404, S3_GIVE_UP },
                  { 403, S3_GIVE_UP }, { 503, S3_ASK_AGAIN }, { 429, S3_ASK_AGAIN },
                  { 302, S3_RELOCATE } };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const struct s3_said said = { .status = cases[i].status, .request_id = SLICE("77") };
        const struct s3_error told = s3_error_read(&said, &arena);
        assert_int_equal(cases[i].action, told.action);
        assert_int_equal(0, told.code.length);
        if (told.action != S3_TAKE) assert_true(slice_is(told.request_id, "77"));
    }
}

static void an_error_in_a_good_reply_is_the_servers_own(void **state) {
    const struct s3_said late = {
        .status = 200, .body = SLICE("  \n\n<?xml version=\"1.0\"?><Error><Code>Odd</Code></Error>")
    };
    const struct s3_said good = { .status = 200,
                                  .body = SLICE("  <CompleteMultipartUploadResult/>") };
    (void)state;
    /* White space before a document is what keeps the connection open. */
    assert_int_equal(S3_ASK_AGAIN, s3_error_read(&late, &arena).action);
    assert_int_equal(S3_ASK_AGAIN, read_error(200, "InternalError", "").action);
    assert_int_equal(S3_GIVE_UP, read_error(200, "NotImplemented", "").action);
    assert_int_equal(S3_TAKE, s3_error_read(&good, &arena).action);
}

static void the_region_is_taken_from_what_is_surest(void **state) {
    struct s3_said said = { .status = 301,
                            .body = SLICE("<Error><Region>eu-1</Region><Endpoint>"
                                          "b.s3.eu-2.amazonaws.com</Endpoint>"
                                          "</Error>") };
    (void)state;
    assert_true(slice_is(s3_error_read(&said, &arena).region, "eu-1"));
    said.bucket_region = SLICE("eu-3");
    assert_true(slice_is(s3_error_read(&said, &arena).region, "eu-3"));
    said =
        (struct s3_said){ .status = 307, .location = SLICE("https://b.s3-eu-4.amazonaws.com/k") };
    assert_true(slice_is(s3_error_read(&said, &arena).region, "eu-4"));
    said.location = SLICE("https://b.s3.eu-4.amazonaws.com.evil.example/k");
    assert_int_equal(0, s3_error_read(&said, &arena).region.length);
    said = (struct s3_said){ .status = 301, .bucket_region = SLICE("eu 1\r\nx: y") };
    assert_int_equal(0, s3_error_read(&said, &arena).region.length);
}

static void a_head_of_another_region_tells_it_in_a_header_alone(void **state) {
    const struct s3_said said = { .status = 400, .bucket_region = SLICE("eu-west-1") };
    (void)state;
    assert_int_equal(S3_RELOCATE, s3_error_read(&said, &arena).action);
}

static void what_is_no_xml_is_no_reason_to_trust(void **state) {
    static const char *const bodies[] = { "<html><body>Bad Gateway</body></html>",
                                          "<Error",
                                          "{\"code\":1}",
                                          "<a/><b/>",
                                          "<Error><Code>x</Error>",
                                          "<!DOCTYPE x [<!ENTITY y \"z\">]><Error>&y;</Error>" };
    (void)state;
    for (size_t i = 0; i < LENGTH(bodies); i++) {
        const struct s3_said said = { .status = 403, .body = slice_of(bodies[i]) };
        const struct s3_error told = s3_error_read(&said, &arena);
        assert_int_equal(S3_GIVE_UP, told.action);
        assert_int_equal(0, told.code.length);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(codes_decide_what_is_done, begin, end),
        cmocka_unit_test_setup_teardown(without_a_body_the_status_decides, begin, end),
        cmocka_unit_test_setup_teardown(an_error_in_a_good_reply_is_the_servers_own, begin, end),
        cmocka_unit_test_setup_teardown(the_region_is_taken_from_what_is_surest, begin, end),
        cmocka_unit_test_setup_teardown(a_head_of_another_region_tells_it_in_a_header_alone, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_is_no_xml_is_no_reason_to_trust, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
