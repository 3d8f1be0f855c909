/* OAuth 1.0a signatures against published ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/compiler.h"
#include "net/oauth1.h"
#include "net/uri.h"

static struct slice text_of(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    assert_true(cJSON_IsString(item));
    return slice_of(item->valuestring);
}

static size_t add_fields(const cJSON *object, struct oauth1_field *fields, size_t count) {
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        fields[count++] =
            (struct oauth1_field){ slice_of(item->string), slice_of(item->valuestring) };
    }
    return count;
}

static void check_case(const cJSON *file, const cJSON *one) {
    struct arena arena;
    struct oauth1_field fields[8];
    const cJSON *oauth = cJSON_GetObjectItem(file, "oauth");
    size_t count = add_fields(cJSON_GetObjectItem(one, "query"), fields, 0);
    count = add_fields(cJSON_GetObjectItem(one, "form"), fields, count);
    const struct oauth1_keys keys = { text_of(oauth, "oauth_consumer_key"),
                                      text_of(file, "consumer_secret"),
                                      text_of(oauth, "oauth_token"),
                                      text_of(file, "token_secret") };
    const struct oauth1_request request = { .method = text_of(one, "method").data,
                                            .url = text_of(one, "url"),
                                            .fields = fields,
                                            .field_count = count,
                                            .nonce = text_of(oauth, "oauth_nonce"),
                                            .time_s = 1318622958 };
    arena_init(&arena);
    struct slice header = oauth1_authorization(&request, &keys, &arena);
    struct slice wanted = arena_format(
        &arena,
        "OAuth oauth_consumer_key=\"%.*s\", oauth_nonce=\"%.*s\", "
        "oauth_signature_method=\"HMAC-SHA1\", oauth_timestamp=\"1318622958\", "
        "oauth_token=\"%.*s\", oauth_version=\"1.0\", oauth_signature=\"%.*s\"",
        SLICE_ARGS(keys.consumer_key), SLICE_ARGS(request.nonce), SLICE_ARGS(keys.token),
        SLICE_ARGS(uri_encode(text_of(one, "signature"), false, &arena)));
    assert_true(slice_equal(wanted, header));
    assert_null(
        memmem(header.data, header.length, keys.consumer_secret.data, keys.consumer_secret.length));
    arena_free(&arena);
}

static void signatures_are_those_that_were_published(void **state) {
    (void)state;
    static char text[8192];
    FILE *opened = fopen("tests/data/x-v1.1/oauth1-vectors.json", "rb");
    assert_non_null(opened);
    size_t length = fread(text, 1, sizeof text, opened);
    fclose(opened);
    cJSON *file = cJSON_ParseWithLength(text, length);
    assert_non_null(file);
    const cJSON *cases = cJSON_GetObjectItem(file, "cases"), *one;
    assert_int_equal(3, cJSON_GetArraySize(cases));
    cJSON_ArrayForEach(one, cases) check_case(file, one);
    cJSON_Delete(file);
}

/* RFC 5849, 3.4.1.3.2: by encoded name, then by encoded value; a token may be missing. */
static void fields_of_one_name_are_sorted_by_their_values(void **state) {
    (void)state;
    struct arena arena;
    const struct oauth1_field one[] = { { SLICE("a"), SLICE("2 q") }, { SLICE("a"), SLICE("1") } };
    const struct oauth1_field other[] = { { SLICE("a"), SLICE("1") },
                                          { SLICE("a"), SLICE("2 q") } };
    const struct oauth1_keys keys = { SLICE("k"), SLICE("s"), SLICE(""), SLICE("") };
    struct oauth1_request request = { .method = "GET",
                                      .url = SLICE("http://127.0.0.1:8000/1.1/x"),
                                      .fields = one,
                                      .field_count = 2,
                                      .nonce = SLICE("n"),
                                      .time_s = 1 };
    arena_init(&arena);
    struct slice first = oauth1_authorization(&request, &keys, &arena);
    request.fields = other;
    assert_true(slice_equal(first, oauth1_authorization(&request, &keys, &arena)));
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_that_were_published),
        cmocka_unit_test(fields_of_one_name_are_sorted_by_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
