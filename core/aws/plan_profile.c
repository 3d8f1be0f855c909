/* aws/plan.h: what a profile says: a role on top of other keys, a web identity, keys, a command. */
#include "aws/plan_internal.h"
#include "aws/words.h"
#include "base/os.h"
#include <errno.h>

#define SESSION "linnet"
#define PROCESS_PATIENCE_MS 10000

static struct arena *arena_of(struct search *search) { return &search->plan->arena; }

/* NULL when the profile does not say it, or says nothing. */
static const char *setting(struct search *search, const char *profile, const char *name) {
    struct slice value = profile_value(&search->profiles, profile, name);
    return value.length ? arena_copy(arena_of(search), value).data : NULL;
}

static bool has_keys(const struct search *search, const char *profile) {
    return profile_value(&search->profiles, profile, "aws_access_key_id").length ||
           profile_value(&search->profiles, profile, "aws_secret_access_key").length;
}

static bool has_role(const struct search *search, const char *profile) {
    return profile_value(&search->profiles, profile, "role_arn").length &&
           !profile_value(&search->profiles, profile, "web_identity_token_file").length;
}

/* ---- web identity ---- */

static enum found find_web_identity(struct search *search, const char *profile,
                                    bool with_environment) {
    struct plan *plan = search->plan;
    const char *file = with_environment ? environment("AWS_WEB_IDENTITY_TOKEN_FILE") : NULL;
    const char *arn = with_environment ? environment("AWS_ROLE_ARN") : NULL;
    const char *session = with_environment ? environment("AWS_ROLE_SESSION_NAME") : NULL;
    if (file == NULL) file = setting(search, profile, "web_identity_token_file");
    if (arn == NULL) arn = setting(search, profile, "role_arn");
    if (session == NULL) session = setting(search, profile, "role_session_name");
    if (file == NULL) return FOUND_NOTHING;
    if (arn == NULL)
        return found_failed(search,
                            "there is a web identity token, %s, but no AWS_ROLE_ARN or "
                            "role_arn",
                            file);
    plan->start = PLAN_WEB_IDENTITY;
    plan->source = arena_format(arena_of(search), "a web identity, as %s", arn).data;
    plan->web_role = (struct plan_role){ .arn = arn, .session = session ? session : SESSION };
    return keep_secret_of_file(search, file);
}

/* ---- keys, and a command that says them ---- */

static struct slice config_value(struct search *search, const char *profile, const char *name,
                                 bool of_credentials) {
    struct slice section = slice_of(profile);
    return of_credentials ? ini_value(&search->profiles.credentials, section, name)
                          : profile_value(&search->profiles, profile, name);
}

/* `of_credentials`: only those of the credentials file. */
static enum found find_keys_of(struct search *search, const char *profile, bool of_credentials) {
    struct slice access = config_value(search, profile, "aws_access_key_id", of_credentials);
    struct slice secret = config_value(search, profile, "aws_secret_access_key", of_credentials);
    struct slice token = config_value(search, profile, "aws_security_token", of_credentials);
    if (token.length == 0)
        token = config_value(search, profile, "aws_session_token", of_credentials);
    if (access.length == 0) return FOUND_NOTHING;
    const char *path =
        of_credentials ? search->profiles.credentials_path : search->profiles.config_path;
    if (secret.length == 0)
        return found_failed(search,
                            "profile \"%.80s\" of %s has aws_access_key_id, but no "
                            "aws_secret_access_key",
                            profile, path);
    return found_keys(search, &(struct aws_keys){ access, secret, token },
                      arena_format(arena_of(search), "profile \"%s\" of %s", profile, path).data);
}

static const char *sentence_of(int failed) {
    switch (failed) {
    case ECHILD: return "it failed";
    case ETIMEDOUT: return "it took longer than 10 seconds";
    case EFBIG: return "it wrote more than keys can be";
    default: return strerror(failed);
    }
}

static enum found run_process(struct search *search, const char *profile,
                              const char *const *words) {
    struct plan *plan = search->plan;
    plan->start = PLAN_KEYS;
    plan->source =
        arena_format(arena_of(search), "credential_process of profile \"%s\"", profile).data;
    char *said = os_private_memory(SECRET_BYTES);
    ssize_t length = os_run_words(words, said, SECRET_BYTES, PROCESS_PATIENCE_MS);
    if (length < 0)
        found_failed(search, "%s: %s: %s", plan->source, words[0], sentence_of(errno));
    else
        plan->keys = keys_read_json(slice_from(said, (size_t)length), KEYS_OF_PROCESS, plan->source,
                                    search->err);
    os_private_free(said, SECRET_BYTES);
    return plan->keys ? FOUND : FOUND_FAILED;
}

static enum found find_process(struct search *search, const char *profile) {
    struct error err;
    const char *line = setting(search, profile, "credential_process");
    if (line == NULL) return FOUND_NOTHING;
    const char **words = words_split(slice_of(line), arena_of(search), &err);
    if (words == NULL)
        return found_failed(search, "credential_process of profile \"%.80s\": %s", profile,
                            err.text);
    return run_process(search, profile, words);
}

static enum found find_sign_on(struct search *search, const char *profile) {
    static const char *const names[] = { "sso_session", "sso_start_url", "login_session" };
    for (size_t i = 0; i < LENGTH(names); i++)
        if (setting(search, profile, names[i]))
            return found_failed(search,
                                "profile \"%.80s\" signs on with a browser (%s), which linnet does "
                                "not: give it a credential_process",
                                profile, names[i]);
    return FOUND_NOTHING;
}

/* All but a role on top of others. */
static enum found find_own(struct search *search, const char *profile, bool with_environment) {
    enum found found = find_web_identity(search, profile, with_environment);
    if (found == FOUND_NOTHING) found = find_sign_on(search, profile);
    if (found == FOUND_NOTHING) found = find_keys_of(search, profile, true);
    if (found == FOUND_NOTHING) found = find_process(search, profile);
    if (found == FOUND_NOTHING) found = find_keys_of(search, profile, false);
    return found;
}

/* ---- roles ---- */

/* Profiles on the way, to see one that leads to itself. */
struct way {
    const char *profile;
    const struct way *before;
};

static enum found find_role(struct search *search, const char *profile, const struct way *way);

static enum found find_source(struct search *search, const char *source) {
    enum found found;
    if (strcmp(source, "Environment") == 0)
        found = find_in_environment(search);
    else if (strcmp(source, "EcsContainer") == 0)
        found = find_container(search);
    else if (strcmp(source, "Ec2InstanceMetadata") == 0)
        found = find_machine(search);
    else
        return found_failed(search,
                            "credential_source is \"Environment\", \"Ec2InstanceMetadata\" or "
                            "\"EcsContainer\", not \"%.60s\"",
                            source);
    if (found != FOUND_NOTHING) return found;
    return found_failed(search, "credential_source = %s has no keys", source);
}

static enum found find_source_profile(struct search *search, const char *profile,
                                      const struct way *way) {
    if (!profiles_have(&search->profiles, profile))
        return found_failed(search, "source_profile \"%.80s\" of profile \"%.80s\" is not there",
                            profile, way->profile);
    if (!has_keys(search, profile) && has_role(search, profile))
        return find_role(search, profile, way);
    enum found found = find_own(search, profile, false);
    if (found != FOUND_NOTHING) return found;
    return found_failed(search, "source_profile \"%.80s\" has no keys", profile);
}

static enum found check_role(struct search *search, const char *profile, const char *source_profile,
                             const char *credential_source) {
    const char *duration = setting(search, profile, "duration_seconds");
    size_t digits = duration ? strspn(duration, "0123456789") : 0;
    if (setting(search, profile, "mfa_serial"))
        return found_failed(search,
                            "profile \"%.80s\" wants a code of a device (mfa_serial), which linnet "
                            "cannot give",
                            profile);
    if ((source_profile == NULL) == (credential_source == NULL))
        return found_failed(search,
                            "profile \"%.80s\" with its role_arn needs %s source_profile %s "
                            "credential_source",
                            profile, source_profile ? "one of" : "a",
                            source_profile ? "and" : "or a");
    if (duration && (duration[digits] || digits > 6))
        return found_failed(search, "duration_seconds of profile \"%.80s\" is no number of seconds",
                            profile);
    return FOUND;
}

static enum found add_role(struct search *search, const char *profile) {
    struct plan *plan = search->plan;
    const char *session = setting(search, profile, "role_session_name");
    struct plan_role role = { .arn = setting(search, profile, "role_arn"),
                              .session = session ? session : SESSION,
                              .external_id = setting(search, profile, "external_id"),
                              .duration_s = setting(search, profile, "duration_seconds") };
    plan->roles[plan->role_count++] = role;
    plan->source = arena_format(arena_of(search), "role %s by %s", role.arn, plan->source).data;
    return FOUND;
}

static enum found find_role(struct search *search, const char *profile, const struct way *way) {
    const struct way here = { profile, way };
    const char *source_profile = setting(search, profile, "source_profile");
    const char *credential_source = setting(search, profile, "credential_source");
    enum found found = check_role(search, profile, source_profile, credential_source);
    size_t roles = 1;
    for (const struct way *at = way; at; at = at->before, roles++)
        if (strcmp(at->profile, profile) == 0)
            return found_failed(search, "source_profile of \"%.80s\" leads back to it", profile);
    if (roles > PLAN_MOST_ROLES)
        return found_failed(search, "profile \"%.80s\" is one source_profile too many", profile);
    if (found == FOUND)
        found = credential_source ? find_source(search, credential_source)
                                  : find_source_profile(search, source_profile, &here);
    return found == FOUND ? add_role(search, profile) : found;
}

enum found find_in_profile(struct search *search, const char *profile, bool with_environment) {
    if (has_role(search, profile)) return find_role(search, profile, NULL);
    return find_own(search, profile, with_environment);
}
