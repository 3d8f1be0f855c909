/* Keys that a provider gave: a set that is never changed, counted, in memory that no core dump
 * holds. Nothing shows more of it than where it is from and the last four characters of its id. On
 * the loop thread, but for keys_create. */
#ifndef AWS_KEYS_H
#define AWS_KEYS_H

#include "aws/sigv4.h"
#include "base/error.h"

#define KEYS_FOREVER UINT64_MAX

struct key_set {
    struct aws_keys keys;
    int64_t expires_ms; /* as the provider said; 0: never */
    uint64_t until_ns;  /* of clock_boot_ns: no longer good then; KEYS_FOREVER */
    uint64_t renew_ns;  /* when to look for others already */
    bool again;         /* the provider had no fresher ones: used although they may be expired */
    unsigned holders;
    char source[64]; /* "environment", "role", ... */
};

/* With copies, and one holder. NULL with *err when they cannot be used: empty, too long, or with
 * bytes that no header may have. */
struct key_set *keys_create(const struct aws_keys *keys, const char *source,
                            struct error *err) MUST_CHECK;
/* Of the JSON that a credential_process writes, with "Version": 1, or that a metadata service
 * answers. */
enum keys_json { KEYS_OF_PROCESS, KEYS_OF_SERVICE };
struct key_set *keys_read_json(struct slice json, enum keys_json kind, const char *source,
                               struct error *err) MUST_CHECK;
struct key_set *keys_hold(struct key_set *set);
/* NULL is none. */
void keys_release(struct key_set *set);
bool keys_equal(const struct key_set *one, const struct key_set *other);

#endif
