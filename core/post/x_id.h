/* When a post of X was written, which its id tells to the millisecond. */
#ifndef POST_X_ID_H
#define POST_X_ID_H

#include <stdint.h>

#define X_ID_EPOCH_MS INT64_C(1288834974657)
#define X_ID_TIME_SHIFT 22

static inline int64_t x_id_ms(uint64_t id) {
    return (int64_t)(id >> X_ID_TIME_SHIFT) + X_ID_EPOCH_MS;
}

/* Below all ids of that moment, above those before. */
static inline uint64_t x_id_at(int64_t ms) {
    return ms > X_ID_EPOCH_MS ? (uint64_t)(ms - X_ID_EPOCH_MS) << X_ID_TIME_SHIFT : 0;
}

#endif
