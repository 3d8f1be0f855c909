/* net/address.h */
#include "net/address.h"
#include <arpa/inet.h>

bool host_parse(struct slice text, struct address *address) {
    char copy[64];
    bool v6 = text.length > 2 && text.data[0] == '[' && text.data[text.length - 1] == ']';
    if (v6) text = slice_from(text.data + 1, text.length - 2);
    if (text.length == 0 || text.length >= sizeof copy || memchr(text.data, '\0', text.length))
        return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    address->length = v6 ? 16 : 4;
    return inet_pton(v6 ? AF_INET6 : AF_INET, copy, address->bytes) == 1;
}

static bool port_parse(struct slice text, unsigned *port) {
    *port = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        *port = *port * 10 + (unsigned)(text.data[i] - '0');
    }
    return text.length > 0 && text.length <= 5 && *port <= 65535;
}

bool address_parse(struct slice text, struct address *address) {
    size_t colon = text.length;
    *address = (struct address){ .length = 0 };
    while (colon > 0 && text.data[colon - 1] != ':')
        colon--;
    if (colon == 0) return false;
    struct slice host = slice_first(text, colon - 1);
    if (slice_is(host, "localhost")) host = SLICE("127.0.0.1");
    return port_parse(slice_skip(text, colon), &address->port) && host_parse(host, address);
}

bool authority_read(struct slice text, struct slice *host) {
    bool v6 = text.length && text.data[0] == '[';
    const char *end = text.length ? memchr(text.data, v6 ? ']' : ':', text.length) : NULL;
    size_t length = end ? (size_t)(end - text.data) + v6 : text.length;
    struct slice rest = slice_skip(text, length);
    unsigned port;
    *host = slice_first(text, length);
    if (v6 ? end == NULL || length < 3 : length == 0) return false;
    return rest.length == 0 ||
           (rest.data[0] == ':' && port_parse(slice_skip(rest, 1), &port) && port > 0);
}

bool address_is_local(const struct address *address) {
    static const unsigned char v6[16] = { [15] = 1 };
    return address->length == 4 ? address->bytes[0] == 127
                                : memcmp(address->bytes, v6, sizeof v6) == 0;
}
