/* Sink "archive": records in objects of a stated size or age, under the names that Amazon Data
 * Firehose gives; to a folder, or to S3. A thread of its own gathers, compresses and writes.
 *
 * Its state belongs to that thread while a step of work is under way and to the loop between two.
 * A step takes one handover and brings sealed objects as far as they get; what fails for want of
 * room is tried again, and nothing more is taken before it works. */
#include "archive/gather.h"
#include "archive/options.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "flow/online_s3.h"
#include "flow/trouble.h"
#include "net/backoff.h"
#include "sinks/registry.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* One is gathered while the next is read. */
#define ROOM 2
#define FIRST_WAIT_MS 200
#define LONGEST_WAIT_MS 4000

struct archive {
    const struct sink_context *context;
    struct gather_settings settings;
    struct archive_target *target;
    struct arena arena;     /* of the settings */
    char state[PATH_BYTES]; /* the file of intents; "" without a log on disk */
    struct crew *crew;
    struct task work;
    struct timer due, retry;
    struct gathering *waiting; /* a list, oldest first */
    unsigned attempt;
    bool working, telling;
    bool moved;   /* the target has news */
    bool sealing; /* all is to be sealed, as soon as what has come is in */
    bool warned;

    /* The thread's while it works. */
    bool seal_all;
    bool whole; /* all of `now` is in */
    bool failed, lost;
    struct error err;
    struct gathering *now;   /* what is being gathered; NULL: nothing */
    struct intents *intents; /* NULL: not opened yet */
    struct gatherer gatherer;
    uint64_t durable;
};

/* ---- on the thread -------------------------------------------------------------------------- */

/* Not before the first record: until then, the sink that this one replaces may be at work. */
static bool open_intents(struct archive *archive) {
    const struct sink_context *context = archive->context;
    if (archive->intents) return true;
    const char *path = archive->state[0] ? archive->state : NULL;
    archive->intents = intents_open(path, context->log, &archive->err);
    archive->lost = archive->intents == NULL && !file_lacks_room(errno);
    if (archive->intents == NULL) return false;
    const char *repaired = intents_repaired(archive->intents);
    if (repaired) log_warning(context->name, "%s: %s", path, repaired);
    gatherer_init(&archive->gatherer, &archive->settings, archive->target, archive->intents);
    return true;
}

/* One handover, and what is sealed by it; false with the error. */
static bool gather(struct archive *archive) {
    struct gatherer *gatherer = &archive->gatherer;
    enum gathered end = GATHERED_ALL;
    bool finished;
    do {
        if (archive->now) end = gatherer_take(gatherer, archive->now, &archive->err);
        archive->whole = end == GATHERED_ALL;
        gatherer_seal(gatherer, archive->seal_all && archive->whole);
        struct error err; /* what came first is told */
        finished = gatherer_finish(gatherer, &archive->lost,
                                   end == GATHERED_FAILED ? &err : &archive->err);
    } while (finished && end == GATHERED_SOME && gatherer->sealed_count < MOST_SEALED);
    return finished && end != GATHERED_FAILED;
}

static void work_run(struct task *task, unsigned worker) {
    struct archive *archive = CONTAINER_OF(task, struct archive, work);
    (void)worker;
    archive->whole = archive->lost = false;
    archive->failed = !open_intents(archive);
    if (archive->failed) return;
    intents_pass(archive->intents, archive->durable);
    archive->failed = !gather(archive);
}

/* ---- on the loop ---------------------------------------------------------------------------- */

static bool is_blocked(const struct archive *archive) {
    return archive->now && archive->gatherer.sealed_count >= MOST_SEALED;
}

static bool has_work(const struct archive *archive) {
    if (archive->moved) return true;
    return !is_blocked(archive) && (archive->now || archive->waiting || archive->sealing);
}

static void give_up(struct archive *archive);

/* What has become of what was sent; false when nothing more can be. */
static bool collect(struct archive *archive) {
    const struct target_ops *ops = archive->target->ops;
    archive->moved = false;
    if (ops->collect == NULL) return true;
    if (ops->collect(archive->target, &archive->gatherer.changed, &archive->err)) return true;
    give_up(archive);
    return false;
}

static void start_work(struct archive *archive) {
    if (archive->working || archive->telling || archive->retry.loop) return;
    if (!collect(archive)) return;
    if (archive->now == NULL && archive->waiting) {
        archive->now = archive->waiting;
        archive->waiting = archive->now->next;
    }
    archive->seal_all = archive->sealing && archive->waiting == NULL;
    archive->sealing &= !archive->seal_all; /* whoever asks meanwhile asks for what comes now */
    archive->durable = delivery_durable(archive->context->delivery);
    archive->working = true;
    crew_submit(archive->crew, &archive->work);
}

static void retry_is_due(struct timer *timer) {
    start_work(CONTAINER_OF(timer, struct archive, retry));
}

static void target_moved(void *owner) {
    struct archive *archive = owner;
    archive->moved = true;
    start_work(archive);
}

static void object_is_due(struct timer *timer) {
    start_work(CONTAINER_OF(timer, struct archive, due));
}

/* Nothing can be done about it: some handover says so. */
static void give_up(struct archive *archive) {
    const struct gatherer *gatherer = &archive->gatherer;
    const struct object *object = gatherer->sealed;
    const struct gathering *any = archive->now ? archive->now : archive->waiting;
    if (any == NULL && object && object->gathering_count) any = object->gatherings[0];
    if (any) handover_broken(any->handover, &archive->err);
}

/* Without a log on disk nothing waits for a disk to have room. */
static void fail(struct archive *archive) {
    if (archive->lost || archive->context->log.length == 0) {
        give_up(archive);
        return;
    }
    trouble_say(archive->context, !archive->warned, "%s", archive->err.text);
    archive->warned = true;
    timer_start(archive->context->loop, &archive->retry,
                backoff_wait_ms(archive->attempt++, FIRST_WAIT_MS, LONGEST_WAIT_MS, random_bits()));
}

static void succeed(struct archive *archive) {
    if (archive->warned) trouble_say_over(archive->context);
    archive->warned = false;
    archive->attempt = 0;
}

/* Answers may bring more records at once: these wait until all is told. */
static void tell(struct archive *archive) {
    struct gathering *finished = archive->gatherer.finished, *now = archive->now;
    archive->gatherer.finished = NULL;
    archive->telling = true;
    bool done = false; /* the one that was gathered is answered right away */
    for (const struct gathering *at = finished; at; at = at->next)
        done |= at == now;
    if (done || (now && archive->whole)) archive->now = NULL;
    if (now && archive->whole && !done) handover_taken(now->handover);
    for (struct gathering *next; finished; finished = next) {
        next = finished->next;
        handover_answer(finished->handover, NULL);
        memory_free(finished);
    }
    archive->telling = false;
}

/* What is closed, and intended durably. */
static void send(struct archive *archive) {
    struct gatherer *gatherer = &archive->gatherer;
    struct archive_target *target = archive->target;
    for (struct orphan *next; gatherer->orphans; gatherer->orphans = next) {
        next = gatherer->orphans->next;
        target->ops->drop(target, gatherer->orphans->name, gatherer->orphans->upload);
        memory_free(gatherer->orphans);
    }
    if (target->ops->send == NULL || gatherer->changed) return;
    for (struct object *object = gatherer->sealed; object; object = object->next)
        if (object->closed && !object->placed && !object->sending)
            target->ops->send(target, object);
}

static void plan(struct archive *archive) {
    uint64_t due_ms = archive->intents ? gatherer_due_ms(&archive->gatherer) : UINT64_MAX;
    timer_stop(&archive->due);
    if (has_work(archive))
        start_work(archive);
    else if (due_ms != UINT64_MAX)
        timer_start(archive->context->loop, &archive->due, due_ms + 1);
}

static void work_done(struct task *task) {
    struct archive *archive = CONTAINER_OF(task, struct archive, work);
    archive->working = false;
    archive->sealing |= archive->seal_all && (archive->failed || !archive->whole);
    tell(archive);
    send(archive);
    if (archive->failed) {
        fail(archive);
        return;
    }
    succeed(archive);
    plan(archive);
}

static void archive_deliver(void *self, const struct record *records, size_t count,
                            struct handover *handover) {
    struct archive *archive = self;
    struct gathering *gathering = memory_alloc(sizeof *gathering), **last = &archive->waiting;
    *gathering = (struct gathering){ .handover = handover, .records = records, .count = count };
    while (*last)
        last = &(*last)->next;
    *last = gathering;
    start_work(archive);
}

static void archive_finish(void *self) {
    struct archive *archive = self;
    archive->sealing = true;
    start_work(archive);
}

/* ---- its life ------------------------------------------------------------------------------- */

/* Each handover that is not answered, once: those that are taken are known by their objects alone.
 */
static void free_gatherings(struct archive *archive) {
    struct gathering *next;
    for (struct gathering *at = archive->waiting; at; at = next) {
        next = at->next;
        memory_free(at);
    }
    for (struct gathering *at = archive->gatherer.finished; at; at = next) {
        next = at->next;
        if (at != archive->now) memory_free(at);
    }
    struct object *const lists[] = { archive->gatherer.open, archive->gatherer.again,
                                     archive->gatherer.sealed };
    for (size_t i = 0; i < LENGTH(lists); i++)
        for (const struct object *object = lists[i]; object; object = object->next)
            for (size_t g = 0; g < object->gathering_count; g++)
                if (object->gatherings[g] != archive->now && --object->gatherings[g]->objects == 0)
                    memory_free(object->gatherings[g]);
    memory_free(archive->now);
}

static void archive_destroy(void *self) {
    struct archive *archive = self;
    timer_stop(&archive->due);
    timer_stop(&archive->retry);
    if (archive->crew) crew_destroy(archive->crew);
    free_gatherings(archive);
    if (archive->target) archive->target->ops->close(archive->target);
    if (archive->intents) {
        gatherer_free(&archive->gatherer);
        intents_close(archive->intents);
    }
    arena_free(&archive->arena);
    memory_free(archive);
}

/* STATE/archive/NAME, for a log that outlives us. */
static bool find_state(struct archive *archive, struct error *err) {
    const struct sink_context *context = archive->context;
    if (context->log.length == 0) return true;
    char folder[PATH_BYTES];
    snprintf(folder, sizeof folder, "%.3800s/archive", context->state);
    snprintf(archive->state, sizeof archive->state, "%.3900s/%.100s", folder, context->name);
    bool made = os_make_private_folder(folder) && os_sync_folder(context->state);
    return made || file_error(err, folder, "made");
}

static const struct target_ops *target_of(const struct archive_options *options) {
    return strncmp(options->to, "s3://", 5) == 0 ? &s3_target : &folder_target;
}

static void *archive_create(const void *settings, const struct sink_context *context,
                            struct error *err) {
    const struct archive_options *options = settings;
    struct archive *archive = memory_zeroed(1, sizeof *archive);
    archive->context = context;
    archive->work = (struct task){ work_run, work_done };
    archive->due.fire = object_is_due;
    archive->retry.fire = retry_is_due;
    arena_init(&archive->arena);
    bool good = archive_settings(options, context, &archive->arena, &archive->settings, err) &&
                find_state(archive, err) &&
                (archive->target = target_of(options)->open(options, context, err));
    if (!good) {
        archive_destroy(archive);
        return NULL;
    }
    archive->settings.parts = archive->target->parts;
    archive->target->moved = target_moved;
    archive->target->owner = archive;
    archive->crew = crew_create(context->loop, context->threads, 1);
    crew_name(archive->crew, "archive");
    delivery_room(context->delivery, ROOM);
    return archive;
}

const struct sink_ops archive_sink = {
    .kind = { .name = "archive",
              .argument = "to",
              .help = "records in objects as Amazon Data Firehose makes them, in a folder or on S3",
              .also = "s3|bucket|minio|folder|directory",
              .options = { archive_option_list, ARCHIVE_OPTIONS, sizeof(struct archive_options) },
              .check = archive_check },
    .takes_bare = archive_takes_bare,
    .create = archive_create,
    .deliver = archive_deliver,
    .finish = archive_finish,
    .destroy = archive_destroy,
    .online = { archive_online, s3_online_end },
};
