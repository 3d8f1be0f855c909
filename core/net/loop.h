/* The loop thread and the crew of threads that work for it: timers, descriptors, signals, tasks.
 *
 * Everything here is called on the loop thread. Callbacks run on the loop thread, except task.run.
 * The simulator links its own version, where time is virtual and a crew is a seeded order on one
 * thread. Timers, watches and signal handlers live inside their owners, zeroed before first use,
 * and stay where they are while active. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/compiler.h"
#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop *loop_create(void) MUST_CHECK;
void loop_destroy(struct loop *loop);
/* Runs callbacks until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Room for the event library's own record. */
struct loop_handle {
    _Alignas(16) char room[96];
};

struct timer {
    void (*fire)(struct timer *timer);
    struct loop *loop; /* NULL while not running */
    struct loop_handle handle;
};
/* Fires once after `delay_ms` (0: in the next round). Starting a running timer restarts it. */
void timer_start(struct loop *loop, struct timer *timer, uint64_t delay_ms);
void timer_stop(struct timer *timer);

/* A pipe, socket or terminal that is waited for; regular files are always ready: use a timer of 0.
 */
struct watch {
    void (*ready)(struct watch *watch);
    struct loop *loop; /* NULL while not watched */
    struct loop_handle handle;
};
void watch_readable(struct loop *loop, struct watch *watch, int fd);
void watch_writable(struct loop *loop, struct watch *watch, int fd);
void watch_stop(struct watch *watch);

struct signal_handler {
    void (*fire)(struct signal_handler *handler);
    struct loop *loop;
    struct loop_handle handle;
};
/* Calls `fire` on the loop each time the process gets signal `number`. */
void signal_start(struct loop *loop, struct signal_handler *handler, int number);
void signal_stop(struct signal_handler *handler);

/* A piece of work for a crew: `run` on one of its threads, then `done` on the loop. Untouched by
 * whoever submitted it until `done`. */
struct task {
    void (*run)(struct task *task, unsigned worker); /* worker: 0 … threads-1 */
    void (*done)(struct task *task);
};

struct crew;
/* `threads` threads, or 0: tasks run on the loop thread, as worker 0, one a round. At most
 * `capacity` tasks may be submitted and not done. */
struct crew *crew_create(struct loop *loop, unsigned threads, unsigned capacity) MUST_CHECK;
/* Waits for tasks that run; the others are dropped, without `done`. */
void crew_destroy(struct crew *crew);
void crew_submit(struct crew *crew, struct task *task);

#endif
