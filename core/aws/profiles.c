/* aws/profiles.h */
#include "aws/profiles.h"
#include "base/alloc.h"
#include "base/os.h"
#include <errno.h>
#include <openssl/crypto.h>

/* "~/.aws/config", or as the variable says; NULL: there is no home folder. */
static const char *path_of(const char *variable, const char *standard, bool *named,
                           struct arena *arena) {
    struct slice given = slice_of(os_environment(variable));
    struct slice home = slice_of(os_environment("HOME"));
    *named = given.length > 0;
    if (given.length && !slice_starts(given, SLICE("~/"))) return given.data;
    if (home.length == 0) return NULL;
    if (given.length) return ARENA_JOIN(arena, home, slice_skip(given, 1)).data;
    return ARENA_JOIN(arena, home, SLICE("/.aws/"), slice_of(standard)).data;
}

static void wipe(char *text, size_t bytes) {
    if (text) OPENSSL_cleanse(text, bytes);
    memory_free(text);
}

static bool read_file(const char *path, bool named, char **text, size_t *bytes, struct ini *ini,
                      struct arena *arena, struct error *err) {
    if (path == NULL) return true;
    *text = os_read_file(path, INI_MOST_BYTES, bytes);
    if (*text) return ini_read(slice_from(*text, *bytes), path, arena, ini, err);
    if ((errno == ENOENT || errno == ENOTDIR) && !named) return true;
    return error_set(err, ERROR_CONFIG, "%s: cannot be read: %s", path,
                     errno == EFBIG ? "it is longer than 1 MiB" : strerror(errno));
}

bool profiles_read(struct profiles *profiles, struct arena *arena, struct error *err) {
    bool named, named_credentials;
    *profiles = (struct profiles){ .arena = arena };
    profiles->config_path = path_of("AWS_CONFIG_FILE", "config", &named, arena);
    profiles->credentials_path =
        path_of("AWS_SHARED_CREDENTIALS_FILE", "credentials", &named_credentials, arena);
    if (read_file(profiles->config_path, named, &profiles->config_text, &profiles->config_bytes,
                  &profiles->config, arena, err) &&
        read_file(profiles->credentials_path, named_credentials, &profiles->credentials_text,
                  &profiles->credentials_bytes, &profiles->credentials, arena, err))
        return true;
    profiles_free(profiles);
    return false;
}

void profiles_free(struct profiles *profiles) {
    wipe(profiles->config_text, profiles->config_bytes);
    wipe(profiles->credentials_text, profiles->credentials_bytes);
    *profiles = (struct profiles){ 0 };
}

/* "[profile NAME]", "[profile "NAME"]", and "[default]" for that one. */
static bool is_section_of(struct slice section, const char *kind, struct slice name) {
    struct slice word = slice_of(kind);
    if (!slice_starts(section, word)) return false;
    struct slice rest = slice_skip(section, word.length), bare = slice_trim(rest);
    if (bare.length == rest.length) return false; /* nothing between them */
    bool quoted = bare.length >= 2 && (bare.data[0] == '"' || bare.data[0] == '\'') &&
                  bare.data[bare.length - 1] == bare.data[0];
    if (quoted) bare = slice_from(bare.data + 1, bare.length - 2);
    return slice_equal(bare, name);
}

/* The value of the section of this kind and name; data NULL when there is none. */
static struct slice value_of(const struct ini *ini, const char *kind, struct slice name,
                             const char *setting) {
    for (const struct ini_setting *at = ini->last; at; at = at->before)
        if (slice_is(at->name, setting) && is_section_of(at->section, kind, name)) return at->value;
    return slice_from(NULL, 0);
}

static bool has_section(const struct ini *ini, const char *kind, struct slice name) {
    for (const struct ini_section *at = ini->sections; at; at = at->before)
        if (is_section_of(at->name, kind, name)) return true;
    return false;
}

bool profiles_have(const struct profiles *profiles, const char *profile) {
    struct slice name = slice_of(profile);
    return ini_has(&profiles->credentials, name) ||
           has_section(&profiles->config, "profile", name) ||
           (slice_is(name, "default") && ini_has(&profiles->config, name));
}

struct slice profile_value(const struct profiles *profiles, const char *profile, const char *name) {
    struct slice section = slice_of(profile);
    struct slice value = ini_value(&profiles->credentials, section, name);
    if (value.data == NULL) value = value_of(&profiles->config, "profile", section, name);
    if (value.data == NULL && slice_is(section, "default"))
        value = ini_value(&profiles->config, section, name);
    return value;
}

struct slice profiles_service(const struct profiles *profiles, struct slice services,
                              const char *name) {
    return value_of(&profiles->config, "services", services, name);
}
