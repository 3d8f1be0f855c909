/* store/file.h */
#include "store/file.h"
#include <errno.h>
#include <stdio.h>

static void new_path(char into[PATH_BYTES], const char *path) {
    snprintf(into, PATH_BYTES, "%s.new", path);
}

int file_begin(const char *path) {
    char made[PATH_BYTES];
    new_path(made, path);
    /* Not the file that is there: a sync of it may have failed before. */
    if (!os_remove(made) && errno != ENOENT) return -1;
    return os_open(made, OS_UPDATE);
}

bool file_sync_folder_of(const char *path) {
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    return os_sync_folder(folder[0] ? folder : "/");
}

bool file_finish(int fd, const char *path) {
    char made[PATH_BYTES];
    new_path(made, path);
    return os_sync(fd) && os_rename(made, path) && file_sync_folder_of(path);
}

void file_abandon(int fd, const char *path) {
    char made[PATH_BYTES];
    int failed = errno;
    os_close(fd);
    new_path(made, path);
    os_remove_file(made);
    errno = failed;
}

int file_publish(const char *path, struct slice bytes) {
    int fd = file_begin(path);
    if (fd < 0) return -1;
    if (os_write_at(fd, bytes, 0) && file_finish(fd, path)) return fd;
    file_abandon(fd, path);
    return -1;
}

bool file_lacks_room(int error) {
    return error == ENOSPC || error == EDQUOT || error == EMFILE || error == ENFILE;
}

bool file_error(struct error *err, const char *path, const char *what) {
    int failed = errno;
    error_set(err, ERROR_FAILED, "%.400s: cannot be %s: %s", path, what, strerror(failed));
    errno = failed;
    return false;
}
