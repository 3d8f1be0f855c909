/* index/sink.h: deletes and changes, where the index of a post is named by its date, which a
 * notice does not tell: by query over all of them, once what was written before can be found. */
#include "index/sink.h"
#include "json/writer.h"

#define MOST_REPLY_BYTES ((size_t)1024 * 1024)

/* Painless: a merge patch (RFC 7396) of which nothing but the nulls is of interest. */
#define CUT                                                                                        \
    "void cut(Map document, Map patch) { for (def entry : patch.entrySet()) {"                     \
    " if (entry.getValue() == null) { document.remove(entry.getKey()) }"                           \
    " else if (document.get(entry.getKey()) instanceof Map)"                                       \
    " { cut(document.get(entry.getKey()), entry.getValue()) } } }"                                 \
    " cut(ctx._source, params.patch)"

static void write_ids(struct writer *writer, const struct bulk *bulk) {
    write_name(writer, SLICE("query"));
    write_object(writer);
    write_name(writer, SLICE("ids"));
    write_object(writer);
    write_name(writer, SLICE("values"));
    write_array(writer);
    for (size_t i = 0; i < bulk->count; i++)
        write_text(writer, bulk->actions[i].id);
    write_array_end(writer);
    write_object_end(writer);
    write_object_end(writer);
}

static void write_script(struct writer *writer, struct slice patch) {
    write_name(writer, SLICE("script"));
    write_object(writer);
    write_text_member(writer, "lang", SLICE("painless"));
    write_text_member(writer, "source", SLICE(CUT));
    write_name(writer, SLICE("params"));
    write_object(writer);
    write_name(writer, SLICE("patch"));
    write_raw(writer, patch);
    write_object_end(writer);
    write_object_end(writer);
}

static struct slice body_of(struct bulk *bulk) {
    const struct index_action *first = &bulk->actions[0];
    struct writer writer;
    writer_init(&writer, &bulk->arena, bulk->count * 32);
    write_object(&writer);
    write_ids(&writer, bulk);
    if (first->verb == INDEX_CHANGE) write_script(&writer, first->document);
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
        ask(bulk, bulk->actions[0].verb == INDEX_CHANGE ? "/_update_by_query" : "/_delete_by_query",
            proceed, body_of(bulk), index_bulk_replied);
}

void index_query_send(struct bulk *bulk) {
    ask(bulk, "/_refresh", (struct http_field){ 0 }, SLICE(""), refreshed);
}
