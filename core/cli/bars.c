/* cli/bars.h */
#include "cli/bars.h"
#include "base/slice.h"
#include "cli/print.h"
#include "cli/terminal.h"

/* Eighths of a cell: U+258F to U+2588 from the left, U+2581 to U+2588 from below. */
static const char *const left_eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" };
static const char *const lower_eighths[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const ascii_eighths[] = { " ", ".", ".", ":", ":", "-", "=", "#", "#" };

/* `value` of `most` in so many parts, rounded to the nearest, but never to nothing. */
static uint64_t scaled(uint64_t value, uint64_t most, uint64_t parts) {
    double exact = most ? (double)value * (double)parts / (double)most : 0;
    uint64_t near = (uint64_t)(exact + 0.5);
    return value && near == 0 ? 1 : MIN(near, parts);
}

void print_bar(uint64_t value, uint64_t most, int cells) {
    cells = MAX(0, MIN(cells, BAR_MOST_CELLS));
    if (!terminal_is_utf8()) {
        for (uint64_t left = scaled(value, most, (uint64_t)cells); left; left--)
            print("#");
        return;
    }
    uint64_t eighths = scaled(value, most, (uint64_t)cells * 8);
    for (; eighths >= 8; eighths -= 8)
        print("%s", left_eighths[8]);
    print("%s", left_eighths[eighths]);
}

void print_spark(const uint64_t *values, size_t count) {
    const char *const *eighths = terminal_is_utf8() ? lower_eighths : ascii_eighths;
    uint64_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = MAX(most, values[i]);
    for (size_t i = 0; i < count; i++)
        print("%s", eighths[scaled(values[i], most, 8)]);
}
