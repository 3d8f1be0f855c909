/* Where signed requests may go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/origin.h"

static struct origin origin;
static struct error err;

static void expect_host(const char *text, const char *configured, const char *host) {
    if (!origin_read(slice_of(text), configured, &origin, &err)) fail_msg("%s", err.text);
    if (!slice_is(origin.host, host)) fail_msg("%s: %.*s", text, SLICE_ARGS(origin.host));
}

static void expect_refused(const char *text, const char *configured, const char *why) {
    if (origin_read(slice_of(text), configured, &origin, &err)) fail_msg("%s", text);
    if (strstr(err.text, why) == NULL) fail_msg("%s: %s", text, err.text);
}

static void the_host_has_no_port_that_its_scheme_implies(void **state) {
    (void)state;
    expect_host("https://b.s3.eu-west-1.amazonaws.com", NULL, "b.s3.eu-west-1.amazonaws.com");
    expect_host("https://host:443", NULL, "host");
    expect_host("https://host:80", NULL, "host:80");
    expect_host("https://host:1443", NULL, "host:1443");
    expect_host("http://127.0.0.1:80", NULL, "127.0.0.1");
    expect_host("http://[::1]:9000", NULL, "[::1]:9000");
}

static void http_is_for_this_machine_and_for_what_is_configured(void **state) {
    (void)state;
    expect_host("http://localhost:9000", NULL, "localhost:9000");
    expect_host("http://[::ffff:127.0.0.1]:9000", NULL, "[::ffff:127.0.0.1]:9000");
    expect_host("http://minio:9000", "http://minio:9000/", "minio:9000");
    expect_refused("http://minio:9000", NULL, "https:// only");
    expect_refused("http://minio:9001", "http://minio:9000", "https:// only");
    expect_refused("http://localhost.example", NULL, "https:// only");
}

static void addresses_of_the_link_are_for_nobody(void **state) {
    (void)state;
    static const char *const origins[] = { "https://169.254.169.254",
                                           "http://169.254.0.1:80",
                                           "https://[fe80::1]",
                                           "https://[fd00:ec2::254]:443",
                                           "https://[febf::1]",
                                           "https://[::ffff:169.254.169.254]",
                                           "https://[::ffff:a9fe:a9fe]:8443" };
    for (size_t i = 0; i < LENGTH(origins); i++)
        expect_refused(origins[i], NULL, "addresses of the link");
}

static void what_is_no_origin_is_refused(void **state) {
    (void)state;
    static const char *const origins[] = { "",
                                           "https://",
                                           "https://:443",
                                           "ftp://host",
                                           "host",
                                           "https://host/path",
                                           "https://user@host",
                                           "https://host?x",
                                           "https://host#x",
                                           "https://ho st",
                                           "https://host\r\nx: y",
                                           "https://2852039166",
                                           "https://0xA9FEA9FE",
                                           "https://169.254.43518",
                                           "https://0251.0376.0251.0376" };
    for (size_t i = 0; i < LENGTH(origins); i++)
        expect_refused(origins[i], NULL, "is no \"https://host[:port]\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_has_no_port_that_its_scheme_implies),
        cmocka_unit_test(http_is_for_this_machine_and_for_what_is_configured),
        cmocka_unit_test(addresses_of_the_link_are_for_nobody),
        cmocka_unit_test(what_is_no_origin_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
