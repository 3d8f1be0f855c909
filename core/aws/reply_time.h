/* What time it is where a reply comes from. */
#ifndef AWS_REPLY_TIME_H
#define AWS_REPLY_TIME_H

#include "base/clock.h"
#include "net/http_client.h"
#include "net/http_date.h"

/* By its header Date; without one, this machine's time. */
static inline int64_t reply_time_ms(const struct http_reply *reply) {
    int64_t ms;
    return http_date_read(http_reply_header(reply, "date"), &ms) ? ms : clock_wall_ms();
}

#endif
