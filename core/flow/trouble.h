/* What a sink says of its trouble: the same once a minute, however often it comes and goes; and
 * that it works again, when it said that it does not. On the loop thread. */
#ifndef FLOW_TROUBLE_H
#define FLOW_TROUBLE_H

#include "flow/sink.h"

/* Zeroed is none. */
struct trouble {
    int now;  /* what was said and is not over; 0: nothing */
    int said; /* last */
    uint64_t said_ns;
};

/* Whether to say it; `what` is a number of the sink's own, above 0. */
bool trouble_is_news(struct trouble *trouble, int what) MUST_CHECK;
/* It works: whether to say so. */
bool trouble_is_over(struct trouble *trouble) MUST_CHECK;

/* Says it: to whoever asks how it goes and, when it is `news`, in the log. */
void trouble_say(const struct sink_context *context, bool news, const char *format, ...)
    FORMAT(3, 4);
void trouble_say_over(const struct sink_context *context);

#endif
