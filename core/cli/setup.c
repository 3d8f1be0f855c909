/* cli/setup.h */
#include "cli/setup.h"
#include "base/os.h"
#include "cli/print.h"
#include "config/find.h"
#include "sinks/registry.h"
#include "sources/registry.h"
#include <stdio.h>

#define MAX_PARTS 32

static bool has_plugins(const char *folder) {
    char path[4200];
    struct os_info info;
    snprintf(path, sizeof path, "%s/plugins", folder);
    return os_stat(path, &info) && info.kind == OS_FOLDER;
}

const char *share_folder(void) {
    static char folder[4096];
    const char *named = os_environment("LINNET_SHARE");
    if (named && named[0]) return named;
    if (folder[0]) return folder;
    char own[3800];
    if (!os_program_folder(own, sizeof own)) return ".";
    if (has_plugins(own))
        snprintf(folder, sizeof folder, "%s", own);
    else
        snprintf(folder, sizeof folder, "%s/../share/linnet", own);
    return folder;
}

const struct parts *all_parts(void) {
    static const struct part_kind *sources[MAX_PARTS], *sinks[MAX_PARTS];
    static const struct parts parts = { sources, sinks };
    for (size_t i = 0; all_sources[i]; i++)
        sources[i] = &all_sources[i]->kind;
    for (size_t i = 0; all_sinks[i]; i++)
        sinks[i] = &all_sinks[i]->kind;
    return &parts;
}

bool setup_found(const struct arguments *arguments) {
    struct arena arena;
    struct error err;
    if (arguments->values[FLAG_CONFIG]) return true;
    arena_init(&arena);
    bool found = configuration_find(&arena, &err) != NULL;
    arena_free(&arena);
    return found;
}

const char *setup_folder(const struct arguments *arguments, struct arena *arena) {
    struct error err;
    const char *path = argument_value(arguments, FLAG_CONFIG);
    if (path == NULL) path = configuration_find(arena, &err);
    if (path == NULL) return NULL;
    const char *folder = path_folder(arena, path);
    return folder[0] ? folder : ".";
}

void setup_request(const struct arguments *arguments, enum setup how, const char *const *sources,
                   struct snapshot_request *request) {
    const char *path = argument_value(arguments, FLAG_CONFIG);
    *request = (struct snapshot_request){
        .path = path,
        .defaults = path == NULL &&
                    (how == SETUP_DEFAULTS || (how == SETUP_OPTIONAL && !setup_found(arguments))),
        .share = share_folder(),
        .parts = all_parts(),
        .sources = sources ? sources : (const char *const *)arguments->values[FLAG_SOURCE],
        .sinks = (const char *const *)arguments->values[FLAG_SINK],
        .queries = (const char *const *)arguments->values[FLAG_QUERY],
        .settings = (const char *const *)arguments->values[FLAG_SET],
        .secrets = how != SETUP_OPTIONAL,
        .scorer = argument_value(arguments, FLAG_SCORER),
        .generation = 1,
    };
}

struct snapshot *setup_load(const struct snapshot_request *request, int *exit_code) {
    struct error err;
    struct snapshot *snapshot = snapshot_load(request, &err);
    *exit_code = snapshot ? 0 : complain_error(&err);
    return snapshot;
}

struct snapshot *setup_snapshot(const struct arguments *arguments, enum setup how,
                                const char *const *sources, int *exit_code) {
    struct snapshot_request request;
    setup_request(arguments, how, sources, &request);
    return setup_load(&request, exit_code);
}
