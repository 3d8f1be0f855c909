/* cli/print.h */
#include "cli/print.h"
#include "base/os.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define STANDARD_OUTPUT 1
#define STANDARD_ERROR 2

static char gathered[32768];
static size_t gathered_bytes;

static void write_out(struct slice text) {
    if (os_write(STANDARD_OUTPUT, text)) return;
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

void print(const char *format, ...) {
    char text[4096];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_slice(slice_from(text, MIN((size_t)length, sizeof text - 1)));
}

void complain(const char *format, ...) {
    char text[4096];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bool written = os_write(STANDARD_ERROR, slice_from(text, MIN((size_t)length, sizeof text - 1)));
    (void)written; /* there is nobody left to tell */
}

int complain_error(const struct error *err) {
    char text[2048];
    size_t length = error_print(err, text, sizeof text);
    complain("%.*s", (int)length, text);
    return error_exit_code(err);
}
