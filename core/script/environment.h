/* What a script sees, by where its file lies. Inside loader_run only.
 *
 * Files of the configuration's own folder are data: `linnet`, `require`, `env`, `secret`, nothing
 * else. Plugins (files in a folder below it, and shipped ones) also see the library; test files, in
 * a loader made for them, also what setup.add_test_names brings. */
#ifndef SCRIPT_ENVIRONMENT_H
#define SCRIPT_ENVIRONMENT_H

#include "script/loader.h"

/* Pushes the table that the chunk of this file has as its _ENV; each kind is made once. */
void environment_push(struct loader *loader, const char *path);

#endif
