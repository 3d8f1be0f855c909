/* The screen of `linnet top`: a status and a view become cells. Knows no terminal. */
#ifndef CLI_TOP_LAYOUT_H
#define CLI_TOP_LAYOUT_H

#include "cli/top_canvas.h"
#include "cli/top_view.h"

#define TOP_LEAST_COLUMNS 60
#define TOP_LEAST_ROWS 15

/* On a canvas that was begun; `now_ms` is what ages are counted to. Keeps what is chosen within
 * what is listed. */
void top_layout(struct top_canvas *canvas, const struct top_status *status, struct top_view *view,
                int64_t now_ms);

#endif
