/* cli/print.h */
#include "cli/print.h"
#include "base/os.h"
#include "sinks/line.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define STANDARD_OUTPUT 1
#define STANDARD_ERROR 2

static char gathered[32768];
static size_t gathered_bytes;
static int target = STANDARD_OUTPUT;

static void write_out(struct slice text) {
    if (os_write(target, text)) return;
    if (errno == EPIPE) exit(0);
    complain("linnet: standard output: cannot be written: %s\n", strerror(errno));
    exit(1);
}

void print_flush(void) {
    size_t bytes = gathered_bytes;
    gathered_bytes = 0;
    if (bytes) write_out(slice_from(gathered, bytes));
}

void print_slice(struct slice text) {
    if (gathered_bytes + text.length > sizeof gathered) print_flush();
    if (text.length > sizeof gathered) {
        write_out(text);
        return;
    }
    if (text.length) memcpy(gathered + gathered_bytes, text.data, text.length);
    gathered_bytes += text.length;
}

static void print_inert(struct slice text) {
    char shown[4];
    for (size_t length; (length = inert_next(&text, shown)) > 0;)
        print_slice(slice_from(shown, length));
}

static void print_as_row(struct slice text) {
    while (text.length) {
        size_t length = 0;
        while (length < text.length && text.data[length] != '\n' && text.data[length] != '\r')
            length++;
        print_slice(slice_first(text, length));
        if (length < text.length) print_slice(SLICE(" "));
        text = slice_skip(text, MIN(length + 1, text.length));
    }
}

void print_text(struct slice text) {
    static enum { UNASKED, TERMINAL, FILE_OR_PIPE } kind;
    if (kind == UNASKED) kind = os_is_terminal(target) ? TERMINAL : FILE_OR_PIPE;
    if (kind == TERMINAL)
        print_inert(text);
    else
        print_as_row(text);
}

void print_is_complaint(void) { target = STANDARD_ERROR; }

/* The bytes that were written, without what did not fit; `text` has `size` bytes of room. */
static struct slice formatted(char *text, size_t size, const char *format, va_list args) {
    int length = vsnprintf(text, size, format, args);
    return slice_from(text, MIN((size_t)MAX(length, 0), size - 1));
}

void print(const char *format, ...) {
    char text[4096];
    va_list args;
    va_start(args, format);
    print_slice(formatted(text, sizeof text, format, args));
    va_end(args);
}

static void tell(struct slice text) {
    bool written = os_write(STANDARD_ERROR, text);
    (void)written; /* there is nobody left to tell */
}

void complain(const char *format, ...) {
    char text[4096], shown[3 * sizeof text]; /* a broken byte becomes three */
    size_t length = 0;
    va_list args;
    va_start(args, format);
    struct slice left = formatted(text, sizeof text, format, args);
    va_end(args);
    while (left.length) {
        const char *newline = memchr(left.data, '\n', left.length);
        struct slice line =
            slice_first(left, newline ? (size_t)(newline - left.data) : left.length);
        left = slice_skip(left, line.length + (newline != NULL));
        for (size_t bytes; (bytes = inert_next(&line, shown + length)) > 0;)
            length += bytes;
        if (newline) shown[length++] = '\n';
    }
    tell(slice_from(shown, length));
}

void draw(const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    tell(formatted(text, sizeof text, format, args));
    va_end(args);
}

int complain_error(const struct error *err) {
    char text[2048];
    size_t length = error_print(err, text, sizeof text);
    complain("%.*s", (int)length, text);
    return error_exit_code(err);
}
