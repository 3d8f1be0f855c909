/* aws/keys.h */
#include "aws/keys.h"
#include "base/os.h"
#include <stdio.h>

/* A set with its texts fills this much. */
#define SET_BYTES ((size_t)16384)

static bool is_usable(struct slice text) {
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= 0x20 || (unsigned char)text.data[i] >= 0x7f)
            return false;
    return true;
}

static struct slice put(char **to, struct slice text) {
    char *start = *to;
    if (text.length) memcpy(start, text.data, text.length);
    *to += text.length;
    return slice_from(start, text.length);
}

struct key_set *keys_create(const struct aws_keys *keys, const char *source, struct error *err) {
    size_t room = SET_BYTES - sizeof(struct key_set);
    const char *wrong = NULL;
    if (keys->access.length == 0) wrong = "they have no access key id";
    if (keys->secret.length == 0) wrong = "they have no secret access key";
    if (keys->access.length + keys->secret.length + keys->token.length > room ||
        keys->access.length > room || keys->secret.length > room || keys->token.length > room)
        wrong = "they are too long";
    else if (!is_usable(keys->access) || !is_usable(keys->secret) || !is_usable(keys->token))
        wrong = "they have bytes that no key has";
    if (wrong) {
        error_set(err, ERROR_FAILED, "keys of %s cannot be used: %s", source, wrong);
        return NULL;
    }
    struct key_set *set = (void *)os_private_memory(SET_BYTES);
    char *to = (char *)(set + 1);
    set->keys.access = put(&to, keys->access);
    set->keys.secret = put(&to, keys->secret);
    set->keys.token = put(&to, keys->token);
    set->until_ns = set->renew_ns = KEYS_FOREVER;
    set->holders = 1;
    snprintf(set->source, sizeof set->source, "%s", source);
    return set;
}

struct key_set *keys_hold(struct key_set *set) {
    set->holders++;
    return set;
}

void keys_release(struct key_set *set) {
    if (set && --set->holders == 0) os_private_free((char *)set, SET_BYTES);
}

bool keys_equal(const struct key_set *one, const struct key_set *other) {
    return slice_equal(one->keys.access, other->keys.access) &&
           slice_equal(one->keys.secret, other->keys.secret) &&
           slice_equal(one->keys.token, other->keys.token);
}
