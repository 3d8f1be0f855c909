/* Says which AWS keys are found by environment and files: the chain of credentials alone,
 * to be compared with that of others. keys_driver [PROFILE]. */
#include "aws/credentials.h"
#include <stdio.h>

static struct loop *loop;
static struct credentials *credentials;

static void say(const char *name, struct slice value) {
    printf("%s\t%.*s\n", name, SLICE_ARGS(value));
}

static void take_keys(struct key_wait *wait, struct key_set *keys, const struct error *err) {
    (void)wait;
    if (keys) {
        say("access", keys->keys.access);
        say("secret", keys->keys.secret);
        say("token", keys->keys.token);
    } else
        say("error", slice_of(err->text));
    keys_release(keys);
    loop_stop(loop);
}

static void take_place(struct place_wait *wait, const struct error *err) {
    (void)wait;
    if (err == NULL) say("region", slice_of(credentials_region(credentials)));
    loop_stop(loop);
}

int main(int count, char **words) {
    const struct credentials_options options = { .profile = count > 1 ? words[1] : NULL,
                                                 .threads = 1 };
    struct place_wait place = { .ready = take_place };
    struct key_wait wait = { .ready = take_keys };
    struct error err;
    loop = loop_create();
    credentials = credentials_create(loop, &options, &err);
    if (credentials == NULL) return 1;
    credentials_place(credentials, &place);
    loop_run(loop);
    if (credentials_take(credentials, &wait) == NULL) loop_run(loop);
    credentials_destroy(credentials);
    loop_destroy(loop);
    return 0;
}
