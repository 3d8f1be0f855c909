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

namespace {

/* Whether a number that no double holds is a small one: the place of its first digit that is not 0,
 * seen from the point, and its exponent tell. */
bool is_tiny(struct slice text) {
    const char *at = text.data, *end = text.data + text.length;
    int64_t place = 0, exponent = 0;
    bool nonzero = false, fraction = false;
    for (; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '.') fraction = true;
        nonzero |= *at >= '1' && *at <= '9';
        if (*at >= '0' && *at <= '9') place += nonzero ? !fraction : -fraction;
    }
    if (end - at > 1 && at[1] == '-' && end - at > 18) return true;
    at += end - at > 1 && at[1] == '+' ? 2 : 1;
    if (at < end && std::from_chars(at, end, exponent).ec != std::errc()) return false;
    return place + exponent < 0;
}

} // namespace

extern "C" bool number_double(struct slice text, double *value) {
    const char *end = text.data + text.length;
    auto [stop, failed] = std::from_chars(text.data, end, *value);
    if (stop != end || text.length == 0) return false;
    if (failed == std::errc::result_out_of_range && is_tiny(text)) {
        *value = text.data[0] == '-' ? -0.0 : 0.0;
        return true;
    }
    return failed == std::errc() && std::isfinite(*value);
}

extern "C" size_t number_write(double value, char out[NUMBER_BYTES]) {
    if (!std::isfinite(value)) return static_cast<size_t>(std::copy_n("null", 4, out) - out);
    return static_cast<size_t>(std::to_chars(out, out + NUMBER_BYTES, value).ptr - out);
}
