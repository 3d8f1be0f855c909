/* HTTP on the loop: what is answered when, and who is cut off or refused. */
#include "base/os.h"
#include "net/http_server.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#define PATIENCE_MS 150
#define MOST 300

struct fixture {
    struct loop *loop;
    struct http_server *server;
    struct http_request *waiting;
    struct timer limit;
    int begun, asked;
    char body[200000];
};

static void answer_text(struct http_request *request, unsigned code, struct slice body) {
    http_answer(request, &(struct http_answer){ .code = code, .body = body });
}

static void begun(void *context, struct http_request *request) {
    struct fixture *fixture = context;
    fixture->begun++;
    if (slice_is(http_path(request), "/forbidden")) answer_text(request, 403, SLICE("no"));
}

/* What was asked comes back: "METHOD PATH HEADER BODY". */
static void asked(void *context, struct http_request *request) {
    struct fixture *fixture = context;
    struct slice header = http_header(request, "x-said");
    fixture->asked++;
    if (slice_is(http_path(request), "/later")) {
        fixture->waiting = request;
        return;
    }
    int length = snprintf(fixture->body, sizeof fixture->body, "<%.*s %.*s %.*s %zu>",
                          SLICE_ARGS(http_method(request)), SLICE_ARGS(http_path(request)),
                          header.data ? (int)header.length : 4, header.data ? header.data : "none",
                          http_body(request).length);
    answer_text(request, 200, slice_from(fixture->body, (size_t)length));
}

static void limit(struct timer *timer) {
    loop_stop(CONTAINER_OF(timer, struct fixture, limit)->loop);
}

static void run_for(struct fixture *fixture, uint64_t ms) {
    timer_start(fixture->loop, &fixture->limit, ms);
    loop_run(fixture->loop);
}

static void listen_anywhere(struct fixture *fixture) {
    struct address address;
    struct error err;
    assert_true(address_parse(SLICE("127.0.0.1:0"), &address));
    assert_true(http_server_listen(fixture->server, &address, &err));
}

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct http_service service = { begun, asked, fixture, PATIENCE_MS };
    fixture->loop = loop_create();
    fixture->limit.fire = limit;
    fixture->server = http_server_create(fixture->loop, &service);
    assert_non_null(fixture->server);
    listen_anywhere(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    if (fixture->server) http_server_destroy(fixture->server);
    loop_destroy(fixture->loop);
    free(fixture);
    return 0;
}

static int connect_to(const struct fixture *fixture) {
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)http_server_port(fixture->server)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* What has come so far; *ended: and nothing will any more. */
static const char *read_some(int fd, bool *ended) {
    static char bytes[20000];
    size_t length = 0;
    ssize_t got;
    while ((got = recv(fd, bytes + length, sizeof bytes - 1 - length, 0)) > 0)
        length += (size_t)got;
    bytes[length] = '\0';
    *ended = got == 0;
    return bytes;
}

/* Sends the text, and gives what was answered within a moment. */
static const char *ask(struct fixture *fixture, int fd, const char *text, bool *ended) {
    assert_true(os_send(fd, slice_of(text)));
    run_for(fixture, 30);
    return read_some(fd, ended);
}

static void has(const char *answer, const char *part) {
    if (strstr(answer, part) == NULL) fail_msg("no \"%s\" in: %s", part, answer);
}

static void a_request_is_answered_and_the_next_one_too(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    const char *answer =
        ask(fixture, fd, "GET /a?b=c HTTP/1.1\r\nHost: x\r\nX-Said: hi\r\n\r\n", &ended);
    has(answer, "HTTP/1.1 200 OK\r\n");
    has(answer, "<GET /a hi 0>");
    assert_false(ended);
    answer = ask(fixture, fd, "HEAD /b HTTP/1.1\r\nHost: x\r\n\r\n", &ended);
    has(answer, "Content-Length: 16\r\n"); /* <HEAD /b none 0> */
    assert_null(strstr(answer, "<HEAD"));
    assert_false(ended);
    close(fd);
}

static void a_path_stays_as_it_was_sent(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    has(ask(fixture, fd, "GET /%2e%2e/..//a%00 HTTP/1.1\r\nHost: x\r\n\r\n", &ended),
        "<GET /%2e%2e/..//a%00 none 0>");
    close(fd);
}

static void a_header_that_comes_twice_is_nobodys(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    has(ask(fixture, fd, "GET / HTTP/1.1\r\nHost: x\r\nX-Said: a\r\nx-said: a\r\n\r\n", &ended),
        "<GET / , 0>");
    close(fd);
}

static void a_body_comes_whole_in_pieces(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    const char *answer = ask(fixture, fd,
                             "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
                             "hel",
                             &ended);
    assert_string_equal(answer, "");
    assert_int_equal(fixture->asked, 0);
    has(ask(fixture, fd, "lo\r\n3\r\n, x\r\n0\r\n\r\n", &ended), "<POST / none 8>");
    close(fd);
}

static void a_body_that_is_too_long_gets_413(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    char piece[10001];
    memset(piece, 'x', sizeof piece - 1);
    piece[sizeof piece - 1] = '\0';
    (void)ask(fixture, fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", &ended);
    for (int i = 0; i < 9; i++) {
        assert_true(os_send(fd, slice_of(piece)));
        run_for(fixture, 2);
    }
    has(ask(fixture, fd, piece, &ended), "HTTP/1.1 413 ");
    assert_int_equal(fixture->asked, 0);
    close(fd);
}

static void who_is_refused_by_its_head_need_not_send_its_body(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    has(ask(fixture, fd, "POST /forbidden HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
            &ended),
        "HTTP/1.1 403 ");
    assert_int_equal(fixture->asked, 0);
    close(fd);
}

static void a_head_that_is_too_long_is_refused(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    static char head[40000] = "GET / HTTP/1.1\r\nHost: x\r\nX-Said: ";
    size_t length = strlen(head);
    memset(head + length, 'x', sizeof head - 1 - length);
    has(ask(fixture, fd, head, &ended), "HTTP/1.1 431 ");
    assert_int_equal(fixture->begun, 0);
    close(fd);
}

static void a_later_answer_reaches_the_one_who_asked(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    assert_string_equal(ask(fixture, fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n", &ended), "");
    run_for(fixture, 2 * PATIENCE_MS); /* it is ours to be slow now */
    assert_non_null(fixture->waiting);
    answer_text(fixture->waiting, 200, SLICE("at last"));
    run_for(fixture, 30);
    has(read_some(fd, &ended), "at last");
    has(ask(fixture, fd, "GET /again HTTP/1.1\r\nHost: x\r\n\r\n", &ended), "<GET /again");
    close(fd);
}

static void who_leaves_while_it_waits_does_no_harm(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture);
    (void)ask(fixture, fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n", &ended);
    close(fd);
    run_for(fixture, 30);
    answer_text(fixture->waiting, 200, SLICE("to nobody"));
    run_for(fixture, 30);
    assert_int_equal(http_server_counts(fixture->server).clients, 0);
}

static void a_server_that_ends_drops_those_who_wait(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int fd = connect_to(fixture), idle = connect_to(fixture);
    (void)ask(fixture, fd, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n", &ended);
    http_server_destroy(fixture->server);
    fixture->server = NULL;
    (void)read_some(fd, &ended);
    assert_true(ended);
    close(fd);
    close(idle);
}

static void a_slow_client_is_cut_off_however_it_drips(void **state) {
    struct fixture *fixture = *state;
    bool ended = false;
    int idle = connect_to(fixture), slow = connect_to(fixture);
    const char *text = "GET / HTTP/1.1\r\nHost: x\r\nX: abcdefghijklmnopqrstuvwxyz";
    for (int i = 0; i < 30 && !ended; i++) {
        (void)!send(slow, text + i, 1, MSG_NOSIGNAL);
        run_for(fixture, 10);
        (void)read_some(slow, &ended);
    }
    assert_true(ended);
    (void)read_some(idle, &ended);
    assert_true(ended);
    assert_int_equal(http_server_counts(fixture->server).cut, 2);
    assert_int_equal(http_server_counts(fixture->server).clients, 0);
    close(idle);
    close(slow);
}

static void one_client_too_many_is_told_so_and_places_come_free(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    int idle[HTTP_CLIENTS];
    for (int i = 0; i < HTTP_CLIENTS; i++)
        idle[i] = connect_to(fixture);
    run_for(fixture, 30);
    int late = connect_to(fixture);
    const char *answer = ask(fixture, late, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &ended);
    has(answer, "HTTP/1.1 503 ");
    has(answer, "Retry-After: 10\r\n");
    assert_true(ended);
    close(late);
    for (int i = 0; i < HTTP_CLIENTS; i++)
        close(idle[i]);
    run_for(fixture, 30);
    late = connect_to(fixture);
    has(ask(fixture, late, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &ended), "<GET / none 0>");
    close(late);
}

static void hundreds_of_clients_wait_in_the_queue(void **state) {
    struct fixture *fixture = *state;
    int idle[MOST];
    for (int i = 0; i < MOST; i++) {
        idle[i] = connect_to(fixture);
        if (i % 40 == 0) run_for(fixture, 5);
    }
    run_for(fixture, 30);
    assert_int_equal(http_server_counts(fixture->server).clients, HTTP_CLIENTS + HTTP_REFUSED);
    for (int i = 0; i < MOST; i++)
        close(idle[i]);
    run_for(fixture, 50);
    assert_int_equal(http_server_counts(fixture->server).clients, 0);
}

static void who_is_connected_is_let_go_after_a_move(void **state) {
    struct fixture *fixture = *state;
    bool ended;
    unsigned before = http_server_port(fixture->server);
    int old = connect_to(fixture);
    run_for(fixture, 10);
    listen_anywhere(fixture);
    assert_int_not_equal(http_server_port(fixture->server), before);
    has(ask(fixture, old, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &ended), "Connection: close\r\n");
    assert_true(ended);
    int new = connect_to(fixture);
    has(ask(fixture, new, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &ended), "<GET /");
    assert_false(ended);
    close(old);
    close(new);
}

static void a_port_that_is_taken_is_an_error(void **state) {
    struct fixture *fixture = *state;
    struct address address;
    struct error err;
    struct http_service service = { begun, asked, fixture, 0 };
    struct http_server *other = http_server_create(fixture->loop, &service);
    assert_true(address_parse(SLICE("127.0.0.1:0"), &address));
    address.port = http_server_port(fixture->server);
    assert_false(http_server_listen(other, &address, &err));
    assert_string_equal(err.text, "Address already in use");
    assert_int_equal(http_server_port(other), 0);
    http_server_destroy(other);
}

static void what_is_no_http_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const char *const texts[] = {
        "\r\n\r\n\r\nhello\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    };
    for (size_t i = 0; i < LENGTH(texts); i++) {
        bool ended;
        int fd = connect_to(fixture);
        const char *answer = ask(fixture, fd, texts[i], &ended);
        if (strstr(answer, "HTTP/1.1 200")) fail_msg("%zu: %s", i, answer);
        close(fd);
    }
    assert_int_equal(fixture->asked, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered_and_the_next_one_too),
        TEST(a_path_stays_as_it_was_sent),
        TEST(a_header_that_comes_twice_is_nobodys),
        TEST(a_body_comes_whole_in_pieces),
        TEST(a_body_that_is_too_long_gets_413),
        TEST(who_is_refused_by_its_head_need_not_send_its_body),
        TEST(a_head_that_is_too_long_is_refused),
        TEST(a_later_answer_reaches_the_one_who_asked),
        TEST(who_leaves_while_it_waits_does_no_harm),
        TEST(a_server_that_ends_drops_those_who_wait),
        TEST(a_slow_client_is_cut_off_however_it_drips),
        TEST(one_client_too_many_is_told_so_and_places_come_free),
        TEST(hundreds_of_clients_wait_in_the_queue),
        TEST(who_is_connected_is_let_go_after_a_move),
        TEST(a_port_that_is_taken_is_an_error),
        TEST(what_is_no_http_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
