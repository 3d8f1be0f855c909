/* base/os.h on the disk in memory, instead of base/os_posix.c. */
#include "base/alloc.h"
#include "base/os.h"
#include "disk.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_DESCRIPTOR 100

/* NULL in a process that is dead, and for a descriptor from before the last restart. */
static struct inode *opened(int fd) {
    int at = fd - FIRST_DESCRIPTOR - disk->restarts * DESCRIPTORS;
    return disk->dead || at < 0 || at >= DESCRIPTORS ? NULL : disk->open[at];
}

static const char *path_of(const struct inode *inode) { return inode ? inode->path : ""; }

/* The call fails without an inode, too. */
static bool step_on(unsigned call, const struct inode *inode, bool *half) {
    return step(call, path_of(inode), half) && inode;
}

static bool fail_with(int error) {
    errno = error;
    return false;
}

/* A new name in its folder. */
static struct inode *create(const char *path, bool folder) {
    char last[NAME_BYTES];
    struct inode *parent = find_folder(path, last);
    if (parent == NULL || !step(SIM_CREATE, path, NULL)) return NULL;
    struct inode *inode = make_inode(folder, parent, path);
    change_name(parent, "", last, inode);
    return inode;
}

int os_open(const char *path, enum os_open_mode mode) {
    struct inode *inode = find(path);
    if (!step(SIM_OPEN, path, NULL)) return -1;
    if (inode == NULL && mode == OS_READ) return fail_with(ENOENT) - 1;
    if (inode && mode == OS_NEW) return fail_with(EEXIST) - 1;
    if (inode == NULL) inode = create(path, false);
    if (inode == NULL) return -1;
    assert(mode == OS_READ || mode == OS_UPDATE || mode == OS_NEW);
    for (int i = 0; i < DESCRIPTORS; i++)
        if (disk->open[i] == NULL) {
            disk->open[i] = inode;
            return FIRST_DESCRIPTOR + disk->restarts * DESCRIPTORS + i;
        }
    return fail_with(EMFILE) - 1;
}

static void forget_descriptor(int fd) { disk->open[(fd - FIRST_DESCRIPTOR) % DESCRIPTORS] = NULL; }

void os_close(int fd) {
    struct inode *inode = opened(fd);
    if (inode == NULL) return;
    inode->locked = false;
    forget_descriptor(fd);
}

ssize_t os_read_at(int fd, void *into, size_t bytes, uint64_t offset) {
    const struct inode *inode = opened(fd);
    if (!step_on(SIM_READ, inode, NULL)) return -1;
    size_t there = inode->bytes.length - MIN(inode->bytes.length, offset);
    size_t got = MIN(bytes, there);
    if (got) memcpy(into, inode->bytes.data + offset, got);
    return (ssize_t)got;
}

bool os_write_at(int fd, struct slice bytes, uint64_t offset) {
    struct inode *inode = opened(fd);
    bool half = false, whole = step_on(SIM_WRITE, inode, &half);
    if (inode == NULL) return false;
    int failed = errno;
    size_t length = whole ? bytes.length : half ? bytes.length / 2 : 0;
    if (length) {
        struct change *change = add_change(inode);
        change->bytes = take(length);
        change->offset = offset;
        change->length = length;
        memcpy(change->bytes, bytes.data, length);
        bytes_put(&inode->bytes, bytes.data, length, offset);
    }
    errno = failed;
    return whole;
}

/* This disk's cache forgets at a power cut what no sync followed, as a real disk's own does. */
bool os_write_past_cache(int fd, struct slice bytes, uint64_t offset) {
    return os_write_at(fd, bytes, offset);
}

bool os_sync(int fd) {
    struct inode *inode = opened(fd);
    bool synced = step_on(SIM_SYNC, inode, NULL);
    if (synced) keep_changes(inode);
    if (inode && !disk->dead) forget_changes(inode); /* a failed one drops them all the same */
    return synced;
}

bool os_sync_folder(const char *path) {
    struct inode *folder = find(path);
    if (!step(SIM_SYNC_FOLDER, path, NULL)) return false;
    if (folder == NULL) return fail_with(ENOENT);
    keep_changes(folder);
    forget_changes(folder);
    return true;
}

bool os_truncate(int fd, uint64_t bytes) {
    struct inode *inode = opened(fd);
    if (!step_on(SIM_TRUNCATE, inode, NULL)) return false;
    add_change(inode)->length = bytes;
    bytes_resize(&inode->bytes, bytes);
    return true;
}

bool os_rename(const char *from, const char *to) {
    char gone[NAME_BYTES], there[NAME_BYTES];
    struct inode *inode = find(from), *folder = find_folder(from, gone);
    struct inode *target = find_folder(to, there);
    if (!step(SIM_RENAME, to, NULL)) return false;
    if (inode == NULL || target == NULL) return fail_with(ENOENT);
    snprintf(inode->path, NAME_BYTES, "%s", to);
    /* Between two folders a power cut may lose either half. */
    if (target != folder) change_name(target, "", there, inode);
    change_name(folder, gone, target == folder ? there : "", inode);
    return true;
}

bool os_remove(const char *path) {
    char gone[NAME_BYTES];
    struct inode *inode = find(path), *folder = find_folder(path, gone);
    if (!step(SIM_REMOVE, path, NULL)) return false;
    if (inode == NULL) return fail_with(ENOENT);
    change_name(folder, gone, "", inode);
    return true;
}

void os_remove_file(const char *path) { (void)!os_remove(path); }

static bool fill_info(const struct inode *inode, struct os_info *info) {
    *info = (struct os_info){ .kind = OS_MISSING };
    if (inode == NULL) return true;
    info->kind = inode->folder ? OS_FOLDER : OS_FILE;
    info->bytes = (int64_t)inode->bytes.length;
    info->inode = inode->number;
    return true;
}

bool os_stat(const char *path, struct os_info *info) {
    return step(SIM_STAT, path, NULL) && fill_info(find(path), info);
}

bool os_stat_fd(int fd, struct os_info *info) {
    const struct inode *inode = opened(fd);
    return step_on(SIM_STAT, inode, NULL) && fill_info(inode, info);
}

/* With everything above it that is missing. */
bool os_make_private_folder(const char *path) {
    char part[NAME_BYTES];
    for (size_t i = 1; i <= strlen(path); i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        const struct inode *inode = find(part);
        if (inode == NULL) inode = create(part, true);
        if (inode == NULL) return false;
        if (!inode->folder) return fail_with(ENOTDIR);
    }
    return step(SIM_STAT, path, NULL);
}

/* A copy of the names: who is called may change the folder. */
bool os_list_folder(const char *path, void (*each)(void *context, const char *name),
                    void *context) {
    const struct inode *folder = find(path);
    if (!step(SIM_LIST, path, NULL)) return false;
    if (folder == NULL) return fail_with(ENOENT);
    size_t count = 0;
    for (const struct name *name = folder->names; name; name = name->next)
        count++;
    char(*names)[NAME_BYTES] = memory_zeroed(count + 1, NAME_BYTES), (*at)[NAME_BYTES] = names;
    for (const struct name *name = folder->names; name; name = name->next)
        memcpy(at++, name->text, NAME_BYTES);
    for (size_t i = 0; i < count; i++)
        each(context, names[i]);
    memory_free(names);
    return true;
}

char *os_read_file(const char *path, size_t ceiling, size_t *length) {
    const struct inode *inode = find(path);
    if (!step(SIM_READ, path, NULL)) return NULL;
    if (inode == NULL || inode->bytes.length > ceiling) {
        errno = inode ? EFBIG : ENOENT;
        return NULL;
    }
    *length = inode->bytes.length;
    char *copy = memory_zeroed(1, *length + 1);
    if (*length) memcpy(copy, inode->bytes.data, *length);
    return copy;
}

int os_lock_state(const char *folder, int *holder) {
    char path[NAME_BYTES];
    *holder = 1;
    snprintf(path, sizeof path, "%.200s/lock", folder);
    int fd = os_open(path, OS_UPDATE);
    if (fd >= 0 && !opened(fd)->locked) return opened(fd)->locked = true, fd;
    if (fd >= 0) forget_descriptor(fd);
    return fail_with(fd < 0 ? errno : EWOULDBLOCK) - 1;
}

/* ---- what linnet asks for beside the disk --------------------------------------------------- */

/* What is said on a terminal goes into the trace. */
bool os_write_now(int fd, struct slice bytes) {
    char text[NAME_BYTES];
    (void)fd;
    snprintf(text, sizeof text, "%.*s", (int)MIN(bytes.length, sizeof text - 1), bytes.data);
    if (sim_told) sim_told(0, text, false);
    return true;
}

bool os_write(int fd, struct slice bytes) { return os_write_now(fd, bytes); }

bool os_make_folder(const char *path) { return os_make_private_folder(path); }

bool os_current_folder(char *into, size_t size) {
    snprintf(into, size, "/");
    return true;
}

const char *os_environment(const char *name) {
    (void)name;
    return NULL;
}

bool os_is_terminal(int fd) {
    (void)fd;
    return false;
}

bool os_use_color(int fd) {
    (void)fd;
    return false;
}

int os_process_id(void) { return 1; }

/* There is nothing on this machine to read a secret from. */

ssize_t os_read(int fd, void *into, size_t bytes) {
    (void)fd, (void)into, (void)bytes;
    errno = EBADF;
    return -1;
}

char *os_private_memory(size_t bytes) { return memory_zeroed(1, bytes); }

void os_private_free(char *memory, size_t bytes) {
    (void)bytes;
    memory_free(memory);
}

ssize_t os_run(const char *command, char *into, size_t size, unsigned patience_ms) {
    (void)command, (void)into, (void)size, (void)patience_ms;
    errno = ENOSYS;
    return -1;
}

ssize_t os_run_words(const char *const *words, char *into, size_t size, unsigned patience_ms) {
    (void)words, (void)into, (void)size, (void)patience_ms;
    errno = ENOSYS;
    return -1;
}
