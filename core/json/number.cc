/* json/number.h on C++17's <charconv>, which is exact and knows no locale. */
#include "json/number.h"
#include <algorithm>
#include <charconv>
#include <cmath>

extern "C" bool number_integer(struct slice text, int64_t *value) {
    const char *end = text.data + text.length;
    auto [stop, failed] = std::from_chars(text.data, end, *value);
    return failed == std::errc() && stop == end && text.length > 0;
}

extern "C" bool number_double(struct slice text, double *value) {
    const char *end = text.data + text.length;
    auto [stop, failed] = std::from_chars(text.data, end, *value);
    return failed == std::errc() && stop == end && text.length > 0 && std::isfinite(*value);
}

extern "C" size_t number_write(double value, char out[NUMBER_BYTES]) {
    if (!std::isfinite(value)) return static_cast<size_t>(std::copy_n("null", 4, out) - out);
    return static_cast<size_t>(std::to_chars(out, out + NUMBER_BYTES, value).ptr - out);
}
