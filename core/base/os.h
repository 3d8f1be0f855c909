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
    OS_NEW,    /* read and written at any place; fails when there */
    OS_UPDATE, /* read and written at any place; created when missing */
};

/* Descriptors 0, 1 and 2 that a caller left closed are taken, so that no file gets their number and
 * what is meant for a terminal; reading 0 and writing 1 or 2 then fail. First of all in main. */
void os_hold_standard_descriptors(void);
int os_open(const char *path, enum os_open_mode mode) MUST_CHECK;
void os_close(int fd);
/* Another descriptor of the same open file. */
int os_duplicate(int fd) MUST_CHECK;
/* Bytes read, 0 at the end. */
ssize_t os_read(int fd, void *into, size_t bytes) MUST_CHECK;
/* Writes all of `bytes`; false with errno after a partial write. */
bool os_write(int fd, struct slice bytes) MUST_CHECK;
/* Of a pipe, socket or terminal that nobody reads: the most that fits when anything does. */
#define OS_NOW_BYTES 4096
/* The same of at most that many, but false, and nothing written, where it would have to wait. */
bool os_write_now(int fd, struct slice bytes) MUST_CHECK;

/* ---- files that must outlive a power cut -------------------------------------------------------
 */

/* Bytes read at `offset`, fewer only at the end. */
ssize_t os_read_at(int fd, void *into, size_t bytes, uint64_t offset) MUST_CHECK;
/* All of `bytes` at `offset`; false with errno, then any part of it may have been written. */
bool os_write_at(int fd, struct slice bytes, uint64_t offset) MUST_CHECK;
/* The same, for much that will hardly be read soon: past the system's cache, which costs more than
 * the disk, where the file system can and address, length and offset are multiples of
 * OS_BLOCK_BYTES. */
#define OS_BLOCK_BYTES ((size_t)4096)
bool os_write_past_cache(int fd, struct slice bytes, uint64_t offset) MUST_CHECK;
/* The file's bytes and size are on the disk (fdatasync). After a failure nothing is known of what
 * was written since the last success, and a later success says nothing about it. */
bool os_sync(int fd) MUST_CHECK;
/* Names made, moved and removed in the folder are on the disk. */
bool os_sync_folder(const char *path) MUST_CHECK;
bool os_truncate(int fd, uint64_t bytes) MUST_CHECK;
/* `to` is replaced in one step. */
bool os_rename(const char *from, const char *to) MUST_CHECK;
bool os_remove(const char *path) MUST_CHECK;
/* Holds FOLDER/lock against other processes until the descriptor is closed, and writes our process
 * id into it. -1 with errno; EWOULDBLOCK when another process holds it: *holder is its id (0:
 * unknown). */
int os_lock_state(const char *folder, int *holder) MUST_CHECK;

enum os_kind { OS_MISSING, OS_FILE, OS_FOLDER, OS_OTHER };
struct os_info {
    enum os_kind kind;
    int64_t bytes;
    uint64_t device, inode;
    int64_t changed_ns; /* modification time since 1970 UTC */
    bool open_to_all;   /* every user may read it */
};
/* Whether both are the same file, not only of the same name. */
static inline bool os_is_same(const struct os_info *one, const struct os_info *two) {
    return one->kind == two->kind && one->device == two->device && one->inode == two->inode;
}
/* kind OS_MISSING when there is nothing; false with errno for other reasons. */
bool os_stat(const char *path, struct os_info *info) MUST_CHECK;
bool os_stat_fd(int fd, struct os_info *info) MUST_CHECK;
bool os_make_folder(const char *path) MUST_CHECK;
/* The same with everything above it that is missing; what is made is its owner's alone (0700). */
bool os_make_private_folder(const char *path) MUST_CHECK;
/* The current folder, without a slash at the end; false when unknown. */
bool os_current_folder(char *into, size_t size) MUST_CHECK;
/* Where the symbolic link `path` leads, followed by a NUL; false with EINVAL when it is none. */
bool os_read_link(const char *path, char *into, size_t size) MUST_CHECK;
/* Holds the folder against other processes until the descriptor is closed; -1 with EWOULDBLOCK when
 * another holds it. */
int os_lock_folder(const char *path) MUST_CHECK;

/* NULL when not set. Any thread as long as nobody sets variables: linnet never does. */
const char *os_environment(const char *name);
bool os_is_terminal(int fd);
/* Columns of the terminal, 80 when unknown. */
int os_terminal_columns(int fd);
/* False when unknown. */
bool os_terminal_size(int fd, int *rows, int *columns) MUST_CHECK;
/* Whoever takes a terminal over says here what is to be written to it, should the program die of a
 * fault of its own or of a lack of memory; how it is set now comes back as well. */
void os_guard_terminal(int fd, const char *restore);
void os_unguard_terminal(void);
/* A write to a closed pipe answers EPIPE instead of ending the process. Once, at the start. */
void os_ignore_closed_pipes(void);
/* How --color was given; OS_COLOR_AUTO at start. */
enum os_color { OS_COLOR_AUTO, OS_COLOR_ALWAYS, OS_COLOR_NEVER };
void os_set_color(enum os_color choice);
/* Whether to write colours there: as chosen, else by NO_COLOR, FORCE_COLOR and what the descriptor
 * is. */
bool os_use_color(int fd);
/* The folder of the running program, without a slash at the end; false when unknown. */
bool os_program_folder(char *into, size_t size) MUST_CHECK;

/* The whole file, followed by a NUL, heap-owned by the caller (memory_free); NULL with errno, EFBIG
 * when it holds more than `ceiling` bytes. */
char *os_read_file(const char *path, size_t ceiling, size_t *length) MUST_CHECK;

/* Calls `each` for every name in the folder but "." and "..", in no order. False with errno. */
bool os_list_folder(const char *path, void (*each)(void *context, const char *name),
                    void *context) MUST_CHECK;

/* ---- watching folders: inotify(7) -------------------------------------------------------------
 */

/* A descriptor that can be read when something happened in a watched folder. */
int os_watch_open(void) MUST_CHECK;
/* Watches for files of the folder that are made, moved, removed, written and closed, or change
 * their attributes. The folder's number; the same folder gives the same. */
int os_watch_add(int watch, const char *folder) MUST_CHECK;
void os_watch_remove(int watch, int folder);

struct os_change {
    int folder; /* -1: changes were lost, anything may have happened */
    const char *name;
};
/* Calls `each` for all changes that wait; `name` is valid during the call. */
void os_watch_read(int watch, void (*each)(void *context, const struct os_change *change),
                   void *context);

/* ---- local stream sockets: unix(7) ------------------------------------------------------------
 */

/* Listens at FOLDER/NAME, for this user alone (0600). What lies there is replaced: whoever calls
 * holds the folder's lock, so nobody listens at it any more. Accepting does not block. */
int os_listen_local(const char *folder, const char *name) MUST_CHECK;
/* The next client, whose descriptor does not block; -1 with EAGAIN when none waits. Of a listener
 * of either kind. */
int os_accept(int listener) MUST_CHECK;
/* A blocking connection; ENOENT or ECONNREFUSED when nobody listens. Reading and writing give up
 * with EAGAIN after `patience_ms` (0: never). */
int os_connect_local(const char *folder, const char *name, unsigned patience_ms) MUST_CHECK;
/* All of `bytes` at once, or false; a peer that has gone raises no signal. */
bool os_send(int fd, struct slice bytes) MUST_CHECK;
/* The same of as many as the socket takes now: how many; -1 with EAGAIN when it takes none. */
ssize_t os_send_some(int fd, struct slice bytes) MUST_CHECK;
/* Removes a file; it may be missing. */
void os_remove_file(const char *path);
int os_process_id(void);

/* ---- secrets ----------------------------------------------------------------------------------
 */

/* Zeroed memory that no core dump holds. */
char *os_private_memory(size_t bytes) MUST_CHECK;
void os_private_free(char *memory, size_t bytes);
/* What `sh -c COMMAND` writes, at most `size` bytes. -1 with errno: ETIMEDOUT after `patience_ms`,
 * ECHILD when it failed, EFBIG when it wrote more. What it still runs is killed. */
ssize_t os_run(const char *command, char *into, size_t size, unsigned patience_ms) MUST_CHECK;
/* The same of a program with its arguments, without a shell; the last of `words` is NULL. Also
 * ENOENT and EACCES: there is no such program, or none that may be run. */
ssize_t os_run_words(const char *const *words, char *into, size_t size,
                     unsigned patience_ms) MUST_CHECK;

/* ---- TCP sockets: tcp(7) ----------------------------------------------------------------------
 */

/* Listens at an address of 4 or 16 bytes, in network order; port 0: one that is free. Accepting
 * does not block. */
int os_listen_tcp(const unsigned char *address, size_t length, unsigned port) MUST_CHECK;
unsigned os_port(int listener);
/* Ends a connection, whose descriptor stays: reading gives the end, writing fails. */
void os_shut(int fd);

#endif
