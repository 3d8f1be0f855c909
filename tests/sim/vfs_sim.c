/* SQLite's files on the simulated disk: a VFS over base/os.h, for one connection a file.
 *
 * The index of a write-ahead log lies in memory and goes with the process, as after a crash. New
 * journals have their folder synced with their first sync, as on Unix. */
#include "vfs_sim.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/os.h"
#include "store/file.h"
#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define JOURNALS (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL | SQLITE_OPEN_SUPER_JOURNAL)

struct file {
    sqlite3_file base;
    int fd;
    bool is_new;      /* a journal whose name is not synced yet */
    const char *path; /* SQLite keeps it */
    void **regions;   /* of the log's index */
    int region_count;
};

static struct file *file_of(sqlite3_file *base) { return (struct file *)(void *)base; }

static int file_close(sqlite3_file *base) {
    os_close(file_of(base)->fd);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *into, int bytes, sqlite3_int64 offset) {
    ssize_t got = os_read_at(file_of(base)->fd, into, (size_t)bytes, (uint64_t)offset);
    if (got < 0) return SQLITE_IOERR_READ;
    memset((char *)into + got, 0, (size_t)(bytes - got));
    return got == bytes ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *from, int bytes, sqlite3_int64 offset) {
    if (os_write_at(file_of(base)->fd, slice_from(from, (size_t)bytes), (uint64_t)offset))
        return SQLITE_OK;
    return errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 bytes) {
    return os_truncate(file_of(base)->fd, (uint64_t)bytes) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int file_sync(sqlite3_file *base, int flags) {
    struct file *file = file_of(base);
    (void)flags;
    if (!os_sync(file->fd)) return SQLITE_IOERR_FSYNC;
    if (file->is_new) (void)!file_sync_folder_of(file->path); /* nor does SQLite look */
    file->is_new = false;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *bytes) {
    struct os_info info;
    if (!os_stat_fd(file_of(base)->fd, &info)) return SQLITE_IOERR_FSTAT;
    *bytes = info.bytes;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level) {
    (void)base, (void)level;
    return SQLITE_OK;
}

static int file_is_locked(sqlite3_file *base, int *locked) {
    (void)base;
    *locked = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sectors(sqlite3_file *base) {
    (void)base;
    return 512;
}

/* As SQLite takes for granted on Unix: what lies beside a write that is cut off stays whole. */
static int file_promises(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **at) {
    struct file *file = file_of(base);
    *at = NULL;
    if (region >= file->region_count && !extend) return SQLITE_OK;
    while (file->region_count <= region) {
        file->regions =
            memory_resize(file->regions, (size_t)(file->region_count + 1) * sizeof *file->regions);
        file->regions[file->region_count++] = memory_zeroed(1, (size_t)bytes);
    }
    *at = file->regions[region];
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    (void)base, (void)offset, (void)count, (void)flags;
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base) { (void)base; }

static int shm_unmap(sqlite3_file *base, int remove) {
    struct file *file = file_of(base);
    (void)remove;
    for (int i = 0; i < file->region_count; i++)
        memory_free(file->regions[i]);
    memory_free(file->regions);
    file->regions = NULL;
    file->region_count = 0;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = { .iVersion = 2,
                                            .xClose = file_close,
                                            .xRead = file_read,
                                            .xWrite = file_write,
                                            .xTruncate = file_truncate,
                                            .xSync = file_sync,
                                            .xFileSize = file_size,
                                            .xLock = file_lock,
                                            .xUnlock = file_lock,
                                            .xCheckReservedLock = file_is_locked,
                                            .xFileControl = file_control,
                                            .xSectorSize = file_sectors,
                                            .xDeviceCharacteristics = file_promises,
                                            .xShmMap = shm_map,
                                            .xShmLock = shm_lock,
                                            .xShmBarrier = shm_barrier,
                                            .xShmUnmap = shm_unmap };

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                    int *granted) {
    struct file *file = file_of(base);
    struct os_info info;
    (void)vfs;
    *file = (struct file){ .fd = -1 };
    assert(path && "no temporary files");
    if (!os_stat(path, &info)) return SQLITE_CANTOPEN;
    bool makes = info.kind == OS_MISSING;
    if (makes && !(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    file->fd = os_open(path, flags & SQLITE_OPEN_READONLY ? OS_READ : OS_UPDATE);
    if (file->fd < 0) return SQLITE_CANTOPEN;
    file->is_new = makes && (flags & JOURNALS);
    file->path = path;
    file->base.pMethods = &methods;
    if (granted) *granted = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    (void)vfs;
    if (!os_remove(path)) return errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
    return !sync || file_sync_folder_of(path) ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *there) {
    struct os_info info;
    (void)vfs, (void)flags;
    *there = os_stat(path, &info) && info.kind == OS_FILE && info.bytes > 0;
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *full) {
    (void)vfs;
    snprintf(full, (size_t)size, "%s", path);
    return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int bytes, char *into) {
    (void)vfs;
    for (int i = 0; i < bytes; i++)
        into[i] = (char)random_bits();
    return bytes;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *julian_ms) {
    (void)vfs;
    *julian_ms = clock_wall_ms() + INT64_C(210866760000000);
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *text) {
    (void)vfs, (void)size, (void)text;
    return errno;
}

void vfs_sim_install(void) {
    static sqlite3_vfs vfs = { .iVersion = 2,
                               .szOsFile = sizeof(struct file),
                               .mxPathname = PATH_BYTES,
                               .zName = "sim",
                               .xOpen = vfs_open,
                               .xDelete = vfs_delete,
                               .xAccess = vfs_access,
                               .xFullPathname = vfs_full_path,
                               .xRandomness = vfs_random,
                               .xSleep = vfs_sleep,
                               .xGetLastError = vfs_last_error,
                               .xCurrentTimeInt64 = vfs_time };
    sqlite3_vfs_register(&vfs, 1);
}
