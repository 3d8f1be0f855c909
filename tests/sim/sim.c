/* The simulator: linnet's pipeline, spool, cursors, dead letters and store in a world of virtual
 * time, with a disk that fails and servers that misbehave, all after a seed.
 *
 *   --seed N [--hours H] [--trace]   one seed, twice: the same must happen
 *   --seeds FROM TO [--hours H]      many
 *   --scenarios CUTS [--every N]     of the scenarios each (N-th) disk call killed, with CUTS
 *                                    power cuts after it, and failed, once and for ever; and
 *                                    each (N-th) allocation failed
 *   --bugs                           whether each planted bug is found */
#include "bugs.h"
#include "disk.h"
#include "process.h"
#include "world.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SECOND_NS UINT64_C(1000000000)
#define HOUR_NS (3600 * SECOND_NS)

static void begin(uint64_t seed) {
    sim_reset();
    world_reset(seed);
}

/* ---- seeds ---------------------------------------------------------------------------------- */

static struct sim_fault draw_fault(void) {
    static const unsigned calls[] = {
        SIM_CHANGES, SIM_ANY, SIM_SYNC | SIM_SYNC_FOLDER, SIM_WRITE | SIM_CREATE,
        SIM_WRITE,   SIM_READ
    };
    static const int errors[] = { EIO, ENOSPC, EMFILE, EDQUOT };
    struct sim_fault fault = { .calls = calls[draw(LENGTH(calls))], .half = !chance(3) };
    uint64_t at = 1 + draw(chance(2) ? 40 : 1500);
    switch (draw(4)) {
    case 0: return fault;
    case 1: fault.kill_at = at; return fault;
    default:
        fault.at = at;
        /* What cannot be read at all counts as damage, which costs something. */
        fault.error = fault.calls & SIM_READ ? EMFILE : errors[draw(LENGTH(errors))];
        fault.forever = chance(3);
        return fault;
    }
}

static struct process draw_process(void) {
    static const char *const lengths[] = { "1MiB", "1GiB" };
    struct process process = { .spool_max = lengths[world->stream % LENGTH(lengths)],
                               .workers = (unsigned)(world->stream >> 8) % 3,
                               .no_store = world->stream % 4 == 0,
                               .archive = (world->stream >> 16) % 2,
                               .bucket = (world->stream >> 17) % 2,
                               .bulk = (world->stream >> 18) % 2,
                               .fault = draw_fault() };
    if (chance(5)) process.step_ns = draw(600) * SECOND_NS;
    if (chance(3)) process.reload_ns = SECOND_NS / 100 + draw(30 * SECOND_NS);
    uint64_t lives_ns = draw(chance(3) ? 20 : 900) * SECOND_NS + draw(SECOND_NS);
    if (chance(4))
        process.stop_ns = lives_ns;
    else
        process.kill_ns = lives_ns;
    return process;
}

static void restart(void) {
    if (chance(2))
        sim_cut_power(3 + draw(UINT32_MAX));
    else
        sim_restart();
    world->now_ns += draw(60) * SECOND_NS;
    if (chance(10)) step_wall();
}

/* Nothing fails any more: an hour must do. */
static bool recovers(struct process process) {
    process.fault = (struct sim_fault){ .calls = SIM_CHANGES };
    process.stop_ns = process.step_ns = process.reload_ns = 0;
    process.kill_ns = HOUR_NS;
    process_complete();
    world->calm = true;
    world->outage_ns = world->bulk_outage_ns = 0;
    enum process_end end = process_run(&process);
    if (end == PROCESS_DONE) return true;
    if (end != PROCESS_BROKEN)
        snprintf(world->broken, sizeof world->broken, "an hour without faults: end %d", (int)end);
    return false;
}

/* Up to three more times, each as soon as its recovery from the last kill is under way. */
static bool survives_more_kills(struct process process) {
    process.reload_ns = process.stop_ns = 0;
    for (uint64_t more = draw(4); more > 0; more--) {
        process.fault =
            (struct sim_fault){ .calls = SIM_CHANGES, .kill_at = 1 + draw(30), .half = chance(2) };
        if (process_run(&process) == PROCESS_BROKEN) return false;
        restart();
    }
    return true;
}

static bool live_through(uint64_t seed, uint64_t hours) {
    begin(seed);
    world->events = MIN(20 + draw(800 * hours), (uint64_t)MOST_EVENTS);
    world->spacing_ns = chance(4) ? 0 : hours * HOUR_NS / world->events;
    world->filling = chance(2) ? 0 : (int)draw(3000);
    struct process process;
    enum process_end end;
    do {
        process = draw_process();
        end = process_run(&process);
        if (end == PROCESS_BROKEN) return false;
        restart();
        if (end == PROCESS_KILLED && chance(3) && !survives_more_kills(process)) return false;
    } while (end != PROCESS_DONE && world->now_ns < hours * HOUR_NS);
    return recovers(process);
}

static bool run_seed(uint64_t seed, uint64_t hours) {
    bool held = live_through(seed, hours), told = world->told;
    uint64_t first = world->trace;
    world->told = false;
    if (held && (!live_through(seed, hours) || world->trace != first))
        held = snprintf(world->broken, sizeof world->broken, "the same seed went another way") < 0;
    world->told = told;
    if (!held) printf("seed %" PRIu64 ": %s\n", seed, world->broken);
    return held;
}

static bool run_seeds(uint64_t from, uint64_t to, uint64_t hours) {
    uint64_t failed = 0;
    for (uint64_t seed = from; seed <= to; seed++)
        failed += !run_seed(seed, hours);
    printf("sim: %" PRIu64 " hours simulated twice, %" PRIu64 " of %" PRIu64 " seeds failed\n",
           (to - from + 1) * hours, failed, to - from + 1);
    return failed == 0;
}

/* ---- scenarios ------------------------------------------------------------------------------ */

/* What is looked at call by call, after a life without faults that ends by a kill. */
struct scenario {
    const char *name;
    const char *spool_max; /* NULL: more than it needs */
    uint64_t stream, events, spacing_ns;
    int filling;               /* of its texts */
    uint64_t before_ns;        /* how long that life is; 0: there was none */
    uint64_t before_outage_ns; /* while the index takes nothing */
    uint64_t outage_ns;        /* the same, of the life that is looked at */
    uint64_t stop_ns;          /* which is told to stop; 0: it ends when all is done */
    uint64_t reload_ns;        /* and adopts other configurations; 0: it does not */
    bool cut;                  /* the power was cut, not only the process killed */
    bool archive, bucket;      /* beside the others; on S3 */
    uint64_t bulk_outage_ns;   /* an index behind HTTP that is away; 0: there is none */
};

static const struct scenario scenarios[] = {
    { .name = "a first start", .stream = 1, .events = 30 },
    { .name = "a stream that goes on",
      .stream = 2,
      .events = 40,
      .spacing_ns = SECOND_NS,
      .before_ns = 20 * SECOND_NS },
    { .name = "a backlog",
      .stream = 3,
      .events = 60,
      .spacing_ns = SECOND_NS / 2,
      .before_ns = 30 * SECOND_NS,
      .before_outage_ns = HOUR_NS },
    { .name = "segments come and go",
      .spool_max = "1MiB",
      .stream = 4,
      .events = 200,
      .spacing_ns = SECOND_NS / 20,
      .filling = 2000,
      .before_ns = 5 * SECOND_NS },
    { .name = "a full spool",
      .spool_max = "1MiB",
      .stream = 5,
      .events = 150,
      .filling = 5000,
      .before_ns = 20 * SECOND_NS,
      .before_outage_ns = HOUR_NS },
    { .name = "many posts that are refused",
      .stream = 77,
      .events = 90,
      .spacing_ns = SECOND_NS / 5,
      .before_ns = 3 * SECOND_NS },
    { .name = "told to stop in an outage",
      .stream = 6,
      .events = 60,
      .spacing_ns = SECOND_NS / 2,
      .before_ns = 10 * SECOND_NS,
      .outage_ns = HOUR_NS,
      .stop_ns = 10 * SECOND_NS },
    { .name = "other configurations",
      .stream = 8,
      .events = 60,
      .spacing_ns = SECOND_NS / 2,
      .before_ns = 5 * SECOND_NS,
      .reload_ns = 2 * SECOND_NS },
    { .name = "after a power cut",
      .stream = 7,
      .events = 40,
      .spacing_ns = SECOND_NS / 2,
      .before_ns = 10 * SECOND_NS,
      .cut = true },
    { .name = "an archive",
      .stream = 9,
      .events = 60,
      .spacing_ns = SECOND_NS / 2,
      .before_ns = 12 * SECOND_NS,
      .archive = true },
    { .name = "an archive with other partitions",
      .stream = 10,
      .events = 60,
      .spacing_ns = SECOND_NS / 2,
      .before_ns = 12 * SECOND_NS,
      .reload_ns = 7 * SECOND_NS,
      .archive = true },
    { .name = "an archive on S3",
      .stream = 11,
      .events = 60,
      .spacing_ns = SECOND_NS / 2,
      .before_ns = 12 * SECOND_NS,
      .archive = true,
      .bucket = true },
    { .name = "an index behind HTTP that is away for more than an hour",
      .stream = 12,
      .events = 58,
      .spacing_ns = 60 * SECOND_NS,
      .before_ns = HOUR_NS + 60 * SECOND_NS,
      .bulk_outage_ns = HOUR_NS + 70 * SECOND_NS },
};

struct moment {
    void *disk;
    struct world world;
};

static void moment_take(struct moment *moment) {
    free(moment->disk);
    moment->disk = sim_save();
    moment->world = *world;
}

static void moment_return(const struct moment *moment) {
    sim_restore(moment->disk);
    *world = moment->world;
}

static struct {
    struct moment start, killed;
    struct process process;
    const struct scenario *scenario;
    uint64_t kills, cuts, failures, shortages, failed;
} look;

static void judge(bool held, const char *what, uint64_t call, uint64_t detail) {
    if (held) return;
    if (look.failed++ < 20)
        printf("%s: %s %" PRIu64 " (%" PRIu64 "): %s\n", look.scenario->name, what, call, detail,
               world->broken);
}

/* As the scenario says, with this fault; how it ended is a matter of the fault. */
static bool live_with(struct sim_fault fault) {
    moment_return(&look.start);
    look.process.fault = fault;
    look.process.fault.calls = SIM_CHANGES;
    return process_run(&look.process) != PROCESS_BROKEN;
}

static void kill_at(uint64_t call, uint64_t cuts) {
    bool half = call % 2;
    look.kills++;
    judge(live_with((struct sim_fault){ .kill_at = call, .half = half }), "killed at", call, 0);
    moment_take(&look.killed);
    sim_restart();
    judge(recovers(look.process), "killed at", call, 0);
    moment_return(&look.killed);
    sim_restart();
    judge(survives_more_kills(look.process) && recovers(look.process), "killed again after", call,
          0);
    for (uint64_t cut = 0; cut < cuts; cut++, look.cuts++) {
        moment_return(&look.killed);
        sim_cut_power(cut < 3 ? cut : cut + call * 1000);
        judge(recovers(look.process), "power cut at", call, cut);
    }
}

static void fail_at(uint64_t call, int error, bool forever) {
    look.failures++;
    bool held = live_with((struct sim_fault){ .at = call, .error = error, .forever = forever });
    sim_restart();
    judge(held && recovers(look.process), forever ? "failed from" : "failed at", call,
          (uint64_t)error);
}

/* Memory that is not there ends the process. */
static void fall_short_at(uint64_t allocation) {
    look.shortages++;
    look.process.short_at = allocation;
    bool held = live_with((struct sim_fault){ 0 });
    look.process.short_at = 0;
    sim_restart();
    judge(held && recovers(look.process), "out of memory at", allocation, 0);
}

#define MOST_SHORTAGES 5000

static void look_at(const struct scenario *scenario, uint64_t cuts, uint64_t every) {
    look.scenario = scenario;
    begin(scenario->stream);
    world->calm = true;
    world->events = scenario->events;
    world->spacing_ns = scenario->spacing_ns;
    world->filling = scenario->filling;
    world->bulk_outage_ns = scenario->bulk_outage_ns;
    look.process =
        (struct process){ .spool_max = scenario->spool_max ? scenario->spool_max : "1GiB",
                          .workers = 1,
                          .archive = scenario->archive,
                          .bucket = scenario->bucket,
                          .bulk = scenario->bulk_outage_ns > 0 };
    if (scenario->before_ns) {
        struct process before = look.process;
        before.kill_ns = scenario->before_ns;
        world->outage_ns = scenario->before_outage_ns;
        judge(process_run(&before) != PROCESS_BROKEN, "before", 0, 0);
    }
    if (scenario->cut)
        sim_cut_power(9);
    else
        sim_restart();
    world->outage_ns = scenario->outage_ns;
    moment_take(&look.start);
    look.process.stop_ns = scenario->stop_ns;
    look.process.reload_ns = scenario->reload_ns;
    look.process.kill_ns = scenario->stop_ns ? 0 : 600 * SECOND_NS;
    judge(live_with((struct sim_fault){ 0 }), "without faults", 0, 0);
    uint64_t calls = world->calls, allocations = world->allocations;
    for (uint64_t call = 1; call <= calls; call += every) {
        kill_at(call, cuts);
        fail_at(call, EIO, false);
        fail_at(call, ENOSPC, true);
    }
    /* Reloads alone allocate tens of thousands of times, in the same places again and again. */
    for (uint64_t at = 1; at <= allocations; at += MAX(every, 1 + allocations / MOST_SHORTAGES))
        fall_short_at(at);
    printf("%s: %" PRIu64 " disk calls, %" PRIu64 " allocations\n", scenario->name, calls,
           allocations);
}

static bool look_at_all(uint64_t cuts, uint64_t every) {
    for (size_t i = 0; i < LENGTH(scenarios); i++)
        look_at(&scenarios[i], cuts, every);
    printf("sim: %" PRIu64 " kills, %" PRIu64 " power cuts, %" PRIu64 " failures, %" PRIu64
           " times out of memory, %" PRIu64 " not survived\n",
           look.kills, look.cuts, look.failures, look.shortages, look.failed);
    return look.failed == 0;
}

/* ---- planted bugs --------------------------------------------------------------------------- */

#define SEEDS_A_BUG 50

static bool is_found(enum bug which) {
    bug = which;
    for (uint64_t seed = 1; seed <= SEEDS_A_BUG; seed++)
        if (!live_through(seed, 1)) {
            printf("%s: found by seed %" PRIu64 ": %s\n", bug_names[which], seed, world->broken);
            return true;
        }
    printf("%s: not found by %d seeds\n", bug_names[which], SEEDS_A_BUG);
    return false;
}

static bool find_bugs(void) {
    unsigned missed = 0;
    for (enum bug which = NO_BUG + 1; which < BUGS; which++)
        missed += !is_found(which);
    printf("sim: %d bugs planted, %u not found\n", BUGS - 1, missed);
    return missed == 0;
}

/* ---- the command line ----------------------------------------------------------------------- */

/* The number that follows `flag` by `at` words; `otherwise` when it was not given. */
static uint64_t number_of(char **arguments, const char *flag, int at, uint64_t otherwise) {
    while (*arguments && strcmp(*arguments, flag) != 0)
        arguments++;
    for (; at > 0 && *arguments; at--)
        arguments++;
    return *arguments ? strtoull(*arguments, NULL, 10) : otherwise;
}

static bool is_given(char **arguments, const char *flag) {
    return number_of(arguments, flag, 0, UINT64_MAX) != UINT64_MAX;
}

int main(int count, char **arguments) {
    (void)count;
    world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (world == MAP_FAILED) return 1;
    world->told = is_given(arguments, "--trace");
    uint64_t hours = number_of(arguments, "--hours", 1, 1);
    uint64_t seed = number_of(arguments, "--seed", 1, 0);
    uint64_t from = number_of(arguments, "--seeds", 1, 0),
             to = number_of(arguments, "--seeds", 2, 0);
    if (seed) return !run_seed(seed, hours);
    if (from) return !run_seeds(from, to, hours);
    if (is_given(arguments, "--scenarios"))
        return !look_at_all(number_of(arguments, "--scenarios", 1, 1),
                            number_of(arguments, "--every", 1, 1));
    if (is_given(arguments, "--bugs")) return !find_bugs();
    printf("sim --seed N [--hours H] [--trace] | --seeds FROM TO [--hours H] |\n"
           "    --scenarios CUTS [--every N] | --bugs\n");
    return 2;
}
