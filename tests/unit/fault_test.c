/* What error replies of AWS say, in each of their ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/fault.h"
#include "base/compiler.h"

struct fault_case {
    const char *body, *type, *code, *message;
    bool of_keys;
};

static void the_code_is_found_in_whichever_way_it_is_told(void **state) {
    (void)state;
    static const struct fault_case cases[] = {
        { "\n<?xml version='1.0'?>\n<Error><Code>ExpiredToken</Code><Message>m</Message></Error>",
          NULL, "ExpiredToken", "m", true },
        { "<ErrorResponse xmlns='u'><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>"
          "</Error></ErrorResponse>",
          NULL, "InvalidClientTokenId", "", true },
        { "<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>", NULL,
          "AuthFailure", "", false },
        { "{\"__type\":\"com.amazonaws.x#ExpiredTokenException\",\"message\":\"m\"}", NULL,
          "ExpiredTokenException", "m", true },
        { "{\"Message\":\"User is not authorized\"}", NULL, "", "User is not authorized", false },
        { "{\"message\":\"The security token included in the request is expired\"}", NULL, "",
          "The security token included in the request is expired", true },
        { "{\"message\":\"m\"}", "UnrecognizedClientException:http://internal/",
          "UnrecognizedClientException", "m", true },
        { "", NULL, "", "", false },
        { "<html><body>403</body></html>", NULL, "", "", false },
        { "<html", NULL, "", "", false },
        { "{\"code\":", NULL, "", "", false },
        { "{\"code\":7}", NULL, "", "", false },
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct aws_fault fault =
            aws_fault_read(slice_of(cases[i].body), slice_of(cases[i].type), &arena);
        if (!slice_is(fault.code, cases[i].code) || !slice_is(fault.message, cases[i].message) ||
            aws_fault_is_of_keys(&fault) != cases[i].of_keys)
            fail_msg("%s: %.*s: %.*s", cases[i].body, SLICE_ARGS(fault.code),
                     SLICE_ARGS(fault.message));
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_code_is_found_in_whichever_way_it_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
