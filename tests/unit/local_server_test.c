/* The local socket: whom it answers, whom it drops, and whose socket is replaced. */
#include "base/clock.h"
#include "base/os.h"
#include "net/local_server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include "own_folder.h"
#include <cmocka.h>

struct fixture {
    char folder[160];
    struct loop *loop;
    struct local_server *server;
    struct local_client *waiting;
    struct timer limit;
    int gone, drained;
};

static void asked(void *context, struct local_client *client, struct slice line) {
    struct fixture *fixture = context;
    if (slice_is(line, "later"))
        fixture->waiting = client;
    else
        local_answer(client, line);
}

static void gone(void *context, struct local_client *client) {
    struct fixture *fixture = context;
    assert_ptr_equal(client, fixture->waiting);
    fixture->gone++;
}

static void drained(void *context, struct local_client *client) {
    struct fixture *fixture = context;
    assert_ptr_equal(client, fixture->waiting);
    fixture->drained++;
}

static void limit(struct timer *timer) {
    loop_stop(CONTAINER_OF(timer, struct fixture, limit)->loop);
}

static void run_for(struct fixture *fixture, uint64_t ms) {
    timer_start(fixture->loop, &fixture->limit, ms);
    loop_run(fixture->loop);
}

static struct local_server *serve(struct fixture *fixture, struct error *err) {
    struct local_service service = { asked, gone, drained, fixture };
    return local_server_create(fixture->loop, fixture->folder, "s.sock", &service, err);
}

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct error err;
    /* A path that no socket's address has room for. */
    if (own_folder_make() != 0) return -1;
    snprintf(fixture->folder, sizeof fixture->folder, "%s/%0120d", own_folder, 0);
    if (!os_make_private_folder(fixture->folder)) return -1;
    fixture->loop = loop_create();
    fixture->limit.fire = limit;
    fixture->server = serve(fixture, &err);
    *state = fixture;
    return fixture->server ? 0 : -1;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    if (fixture->server) local_server_destroy(fixture->server);
    loop_destroy(fixture->loop);
    free(fixture);
    return own_folder_remove();
}

static int connect_to(const struct fixture *fixture) {
    int fd = os_connect_local(fixture->folder, "s.sock", 2000);
    assert_true(fd >= 0);
    return fd;
}

/* What the server sends until it closes. */
static struct slice read_all(int fd) {
    static char bytes[10000];
    size_t length = 0;
    ssize_t got;
    while ((got = os_read(fd, bytes + length, sizeof bytes - length)) > 0)
        length += (size_t)got;
    os_close(fd);
    return slice_from(bytes, length);
}

static void a_line_is_answered_with_a_line(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture);
    assert_true(os_send(fd, SLICE("hel")));
    run_for(fixture, 30);
    assert_true(os_send(fd, SLICE("lo\n")));
    run_for(fixture, 30);
    assert_true(slice_is(read_all(fd), "hello\n"));
}

static void a_later_answer_reaches_the_one_who_asked(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture);
    assert_true(os_send(fd, SLICE("later\n")));
    run_for(fixture, 30);
    assert_non_null(fixture->waiting);
    local_answer(fixture->waiting, SLICE("done"));
    assert_true(slice_is(read_all(fd), "done\n"));
    assert_int_equal(fixture->gone, 0);
}

static void an_answer_longer_than_the_socket_takes_at_once_arrives_whole(void **state) {
    struct fixture *fixture = *state;
    static char answer[2 << 20], got[sizeof answer + 2];
    size_t length = 0;
    int fd = connect_to(fixture);
    memset(answer, 'x', sizeof answer);
    assert_true(os_send(fd, SLICE("later\n")));
    run_for(fixture, 30);
    local_answer(fixture->waiting, slice_from(answer, sizeof answer));
    for (ssize_t some; (some = os_read(fd, got + length, sizeof got - length)) > 0;) {
        length += (size_t)some;
        run_for(fixture, 1);
    }
    os_close(fd);
    assert_int_equal(length, sizeof answer + 1);
    assert_int_equal(fixture->gone + fixture->drained, 0);
}

static void who_does_not_read_its_answer_is_let_go_and_its_service_is_not_told(void **state) {
    struct fixture *fixture = *state;
    static char answer[2 << 20];
    int fd = connect_to(fixture);
    assert_true(os_send(fd, SLICE("later\n")));
    run_for(fixture, 30);
    local_answer(fixture->waiting, slice_from(answer, sizeof answer));
    os_close(fd);
    run_for(fixture, 30);
    assert_int_equal(fixture->gone + fixture->drained, 0);
    a_line_is_answered_with_a_line(state);
}

/* Lines of 1,000 bytes until no more are taken; how many were. */
static int fill(struct fixture *fixture) {
    char line[1000];
    int sent = 0;
    memset(line, 'x', sizeof line);
    while (local_send(fixture->waiting, slice_from(line, sizeof line)))
        assert_true(++sent < 100000);
    return sent;
}

static void a_stream_gives_lines_until_its_client_leaves(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture);
    char got[16] = "";
    assert_true(os_send(fd, SLICE("later\n")));
    run_for(fixture, 30);
    assert_true(local_send(fixture->waiting, SLICE("one")));
    assert_true(local_send(fixture->waiting, SLICE("two")));
    run_for(fixture, 30);
    assert_int_equal(os_read(fd, got, sizeof got), 8);
    assert_string_equal(got, "one\ntwo\n");
    os_close(fd);
    run_for(fixture, 30);
    assert_int_equal(fixture->gone, 1);
}

static void a_stream_that_is_not_read_is_bounded_and_goes_on_where_it_was(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture);
    assert_true(os_send(fd, SLICE("later\n")));
    run_for(fixture, 30);
    int sent = fill(fixture);
    assert_true(local_is_behind(fixture->waiting));
    assert_in_range(sent, LOCAL_STREAM_BYTES / 1001, LOCAL_STREAM_BYTES / 1001 + 2000);
    static char got[4 << 20];
    size_t length = 0;
    for (int i = 0; i < 200 && !fixture->drained; i++) {
        length += (size_t)os_read(fd, got + length, sizeof got - length);
        run_for(fixture, 5);
    }
    assert_int_equal(fixture->drained, 1);
    assert_true(local_send(fixture->waiting, SLICE("end")));
    while (length < 4 || memcmp(got + length - 4, "end\n", 4) != 0)
        length += (size_t)os_read(fd, got + length, sizeof got - length);
    assert_int_equal(length, sent * 1001 + 4);
    os_close(fd);
}

static void who_asked_and_left_is_told_of_once(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture);
    assert_true(os_send(fd, SLICE("later\n")));
    run_for(fixture, 30);
    os_close(fd);
    run_for(fixture, 30);
    assert_int_equal(fixture->gone, 1);
}

static void who_asks_again_before_the_answer_is_dropped(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture);
    assert_true(os_send(fd, SLICE("later\n")));
    run_for(fixture, 30);
    assert_true(os_send(fd, SLICE("later\n")));
    run_for(fixture, 30);
    assert_int_equal(fixture->gone, 1);
    assert_int_equal(read_all(fd).length, 0);
}

static void a_line_without_end_is_not_read_on(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture);
    static char line[LOCAL_LINE_BYTES];
    memset(line, 'x', sizeof line);
    assert_true(os_send(fd, slice_from(line, sizeof line)));
    run_for(fixture, 30);
    assert_int_equal(read_all(fd).length, 0);
    assert_int_equal(fixture->gone, 0);
}

static void the_seventeenth_client_is_closed_and_others_are_served(void **state) {
    struct fixture *fixture = *state;
    int clients[LOCAL_CLIENTS];
    for (size_t i = 0; i < LOCAL_CLIENTS; i++) {
        clients[i] = connect_to(fixture);
        run_for(fixture, 5);
    }
    int more = connect_to(fixture);
    run_for(fixture, 30);
    assert_int_equal(read_all(more).length, 0);
    assert_true(os_send(clients[3], SLICE("still\n")));
    run_for(fixture, 30);
    assert_true(slice_is(read_all(clients[3]), "still\n"));
    for (size_t i = 0; i < LOCAL_CLIENTS; i++)
        if (i != 3) os_close(clients[i]);
}

static void a_silent_client_is_closed(void **state) {
    struct fixture *fixture = *state;
    int fd = connect_to(fixture);
    run_for(fixture, LOCAL_PATIENCE_MS + 200);
    assert_int_equal(read_all(fd).length, 0);
}

static void without_descriptors_who_comes_waits_and_costs_nothing(void **state) {
    struct fixture *fixture = *state;
    struct rlimit before, none;
    int fd = connect_to(fixture);
    assert_true(os_send(fd, SLICE("hello\n")));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){ 3, before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    uint64_t cpu_ns = clock_cpu_ns();
    run_for(fixture, 500);
    cpu_ns = clock_cpu_ns() - cpu_ns;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(cpu_ns < 200000000);
    run_for(fixture, 1000);
    assert_true(slice_is(read_all(fd), "hello\n"));
}

static void only_the_user_may_connect(void **state) {
    struct fixture *fixture = *state;
    char path[200];
    struct stat info;
    snprintf(path, sizeof path, "%s/s.sock", fixture->folder);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stat(fixture->folder, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void a_live_socket_is_not_replaced_and_a_stale_one_is(void **state) {
    struct fixture *fixture = *state;
    struct error err;
    char path[200];
    assert_null(serve(fixture, &err));
    assert_non_null(strstr(err.text, "another linnet runs"));
    a_line_is_answered_with_a_line(state);
    local_server_destroy(fixture->server);
    int stale = os_listen_local(fixture->folder, "s.sock");
    os_close(stale); /* as after a crash: the file stays */
    snprintf(path, sizeof path, "%s/s.sock", fixture->folder);
    assert_int_equal(access(path, F_OK), 0);
    fixture->server = serve(fixture, &err);
    assert_non_null(fixture->server);
    a_line_is_answered_with_a_line(state);
}

#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_line_is_answered_with_a_line),
        SERVER_TEST(a_later_answer_reaches_the_one_who_asked),
        SERVER_TEST(an_answer_longer_than_the_socket_takes_at_once_arrives_whole),
        SERVER_TEST(who_does_not_read_its_answer_is_let_go_and_its_service_is_not_told),
        SERVER_TEST(a_stream_gives_lines_until_its_client_leaves),
        SERVER_TEST(a_stream_that_is_not_read_is_bounded_and_goes_on_where_it_was),
        SERVER_TEST(who_asked_and_left_is_told_of_once),
        SERVER_TEST(who_asks_again_before_the_answer_is_dropped),
        SERVER_TEST(a_line_without_end_is_not_read_on),
        SERVER_TEST(the_seventeenth_client_is_closed_and_others_are_served),
        SERVER_TEST(a_silent_client_is_closed),
        SERVER_TEST(without_descriptors_who_comes_waits_and_costs_nothing),
        SERVER_TEST(only_the_user_may_connect),
        SERVER_TEST(a_live_socket_is_not_replaced_and_a_stale_one_is),
    };
    return cmocka_run_group_tests_name("local_server", tests, NULL, NULL);
}
