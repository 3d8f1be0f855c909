/* store/quarantine.h */
#include "store/quarantine.h"
#include "store/file.h"
#include <errno.h>
#include <stdio.h>

#define BLOCK_BYTES ((size_t)4096)

/* Block for block, so that one that cannot be read costs no other. */
static bool copy(int from, int to, uint64_t offset, uint64_t bytes) {
    char block[BLOCK_BYTES];
    for (uint64_t done = 0, length; done < bytes; done += length) {
        length = MIN(BLOCK_BYTES - (offset + done) % BLOCK_BYTES, bytes - done);
        memset(block, 0, sizeof block);
        if (os_read_at(from, block, (size_t)length, offset + done) < 0 && errno != EIO)
            return false;
        if (!os_write_at(to, slice_from(block, (size_t)length), done)) return false;
    }
    return true;
}

bool quarantine_put(const char *folder, uint64_t segment, int fd, uint64_t offset, uint64_t bytes) {
    char path[PATH_BYTES];
    struct os_info info;
    snprintf(path, sizeof path, "%s/quarantine/%020llu-%llu-%llu", folder,
             (unsigned long long)segment, (unsigned long long)offset, (unsigned long long)bytes);
    if (!os_stat(path, &info)) return false;
    if (info.kind != OS_MISSING) return true;
    int to = file_begin(path);
    bool put = to >= 0 && copy(fd, to, offset, bytes) && file_finish(to, path);
    if (put)
        os_close(to);
    else if (to >= 0)
        file_abandon(to, path);
    return put || errno == ENOSPC || errno == EDQUOT;
}
