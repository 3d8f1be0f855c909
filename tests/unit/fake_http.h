/* HTTP servers that answer as a test wants: a process of its own, one request a connection. */
#ifndef TESTS_FAKE_HTTP_H
#define TESTS_FAKE_HTTP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAKE_REQUESTS 64
#define FAKE_BYTES 8192

/* What the test and its server share. */
struct fake_seen {
    int count; /* of requests, those that were not kept too */
    int mood;  /* what the test wants of the answers */
    char requests[FAKE_REQUESTS][FAKE_BYTES];
};

static struct {
    pid_t pid;
    unsigned port;
    struct fake_seen *seen;
} fake;

/* Writes head and body of the answer to `request`, the `number`-th from 0; "" is silence. */
typedef void fake_answer(const char *request, int number, char *reply);

static inline void fake_say(char *reply, const char *status, const char *headers,
                            const char *body) {
    snprintf(reply, FAKE_BYTES,
             "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n%s", status,
             strlen(body), headers, body);
}

/* Head, and as much body as it announces. */
static inline void fake_hear(int client, char *bytes) {
    size_t length = 0, wanted = SIZE_MAX;
    while (length < wanted && length < FAKE_BYTES - 1) {
        ssize_t got = read(client, bytes + length, FAKE_BYTES - 1 - length);
        if (got <= 0) break;
        length += (size_t)got;
        bytes[length] = '\0';
        const char *end = strstr(bytes, "\r\n\r\n"), *said = strstr(bytes, "Content-Length: ");
        if (end) wanted = (size_t)(end + 4 - bytes) + (said ? strtoul(said + 16, NULL, 10) : 0);
    }
    bytes[length] = '\0';
}

static inline void fake_serve(int listener, fake_answer *answer) {
    static char request[FAKE_BYTES], reply[FAKE_BYTES];
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        fake_hear(client, request);
        int number = fake.seen->count;
        if (number < FAKE_REQUESTS) strcpy(fake.seen->requests[number], request);
        reply[0] = '\0';
        answer(request, number, reply);
        __atomic_store_n(&fake.seen->count, number + 1, __ATOMIC_SEQ_CST);
        if (reply[0] && write(client, reply, strlen(reply)) < 0) _exit(1);
        if (reply[0]) close(client); /* a silent one stays open */
    }
}

static inline void fake_start(fake_answer *answer) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(0, bind(listener, (struct sockaddr *)&address, size));
    assert_int_equal(0, listen(listener, 64));
    assert_int_equal(0, getsockname(listener, (struct sockaddr *)&address, &size));
    fake.port = ntohs(address.sin_port);
    fake.seen =
        mmap(NULL, sizeof *fake.seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(fake.seen != MAP_FAILED);
    fake.pid = fork();
    if (fake.pid == 0) fake_serve(listener, answer);
    close(listener);
}

static inline void fake_stop(void) {
    if (fake.pid <= 0) return;
    kill(fake.pid, SIGKILL);
    waitpid(fake.pid, NULL, 0);
    munmap(fake.seen, sizeof *fake.seen);
    fake.pid = 0;
}

static inline int fake_count(void) { return __atomic_load_n(&fake.seen->count, __ATOMIC_SEQ_CST); }

/* How many requests begin so. */
static inline int fake_count_of(const char *start) {
    int found = 0;
    for (int i = 0; i < fake_count() && i < FAKE_REQUESTS; i++)
        found += strncmp(fake.seen->requests[i], start, strlen(start)) == 0;
    return found;
}

/* "http://127.0.0.1:PORT" and `path`; good until four others were asked for. */
static inline const char *fake_url(const char *path) {
    static char urls[4][200];
    static unsigned next;
    char *url = urls[next++ % 4];
    snprintf(url, sizeof urls[0], "http://127.0.0.1:%u%s", fake.port, path);
    return url;
}

#endif
