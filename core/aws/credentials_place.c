/* aws/credentials.h: region and endpoints. */
#include "aws/credentials_internal.h"
#include "aws/endpoints.h"

static void add_place_wait(struct place_wait **list, struct place_wait *wait) {
    wait->next = *list;
    wait->link = list;
    if (wait->next) wait->next->link = &wait->next;
    *list = wait;
}

void credentials_leave_place(struct place_wait *wait) {
    if (wait->link == NULL) return;
    *wait->link = wait->next;
    if (wait->next) wait->next->link = wait->link;
    wait->link = NULL;
}

static void tell_place(struct credentials *credentials) {
    const struct error *err = credentials->plan.placed ? NULL : &credentials->wrong;
    for (struct place_wait *wait; (wait = credentials->asking);) {
        credentials_leave_place(wait);
        add_place_wait(&credentials->told, wait);
    }
    for (struct place_wait *wait; (wait = credentials->told);) {
        credentials_leave_place(wait);
        wait->ready(wait, err);
    }
}

static void take_region(struct machine *machine, struct slice said, int64_t now_ms,
                        const struct error *err) {
    struct credentials *credentials = CONTAINER_OF(machine, struct credentials, machine);
    struct slice region = slice_trim(said);
    (void)now_ms, (void)err; /* there need not be such a service */
    credentials->asking_region = false;
    if (plan_is_region(region))
        credentials->region = arena_copy(&credentials->lasting, region).data;
    tell_place(credentials);
}

static void ask_region(struct credentials *credentials) {
    arena_reset(&credentials->arena, ARENA_BLOCK_BYTES);
    credentials->asking_region = true;
    credentials->machine = (struct machine){
        .ask = { .loop = credentials->loop, .http = credentials->http },
        .arena = &credentials->arena,
        .url = arena_copy(&credentials->arena, slice_of(credentials->plan.machine_url)).data,
        .wanted = MACHINE_REGION,
        .done = take_region,
    };
    machine_start(&credentials->machine);
}

void credentials_settle_place(struct credentials *credentials) {
    const struct plan *plan = &credentials->plan;
    struct arena *arena = &credentials->lasting;
    size_t count = 0;
    if (plan->placed && plan->region && credentials->region == NULL)
        credentials->region = arena_copy(arena, slice_of(plan->region)).data;
    if (!plan->placed || credentials->endpoints) return;
    while (plan->endpoints[count].service)
        count++;
    struct plan_endpoint *endpoints = arena_zeroed(arena, count + 1, sizeof *endpoints);
    for (size_t i = 0; i < count; i++)
        endpoints[i] =
            (struct plan_endpoint){ plan->endpoints[i].service,
                                    arena_copy(arena, slice_of(plan->endpoints[i].url)).data };
    credentials->endpoints = endpoints;
}

void credentials_tell_place(struct credentials *credentials) {
    const struct plan *plan = &credentials->plan;
    if (credentials->asking_region) return;
    bool ask = credentials->asking && plan->placed && !credentials->region && plan->machine_url;
    if (ask)
        ask_region(credentials);
    else
        tell_place(credentials);
}

const char *credentials_region(const struct credentials *credentials) {
    return credentials->region;
}

const char *credentials_endpoint(const struct credentials *credentials, const char *service) {
    const struct plan_endpoint *endpoint = credentials->endpoints;
    if (endpoint == NULL) return endpoint_find(service, NULL, NULL, NULL);
    while (endpoint->service && strcmp(endpoint->service, service) != 0)
        endpoint++;
    return endpoint->url;
}
