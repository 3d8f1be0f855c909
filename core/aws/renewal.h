/* When keys are renewed. Pure: times and random bits come from the caller.
 *
 * How long keys are good is counted from the moment they came, on a clock that does not jump.
 * Others are looked for while they still are: 15 minutes before, or in the second half of a shorter
 * life; a bit earlier at random, so that many machines do not ask at once. */
#ifndef AWS_RENEWAL_H
#define AWS_RENEWAL_H

#include "aws/keys.h"

#define RENEWAL_EARLY_MS (INT64_C(15) * 60 * 1000)

/* Sets until_ns and renew_ns. `now_ms`: the time where the keys are from; `now_ns`: of
 * clock_boot_ns. False with *err when they have expired; `may_be_old`: a metadata service that has
 * an outage of its own hands out such ones, and services take them. */
bool renewal_settle(struct key_set *keys, int64_t now_ms, uint64_t now_ns, bool may_be_old,
                    uint64_t random, struct error *err) MUST_CHECK;

enum renewal { RENEWAL_NONE, RENEWAL_EARLY, RENEWAL_DUE };
/* Whether these keys can be used, and whether to look for others: now (RENEWAL_EARLY), or first
 * (RENEWAL_DUE). `retry_ns`: not before, after a failure. */
enum renewal renewal_of(const struct key_set *keys, uint64_t now_ns, uint64_t retry_ns);
/* When to try again to renew keys that are still good. */
uint64_t renewal_retry_ns(uint64_t now_ns, uint64_t random);

#endif
