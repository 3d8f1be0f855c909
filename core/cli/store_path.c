/* cli/store_path.h */
#include "cli/store_path.h"
#include "base/clock.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "database/format.h"
#include "sinks/registry.h"

static bool is_there(const char *path) {
    struct os_info info;
    return !os_stat(path, &info) || info.kind != OS_MISSING;
}

static const char *configured_path(const struct arguments *arguments, struct arena *arena) {
    struct error err;
    struct snapshot_request request;
    const char *path = NULL;
    setup_request(arguments, SETUP_OPTIONAL, NULL, &request);
    struct snapshot *snapshot = snapshot_load(&request, &err);
    for (size_t i = 0; snapshot && i < snapshot->sink_count && path == NULL; i++)
        if (snapshot->sinks[i].kind == &sqlite_sink.kind)
            path = sqlite_sink_path(snapshot->sinks[i].settings);
    if (path) path = arena_copy(arena, slice_of(path)).data;
    if (snapshot) snapshot_release(snapshot);
    return path;
}

const char *asked_store(const struct arguments *arguments, struct arena *arena) {
    const char *path = argument_value(arguments, FLAG_STORE);
    if (path == NULL) path = configured_path(arguments, arena);
    if (path) return path;
    const char *folder = asked_folder(arguments, arena);
    if (folder == NULL) return NULL;
    path = arena_format(arena, "%s/" STORE_FILE, folder).data;
    const char *demo = arena_format(arena, "%s/" DEMO_FILE, folder).data;
    if (is_there(path) || !is_there(demo)) return path;
    complain("linnet: of the demo: %s\n", demo);
    return demo;
}

bool asked_span(const struct arguments *arguments, struct span *span) {
    struct error err;
    const char *since = argument_value(arguments, FLAG_SINCE);
    const char *until = argument_value(arguments, FLAG_UNTIL);
    if (span_read(since, until, clock_wall_ms(), span, &err)) return true;
    complain_error(&err);
    return false;
}
