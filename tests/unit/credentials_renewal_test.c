/* Keys that are renewed while the old ones are used, on a clock that the test moves. */
#include "aws_fixture.h"

#include "base/clock.h"
#include <time.h>

/* ---- the clock, instead of base/clock_posix.c ---- */

#define MINUTE_NS (UINT64_C(60) * 1000000000)

static uint64_t ahead_ns;

static uint64_t now_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void) { return now_ns(CLOCK_MONOTONIC) + ahead_ns; }
uint64_t clock_boot_ns(void) { return now_ns(CLOCK_BOOTTIME) + ahead_ns; }
int64_t clock_wall_ms(void) { return (int64_t)((now_ns(CLOCK_REALTIME) + ahead_ns) / 1000000); }
uint64_t clock_cpu_ns(void) { return now_ns(CLOCK_PROCESS_CPUTIME_ID); }
uint64_t clock_thread_ns(void) { return now_ns(CLOCK_THREAD_CPUTIME_ID); }
uint64_t random_bits(void) { return 7; }

/* ---- a machine whose keys are good for an hour ---- */

enum { GIVES_FIRST, GIVES_SECOND, FAILS, IS_SLOW };

#define HOUR_KEYS(id)                                                                              \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"s3cret\","             \
    "\"Token\":\"T\",\"Expiration\":\"2033-01-01T01:00:00Z\"}"

static void hourly_machine(const char *request, int number, char *reply) {
    int mood = __atomic_load_n(&fake.seen->mood, __ATOMIC_SEQ_CST);
    (void)number;
    if (mood == FAILS && has(request, "/latest/"))
        fake_say(reply, "503 No", "", "");
    else if (has(request, "GET /latest/meta-data/iam/security-credentials/linnet-role ")) {
        if (mood == IS_SLOW) usleep(300000);
        fake_say(reply, "200 OK", "Date: Sat, 01 Jan 2033 00:00:00 GMT\r\n",
                 mood == GIVES_SECOND ? HOUR_KEYS("ASIASECOND") : HOUR_KEYS("ASIAFIRST"));
    } else if (!say_machine(request, "", reply))
        say_ok(reply);
}

static void set_mood(int mood) { __atomic_store_n(&fake.seen->mood, mood, __ATOMIC_SEQ_CST); }

/* Whether the request that came last from the client itself is signed with these. */
static bool was_signed_with(const char *credential) {
    int last = fake_count() - 1;
    while (!has(request(last), "GET /thing "))
        last--;
    return has(request(last), credential);
}

static void keys_are_renewed_while_the_old_are_used(void **state) {
    (void)state;
    open_client(hourly_machine);
    use_machine();
    ask_many(1);
    set_mood(GIVES_SECOND);
    ahead_ns += 40 * MINUTE_NS;
    ask_many(1);
    assert_int_equal(fake_count_of("PUT "), 1);
    ahead_ns += 10 * MINUTE_NS;
    ask_many(1); /* at once, with what there is */
    assert_true(was_signed_with("Credential=ASIAFIRST/"));
    while (!was_signed_with("Credential=ASIASECOND/"))
        ask_many(1);
    assert_int_equal(fake_count_of("PUT "), 2);
}

static void a_renewal_that_fails_costs_nothing_until_the_keys_expire(void **state) {
    (void)state;
    open_client(hourly_machine);
    use_machine();
    ask_many(1);
    set_mood(FAILS);
    ahead_ns += 50 * MINUTE_NS;
    for (int i = 0; i < 3; i++) {
        ask_many(1);
        expect_status(200);
    }
    assert_true(was_signed_with("Credential=ASIAFIRST/"));
    ahead_ns += 11 * MINUTE_NS;
    ask_many(1);
    expect_keyless("there are no AWS keys");
    set_mood(GIVES_SECOND);
    ask_many(1);
    expect_status(200);
    assert_true(was_signed_with("Credential=ASIASECOND/"));
}

static void ask_again(struct timer *timer) {
    const struct aws_ask ask = get_ask();
    (void)timer;
    (void)!aws_call_start(client, &ask);
}

static void who_comes_while_keys_are_fetched_waits_for_the_same(void **state) {
    (void)state;
    struct timer timer = { .fire = ask_again };
    open_client(hourly_machine);
    use_machine();
    set_mood(IS_SLOW);
    got.expected = 3;
    got.replies = 0;
    ask_again(&timer);
    ask_again(&timer);
    timer_start(loop, &timer, 100);
    loop_run(loop);
    assert_int_equal(fake_count_of("PUT "), 1);
    assert_int_equal(fake_count_of("GET /thing "), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keys_are_renewed_while_the_old_are_used),
        TEST(a_renewal_that_fails_costs_nothing_until_the_keys_expire),
        TEST(who_comes_while_keys_are_fetched_waits_for_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
