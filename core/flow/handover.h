/* Some records that are with a sink: its verdicts sorted out, what is to be tried again, what is
 * dead. Each is a piece of the log, settled when nothing of it is left. */
#ifndef FLOW_HANDOVER_H
#define FLOW_HANDOVER_H

#include "net/loop.h"
#include "store/log.h"

struct delivery;

enum handover_state {
    HANDOVER_READY,    /* to be given to the sink */
    HANDOVER_OUT,      /* the sink has it, and the log keeps its records */
    HANDOVER_TAKEN,    /* the sink has a copy */
    HANDOVER_WAITING,  /* for its next try */
    HANDOVER_HELD,     /* the same for a disk of this machine: the others wait, too, in order */
    HANDOVER_UNBURIED, /* the sink is done; its dead are to be buried */
    HANDOVER_BURYING,  /* they are on their way */
    HANDOVER_STATES
};

/* Only of handovers that need it: thousands may be taken and not answered. */
struct rest {
    struct handover *handover;
    struct record *left;   /* what is not settled; NULL: all of the piece. Heap */
    struct burial *burial; /* of its dead; NULL: none */
    unsigned attempt;      /* of what is left, from 0 */
    struct timer again;
};

struct handover {
    struct delivery *delivery;
    struct handover *before, *after; /* in log order */
    struct log_piece *piece;
    struct rest *rest;   /* NULL: nothing was refused or is to be tried again */
    int64_t received_ms; /* of the first record that is not settled */
    enum handover_state state;
};

/* The last of the delivery's, and ready. */
void handover_create(struct delivery *delivery, struct log_piece *piece);
/* The first that is ready goes to the sink, or is settled when nothing in it is for the sink. */
void handover_give_first(struct delivery *delivery);
/* Those that wait are ready now, as if it were their first try. */
void handovers_ready(struct delivery *delivery);
/* All of them are forgotten; with `settle` the log is told. None may be on its way to be buried,
 * unless the box is gone. */
void handovers_forget(struct delivery *delivery, bool settle);
/* When the first record that is not settled was received; 0: none is out. */
int64_t handovers_oldest_ms(const struct delivery *delivery);

#endif
