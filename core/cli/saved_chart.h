/* What a chart of a dashboard shows, and how much room it takes. Private to cli/saved_*. */
#ifndef CLI_SAVED_CHART_H
#define CLI_SAVED_CHART_H

#include "cli/board.h"

enum chart_kind {
    CHART_VOLUME, /* posts over time, by label where there is one */
    CHART_SHARE,  /* of each label over time */
    CHART_MEAN,   /* of a number over time */
    CHART_PARTS,  /* a ring */
    CHART_BARS,   /* the most frequent values */
    CHART_TABLE,  /* the same as a table */
    CHART_MAP,
    CHART_POSTS, /* a saved search: the newest */
};

struct chart {
    const char *id, *title;
    enum chart_kind kind;
    enum board_role role;
    int width, height; /* of 48 columns; rows of 20 pixels */
};

/* All there are, in the order of the dashboard; ends with one without an id. */
extern const struct chart all_charts[];
/* Whether the board has what it needs. */
bool chart_fits(const struct chart *chart, const struct board *board);
/* The name under which a member is counted. */
struct slice counted_name(const struct board_member *member, struct arena *arena);

/* The visState of a chart: what it asks and how that is drawn, a text of JSON. */
struct slice chart_state(const struct chart *chart, const struct board *board, struct arena *arena);
/* Of a map: a specification of Vega, which asks by itself. */
struct slice map_specification(const struct board *board, struct arena *arena);

#endif
