/* sinks/index_sink.h: deletes, where the index of a post is named by its date, which a delete does
 * not tell: by query over all of them, once what was written before can be found. */
#include "sinks/index_sink.h"
#include "json/writer.h"

#define MOST_REPLY_BYTES ((size_t)1024 * 1024)

static struct slice query_of(struct bulk *bulk) {
    struct writer writer;
    writer_init(&writer, &bulk->arena, bulk->count * 32);
    write_object(&writer);
    write_name(&writer, SLICE("query"));
    write_object(&writer);
    write_name(&writer, SLICE("ids"));
    write_object(&writer);
    write_name(&writer, SLICE("values"));
    write_array(&writer);
    for (size_t i = 0; i < bulk->count; i++)
        write_text(&writer, bulk->actions[i].id);
    write_array_end(&writer);
    write_object_end(&writer);
    write_object_end(&writer);
    write_object_end(&writer);
    return writer_finish(&writer);
}

static void ask(struct bulk *bulk, const char *what, struct http_field query, struct slice body,
                void (*replied)(void *context, const struct aws_reply *reply)) {
    struct index_sink *sink = bulk->shipment->sink;
    index_link_ask(sink->link,
                   &(struct index_ask){
                       .method = "POST",
                       .path = ARENA_JOIN(&bulk->arena, SLICE("/"), sink->pattern, slice_of(what)),
                       .query = query,
                       .content_type = body.length ? "application/json" : NULL,
                       .body = body,
                       .most_bytes = MOST_REPLY_BYTES,
                       .replied = replied,
                       .context = bulk });
}

static void refreshed(void *context, const struct aws_reply *reply) {
    struct bulk *bulk = context;
    static const struct http_field proceed = { { "conflicts", 9 }, { "proceed", 7 } };
    if (reply->outcome != HTTP_REPLIED || reply->status != 200)
        index_bulk_replied(bulk, reply);
    else
        ask(bulk, "/_delete_by_query", proceed, query_of(bulk), index_bulk_replied);
}

void index_removal_send(struct bulk *bulk) {
    ask(bulk, "/_refresh", (struct http_field){ 0 }, SLICE(""), refreshed);
}
