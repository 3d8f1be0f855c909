/* script/place.h: places that outlive the loader in which they were made. */
#include "script/place.h"

static const struct script_file *keep_file(struct place_keeper *keeper,
                                           const struct script_file *file) {
    struct kept_file *kept = keeper->files;
    while (kept && kept->from != file)
        kept = kept->next;
    if (kept == NULL) {
        kept = arena_alloc(keeper->arena, sizeof *kept);
        *kept = (struct kept_file){ .from = file, .next = keeper->files };
        kept->file.path = arena_copy(keeper->arena, slice_of(file->path)).data;
        kept->file.text = arena_copy(keeper->arena, file->text);
        keeper->files = kept;
    }
    return &kept->file;
}

static const struct place *keep_step(struct place_keeper *keeper, const struct place *place,
                                     const struct place *up) {
    struct place *kept = arena_alloc(keeper->arena, sizeof *kept);
    *kept = *place;
    kept->up = up;
    if (place->key.data) kept->key = arena_copy(keeper->arena, place->key);
    if (place->file) kept->file = keep_file(keeper, place->file);
    if (place->maker) kept->maker = arena_copy(keeper->arena, slice_of(place->maker)).data;
    return kept;
}

static const struct place *keep_way(struct place_keeper *keeper, const struct place *place) {
    if (place == NULL) return NULL;
    return keep_step(keeper, place, keep_way(keeper, place->up));
}

const struct place *place_keep(struct place_keeper *keeper, const struct place *place) {
    if (place == NULL) return NULL;
    if (keeper->table == NULL || keeper->table != place->up) {
        keeper->table = place->up;
        keeper->kept_table = keep_way(keeper, place->up);
    }
    return keep_step(keeper, place, keeper->kept_table);
}
