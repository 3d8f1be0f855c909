/* config/http.h */
#include "config/http.h"
#include <stddef.h>

static const struct option options[] = {
    { .name = "listen",
      .type = OPTION_TEXT,
      .offset = offsetof(struct http_settings, listen),
      .standard = "127.0.0.1:7711",
      .help = "address:port for metrics and reload; \"\" for none; port 0: one that is free" },
    { .name = "token",
      .type = OPTION_SECRET,
      .offset = offsetof(struct http_settings, token),
      .standard = "",
      .help = "what clients must send as `Authorization: Bearer`" },
};

const struct option_table http_options = { options, LENGTH(options), sizeof(struct http_settings) };

const struct known_key http_keys[] = {
    { "listen", "string|false|nil", "address:port, \"127.0.0.1:7711\"; false: nowhere" },
    { "token", "linnet.secret?", "what clients must send; other addresses than 127.0.0.1 need it" },
    { 0 },
};

bool http_address(const struct http_settings *settings, struct address *address) {
    return address_parse(slice_of(settings->listen), address);
}

bool http_check(const struct http_settings *settings, struct error *err) {
    struct address address;
    if (settings->listen[0] == '\0') return true;
    if (!http_address(settings, &address))
        return error_set(err, ERROR_CONFIG,
                         "listen takes an address and a port such as \"127.0.0.1:7711\", not "
                         "\"%.60s\"",
                         settings->listen);
    if (address_is_local(&address) || settings->token) return true;
    error_set(err, ERROR_CONFIG, "others can reach %.60s: it needs a token", settings->listen);
    error_suggest(err, "write http = { listen = ..., token = secret \"file:http.token\" }");
    return false;
}
