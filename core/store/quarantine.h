/* Damaged bytes, put aside before anything goes on without them: FOLDER/quarantine/
 * SEGMENT-OFFSET-LENGTH. Blocking. */
#ifndef STORE_QUARANTINE_H
#define STORE_QUARANTINE_H

#include "base/compiler.h"
#include <stdbool.h>
#include <stdint.h>

/* Copies these bytes of the segment's file, once; zeros where the disk gives nothing back. False
 * with errno. A full disk is no reason to fail: the bytes then stay where they are alone. */
bool quarantine_put(const char *folder, uint64_t segment, int fd, uint64_t offset,
                    uint64_t bytes) MUST_CHECK;

#endif
