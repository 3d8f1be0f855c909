/* sinks/firehose.h: where the stream is, and whether it is there: DescribeDeliveryStream. */
#include "aws/fault.h"
#include "aws/firehose.h"
#include "base/alloc.h"
#include "sinks/firehose.h"
#include <cjson/cJSON.h>

#define TOTAL_MS 30000
#define REPLY_BYTES ((size_t)1 << 20)

struct slice firehose_origin(const struct aws_client *client, struct arena *arena) {
    const char *endpoint = aws_client_endpoint(client, "firehose");
    const char *region = aws_client_region(client);
    if (endpoint) return arena_copy(arena, slice_of(endpoint));
    if (region == NULL) return SLICE("");
    bool china = slice_starts(slice_of(region), SLICE("cn-"));
    return arena_format(arena, "https://firehose.%s.amazonaws.com%s", region, china ? ".cn" : "");
}

struct trying {
    struct online *online;
    const struct firehose_settings *settings;
    struct aws_client *client;
    struct place_wait place;
    struct arena arena;
};

static void end(struct trying *trying, const char *why) {
    trying->online->tried(trying->online, "describe", why);
    trying->online->done(trying->online);
}

/* NULL: it takes posts. */
static const char *read_status(struct slice body, struct arena *arena) {
    cJSON *reply = cJSON_ParseWithLength(body.data, body.length);
    const cJSON *stream = cJSON_GetObjectItemCaseSensitive(reply, "DeliveryStreamDescription");
    const char *status =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(stream, "DeliveryStreamStatus"));
    const char *why = "its reply is no description of a stream";
    if (status)
        why = strcmp(status, "ACTIVE") == 0
                  ? NULL
                  : arena_format(arena, "the stream is %.40s, not ACTIVE", status).data;
    cJSON_Delete(reply);
    return why;
}

static const char *read_fault(const struct aws_reply *reply, struct arena *arena) {
    struct aws_fault fault =
        aws_fault_read(reply->body, aws_reply_header(reply, "x-amzn-errortype"), arena);
    const char *what = firehose_rule_text(firehose_rule_of(reply->status, fault.code));
    return arena_format(arena, "status %d: %s: %.*s: %.*s", reply->status, what,
                        SLICE_ARGS(slice_first(fault.code, 100)),
                        SLICE_ARGS(slice_first(fault.message, 300)))
        .data;
}

static void replied(void *context, const struct aws_reply *reply) {
    struct trying *trying = context;
    if (reply->outcome != HTTP_REPLIED)
        end(trying, reply->reason);
    else if (reply->status == 200)
        end(trying, read_status(reply->body, &trying->arena));
    else
        end(trying, read_fault(reply, &trying->arena));
}

static void placed(struct place_wait *wait, const struct error *err) {
    struct trying *trying = CONTAINER_OF(wait, struct trying, place);
    struct slice origin = firehose_origin(trying->client, &trying->arena);
    if (origin.length == 0) {
        end(trying, err ? err->text : "there is no region: " FIREHOSE_NO_REGION);
        return;
    }
    static const struct http_field headers[] = {
        { SLICE("content-type"), SLICE("application/x-amz-json-1.1") },
        { SLICE("x-amz-target"), SLICE("Firehose_20150804.DescribeDeliveryStream") },
    };
    const struct aws_ask ask = {
        .method = "POST",
        .origin = origin,
        .path = SLICE("/"),
        .headers = headers,
        .header_count = LENGTH(headers),
        .body = arena_format(&trying->arena, "{\"DeliveryStreamName\":\"%s\"}",
                             trying->settings->stream),
        .service = SLICE("firehose"),
        .total_ms = TOTAL_MS,
        .most_bytes = REPLY_BYTES,
        .replied = replied,
        .context = trying,
    };
    (void)!aws_call_start(trying->client, &ask);
}

void *firehose_online_begin(const void *settings, struct online *online, struct error *err) {
    const struct firehose_settings *given = settings;
    struct aws_client_options options = aws_settings_options(&given->aws, 1, 1);
    struct aws_client *client = aws_client_create(online->loop, &options, err);
    if (client == NULL) return NULL;
    struct trying *trying = memory_zeroed(1, sizeof *trying);
    *trying = (struct trying){
        .online = online, .settings = given, .client = client, .place.ready = placed
    };
    arena_init(&trying->arena);
    aws_client_place(client, &trying->place);
    return trying;
}

void firehose_online_end(void *self) {
    struct trying *trying = self;
    credentials_leave_place(&trying->place);
    aws_client_destroy(trying->client);
    arena_free(&trying->arena);
    memory_free(trying);
}
