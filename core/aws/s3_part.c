/* Parts of uploads: read from the file and hashed by the crew, one at a time. */
#include "aws/s3_upload.h"
#include "base/alloc.h"
#include "base/links.h"
#include "base/os.h"
#include <errno.h>

static void read_part(struct task *task, unsigned worker) {
    struct s3_lane *lane = CONTAINER_OF(task, struct s3_lane, task);
    const struct s3_object *object = &lane->upload->object;
    unsigned long long at = object->offset + lane->offset;
    (void)worker;
    ssize_t got = os_read_at(object->fd, lane->buffer, lane->bytes, at);
    lane->good = got >= 0 && (size_t)got == lane->bytes;
    if (!lane->good) {
        error_set(&lane->err, ERROR_FAILED, "the file cannot be read at byte %llu: %s", at,
                  got < 0 ? strerror(errno) : "it is shorter than it was");
        return;
    }
    struct digest digest = sha256_of(slice_from(lane->buffer, lane->bytes));
    digest_hex(&digest, lane->hash);
}

static void part_read(struct task *task) {
    struct s3_lane *lane = CONTAINER_OF(task, struct s3_lane, task);
    struct s3_upload *upload = lane->upload;
    lane->busy = false;
    upload->s3->reading = NULL;
    s3_read_parts(upload->s3);
    if (upload->cancelled)
        s3_upload_free(upload);
    else
        s3_part_read(lane);
}

void s3_read_parts(struct s3 *s3) {
    struct s3_lane *lane = s3->to_read;
    if (lane == NULL || s3->reading) return;
    s3->to_read = lane->next;
    s3->reading = lane;
    lane->task = (struct task){ .run = read_part, .done = part_read };
    crew_submit(s3->crew, &lane->task);
}

void s3_lane_read(struct s3_lane *lane, unsigned number, uint64_t offset, size_t bytes) {
    struct s3 *s3 = lane->upload->s3;
    if (bytes > lane->room) {
        memory_free(lane->buffer);
        lane->buffer = memory_alloc(bytes);
        lane->room = bytes;
    }
    lane->number = number;
    lane->offset = offset;
    lane->bytes = bytes;
    lane->busy = true;
    lane->next = NULL;
    struct s3_lane **last = &s3->to_read;
    while (*last)
        last = &(*last)->next;
    *last = lane;
    s3_read_parts(s3);
}

/* Out of the line for the crew; one that the crew has stays busy. */
static void leave_line(struct s3_lane *lane) {
    struct s3 *s3 = lane->upload->s3;
    for (struct s3_lane **link = &s3->to_read; *link; link = &(*link)->next) {
        if (*link != lane) continue;
        *link = lane->next;
        lane->busy = false;
        return;
    }
}

static void release(struct s3_upload *upload) {
    LINK_OUT(upload);
    if (upload->object.fd >= 0) os_close(upload->object.fd);
    for (size_t i = 0; i < S3_LANES; i++)
        memory_free(upload->lanes[i].buffer);
    arena_free(&upload->arena);
    memory_free(upload->etags);
    memory_free(upload);
}

void s3_upload_free(struct s3_upload *upload) {
    bool busy = false;
    for (size_t i = 0; i < S3_LANES; i++) {
        s3_call_cancel(&upload->lanes[i].call);
        leave_line(&upload->lanes[i]);
        busy = busy || upload->lanes[i].busy;
    }
    s3_call_cancel(&upload->call);
    if (upload->abort) s3_abort_cancel(upload->abort);
    upload->abort = NULL;
    upload->cancelled = true;
    if (!busy) release(upload);
}

void s3_free_uploads(struct s3 *s3) {
    while (s3->uploads)
        release(s3->uploads);
}
