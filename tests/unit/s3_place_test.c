/* Where objects of a bucket are, on AWS and elsewhere; what names a bucket, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "aws/s3_place.h"

static void assert_place(const struct s3_where *where, const char *key, const char *origin,
                         const char *path) {
    struct arena arena;
    arena_init(&arena);
    const struct s3_place place = s3_place(where, slice_of(key), &arena);
    char given[400], expected[400];
    snprintf(given, sizeof given, "%.*s %.*s", SLICE_ARGS(place.origin), SLICE_ARGS(place.path));
    snprintf(expected, sizeof expected, "%s %s", origin, path);
    assert_string_equal(expected, given);
    arena_free(&arena);
}

static void the_bucket_is_in_the_host_of_aws_and_in_the_path_of_others(void **state) {
    (void)state;
    struct s3_where where = { .bucket = SLICE("posts"), .region = SLICE("eu-west-1") };
    assert_place(&where, "a/b", "https://posts.s3.eu-west-1.amazonaws.com", "/a/b");
    assert_place(&where, "", "https://posts.s3.eu-west-1.amazonaws.com", "/");
    where.endpoint = SLICE("http://127.0.0.1:9000/");
    assert_place(&where, "a/b", "http://127.0.0.1:9000", "/posts/a/b");
    assert_place(&where, "", "http://127.0.0.1:9000", "/posts");
    where.addressing = S3_IN_HOST;
    assert_place(&where, "a/b", "http://posts.127.0.0.1:9000", "/a/b");
}

static void a_bucket_with_a_dot_is_in_the_path_since_certificates_have_one_label(void **state) {
    (void)state;
    struct s3_where where = { .bucket = SLICE("my.posts"), .region = SLICE("us-east-1") };
    assert_place(&where, "k", "https://s3.us-east-1.amazonaws.com", "/my.posts/k");
    where.addressing = S3_IN_HOST;
    assert_place(&where, "k", "https://my.posts.s3.us-east-1.amazonaws.com", "/k");
}

static void china_has_a_domain_of_its_own(void **state) {
    (void)state;
    const struct s3_where where = { .bucket = SLICE("posts"), .region = SLICE("cn-north-1") };
    assert_place(&where, "k", "https://posts.s3.cn-north-1.amazonaws.com.cn", "/k");
}

static void keys_are_encoded_once_and_never_made_shorter(void **state) {
    (void)state;
    const struct s3_where where = { .bucket = SLICE("posts"), .region = SLICE("r") };
    assert_place(&where, "a//./../b c+\xc3\xbc%=~*", "https://posts.s3.r.amazonaws.com",
                 "/a//./../b%20c%2B%C3%BC%25%3D~%2A");
}

static void names_of_buckets_are_told_from_what_is_none(void **state) {
    static const char *const good[] = {
        "abc", "a-b.c1", "0ab", "a23456789012345678901234567890123456789012345678901234567890123"
    };
    static const char *const bad[] = {
        "",
        "ab",
        "Abc",
        "a_b",
        "-ab",
        "ab-",
        ".ab",
        "ab.",
        "a..b",
        "a/b",
        "a b",
        "ab\xc3\xbc",
        "169.254.169.254@x",
        "a234567890123456789012345678901234567890123456789012345678901234",
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(good); i++)
        assert_true(s3_is_bucket(slice_of(good[i])));
    for (size_t i = 0; i < LENGTH(bad); i++)
        assert_false(s3_is_bucket(slice_of(bad[i])));
}

static void a_url_gives_bucket_and_key(void **state) {
    struct slice bucket, key;
    struct error err;
    (void)state;
    assert_true(s3_read_url(SLICE("s3://posts/2026/a b"), &bucket, &key, &err));
    assert_true(slice_is(bucket, "posts") && slice_is(key, "2026/a b"));
    assert_true(s3_read_url(SLICE("//posts"), &bucket, &key, &err));
    assert_true(slice_is(bucket, "posts") && key.length == 0);
    assert_true(s3_read_url(SLICE("s3://posts/"), &bucket, &key, &err));
    assert_int_equal(0, key.length);
    assert_false(s3_read_url(SLICE("posts/key"), &bucket, &key, &err));
    assert_non_null(strstr(err.text, "s3://bucket/key"));
    assert_false(s3_read_url(SLICE("s3:///key"), &bucket, &key, &err));
    assert_false(s3_read_url(SLICE("s3://Posts/key"), &bucket, &key, &err));
    assert_non_null(strstr(err.text, "\"Posts\" cannot be a bucket"));
}

static void only_hosts_of_aws_tell_a_region(void **state) {
    static const struct {
        const char *host, *region;
    } cases[] = {
        { "posts.s3.eu-west-1.amazonaws.com", "eu-west-1" },
        { "posts.s3-eu-west-1.amazonaws.com", "eu-west-1" },
        { "s3.eu-west-1.amazonaws.com", "eu-west-1" },
        { "a.b.s3.cn-north-1.amazonaws.com.cn", "cn-north-1" },
        { "posts.s3.eu-west-1.amazonaws.com.evil.example", "" },
        { "evil-amazonaws.com", "" },
        { "eu-west-1.amazonaws.com", "" },
        { ".amazonaws.com", "" },
        { "posts.s3.EU.amazonaws.com", "" },
        { "", "" },
    };
    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_true(slice_is(s3_region_of_host(slice_of(cases[i].host)), cases[i].region));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bucket_is_in_the_host_of_aws_and_in_the_path_of_others),
        cmocka_unit_test(a_bucket_with_a_dot_is_in_the_path_since_certificates_have_one_label),
        cmocka_unit_test(china_has_a_domain_of_its_own),
        cmocka_unit_test(keys_are_encoded_once_and_never_made_shorter),
        cmocka_unit_test(names_of_buckets_are_told_from_what_is_none),
        cmocka_unit_test(a_url_gives_bucket_and_key),
        cmocka_unit_test(only_hosts_of_aws_tell_a_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
