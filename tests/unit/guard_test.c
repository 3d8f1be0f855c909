/* Who may come in over HTTP: one row a request. */
#include "base/compiler.h"
#include "web/guard.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka needs the four above it */
#include <cmocka.h>

struct row {
    const char *what;
    bool elsewhere; /* it listens where others reach it */
    const char *token;
    const char *method, *host, *origin, *site, *upgrade, *authorization, *own;
    bool open;
    unsigned code;
};

static const struct row rows[] = {
    /* Host */
    { "this machine", .host = "127.0.0.1:7711" },
    { "this machine, another port, as of a tunnel", .host = "127.0.0.1:8080" },
    { "this machine by its name", .host = "localhost:7711" },
    { "this machine, IPv6", .host = "[::1]:7711" },
    { "no port", .host = "127.0.0.1" },
    { "no Host", .code = 403 },
    { "an empty Host", .host = "", .code = 403 },
    { "only a port", .host = ":7711", .code = 403 },
    { "two Hosts", .host = ",", .code = 403 },
    { "a name that leads here", .host = "evil.example:7711", .code = 403 },
    { "a name that begins like us", .host = "127.0.0.1.evil.example", .code = 403 },
    { "a name that begins like localhost", .host = "localhost.evil.example:7711", .code = 403 },
    { "a name that ends like us", .host = "evil.example:80@127.0.0.1:7711", .code = 403 },
    { "another machine's address", .host = "192.0.2.7:7711", .code = 403 },
    { "a number", .host = "2130706433:7711", .code = 403 },
    { "a short address", .host = "127.1:7711", .code = 403 },
    { "an address elsewhere", .elsewhere = true, .token = "t", .host = "192.0.2.7:7711",
      .authorization = "Bearer t" },
    { "a name elsewhere, with the token", .elsewhere = true, .token = "t", .host = "linnet.example",
      .authorization = "Bearer t" },
    { "a name elsewhere, without", .elsewhere = true, .token = "t", .host = "linnet.example",
      .open = true, .code = 403 },
    /* Origin, Sec-Fetch-Site */
    { "our own page", .host = "127.0.0.1:7711", .origin = "http://127.0.0.1:7711",
      .site = "same-origin" },
    { "our own page behind TLS", .host = "localhost", .origin = "https://localhost" },
    { "typed into the browser", .host = "127.0.0.1:7711", .site = "none" },
    { "a page of another site", .host = "127.0.0.1:7711", .origin = "https://evil.example",
      .code = 403 },
    { "a page without an origin", .host = "127.0.0.1:7711", .origin = "null", .code = 403 },
    { "a page of another port", .host = "127.0.0.1:7711", .origin = "http://127.0.0.1:8000",
      .code = 403 },
    { "an origin that begins like ours", .host = "127.0.0.1:7711",
      .origin = "http://127.0.0.1:7711.evil.example", .code = 403 },
    { "two origins", .host = "127.0.0.1:7711", .origin = ",", .code = 403 },
    { "a link on another site", .host = "127.0.0.1:7711", .site = "cross-site", .code = 403 },
    { "a page of a sibling", .host = "127.0.0.1:7711", .site = "same-site", .code = 403 },
    { "a page of another site with the token", .token = "t", .host = "127.0.0.1:7711",
      .origin = "https://evil.example", .authorization = "Bearer t", .code = 403 },
    { "a WebSocket", .host = "127.0.0.1:7711", .upgrade = "WebSocket", .code = 403 },
    { "a wish for HTTP/2", .host = "127.0.0.1:7711", .upgrade = "h2c" },
    /* changes */
    { "a form", .method = "POST", .host = "127.0.0.1:7711", .code = 403 },
    { "a change with our header", .method = "POST", .host = "127.0.0.1:7711", .own = "1" },
    { "a change of another site with it", .method = "POST", .host = "127.0.0.1:7711",
      .origin = "https://evil.example", .own = "1", .code = 403 },
    { "an unknown method", .method = "BREW", .host = "127.0.0.1:7711", .code = 403 },
    { "a preflight", .method = "OPTIONS", .host = "127.0.0.1:7711", .code = 403 },
    { "a change with the token", .token = "t", .method = "POST", .host = "127.0.0.1:7711",
      .authorization = "Bearer t" },
    { "a change with our header where a token is wanted", .token = "t", .method = "POST",
      .host = "127.0.0.1:7711", .own = "1", .code = 401 },
    { "an open page does not open changes", .token = "t", .method = "POST",
      .host = "127.0.0.1:7711", .own = "1", .open = true, .code = 401 },
    { "a form where a token is wanted", .token = "t", .method = "POST", .host = "127.0.0.1:7711",
      .code = 403 },
    /* the token */
    { "no token", .token = "secret", .host = "127.0.0.1:7711", .code = 401 },
    { "no token, where none is needed", .token = "secret", .host = "127.0.0.1:7711", .open = true },
    { "half the token", .token = "secret", .host = "127.0.0.1:7711", .authorization = "Bearer sec",
      .code = 401 },
    { "the token twice", .token = "secret", .host = "127.0.0.1:7711",
      .authorization = "Bearer secretsecret", .code = 401 },
    { "an empty token", .token = "secret", .host = "127.0.0.1:7711", .authorization = "Bearer ",
      .code = 401 },
    { "another scheme", .token = "secret", .host = "127.0.0.1:7711",
      .authorization = "Basic secret", .code = 401 },
    { "an empty token where there is none", .host = "evil.example", .authorization = "Bearer ",
      .code = 403 },
};

static struct slice header(const char *value) {
    return value ? slice_of(value) : slice_from(NULL, 0);
}

static void each_request_is_let_in_or_refused_by_its_head(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct row *row = &rows[i];
        struct guard guard = { header(row->token), !row->elsewhere };
        struct knock knock = { .method = slice_of(row->method ? row->method : "GET"),
                               .host = header(row->host),
                               .origin = header(row->origin),
                               .site = header(row->site),
                               .upgrade = header(row->upgrade),
                               .authorization = header(row->authorization),
                               .own = header(row->own),
                               .open = row->open };
        const char *reason = NULL;
        unsigned code = guard_judge(&guard, &knock, &reason);
        if (code != row->code) fail_msg("%s: %u instead of %u", row->what, code, row->code);
        assert_non_null(reason);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_let_in_or_refused_by_its_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
