/* sources/s3_object.h */
#include "sources/s3_object.h"
#include "base/alloc.h"
#include "base/log.h"
#include "net/uri.h"

#define SKIP_BYTES ((size_t)256 * 1024)

struct s3_object_reader {
    struct arena arena;
    struct slice name; /* "s3://bucket/key" */
    struct slice key;
    struct s3_read *read;
    struct decoder *decoder;
    struct records records;
    uint64_t skip;
    struct slice skip_etag;
    bool skip_checked;
    enum s3_end end; /* once it is known */
    void (*ready)(void *context);
    void *context;
};

static bool take(void *context, void *into, size_t room, size_t *got, struct error *err) {
    struct s3_object_reader *object = context;
    *got = s3_read_take(object->read, into, room);
    const struct s3_result *result = *got ? NULL : s3_read_result(object->read);
    if (result == NULL || result->end == S3_GOOD) return true;
    object->end = result->end;
    return error_set(err, ERROR_FAILED, "%.*s: cannot be read: %s",
                     SLICE_ARGS(slice_first(object->name, 300)), result->reason);
}

static void is_ready(void *context) {
    struct s3_object_reader *object = context;
    object->ready(object->context);
}

struct s3_object_reader *s3_object_open(struct s3 *s3, struct slice bucket, struct slice key,
                                        uint64_t skip, struct slice etag,
                                        void (*ready)(void *context), void *context) {
    struct s3_object_reader *object = memory_zeroed(1, sizeof *object);
    const struct s3_read_hooks hooks = { is_ready, object };
    object->skip = skip;
    object->ready = ready;
    object->context = context;
    arena_init(&object->arena);
    object->key = arena_copy(&object->arena, key);
    object->name = ARENA_JOIN(&object->arena, SLICE("s3://"), bucket, SLICE("/"), key);
    object->skip_etag = arena_copy(&object->arena, etag);
    object->read = s3_read_start(s3, key, &hooks);
    object->decoder =
        decoder_create_from(object->name.data, (struct decoder_input){ take, object });
    records_init(&object->records, object->decoder, false);
    return object;
}

void s3_object_close(struct s3_object_reader *object) {
    s3_read_close(object->read);
    records_free(&object->records);
    decoder_destroy(object->decoder);
    arena_free(&object->arena);
    memory_free(object);
}

bool s3_object_is_ready(struct s3_object_reader *object) {
    return records_buffered(&object->records) || s3_read_buffered(object->read) ||
           s3_read_result(object->read);
}

/* Another object under the same name is read whole. */
static void check_skip(struct s3_object_reader *object) {
    struct slice etag = s3_read_etag(object->read);
    object->skip_checked = true;
    if (object->skip == 0 || object->skip_etag.length == 0 || slice_equal(etag, object->skip_etag))
        return;
    log_info("s3", "%.*s: is another object than the one that was read before: from its start",
             SLICE_ARGS(slice_first(object->name, 300)));
    object->skip = 0;
}

bool s3_object_skip(struct s3_object_reader *object, struct error *err) {
    error_clear(err);
    if (!object->skip_checked) check_skip(object);
    if (object->skip == 0 || decoder_ended(object->decoder)) return true;
    char *bytes = memory_alloc(SKIP_BYTES);
    size_t got = 0, wanted = (size_t)MIN(object->skip, (uint64_t)SKIP_BYTES);
    (void)!decoder_read(object->decoder, bytes, wanted, &got, err);
    memory_free(bytes);
    object->skip -= got;
    object->records.offset += got;
    return false;
}

bool s3_object_fill(struct s3_object_reader *object, struct batch *batch, struct error *err) {
    struct arena *arena = &batch->arena;
    batch->place = (struct record_place){ arena_copy(arena, object->name), true, 0 };
    bool good = records_fill(&object->records, batch, BATCH_MESSAGES, err);
    struct slice etag = uri_encode(s3_read_etag(object->read), false, arena);
    struct slice key = uri_encode(object->key, true, arena);
    struct slice position =
        arena_format(arena, "%llu \"%.*s\" %.*s", (unsigned long long)object->records.offset,
                     SLICE_ARGS(etag), SLICE_ARGS(key));
    if (position.length <= MAX_POSITION_BYTES) batch->position = position;
    return good;
}

bool s3_object_ended(const struct s3_object_reader *object) {
    return records_ended(&object->records);
}

uint64_t s3_object_consumed(const struct s3_object_reader *object) {
    return decoder_consumed(object->decoder);
}

bool s3_object_is_out_of_reach(const struct s3_object_reader *object) {
    return object->end == S3_LATER;
}
