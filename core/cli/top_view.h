/* What the person at `linnet top` has chosen, and what the keys do to it. */
#ifndef CLI_TOP_VIEW_H
#define CLI_TOP_VIEW_H

#include "cli/top_status.h"

#define TOP_HISTORY 240

enum top_sort { TOP_AS_CONFIGURED, TOP_BY_NAME, TOP_BY_RATE, TOP_BY_TOTAL, TOP_SORTS };

struct top_view {
    enum top_section section;
    enum top_sort sort[TOP_SECTIONS];
    size_t chosen[TOP_SECTIONS]; /* the place in what is listed */
    char filter[64];
    bool typing; /* the filter */
    bool help, detail, paused;
    char message[200];           /* below; "" : the keys */
    double history[TOP_HISTORY]; /* posts received a second, the latest last */
    size_t history_count;
};

/* What a key asks of whoever holds the view. */
enum top_wish { TOP_NOTHING, TOP_QUIT, TOP_RELOAD };

/* Keys beyond characters. */
enum top_key { TOP_KEY_UP = 0x110000, TOP_KEY_DOWN, TOP_KEY_ENTER, TOP_KEY_ESCAPE, TOP_KEY_ERASE };

/* `key`: a byte that was typed, or one of the above. */
enum top_wish top_view_key(struct top_view *view, int key);
/* A new status has come. */
void top_view_note(struct top_view *view, const struct top_status *status);
/* The rows of a section that the filter passes, sorted, into the arena. */
const struct top_row **top_view_rows(const struct top_view *view, const struct top_status *status,
                                     enum top_section section, struct arena *arena, size_t *count);

#endif
