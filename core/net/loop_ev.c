/* net/loop.h on libev and POSIX threads. */
#include "base/alloc.h"
#include "base/queue.h"
#include "net/loop.h"
#include <assert.h>
#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

struct loop {
    struct ev_loop *ev;
};

#define HANDLE_OF(owner, kind) ((kind *)(void *)(owner)->handle.room)

static_assert(sizeof(ev_timer) <= sizeof(struct loop_handle), "room for a timer");
static_assert(sizeof(ev_io) <= sizeof(struct loop_handle), "room for a watch");
static_assert(sizeof(ev_signal) <= sizeof(struct loop_handle), "room for a signal");

struct loop *loop_create(void) {
    struct loop *loop = memory_zeroed(1, sizeof *loop);
    loop->ev = ev_loop_new(EVFLAG_AUTO);
    return loop;
}

void loop_destroy(struct loop *loop) {
    ev_loop_destroy(loop->ev);
    memory_free(loop);
}

void loop_run(struct loop *loop) { ev_run(loop->ev, 0); }

void loop_stop(struct loop *loop) { ev_break(loop->ev, EVBREAK_ALL); }

static void timer_fired(struct ev_loop *ev, ev_timer *watcher, int events) {
    (void)ev, (void)events;
    struct timer *timer = watcher->data;
    timer->loop = NULL;
    timer->fire(timer);
}

void timer_start(struct loop *loop, struct timer *timer, uint64_t delay_ms) {
    timer_stop(timer);
    ev_timer *watcher = HANDLE_OF(timer, ev_timer);
    if (delay_ms > 0) ev_now_update(loop->ev);
    ev_timer_init(watcher, timer_fired, (double)delay_ms / 1000.0, 0.0);
    watcher->data = timer;
    timer->loop = loop;
    ev_timer_start(loop->ev, watcher);
}

void timer_stop(struct timer *timer) {
    if (timer->loop) ev_timer_stop(timer->loop->ev, HANDLE_OF(timer, ev_timer));
    timer->loop = NULL;
}

static void watch_ready(struct ev_loop *ev, ev_io *watcher, int events) {
    (void)ev, (void)events;
    struct watch *watch = watcher->data;
    watch->ready(watch);
}

static void watch_for(struct loop *loop, struct watch *watch, int fd, int events) {
    watch_stop(watch);
    ev_io *watcher = HANDLE_OF(watch, ev_io);
    ev_io_init(watcher, watch_ready, fd, events);
    watcher->data = watch;
    watch->loop = loop;
    ev_io_start(loop->ev, watcher);
}

void watch_readable(struct loop *loop, struct watch *watch, int fd) {
    watch_for(loop, watch, fd, EV_READ);
}

void watch_writable(struct loop *loop, struct watch *watch, int fd) {
    watch_for(loop, watch, fd, EV_WRITE);
}

void watch_stop(struct watch *watch) {
    if (watch->loop) ev_io_stop(watch->loop->ev, HANDLE_OF(watch, ev_io));
    watch->loop = NULL;
}

static void signal_came(struct ev_loop *ev, ev_signal *watcher, int events) {
    (void)ev, (void)events;
    struct signal_handler *handler = watcher->data;
    handler->fire(handler);
}

void signal_start(struct loop *loop, struct signal_handler *handler, int number) {
    signal_stop(handler);
    ev_signal *watcher = HANDLE_OF(handler, ev_signal);
    ev_signal_init(watcher, signal_came, number);
    watcher->data = handler;
    handler->loop = loop;
    ev_signal_start(loop->ev, watcher);
}

void signal_stop(struct signal_handler *handler) {
    if (handler->loop) ev_signal_stop(handler->loop->ev, HANDLE_OF(handler, ev_signal));
    handler->loop = NULL;
}

struct crew {
    struct loop *loop;
    unsigned thread_count;
    struct queue *waiting, *finished;
    ev_async wake;     /* a thread has finished a task */
    struct timer turn; /* without threads: the next task */
    struct crew_thread {
        pthread_t thread;
        struct crew *crew;
        unsigned worker;
    } threads[];
};

static void push(struct queue *queue, struct task *task) {
    bool room = queue_push(queue, task);
    assert(room && "a crew got more tasks than its capacity");
    (void)room;
}

static void *work(void *context) {
    struct crew_thread *self = context;
    struct task *task;
    while ((task = queue_pop(self->crew->waiting))) {
        task->run(task, self->worker);
        push(self->crew->finished, task);
        ev_async_send(self->crew->loop->ev, &self->crew->wake);
    }
    return NULL;
}

static void hand_back(struct ev_loop *ev, ev_async *watcher, int events) {
    (void)ev, (void)events;
    struct crew *crew = watcher->data;
    struct task *task;
    while ((task = queue_try_pop(crew->finished)))
        task->done(task);
}

static void take_turn(struct timer *timer) {
    struct crew *crew = CONTAINER_OF(timer, struct crew, turn);
    struct task *task = queue_try_pop(crew->waiting);
    if (task == NULL) return;
    timer_start(crew->loop, timer, 0);
    task->run(task, 0);
    task->done(task);
}

struct crew *crew_create(struct loop *loop, unsigned threads, unsigned capacity) {
    struct crew *crew = memory_zeroed(1, sizeof *crew + threads * sizeof crew->threads[0]);
    *crew = (struct crew){ .loop = loop, .thread_count = threads, .turn.fire = take_turn };
    crew->waiting = queue_create(capacity);
    crew->finished = queue_create(capacity);
    ev_async_init(&crew->wake, hand_back);
    crew->wake.data = crew;
    ev_async_start(loop->ev, &crew->wake);
    sigset_t all, before; /* signals are the loop thread's alone */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (unsigned i = 0; i < threads; i++) {
        crew->threads[i] = (struct crew_thread){ .crew = crew, .worker = i };
        if (pthread_create(&crew->threads[i].thread, NULL, work, &crew->threads[i]) == 0) continue;
        crew->thread_count = i; /* fewer, or none: then the loop works itself */
        break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return crew;
}

void crew_destroy(struct crew *crew) {
    while (queue_try_pop(crew->waiting)) {
    }
    queue_close(crew->waiting);
    for (unsigned i = 0; i < crew->thread_count; i++)
        pthread_join(crew->threads[i].thread, NULL);
    timer_stop(&crew->turn);
    ev_async_stop(crew->loop->ev, &crew->wake);
    queue_destroy(crew->waiting);
    queue_destroy(crew->finished);
    memory_free(crew);
}

void crew_submit(struct crew *crew, struct task *task) {
    push(crew->waiting, task);
    if (crew->thread_count == 0 && crew->turn.loop == NULL) timer_start(crew->loop, &crew->turn, 0);
}
