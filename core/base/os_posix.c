/* base/os.h on POSIX. */
#include "base/alloc.h"
#include "base/os.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

void os_hold_standard_descriptors(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            _exit(1);
}

int os_open(const char *path, enum os_open_mode mode) {
    static const int flags[] = {
        [OS_READ] = O_RDONLY,
        [OS_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [OS_CREATE] = O_WRONLY | O_CREAT | O_TRUNC,
        [OS_NEW] = O_RDWR | O_CREAT | O_EXCL,
        [OS_UPDATE] = O_RDWR | O_CREAT,
    };
    int fd;
    do
        fd = open(path, flags[mode] | O_CLOEXEC, mode == OS_UPDATE ? 0600 : 0644);
    while (fd < 0 && errno == EINTR);
    return fd;
}

void os_close(int fd) { close(fd); }

int os_duplicate(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 0); }

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

bool os_write_now(int fd, struct slice bytes) {
    struct pollfd room = { .fd = fd, .events = POLLOUT };
    return poll(&room, 1, 0) == 1 && os_write(fd, bytes);
}

ssize_t os_read_at(int fd, void *into, size_t bytes, uint64_t offset) {
    size_t done = 0;
    while (done < bytes) {
        ssize_t got = pread(fd, (char *)into + done, bytes - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

bool os_write_at(int fd, struct slice bytes, uint64_t offset) {
    while (bytes.length) {
        ssize_t put = pwrite(fd, bytes.data, bytes.length, (off_t)offset);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        bytes = slice_skip(bytes, (size_t)put);
        offset += (uint64_t)put;
    }
    return true;
}

/* Bytes from the start on that were written; what is left is for the cache, or fails there too. */
static size_t write_direct(int fd, struct slice bytes, uint64_t offset) {
    uint64_t places = (uintptr_t)bytes.data | bytes.length | offset;
    int flags = places % OS_BLOCK_BYTES == 0 ? fcntl(fd, F_GETFL) : -1;
    size_t done = 0;
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_DIRECT) != 0) return 0;
    while (done < bytes.length && done % OS_BLOCK_BYTES == 0) {
        ssize_t put = pwrite(fd, bytes.data + done, bytes.length - done, (off_t)(offset + done));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) break;
        done += (size_t)put;
    }
    fcntl(fd, F_SETFL, flags);
    return done;
}

bool os_write_past_cache(int fd, struct slice bytes, uint64_t offset) {
    size_t done = write_direct(fd, bytes, offset);
    return os_write_at(fd, slice_skip(bytes, done), offset + done);
}

bool os_sync(int fd) { return fdatasync(fd) == 0; }

bool os_sync_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    bool synced = fsync(fd) == 0;
    int failed = errno;
    close(fd);
    errno = failed;
    return synced;
}

bool os_truncate(int fd, uint64_t bytes) {
    int result;
    do
        result = ftruncate(fd, (off_t)bytes);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

bool os_rename(const char *from, const char *to) { return rename(from, to) == 0; }

bool os_remove(const char *path) { return unlink(path) == 0; }

/* The id that whoever holds the lock wrote into it. */
static int read_holder(int fd) {
    char text[16] = "";
    return pread(fd, text, sizeof text - 1, 0) > 0 ? (int)strtol(text, NULL, 10) : 0;
}

int os_lock_state(const char *folder, int *holder) {
    char path[4096], text[16];
    *holder = 0;
    if (snprintf(path, sizeof path, "%s/lock", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = os_open(path, OS_UPDATE);
    if (fd < 0) return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
        if (os_truncate(fd, 0) && os_write_at(fd, slice_from(text, (size_t)length), 0)) return fd;
    } else if (errno == EWOULDBLOCK)
        *holder = read_holder(fd);
    int failed = errno;
    close(fd);
    errno = failed;
    return -1;
}

static bool fill_info(int result, const struct stat *stat, struct os_info *info) {
    *info = (struct os_info){ .kind = OS_MISSING };
    if (result != 0) return errno == ENOENT || errno == ENOTDIR;
    info->kind = S_ISREG(stat->st_mode) ? OS_FILE : S_ISDIR(stat->st_mode) ? OS_FOLDER : OS_OTHER;
    info->bytes = stat->st_size;
    info->device = stat->st_dev;
    info->inode = stat->st_ino;
    info->open_to_all = (stat->st_mode & S_IROTH) != 0;
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

bool os_list_folder(const char *path, void (*each)(void *context, const char *name),
                    void *context) {
    DIR *folder = opendir(path);
    if (folder == NULL) return false;
    const struct dirent *entry;
    while (errno = 0, (entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            each(context, entry->d_name);
    int failed = errno; /* a list that is not whole is none */
    closedir(folder);
    errno = failed;
    return failed == 0;
}

bool os_make_private_folder(const char *path) {
    char part[4096];
    size_t length = strlen(path);
    if (length >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            return false;
    }
    struct os_info info;
    if (!os_stat(path, &info)) return false;
    errno = info.kind == OS_MISSING ? EACCES : ENOTDIR;
    return info.kind == OS_FOLDER;
}

bool os_current_folder(char *into, size_t size) { return getcwd(into, size) != NULL; }

bool os_read_link(const char *path, char *into, size_t size) {
    ssize_t length = readlink(path, into, size - 1);
    if (length < 0) return false;
    into[length] = '\0';
    return true;
}

int os_lock_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    int failed = errno;
    close(fd);
    errno = failed;
    return -1;
}

const char *os_environment(const char *name) { return getenv(name); }

bool os_is_terminal(int fd) { return isatty(fd) == 1; }

int os_terminal_columns(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

bool os_terminal_size(int fd, int *rows, int *columns) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return false;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return true;
}

static struct {
    int fd; /* of the terminal that is guarded */
    volatile sig_atomic_t active;
    struct termios settings;
    char restore[256];
} guarded;

/* Calls only what a signal handler may. */
static void restore_terminal(void) {
    if (!guarded.active) return;
    guarded.active = 0;
    ssize_t ignored = write(guarded.fd, guarded.restore, strlen(guarded.restore));
    (void)ignored;
    tcsetattr(guarded.fd, TCSANOW, &guarded.settings);
}

static void fatal(int number) {
    restore_terminal();
    raise(number); /* whose default, set again by SA_RESETHAND, ends the process */
}

void os_guard_terminal(int fd, const char *restore) {
    static const int numbers[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    struct sigaction action = { .sa_handler = fatal, .sa_flags = SA_RESETHAND };
    if (!guarded.active && tcgetattr(fd, &guarded.settings) != 0) return;
    guarded.fd = fd;
    snprintf(guarded.restore, sizeof guarded.restore, "%s", restore);
    guarded.active = 1;
    for (size_t i = 0; i < LENGTH(numbers); i++)
        sigaction(numbers[i], &action, NULL);
    memory_set_farewell(restore_terminal);
}

void os_unguard_terminal(void) { guarded.active = 0; }

void os_ignore_closed_pipes(void) { signal(SIGPIPE, SIG_IGN); }

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

/* ---- watching folders ---- */

#define WATCHED_CHANGES                                                                            \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB)

int os_watch_open(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int os_watch_add(int watch, const char *folder) {
    return inotify_add_watch(watch, folder, WATCHED_CHANGES | IN_ONLYDIR);
}

void os_watch_remove(int watch, int folder) { inotify_rm_watch(watch, folder); }

void os_watch_read(int watch, void (*each)(void *context, const struct os_change *change),
                   void *context) {
    _Alignas(struct inotify_event) char bytes[8192];
    ssize_t got;
    while ((got = os_read(watch, bytes, sizeof bytes)) > 0)
        for (ssize_t at = 0; at < got;) {
            const struct inotify_event *event = (const void *)(bytes + at);
            bool lost = (event->mask & IN_Q_OVERFLOW) != 0;
            struct os_change change = { lost ? -1 : event->wd, event->len ? event->name : "" };
            each(context, &change);
            at += (ssize_t)(sizeof *event + event->len);
        }
}

/* ---- local stream sockets ---- */

/* Through the folder's descriptor, since a socket's path has room for 107 bytes only. */
static struct sockaddr_un local_address(int folder, const char *name) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, name);
    return address;
}

typedef int call_on_address(int fd, const struct sockaddr *address, socklen_t length);

/* A new socket of which `call` was made; -1 with errno. */
static int local_socket(const char *folder, const char *name, int flags, bool replace,
                        call_on_address *call) {
    int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at < 0) return -1;
    struct sockaddr_un address = local_address(at, name);
    if (replace) unlink(address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    /* Linux makes the socket's file with the mode that its descriptor has. */
    bool done = fd >= 0 && fchmod(fd, 0600) == 0 &&
                call(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    int failed = errno;
    close(at);
    if (!done && fd >= 0) close(fd);
    errno = failed;
    return done ? fd : -1;
}

int os_listen_local(const char *folder, const char *name) {
    int fd = local_socket(folder, name, SOCK_NONBLOCK, true, bind);
    if (fd >= 0 && listen(fd, 16) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

int os_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int os_connect_local(const char *folder, const char *name, unsigned patience_ms) {
    int fd = local_socket(folder, name, 0, false, connect);
    struct timeval patience = { patience_ms / 1000, (patience_ms % 1000) * 1000 };
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return fd;
}

ssize_t os_send_some(int fd, struct slice bytes) {
    ssize_t sent;
    do
        sent = send(fd, bytes.data, bytes.length, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

bool os_send(int fd, struct slice bytes) {
    return os_send_some(fd, bytes) == (ssize_t)bytes.length;
}

void os_remove_file(const char *path) { unlink(path); }

int os_process_id(void) { return (int)getpid(); }
