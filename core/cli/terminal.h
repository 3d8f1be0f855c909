/* What a terminal can show. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>

/* Whether the locale's characters are UTF-8; else all that we draw ourselves is ASCII. */
bool terminal_is_utf8(void);

#endif
