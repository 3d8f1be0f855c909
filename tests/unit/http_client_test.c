/* HTTP requests against a server that says what the test wants, byte for byte, and hangs up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "net/http_breaker.h"
#include "net/http_client.h"

/* ---- the server: a process of its own, one connection after the other ---- */

struct script {
    const char *reply; /* NULL: nothing is ever said */
    size_t piece;      /* bytes at a time; 0: all at once */
};

static struct {
    pid_t pid;
    unsigned port;
    int heard; /* what came, read by the test */
} server;

/* Until the head and as much body as it announces is there. */
static void hear(int client, int out) {
    char bytes[65536];
    size_t length = 0, wanted = SIZE_MAX;
    while (length < wanted && length < sizeof bytes - 1) {
        ssize_t got = read(client, bytes + length, sizeof bytes - 1 - length);
        if (got <= 0) break;
        length += (size_t)got;
        bytes[length] = '\0';
        const char *end = strstr(bytes, "\r\n\r\n"), *said = strstr(bytes, "Content-Length: ");
        if (end) wanted = (size_t)(end + 4 - bytes) + (said ? strtoul(said + 16, NULL, 10) : 0);
    }
    if (write(out, bytes, length) != (ssize_t)length) _exit(1);
}

static void say(int client, const struct script *script) {
    size_t length = strlen(script->reply), piece = script->piece ? script->piece : length;
    for (size_t at = 0; at < length; at += piece) {
        size_t left = length - at;
        if (write(client, script->reply + at, MIN(piece, left)) < 0) return;
        if (script->piece) usleep(300);
    }
}

static void serve(int listener, int out, const struct script *script) {
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        hear(client, out);
        if (script->reply) say(client, script);
        if (script->reply == NULL) pause();
        close(client);
    }
}

static void start_server(const struct script *script) {
    int pipes[2], listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    assert_int_equal(0, bind(listener, (struct sockaddr *)&address, size));
    assert_int_equal(0, listen(listener, 16));
    assert_int_equal(0, getsockname(listener, (struct sockaddr *)&address, &size));
    assert_int_equal(0, pipe(pipes));
    server.port = ntohs(address.sin_port);
    server.heard = pipes[0];
    server.pid = fork();
    if (server.pid == 0) serve(listener, pipes[1], script);
    close(pipes[1]);
    close(listener);
}

static void stop_server(void) {
    kill(server.pid, SIGKILL);
    waitpid(server.pid, NULL, 0);
    close(server.heard);
}

/* ---- the client ---- */

struct asked {
    struct loop *loop;
    struct http_client *client;
    unsigned replies;
    enum http_outcome outcome;
    int status;
    char body[4096], pieces[4096], header[128], reason[256];
};

static void replied(void *context, const struct http_reply *reply) {
    struct asked *asked = context;
    struct slice header = http_reply_header(reply, "X-Test");
    asked->replies++;
    asked->outcome = reply->outcome;
    asked->status = reply->status;
    snprintf(asked->body, sizeof asked->body, "%.*s", SLICE_ARGS(reply->body));
    snprintf(asked->header, sizeof asked->header, "%.*s", SLICE_ARGS(header));
    snprintf(asked->reason, sizeof asked->reason, "%s", reply->reason ? reply->reason : "");
    loop_stop(asked->loop);
}

static void setup(struct asked *asked) {
    struct error err;
    *asked = (struct asked){ .loop = loop_create() };
    asked->client = http_client_create(asked->loop, NULL, 4, &err);
    assert_non_null(asked->client);
}

static void teardown(struct asked *asked) {
    http_client_destroy(asked->client);
    loop_destroy(asked->loop);
}

static struct http_ask get_ask(struct asked *asked, const char *path, char url[128]) {
    snprintf(url, 128, "http://127.0.0.1:%u%s", server.port, path);
    return (struct http_ask){ .method = "GET",
                              .url = url,
                              .stall_ms = 1000,
                              .most_bytes = 2048,
                              .direct = true,
                              .replied = replied,
                              .context = asked };
}

static void ask(struct asked *asked, const struct http_ask *ask) {
    (void)!http_call_start(asked->client, ask);
    loop_run(asked->loop);
}

static void ask_script(struct asked *asked, struct script script) {
    char url[128];
    start_server(&script);
    setup(asked);
    struct http_ask get = get_ask(asked, "/", url);
    ask(asked, &get);
    teardown(asked);
    stop_server();
}

#define REPLY                                                                                      \
    "HTTP/1.1 200 OK\r\nX-Test: yes\r\nTransfer-Encoding: chunked\r\n\r\n"                         \
    "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"

static void a_reply_is_the_same_in_whatever_pieces_it_comes(void **state) {
    (void)state;
    struct asked asked;
    for (size_t piece = 0; piece < sizeof REPLY; piece++) {
        ask_script(&asked, (struct script){ REPLY, piece });
        assert_int_equal(HTTP_REPLIED, asked.outcome);
        assert_int_equal(200, asked.status);
        assert_string_equal("abcde", asked.body);
        assert_string_equal("yes", asked.header);
    }
}

static void a_reply_that_is_cut_anywhere_is_none(void **state) {
    (void)state;
    struct asked asked;
    char part[sizeof REPLY];
    size_t whole = strlen(REPLY) - 2; /* the last chunk says so; only an empty line follows */
    for (size_t length = 0; length < whole; length++) {
        memcpy(part, REPLY, sizeof part);
        part[length] = '\0';
        ask_script(&asked, (struct script){ part, 0 });
        if (asked.outcome != HTTP_CUT) fail_msg("believed: %s", part);
        assert_int_equal(0, asked.status);
        assert_true(asked.reason[0]);
    }
    ask_script(&asked, (struct script){ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 0 });
    assert_int_equal(HTTP_CUT, asked.outcome);
}

static void what_is_too_long_is_cut_off(void **state) {
    (void)state;
    struct asked asked;
    char reply[4096];
    snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nContent-Length: 2049\r\n\r\n%02049d", 1);
    ask_script(&asked, (struct script){ reply, 0 });
    assert_int_equal(HTTP_TOO_LONG, asked.outcome);
    char *head = malloc(300000);
    snprintf(head, 300000, "HTTP/1.1 200 OK\r\n%s", "");
    for (size_t at = strlen(head); at < 299000; at = strlen(head))
        snprintf(head + at, 300000 - at, "X-%zu: %01000d\r\n", at, 0);
    ask_script(&asked, (struct script){ head, 0 });
    assert_int_not_equal(HTTP_REPLIED, asked.outcome);
    free(head);
}

static void a_silent_server_is_given_up(void **state) {
    (void)state;
    struct asked asked;
    ask_script(&asked, (struct script){ NULL, 0 });
    assert_int_equal(HTTP_CUT, asked.outcome);
}

static void redirects_are_replies_like_others(void **state) {
    (void)state;
    struct asked asked;
    ask_script(&asked, (struct script){ "HTTP/1.1 307 X\r\nLocation: http://169.254.169.254/\r\n"
                                        "X-Test: here\r\nContent-Length: 0\r\n\r\n",
                                        0 });
    assert_int_equal(307, asked.status);
    assert_string_equal("here", asked.header);
}

static void a_request_goes_out_as_it_was_given(void **state) {
    (void)state;
    struct asked asked;
    char url[128], heard[1024];
    const struct http_field fields[] = { { SLICE("authorization"), SLICE("AWS4 x") },
                                         { SLICE("x-empty"), SLICE("") } };
    struct script script = { "HTTP/1.1 204 No\r\n\r\n", 0 };
    start_server(&script);
    setup(&asked);
    struct http_ask put = get_ask(&asked, "/b/a//./%2Fc/../d?x=%20&y=", url);
    put.method = "PUT";
    put.headers = fields;
    put.header_count = LENGTH(fields);
    put.body = SLICE("four");
    ask(&asked, &put);
    ssize_t length = read(server.heard, heard, sizeof heard - 1);
    heard[length > 0 ? length : 0] = '\0';
    char expected[512];
    snprintf(expected, sizeof expected,
             "PUT /b/a//./%%2Fc/../d?x=%%20&y= HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
             "authorization: AWS4 x\r\nx-empty:\r\nContent-Length: 4\r\n\r\nfour",
             server.port);
    assert_string_equal(expected, heard);
    assert_int_equal(204, asked.status);
    teardown(&asked);
    stop_server();
}

static bool take_piece(void *context, struct slice bytes) {
    struct asked *asked = context;
    strncat(asked->pieces, bytes.data, bytes.length);
    return strlen(asked->pieces) < 4;
}

static void a_body_may_be_taken_piece_by_piece_and_refused(void **state) {
    (void)state;
    struct asked asked;
    char url[128];
    struct script script = { REPLY, 1 };
    start_server(&script);
    setup(&asked);
    struct http_ask get = get_ask(&asked, "/", url);
    get.piece = take_piece;
    ask(&asked, &get);
    assert_int_equal(HTTP_CUT, asked.outcome);
    assert_memory_equal("abcd", asked.pieces, 4); /* pieces may have come together */
    assert_string_equal("", asked.body);
    teardown(&asked);
    stop_server();
}

/* A reader that has room for one piece at a time, and asks for the next one from the loop. */
struct slow {
    struct asked asked;
    struct http_call *call;
    struct timer room;
    unsigned refused, taken, headed;
    bool has_room;
};

static void make_room(struct timer *timer) {
    struct slow *slow = CONTAINER_OF(timer, struct slow, room);
    slow->has_room = true;
    http_call_go_on(slow->call);
}

static bool is_full(void *context) {
    struct slow *slow = context;
    if (slow->has_room) return false;
    slow->refused++;
    timer_start(slow->asked.loop, &slow->room, 2);
    return true;
}

static bool take_slowly(void *context, struct slice bytes) {
    struct slow *slow = context;
    slow->has_room = false;
    slow->taken++;
    strncat(slow->asked.pieces, bytes.data, bytes.length);
    return true;
}

static void note_head(void *context, struct http_call *call) {
    struct slow *slow = context;
    struct slice header = http_call_header(call, "X-Test");
    assert_true(slice_is(header, "yes"));
    slow->headed++;
}

static void a_reader_without_room_holds_the_server_back_and_misses_nothing(void **state) {
    (void)state;
    struct slow slow = { .room.fire = make_room };
    char url[128];
    struct script script = { REPLY, 1 };
    start_server(&script);
    setup(&slow.asked);
    struct http_ask get = get_ask(&slow.asked, "/", url);
    get.piece = take_slowly;
    get.full = is_full;
    get.headed = note_head;
    slow.call = http_call_start(slow.asked.client, &get);
    loop_run(slow.asked.loop);
    assert_int_equal(HTTP_REPLIED, slow.asked.outcome);
    assert_string_equal("abcde", slow.asked.pieces);
    assert_in_range(slow.refused, 1, 100);
    assert_int_equal(1, slow.headed);
    timer_stop(&slow.room);
    teardown(&slow.asked);
    stop_server();
}

static void a_caller_with_a_ladder_of_its_own_is_not_made_to_rest(void **state) {
    (void)state;
    struct asked asked;
    char url[128];
    struct script script = { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 0 };
    start_server(&script);
    setup(&asked);
    struct http_ask get = get_ask(&asked, "/", url);
    get.alone = true;
    for (int i = 0; i < 3 * BREAKER_FAILURES; i++) {
        ask(&asked, &get);
        assert_int_equal(HTTP_REPLIED, asked.outcome);
    }
    teardown(&asked);
    stop_server();
}

static void a_host_that_keeps_failing_is_left_alone_and_tried_again(void **state) {
    (void)state;
    struct asked asked;
    char url[128];
    struct script script = { "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 0 };
    start_server(&script);
    setup(&asked);
    struct http_ask get = get_ask(&asked, "/", url);
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        ask(&asked, &get);
        assert_int_equal(HTTP_REPLIED, asked.outcome);
    }
    ask(&asked, &get);
    assert_int_equal(HTTP_RESTING, asked.outcome);
    stop_server();
    snprintf(url, sizeof url, "http://127.0.0.1:1/");
    ask(&asked, &get); /* another host is not left alone */
    assert_int_equal(HTTP_UNREACHABLE, asked.outcome);
    teardown(&asked);
}

static void a_breaker_lets_one_try_and_believes_it(void **state) {
    (void)state;
    struct breaker breaker = { 0 };
    uint64_t now = 1000, second = UINT64_C(1000000000);
    for (int i = 0; i < BREAKER_FAILURES; i++) {
        assert_true(breaker_allows(&breaker, now));
        breaker_note(&breaker, true, now, 7);
    }
    assert_false(breaker_allows(&breaker, now));
    assert_true(breaker_allows(&breaker, now += second));
    assert_false(breaker_allows(&breaker, now)); /* another one waits for the first */
    breaker_forget(&breaker);
    assert_true(breaker_allows(&breaker, now));
    for (int i = 0; i < 100; i++)
        breaker_note(&breaker, true, now, UINT64_MAX);
    assert_false(breaker_allows(&breaker, now + second));
    assert_true(breaker_allows(&breaker, now += BREAKER_REST_MS / 1000 * second));
    breaker_note(&breaker, false, now, 0);
    assert_true(breaker_allows(&breaker, now) && breaker_allows(&breaker, now));
}

static void a_cancelled_call_is_not_answered(void **state) {
    (void)state;
    struct asked asked;
    char url[128];
    struct script script = { REPLY, 0 };
    start_server(&script);
    setup(&asked);
    struct http_ask get = get_ask(&asked, "/", url);
    struct http_call *first = http_call_start(asked.client, &get);
    (void)!http_call_start(asked.client, &get);
    http_call_cancel(first);
    loop_run(asked.loop);
    assert_int_equal(1, asked.replies);
    (void)!http_call_start(asked.client, &get);
    teardown(&asked); /* cancels what is under way */
    assert_int_equal(1, asked.replies);
    stop_server();
}

static void nonsense_is_answered_and_goes_nowhere(void **state) {
    (void)state;
    static const char *const urls[] = { "",
                                        "http://",
                                        "file:///etc/passwd",
                                        "gopher://127.0.0.1/",
                                        "http://127.0.0.1:99999/",
                                        "not a url" };
    struct asked asked;
    char url[128];
    setup(&asked);
    for (size_t i = 0; i < LENGTH(urls); i++) {
        struct http_ask get = get_ask(&asked, "/", url);
        get.url = urls[i];
        ask(&asked, &get);
        assert_int_equal(HTTP_UNREACHABLE, asked.outcome);
        assert_true(asked.reason[0]);
    }
    teardown(&asked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_the_same_in_whatever_pieces_it_comes),
        cmocka_unit_test(a_reply_that_is_cut_anywhere_is_none),
        cmocka_unit_test(what_is_too_long_is_cut_off),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(redirects_are_replies_like_others),
        cmocka_unit_test(a_request_goes_out_as_it_was_given),
        cmocka_unit_test(a_body_may_be_taken_piece_by_piece_and_refused),
        cmocka_unit_test(a_reader_without_room_holds_the_server_back_and_misses_nothing),
        cmocka_unit_test(a_caller_with_a_ladder_of_its_own_is_not_made_to_rest),
        cmocka_unit_test(a_host_that_keeps_failing_is_left_alone_and_tried_again),
        cmocka_unit_test(a_breaker_lets_one_try_and_believes_it),
        cmocka_unit_test(a_cancelled_call_is_not_answered),
        cmocka_unit_test(nonsense_is_answered_and_goes_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
