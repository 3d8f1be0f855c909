/* database/domain.h */
#include "database/domain.h"
#include "text/fold.h"
#include <libpsl.h>

/* The longest name that there may be (RFC 1035). */
#define HOST_MAX_BYTES 253

static size_t length_until(struct slice text, const char *stops) {
    size_t length = 0;
    while (length < text.length && text.data[length] && !strchr(stops, text.data[length]))
        length++;
    return length;
}

/* "https://user@Example.org:80/a" → "Example.org". */
static struct slice host_of(struct slice url) {
    size_t scheme = length_until(url, ":/?#");
    struct slice rest = slice_skip(url, scheme);
    if (slice_starts(rest, SLICE("://")))
        rest = slice_skip(rest, 3);
    else
        rest = url;
    rest = slice_first(rest, length_until(rest, "/?#\\"));
    for (size_t user = length_until(rest, "@"); user < rest.length; user = length_until(rest, "@"))
        rest = slice_skip(rest, user + 1);
    if (slice_starts(rest, SLICE("["))) { /* IPv6 */
        size_t address = length_until(rest, "]");
        return address < rest.length ? slice_first(rest, address + 1) : SLICE("");
    }
    rest = slice_first(rest, length_until(rest, ":"));
    while (slice_ends(rest, SLICE(".")))
        rest.length--;
    return rest;
}

/* No name ends in a digit. */
static bool is_address(struct slice host) {
    char last = host.data[host.length - 1];
    return last == ']' || (last >= '0' && last <= '9');
}

struct slice store_domain(struct slice url, struct arena *arena) {
    struct slice host = host_of(slice_trim(url));
    if (host.length == 0 || host.length > HOST_MAX_BYTES) return SLICE("");
    host = arena_copy(arena, fold_text(host, arena)); /* ends in NUL */
    const char *domain = NULL;
    if (!is_address(host)) domain = psl_registrable_domain(psl_builtin(), host.data);
    return domain ? slice_of(domain) : host;
}
