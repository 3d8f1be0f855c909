/* config/option.h: sizes and durations as people write them. */
#include "config/option.h"
#include <math.h>
#include <stdlib.h>

struct unit {
    const char *name;
    double factor;
};

static const struct unit byte_units[] = {
    { "", 1 },         { "B", 1 },     { "kB", 1e3 },   { "KB", 1e3 },        { "MB", 1e6 },
    { "GB", 1e9 },     { "TB", 1e12 }, { "KiB", 1024 }, { "MiB", 1048576.0 }, { "GiB", 0x1p30 },
    { "TiB", 0x1p40 },
};

static const struct unit duration_units[] = {
    { "", 1e3 }, { "ms", 1 }, { "s", 1e3 }, { "m", 60e3 }, { "h", 3600e3 }, { "d", 86400e3 },
};

/* Digits with at most one point, then one of the units. */
static bool parse_quantity(struct slice text, const struct unit *units, size_t count,
                           int64_t *value) {
    char number[32];
    size_t length = 0, points = 0;
    while (length < text.length && length < sizeof number - 1 &&
           ((text.data[length] >= '0' && text.data[length] <= '9') || text.data[length] == '.')) {
        number[length] = text.data[length];
        points += number[length] == '.';
        length++;
    }
    if (length == 0 || length == points || points > 1) return false;
    number[length] = '\0';
    struct slice name = slice_trim(slice_skip(text, length));
    for (size_t i = 0; i < count; i++) {
        if (!slice_is(name, units[i].name)) continue;
        double product = strtod(number, NULL) * units[i].factor;
        if (!(product < 0x1p62)) return false;
        *value = (int64_t)llround(product);
        return true;
    }
    return false;
}

bool parse_bytes(struct slice text, int64_t *bytes) {
    return parse_quantity(text, byte_units, LENGTH(byte_units), bytes);
}

bool parse_duration(struct slice text, int64_t *ms) {
    return parse_quantity(text, duration_units, LENGTH(duration_units), ms);
}
