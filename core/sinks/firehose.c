/* Sink "firehose": posts to a stream of Amazon Data Firehose, each a record, or several in one.
 *
 * A handover becomes one request after the other; a few handovers are under way at a time: one more
 * for each request that went well, half as many when the stream is busy. What was not kept comes
 * again by itself, after flow's own waits, but not for ever where the stream keeps all others
 * (firehose_doubt.h). A request that was cut off may have been taken all the
 * same: Firehose has no ids, so that its records may be there twice. */
#include "sinks/firehose.h"
#include "aws/fault.h"
#include "aws/firehose.h"
#include "base/alloc.h"
#include "base/links.h"
#include "base/log.h"
#include "flow/trouble.h"
#include "post/notice.h"
#include "sinks/firehose_doubt.h"
#include "sinks/registry.h"

#define REPLY_BYTES ((size_t)1 << 20)
#define STALL_MS 30000
#define TOTAL_MS 120000
#define STREAM_BYTES 64
/* So many requests go well until more at a time is tried that was too much before; twice as many
 * each time that it still is. */
#define FIRST_PATIENCE 20
#define MOST_PATIENCE 20480
/* Records in doubt for which others make room. */
#define MOST_DOUBTED ((size_t)4)

#define AT(member) offsetof(struct firehose_settings, member)

static const struct option options[] = {
    { .name = "stream",
      .type = OPTION_TEXT,
      .offset = AT(stream),
      .help = "the name of the delivery stream" },
    AWS_SERVICE_OPTIONS(struct firehose_settings, aws),
    { .name = "records",
      .type = OPTION_CHOICE,
      .offset = AT(records),
      .standard = "documents",
      .choices = "raw|documents",
      .help = "posts as they came, or the schema's documents" },
    { .name = "delimiter",
      .type = OPTION_CHOICE,
      .offset = AT(delimiter),
      .standard = "newline",
      .choices = "newline|comma_newline|none",
      .help = "what follows each post" },
    { .name = "pack",
      .type = OPTION_BYTES,
      .offset = AT(pack),
      .standard = "0",
      .highest = FIREHOSE_RECORD_BYTES,
      .help = "posts are put together in records up to this size; 0: each is a record" },
    { .name = "requests",
      .type = OPTION_INTEGER,
      .offset = AT(requests),
      .standard = "4",
      .lowest = 1,
      .highest = 64,
      .help = "how many may be under way, at most; a busy stream gets fewer" },
};

/* A handover and what becomes of its records. */
struct shipment {
    struct firehose *sink;
    struct handover *handover;
    const struct record *records;
    size_t count, capacity;
    size_t from, to;          /* the records that were looked at for the batch */
    struct verdict *verdicts; /* one a record, as are these: */
    uint32_t *picks;          /* the records of the batch, in order */
    struct firehose_batch batch;
    struct arena arena; /* of a reply */
    struct shipment *next, **link;
};

struct firehose {
    const struct sink_context *context;
    const struct firehose_settings *settings;
    struct aws_client *client;
    struct place_wait place;
    bool placing;        /* it is being found out where Firehose is */
    struct slice origin; /* empty: that is not known */
    struct slice delimiter;
    struct projector *walker; /* of replies */
    struct shipment *shipments, *idle;
    unsigned room;          /* for requests */
    unsigned all_room;      /* as delivery_room was told */
    size_t most_bytes;      /* of a batch: fewer after it was too much */
    unsigned patience;      /* requests that go well until it is more again */
    unsigned went_well;     /* of these */
    bool grown;             /* it has become more since it last was too much */
    struct trouble trouble; /* by enum firehose_rule */
    struct firehose_doubts doubts;
    struct arena arena; /* of texts that last */
};

/* ---- shipments ------------------------------------------------------------------------------ */

static struct shipment *shipment_create(struct firehose *sink, size_t count) {
    struct shipment *shipment = sink->idle;
    if (shipment) {
        LINK_OUT(shipment);
    } else {
        shipment = memory_zeroed(1, sizeof *shipment);
        shipment->sink = sink;
        firehose_batch_init(&shipment->batch, (size_t)sink->settings->pack);
        arena_init(&shipment->arena);
    }
    if (shipment->capacity < count) {
        memory_free(shipment->verdicts);
        memory_free(shipment->picks);
        shipment->verdicts = memory_alloc(count * sizeof *shipment->verdicts);
        shipment->picks = memory_alloc(count * sizeof *shipment->picks);
        shipment->capacity = count;
    }
    LINK_IN(shipment, &sink->shipments);
    return shipment;
}

static void shipment_free(struct shipment *shipment) {
    LINK_OUT(shipment);
    firehose_batch_free(&shipment->batch);
    arena_free(&shipment->arena);
    memory_free(shipment->verdicts);
    memory_free(shipment->picks);
    memory_free(shipment);
}

/* What has no verdict yet comes again. The answer may bring the next handover, which must not take
 * this one's memory. */
static void shipment_answer(struct shipment *shipment) {
    struct firehose *sink = shipment->sink;
    handover_answer(shipment->handover, shipment->verdicts);
    LINK_OUT(shipment);
    LINK_IN(shipment, &sink->idle);
}

/* ---- how it goes ---------------------------------------------------------------------------- */

/* Handovers of records in doubt mostly wait, and keep no others from coming. */
static void set_room(struct firehose *sink, unsigned room) {
    unsigned all = room + (unsigned)MIN(sink->doubts.count, MOST_DOUBTED);
    sink->room = room;
    if (all == sink->all_room) return;
    sink->all_room = all;
    delivery_room(sink->context->delivery, all);
}

static void tell(struct firehose *sink, enum firehose_rule rule, struct slice code,
                 struct slice message) {
    trouble_say(sink->context, trouble_is_news(&sink->trouble, (int)rule),
                "stream %s %s%s%.*s%s%.*s", sink->settings->stream, firehose_rule_text(rule),
                code.length ? ": " : "", SLICE_ARGS(slice_first(code, 100)),
                message.length ? ": " : "", SLICE_ARGS(slice_first(message, 500)));
}

/* It is asked less: by one request at a time where asking more is of no use. */
static void trouble(struct firehose *sink, enum firehose_rule rule, struct slice code,
                    struct slice message) {
    set_room(sink, rule == FIREHOSE_BUSY ? MAX(sink->room / 2, 1u) : 1);
    tell(sink, rule, code, message);
}

static void works(struct firehose *sink) {
    if (trouble_is_over(&sink->trouble)) trouble_say_over(sink->context);
    set_room(sink, MIN(sink->room + 1, (unsigned)sink->settings->requests));
    if (sink->most_bytes == FIREHOSE_BATCH_BYTES || ++sink->went_well < sink->patience) return;
    sink->most_bytes = MIN(sink->most_bytes * 2, FIREHOSE_BATCH_BYTES);
    sink->went_well = 0;
    sink->grown = true;
}

static void ask_less(struct firehose *sink, size_t most_bytes) {
    sink->most_bytes = MIN(sink->most_bytes, most_bytes);
    sink->went_well = 0;
    if (sink->grown) sink->patience = MIN(sink->patience * 2, MOST_PATIENCE);
    sink->grown = false;
}

/* ---- a batch -------------------------------------------------------------------------------- */

static struct slice bytes_of(struct shipment *shipment, const struct record *record) {
    struct firehose *sink = shipment->sink;
    const struct document *document = sink_document(sink->context, record);
    if (strcmp(sink->settings->records, "raw") == 0 && record->raw.length) return record->raw;
    return record_is_notice(record->kind) ? notice_of(record->kind, document->key, &shipment->arena)
                                          : document->bytes;
}

/* False when the batch is full. What is in doubt shares a record with nothing. */
static bool add(struct shipment *shipment, const struct record *record, struct slice bytes) {
    struct firehose *sink = shipment->sink;
    bool doubted = firehose_is_doubted(&sink->doubts, record->sequence);
    if (doubted) firehose_batch_part(&shipment->batch);
    bool added = firehose_batch_add(&shipment->batch, bytes, sink->delimiter);
    if (doubted) firehose_batch_part(&shipment->batch);
    return added;
}

/* The next records as far as one request takes them: how many. */
static size_t fill(struct shipment *shipment) {
    struct firehose *sink = shipment->sink;
    struct slice delimiter = sink->delimiter;
    size_t picked = 0;
    firehose_batch_begin(&shipment->batch, sink->settings->stream, sink->most_bytes);
    for (shipment->to = shipment->from; shipment->to < shipment->count; shipment->to++) {
        uint32_t i = (uint32_t)shipment->to;
        struct slice bytes = bytes_of(shipment, &shipment->records[i]);
        if (bytes.length + delimiter.length > FIREHOSE_RECORD_BYTES)
            shipment->verdicts[i] =
                (struct verdict){ VERDICT_REJECT,
                                  SLICE("it is longer than the 1,000 KiB of a Firehose record") };
        else if (add(shipment, &shipment->records[i], bytes))
            shipment->picks[picked++] = i;
        else
            break;
    }
    return picked;
}

static void replied(void *context, const struct aws_reply *reply);

static void send(struct shipment *shipment) {
    static const struct http_field headers[] = {
        { SLICE("content-type"), SLICE("application/x-amz-json-1.1") },
        { SLICE("x-amz-target"), SLICE("Firehose_20150804.PutRecordBatch") },
    };
    const struct aws_ask ask = {
        .method = "POST",
        .origin = shipment->sink->origin,
        .path = SLICE("/"),
        .headers = headers,
        .header_count = LENGTH(headers),
        .body = firehose_batch_end(&shipment->batch),
        .service = SLICE("firehose"),
        .stall_ms = STALL_MS,
        .total_ms = TOTAL_MS,
        .most_bytes = REPLY_BYTES,
        .replied = replied,
        .context = shipment,
    };
    (void)!aws_call_start(shipment->sink->client, &ask);
}

/* From its next records on, or to its end. */
static void go_on(struct shipment *shipment) {
    arena_reset(&shipment->arena, ARENA_BLOCK_BYTES);
    if (fill(shipment) > 0)
        send(shipment);
    else
        shipment_answer(shipment);
}

/* ---- replies -------------------------------------------------------------------------------- */

/* The same verdict for all posts of a batch. */
static void judge_all(struct shipment *shipment, enum verdict_kind kind, struct slice reason) {
    const uint32_t *pick = shipment->picks;
    for (uint32_t i = 0; i < shipment->batch.count; i++)
        for (uint32_t post = 0; post < shipment->batch.posts[i]; post++)
            shipment->verdicts[*pick++] = (struct verdict){ kind, reason };
}

/* A post whose record was not kept. */
static struct verdict judge_failed(struct shipment *shipment, const struct firehose_reply *reply,
                                   uint32_t i, uint64_t sequence) {
    struct firehose *sink = shipment->sink;
    const struct firehose_refusal *refusal = &reply->refusals[i];
    if (!firehose_is_own_fault(refusal->code)) return (struct verdict){ .kind = VERDICT_RETRY };
    bool over = firehose_doubt(&sink->doubts, sequence, shipment->batch.posts[i] == 1,
                               shipment->batch.count - reply->failures, reply->failures,
                               delivery_durable(sink->context->delivery));
    if (!over) return (struct verdict){ .kind = VERDICT_RETRY };
    struct slice reason = arena_format(
        &shipment->arena, "the stream keeps others, and refuses it: %.*s%s%.*s",
        SLICE_ARGS(slice_first(refusal->code, 100)), refusal->message.length ? ": " : "",
        SLICE_ARGS(slice_first(refusal->message, 500)));
    return (struct verdict){ VERDICT_REJECT, reason };
}

/* Of each record's posts what became of it; true when some failed that were not in doubt before. */
static bool judge(struct shipment *shipment, const struct firehose_reply *reply) {
    struct firehose *sink = shipment->sink;
    const uint32_t *pick = shipment->picks;
    bool fresh = false;
    for (uint32_t i = 0; i < shipment->batch.count; i++)
        for (uint32_t post = 0; post < shipment->batch.posts[i]; post++, pick++) {
            uint64_t sequence = shipment->records[*pick].sequence;
            struct verdict *verdict = &shipment->verdicts[*pick];
            if (!reply->failed[i]) {
                *verdict = (struct verdict){ .kind = VERDICT_DONE };
                firehose_doubt_end(&sink->doubts, sequence);
                continue;
            }
            fresh = fresh || !firehose_is_doubted(&sink->doubts, sequence);
            *verdict = judge_failed(shipment, reply, i, sequence);
        }
    sink->doubts.kept += shipment->batch.count - reply->failures;
    sink->doubts.failed += reply->failures;
    return fresh;
}

static void take(struct shipment *shipment, struct slice body) {
    struct firehose *sink = shipment->sink;
    struct firehose_reply answers;
    const char *why;
    if (!firehose_reply_read(body, shipment->batch.count, sink->walker, &shipment->arena, &answers,
                             &why)) {
        trouble(sink, FIREHOSE_AWAY, SLICE("its reply does not answer the request"), slice_of(why));
        shipment_answer(shipment);
        return;
    }
    bool fresh = judge(shipment, &answers);
    shipment->from = shipment->to;
    if (answers.failures) {
        if (fresh) trouble(sink, FIREHOSE_BUSY, answers.first->code, answers.first->message);
        set_room(sink, sink->room);
        shipment_answer(shipment);
        return;
    }
    works(sink);
    go_on(shipment);
}

/* Half as much, down to a single post, which is then at fault itself. */
static void shrink(struct shipment *shipment, struct slice code, struct slice message) {
    struct firehose *sink = shipment->sink;
    if (shipment->batch.count > 1 || shipment->batch.posts[0] > 1) {
        tell(sink, FIREHOSE_TOO_LARGE, code, message);
        ask_less(sink, shipment->batch.bytes / 2);
    } else {
        judge_all(shipment, VERDICT_REJECT, SLICE("the stream refuses it as too large"));
        shipment->from = shipment->to;
    }
    go_on(shipment);
}

static void refuse(struct shipment *shipment, const struct aws_reply *reply) {
    struct aws_fault fault =
        aws_fault_read(reply->body, aws_reply_header(reply, "x-amzn-errortype"), &shipment->arena);
    enum firehose_rule rule = firehose_rule_of(reply->status, fault.code);
    struct slice code = fault.code;
    if (code.length == 0) code = arena_format(&shipment->arena, "status %d", reply->status);
    if (rule == FIREHOSE_TOO_LARGE) {
        shrink(shipment, code, fault.message);
        return;
    }
    trouble(shipment->sink, rule, code, fault.message);
    shipment_answer(shipment);
}

/* That a host rests, which failed before, is nothing new. */
static void replied(void *context, const struct aws_reply *reply) {
    struct shipment *shipment = context;
    struct firehose *sink = shipment->sink;
    bool known = reply->outcome == HTTP_RESTING && sink->trouble.now;
    if (reply->outcome != HTTP_REPLIED) {
        if (!known)
            trouble(sink, reply->keyless ? FIREHOSE_REFUSED : FIREHOSE_AWAY, SLICE(""),
                    slice_of(reply->reason));
        shipment_answer(shipment);
    } else if (reply->status == 200)
        take(shipment, reply->body);
    else
        refuse(shipment, reply);
}

/* ---- where it is ---------------------------------------------------------------------------- */

static void placed(struct place_wait *wait, const struct error *err) {
    struct firehose *sink = CONTAINER_OF(wait, struct firehose, place);
    sink->placing = false;
    sink->origin = firehose_origin(sink->client, &sink->arena);
    if (sink->origin.length == 0)
        trouble(sink, FIREHOSE_WRONG, SLICE("there is no region"),
                err ? slice_of(err->text) : SLICE(FIREHOSE_NO_REGION));
    for (struct shipment *shipment = sink->shipments, *next; shipment; shipment = next) {
        next = shipment->next;
        if (sink->origin.length)
            go_on(shipment);
        else
            shipment_answer(shipment);
    }
}

/* ---- the sink ------------------------------------------------------------------------------- */

static void firehose_deliver(void *self, const struct record *records, size_t count,
                             struct handover *handover) {
    struct firehose *sink = self;
    struct shipment *shipment = shipment_create(sink, count);
    shipment->handover = handover;
    shipment->records = records;
    shipment->count = count;
    shipment->from = 0;
    for (size_t i = 0; i < count; i++)
        shipment->verdicts[i] = (struct verdict){ .kind = VERDICT_RETRY };
    if (sink->origin.length) {
        go_on(shipment);
    } else if (!sink->placing) {
        sink->placing = true;
        aws_client_place(sink->client, &sink->place);
    }
}

static void firehose_destroy(void *self) {
    struct firehose *sink = self;
    credentials_leave_place(&sink->place);
    if (sink->client) aws_client_destroy(sink->client);
    while (sink->shipments)
        shipment_free(sink->shipments);
    while (sink->idle)
        shipment_free(sink->idle);
    projector_destroy(sink->walker);
    arena_free(&sink->arena);
    memory_free(sink);
}

static struct slice delimiter_of(const char *name) {
    if (strcmp(name, "none") == 0) return SLICE("");
    return strcmp(name, "newline") == 0 ? SLICE("\n") : SLICE(",\n");
}

static void *firehose_create(const void *settings, const struct sink_context *context,
                             struct error *err) {
    const struct firehose_settings *given = settings;
    struct aws_client_options client =
        aws_settings_options(&given->aws, (unsigned)given->requests, context->threads);
    struct firehose *sink = memory_zeroed(1, sizeof *sink);
    sink->context = context;
    sink->settings = given;
    sink->room = sink->all_room = 1;
    sink->most_bytes = FIREHOSE_BATCH_BYTES;
    sink->patience = FIRST_PATIENCE;
    sink->delimiter = delimiter_of(given->delimiter);
    sink->place.ready = placed;
    sink->walker = projector_create(NULL);
    arena_init(&sink->arena);
    sink->client = aws_client_create(context->loop, &client, err);
    if (sink->client) return sink;
    firehose_destroy(sink);
    return NULL;
}

static bool check(const void *settings, struct error *err) {
    const struct firehose_settings *given = settings;
    struct slice name = slice_of(given->stream);
    if (!aws_settings_check(&given->aws, err)) return false;
    bool good = name.length > 0 && name.length <= STREAM_BYTES;
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.data[i];
        good = good && ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                        (byte >= '0' && byte <= '9') || strchr("-_.", byte));
    }
    if (good) return true;
    error_set(err, ERROR_CONFIG,
              "stream takes the name of a delivery stream: 1 to 64 letters, digits, - _ .");
    const char *slash = strrchr(given->stream, '/');
    if (slice_starts(name, SLICE("arn:")) && slash && slash[1])
        error_suggest(err, "did you mean \"%.64s\"?", slash + 1);
    return false;
}

const struct sink_ops firehose_sink = {
    .kind = { .name = "firehose",
              .argument = "stream",
              .help = "a delivery stream of Amazon Data Firehose",
              .also = "kinesis|data_firehose|kinesis_firehose",
              .options = { options, LENGTH(options), sizeof(struct firehose_settings) },
              .check = check },
    .online = { firehose_online_begin, firehose_online_end },
    .create = firehose_create,
    .deliver = firehose_deliver,
    .destroy = firehose_destroy,
};
