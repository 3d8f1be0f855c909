/* config/find.h */
#include "config/find.h"
#include "base/alloc.h"
#include "base/os.h"
#include "script/loader.h"
#include "script/tokens.h"

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

/* The text of a plain string token, which is short and has no escapes: NULL for others. */
static const char *plain_string(const struct token *token, struct arena *arena) {
    struct slice text = token->text;
    bool plain = token->kind == TOKEN_STRING && text.length > 2 && text.length < 4096 &&
                 memchr(text.data, '\\', text.length) == NULL;
    return plain ? arena_copy(arena, slice_from(text.data + 1, text.length - 2)).data : NULL;
}

const char *configuration_state(const char *path, struct arena *arena, bool *unclear) {
    const char *state = NULL;
    size_t length = 0;
    struct os_info info;
    *unclear = true;
    if (!os_stat(path, &info) || info.kind != OS_FILE) return NULL;
    char *bytes = os_read_file(path, (size_t)1 << 20, &length);
    if (bytes == NULL) return NULL;
    *unclear = false;
    struct tokens tokens = tokens_of(slice_from(bytes, length), arena);
    int depth = 0;
    for (size_t i = 0; i + 2 < tokens.count && state == NULL; i++) {
        depth += token_is(&tokens, i, "{") - token_is(&tokens, i, "}");
        if (!token_is(&tokens, i, "state") || !token_is(&tokens, i + 1, "=")) continue;
        *unclear = true;
        if (depth == 1) state = plain_string(&tokens.items[i + 2], arena);
    }
    memory_free(bytes);
    return state ? path_join(arena, path_folder(arena, path), state) : NULL;
}
