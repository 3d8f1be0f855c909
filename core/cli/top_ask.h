/* A question to the linnet that runs with a state folder, answered on the loop. */
#ifndef CLI_TOP_ASK_H
#define CLI_TOP_ASK_H

#include "base/buffer.h"
#include "net/loop.h"

struct top_ask {
    /* The owner's: */
    struct loop *loop;
    const char *folder;
    /* The answer without its newline; a slice without data: there is none, `running` says whether
     * anybody was there to answer. */
    void (*answered)(struct top_ask *ask, struct slice answer, bool running);
    uint64_t patience_ms;

    int fd; /* -1: none is under way */
    struct watch watch;
    struct timer patience;
    struct buffer line;
};

void top_ask_init(struct top_ask *ask);
/* Nothing when one is under way. */
void top_ask_start(struct top_ask *ask, struct slice request);
void top_ask_end(struct top_ask *ask);

#endif
