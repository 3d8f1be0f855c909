/* Signatures against three published suites (tests/data/sigv4), in headers and in the query. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <stdio.h>

#include "aws/sigv4.h"
#include "base/alloc.h"
#include "base/date.h"
#include "base/os.h"
#include "net/uri.h"

static struct slice text_of(const cJSON *object, const char *name) {
    return slice_of(cJSON_GetStringValue(cJSON_GetObjectItem(object, name)));
}

static const struct http_field *fields_of(const cJSON *object, const char *name, size_t *count,
                                          struct arena *arena) {
    const cJSON *list = cJSON_GetObjectItem(object, name), *pair;
    struct http_field *fields =
        arena_alloc(arena, (size_t)cJSON_GetArraySize(list) * sizeof *fields);
    *count = 0;
    cJSON_ArrayForEach(pair, list) fields[(*count)++] = (struct http_field){
        slice_of(cJSON_GetStringValue(cJSON_GetArrayItem(pair, 0))),
        slice_of(cJSON_GetStringValue(cJSON_GetArrayItem(pair, 1))),
    };
    return fields;
}

static void expect_text(const char *name, const char *what, struct slice expected,
                        struct slice given) {
    if (slice_equal(expected, given)) return;
    fail_msg("%s: %s\n--- expected\n%.*s\n--- given\n%.*s", name, what, SLICE_ARGS(expected),
             SLICE_ARGS(given));
}

static void expect(const char *name, const cJSON *texts, const struct sigv4_signed *given) {
    expect_text(name, "canonical", text_of(texts, "canonical"), given->canonical);
    expect_text(name, "to_sign", text_of(texts, "to_sign"), given->to_sign);
    expect_text(name, "signature", text_of(texts, "signature"), given->signature);
}

static void check_case(const cJSON *item, struct arena *arena) {
    const char *name = text_of(item, "name").data;
    const cJSON *keys_item = cJSON_GetObjectItem(item, "keys");
    const cJSON *presigned = cJSON_GetObjectItem(item, "presigned");
    struct slice part[3];
    for (int i = 0; i < 3; i++)
        part[i] = slice_of(cJSON_GetStringValue(cJSON_GetArrayItem(keys_item, i)));
    struct aws_keys keys = { part[0], part[1], part[2] };
    bool as_is = cJSON_IsTrue(cJSON_GetObjectItem(item, "as_is"));
    bool header = cJSON_IsTrue(cJSON_GetObjectItem(item, "payload_header"));
    struct sigv4_request request = { .method = text_of(item, "method"),
                                     .path = text_of(item, "path"),
                                     .payload = text_of(item, "payload") };
    if (as_is) request.path = uri_encode(request.path, true, arena);
    request.query = fields_of(item, "query", &request.query_count, arena);
    request.headers = fields_of(item, "headers", &request.header_count, arena);
    struct sigv4_signer *signer =
        sigv4_signer_create(text_of(item, "region"), text_of(item, "service"),
                            (as_is ? SIGV4_PATH_AS_IS : 0u) | (header ? SIGV4_PAYLOAD_HEADER : 0u));
    struct sigv4_signed given;
    int64_t now_ms;
    assert_true(date_read_iso(text_of(item, "date"), &now_ms));
    for (int i = 0; i < 2; i++) { /* the second time under the key that is kept */
        sigv4_sign(signer, &request, &keys, now_ms, arena, &given);
        expect(name, cJSON_GetObjectItem(item, "header"), &given);
    }
    if (presigned) {
        uint32_t expires = (uint32_t)cJSON_GetNumberValue(cJSON_GetObjectItem(item, "expires"));
        sigv4_presign(signer, &request, &keys, now_ms, expires, arena, &given);
        expect(name, presigned, &given);
    }
    sigv4_signer_destroy(signer);
}

static void every_published_case_is_signed_as_published(void **state) {
    (void)state;
    size_t length;
    int count = 0;
    struct arena arena;
    char *text = os_read_file("tests/data/sigv4/cases.json", (size_t)1 << 20, &length);
    assert_non_null(text);
    cJSON *cases = cJSON_ParseWithLength(text, length), *item;
    arena_init(&arena);
    cJSON_ArrayForEach(item, cases) {
        check_case(item, &arena);
        count++;
    }
    assert_int_equal(73, count);
    arena_free(&arena);
    cJSON_Delete(cases);
    memory_free(text);
}

/* ---- the kept key ---- */

#define DAY_MS INT64_C(86400000)

static struct slice sign_at(struct sigv4_signer *signer, struct slice secret, int64_t now_ms,
                            struct arena *arena) {
    const struct http_field host = { SLICE("host"), SLICE("h.example") };
    struct sigv4_request request = { .method = SLICE("GET"),
                                     .path = SLICE("/"),
                                     .headers = &host,
                                     .header_count = 1,
                                     .payload = SLICE(SIGV4_EMPTY) };
    struct aws_keys keys = { SLICE("AK"), secret, SLICE("") };
    struct sigv4_signed given;
    sigv4_sign(signer, &request, &keys, now_ms, arena, &given);
    return given.signature;
}

static void another_day_or_secret_is_signed_with_another_key(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct sigv4_signer *one = sigv4_signer_create(SLICE("eu-west-1"), SLICE("s3"), SIGV4_S3);
    for (int64_t day = 0; day < 4; day++)
        for (int other = 0; other < 2; other++) {
            struct slice secret = other ? SLICE("second") : SLICE("first");
            struct sigv4_signer *fresh =
                sigv4_signer_create(SLICE("eu-west-1"), SLICE("s3"), SIGV4_S3);
            expect_text("day", "signature", sign_at(fresh, secret, day * DAY_MS, &arena),
                        sign_at(one, secret, day * DAY_MS, &arena));
            sigv4_signer_destroy(fresh);
        }
    sigv4_signer_destroy(one);
    arena_free(&arena);
}

static void what_proxies_change_is_not_signed(void **state) {
    (void)state;
    struct arena arena;
    struct sigv4_signed given;
    arena_init(&arena);
    const struct http_field fields[] = { { SLICE("User-Agent"), SLICE("x") },
                                         { SLICE("host"), SLICE("h") },
                                         { SLICE("Expect"), SLICE("100-continue") } };
    struct sigv4_request request = { .method = SLICE("PUT"),
                                     .path = SLICE("/a//./b"),
                                     .headers = fields,
                                     .header_count = 3,
                                     .payload = SLICE(SIGV4_UNSIGNED) };
    struct aws_keys keys = { SLICE("AK"), SLICE("secret"), SLICE("tok/en") };
    struct sigv4_signer *signer = sigv4_signer_create(SLICE("r"), SLICE("s3"), SIGV4_S3);
    sigv4_sign(signer, &request, &keys, 0, &arena, &given);
    expect_text("s3", "canonical",
                SLICE("PUT\n/a//./b\n\nhost:h\nx-amz-content-sha256:UNSIGNED-PAYLOAD\n"
                      "x-amz-date:19700101T000000Z\nx-amz-security-token:tok/en\n\n"
                      "host;x-amz-content-sha256;x-amz-date;x-amz-security-token\n"
                      "UNSIGNED-PAYLOAD"),
                given.canonical);
    assert_int_equal(4, given.header_count);
    sigv4_signer_destroy(signer);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_published_case_is_signed_as_published),
        cmocka_unit_test(another_day_or_secret_is_signed_with_another_key),
        cmocka_unit_test(what_proxies_change_is_not_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
