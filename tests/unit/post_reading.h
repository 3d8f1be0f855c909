/* What tests of posts share: the dialects, a parse, and the message that came of it. */
#ifndef TESTS_POST_READING_H
#define TESTS_POST_READING_H

#include "padded.h"
#include "post/dialect.h"

struct post_reading {
    struct projection *projection;
    struct dialects *dialects;
    struct projector *projector;
    const struct json_slot *slots; /* of the last record */
    struct record_place place;
    struct arena arena;
    struct message message; /* the last record */
};

/* `schemas` may add their paths between the two calls. */
static inline void reading_init(struct post_reading *reading) {
    *reading = (struct post_reading){ .place = { .source = SLICE("a.json"), .seekable = true } };
    reading->projection = projection_create();
    reading->dialects = dialects_create(reading->projection);
    arena_init(&reading->arena);
}

static inline void reading_seal(struct post_reading *reading) {
    projection_seal(reading->projection);
    reading->projector = projector_create(reading->projection);
}

static inline void reading_free(struct post_reading *reading) {
    dialects_destroy(reading->dialects);
    projection_destroy(reading->projection);
    projector_destroy(reading->projector);
    arena_free(&reading->arena);
}

/* Reads one record; its memory stays until reading_free or a reset of the arena. */
static inline const struct message *read_record(struct post_reading *reading, struct slice raw) {
    reading->message = (struct message){ .raw = padded(&reading->arena, raw, '}'),
                                         .offset = reading->message.offset,
                                         .received_ms = 1700000000000 };
    reading->slots = message_read(reading->dialects, reading->projector, &reading->place,
                                  &reading->message, &reading->arena);
    return &reading->message;
}

static inline const struct message *read_text(struct post_reading *reading, const char *json) {
    return read_record(reading, slice_of(json));
}

#endif
