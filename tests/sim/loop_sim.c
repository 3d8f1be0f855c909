/* net/loop.h in virtual time. What is due is kept in order of its time, ties are broken by the
 * seed; a crew's tasks run on this thread, each in a lane that stands for a thread: later, and with
 * time between `run` and `done` in which anything else may happen. */
#include "loop_sim.h"
#include "base/alloc.h"
#include "base/queue.h"
#include "net/loop.h"
#include "world.h"
#include <assert.h>

void (*loop_sim_step)(void);

struct due {
    uint64_t at_ns, tie;
    void (*come)(struct due *due);
    struct due *next;
};

struct loop {
    struct due *first;
    bool stopped;
};

static_assert(sizeof(struct due) <= sizeof(struct loop_handle), "room for what is due");

static bool is_before(const struct due *a, const struct due *b) {
    return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->tie < b->tie);
}

static void plan(struct loop *loop, struct due *due, uint64_t delay_ns) {
    struct due **link = &loop->first;
    due->at_ns = world->now_ns + delay_ns;
    due->tie = draw(UINT64_MAX);
    while (*link && is_before(*link, due))
        link = &(*link)->next;
    due->next = *link;
    *link = due;
}

static void drop(struct loop *loop, const struct due *due) {
    struct due **link = &loop->first;
    while (*link && *link != due)
        link = &(*link)->next;
    if (*link) *link = due->next;
}

struct loop *loop_create(void) { return memory_zeroed(1, sizeof(struct loop)); }

void loop_destroy(struct loop *loop) { memory_free(loop); }

void loop_run(struct loop *loop) {
    loop->stopped = false;
    while (!loop->stopped && loop->first) {
        struct due *due = loop->first;
        loop->first = due->next;
        world->now_ns = MAX(world->now_ns, due->at_ns);
        due->come(due);
        if (loop_sim_step) loop_sim_step();
    }
}

void loop_stop(struct loop *loop) { loop->stopped = true; }

/* ---- timers --------------------------------------------------------------------------------- */

static struct due *due_of(struct timer *timer) { return (struct due *)(void *)timer->handle.room; }

static void timer_come(struct due *due) {
    struct timer *timer = CONTAINER_OF((struct loop_handle *)(void *)due, struct timer, handle);
    timer->loop = NULL;
    timer->fire(timer);
}

void timer_start(struct loop *loop, struct timer *timer, uint64_t delay_ms) {
    timer_stop(timer);
    timer->loop = loop;
    due_of(timer)->come = timer_come;
    plan(loop, due_of(timer), delay_ms * 1000000);
}

void timer_stop(struct timer *timer) {
    if (timer->loop) drop(timer->loop, due_of(timer));
    timer->loop = NULL;
}

/* Nobody writes into our pipes, and nobody sends signals. */
void watch_readable(struct loop *loop, struct watch *watch, int fd) {
    (void)fd;
    watch->loop = loop;
}
void watch_stop(struct watch *watch) { watch->loop = NULL; }
void signal_start(struct loop *loop, struct signal_handler *handler, int number) {
    (void)number;
    handler->loop = loop;
}
void signal_stop(struct signal_handler *handler) { handler->loop = NULL; }

/* ---- crews ---------------------------------------------------------------------------------- */

struct lane {
    struct due due;
    struct crew *crew;
    struct task *task; /* that has run and is not done */
    bool busy;
};

struct crew {
    struct loop *loop;
    struct queue *waiting;
    unsigned lane_count;
    struct lane lanes[];
};

static void lane_plan(struct lane *lane) {
    lane->busy = true;
    plan(lane->crew->loop, &lane->due, draw_delay_ns());
}

/* Takes the next task, or gives the last one back. */
static void lane_come(struct due *due) {
    struct lane *lane = CONTAINER_OF(due, struct lane, due);
    struct task *done = lane->task;
    lane->busy = false;
    lane->task = done ? NULL : queue_try_pop(lane->crew->waiting);
    if (lane->task) {
        lane->task->run(lane->task, (unsigned)(lane - lane->crew->lanes));
        lane_plan(lane);
    } else if (done) {
        lane_plan(lane);
        done->done(done);
    }
}

struct crew *crew_create(struct loop *loop, unsigned threads, unsigned capacity) {
    unsigned lanes = MAX(threads, 1U);
    struct crew *crew = memory_zeroed(1, sizeof *crew + lanes * sizeof crew->lanes[0]);
    *crew = (struct crew){ loop, queue_create(capacity), lanes };
    for (unsigned i = 0; i < lanes; i++)
        crew->lanes[i] = (struct lane){ .due.come = lane_come, .crew = crew };
    return crew;
}

void crew_destroy(struct crew *crew) {
    for (unsigned i = 0; i < crew->lane_count; i++)
        if (crew->lanes[i].busy) drop(crew->loop, &crew->lanes[i].due);
    while (queue_try_pop(crew->waiting)) {
    }
    queue_destroy(crew->waiting);
    memory_free(crew);
}

void crew_submit(struct crew *crew, struct task *task) {
    bool room = queue_push(crew->waiting, task);
    assert(room && "a crew got more tasks than its capacity");
    (void)room;
    for (unsigned i = 0; i < crew->lane_count; i++)
        if (!crew->lanes[i].busy) {
            lane_plan(&crew->lanes[i]);
            return;
        }
}

void crew_name(struct crew *crew, const char *name) { (void)crew, (void)name; }
