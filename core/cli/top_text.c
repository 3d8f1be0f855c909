/* cli/top_text.h */
#include "cli/top_text.h"
#include "base/compiler.h"
#include <stdio.h>

void top_count(uint64_t value, char out[TOP_TEXT_BYTES]) {
    static const char letters[] = "kMGTPE";
    double shown = (double)value;
    if (value < 10000) {
        snprintf(out, TOP_TEXT_BYTES, "%u", (unsigned)value);
        return;
    }
    size_t at = 0;
    for (shown /= 1000; shown >= 999.5 && letters[at + 1]; at++)
        shown /= 1000;
    int places = shown < 9.995 ? 2 : shown < 99.95 ? 1 : 0;
    snprintf(out, TOP_TEXT_BYTES, "%.*f%c", places, shown, letters[at]);
}

void top_rate(double rate, char out[TOP_TEXT_BYTES]) {
    char number[TOP_TEXT_BYTES];
    if (rate < 0) {
        snprintf(out, TOP_TEXT_BYTES, "-");
        return;
    }
    if (rate < 99.95)
        snprintf(number, sizeof number, "%.1f", rate);
    else
        top_count((uint64_t)(rate + 0.5), number);
    snprintf(out, TOP_TEXT_BYTES, "%.28s/s", number);
}

void top_span(int64_t ms, char out[TOP_TEXT_BYTES]) {
    unsigned long long s = (unsigned long long)MAX(ms, (int64_t)0) / 1000;
    if (s >= 2 * 365 * 86400ULL)
        snprintf(out, TOP_TEXT_BYTES, "%lluy", s / (365 * 86400));
    else if (s >= 86400)
        snprintf(out, TOP_TEXT_BYTES, "%llud%02lluh", s / 86400, s / 3600 % 24);
    else if (s >= 3600)
        snprintf(out, TOP_TEXT_BYTES, "%lluh%02llum", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(out, TOP_TEXT_BYTES, "%llum%02llus", s / 60, s % 60);
    else if (s >= 10)
        snprintf(out, TOP_TEXT_BYTES, "%llus", s);
    else
        snprintf(out, TOP_TEXT_BYTES, "%.1fs", (double)MAX(ms, (int64_t)0) / 1000);
}

void top_age(int64_t then_ms, int64_t now_ms, char out[TOP_TEXT_BYTES]) {
    if (then_ms && now_ms)
        top_span(now_ms - then_ms, out);
    else
        snprintf(out, TOP_TEXT_BYTES, "-");
}

int top_step(double value, double most) {
    if (!(most > 0) || !(value > 0)) return 0;
    return MIN(7, (int)(value / most * 7.999));
}
