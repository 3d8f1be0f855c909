/* aws/s3.h: aborting multipart uploads that were left behind: the one that is known, then those of
 * the same key that the server lists, until it lists none. */
#include "aws/s3_internal.h"
#include "aws/xml.h"
#include "base/alloc.h"
#include "base/log.h"

#define MOST_ROUNDS 20

struct s3_abort {
    struct s3 *s3;
    struct arena arena;
    struct slice key;
    struct slice *ids; /* to be aborted */
    size_t count, at;
    unsigned rounds;
    struct s3_call call;
    void (*done)(void *context, const struct s3_result *result);
    void *context;
};

static void list(struct s3_abort *abort);
static void abort_next(struct s3_abort *abort);

static void finish(struct s3_abort *abort, const struct s3_result *result) {
    abort->done(abort->context, result);
    s3_abort_cancel(abort);
}

static void aborted(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_abort *abort = CONTAINER_OF(call, struct s3_abort, call);
    if (answer->result.end == S3_GOOD || answer->result.end == S3_MISSING) {
        abort->at++;
        abort_next(abort);
    } else
        finish(abort, &answer->result);
}

static void abort_next(struct s3_abort *abort) {
    if (abort->at == abort->count) {
        list(abort);
        return;
    }
    struct s3_request request = { .method = "DELETE",
                                  .key = abort->key,
                                  .query = { S3_PARAMETER("uploadId", abort->ids[abort->at]) },
                                  .query_count = 1 };
    s3_call_start(abort->s3, &abort->call, &request, aborted);
}

/* Of this very key: a listing gives all that begin with it. */
static void take_ids(struct s3_abort *abort, struct slice body) {
    struct error err;
    const struct xml_element *root = xml_read(body, &abort->arena, &err);
    size_t count = 0;
    abort->count = abort->at = 0;
    for (const struct xml_element *one = xml_find(root, "Upload"); one; one = xml_again(one))
        count++;
    abort->ids = arena_alloc(&abort->arena, (count + 1) * sizeof *abort->ids);
    for (const struct xml_element *one = xml_find(root, "Upload"); one; one = xml_again(one)) {
        struct slice id = xml_text(one, "UploadId");
        if (slice_equal(xml_text(one, "Key"), abort->key) && id.length)
            abort->ids[abort->count++] = id;
    }
}

static void listed(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_abort *abort = CONTAINER_OF(call, struct s3_abort, call);
    struct s3_result good = { S3_GOOD, "" };
    if (answer->result.end == S3_GOOD) {
        take_ids(abort, answer->body);
        if (abort->count)
            abort_next(abort);
        else
            finish(abort, &good);
    } else if (answer->result.end == S3_LATER)
        finish(abort, &answer->result);
    else {
        /* Keys that may only write: what was known is aborted. */
        if (!abort->s3->not_listed)
            log_warning("s3", "%s: uploads that a crash left are not looked for",
                        answer->result.reason);
        abort->s3->not_listed = true;
        finish(abort, &good);
    }
}

static void list(struct s3_abort *abort) {
    struct s3_request request = { .method = "GET",
                                  .query = { S3_PARAMETER("uploads", SLICE("")),
                                             S3_PARAMETER("prefix", abort->key) },
                                  .query_count = 2 };
    struct s3_result result = { S3_LATER, "the server lists uploads again that were aborted" };
    if (abort->rounds++ == MOST_ROUNDS)
        finish(abort, &result);
    else
        s3_call_start(abort->s3, &abort->call, &request, listed);
}

struct s3_abort *s3_abort_start(struct s3 *s3, struct slice key, struct slice upload_id,
                                void (*done)(void *context, const struct s3_result *result),
                                void *context) {
    struct s3_abort *abort = memory_zeroed(1, sizeof *abort);
    *abort = (struct s3_abort){ .s3 = s3, .done = done, .context = context };
    arena_init(&abort->arena);
    abort->key = arena_copy(&abort->arena, key);
    abort->ids = arena_alloc(&abort->arena, sizeof *abort->ids);
    abort->ids[0] = arena_copy(&abort->arena, upload_id);
    abort->count = upload_id.length > 0;
    abort_next(abort);
    return abort;
}

void s3_abort_cancel(struct s3_abort *abort) {
    s3_call_cancel(&abort->call);
    arena_free(&abort->arena);
    memory_free(abort);
}
