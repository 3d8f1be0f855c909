/* What a script sees: `linnet`, `require`, `env`, and nothing else. Inside loader_run only. */
#ifndef SCRIPT_ENVIRONMENT_H
#define SCRIPT_ENVIRONMENT_H

#include "script/loader.h"

/* Pushes the table that every chunk has as its _ENV; made once. */
void environment_push(struct loader *loader);

#endif
