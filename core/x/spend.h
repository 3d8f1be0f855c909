/* What reading from X costs, and what is done about it near a budget. Pure.
 *
 * X bills each post that it gives out. Days and months are those of UTC. */
#ifndef X_SPEND_H
#define X_SPEND_H

#include "x/memory.h"
#include "x/settings.h"

enum x_thrift {
    X_FREE,   /* no budget is near */
    X_WARN,   /* from 80% of one */
    X_NARROW, /* from 90%: rules ask for a sample of what they find */
    X_PAUSE,  /* it is spent: nothing is read until its day or month is over */
};

/* Per cent of the posts that are read when they are fewer. */
#define X_SAMPLE 10

struct x_spend {
    enum x_thrift thrift;
    const char *period;        /* whose budget is nearest: "daily", "monthly" */
    int64_t until_ms;          /* when that period is over */
    double day, month;         /* spent */
    double day_end, month_end; /* forecasts, at the rate so far */
};

struct x_spend x_spend_of(const struct x_settings *settings, const struct x_read *read,
                          int64_t now_ms);
/* How many posts may still be read before a budget is spent; UINT64_MAX: none is set. */
uint64_t x_spend_left(const struct x_settings *settings, const struct x_read *read, int64_t now_ms);
/* For people: "12 posts today, 0.06 of 5, 0.4 at its end; 300 this month, ..."; "" when nothing was
 * read and no budget is set. */
void x_spend_print(const struct x_settings *settings, const struct x_read *read, int64_t now_ms,
                   char *out, size_t size);

#endif
