/* base/os.h on POSIX: memory and commands for secrets. */
#include "base/clock.h"
#include "base/os.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks at a command that has written all. */
#define LOOK_MS 5

char *os_private_memory(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) abort(); /* as when any other memory is out */
    (void)madvise(memory, bytes, MADV_DONTDUMP);
    return memory;
}

void os_private_free(char *memory, size_t bytes) {
    explicit_bzero(memory, bytes);
    munmap(memory, bytes);
}

/* In a process group of its own, with the signals of a fresh process. */
static int spawn(const char *const *words, int output, pid_t *child) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, ignored;
    sigemptyset(&none);
    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &ignored);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawnp(child, words[0], &actions, &attributes, (char **)words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

/* 0, or why there is no more to be read. */
static int read_output(int fd, char *into, size_t size, uint64_t end_ns, size_t *length) {
    for (;;) {
        uint64_t now_ns = clock_monotonic_ns();
        struct pollfd wait = { .fd = fd, .events = POLLIN };
        if (now_ns >= end_ns) return ETIMEDOUT;
        if (poll(&wait, 1, (int)((end_ns - now_ns) / 1000000) + 1) <= 0) continue;
        char more;
        bool full = *length == size;
        ssize_t got = os_read(fd, full ? &more : into + *length, full ? 1 : size - *length);
        if (got < 0) return errno;
        if (got == 0) return 0;
        if (full) return EFBIG;
        *length += (size_t)got;
    }
}

/* It may have closed its output, and go on. */
static int wait_for(pid_t child, uint64_t end_ns, int *status) {
    while (waitpid(child, status, WNOHANG) == 0) {
        if (clock_monotonic_ns() >= end_ns) return ETIMEDOUT;
        (void)poll(NULL, 0, LOOK_MS);
    }
    return 0;
}

ssize_t os_run_words(const char *const *words, char *into, size_t size, unsigned patience_ms) {
    int ends[2], status = -1;
    size_t length = 0;
    pid_t child = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    int failed = spawn(words, ends[1], &child);
    close(ends[1]);
    if (failed == 0) {
        uint64_t end_ns = clock_monotonic_ns() + (uint64_t)patience_ms * 1000000;
        failed = read_output(ends[0], into, size, end_ns, &length);
        if (failed == 0) failed = wait_for(child, end_ns, &status);
        if (failed) {
            kill(-child, SIGKILL);
            while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
            }
        }
        if (failed == 0 && status != 0) failed = ECHILD;
    }
    close(ends[0]);
    errno = failed;
    return failed ? -1 : (ssize_t)length;
}

ssize_t os_run(const char *command, char *into, size_t size, unsigned patience_ms) {
    const char *const words[] = { "/bin/sh", "-c", command, NULL };
    return os_run_words(words, into, size, patience_ms);
}
