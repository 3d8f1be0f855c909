/* aws/fetch.h: keys of the Security Token Service, for a role.
 *
 * Source: AssumeRole and AssumeRoleWithWebIdentity of the STS API reference, version 2011-06-15. */
#include "aws/digest.h"
#include "aws/fault.h"
#include "aws/fetch.h"
#include "aws/origin.h"
#include "aws/reply_time.h"
#include "aws/xml.h"
#include "base/date.h"
#include "net/uri.h"

#define PATIENCE_MS 10000
#define TRIES 3
#define TYPE "application/x-www-form-urlencoded; charset=utf-8"

static const char *region_of(const struct fetch *fetch) {
    return fetch->plan->region ? fetch->plan->region : "us-east-1";
}

/* "https://host" without a slash at its end. */
static struct slice origin_of(struct fetch *fetch) {
    struct slice given = slice_of(fetch->plan->sts_url);
    while (slice_ends(given, SLICE("/")))
        given.length--;
    if (given.length) return given;
    bool china = slice_starts(slice_of(region_of(fetch)), SLICE("cn-"));
    return ARENA_JOIN(&fetch->arena, SLICE("https://sts."), slice_of(region_of(fetch)),
                      china ? SLICE(".amazonaws.com.cn") : SLICE(".amazonaws.com"));
}

static struct slice with_field(struct slice form, const char *name, struct slice value,
                               struct arena *arena) {
    return ARENA_JOIN(arena, form, SLICE("&"), slice_of(name), SLICE("="),
                      uri_encode(value, false, arena));
}

static struct slice make_form(const char *action, const struct plan_role *role,
                              struct slice web_token, struct arena *arena) {
    struct slice form = ARENA_JOIN(arena, SLICE("Action="), slice_of(action));
    form = with_field(form, "Version", SLICE("2011-06-15"), arena);
    form = with_field(form, "RoleArn", slice_of(role->arn), arena);
    form = with_field(form, "RoleSessionName", slice_of(role->session), arena);
    if (role->duration_s)
        form = with_field(form, "DurationSeconds", slice_of(role->duration_s), arena);
    if (role->external_id)
        form = with_field(form, "ExternalId", slice_of(role->external_id), arena);
    if (web_token.length) form = with_field(form, "WebIdentityToken", web_token, arena);
    return form;
}

/* ---- the reply ---- */

static struct key_set *read_keys(struct fetch *fetch, struct slice body, struct error *err) {
    const struct xml_element *root = xml_read(body, &fetch->arena, err);
    if (root == NULL) return NULL;
    const struct xml_element *found = xml_find(root, "AssumeRoleResult/Credentials");
    if (found == NULL) found = xml_find(root, "AssumeRoleWithWebIdentityResult/Credentials");
    const struct aws_keys keys = { xml_text(found, "AccessKeyId"),
                                   xml_text(found, "SecretAccessKey"),
                                   xml_text(found, "SessionToken") };
    int64_t expires_ms;
    if (keys.token.length == 0 || !date_read_iso(xml_text(found, "Expiration"), &expires_ms)) {
        error_set(err, ERROR_FAILED, "it has no SessionToken or no Expiration");
        return NULL;
    }
    struct key_set *set = keys_create(&keys, fetch->plan->source, err);
    if (set) set->expires_ms = expires_ms;
    return set;
}

static void refuse(struct fetch *fetch, const struct http_reply *reply) {
    struct aws_fault fault = aws_fault_read(reply->body, SLICE(""), &fetch->arena);
    struct error err;
    if (reply->outcome != HTTP_REPLIED)
        error_set(&err, ERROR_FAILED, "STS at %.200s gave no answer: %s", fetch->ask.url,
                  reply->reason);
    else
        error_set(&err, ERROR_FAILED,
                  "STS at %.200s does not give role %.200s: HTTP %d, %.*s: %.*s", fetch->ask.url,
                  fetch->role->arn, reply->status, SLICE_ARGS(slice_first(fault.code, 80)),
                  SLICE_ARGS(slice_first(fault.message, 300)));
    fetch_fail(fetch, &err);
}

static void sign(struct fetch *fetch);

static bool is_clock_wrong(struct fetch *fetch, const struct http_reply *reply) {
    bool refused = reply->outcome == HTTP_REPLIED && (reply->status == 400 || reply->status == 403);
    if (!refused || fetch->signer == NULL || fetch->clock_corrected) return false;
    fetch->clock_corrected =
        signer_correct(fetch->signer, http_reply_header(reply, "date"), fetch->signed_ms);
    return fetch->clock_corrected;
}

static void take_keys(struct key_ask *ask, const struct http_reply *reply) {
    struct fetch *fetch = CONTAINER_OF(ask, struct fetch, ask);
    struct error err, whole;
    if (is_clock_wrong(fetch, reply)) {
        sign(fetch);
        key_ask_start(&fetch->ask);
        return;
    }
    if (reply->outcome != HTTP_REPLIED || reply->status != 200) {
        refuse(fetch, reply);
        return;
    }
    struct key_set *keys = read_keys(fetch, reply->body, &err);
    if (keys) {
        fetch_next(fetch, keys, reply_time_ms(reply));
        return;
    }
    error_set(&whole, ERROR_FAILED, "what STS at %.200s says cannot be used: %s", fetch->ask.url,
              err.text);
    fetch_fail(fetch, &whole);
}

/* ---- the request ---- */

static bool prepare(struct fetch *fetch, struct slice form) {
    struct slice where = origin_of(fetch);
    struct origin origin;
    struct error err;
    if (!origin_read(where, fetch->plan->sts_url, &origin, &err)) {
        fetch_fail(fetch, &err);
        return false;
    }
    fetch->headers[0] = (struct http_field){ SLICE("host"), origin.host };
    fetch->headers[1] = (struct http_field){ SLICE("content-type"), SLICE(TYPE) };
    fetch->ask.method = "POST";
    fetch->ask.url = ARENA_JOIN(&fetch->arena, where, SLICE("/")).data;
    fetch->ask.headers = &fetch->headers[1]; /* libcurl sends Host itself */
    fetch->ask.header_count = 1;
    fetch->ask.body = form;
    fetch->ask.patience_ms = PATIENCE_MS;
    fetch->ask.tries = TRIES;
    fetch->ask.replied = take_keys;
    return true;
}

static void sign(struct fetch *fetch) {
    char hex[DIGEST_HEX_BYTES];
    struct digest digest = sha256_of(fetch->ask.body);
    struct sigv4_signed made;
    digest_hex(&digest, hex);
    const struct sigv4_request request = { .method = SLICE("POST"),
                                           .path = SLICE("/"),
                                           .headers = fetch->headers,
                                           .header_count = 2,
                                           .payload = slice_from(hex, sizeof hex) };
    fetch->signer = signers_find(&fetch->signers, SLICE("sts"), slice_of(region_of(fetch)), 0);
    fetch->signed_ms = signer_now_ms(fetch->signer);
    sigv4_sign(fetch->signer->signer, &request, &fetch->keys->keys, fetch->signed_ms, &fetch->arena,
               &made);
    for (size_t i = 0; i < made.header_count; i++)
        fetch->headers[2 + i] = made.headers[i];
    fetch->ask.header_count = 1 + made.header_count;
}

void fetch_by_role(struct fetch *fetch) {
    fetch->role = &fetch->plan->roles[fetch->roles++];
    fetch->clock_corrected = false;
    if (!prepare(fetch, make_form("AssumeRole", fetch->role, SLICE(""), &fetch->arena))) return;
    sign(fetch);
    key_ask_start(&fetch->ask);
}

/* The token alone proves who asks: nothing is signed. */
void fetch_by_web_identity(struct fetch *fetch) {
    struct plan *plan = fetch->plan;
    fetch->role = &plan->web_role;
    if (prepare(fetch,
                make_form("AssumeRoleWithWebIdentity", fetch->role, plan->secret, &fetch->arena)))
        key_ask_start(&fetch->ask);
}
