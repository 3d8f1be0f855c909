/* A pointer and a length, passed by value; never owns what it points to, need not end in NUL. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *data;
    size_t length;
};

#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })
/* For printf's "%.*s". */
#define SLICE_ARGS(slice) (int)(slice).length, (slice).data

static inline struct slice slice_of(const char *text) {
    return (struct slice){ text, text ? strlen(text) : 0 };
}

static inline struct slice slice_from(const char *data, size_t length) {
    return (struct slice){ data, length };
}

static inline bool slice_equal(struct slice a, struct slice b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool slice_is(struct slice slice, const char *text) {
    return slice_equal(slice, slice_of(text));
}

static inline bool slice_starts(struct slice slice, struct slice prefix) {
    return slice.length >= prefix.length &&
           (prefix.length == 0 || memcmp(slice.data, prefix.data, prefix.length) == 0);
}

static inline bool slice_ends(struct slice slice, struct slice suffix) {
    return slice.length >= suffix.length &&
           (suffix.length == 0 ||
            memcmp(slice.data + slice.length - suffix.length, suffix.data, suffix.length) == 0);
}

/* What is left after the first `count` bytes (at most all of them). */
static inline struct slice slice_skip(struct slice slice, size_t count) {
    size_t skip = count < slice.length ? count : slice.length;
    if (skip == 0) return slice; /* C has no NULL + 0 */
    return (struct slice){ slice.data + skip, slice.length - skip };
}

static inline struct slice slice_first(struct slice slice, size_t count) {
    return (struct slice){ slice.data, count < slice.length ? count : slice.length };
}

/* `slice` without ASCII white space (space, \t \n \v \f \r) at both ends. */
static inline struct slice slice_trim(struct slice slice) {
    while (slice.length && (slice.data[0] == ' ' || (slice.data[0] >= 9 && slice.data[0] <= 13)))
        slice = slice_skip(slice, 1);
    while (slice.length &&
           (slice.data[slice.length - 1] == ' ' ||
            (slice.data[slice.length - 1] >= 9 && slice.data[slice.length - 1] <= 13)))
        slice.length--;
    return slice;
}

#endif
