/* The only way to the system's files. Blocking; any thread.
 *
 * Every call that can fail answers -1 (or false) and sets errno; EINTR is retried inside. */
#ifndef BASE_OS_H
#define BASE_OS_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum os_open_mode {
    OS_READ,
    OS_APPEND, /* created when missing */
    OS_CREATE, /* truncated when there */
    OS_NEW,    /* fails when there */
};

int os_open(const char *path, enum os_open_mode mode) MUST_CHECK;
void os_close(int fd);
/* Bytes read, 0 at the end. */
ssize_t os_read(int fd, void *into, size_t bytes) MUST_CHECK;
/* Writes all of `bytes`; false with errno after a partial write. */
bool os_write(int fd, struct slice bytes) MUST_CHECK;

enum os_kind { OS_MISSING, OS_FILE, OS_FOLDER, OS_OTHER };
struct os_info {
    enum os_kind kind;
    int64_t bytes;
    uint64_t device, inode;
    int64_t changed_ns; /* modification time since 1970 UTC */
};
/* kind OS_MISSING when there is nothing; false with errno for other reasons. */
bool os_stat(const char *path, struct os_info *info) MUST_CHECK;
bool os_stat_fd(int fd, struct os_info *info) MUST_CHECK;
bool os_make_folder(const char *path) MUST_CHECK;

/* NULL when not set. Any thread as long as nobody sets variables: linnet never does. */
const char *os_environment(const char *name);
bool os_is_terminal(int fd);
/* Columns of the terminal, 80 when unknown. */
int os_terminal_columns(int fd);
/* How --color was given; OS_COLOR_AUTO at start. */
enum os_color { OS_COLOR_AUTO, OS_COLOR_ALWAYS, OS_COLOR_NEVER };
void os_set_color(enum os_color choice);
/* Whether to write colours there: as chosen, else by NO_COLOR, FORCE_COLOR and what the descriptor
 * is. */
bool os_use_color(int fd);
/* The folder of the running program, without a slash at the end; false when unknown. */
bool os_program_folder(char *into, size_t size) MUST_CHECK;
unsigned os_processors(void);

/* The whole file, followed by a NUL, heap-owned by the caller (memory_free); NULL with errno, EFBIG
 * when it holds more than `ceiling` bytes. */
char *os_read_file(const char *path, size_t ceiling, size_t *length) MUST_CHECK;

#endif
