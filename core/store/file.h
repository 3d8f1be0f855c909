/* Files of the state folder that are there whole or not at all, and what their errors say.
 *
 * Blocking; any thread. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include "base/error.h"
#include "base/os.h"

#define PATH_BYTES 4096
/* What a name inside the state folder may add to its path. */
#define NAME_BYTES 512

/* Makes PATH.new, empty, instead of one that was left over. The descriptor, or -1 with errno. */
int file_begin(const char *path) MUST_CHECK;
/* Syncs what file_begin made and gives it the name `path`, durably, instead of what is there. False
 * with errno; the descriptor stays open in either case. */
bool file_finish(int fd, const char *path) MUST_CHECK;
/* After a failure between the two; keeps errno. */
void file_abandon(int fd, const char *path);
/* All at once: PATH holds `bytes`. The descriptor, or -1 with errno. */
int file_publish(const char *path, struct slice bytes) MUST_CHECK;
/* The names in the folder of this file are durable. */
bool file_sync_folder_of(const char *path) MUST_CHECK;

/* Disk full, out of descriptors, ...: the same call may do later on. */
bool file_lacks_room(int error);
/* "PATH: cannot be WHAT: " and errno's text. Always false; keeps errno. */
bool file_error(struct error *err, const char *path, const char *what);

#endif
