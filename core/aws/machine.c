/* aws/machine.h */
#include "aws/machine.h"
#include "aws/reply_time.h"
#include "net/uri.h"
#include <stdarg.h>
#include <stdio.h>

#define PATIENCE_MS 1500
#define MOST_TOKENS 2 /* one may be refused: the service forgets them when it is restarted */
#define TOKEN_SECONDS "21600"
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define REGION "/latest/meta-data/placement/region"

static void fail(struct machine *machine, const char *format, ...) FORMAT(2, 3);

static void fail(struct machine *machine, const char *format, ...) {
    struct error err;
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_set(&err, ERROR_FAILED, "the metadata service at %.200s %s", machine->url, text);
    machine->done(machine, slice_from(NULL, 0), 0, &err);
}

static void ask(struct machine *machine, const char *method, struct slice path, const char *name,
                struct slice value,
                void (*replied)(struct key_ask *ask, const struct http_reply *reply)) {
    struct slice url = slice_of(machine->url);
    while (slice_ends(url, SLICE("/")))
        url.length--;
    machine->header = (struct http_field){ slice_of(name), value };
    machine->ask.method = method;
    machine->ask.url = ARENA_JOIN(machine->arena, url, path).data;
    machine->ask.headers = &machine->header;
    machine->ask.header_count = 1;
    machine->ask.patience_ms = PATIENCE_MS;
    machine->ask.tries = 1;
    machine->ask.direct = true;
    machine->ask.replied = replied;
    key_ask_start(&machine->ask);
}

static void ask_with_token(struct machine *machine, struct slice path,
                           void (*replied)(struct key_ask *ask, const struct http_reply *reply)) {
    ask(machine, "GET", path, "x-aws-ec2-metadata-token", machine->header.value, replied);
}

/* Whether there is an answer that can be used; if not, it is dealt with. */
static bool is_answer(struct machine *machine, const struct http_reply *reply) {
    if (reply->outcome != HTTP_REPLIED)
        fail(machine, "gave no answer: %s", reply->reason);
    else if (reply->status == 401 && machine->tokens < MOST_TOKENS)
        machine_start(machine);
    else if (reply->status == 404 && machine->wanted == MACHINE_KEYS)
        fail(machine, "knows of no role: the machine has none");
    else if (reply->status != 200)
        fail(machine, "answered HTTP %d", reply->status);
    else
        return true;
    return false;
}

static void take_last(struct key_ask *ask, const struct http_reply *reply) {
    struct machine *machine = CONTAINER_OF(ask, struct machine, ask);
    if (is_answer(machine, reply)) machine->done(machine, reply->body, reply_time_ms(reply), NULL);
}

static void take_roles(struct key_ask *ask, const struct http_reply *reply) {
    struct machine *machine = CONTAINER_OF(ask, struct machine, ask);
    if (!is_answer(machine, reply)) return;
    struct slice role = slice_trim(reply->body);
    const char *end = role.length ? memchr(role.data, '\n', role.length) : NULL;
    if (end) role = slice_trim(slice_first(role, (size_t)(end - role.data)));
    if (role.length == 0) {
        fail(machine, "knows of no role: the machine has none");
        return;
    }
    role = uri_encode(slice_first(role, 256), false, machine->arena);
    ask_with_token(machine, ARENA_JOIN(machine->arena, SLICE(ROLES), role), take_last);
}

static bool is_token(struct slice text) {
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] <= 0x20 || (unsigned char)text.data[i] >= 0x7f)
            return false;
    return text.length > 0 && text.length < 4096;
}

static void take_token(struct key_ask *ask, const struct http_reply *reply) {
    struct machine *machine = CONTAINER_OF(ask, struct machine, ask);
    struct slice token = slice_trim(reply->body);
    if (reply->outcome != HTTP_REPLIED)
        fail(machine,
             "gave no answer: %s (a container on EC2 gets none while the machine's hop limit is 1)",
             reply->reason);
    else if (reply->status != 200)
        fail(machine, "gives no token: HTTP %d (it is turned off, or does not speak version 2)",
             reply->status);
    else if (!is_token(token))
        fail(machine, "gives a token that is none");
    else {
        machine->header.value = arena_copy(machine->arena, token);
        if (machine->wanted == MACHINE_KEYS)
            ask_with_token(machine, SLICE(ROLES), take_roles);
        else
            ask_with_token(machine, SLICE(REGION), take_last);
    }
}

void machine_start(struct machine *machine) {
    machine->tokens++;
    ask(machine, "PUT", SLICE("/latest/api/token"), "x-aws-ec2-metadata-token-ttl-seconds",
        SLICE(TOKEN_SECONDS), take_token);
}

void machine_stop(struct machine *machine) { key_ask_stop(&machine->ask); }
