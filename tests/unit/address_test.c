/* Addresses to listen at: what is one, and who can reach it. */
#include "net/address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka needs the four above it */
#include <cmocka.h>

struct row {
    const char *text;
    bool good, local;
    size_t length;
    unsigned port;
};

static const struct row rows[] = {
    { "127.0.0.1:7711", true, true, 4, 7711 },
    { "localhost:1", true, true, 4, 1 },
    { "127.1.2.3:0", true, true, 4, 0 },
    { "[::1]:65535", true, true, 16, 65535 },
    { "0.0.0.0:80", true, false, 4, 80 },
    { "192.0.2.7:80", true, false, 4, 80 },
    { "[::]:80", true, false, 16, 80 },
    { "[::ffff:127.0.0.1]:80", true, false, 16, 80 },
    { "[2001:db8::7]:80", true, false, 16, 80 },
    { "", false, false, 0, 0 },
    { "7711", false, false, 0, 0 },
    { ":7711", false, false, 0, 0 },
    { "127.0.0.1", false, false, 0, 0 },
    { "127.0.0.1:", false, false, 0, 0 },
    { "127.0.0.1:65536", false, false, 0, 0 },
    { "127.0.0.1:999999", false, false, 0, 0 },
    { "127.0.0.1:-1", false, false, 0, 0 },
    { "127.0.0.1:80 ", false, false, 0, 0 },
    { "127.1:80", false, false, 0, 0 },
    { "::1:80", false, false, 0, 0 },
    { "[::1:80", false, false, 0, 0 },
    { "[127.0.0.1]:80", false, false, 0, 0 },
    { "[]:80", false, false, 0, 0 },
    { "example.org:80", false, false, 0, 0 },
};

static void an_address_has_a_host_of_numbers_and_a_port(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct address address;
        bool good = address_parse(slice_of(rows[i].text), &address);
        if (good != rows[i].good)
            fail_msg("\"%s\" is %s", rows[i].text, good ? "taken" : "refused");
        if (!good) continue;
        assert_int_equal(address.length, rows[i].length);
        assert_int_equal(address.port, rows[i].port);
        if (address_is_local(&address) != rows[i].local) fail_msg("who reaches %s?", rows[i].text);
    }
}

static const struct {
    const char *text, *host; /* NULL: it is refused */
} authorities[] = {
    { "example.org", "example.org" },
    { "example.org:1", "example.org" },
    { "example.org:65535", "example.org" },
    { "a_b:9200", "a_b" },
    { "127.0.0.1:80", "127.0.0.1" },
    { "[::1]", "[::1]" },
    { "[::1]:9200", "[::1]" },
    { "", NULL },
    { ":80", NULL },
    { "example.org:", NULL },
    { "example.org:0", NULL },
    { "example.org:65536", NULL },
    { "example.org:99999", NULL },
    { "example.org:4294967376", NULL },
    { "example.org:80a", NULL },
    { "example.org:-80", NULL },
    { "example.org:80:80", NULL },
    { "[::1", NULL },
    { "[::1]80", NULL },
    { "[::1]:0", NULL },
    { "::1", NULL },
    { "[]", NULL },
};

static void a_host_may_have_a_port_that_a_machine_can_have(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(authorities); i++) {
        struct slice host;
        bool good = authority_read(slice_of(authorities[i].text), &host);
        if (good != (authorities[i].host != NULL))
            fail_msg("\"%s\" is %s", authorities[i].text, good ? "taken" : "refused");
        if (good) assert_true(slice_is(host, authorities[i].host));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_a_host_of_numbers_and_a_port),
        cmocka_unit_test(a_host_may_have_a_port_that_a_machine_can_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
