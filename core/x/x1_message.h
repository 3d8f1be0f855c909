/* The messages of a v1.1 stream that are no tweets ("Streaming message types"): limit, warning,
 * disconnect and others. Deletes are not among them. Pure. */
#ifndef X_X1_MESSAGE_H
#define X_X1_MESSAGE_H

#include "x/verdict.h"

struct x_verdict x1_message_judge(struct slice record);

#endif
