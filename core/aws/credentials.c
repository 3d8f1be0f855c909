/* aws/credentials.h. A round: a plan is made by a thread, then keys are fetched on the loop. */
#include "aws/credentials_internal.h"
#include "aws/renewal.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/os.h"

#define CONNECTIONS 2
#define APART_NS (UINT64_C(10) * 1000000000) /* between two times that refused keys are renewed */
#define PLAN_KEEPS_NS                                                                              \
    (UINT64_C(60) * 1000000000) /* what was read for the place serves for keys                     \
                                 */

/* ---- who waits ---- */

static void add_wait(struct key_wait **list, struct key_wait *wait) {
    wait->next = *list;
    wait->link = list;
    if (wait->next) wait->next->link = &wait->next;
    *list = wait;
}

void credentials_leave(struct key_wait *wait) {
    if (wait->link == NULL) return;
    *wait->link = wait->next;
    if (wait->next) wait->next->link = wait->link;
    wait->link = NULL;
}

/* Those who come meanwhile wait for the next round. */
static void answer(struct credentials *credentials, const struct error *err) {
    credentials->wanted = false;
    for (struct key_wait *wait; (wait = credentials->waiting);) {
        credentials_leave(wait);
        add_wait(&credentials->answered, wait);
    }
    for (struct key_wait *wait; (wait = credentials->answered);) {
        credentials_leave(wait);
        struct key_set *keys = err ? NULL : keys_hold(credentials->keys);
        wait->ready(wait, keys, err);
    }
}

/* ---- the round ---- */

/* "good until 2026-…", and of the key's id no more than its end. */
static void say_keys(const struct credentials *credentials, const struct key_set *keys) {
    char date[DATE_BYTES] = "they are withdrawn";
    bool old = keys->expires_ms && keys->until_ns == KEYS_FOREVER;
    size_t length = keys->keys.access.length, shown = length > 12 ? 4 : 0;
    if (keys->expires_ms) date_write(keys->expires_ms, date);
    log_info("aws", "keys of %s: ...%.*s, %s %s", credentials->plan.source,
             SLICE_ARGS(slice_skip(keys->keys.access, length - shown)),
             old ? "used although they expired at" : "good until", date);
}

static void fail(struct credentials *credentials, const struct error *err) {
    bool old = renewal_of(credentials->keys, clock_boot_ns(), 0) != RENEWAL_DUE;
    credentials->retry_ns = renewal_retry_ns(clock_boot_ns(), random_bits());
    if (old && !credentials->failing)
        log_warning("aws", "keys cannot be renewed yet, the old ones are still good: %s",
                    err->text);
    credentials->failing = true;
    answer(credentials, err);
}

static void take_keys(struct fetch *fetch, struct key_set *keys, int64_t now_ms,
                      const struct error *err) {
    struct credentials *credentials = CONTAINER_OF(fetch, struct credentials, fetch);
    bool may_be_old = credentials->plan.start == PLAN_MACHINE && credentials->plan.role_count == 0;
    struct error expired, why = err ? *err : (struct error){ 0 };
    fetch_stop(fetch);
    credentials->fetching = false;
    if (keys &&
        !renewal_settle(keys, now_ms, clock_boot_ns(), may_be_old, random_bits(), &expired)) {
        keys_release(keys);
        keys = NULL;
        why = expired;
    }
    if (keys == NULL) {
        fail(credentials, &why);
        return;
    }
    if (credentials->keys == NULL || credentials->failing) say_keys(credentials, keys);
    keys_release(credentials->keys);
    credentials->keys = keys;
    credentials->retry_ns = 0;
    credentials->failing = false;
    answer(credentials, NULL);
}

static void fetch_keys(struct credentials *credentials) {
    credentials->planned_ns = 0;
    credentials->wanted = false;
    if (!credentials->good) {
        fail(credentials, &credentials->wrong);
        return;
    }
    credentials->fetching = true;
    if (credentials->plan.region == NULL) credentials->plan.region = credentials->region;
    credentials->fetch = (struct fetch){ .loop = credentials->loop,
                                         .http = credentials->http,
                                         .plan = &credentials->plan,
                                         .done = take_keys };
    fetch_start(&credentials->fetch);
}

static void run_plan(struct task *task, unsigned worker) {
    struct credentials *credentials = CONTAINER_OF(task, struct credentials, task);
    (void)worker;
    credentials->next_good =
        plan_make(&credentials->next, &credentials->options, &credentials->next_wrong);
}

static void plan_done(struct task *task) {
    struct credentials *credentials = CONTAINER_OF(task, struct credentials, task);
    plan_free(&credentials->plan);
    credentials->plan = credentials->next;
    credentials->next = (struct plan){ 0 };
    credentials->good = credentials->next_good;
    credentials->wrong = credentials->next_wrong;
    credentials->planning = false;
    credentials->planned_ns = clock_boot_ns();
    credentials_settle_place(credentials);
    if (credentials->wanted) fetch_keys(credentials);
    credentials_tell_place(credentials);
}

static void begin_round(struct credentials *credentials) {
    if (credentials->planning || credentials->fetching) return;
    credentials->planning = true;
    crew_submit(credentials->crew, &credentials->task);
}

/* In a round of the loop's own, so that nobody is answered within the call that asks. */
static void take_turn(struct timer *timer) {
    struct credentials *credentials = CONTAINER_OF(timer, struct credentials, turn);
    bool fresh =
        credentials->planned_ns && clock_boot_ns() - credentials->planned_ns < PLAN_KEEPS_NS;
    bool known = credentials->plan.placed && credentials->region;
    if (credentials->asking && known) credentials_tell_place(credentials);
    if (credentials->planning || credentials->fetching) return;
    if (credentials->wanted && fresh)
        fetch_keys(credentials);
    else if (credentials->wanted || (credentials->asking && !credentials->asking_region))
        begin_round(credentials);
}

static void turn_soon(struct credentials *credentials) {
    if (credentials->turn.loop == NULL) timer_start(credentials->loop, &credentials->turn, 0);
}

/* ---- for others ---- */

struct credentials *credentials_create(struct loop *loop, const struct credentials_options *options,
                                       struct error *err) {
    struct http_client *http =
        http_client_create(loop, os_environment("AWS_CA_BUNDLE"), CONNECTIONS, err);
    if (http == NULL) return NULL;
    struct credentials *credentials = memory_zeroed(1, sizeof *credentials);
    credentials->loop = loop;
    credentials->http = http;
    credentials->crew = crew_create(loop, options->threads, 1);
    crew_name(credentials->crew, "credentials");
    credentials->options = (struct plan_options){
        .profile = options->profile ? memory_copy_text(options->profile) : NULL,
        .region = options->region ? memory_copy_text(options->region) : NULL,
        .keyless = options->keyless,
    };
    credentials->task = (struct task){ .run = run_plan, .done = plan_done };
    credentials->turn.fire = take_turn;
    arena_init(&credentials->arena);
    arena_init(&credentials->lasting);
    return credentials;
}

void credentials_destroy(struct credentials *credentials) {
    timer_stop(&credentials->turn);
    crew_destroy(credentials->crew);
    if (credentials->planning) plan_free(&credentials->next); /* made, but not taken, or dropped */
    fetch_stop(&credentials->fetch);
    machine_stop(&credentials->machine);
    http_client_destroy(credentials->http);
    plan_free(&credentials->plan);
    keys_release(credentials->keys);
    arena_free(&credentials->arena);
    arena_free(&credentials->lasting);
    memory_free((char *)credentials->options.profile);
    memory_free((char *)credentials->options.region);
    memory_free(credentials);
}

struct key_set *credentials_take(struct credentials *credentials, struct key_wait *wait) {
    enum renewal renewal = renewal_of(credentials->keys, clock_boot_ns(), credentials->retry_ns);
    if (renewal != RENEWAL_NONE) {
        credentials->wanted = true;
        turn_soon(credentials);
    }
    if (renewal != RENEWAL_DUE) return keys_hold(credentials->keys);
    add_wait(&credentials->waiting, wait);
    return NULL;
}

bool credentials_refused(struct credentials *credentials, const struct key_set *keys) {
    uint64_t now_ns = clock_boot_ns();
    if (credentials->keys == NULL || !keys_equal(credentials->keys, keys)) return true;
    if (credentials->refused_ns && now_ns - credentials->refused_ns < APART_NS) return false;
    credentials->refused_ns = now_ns;
    credentials->planned_ns = 0;
    keys_release(credentials->keys);
    credentials->keys = NULL;
    return true;
}

void credentials_place(struct credentials *credentials, struct place_wait *wait) {
    wait->next = credentials->asking;
    wait->link = &credentials->asking;
    if (wait->next) wait->next->link = &wait->next;
    credentials->asking = wait;
    turn_soon(credentials);
}
