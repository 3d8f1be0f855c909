/* base/log.h: one line, one write, or none where it would have to wait. */
#include "base/log.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/os.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#define MAX_MESSAGE 2048
#define MAX_ESCAPED (OS_NOW_BYTES - 256) /* what stands around it fits, too */
#define STANDARD_ERROR 2

static enum log_level lowest_level = LOG_INFO;

void log_set_level(enum log_level lowest) { lowest_level = lowest; }

/* Bytes of the well-formed UTF-8 sequence at `at` (RFC 3629, table of section 4); 0: there is none.
 * What follows must be readable up to a NUL. */
static size_t sequence_length(const unsigned char *at) {
    if (at[0] < 0x80) return 1;
    if (at[0] < 0xC2 || at[0] > 0xF4) return 0;
    size_t length = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    unsigned lowest = at[0] == 0xE0 ? 0xA0 : at[0] == 0xF0 ? 0x90 : 0x80;
    unsigned highest = at[0] == 0xED ? 0x9F : at[0] == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < lowest || at[1] > highest) return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xC0) != 0x80) return 0;
    return length;
}

/* How the character at `at`, of `length` bytes, is shown: controls as "\\x1b", or as JSON wants
 * them; broken bytes as '?'. */
static int show(char out[16], const unsigned char *at, size_t length, bool json) {
    unsigned control = length == 2 && at[0] == 0xC2 ? at[1] : at[0];
    if (length == 0) return snprintf(out, 16, "?");
    if (length < 3 && (control < 0x20 || (control >= 0x7F && control < 0xA0)))
        return snprintf(out, 16, json ? "\\u%04x" : "\\x%02x", control);
    if (json && (at[0] == '"' || at[0] == '\\')) return snprintf(out, 16, "\\%c", at[0]);
    memcpy(out, at, length);
    return (int)length;
}

/* As many whole characters of `text` as there is room for. */
static void escape(const char *text, char *out, size_t size, bool json) {
    size_t used = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        char shown[16];
        size_t step = sequence_length(at);
        size_t length = (size_t)show(shown, at, step, json);
        if (used + length >= size) break;
        memcpy(out + used, shown, length);
        used += length;
        at += step ? step : 1;
    }
    out[used] = '\0';
}

/* JOURNAL_STREAM is "DEVICE:INODE" of what systemd connected to journald (systemd.exec(5)). */
static bool is_journal(void) {
    const char *stream = os_environment("JOURNAL_STREAM");
    char own[48];
    struct os_info info;
    if (stream == NULL || !os_stat_fd(STANDARD_ERROR, &info)) return false;
    snprintf(own, sizeof own, "%llu:%llu", (unsigned long long)info.device,
             (unsigned long long)info.inode);
    return strcmp(stream, own) == 0;
}

enum target { TERMINAL, JOURNAL, PROGRAM };

static enum target find_target(void) {
    return os_is_terminal(STANDARD_ERROR) ? TERMINAL : is_journal() ? JOURNAL : PROGRAM;
}

/* The line; part and message are escaped. */
static struct slice compose(enum target target, enum log_level level, const char *part,
                            const char *message, char line[OS_NOW_BYTES]) {
    static const char *const names[] = { "debug", "info", "warning", "error" };
    static const int priorities[] = { 7, 6, 4, 3 }; /* syslog(3) */
    char when[DATE_BYTES];
    int bytes = 0;
    date_write(clock_wall_ms(), when);
    switch (target) {
    case TERMINAL:
        bytes = snprintf(line, OS_NOW_BYTES, "%.8s %s: %s: %s\n", when + 11, names[level], part,
                         message);
        break;
    case JOURNAL:
        bytes = snprintf(line, OS_NOW_BYTES, "<%d>%s: %s\n", priorities[level], part, message);
        break;
    case PROGRAM:
        bytes = snprintf(line, OS_NOW_BYTES,
                         "{\"time\":\"%s\",\"level\":\"%s\",\"part\":\"%s\",\"message\":\"%s\"}\n",
                         when, names[level], part, message);
    }
    return slice_from(line, (size_t)bytes);
}

/* Lines that found no room since the last one that did. */
static _Atomic unsigned lost_lines;

static void put(struct slice line) {
    if (!os_write_now(STANDARD_ERROR, line)) lost_lines++;
}

static void tell_lost(enum target target) {
    char text[80], line[OS_NOW_BYTES];
    unsigned lost = atomic_exchange(&lost_lines, 0);
    if (lost == 0) return;
    snprintf(text, sizeof text, "%u lines before this one are lost: nobody read the log", lost);
    if (!os_write_now(STANDARD_ERROR, compose(target, LOG_WARNING, "log", text, line)))
        lost_lines += lost;
}

void log_write(enum log_level level, const char *component, const char *format, ...) {
    if (level < lowest_level) return;
    char message[MAX_MESSAGE], escaped[MAX_ESCAPED], part[128], line[OS_NOW_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    enum target target = find_target();
    escape(message, escaped, sizeof escaped, target == PROGRAM);
    escape(component, part, sizeof part, target == PROGRAM);
    tell_lost(target);
    put(compose(target, level, part, escaped, line));
}

void log_place(enum log_level level, const char *component, const char *sentence,
               const struct error *err) {
    if (level < lowest_level) return;
    char block[MAX_MESSAGE - 512], *rest = block;
    size_t bytes = error_print(err, block, sizeof block);
    enum target target = find_target();
    if (target == PROGRAM) {
        block[bytes - 1] = '\0'; /* its closing newline */
        log_write(level, component, "%.400s\n%s", sentence, block);
        return;
    }
    log_write(level, component, "%.400s", sentence);
    if (target == TERMINAL) put(slice_from(block, bytes));
    for (const char *one; target == JOURNAL && (one = strsep(&rest, "\n")) && rest;)
        log_write(level, component, "%s", one);
}
