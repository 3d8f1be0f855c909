/* Sinks "ndjson" and "discard": documents to a file, one a line, appended; or nowhere. */
#include "base/alloc.h"
#include "base/os.h"
#include "sinks/output.h"
#include "sinks/registry.h"
#include <errno.h>
#include <stddef.h>

struct settings {
    const char *path;
};

static const struct option options[] = {
    { .name = "path",
      .type = OPTION_PATH,
      .offset = offsetof(struct settings, path),
      .help = "the file; lines are added to its end" },
};

struct ndjson {
    struct output output;
    const struct sink_context *context;
};

/* *torn: a kill or a full disk left half a document at the file's end. False with errno. */
static bool look_at_end(int fd, const char *path, bool *torn) {
    struct os_info info;
    char last = '\n';
    if (!os_stat_fd(fd, &info)) return false;
    if (info.kind != OS_FILE || info.bytes == 0) return true;
    int reading = os_open(path, OS_READ);
    if (reading < 0) return errno == EACCES; /* to be written only */
    bool looked = os_read_at(reading, &last, 1, (uint64_t)info.bytes - 1) >= 0;
    os_close(reading);
    *torn = last != '\n';
    return looked;
}

static void *ndjson_create(const void *settings, const struct sink_context *context,
                           struct error *err) {
    const char *path = ((const struct settings *)settings)->path;
    bool torn = false;
    int fd = os_open(path, OS_APPEND);
    if (fd < 0 || !look_at_end(fd, path, &torn)) {
        error_set(err, ERROR_FAILED, "%s: cannot be opened for writing: %s", path, strerror(errno));
        if (fd >= 0) os_close(fd);
        return NULL;
    }
    struct ndjson *sink = memory_zeroed(1, sizeof *sink);
    output_init(&sink->output, path, fd);
    sink->output.torn = torn;
    sink->context = context;
    return sink;
}

static void ndjson_deliver(void *self, const struct record *records, size_t count,
                           struct handover *handover) {
    struct ndjson *sink = self;
    bool written = true;
    for (size_t i = 0; i < count && written; i++)
        written = output_document(&sink->output, records[i].kind,
                                  sink_document(sink->context, &records[i]));
    written = written && output_flush(&sink->output);
    output_answer(&sink->output, written, handover);
}

static void ndjson_destroy(void *self) {
    struct ndjson *sink = self;
    os_close(sink->output.fd);
    output_free(&sink->output);
    memory_free(sink);
}

const struct sink_ops ndjson_sink = {
    .kind = { .name = "ndjson",
              .argument = "path",
              .help = "documents to a file, one a line",
              .also = "file|json|jsonl",
              .options = { options, LENGTH(options), sizeof(struct settings) } },
    .create = ndjson_create,
    .deliver = ndjson_deliver,
    .destroy = ndjson_destroy,
};

static void *discard_create(const void *settings, const struct sink_context *context,
                            struct error *err) {
    (void)settings, (void)err;
    return (void *)context; /* not NULL, that is all: there is nothing to remember */
}

static void discard_deliver(void *self, const struct record *records, size_t count,
                            struct handover *handover) {
    (void)self, (void)records, (void)count;
    handover_answer(handover, NULL);
}

static void discard_destroy(void *self) { (void)self; }

const struct sink_ops discard_sink = {
    .kind = { .name = "discard", .help = "nowhere: for measuring", .also = "null|none" },
    .create = discard_create,
    .deliver = discard_deliver,
    .destroy = discard_destroy,
};
