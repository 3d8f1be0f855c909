"""Only the seams reach the system: what every object file imports is looked at with nm -u.

Files, time, randomness, memory, threads and sockets have one door each (base/os.h, clock.h,
alloc.h, net/loop.h), so that the simulator can stand behind it.
"""
import re
import subprocess

SEAMS = {"base/os_posix", "base/os_tcp_posix", "base/os_run_posix", "base/clock_posix",
         "base/alloc_libc", "net/loop_ev"}
# C++ lives here, and the library behind it allocates with new.
CPLUSPLUS = re.compile(r"json/|text/lang$")

SYSTEM = set("""
    open openat creat read write pread pwrite readv writev lseek fsync fdatasync syncfs
    rename renameat unlink unlinkat remove mkdir mkdirat rmdir truncate ftruncate fallocate close
    stat fstat lstat fstatat access opendir readdir closedir flock fcntl ioctl mmap
    fopen fdopen freopen fclose fread fwrite fgets fgetc getc getline fflush fseek ftell
    printf fprintf vprintf vfprintf dprintf vdprintf puts fputs fputc putc putchar perror
    stdin stdout stderr
    clock_gettime clock time gettimeofday nanosleep usleep sleep clock_nanosleep
    getrandom getentropy rand random srand srandom rand_r drand48 arc4random
    getenv secure_getenv setenv system popen fork execve execv execvp kill signal sigaction
    socket connect accept accept4 bind listen send sendto sendmsg recv recvfrom recvmsg
    getaddrinfo poll select epoll_create1 epoll_wait eventfd pipe pipe2
    malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf aligned_alloc
    posix_memalign pthread_create thrd_create
""".split())
NEW_AND_DELETE = re.compile(r"_Zn[wa]|_Zd[la]")


def plain_name(symbol):
    """read for __read_chk, stat for stat64, time for time@GLIBC_2.2."""
    name = symbol.split("@")[0]
    name = re.sub(r"^_+(?:isoc\d+_)?(\w+?)_chk$", r"\1", name)
    return re.sub(r"64$", "", name)


def is_forbidden(unit, symbol):
    """`unit` is an object's path below core/, without its suffix."""
    if unit in SEAMS:
        return False
    name = plain_name(symbol)
    if NEW_AND_DELETE.match(name):
        return not CPLUSPLUS.match(unit)
    return name in SYSTEM or name.startswith("ev_")


def check(imports):
    """`imports` is {unit: symbols that it does not define}."""
    for unit, symbols in imports.items():
        for symbol in sorted(symbols):
            if is_forbidden(unit, symbol):
                yield f"core/{unit}", 1, f"calls {plain_name(symbol)} past the seams"


def read_imports(build):
    """Of the objects below `build`/core whose source is still there."""
    imports = {}
    for path in sorted((build / "core").rglob("*.o")):
        unit = path.relative_to(build / "core").with_suffix("").as_posix()
        listed = subprocess.run(["nm", "-u", "-P", str(path)], capture_output=True, text=True,
                                check=True).stdout
        imports[unit] = {line.split()[0] for line in listed.splitlines() if line.strip()}
    return imports
