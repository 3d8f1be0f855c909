/* Where an archive's objects go: a folder, or a bucket on S3. */
#ifndef SINKS_ARCHIVE_TARGET_H
#define SINKS_ARCHIVE_TARGET_H

#include "base/error.h"
#include "flow/sink.h"
#include "sinks/archive_object.h"

struct archive_options {
    const char *to, *prefix, *error_prefix, *delimiter, *codec, *records, *stream;
    int64_t size, interval_ms, level;
    bool hourly;
};

struct archive_target {
    const struct target_ops *ops;
    char parts[PATH_BYTES]; /* the folder of files that are gathered */
    uint64_t hash;          /* of the place, for intents */
};

struct target_ops {
    /* NULL with *err. */
    struct archive_target *(*open)(const struct archive_options *options,
                                   const struct sink_context *context, struct error *err);
    void (*close)(struct archive_target *target);
    /* Gives the closed object its name there, for good, instead of what has that name. On the
     * sink's thread. False with *err: again, later. */
    bool (*place)(struct archive_target *target, struct object *object, struct error *err);
};

extern const struct target_ops folder_target;

#endif
