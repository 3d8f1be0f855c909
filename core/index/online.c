/* index/sink.h: `linnet check --online`: what the server is, and whether the index is there,
 * or may be made. Nothing is changed. */
#include "base/alloc.h"
#include "index/sink.h"

#define MOST_REPLY_BYTES ((size_t)16 * 1024 * 1024)

struct trying {
    struct online *online;
    struct arena arena;
    struct index_place place;
    struct index_link *link;
    struct index_setup setup;
    bool manage;
};

static void tell(struct trying *trying, const char *what, const char *why) {
    trying->online->tried(trying->online, what, why);
}

static void index_asked(void *context, const struct aws_reply *reply) {
    struct trying *trying = context;
    const char *what = trying->manage && reply->status == 404 ? "make the index" : "index";
    if (reply->outcome != HTTP_REPLIED)
        tell(trying, what, reply->reason);
    else if (reply->status == 200 || (reply->status == 404 && trying->manage))
        tell(trying, what, NULL);
    else {
        struct index_item said =
            index_error_read(reply->status, reply->body, trying->setup.projector, &trying->arena);
        tell(trying, what, index_item_text(&said, &trying->arena).data);
    }
    trying->online->done(trying->online);
}

static void server_asked(struct index_setup *setup, enum index_rule rule, struct slice text,
                         struct slice retry_after) {
    struct trying *trying = CONTAINER_OF(setup, struct trying, setup);
    (void)retry_after;
    tell(trying, "server", rule == INDEX_DONE ? NULL : arena_copy(&trying->arena, text).data);
    if (rule != INDEX_DONE) {
        trying->online->done(trying->online);
        return;
    }
    struct slice pattern = index_place_pattern(&trying->place, &trying->arena);
    index_link_ask(trying->link,
                   &(struct index_ask){
                       .method = "GET",
                       .path = ARENA_JOIN(&trying->arena, SLICE("/"), pattern, SLICE("/_mapping")),
                       .most_bytes = MOST_REPLY_BYTES,
                       .replied = index_asked,
                       .context = trying });
}

void *index_online_begin(const void *settings, struct online *online, struct error *err) {
    const struct index_settings *given = settings;
    struct trying *trying = memory_zeroed(1, sizeof *trying);
    *trying = (struct trying){ .online = online, .manage = given->manage };
    arena_init(&trying->arena);
    index_setup_init(&trying->setup);
    if (index_place_read(given->url, given->index, &trying->arena, &trying->place, err))
        trying->link = index_link_create(online->loop, given, &trying->place, 0, err);
    if (trying->link == NULL) {
        index_online_end(trying);
        return NULL;
    }
    trying->setup.link = trying->link;
    trying->setup.place = &trying->place;
    trying->setup.projector = projector_create(NULL);
    trying->setup.ended = server_asked;
    index_setup_start(&trying->setup);
    return trying;
}

void index_online_end(void *self) {
    struct trying *trying = self;
    if (trying->link) index_link_destroy(trying->link);
    if (trying->setup.projector) projector_destroy(trying->setup.projector);
    index_setup_free(&trying->setup);
    arena_free(&trying->arena);
    memory_free(trying);
}
