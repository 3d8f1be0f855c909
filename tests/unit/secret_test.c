/* Secrets: where they come from, who is told what, and how a part sees a new one. */
#include "base/os.h"
#include "config/part.h"
#include "config/secret.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
/* cmocka needs the four above it */
#include "own_folder.h"
#include <cmocka.h>

static struct arena arena;
static struct inputs inputs;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena);
    inputs_init(&inputs);
    return own_folder_make();
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    inputs_free(&inputs);
    return own_folder_remove();
}

static struct secret *named(const char *where) {
    struct error err;
    struct secret *secret = secret_create(slice_of(where), own_folder, &arena, &err);
    assert_non_null(secret);
    return secret;
}

static void reads(const char *where, const char *value) {
    struct error err;
    struct secret *secret = named(where);
    if (!secret_read(secret, &inputs, &err)) fail_msg("%s: %s", where, err.text);
    assert_true(slice_is(secret_value(secret), value));
    secret_release(secret);
    assert_int_equal(secret_value(secret).length, 0);
}

static void fails(const char *where, const char *says) {
    struct error err;
    struct secret *secret = named(where);
    assert_false(secret_read(secret, &inputs, &err));
    if (strstr(err.text, says) == NULL) fail_msg("%s: %s", where, err.text);
    assert_int_equal(secret_value(secret).length, 0);
}

static void it_comes_from_a_file_a_variable_or_a_command(void **state) {
    (void)state;
    write_file("token", "hush hush\r\n\n");
    setenv("LINNET_TEST_SECRET", "from outside", 1);
    reads("file:token", "hush hush");
    reads("env:LINNET_TEST_SECRET", "from outside");
    reads("cmd:printf 'a b'; cat", "a b"); /* there is nothing to be read */
    assert_false(inputs_find(&inputs, below("token"))->missing);
}

static void what_cannot_be_had_is_named_by_its_place(void **state) {
    (void)state;
    fails("file:missing", "/missing\": No such file or directory");
    assert_true(inputs_find(&inputs, below("missing"))->missing);
    fails("file:.", "Is a directory");
    fails("env:LINNET_NO_SUCH", "secret \"env:LINNET_NO_SUCH\": there is no such variable");
    fails("cmd:echo hush; exit 3", "the command failed");
    fails("cmd:kill -9 $$", "the command failed");
    fails("cmd:true", "it is empty");
    fails("cmd:printf 'a\\nb'", "it is more than one line of text");
    fails("cmd:printf 'a\\000b'", "it is more than one line of text");
    fails("cmd:head -c 5000 /dev/zero | tr '\\0' x", "it is longer than 4000 bytes");
    fails("cmd:yes", "it is longer than 4000 bytes");
}

static void what_stands_for_a_secret_itself_is_not_repeated(void **state) {
    (void)state;
    static const char *const texts[] = {
        "hunter2", "", "file:", "env:", "File:x", "x file:hunter2"
    };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct error err;
        assert_null(secret_create(slice_of(texts[i]), "", &arena, &err));
        assert_null(strstr(err.text, "hunter2"));
        assert_non_null(strstr(err.text, "\"file:PATH\""));
    }
}

/* ---- in the settings of a part --------------------------------------------------------------- */

struct settings {
    struct secret *token;
};
static const struct option options[] = {
    { .name = "token", .type = OPTION_SECRET, .offset = offsetof(struct settings, token) },
};
static const struct part_kind kind = { .name = "k",
                                       .options = { options, 1, sizeof(struct settings) } };

static struct part_config part_with(struct settings *settings) {
    struct error err;
    settings->token = named("file:token");
    assert_true(secret_read(settings->token, &inputs, &err));
    return (struct part_config){
        .name = "p", .kind = &kind, .settings = settings, .sink = { "pause", "now" }
    };
}

static void another_content_of_the_file_is_another_part(void **state) {
    (void)state;
    struct settings first, same, other;
    write_file("token", "one\n");
    struct part_config a = part_with(&first), b = part_with(&same);
    write_file("token", "two\n");
    struct part_config c = part_with(&other);
    assert_true(part_equal(&a, &b));
    assert_false(part_equal(&a, &c));
    options_release(&kind.options, &first);
    options_release(&kind.options, &same);
    options_release(&kind.options, &other);
}

static void a_copy_outlives_what_it_was_made_of(void **state) {
    (void)state;
    struct settings settings;
    write_file("token", "one\n");
    struct part_config part = part_with(&settings);
    struct owned_part *copy = part_copy(&part);
    options_release(&kind.options, &settings);
    const struct settings *kept = copy->config.settings;
    assert_true(slice_is(secret_value(kept->token), "one"));
    part_free(copy);
}

static void a_command_that_does_not_end_is_killed(void **state) {
    (void)state;
    char into[8];
    time_t before = time(NULL);
    errno = 0;
    assert_int_equal(os_run("sleep 100 & sleep 100", into, sizeof into, 200), -1);
    assert_int_equal(errno, ETIMEDOUT);
    assert_int_equal(os_run("exec >&-; exec sleep 100", into, sizeof into, 200), -1);
    assert_int_equal(errno, ETIMEDOUT);
    assert_in_range(time(NULL) - before, 0, 60); /* not as long as they sleep */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_comes_from_a_file_a_variable_or_a_command),
        TEST(what_cannot_be_had_is_named_by_its_place),
        TEST(what_stands_for_a_secret_itself_is_not_repeated),
        TEST(another_content_of_the_file_is_another_part),
        TEST(a_copy_outlives_what_it_was_made_of),
        TEST(a_command_that_does_not_end_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
