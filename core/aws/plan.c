/* aws/plan.h: the order of things. What a profile says is in plan_profile.c. */
#include "aws/plan.h"
#include "aws/endpoints.h"
#include "aws/plan_internal.h"
#include "base/alloc.h"
#include "base/date.h"
#include "base/os.h"
#include <errno.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>

#define MACHINE_URL "http://169.254.169.254"
#define MACHINE_URL_V6 "http://[fd00:ec2::254]"

const char *environment(const char *name) {
    const char *value = os_environment(name);
    return value && value[0] ? value : NULL;
}

enum found found_failed(struct search *search, const char *format, ...) {
    char text[sizeof search->err->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_set(search->err, ERROR_CONFIG, "%s", text);
    return FOUND_FAILED;
}

enum found found_keys(struct search *search, const struct aws_keys *keys, const char *source) {
    search->plan->start = PLAN_KEYS;
    search->plan->source = source;
    search->plan->keys = keys_create(keys, source, search->err);
    return search->plan->keys ? FOUND : FOUND_FAILED;
}

/* ---- environment ---- */

enum found find_in_environment(struct search *search) {
    const char *access = environment("AWS_ACCESS_KEY_ID");
    const char *secret = environment("AWS_SECRET_ACCESS_KEY");
    const char *token = environment("AWS_SECURITY_TOKEN"); /* older, and asked first by others */
    const char *expires = environment("AWS_CREDENTIAL_EXPIRATION");
    int64_t expires_ms = 0;
    if (access == NULL) return FOUND_NOTHING;
    if (secret == NULL)
        return found_failed(search, "AWS_ACCESS_KEY_ID is set, but not AWS_SECRET_ACCESS_KEY");
    if (expires && !date_read_iso(slice_of(expires), &expires_ms))
        return found_failed(search, "AWS_CREDENTIAL_EXPIRATION is no date");
    if (token == NULL) token = environment("AWS_SESSION_TOKEN");
    enum found found = found_keys(
        search, &(struct aws_keys){ slice_of(access), slice_of(secret), slice_of(token) },
        "the environment");
    if (found == FOUND) search->plan->keys->expires_ms = expires_ms;
    return found;
}

/* ---- secrets in files ---- */

static enum found keep_secret(struct search *search, struct slice text, const char *of) {
    struct plan *plan = search->plan;
    text = slice_trim(text);
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            return found_failed(search, "%s is more than one line of text", of);
    if (text.length == 0) return found_failed(search, "%s is empty", of);
    if (text.length > SECRET_BYTES) return found_failed(search, "%s is too long", of);
    if (plan->secret_page == NULL) plan->secret_page = os_private_memory(SECRET_BYTES);
    memcpy(plan->secret_page, text.data, text.length);
    plan->secret = slice_from(plan->secret_page, text.length);
    return FOUND;
}

enum found keep_secret_of_file(struct search *search, const char *path) {
    size_t length;
    char *text = os_read_file(path, SECRET_BYTES, &length);
    if (text == NULL)
        return found_failed(search, "the token %s cannot be read: %s", path, strerror(errno));
    enum found found = keep_secret(search, slice_from(text, length), path);
    OPENSSL_cleanse(text, length);
    memory_free(text);
    return found;
}

/* ---- services of the container and the machine ---- */

enum found find_container(struct search *search) {
    struct plan *plan = search->plan;
    const char *relative = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const char *file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (relative == NULL && full == NULL) return FOUND_NOTHING;
    plan->start = PLAN_CONTAINER;
    plan->source = "the container's service";
    plan->container_url = plan_container_url(relative, full, &plan->arena, search->err);
    if (plan->container_url == NULL) return FOUND_FAILED;
    if (file) return keep_secret_of_file(search, file);
    return token ? keep_secret(search, slice_of(token), "AWS_CONTAINER_AUTHORIZATION_TOKEN")
                 : FOUND;
}

enum found find_machine(struct search *search) {
    if (search->plan->machine_url == NULL) return FOUND_NOTHING;
    search->plan->start = PLAN_MACHINE;
    search->plan->source = "the machine's metadata service";
    return FOUND;
}

static bool is_true(const char *name) {
    const char *value = environment(name);
    return value && strcasecmp(value, "true") == 0;
}

static const char *find_machine_url(void) {
    const char *mode = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    const char *given = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (is_true("AWS_EC2_METADATA_DISABLED")) return NULL;
    if (given) return given;
    return mode && strcasecmp(mode, "ipv6") == 0 ? MACHINE_URL_V6 : MACHINE_URL;
}

/* ---- all of it ---- */

static const char *say_where(const struct search *search) {
    const struct profiles *profiles = &search->profiles;
    return arena_format(&search->plan->arena, "%sprofile \"%s\" has none in %s nor in %s",
                        search->named ? "" : "AWS_ACCESS_KEY_ID is not set, ", search->profile,
                        profiles->credentials_path ? profiles->credentials_path
                                                   : "~/.aws/credentials",
                        profiles->config_path ? profiles->config_path : "~/.aws/config")
        .data;
}

static enum found find_keys(struct search *search) {
    enum found found = FOUND_NOTHING;
    if (!search->named) found = find_in_environment(search);
    if (found == FOUND_NOTHING) found = find_in_profile(search, search->profile, !search->named);
    if (found == FOUND_NOTHING) found = find_container(search);
    if (found != FOUND_NOTHING) return found;
    search->plan->looked_at = say_where(search);
    found = find_machine(search);
    if (found != FOUND_NOTHING) return found;
    return found_failed(search, "there are no AWS keys: %s, and AWS_EC2_METADATA_DISABLED is set",
                        search->plan->looked_at);
}

bool plan_is_region(struct slice text) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    for (size_t i = 0; i < text.length; i++)
        if (memchr(allowed, text.data[i], sizeof allowed - 1) == NULL) return false;
    return text.length > 0 && text.length < 64;
}

static bool find_place(struct search *search, const char *region) {
    static const char *const services[] = { "s3", "sts", "firehose" };
    struct plan *plan = search->plan;
    struct plan_endpoint *endpoints =
        arena_zeroed(&plan->arena, LENGTH(services) + 1, sizeof *endpoints);
    struct slice of_profile = profile_value(&search->profiles, search->profile, "region");
    if (region == NULL) region = environment("AWS_REGION");
    if (region == NULL) region = environment("AWS_DEFAULT_REGION");
    if (region == NULL && of_profile.length) region = arena_copy(&plan->arena, of_profile).data;
    plan->region = region;
    plan->endpoints = endpoints;
    for (size_t i = 0; i < LENGTH(services); i++) {
        const char *url =
            endpoint_find(services[i], &search->profiles, search->profile, &plan->arena);
        if (url) *endpoints++ = (struct plan_endpoint){ services[i], url };
        if (url && strcmp(services[i], "sts") == 0) plan->sts_url = url;
    }
    plan->placed = region == NULL || plan_is_region(slice_of(region));
    if (plan->placed) return true;
    return error_set(search->err, ERROR_CONFIG, "\"%.60s\" is no name of a region", region);
}

bool plan_make(struct plan *plan, const struct plan_options *options, struct error *err) {
    struct search search = { .plan = plan, .named = options->profile != NULL, .err = err };
    const char *wanted = options->profile;
    *plan = (struct plan){ .machine_url = find_machine_url() };
    arena_init(&plan->arena);
    if (wanted == NULL) wanted = environment("AWS_PROFILE");
    if (wanted == NULL) wanted = environment("AWS_DEFAULT_PROFILE");
    search.profile = wanted ? wanted : "default";
    if (!profiles_read(&search.profiles, &plan->arena, err)) return false;
    enum found found = FOUND_FAILED;
    bool placed = find_place(&search, options->region);
    if (placed && wanted && !profiles_have(&search.profiles, wanted))
        found_failed(&search, "there is no profile \"%.80s\"", wanted);
    else if (placed)
        found = options->keyless ? FOUND : find_keys(&search);
    profiles_free(&search.profiles);
    return found == FOUND;
}

void plan_free(struct plan *plan) {
    keys_release(plan->keys);
    if (plan->secret_page) os_private_free(plan->secret_page, SECRET_BYTES);
    arena_free(&plan->arena);
    *plan = (struct plan){ 0 };
}
