/* cli/gone.h */
#include "cli/gone.h"
#include "base/log.h"
#include "store/cursor.h"

struct search {
    const struct snapshot *snapshot;
    void (*each)(const struct snapshot *snapshot, const char *name);
};

static bool has_sink(const struct snapshot *snapshot, const char *name) {
    for (size_t i = 0; i < snapshot->sink_count; i++)
        if (strcmp(snapshot->sinks[i].name, name) == 0) return true;
    return false;
}

static void look_at(void *context, const char *name) {
    const struct search *search = context;
    if (!has_sink(search->snapshot, name)) search->each(search->snapshot, name);
}

void gone_each(const struct snapshot *snapshot,
               void (*each)(const struct snapshot *snapshot, const char *name)) {
    struct search search = { snapshot, each };
    struct error unheard; /* most often: nothing has run here yet */
    if (snapshot->state_folder)
        (void)!cursor_list(snapshot->state_folder, look_at, &search, &unheard);
}

static void warn(const struct snapshot *snapshot, const char *name) {
    log_warning("spool",
                "%s: no sink of %s has this name, and what comes is kept for it: `linnet spool "
                "forget %s` ends that",
                name, snapshot->path, name);
}

void gone_warn(const struct snapshot *snapshot) { gone_each(snapshot, warn); }

void gone_mark(const struct snapshot *snapshot, const char *folder, struct reader_sums *readers,
               size_t count) {
    const char *own = snapshot->state_folder;
    if (snapshot->path[0] == '\0' || own == NULL || strcmp(own, folder) != 0) return;
    for (size_t i = 0; i < count; i++)
        readers[i].gone = !has_sink(snapshot, readers[i].name);
}
