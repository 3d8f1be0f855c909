/* database/domain.h: sites of links, ordinary and hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four on top */
#include <cmocka.h>

#include "base/compiler.h"
#include "database/domain.h"

static void a_link_leads_to_its_registrable_domain(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        { "https://www.Example.ORG/a?b=c#d", "example.org" },
        { "http://news.bbc.co.uk:8080/x", "bbc.co.uk" },
        { "https://user:pass@evil.com@good.example.com/", "example.com" },
        { "https://example.com\\@evil.org/", "example.com" },
        { "www.example.com/a", "example.com" },
        { "//example.com./a", "" },
        { "https://anna.github.io/x", "anna.github.io" },
        { "https://co.uk/", "co.uk" },
        { "https://localhost/", "localhost" },
        { "https://192.0.2.7/a", "192.0.2.7" },
        { "https://[2001:db8::1]:80/a", "[2001:db8::1]" },
        { "https://b\xc3\xbc"
          "cher.Example.de/",
          "example.de" },
        { "https://example.com./", "example.com" },
        { "https:///a", "" },
        { "https://[1", "" },
        { "", "" },
        { "?", "" },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct slice found = store_domain(slice_of(rows[i][0]), &arena);
        if (!slice_is(found, rows[i][1]))
            fail_msg("%s gives '%.*s'", rows[i][0], SLICE_ARGS(found));
    }
    arena_free(&arena);
}

static void a_host_that_no_name_can_be_gives_none(void **state) {
    (void)state;
    struct arena arena;
    char url[1000];
    arena_init(&arena);
    memset(url, 'a', sizeof url);
    memcpy(url, "https://", 8);
    assert_int_equal(store_domain(slice_from(url, sizeof url), &arena).length, 0);
    (void)store_domain(slice_from("https://a\0b.com/", 16), &arena);
    (void)store_domain(slice_of("https://\xff\xfe.\xc3.com/"), &arena);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_leads_to_its_registrable_domain),
        cmocka_unit_test(a_host_that_no_name_can_be_gives_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
