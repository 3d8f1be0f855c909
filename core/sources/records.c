/* sources/records.h */
#include "sources/records.h"
#include "json/projection.h"

#define READ_BYTES ((size_t)256 * 1024)

void records_init(struct records *records, struct decoder *decoder, bool by_ordinal) {
    *records = (struct records){ .decoder = decoder, .by_ordinal = by_ordinal };
    buffer_init(&records->left, MAX_RECORD_BYTES + 2 * READ_BYTES);
}

void records_free(struct records *records) { buffer_free(&records->left); }

bool records_ended(const struct records *records) {
    return records->left.length == 0 && decoder_ended(records->decoder);
}

bool records_buffered(const struct records *records) {
    return records->whole_left || decoder_buffered(records->decoder);
}

/* The prototype put "," between objects; in a line of text it is text. */
static struct slice without_separator(struct slice line) {
    line = slice_trim(line);
    if (line.length > 2 && line.data[0] == '{' && line.data[line.length - 1] == ',') line.length--;
    return line;
}

static void add_record(struct records *records, struct batch *batch, struct slice line,
                       uint64_t offset) {
    uint64_t place = records->by_ordinal ? records->ordinal : offset;
    records->ordinal++;
    batch_add(batch, without_separator(line), place);
}

/* What is being cut: `bytes` from `at` on. */
struct cutting {
    struct slice bytes;
    size_t at;
    uint64_t offset; /* of bytes.data */
};

/* Gives up on a line that has no end within the bound: its beginning stands for it. */
static void cut_overlong(struct records *records, struct cutting *cutting, struct batch *batch) {
    size_t length = cutting->bytes.length - cutting->at;
    if (!records->skipping) {
        struct slice start = slice_from(cutting->bytes.data + cutting->at, 256);
        add_record(records, batch, start, cutting->offset + cutting->at);
        struct message *message = &batch->messages[batch->count - 1];
        message->kind = MESSAGE_MALFORMED;
        message->reason = SLICE("the record is longer than 1 MiB");
    }
    records->skipping = true;
    cutting->at += length;
}

/* Adds whole lines to the batch; at the end of the stream what is left is a line too. */
static void cut_lines(struct records *records, struct cutting *cutting, struct batch *batch,
                      uint32_t limit, bool at_end) {
    records->whole_left = false;
    while (cutting->at < cutting->bytes.length) {
        if (batch->count == limit) {
            records->whole_left = true;
            return;
        }
        const char *start = cutting->bytes.data + cutting->at;
        size_t room = cutting->bytes.length - cutting->at;
        const char *newline = memchr(start, '\n', room);
        size_t length = newline ? (size_t)(newline - start) : room;
        if (newline == NULL && !at_end) {
            if (room > MAX_RECORD_BYTES || records->skipping) cut_overlong(records, cutting, batch);
            return;
        }
        if (length > MAX_RECORD_BYTES)
            cut_overlong(records,
                         &(struct cutting){ slice_first(cutting->bytes, cutting->at + length),
                                            cutting->at, cutting->offset },
                         batch);
        else if (!records->skipping)
            add_record(records, batch, slice_from(start, length), cutting->offset + cutting->at);
        records->skipping = false;
        cutting->at += length + (newline != NULL);
    }
}

bool records_fill(struct records *records, struct batch *batch, uint32_t limit, struct error *err) {
    size_t kept = records->left.length, room = records->whole_left ? 0 : READ_BYTES, got = 0;
    char *bytes = arena_alloc(&batch->arena, kept + room + JSON_PADDING);
    if (kept) memcpy(bytes, records->left.data, kept);
    buffer_consume(&records->left, kept);
    if (room && !decoder_read(records->decoder, bytes + kept, room, &got, &records->failure))
        records->broken = true;
    struct cutting cutting = { slice_from(bytes, kept + got), 0, records->offset };
    memset(bytes + kept + got, ' ', JSON_PADDING); /* simdjson reads it, whatever it holds */
    cut_lines(records, &cutting, batch, limit, records->broken || decoder_ended(records->decoder));
    records->offset += cutting.at;
    struct slice rest = slice_skip(cutting.bytes, cutting.at);
    bool fits =
        buffer_append(&records->left, rest); /* the ceiling is above any rest cut_lines leaves */
    (void)fits;
    if (room) arena_shrink(&batch->arena, bytes, kept + got + JSON_PADDING);
    bool told = records->broken && !records->whole_left;
    if (told) *err = records->failure;
    return !told;
}
