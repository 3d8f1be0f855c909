/* What the operator reads on standard error: text on a terminal, JSON lines otherwise; to journald,
 * which keeps the time, "<4>part: message" with the priority of sd-daemon(3). Any thread.
 *
 * One call is one line; control characters in values are escaped. Nobody waits for whoever reads
 * the log: lines that find no room are lost, and counted by the next one. Never called once a post:
 * a part that may fail for each post counts, and logs once a minute. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"
#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Lines below `lowest` are dropped (LOG_INFO at start). */
void log_set_level(enum log_level lowest);
/* `component` is the part that speaks: "file", "flow", "reload". */
void log_write(enum log_level level, const char *component, const char *format, ...) FORMAT(3, 4);

/* An error with its place: `sentence`, then "file:line:column: text", the quoted line and the
 * caret; over several lines where people read it. */
void log_place(enum log_level level, const char *component, const char *sentence,
               const struct error *err);

#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_write(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)

#endif
