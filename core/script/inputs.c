/* script/inputs.h: a list; a configuration reads dozens of files, not thousands. */
#include "script/inputs.h"
#include "base/hash.h"
#include "base/os.h"

void inputs_init(struct inputs *inputs) {
    *inputs = (struct inputs){ .items = NULL };
    arena_init(&inputs->arena);
}

void inputs_free(struct inputs *inputs) {
    arena_free(&inputs->arena);
    *inputs = (struct inputs){ .items = NULL };
}

static const char *absolute(struct arena *arena, const char *path) {
    char folder[4096];
    if (path[0] == '/' || !os_current_folder(folder, sizeof folder))
        return arena_copy(arena, slice_of(path)).data;
    return arena_format(arena, "%s/%s", folder, path).data;
}

const struct input *inputs_find(const struct inputs *inputs, const char *path) {
    for (size_t i = 0; i < inputs->count; i++)
        if (strcmp(inputs->items[i].path, path) == 0) return &inputs->items[i];
    return NULL;
}

static void add(struct inputs *inputs, const char *path, bool missing, uint64_t hash) {
    const char *whole = absolute(&inputs->arena, path);
    if (inputs_find(inputs, whole)) return;
    if (inputs->count == inputs->capacity) {
        size_t capacity = inputs->capacity ? inputs->capacity * 2 : 16;
        struct input *more = arena_zeroed(&inputs->arena, capacity, sizeof *more);
        if (inputs->count) memcpy(more, inputs->items, inputs->count * sizeof *more);
        inputs->items = more;
        inputs->capacity = capacity;
    }
    inputs->items[inputs->count++] =
        (struct input){ whole, arena_copy(&inputs->arena, slice_of(path)).data, missing, hash };
}

void inputs_add(struct inputs *inputs, const char *path, struct slice content) {
    add(inputs, path, false, hash_bytes(content));
}

void inputs_add_missing(struct inputs *inputs, const char *path) { add(inputs, path, true, 0); }
