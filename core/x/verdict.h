/* What an answer of X, or a message in its stream, means for whoever reads the stream: go on,
 * connect again later and by which ladder, wait until some moment, or give up. Pure.
 *
 * Sources: X API v2, "Response codes and errors", "Handling disconnections" and the problem models
 * of its OpenAPI description; v1.1, "Streaming message types" and "Connecting to a streaming
 * endpoint". */
#ifndef X_VERDICT_H
#define X_VERDICT_H

#include "base/slice.h"
#include "net/ladder.h"
#include <stdbool.h>
#include <stdint.h>

enum x_action {
    X_GO_ON, /* a message that asks for nothing */
    X_WAIT,  /* as the ladder says, but not before `until_ms` */
    X_STOP,  /* until `until_ms`: trying before is of no use */
    X_FATAL, /* it will never work as it is configured */
};

struct x_verdict {
    enum x_action action;
    enum ladder_failure ladder; /* X_WAIT */
    int64_t until_ms;           /* of the wall clock; 0: nothing is said */
    bool stale_token;           /* the key may not be good any more: another one may be had */
    bool rules_wrong;           /* the rules on X are not what they should be */
    bool worth_a_line;          /* X_GO_ON: whoever runs linnet should hear of it */
    uint64_t missed;  /* v1.1 limit: posts that were held back on this connection so far */
    char reason[400]; /* one sentence */
};

/* What came instead of a stream, or with an error status. */
struct x_answer {
    bool v1; /* of API 1.1 */
    int status;
    struct slice body;
    struct slice reset;    /* header x-rate-limit-reset: seconds since 1970 */
    struct slice retry;    /* header Retry-After */
    struct slice date;     /* header Date, for a clock that is wrong */
    struct slice location; /* of a redirect */
    int64_t now_ms;
};

struct x_verdict x_answer_judge(const struct x_answer *answer);

/* Whether a record of the stream can be anything else than a post. */
bool x_is_message(bool v1, struct slice record);
/* What such a record says. */
struct x_verdict x_message_judge(bool v1, struct slice record, int64_t now_ms);

#endif
