/* archive/object.h */
#include "archive/object.h"
#include "base/alloc.h"
#include "store/frame.h"
#include <errno.h>
#include <stdlib.h>

/* So much is gathered before it is compressed and written. */
#define COMING_BYTES ((size_t)128 * 1024)
/* The longest record and what stands around it are below this. */
#define MOST_COMING_BYTES ((size_t)64 << 20)
#define GOING_BYTES ((size_t)128 * 1024)

struct object *object_create(const char *path, enum codec codec, unsigned level) {
    struct object *object = memory_zeroed(1, sizeof *object);
    object->codec = codec;
    object->level = level;
    object->fd = -1;
    memcpy(object->path, path, MIN(strlen(path), sizeof object->path - 1));
    buffer_init(&object->coming, MOST_COMING_BYTES);
    buffer_init(&object->going, GOING_BYTES);
    return object;
}

static void close_file(struct object *object) {
    if (object->fd >= 0) os_close(object->fd);
    object->fd = -1;
}

void object_destroy(struct object *object) {
    bool named = object->fd >= 0 && !object->moved;
    close_file(object);
    if (named) os_remove_file(object->path);
    encoder_destroy(object->encoder);
    buffer_free(&object->coming);
    buffer_free(&object->going);
    memory_free(object->gatherings);
    memory_free(object);
}

void object_add(struct object *object, struct slice bytes) {
    if (!buffer_append(&object->coming, bytes)) abort(); /* longer than any record */
    object->bytes += bytes.length;
}

bool object_is_full(const struct object *object) { return object->coming.length >= COMING_BYTES; }

static bool fail(const struct object *object, struct error *err) {
    return file_error(err, object->path, "written");
}

static bool open_file(struct object *object, struct error *err) {
    if (object->fd >= 0) return true;
    os_remove_file(object->path);
    object->fd = os_open(object->path, object->hidden ? OS_UPDATE : OS_NEW);
    return object->fd >= 0 || fail(object, err);
}

static bool put(struct object *object, struct slice bytes, struct error *err) {
    if (bytes.length == 0) return true;
    if (!open_file(object, err)) return false;
    if (!os_write_at(object->fd, bytes, object->written)) return fail(object, err);
    object->file_sum = crc32c(object->file_sum, bytes);
    object->written += bytes.length;
    return true;
}

/* What is compressed goes to the file. */
static bool put_going(struct object *object, struct error *err) {
    if (!put(object, buffer_slice(&object->going), err)) return false;
    object->going.length = 0;
    return true;
}

static bool flush_plain(struct object *object, struct error *err) {
    if (!put(object, buffer_slice(&object->coming), err)) return false;
    object->coming.length = 0;
    object->sum = object->file_sum;
    return true;
}

static void begin_encoder(struct object *object) {
    if (object->encoder) return;
    object->encoder = encoder_create(object->codec, object->level);
    if (!buffer_reserve(&object->going, GOING_BYTES)) abort(); /* it is empty */
}

bool object_flush(struct object *object, struct error *err) {
    if (object->codec == CODEC_NONE) return flush_plain(object, err);
    if (object->coming.length) begin_encoder(object);
    while (object->coming.length) {
        struct slice all = buffer_slice(&object->coming), left = all;
        if (!put_going(object, err)) return false;
        object->going.length = encoder_run(object->encoder, &left, object->going.data, GOING_BYTES);
        size_t taken = all.length - left.length;
        object->sum = crc32c(object->sum, slice_first(all, taken));
        buffer_consume(&object->coming, taken);
    }
    return true;
}

static bool end_encoder(struct object *object, struct error *err) {
    while (!object->ended) {
        if (!put_going(object, err)) return false;
        object->going.length = encoder_end(object->encoder, object->going.data, GOING_BYTES);
        object->ended = object->going.length < GOING_BYTES;
    }
    return put_going(object, err);
}

/* From one file to another; *sum is that of what was read. */
static bool copy(int from, int to, uint32_t *sum) {
    char *bytes = memory_alloc(GOING_BYTES);
    uint64_t at = 0;
    ssize_t got;
    bool copied = true;
    while (copied && (got = os_read_at(from, bytes, GOING_BYTES, at)) != 0) {
        copied = got > 0 && os_write_at(to, slice_from(bytes, (size_t)got), at);
        if (copied) *sum = crc32c(*sum, slice_from(bytes, (size_t)got));
        at += copied ? (uint64_t)got : 0;
    }
    int failed = errno;
    memory_free(bytes);
    errno = failed;
    return copied;
}

/* After a failed sync nothing is known of the file on the disk. What the system still has of it
 * goes to another, if that is what was written. */
static bool write_anew(struct object *object, struct error *err) {
    os_remove_file(object->path);
    int fd = os_open(object->path, object->hidden ? OS_UPDATE : OS_NEW);
    uint32_t sum = 0;
    if (fd < 0) return fail(object, err);
    bool copied = copy(object->fd, fd, &sum);
    object->lost = copied && sum != object->file_sum;
    if (copied && !object->lost && os_sync(fd)) {
        os_close(object->fd);
        object->fd = fd;
        return true;
    }
    if (object->lost) errno = EIO;
    fail(object, err);
    os_close(fd);
    return false;
}

bool object_close(struct object *object, struct error *err) {
    if (object->closed) return true;
    if (!object_flush(object, err)) return false;
    if (object->codec != CODEC_NONE && !end_encoder(object, err)) return false;
    if (!object->doubtful) object->closed = os_sync(object->fd);
    object->doubtful = !object->closed;
    if (object->doubtful) object->closed = write_anew(object, err);
    encoder_destroy(object->encoder);
    object->encoder = NULL;
    return object->closed;
}
