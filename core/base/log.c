/* base/log.h: one line, one write. */
#include "base/log.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/os.h"
#include <stdarg.h>
#include <stdio.h>

#define MAX_MESSAGE 2048
#define STANDARD_ERROR 2

static enum log_level lowest_level = LOG_INFO;

void log_set_level(enum log_level lowest) { lowest_level = lowest; }

/* JSON's escapes for control characters, quotes and backslashes; `json` false: only control
 * characters. */
static size_t escape(const char *text, char *out, size_t size, bool json) {
    size_t used = 0;
    for (; *text && used + 7 < size; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == 0x7f)
            used += (size_t)snprintf(out + used, size - used, json ? "\\u%04x" : "\\x%02x", byte);
        else {
            if (json && (byte == '"' || byte == '\\')) out[used++] = '\\';
            out[used++] = (char)byte;
        }
    }
    out[used] = '\0';
    return used;
}

void log_write(enum log_level level, const char *component, const char *format, ...) {
    static const char *const names[] = { "debug", "info", "warning", "error" };
    if (level < lowest_level) return;
    char message[MAX_MESSAGE], escaped[MAX_MESSAGE * 2], line[MAX_MESSAGE * 2 + 128],
        when[DATE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    bool terminal = os_is_terminal(STANDARD_ERROR);
    escape(message, escaped, sizeof escaped, !terminal);
    date_write(clock_wall_ms(), when);
    int length =
        terminal
            ? snprintf(line, sizeof line, "%.8s %s: %s: %s\n", when + 11, names[level], component,
                       escaped)
            : snprintf(line, sizeof line,
                       "{\"time\":\"%s\",\"level\":\"%s\",\"part\":\"%s\",\"message\":\"%s\"}\n",
                       when, names[level], component, escaped);
    /* A log that cannot be written must not stop the work. */
    bool written = os_write(STANDARD_ERROR, slice_from(line, (size_t)length));
    (void)written;
}
