/* aws/firehose.h: requests. */
#include "aws/firehose.h"
#include "base/base64.h"

#define RECORD_BEGIN "{\"Data\":\""
#define RECORD_END "\"}"
/* All records in base64, what stands around each, the stream's name. */
#define BODY_BYTES                                                                                 \
    (FIREHOSE_BATCH_BYTES / 3 * 4 + 4096 +                                                         \
     FIREHOSE_MOST_RECORDS * (sizeof RECORD_BEGIN + sizeof RECORD_END + 4))

void firehose_batch_init(struct firehose_batch *batch, size_t pack_bytes) {
    *batch = (struct firehose_batch){ .pack_bytes = pack_bytes };
    buffer_init(&batch->body, BODY_BYTES);
    buffer_init(&batch->record, FIREHOSE_RECORD_BYTES);
}

void firehose_batch_free(struct firehose_batch *batch) {
    buffer_free(&batch->body);
    buffer_free(&batch->record);
}

/* The ceilings are above what a batch takes. */
static void put(struct buffer *buffer, struct slice bytes) { (void)!buffer_append(buffer, bytes); }

void firehose_batch_begin(struct firehose_batch *batch, const char *stream, size_t most_bytes) {
    batch->body.length = batch->record.length = batch->bytes = 0;
    batch->most_bytes = most_bytes;
    batch->count = 0;
    batch->parted = false;
    put(&batch->body, SLICE("{\"DeliveryStreamName\":\""));
    put(&batch->body, slice_of(stream));
    put(&batch->body, SLICE("\",\"Records\":["));
}

static void end_record(struct firehose_batch *batch) {
    struct buffer *body = &batch->body;
    size_t room = base64_bytes(batch->record.length) + 1;
    if (batch->count == 0) return;
    put(body, batch->count > 1 ? SLICE("," RECORD_BEGIN) : SLICE(RECORD_BEGIN));
    if (buffer_reserve(body, room))
        body->length += base64_write(buffer_slice(&batch->record), body->data + body->length);
    put(body, SLICE(RECORD_END));
    batch->record.length = 0;
}

void firehose_batch_part(struct firehose_batch *batch) { batch->parted = true; }

bool firehose_batch_add(struct firehose_batch *batch, struct slice post, struct slice delimiter) {
    size_t bytes = post.length + delimiter.length;
    bool joins =
        batch->count && !batch->parted && batch->record.length + bytes <= batch->pack_bytes;
    bool full = batch->bytes + bytes > batch->most_bytes ||
                (!joins && batch->count == FIREHOSE_MOST_RECORDS);
    if (full && batch->count) return false;
    if (!joins) {
        end_record(batch);
        batch->posts[batch->count++] = 0;
        batch->parted = false;
    }
    put(&batch->record, post);
    put(&batch->record, delimiter);
    batch->posts[batch->count - 1]++;
    batch->bytes += bytes;
    return true;
}

struct slice firehose_batch_end(struct firehose_batch *batch) {
    end_record(batch);
    put(&batch->body, SLICE("]}"));
    return buffer_slice(&batch->body);
}
