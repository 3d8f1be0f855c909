/* The tables of `linnet top`, and all about one of their rows. */
#ifndef CLI_TOP_TABLE_H
#define CLI_TOP_TABLE_H

#include "cli/top_canvas.h"
#include "cli/top_view.h"

struct top_table {
    enum top_section section;
    const struct top_row **rows;
    size_t count, chosen; /* of the rows */
    bool active;
    enum top_sort sort;
    int height; /* rows that are shown */
    uint64_t left_out;
};

/* Its heading at row `top`, its rows below. */
void top_table_put(struct top_canvas *canvas, const struct top_table *table, int top,
                   int64_t now_ms);
/* Of the row that is chosen, in the place of the tables. */
void top_detail_put(struct top_canvas *canvas, const struct top_status *status,
                    const struct top_view *view, int64_t now_ms, struct arena *arena);

#endif
