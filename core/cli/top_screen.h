/* The terminal of `linnet top`: ncurses draws a canvas and reads keys. */
#ifndef CLI_TOP_SCREEN_H
#define CLI_TOP_SCREEN_H

#include "cli/top_canvas.h"

/* Takes the terminal over; false, after it was said why, when it is not one that can be drawn on.
 * Should the program die, the terminal is put right all the same. */
bool top_screen_open(void);
void top_screen_close(void);
/* The terminal's size, after it may have changed. */
void top_screen_size(int *rows, int *columns);
void top_screen_draw(const struct top_canvas *canvas);
/* Draws everything anew, whatever is there. */
void top_screen_forget(void);
/* The next key that was typed, see top_view.h; -1: none. */
int top_screen_key(void);

#endif
