/* What tests of JSON need: records with their padding, and the files of tests/data. */
#ifndef TESTS_PADDED_H
#define TESTS_PADDED_H

#include "base/alloc.h"
#include "base/arena.h"
#include "base/os.h"
#include "json/projection.h"

/* A copy of `text` with JSON_PADDING bytes `filling` behind it, and nothing readable after those
 * under the address sanitizer. */
static inline struct slice padded(struct arena *arena, struct slice text, char filling) {
    char *copy = arena_alloc(arena, text.length + JSON_PADDING);
    if (text.length) memcpy(copy, text.data, text.length);
    memset(copy + text.length, filling, JSON_PADDING);
    return slice_from(copy, text.length);
}

/* The file below tests/data, in the arena, padded. */
static inline struct slice data_file(struct arena *arena, const char *name) {
    char path[320];
    snprintf(path, sizeof path, "tests/data/%s", name);
    size_t length;
    char *bytes = os_read_file(path, (size_t)64 << 20, &length);
    assert_non_null(bytes);
    struct slice text = padded(arena, slice_from(bytes, length), ' ');
    memory_free(bytes);
    return text;
}

#endif
