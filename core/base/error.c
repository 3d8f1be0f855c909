/* base/error.h: places, quoting and the "did you mean" distance. */
#include "base/error.h"
#include <stdint.h>
#include <stdio.h>

void error_clear(struct error *err) { *err = (struct error){ 0 }; }

bool error_set(struct error *err, enum error_kind kind, const char *format, ...) {
    error_clear(err);
    err->kind = kind;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return false;
}

void error_suggest(struct error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->suggestion, sizeof err->suggestion, format, args);
    va_end(args);
}

static bool starts_code_point(char byte) { return ((unsigned char)byte & 0xC0) != 0x80; }

static int count_code_points(struct slice bytes) {
    int count = 0;
    for (size_t i = 0; i < bytes.length; i++)
        count += starts_code_point(bytes.data[i]);
    return count;
}

/* Quotes the line around `offset`, which lies `at` bytes into it; long lines are cut on both sides.
 */
static void quote_line(struct error *err, struct slice line, size_t at) {
    size_t room = sizeof err->quoted - 1;
    size_t from = 0;
    if (line.length > room && at > room / 2) from = MIN(at - room / 2, line.length - room);
    while (from < at && !starts_code_point(line.data[from]))
        from++;
    size_t length = MIN(line.length - from, room);
    while (length && from + length < line.length && !starts_code_point(line.data[from + length]))
        length--;
    for (size_t i = 0; i < length; i++) /* a tab is one column, as the caret counts */
        err->quoted[i] = line.data[from + i] == '\t' ? ' ' : line.data[from + i];
    err->quoted[length] = '\0';
    err->caret = count_code_points(slice_from(line.data + from, at - from)) + 1;
}

void error_locate(struct error *err, const char *file, struct slice source, size_t offset) {
    if (source.data == NULL) source = SLICE("");
    size_t at = MIN(offset, source.length);
    size_t start = at;
    while (start > 0 && source.data[start - 1] != '\n')
        start--;
    size_t end = at;
    while (end < source.length && source.data[end] != '\n')
        end++;
    if (end > at && source.data[end - 1] == '\r') end--;
    err->line = 1;
    for (size_t i = 0; i < start; i++)
        err->line += source.data[i] == '\n';
    err->column = count_code_points(slice_from(source.data + start, at - start)) + 1;
    snprintf(err->file, sizeof err->file, "%s", file ? file : "");
    quote_line(err, slice_from(source.data + start, end - start), at - start);
}

/* A control character of ASCII, or the second half of U+0080 … U+009F, which terminals obey too. */
static bool is_control(const char *text, size_t at) {
    unsigned char byte = (unsigned char)text[at];
    bool upper = at > 0 && text[at - 1] == '\xC2' && byte >= 0x80 && byte < 0xA0;
    return byte < 0x20 || byte == 0x7f || upper;
}

/* One item and what follows it; returns the bytes written, which stay below `size`. */
static size_t print_item(char *out, size_t size, const char *item, const char *after) {
    int printed = snprintf(out, size, "%s", item);
    size_t length = MIN((size_t)printed, size - 1);
    for (size_t i = 0; i < length; i++)
        if (is_control(out, i)) out[i] = '?';
    printed = snprintf(out + length, size - length, "%s", after);
    return MIN(length + (size_t)printed, size - 1);
}

static size_t print_place(const struct error *err, char *out, size_t size) {
    char place[32] = ": ";
    if (err->line) snprintf(place, sizeof place, ":%d:%d: ", err->line, err->column);
    return print_item(out, size, err->file[0] ? err->file : "linnet", place);
}

size_t error_print(const struct error *err, char *out, size_t size) {
    size_t used = print_place(err, out, size);
    used += print_item(out + used, size - used, err->text, "\n");
    if (err->caret) {
        char caret[sizeof err->quoted + 16];
        snprintf(caret, sizeof caret, "\n    %*s^\n", err->caret - 1, "");
        used += print_item(out + used, size - used, "    ", "");
        used += print_item(out + used, size - used, err->quoted, caret);
    }
    if (err->suggestion[0]) {
        used += print_item(out + used, size - used, "    ", "");
        used += print_item(out + used, size - used, err->suggestion, "\n");
    }
    return used;
}

int error_exit_code(const struct error *err) {
    switch (err->kind) {
    case ERROR_NONE: return 0;
    case ERROR_USAGE: return 2;
    case ERROR_CONFIG: return 78;
    case ERROR_FAILED: break;
    }
    return 1;
}

#define MAX_NAME 48

/* Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
static size_t edit_distance(struct slice a, struct slice b) {
    uint8_t rows[3][MAX_NAME + 1];
    for (size_t j = 0; j <= b.length; j++)
        rows[0][j] = (uint8_t)j;
    for (size_t i = 1; i <= a.length; i++) {
        uint8_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= b.length; j++) {
            bool same = a.data[i - 1] == b.data[j - 1];
            uint8_t best = (uint8_t)(MIN(above[j], row[j - 1]) + 1);
            best = MIN(best, (uint8_t)(above[j - 1] + !same));
            bool swapped =
                i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1];
            if (swapped) best = MIN(best, (uint8_t)(two_above[j - 2] + 1));
            row[j] = best;
        }
    }
    return rows[a.length % 3][b.length];
}

const char *nearest_name(struct slice word, const char *(*candidate)(const void *context, size_t i),
                         const void *context) {
    if (word.length < 3 || word.length > MAX_NAME) return NULL;
    const char *nearest = NULL;
    size_t allowed = word.length > 4 ? 2 : 1, best = allowed + 1;
    for (size_t i = 0;; i++) {
        const char *name = candidate(context, i);
        if (name == NULL) return nearest;
        struct slice other = slice_of(name);
        if (other.length > MAX_NAME) continue;
        size_t distance = edit_distance(word, other);
        if (distance < best) {
            best = distance;
            nearest = name;
        }
    }
}
