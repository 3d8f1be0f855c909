/* Records of strangers through every dialect: no crash, and messages that keep what others rely on.
 */
#include "base/hash.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "post/dialect.h"

static void check_list(const struct slice_list *list) {
    for (uint32_t i = 0; i < list->count; i++)
        require(utf8_valid(list->items[i]));
}

static void check_post(const struct message *message) {
    require(utf8_valid(message->text) && utf8_valid(message->quoted_text));
    require(utf8_valid(message->author.handle) && utf8_valid(message->author.name));
    check_list(&message->hashtags);
    check_list(&message->mentions);
    check_list(&message->cashtags);
    check_list(&message->urls);
    if (message->traits & TRAIT_COORDINATES)
        require(message->lon >= -180 && message->lon <= 180 && message->lat >= -90 &&
                message->lat <= 90);
}

static void check(const struct message *message) {
    if (message->kind == MESSAGE_MALFORMED) require(message->reason.length > 0);
    if (message->kind == MESSAGE_CONTROL || message->kind == MESSAGE_MALFORMED) return;
    require(message->id.length > 0 || message->kind == MESSAGE_DELETE);
    require(message->key.length <= 512 && utf8_valid(message->key));
    if (message_is_post(message->kind)) check_post(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct projection *projection;
    static struct dialects *dialects;
    static struct projector *projector;
    static const struct record_place place = { .source = { "fuzz", 4 }, .seekable = true };
    struct arena arena;
    if (projection == NULL) {
        projection = projection_create();
        dialects = dialects_create(projection);
        projection_seal(projection);
        projector = projector_create(projection);
    }
    arena_init(&arena);
    struct message message = { .raw = padded_copy(&arena, data, size) }, halves = message;
    struct message_rest rest;
    (void)!message_read(dialects, projector, &place, &message, &arena);
    check(&message);
    (void)!message_begin(dialects, projector, &place, &halves, &arena, &rest);
    check(&halves);
    bool finished = message_finish(&rest, projector, &place, &halves, &arena);
    check(&halves);
    require(finished || halves.kind == MESSAGE_MALFORMED);
    require(halves.kind == message.kind || message.kind == MESSAGE_MALFORMED);
    arena_free(&arena);
    return 0;
}
