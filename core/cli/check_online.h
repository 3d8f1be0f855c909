/* What `linnet check --online` does: each part that talks to a server tries what it needs of it. */
#ifndef CLI_CHECK_ONLINE_H
#define CLI_CHECK_ONLINE_H

#include "config/snapshot.h"

/* Prints a line for each thing that was tried; false when any of it failed. */
bool check_online(const struct snapshot *snapshot);

#endif
