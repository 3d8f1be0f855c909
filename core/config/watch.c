/* config/watch.h: the folders to watch follow from the paths, and are found anew after each burst,
 * since the ways may lead elsewhere then. */
#include "config/watch.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/os.h"
#include <errno.h>
#include <stdio.h>

#define MAX_PATH 4096
#define MAX_LINKS 40 /* as many as the kernel follows */
#define MAX_FILE_BYTES ((size_t)16 << 20)
/* A file that is older than this when it is hashed cannot change without another time stamp. */
#define QUIET_MS 2000

struct followed {
    char *path;
    bool missing;
    uint64_t hash;
    struct os_info seen; /* when its content was last found the same; kind OS_MISSING: never */
};

/* A name in a watched folder that is on the way to a file. */
struct step {
    int folder;
    uint64_t name;
};

struct steps {
    struct step *items;
    size_t count, capacity;
};

struct watcher {
    struct loop *loop;
    void (*changed)(void *context);
    void *context;
    int fd; /* -1: the system gives none */
    struct watch watch;
    struct timer settled;
    uint64_t burst_ns; /* when it began; 0: there is none */
    bool complained;
    struct followed *files;
    size_t file_count;
    struct steps steps;
};

/* ---- which folders ------------------------------------------------------------------------- */

static void steps_add(struct steps *steps, int folder, struct slice name) {
    struct step step = { folder, hash_bytes(name) };
    for (size_t i = 0; i < steps->count; i++)
        if (steps->items[i].folder == step.folder && steps->items[i].name == step.name) return;
    if (steps->count == steps->capacity) {
        steps->capacity = steps->capacity ? steps->capacity * 2 : 64;
        steps->items = memory_resize(steps->items, steps->capacity * sizeof *steps->items);
    }
    steps->items[steps->count++] = step;
}

static bool steps_watch(const struct steps *steps, int folder) {
    for (size_t i = 0; i < steps->count; i++)
        if (steps->items[i].folder == folder) return true;
    return false;
}

/* Watches `name` in `folder`; false when there is no such folder. */
static bool watch_name(struct watcher *watcher, const char *folder, struct slice name) {
    int number = os_watch_add(watcher->fd, folder[0] ? folder : "/");
    if (number >= 0) {
        steps_add(&watcher->steps, number, name);
        return true;
    }
    if (errno == ENOENT || errno == ENOTDIR) return false;
    if (errno != EACCES && !watcher->complained)
        log_warning("reload", "%s: cannot be watched: %s; use `linnet reload` after an edit",
                    folder, strerror(errno));
    watcher->complained |= errno != EACCES;
    return true; /* the folders below it may be readable */
}

/* Takes the last step off a path without links. */
static void leave_folder(char *folder) {
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
}

/* Walks from the root to the first symbolic link, or to the end. True: *path became the way that
 * the link gives. */
static bool walk(struct watcher *watcher, char path[MAX_PATH]) {
    char folder[MAX_PATH] = "", next[MAX_PATH + 1], target[MAX_PATH], way[MAX_PATH];
    struct slice rest = slice_of(path);
    while (rest.length) {
        const char *slash = memchr(rest.data, '/', rest.length);
        struct slice name = slice_first(rest, slash ? (size_t)(slash - rest.data) : rest.length);
        rest = slice_skip(rest, name.length + (slash != NULL));
        if (slice_is(name, "..")) leave_folder(folder);
        if (name.length == 0 || slice_is(name, ".") || slice_is(name, "..")) continue;
        if (!watch_name(watcher, folder, name)) return false;
        int length = snprintf(next, sizeof next, "%s/%.*s", folder, SLICE_ARGS(name));
        if (length >= MAX_PATH) return false;
        if (os_read_link(next, target, sizeof target)) {
            length = snprintf(way, sizeof way, "%s%s%s/%.*s", target[0] == '/' ? "" : folder,
                              target[0] == '/' ? "" : "/", target, SLICE_ARGS(rest));
            memcpy(path, way, sizeof way);
            return length < MAX_PATH;
        }
        memcpy(folder, next, (size_t)length + 1);
    }
    return false;
}

static void find_folders(struct watcher *watcher) {
    struct steps before = watcher->steps;
    watcher->steps = (struct steps){ NULL, 0, 0 };
    for (size_t i = 0; i < watcher->file_count; i++) {
        char path[MAX_PATH];
        snprintf(path, sizeof path, "%s", watcher->files[i].path);
        for (int links = 0; links < MAX_LINKS && walk(watcher, path); links++) {
        }
    }
    for (size_t i = 0; i < before.count; i++)
        if (!steps_watch(&watcher->steps, before.items[i].folder))
            os_watch_remove(watcher->fd, before.items[i].folder); /* again: no harm */
    memory_free(before.items);
}

/* ---- what changed -------------------------------------------------------------------------- */

static bool same_stamp(const struct os_info *a, const struct os_info *b) {
    return a->kind == b->kind && a->bytes == b->bytes && a->device == b->device &&
           a->inode == b->inode && a->changed_ns == b->changed_ns;
}

static bool file_changed(struct followed *file) {
    struct os_info info;
    size_t length = 0;
    char *bytes = NULL;
    if (os_stat(file->path, &info) && info.kind == OS_FILE) {
        if (file->seen.kind == OS_FILE && same_stamp(&file->seen, &info)) return false;
        bytes = os_read_file(file->path, MAX_FILE_BYTES, &length);
    }
    bool missing = bytes == NULL;
    uint64_t hash = missing ? 0 : hash_bytes(slice_from(bytes, length));
    memory_free(bytes);
    if (missing != file->missing || hash != file->hash) return true;
    bool quiet = !missing && clock_wall_ms() - info.changed_ns / 1000000 > QUIET_MS;
    file->seen = quiet ? info : (struct os_info){ .kind = OS_MISSING };
    return false;
}

static void settled(struct timer *timer) {
    struct watcher *watcher = CONTAINER_OF(timer, struct watcher, settled);
    bool touched = watcher->burst_ns != 0, changed = false;
    watcher->burst_ns = 0;
    if (watcher->fd >= 0) find_folders(watcher); /* first: what comes after it gives a new burst */
    for (size_t i = 0; i < watcher->file_count; i++)
        changed |= file_changed(&watcher->files[i]);
    if (changed)
        watcher->changed(watcher->context);
    else if (touched)
        log_debug("reload", "files were touched, nothing changed");
}

static void note_change(void *context, const struct os_change *change) {
    struct watcher *watcher = context;
    uint64_t name = hash_bytes(slice_of(change->name)), now_ns = clock_monotonic_ns();
    bool ours = change->folder < 0;
    for (size_t i = 0; i < watcher->steps.count && !ours; i++)
        ours = watcher->steps.items[i].folder == change->folder &&
               watcher->steps.items[i].name == name;
    if (!ours) return;
    if (watcher->burst_ns == 0) watcher->burst_ns = now_ns;
    uint64_t going_ms = (now_ns - watcher->burst_ns) / 1000000;
    if (going_ms + SETTLE_MS <= LONGEST_BURST_MS)
        timer_start(watcher->loop, &watcher->settled, SETTLE_MS);
}

static void ready(struct watch *watch) {
    struct watcher *watcher = CONTAINER_OF(watch, struct watcher, watch);
    os_watch_read(watcher->fd, note_change, watcher);
}

/* ---- life ---------------------------------------------------------------------------------- */

struct watcher *watcher_create(struct loop *loop, void (*changed)(void *context), void *context) {
    struct watcher *watcher = memory_zeroed(1, sizeof *watcher);
    *watcher = (struct watcher){ .loop = loop,
                                 .changed = changed,
                                 .context = context,
                                 .fd = os_watch_open(),
                                 .watch.ready = ready,
                                 .settled.fire = settled };
    if (watcher->fd >= 0)
        watch_readable(loop, &watcher->watch, watcher->fd);
    else
        log_warning("reload", "files cannot be watched: %s; use `linnet reload` after an edit",
                    strerror(errno));
    return watcher;
}

static void forget_files(struct watcher *watcher) {
    for (size_t i = 0; i < watcher->file_count; i++)
        memory_free(watcher->files[i].path);
    memory_free(watcher->files);
}

void watcher_destroy(struct watcher *watcher) {
    watch_stop(&watcher->watch);
    timer_stop(&watcher->settled);
    if (watcher->fd >= 0) os_close(watcher->fd);
    forget_files(watcher);
    memory_free(watcher->steps.items);
    memory_free(watcher);
}

void watcher_follow(struct watcher *watcher, const struct inputs *inputs) {
    forget_files(watcher);
    watcher->file_count = inputs->count;
    watcher->files = memory_zeroed(inputs->count, sizeof *watcher->files);
    for (size_t i = 0; i < inputs->count; i++) {
        const struct input *input = &inputs->items[i];
        watcher->files[i] = (struct followed){ .path = memory_copy_text(input->path),
                                               .missing = input->missing,
                                               .hash = input->hash };
    }
    if (watcher->fd >= 0) find_folders(watcher);
    timer_start(watcher->loop, &watcher->settled, SETTLE_MS);
}
