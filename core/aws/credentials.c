/* aws/credentials.h */
#include "aws/credentials.h"
#include "base/alloc.h"
#include "base/os.h"
#include <stdio.h>

struct credentials {
    struct loop *loop;
    char *region;
    struct key_wait *waiting;
    struct place_wait *asking;
    struct timer turn;
};

static struct key_set *from_environment(struct error *err) {
    struct aws_keys keys = { .access = slice_of(os_environment("AWS_ACCESS_KEY_ID")),
                             .secret = slice_of(os_environment("AWS_SECRET_ACCESS_KEY")),
                             .token = slice_of(os_environment("AWS_SESSION_TOKEN")) };
    return keys_create(&keys, "environment", err);
}

static void take_turn(struct timer *timer) {
    struct credentials *credentials = CONTAINER_OF(timer, struct credentials, turn);
    struct error err;
    for (struct key_wait *wait; (wait = credentials->waiting);) {
        credentials_leave(wait);
        struct key_set *keys = from_environment(&err);
        wait->ready(wait, keys, keys ? NULL : &err);
    }
    for (struct place_wait *wait; (wait = credentials->asking);) {
        credentials_leave_place(wait);
        wait->ready(wait, NULL);
    }
}

struct credentials *credentials_create(struct loop *loop, const struct credentials_options *options,
                                       struct error *err) {
    struct credentials *credentials = memory_zeroed(1, sizeof *credentials);
    (void)err;
    credentials->loop = loop;
    credentials->turn.fire = take_turn;
    const char *region = options->region ? options->region : os_environment("AWS_REGION");
    if (region == NULL) region = os_environment("AWS_DEFAULT_REGION");
    credentials->region = region ? memory_copy_text(region) : NULL;
    return credentials;
}

void credentials_destroy(struct credentials *credentials) {
    timer_stop(&credentials->turn);
    memory_free(credentials->region);
    memory_free(credentials);
}

struct key_set *credentials_take(struct credentials *credentials, struct key_wait *wait) {
    wait->next = credentials->waiting;
    wait->link = &credentials->waiting;
    if (wait->next) wait->next->link = &wait->next;
    credentials->waiting = wait;
    timer_start(credentials->loop, &credentials->turn, 0);
    return NULL;
}

void credentials_leave(struct key_wait *wait) {
    if (wait->link == NULL) return;
    *wait->link = wait->next;
    if (wait->next) wait->next->link = wait->link;
    wait->link = NULL;
}

bool credentials_refused(struct credentials *credentials, const struct key_set *keys) {
    (void)credentials, (void)keys;
    return false;
}

void credentials_place(struct credentials *credentials, struct place_wait *wait) {
    wait->next = credentials->asking;
    wait->link = &credentials->asking;
    if (wait->next) wait->next->link = &wait->next;
    credentials->asking = wait;
    timer_start(credentials->loop, &credentials->turn, 0);
}

void credentials_leave_place(struct place_wait *wait) {
    if (wait->link == NULL) return;
    *wait->link = wait->next;
    if (wait->next) wait->next->link = wait->link;
    wait->link = NULL;
}

const char *credentials_region(const struct credentials *credentials) {
    return credentials->region;
}

const char *credentials_endpoint(const struct credentials *credentials, const char *service) {
    char name[64] = "AWS_ENDPOINT_URL_";
    (void)credentials;
    for (size_t i = strlen(name); *service && i + 1 < sizeof name; service++, i++)
        name[i] = *service >= 'a' && *service <= 'z' ? (char)(*service - 'a' + 'A') : *service;
    const char *endpoint = os_environment(name);
    return endpoint ? endpoint : os_environment("AWS_ENDPOINT_URL");
}
