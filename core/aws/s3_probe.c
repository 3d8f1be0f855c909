/* aws/s3.h: can it list, put, abort? By an upload that is begun and never completed, so that no
 * object comes of it. */
#include "aws/s3_internal.h"
#include "aws/xml.h"
#include "base/alloc.h"

#define PROBE_NAME "linnet-check"
#define PROBE_TEXT SLICE("linnet check --online")

struct s3_probe {
    struct s3 *s3;
    struct arena arena;
    struct slice key, upload_id;
    bool write;
    struct s3_list *list;
    struct s3_call call;
    struct s3_abort *abort;
    struct s3_probe_hooks hooks;
};

static void tried(struct s3_probe *probe, const char *what, const struct s3_result *result) {
    probe->hooks.tried(probe->hooks.context, what, result);
}

static void finish(struct s3_probe *probe) {
    probe->hooks.done(probe->hooks.context);
    s3_probe_cancel(probe);
}

static void aborted(void *context, const struct s3_result *result) {
    struct s3_probe *probe = context;
    probe->abort = NULL;
    tried(probe, "abort", result);
    finish(probe);
}

static void part_sent(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_probe *probe = CONTAINER_OF(call, struct s3_probe, call);
    tried(probe, "put", &answer->result);
    probe->abort = s3_abort_start(probe->s3, probe->key, probe->upload_id, aborted, probe);
}

static void begun(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_probe *probe = CONTAINER_OF(call, struct s3_probe, call);
    struct error err;
    if (answer->result.end != S3_GOOD) {
        tried(probe, "put", &answer->result);
        finish(probe);
        return;
    }
    probe->upload_id = xml_text(xml_read(answer->body, &probe->arena, &err), "UploadId");
    struct s3_request request = { .method = "PUT",
                                  .key = probe->key,
                                  .query = { S3_PARAMETER("partNumber", SLICE("1")),
                                             S3_PARAMETER("uploadId", probe->upload_id) },
                                  .query_count = 2,
                                  .body = PROBE_TEXT };
    s3_call_start(probe->s3, &probe->call, &request, part_sent);
}

static void listed(void *context, const struct s3_entry *entries, size_t count, bool more,
                   const struct s3_result *result) {
    struct s3_probe *probe = context;
    (void)entries, (void)count, (void)more;
    tried(probe, "list", result);
    if (!probe->write) {
        finish(probe);
        return;
    }
    struct s3_request request = { .method = "POST",
                                  .key = probe->key,
                                  .query = { S3_PARAMETER("uploads", SLICE("")) },
                                  .query_count = 1 };
    s3_call_start(probe->s3, &probe->call, &request, begun);
}

struct s3_probe *s3_probe_start(struct s3 *s3, struct slice prefix, bool write,
                                const struct s3_probe_hooks *hooks) {
    struct s3_probe *probe = memory_zeroed(1, sizeof *probe);
    const struct s3_list_hooks page = { listed, probe };
    *probe = (struct s3_probe){ .s3 = s3, .write = write, .hooks = *hooks };
    arena_init(&probe->arena);
    probe->key = ARENA_JOIN(&probe->arena, prefix, SLICE(PROBE_NAME));
    probe->list = s3_list_start(s3, prefix, SLICE(""), &page);
    return probe;
}

void s3_probe_cancel(struct s3_probe *probe) {
    s3_list_close(probe->list);
    s3_call_cancel(&probe->call);
    if (probe->abort) s3_abort_cancel(probe->abort);
    arena_free(&probe->arena);
    memory_free(probe);
}
