/* Where keys are found, in which order, and what is said when they are not. */
#include "aws_environment.h"

#include "aws/plan.h"
#include "aws/words.h"
#include "base/compiler.h"

static struct plan plan;
static struct error err;

static bool make(const char *profile) {
    const struct plan_options options = { .profile = profile };
    plan_free(&plan);
    return plan_make(&plan, &options, &err);
}

static void expect_keys(const char *profile, const char *access, const char *secret,
                        const char *token) {
    if (!make(profile)) fail_msg("%s: %s", access, err.text);
    assert_int_equal(plan.start, PLAN_KEYS);
    const struct aws_keys *keys = &plan.keys->keys;
    if (!slice_is(keys->access, access)) fail_msg("%s", plan.source);
    assert_true(slice_is(keys->secret, secret) && slice_is(keys->token, token));
}

static void expect_wrong(const char *profile, const char *why) {
    assert_false(make(profile));
    if (strstr(err.text, why) == NULL) fail_msg("not \"%s\": %s", why, err.text);
    assert_null(strstr(err.text, "wJalr"));
}

static void use_files(void) {
    setenv("AWS_CONFIG_FILE", "tests/data/aws/config", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "tests/data/aws/credentials", 1);
}

static void keys_of_the_environment_come_first(void **state) {
    (void)state;
    use_files();
    setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
    expect_wrong(NULL, "AWS_SECRET_ACCESS_KEY");
    setenv("AWS_SECRET_ACCESS_KEY", "s3cret", 1);
    setenv("AWS_PROFILE", "work", 1);
    expect_keys(NULL, "AKIAENV", "s3cret", "");
    setenv("AWS_SESSION_TOKEN", "t", 1);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2026-11-22T21:00:00Z", 1);
    expect_keys(NULL, "AKIAENV", "s3cret", "t");
    assert_int_equal(plan.keys->expires_ms, INT64_C(1795381200000));
    setenv("AWS_CREDENTIAL_EXPIRATION", "soon", 1);
    expect_wrong(NULL, "AWS_CREDENTIAL_EXPIRATION");
    /* a profile that the configuration names is meant */
    expect_keys("work", "ASIAEXAMPLEWORK00000", "abc/def+ghi=", "IQoJtoken==");
}

static void keys_are_those_of_the_profile(void **state) {
    (void)state;
    use_files();
    expect_keys(NULL, "AKIAEXAMPLEDEFAULT00", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "");
    assert_string_equal(plan.region, "eu-west-1");
    setenv("AWS_PROFILE", "work", 1);
    expect_keys(NULL, "ASIAEXAMPLEWORK00000", "abc/def+ghi=", "IQoJtoken==");
    assert_string_equal(plan.region, "us-west-2");
    setenv("AWS_REGION", "eu-north-1", 1);
    expect_keys("base", "AKIAEXAMPLEBASE00000", "s", "");
    assert_string_equal(plan.region, "eu-north-1");
    expect_wrong("wrok", "no profile \"wrok\"");
}

static void files_lie_in_the_home_folder_and_may_be_missing(void **state) {
    (void)state;
    expect_wrong(NULL,
                 "there are no AWS keys: AWS_ACCESS_KEY_ID is not set, profile \"default\" has "
                 "none in ");
    make_folder_below(".aws");
    write_file(".aws/config", "[profile default]\naws_access_key_id = AKIACONFIG\n"
                              "aws_secret_access_key = c\nregion = us-east-2\n");
    expect_keys(NULL, "AKIACONFIG", "c", "");
    write_file(".aws/credentials", "[default]\naws_access_key_id = AKIACREDENTIALS\n");
    expect_wrong(NULL, "no aws_secret_access_key");
    write_file(".aws/credentials", "[default]\naws_access_key_id = AKIACREDENTIALS\n"
                                   "aws_secret_access_key = d\n");
    expect_keys(NULL, "AKIACREDENTIALS", "d", "");
    setenv("AWS_CONFIG_FILE", below("nothing"), 1);
    expect_wrong(NULL, "nothing: cannot be read");
    setenv("AWS_CONFIG_FILE", "~/.aws/config", 1);
    expect_keys(NULL, "AKIACREDENTIALS", "d", "");
    setenv("AWS_REGION", "evil.example/", 1);
    expect_wrong(NULL, "\"evil.example/\" is no name of a region");
}

static void roles_are_taken_one_after_the_other(void **state) {
    (void)state;
    use_files();
    assert_true(make("assumed"));
    assert_true(slice_is(plan.keys->keys.access, "AKIAEXAMPLEBASE00000"));
    assert_int_equal(plan.role_count, 1);
    assert_string_equal(plan.roles[0].arn, "arn:aws:iam::123456789012:role/demo");
    assert_string_equal(plan.roles[0].external_id, "xyz");
    assert_string_equal(plan.roles[0].session, "linnet");
    setenv("AWS_CONFIG_FILE", below("config"), 1);
    write_file("config", "[profile a]\nrole_arn = 1\nsource_profile = b\nduration_seconds = 900\n"
                         "[profile b]\nrole_arn = 2\nsource_profile = base\n"
                         "role_session_name = me\n");
    assert_true(make("a"));
    assert_int_equal(plan.role_count, 2);
    assert_string_equal(plan.roles[0].arn, "2");
    assert_string_equal(plan.roles[0].session, "me");
    assert_string_equal(plan.roles[1].arn, "1");
    assert_string_equal(plan.roles[1].duration_s, "900");
}

static void a_role_says_what_it_lacks(void **state) {
    (void)state;
    use_files();
    expect_wrong("loop1", "leads back to it");
    expect_wrong("sso", "signs on with a browser");
    expect_wrong("onec2", "credential_source = Ec2InstanceMetadata has no keys");
    setenv("AWS_CONFIG_FILE", below("config"), 1);
    write_file("config", "[profile a]\nrole_arn = 1\n"
                         "[profile b]\nrole_arn = 1\nsource_profile = x\ncredential_source = Y\n"
                         "[profile c]\nrole_arn = 1\nsource_profile = nobody\n"
                         "[profile d]\nrole_arn = 1\ncredential_source = Elsewhere\n"
                         "[profile e]\nrole_arn = 1\nsource_profile = f\n[profile f]\nregion = r\n"
                         "[profile g]\nrole_arn = 1\nsource_profile = base\nmfa_serial = m\n"
                         "[profile h]\nrole_arn = 1\ncredential_source = Environment\n"
                         "[profile i]\nrole_arn = 1\nsource_profile = base\n"
                         "duration_seconds = 1h\n");
    expect_wrong("a", "needs a source_profile or a credential_source");
    expect_wrong("b", "needs one of source_profile and credential_source");
    expect_wrong("c", "\"nobody\" of profile \"c\" is not there");
    expect_wrong("d", "not \"Elsewhere\"");
    expect_wrong("e", "source_profile \"f\" has no keys");
    expect_wrong("g", "mfa_serial");
    expect_wrong("h", "Environment has no keys");
    expect_wrong("i", "duration_seconds");
    setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s3cret", 1);
    assert_true(make("h"));
    assert_true(slice_is(plan.keys->keys.access, "AKIAENV"));
}

static void a_profile_that_names_itself_has_its_own_keys(void **state) {
    (void)state;
    setenv("AWS_CONFIG_FILE", below("config"), 1);
    write_file("config", "[profile a]\nrole_arn = 1\nsource_profile = a\n"
                         "aws_access_key_id = AKIAOWN\naws_secret_access_key = o\n");
    assert_true(make("a"));
    assert_true(slice_is(plan.keys->keys.access, "AKIAOWN"));
    assert_int_equal(plan.role_count, 1);
}

static void a_long_chain_of_profiles_has_an_end(void **state) {
    (void)state;
    char text[4096] = "";
    for (int i = 0; i < 20; i++)
        snprintf(text + strlen(text), 80, "[profile p%d]\nrole_arn = r\nsource_profile = p%d\n", i,
                 i + 1);
    strcat(text, "[profile p20]\naws_access_key_id = A\naws_secret_access_key = s\n");
    setenv("AWS_CONFIG_FILE", below("config"), 1);
    write_file("config", text);
    expect_wrong("p0", "too many");
    assert_true(make("p12"));
    assert_int_equal(plan.role_count, 8);
}

static void a_web_identity_is_a_file_and_a_role(void **state) {
    (void)state;
    use_files();
    expect_wrong("web", "/var/run/token cannot be read");
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", below("token"), 1);
    write_file("token", "eyJ.a.b\n");
    expect_wrong(NULL, "no AWS_ROLE_ARN");
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/w", 1);
    assert_true(make(NULL));
    assert_int_equal(plan.start, PLAN_WEB_IDENTITY);
    assert_true(slice_is(plan.secret, "eyJ.a.b"));
    write_file("token", "eyJ\r\nx-evil: 1");
    expect_wrong(NULL, "more than one line");
    write_file("token", "\n");
    expect_wrong(NULL, "is empty");
}

/* ---- commands ---- */

static void a_command_says_keys_without_a_shell(void **state) {
    (void)state;
    setenv("AWS_CONFIG_FILE", below("config"), 1);
    write_file("config", "[default]\ncredential_process = cat tests/data/aws/process.json ; no\n"
                         "[profile old]\ncredential_process = cat "
                         "\"tests/data/aws/process-bad-version.json\"\n"
                         "[profile long]\ncredential_process = cat "
                         "'tests/data/aws/process-long-term.json'\n"
                         "[profile fails]\ncredential_process = false\n"
                         "[profile missing]\ncredential_process = /nowhere/to/be/found\n"
                         "[profile chatty]\ncredential_process = cat /dev/zero\n"
                         "[profile open]\ncredential_process = cat 'x\n"
                         "[profile text]\ncredential_process = echo $(hidden)\n");
    expect_keys(NULL, "ASIAEXAMPLEEXAMPLE02", "secret", "token");
    assert_int_equal(plan.keys->expires_ms, INT64_C(1795381200000));
    expect_keys("long", "AKIAEXAMPLEEXAMPLE03", "secret", "");
    assert_int_equal(plan.keys->expires_ms, 0);
    expect_wrong("old", "\"Version\": 1");
    expect_wrong("fails", "profile \"fails\": false: it failed");
    expect_wrong("missing", "No such file");
    expect_wrong("chatty", "more than keys can be");
    expect_wrong("open", "has no end");
    expect_wrong("text", "no JSON object");
}

static void keys_that_would_break_a_header_are_refused(void **state) {
    (void)state;
    setenv("AWS_ACCESS_KEY_ID", "AKIA\r\nx-evil: 1", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalr", 1);
    expect_wrong(NULL, "keys of the environment cannot be used: they have bytes that no key has");
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    char *token = malloc(20001);
    memset(token, 't', 20000);
    token[20000] = '\0';
    setenv("AWS_SESSION_TOKEN", token, 1);
    expect_wrong(NULL, "they are too long");
    free(token);
}

static void expect_words(const char *line, const char *words) {
    struct arena arena;
    char said[256] = "";
    arena_init(&arena);
    const char **split = words_split(slice_of(line), &arena, &err);
    for (; split && *split; split++)
        snprintf(said + strlen(said), sizeof said - strlen(said), "<%s>", *split);
    if (strcmp(said, words) != 0) fail_msg("%s: %s", line, said);
    arena_free(&arena);
}

static void words_are_split_as_a_shell_does(void **state) {
    (void)state;
    expect_words(" a  'b c' \t\"d \\\" $e\"f\\ g ''", "<a><b c><d \" $ef g><>");
    expect_words("a\\\\b 'c\\d' \"e\\f\"", "<a\\b><c\\d><e\\f>");
    expect_words("'a\\\"b'", "<a\\\"b>");
    expect_words("a\n  b", "<a><b>");
    expect_words("", "");
    expect_words("'a", "");
    expect_words("\"a\\\"", "");
    expect_words("a\\", "");
}

/* ---- containers ---- */

static void expect_container(const char *full, bool allowed) {
    struct arena arena;
    arena_init(&arena);
    const char *url = plan_container_url(NULL, full, &arena, &err);
    if ((url != NULL) != allowed) fail_msg("%s", full);
    arena_free(&arena);
}

static void a_container_asks_only_where_its_service_may_be(void **state) {
    (void)state;
    static const char *const good[] = {
        "https://anywhere.example/x",
        "http://127.0.0.1:80/x",
        "http://127.9.9.9/x",
        "http://localhost/x?y",
        "http://[::1]:99/x",
        "http://169.254.170.2",
        "http://169.254.170.23/v1/key",
        "http://[fd00:ec2::23]/v1/key",
    };
    static const char *const bad[] = {
        "http://example.com/x",
        "http://169.254.169.254/x",
        "http://10.0.0.1/x",
        "http://localhost.evil/x",
        "http://localhost@evil.com/x",
        "http://evil@localhost/x",
        "http://127.0.0.1.evil.com/x",
        "http://127.0.0.1:80@evil.com/",
        "http://[fd00:ec2::24]/",
        "ftp://localhost/x",
        "https://",
        "localhost/x",
        "http://localhost/\r\nx-evil: 1",
        "http://localhost\\@evil.com/",
        "",
    };
    for (size_t i = 0; i < LENGTH(good); i++)
        expect_container(good[i], true);
    for (size_t i = 0; i < LENGTH(bad); i++)
        expect_container(bad[i], false);
}

static void a_container_is_asked_behind_the_profile_and_before_the_machine(void **state) {
    (void)state;
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/no", 1);
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic no", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", below("token"), 1);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    write_file("token", "Basic yes\n");
    assert_true(make(NULL));
    assert_int_equal(plan.start, PLAN_CONTAINER);
    assert_string_equal(plan.container_url, "http://169.254.170.2/v2/x");
    assert_true(slice_is(plan.secret, "Basic yes"));
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.com/", 1);
    expect_wrong(NULL, "does not begin with");
    use_files();
    expect_keys(NULL, "AKIAEXAMPLEDEFAULT00", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "");
    clear_environment();
    unsetenv("AWS_EC2_METADATA_DISABLED");
    assert_true(make(NULL));
    assert_int_equal(plan.start, PLAN_MACHINE);
    assert_string_equal(plan.machine_url, "http://169.254.169.254");
}

/* ---- endpoints ---- */

static const char *endpoint_of(const char *service) {
    const struct plan_endpoint *endpoint = plan.endpoints;
    while (endpoint->service && strcmp(endpoint->service, service) != 0)
        endpoint++;
    return endpoint->url ? endpoint->url : "none";
}

static void endpoints_come_from_the_environment_then_from_the_profile(void **state) {
    (void)state;
    setenv("AWS_CONFIG_FILE", below("config"), 1);
    write_file("config", "[default]\nservices = mine\nendpoint_url = http://all\n"
                         "aws_access_key_id = A\naws_secret_access_key = s\n"
                         "[services mine]\ns3 =\n  endpoint_url = http://s3\n");
    assert_true(make(NULL));
    assert_string_equal(endpoint_of("s3"), "http://s3");
    assert_string_equal(endpoint_of("sts"), "http://all");
    setenv("AWS_ENDPOINT_URL", "http://env", 1);
    setenv("AWS_ENDPOINT_URL_STS", "http://sts", 1);
    assert_true(make(NULL));
    assert_string_equal(endpoint_of("s3"), "http://env");
    assert_string_equal(endpoint_of("sts"), "http://sts");
    assert_string_equal(plan.sts_url, "http://sts");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE", 1);
    assert_true(make(NULL));
    assert_string_equal(endpoint_of("s3"), "none");
}

static int setup(void **state) {
    (void)state;
    if (own_folder_make()) return -1;
    clear_environment();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    plan_free(&plan);
    return own_folder_remove();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keys_of_the_environment_come_first),
        TEST(keys_are_those_of_the_profile),
        TEST(files_lie_in_the_home_folder_and_may_be_missing),
        TEST(roles_are_taken_one_after_the_other),
        TEST(a_role_says_what_it_lacks),
        TEST(a_profile_that_names_itself_has_its_own_keys),
        TEST(a_long_chain_of_profiles_has_an_end),
        TEST(a_web_identity_is_a_file_and_a_role),
        TEST(a_command_says_keys_without_a_shell),
        TEST(keys_that_would_break_a_header_are_refused),
        TEST(words_are_split_as_a_shell_does),
        TEST(a_container_asks_only_where_its_service_may_be),
        TEST(a_container_is_asked_behind_the_profile_and_before_the_machine),
        TEST(endpoints_come_from_the_environment_then_from_the_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
