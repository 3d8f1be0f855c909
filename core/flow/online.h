/* Whether the server that a source or sink talks to can be used: `linnet check --online`. On the
 * loop thread; whoever asks owns the struct and keeps it until the end. */
#ifndef FLOW_ONLINE_H
#define FLOW_ONLINE_H

#include "base/error.h"
#include "net/loop.h"

struct online {
    struct loop *loop;
    /* What was tried: "list", "put". `why` NULL: it works; else one sentence. */
    void (*tried)(struct online *online, const char *what, const char *why);
    /* Nothing more comes; `end` is next, from another callback. */
    void (*done)(struct online *online);
};

/* What a part that talks to a server has for it; zero: it talks to none. */
struct online_ops {
    /* Begins; never answers before it returns. NULL with *err when it cannot; NULL with
     * err->kind ERROR_NONE: these settings name no server. */
    void *(*begin)(const void *settings, struct online *online, struct error *err);
    void (*end)(void *trying);
};

#endif
