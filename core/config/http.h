/* The option `http`: where a running linnet answers HTTP, and who may ask. */
#ifndef CONFIG_HTTP_H
#define CONFIG_HTTP_H

#include "config/option.h"
#include "config/secret.h"
#include "net/address.h"
#include "script/keys.h"

struct http_settings {
    const char *listen; /* "": nowhere */
    struct secret *token;
};
extern const struct option_table http_options;
extern const struct known_key http_keys[];

/* Where it listens; false: nowhere. Of settings that http_check accepted. */
bool http_address(const struct http_settings *settings, struct address *address);
/* False with *err, without a place, when it is no address, or one that others reach and there is no
 * token. */
bool http_check(const struct http_settings *settings, struct error *err) MUST_CHECK;

#endif
