/* archive/target.h: a folder. Objects are gathered at its top, below a hidden name, and
 * renamed to where they belong: nobody sees half of one. */
#include "archive/target.h"
#include "base/alloc.h"
#include "base/hash.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct folder {
    struct archive_target target;
    const char *to;
    char synced[PATH_BYTES]; /* a folder below it whose name, and those above, are durable */
};

/* With what is missing above it; nothing of it is known to be durable then. */
static bool make_folders(struct folder *folder, const char *path) {
    char part[PATH_BYTES];
    struct os_info info;
    if (os_stat(path, &info) && info.kind == OS_FOLDER) return true;
    folder->synced[0] = '\0';
    for (size_t i = 1; i <= strlen(path); i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        if (!os_make_folder(part)) return false;
    }
    if (!os_stat(path, &info)) return false;
    errno = ENOTDIR;
    return info.kind == OS_FOLDER;
}

/* The names of these folders, from the inner one up to that of the archive itself, which may lie in
 * one that we may not read. */
static bool sync_folders(struct folder *folder, const char *inner) {
    char path[PATH_BYTES];
    size_t top = strlen(folder->to);
    if (!os_sync_folder(inner)) return false;
    if (strcmp(folder->synced, inner) == 0) return true;
    snprintf(path, sizeof path, "%s", inner);
    for (char *slash; strlen(path) >= top && (slash = strrchr(path, '/'));) {
        *slash = '\0';
        bool above = strlen(path) < top;
        if (!os_sync_folder(path[0] ? path : "/") && !(above && errno == EACCES)) return false;
    }
    snprintf(folder->synced, sizeof folder->synced, "%s", inner);
    return true;
}

static bool folder_place(struct archive_target *target, struct object *object, struct error *err) {
    struct folder *folder = CONTAINER_OF(target, struct folder, target);
    char path[PATH_BYTES + INTENT_OBJECT_BYTES], inner[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder->to, object->name);
    snprintf(inner, sizeof inner, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (!object->moved)
        object->moved = make_folders(folder, inner) && os_rename(object->path, path);
    if (object->moved && sync_folders(folder, inner)) return true;
    return file_error(err, path, "written");
}

static void folder_close(struct archive_target *target) {
    struct folder *folder = CONTAINER_OF(target, struct folder, target);
    memory_free(folder);
}

static struct archive_target *folder_open(const struct archive_options *options,
                                          const struct sink_context *context, struct error *err) {
    (void)context;
    size_t length = strlen(options->to);
    while (length > 1 && options->to[length - 1] == '/')
        length--;
    if (length > PATH_BYTES - NAME_BYTES - INTENT_OBJECT_BYTES)
        return error_set(err, ERROR_FAILED, "%.200s...: too long a path", options->to), NULL;
    struct folder *folder = memory_zeroed(1, sizeof *folder);
    memcpy(folder->target.parts, options->to, length);
    folder->target.ops = &folder_target;
    folder->to = folder->target.parts;
    folder->target.hash = hash_bytes(slice_from(options->to, length));
    if (make_folders(folder, folder->to)) return &folder->target;
    file_error(err, folder->to, "made");
    folder_close(&folder->target);
    return NULL;
}

const struct target_ops folder_target = {
    .open = folder_open,
    .close = folder_close,
    .place = folder_place,
};
