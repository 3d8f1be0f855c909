/* When a stream that was lost is connected to again, as X documents it for its streams: at once
 * when a standing one drops; else later from failure to failure, each kind in steps of its own.
 * Pure; its numbers may be kept across restarts. */
#ifndef NET_LADDER_H
#define NET_LADDER_H

#include <stdint.h>

enum ladder_failure {
    LADDER_DROP,    /* an established stream ended: 0, then as LADDER_NETWORK */
    LADDER_NETWORK, /* no connection, or silence: 250 ms, 500 ms, 750 ms, ... 16 s */
    LADDER_SERVER,  /* an HTTP error: 5 s, 10 s, 20 s, ... 320 s */
    LADDER_RATE,    /* too many connections or requests: 60 s, 120 s, ... 960 s */
};

#define LADDER_LONGEST_MS 960000

/* All 0 when nothing has failed since the last stream that stood. */
struct ladder {
    uint32_t drops;
    uint32_t network_ms, server_ms; /* the last wait of each kind */
};

/* Notes a failure and gives the wait before the next try, in milliseconds. */
uint64_t ladder_fail(struct ladder *ladder, enum ladder_failure failure);

#endif
