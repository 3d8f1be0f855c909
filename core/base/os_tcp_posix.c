/* base/os.h on POSIX: TCP sockets. */
#include "base/os.h"
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static socklen_t tcp_address(const unsigned char *address, size_t length, unsigned port,
                             struct sockaddr_storage *into) {
    memset(into, 0, sizeof *into);
    if (length == 4) {
        struct sockaddr_in *v4 = (void *)into;
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        memcpy(&v4->sin_addr, address, length);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (void *)into;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    memcpy(&v6->sin6_addr, address, MIN(length, sizeof v6->sin6_addr));
    return sizeof *v6;
}

int os_listen_tcp(const unsigned char *address, size_t length, unsigned port) {
    struct sockaddr_storage at;
    socklen_t size = tcp_address(address, length, port, &at);
    int one = 1;
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    bool good = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
                bind(fd, (const struct sockaddr *)&at, size) == 0 && listen(fd, 64) == 0;
    if (good) return fd;
    int failed = errno;
    close(fd);
    errno = failed;
    return -1;
}

unsigned os_port(int listener) {
    struct sockaddr_storage at = { 0 };
    socklen_t size = sizeof at;
    if (getsockname(listener, (struct sockaddr *)&at, &size) != 0) return 0;
    return ntohs(at.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)&at)->sin6_port
                                          : ((const struct sockaddr_in *)&at)->sin_port);
}

void os_shut(int fd) { shutdown(fd, SHUT_RDWR); }
