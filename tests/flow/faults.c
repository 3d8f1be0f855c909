/* Faults for the whole program: loaded before the C library (LD_PRELOAD), it fails or delays calls
 * while numbers in the file $LINNET_FAULTS, which a test writes at any time, say so. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* In the order of FAULTS in tests/flow/conftest.py. */
static struct faults {
    _Atomic int64_t stalls;       /* a sync takes as long as this is not 0 */
    _Atomic int64_t sync_error;   /* the errno of each sync; 0: it works */
    _Atomic int64_t syncs_left;   /* with the error: how many fail, then it is 0; 0: all */
    _Atomic int64_t write_error;  /* the same, of writes at a place */
    _Atomic int64_t create_error; /* of names that are new */
    _Atomic int64_t short_writes; /* every other write is cut, or interrupted */
    _Atomic int64_t wall_shift_s; /* of the wall clock */
} none, *faults = &none;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("LINNET_FAULTS");
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) : -1;
    if (fd < 0) return;
    void *page = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED) faults = page;
    syscall(SYS_close, fd);
}

static int failed(int64_t error) {
    errno = (int)error;
    return -1;
}

static int sync_with(long call, int fd) {
    while (faults->stalls)
        syscall(SYS_nanosleep, &(struct timespec){ .tv_nsec = 5000000 }, NULL);
    int64_t error = faults->sync_error;
    if (error == 0) return (int)syscall(call, fd);
    if (faults->syncs_left == 1) faults->sync_error = 0;
    if (faults->syncs_left) faults->syncs_left--;
    return failed(error);
}

int fsync(int fd) { return sync_with(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_with(SYS_fdatasync, fd); }

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t offset) {
    static _Atomic unsigned turn;
    if (faults->write_error) return failed(faults->write_error);
    unsigned now = faults->short_writes ? ++turn % 3 : 0;
    if (now == 1) return failed(EINTR);
    if (now == 2 && bytes > 1) bytes /= 2;
    return syscall(SYS_pwrite64, fd, from, bytes, offset);
}
ssize_t pwrite64(int fd, const void *from, size_t bytes, off64_t offset) {
    return pwrite(fd, from, bytes, offset);
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    int mode = flags & O_CREAT ? va_arg(more, int) : 0;
    va_end(more);
    if ((flags & O_CREAT) && faults->create_error && syscall(SYS_access, path, F_OK) != 0)
        return failed(faults->create_error);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += faults->wall_shift_s;
    return result;
}
