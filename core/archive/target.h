/* Where an archive's objects go: a folder, or a bucket on S3. */
#ifndef ARCHIVE_TARGET_H
#define ARCHIVE_TARGET_H

#include "archive/object.h"
#include "aws/s3_settings.h"
#include "base/error.h"
#include "flow/sink.h"

struct archive_options {
    const char *to, *prefix, *error_prefix, *delimiter, *codec, *records, *stream;
    int64_t size, interval_ms, level;
    bool hourly;
    struct s3_settings s3;
};

struct archive_target {
    const struct target_ops *ops;
    char parts[PATH_BYTES]; /* the folder of files that are gathered */
    bool hidden;            /* they are the owner's alone */
    uint64_t hash;          /* of the place, for intents */
    /* The owner's, on the loop: something was sent, or cannot be. */
    void (*moved)(void *owner);
    void *owner;
};

struct target_ops {
    /* NULL with *err. */
    struct archive_target *(*open)(const struct archive_options *options,
                                   const struct sink_context *context, struct error *err);
    void (*close)(struct archive_target *target);

    /* One of the two ways to give a closed object its name there, for good, instead of what has
     * that name. On the sink's thread: done when it returns; false with *err: again, later. */
    bool (*place)(struct archive_target *target, struct object *object, struct error *err);
    /* On the loop, while the thread does nothing: begins it, unless enough is under way
     * (object->sending). */
    void (*send)(struct archive_target *target, struct object *object);
    /* The same: tells objects what has become of them (object->placed, intent->upload: *changed).
     * False with *err: nothing more can be sent. */
    bool (*collect)(struct archive_target *target, bool *changed, struct error *err);
    /* Optional, on the loop: what was begun under this name is given up. */
    void (*drop)(struct archive_target *target, const char *name, const char *upload);
};

extern const struct target_ops folder_target, s3_target;

#endif
