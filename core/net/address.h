/* Where a server listens: "127.0.0.1:7711", "[::1]:7711", "localhost:7711". */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/compiler.h"
#include "base/slice.h"

struct address {
    unsigned char bytes[16]; /* in network order */
    size_t length;           /* 4 or 16 */
    unsigned port;           /* 0: one that is free */
};

/* False when it is something else; names are not looked up. */
bool address_parse(struct slice text, struct address *address) MUST_CHECK;
/* Whether only this machine can reach it. */
bool address_is_local(const struct address *address);
/* What an address is without its port: "127.0.0.1", "[::1]". False when it is no address. */
bool host_parse(struct slice text, struct address *address) MUST_CHECK;
/* What stands in a URL behind "//": a name or an address, and perhaps ":PORT", from 1 to 65535.
 * `host` is it without the port. False when it is something else. */
bool authority_read(struct slice text, struct slice *host) MUST_CHECK;

#endif
