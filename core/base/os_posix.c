/* base/os.h on POSIX. */
#include "base/alloc.h"
#include "base/os.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int os_open(const char *path, enum os_open_mode mode) {
    static const int flags[] = {
        [OS_READ] = O_RDONLY,
        [OS_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [OS_CREATE] = O_WRONLY | O_CREAT | O_TRUNC,
        [OS_NEW] = O_WRONLY | O_CREAT | O_EXCL,
    };
    int fd;
    do
        fd = open(path, flags[mode] | O_CLOEXEC, 0644);
    while (fd < 0 && errno == EINTR);
    return fd;
}

void os_close(int fd) { close(fd); }

ssize_t os_read(int fd, void *into, size_t bytes) {
    ssize_t got;
    do
        got = read(fd, into, bytes);
    while (got < 0 && errno == EINTR);
    return got;
}

bool os_write(int fd, struct slice bytes) {
    while (bytes.length) {
        ssize_t put = write(fd, bytes.data, bytes.length);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        bytes = slice_skip(bytes, (size_t)put);
    }
    return true;
}

static bool fill_info(int result, const struct stat *stat, struct os_info *info) {
    *info = (struct os_info){ .kind = OS_MISSING };
    if (result != 0) return errno == ENOENT || errno == ENOTDIR;
    info->kind = S_ISREG(stat->st_mode) ? OS_FILE : S_ISDIR(stat->st_mode) ? OS_FOLDER : OS_OTHER;
    info->bytes = stat->st_size;
    info->device = stat->st_dev;
    info->inode = stat->st_ino;
    info->changed_ns = (int64_t)stat->st_mtim.tv_sec * 1000000000 + stat->st_mtim.tv_nsec;
    return true;
}

bool os_stat(const char *path, struct os_info *info) {
    struct stat answer;
    return fill_info(stat(path, &answer), &answer, info);
}

bool os_stat_fd(int fd, struct os_info *info) {
    struct stat answer;
    return fill_info(fstat(fd, &answer), &answer, info);
}

bool os_make_folder(const char *path) { return mkdir(path, 0755) == 0 || errno == EEXIST; }

const char *os_environment(const char *name) { return getenv(name); }

bool os_is_terminal(int fd) { return isatty(fd) == 1; }

int os_terminal_columns(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

static enum os_color color_choice = OS_COLOR_AUTO;

void os_set_color(enum os_color choice) { color_choice = choice; }

static bool is_set(const char *name) {
    const char *value = os_environment(name);
    return value && value[0];
}

bool os_use_color(int fd) {
    if (color_choice != OS_COLOR_AUTO) return color_choice == OS_COLOR_ALWAYS;
    if (is_set("NO_COLOR")) return false;
    return is_set("FORCE_COLOR") || os_is_terminal(fd);
}

bool os_program_folder(char *into, size_t size) {
    ssize_t length = readlink("/proc/self/exe", into, size - 1);
    if (length <= 0) return false;
    while (length > 1 && into[length - 1] != '/')
        length--;
    into[length > 1 ? length - 1 : 1] = '\0';
    return true;
}

unsigned os_processors(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (unsigned)count : 1;
}

static char *read_all(int fd, size_t ceiling, size_t *length) {
    size_t room = 16384;
    char *data = memory_alloc(room);
    *length = 0;
    for (;;) {
        ssize_t got = os_read(fd, data + *length, room - *length - 1);
        if (got == 0) break;
        if (got > 0) *length += (size_t)got;
        if (got < 0 || *length > ceiling) {
            if (got > 0) errno = EFBIG;
            memory_free(data);
            return NULL;
        }
        if (room - *length < 2) data = memory_resize(data, room *= 2);
    }
    data[*length] = '\0';
    return data;
}

char *os_read_file(const char *path, size_t ceiling, size_t *length) {
    int fd = os_open(path, OS_READ);
    if (fd < 0) return NULL;
    char *data = read_all(fd, ceiling, length);
    int failed = errno;
    os_close(fd);
    errno = failed;
    return data;
}
