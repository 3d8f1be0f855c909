/* config/find.h */
#include "config/find.h"
#include "base/os.h"

/* NULL when neither variable is set. A relative XDG path counts as not set (XDG base directory
 * specification). */
static const char *home_configuration(struct arena *arena) {
    const char *folder = os_environment("XDG_CONFIG_HOME");
    if (folder && folder[0] == '/') return arena_format(arena, "%s/linnet/linnet.lua", folder).data;
    folder = os_environment("HOME");
    if (folder && folder[0])
        return arena_format(arena, "%s/.config/linnet/linnet.lua", folder).data;
    return NULL;
}

const char *configuration_find(struct arena *arena, struct error *err) {
    const char *places[] = { "config/linnet.lua", home_configuration(arena),
                             "/etc/linnet/linnet.lua" };
    struct slice seen = SLICE("");
    for (size_t i = 0; i < LENGTH(places); i++) {
        struct os_info info;
        if (places[i] == NULL) continue;
        if (os_stat(places[i], &info) && info.kind == OS_FILE) return places[i];
        seen =
            arena_format(arena, "%.*s%s%s", SLICE_ARGS(seen), seen.length ? ", " : "", places[i]);
    }
    error_set(err, ERROR_CONFIG, "there is no configuration: looked for %.*s", SLICE_ARGS(seen));
    error_suggest(err, "name one with -c FILE");
    return NULL;
}

const char *state_folder_find(struct arena *arena) {
    const char *folder = os_environment("STATE_DIRECTORY");
    /* systemd names several with colons between them: the first is ours (systemd.exec). */
    if (folder && folder[0] == '/')
        return arena_copy(arena, slice_from(folder, strcspn(folder, ":"))).data;
    folder = os_environment("XDG_STATE_HOME");
    if (folder && folder[0] == '/') return arena_format(arena, "%s/linnet", folder).data;
    folder = os_environment("HOME");
    if (folder && folder[0] == '/')
        return arena_format(arena, "%s/.local/state/linnet", folder).data;
    return NULL;
}
