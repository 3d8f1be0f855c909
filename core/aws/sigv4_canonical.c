/* aws/sigv4_canonical.h */
#include "aws/sigv4_canonical.h"
#include "base/compiler.h"
#include "net/uri.h"

/* ---- sorting: lists are short ---- */

static int slice_order(struct slice a, struct slice b) {
    size_t shorter = MIN(a.length, b.length);
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int order_of(const struct http_field *a, const struct http_field *b, bool by_value) {
    int order = slice_order(a->name, b->name);
    return order == 0 && by_value ? slice_order(a->value, b->value) : order;
}

/* Stable. */
static void sort(struct http_field *fields, size_t count, bool by_value) {
    for (size_t i = 1; i < count; i++) {
        struct http_field field = fields[i];
        size_t at = i;
        for (; at > 0 && order_of(&fields[at - 1], &field, by_value) > 0; at--)
            fields[at] = fields[at - 1];
        fields[at] = field;
    }
}

/* ---- texts whose length was counted before ---- */

static char *put(char *to, struct slice text) {
    if (text.length) memcpy(to, text.data, text.length);
    return to + text.length;
}

static size_t lengths(const struct http_field *fields, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += fields[i].name.length + fields[i].value.length + 2;
    return bytes;
}

struct slice canonical_query(const struct http_field *query, size_t count, struct arena *arena) {
    struct http_field *fields = arena_alloc(arena, count * sizeof *fields);
    for (size_t i = 0; i < count; i++)
        fields[i] = (struct http_field){ uri_encode(query[i].name, false, arena),
                                         uri_encode(query[i].value, false, arena) };
    sort(fields, count, true);
    char *out = arena_alloc(arena, lengths(fields, count)), *to = out;
    for (size_t i = 0; i < count; i++) {
        if (i) *to++ = '&';
        to = put(to, fields[i].name);
        *to++ = '=';
        to = put(to, fields[i].value);
    }
    return slice_from(out, (size_t)(to - out));
}

/* ---- paths ---- */

static struct slice next_segment(struct slice *path) {
    const char *slash = path->length ? memchr(path->data, '/', path->length) : NULL;
    struct slice segment = slice_first(*path, slash ? (size_t)(slash - path->data) : path->length);
    *path = slice_skip(*path, segment.length + 1);
    return segment;
}

/* RFC 3986, 5.2.4, and without empty segments; keeps a slash at the end. */
static struct slice normalise(struct slice path, struct arena *arena) {
    char *out = arena_alloc(arena, path.length + 1), *to = out;
    bool folder = true;
    for (struct slice left = path; left.length;) {
        bool last = memchr(left.data, '/', left.length) == NULL;
        struct slice segment = next_segment(&left);
        bool up = slice_is(segment, ".."), here = segment.length == 0 || slice_is(segment, ".");
        folder = up || here || !last;
        if (up) {
            while (to > out) {
                to--;
                if (*to == '/') break;
            }
        } else if (!here) {
            *to++ = '/';
            to = put(to, segment);
        }
    }
    if (folder) *to++ = '/';
    return slice_from(out, (size_t)(to - out));
}

struct slice canonical_path(struct slice path, struct arena *arena) {
    return uri_encode(normalise(path, arena), true, arena);
}

/* ---- headers ---- */

/* Changed on the way by libraries and proxies. */
static const char *const unsigned_names[] = {
    "authorization",       "connection", "expect",      "keep-alive",        "proxy-authenticate",
    "proxy-authorization", "te",         "trailer",     "transfer-encoding", "upgrade",
    "user-agent",          "baggage",    "traceparent", "tracestate",        "x-amzn-trace-id",
};

static bool is_signed(struct slice name) {
    for (size_t i = 0; i < LENGTH(unsigned_names); i++)
        if (slice_is(name, unsigned_names[i])) return false;
    return true;
}

static struct slice lower(struct slice text, struct arena *arena) {
    char *out = arena_alloc(arena, text.length);
    for (size_t i = 0; i < text.length; i++)
        out[i] =
            (char)(text.data[i] >= 'A' && text.data[i] <= 'Z' ? text.data[i] | 0x20 : text.data[i]);
    return slice_from(out, text.length);
}

/* Without spaces at the ends, runs of them made one. */
static char *put_value(char *to, struct slice value) {
    value = slice_trim(value);
    for (size_t i = 0; i < value.length; i++)
        if (value.data[i] != ' ' || value.data[i - 1] != ' ') *to++ = value.data[i];
    return to;
}

static struct slice write_lines(const struct http_field *fields, size_t count,
                                struct arena *arena) {
    char *out = arena_alloc(arena, lengths(fields, count) + count), *to = out;
    for (size_t i = 0; i < count; i++) {
        bool again = i && slice_equal(fields[i].name, fields[i - 1].name);
        if (again)
            to[-1] = ',';
        else {
            to = put(to, fields[i].name);
            *to++ = ':';
        }
        to = put_value(to, fields[i].value);
        *to++ = '\n';
    }
    return slice_from(out, (size_t)(to - out));
}

static struct slice write_names(const struct http_field *fields, size_t count,
                                struct arena *arena) {
    char *out = arena_alloc(arena, lengths(fields, count)), *to = out;
    for (size_t i = 0; i < count; i++) {
        if (i && slice_equal(fields[i].name, fields[i - 1].name)) continue;
        if (i) *to++ = ';';
        to = put(to, fields[i].name);
    }
    return slice_from(out, (size_t)(to - out));
}

struct canonical_headers canonical_headers(const struct http_field *headers, size_t count,
                                           struct arena *arena) {
    struct http_field *fields = arena_alloc(arena, count * sizeof *fields);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct slice name = lower(headers[i].name, arena);
        if (is_signed(name)) fields[kept++] = (struct http_field){ name, headers[i].value };
    }
    sort(fields, kept, false);
    return (struct canonical_headers){ write_lines(fields, kept, arena),
                                       write_names(fields, kept, arena) };
}
