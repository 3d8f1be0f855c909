/* aws/s3_error.h */
#include "aws/s3_error.h"
#include "aws/s3_place.h"
#include "aws/xml.h"

struct meaning {
    const char *code;
    enum s3_action action;
};

/* What the status alone does not tell. */
static const struct meaning meanings[] = {
    { "SlowDown", S3_ASK_AGAIN },
    { "ServiceUnavailable", S3_ASK_AGAIN },
    { "InternalError", S3_ASK_AGAIN },
    { "RequestTimeout", S3_ASK_AGAIN },
    { "RequestTimeoutException", S3_ASK_AGAIN },
    { "OperationAborted", S3_ASK_AGAIN },
    { "ConditionalRequestConflict", S3_ASK_AGAIN },
    { "PriorRequestNotComplete", S3_ASK_AGAIN },
    { "Throttling", S3_ASK_AGAIN },
    { "ThrottlingException", S3_ASK_AGAIN },
    { "ThrottledException", S3_ASK_AGAIN },
    { "RequestThrottled", S3_ASK_AGAIN },
    { "RequestThrottledException", S3_ASK_AGAIN },
    { "RequestLimitExceeded", S3_ASK_AGAIN },
    { "BandwidthLimitExceeded", S3_ASK_AGAIN },
    { "TooManyRequestsException", S3_ASK_AGAIN },
    { "ExpiredToken", S3_REFRESH },
    { "ExpiredTokenException", S3_REFRESH },
    { "TokenRefreshRequired", S3_REFRESH },
    { "NotImplemented", S3_GIVE_UP },
    { "InvalidToken", S3_REFRESH },
    { "RequestTimeTooSkewed", S3_FIX_CLOCK },
    { "RequestExpired", S3_FIX_CLOCK },
    { "PermanentRedirect", S3_RELOCATE },
    { "TemporaryRedirect", S3_RELOCATE },
    { "Redirect", S3_RELOCATE },
    { "AuthorizationHeaderMalformed", S3_RELOCATE },
    { "IllegalLocationConstraintException", S3_RELOCATE },
};

static enum s3_action action_of_code(struct slice code, enum s3_action other) {
    for (size_t i = 0; i < LENGTH(meanings); i++)
        if (slice_is(code, meanings[i].code)) return meanings[i].action;
    return other;
}

static enum s3_action action_of_status(int status) {
    if (status == 429 || status / 100 == 5) return S3_ASK_AGAIN;
    return status / 100 == 3 ? S3_RELOCATE : S3_GIVE_UP;
}

/* "https://HOST[:PORT]/..." or "HOST" */
static struct slice host_of(struct slice url) {
    if (slice_starts(url, SLICE("https://"))) url = slice_skip(url, 8);
    size_t length = 0;
    while (length < url.length && url.data[length] != '/' && url.data[length] != ':')
        length++;
    return slice_first(url, length);
}

/* From what is surest to what is least so; nobody but AWS names a host of another region. */
static struct slice region_of(const struct s3_said *said, const struct xml_element *told) {
    struct slice named = xml_text(told, "Region");
    if (s3_is_region(said->bucket_region)) return said->bucket_region;
    if (s3_is_region(named)) return named;
    struct slice region = s3_region_of_host(host_of(xml_text(told, "Endpoint")));
    return region.length ? region : s3_region_of_host(host_of(said->location));
}

struct s3_error s3_error_read(const struct s3_said *said, struct arena *arena) {
    struct error unread;
    const struct xml_element *told =
        slice_trim(said->body).length ? xml_read(said->body, arena, &unread) : NULL;
    if (told && !slice_is(told->name, "Error")) told = NULL;
    if (told == NULL && said->status / 100 == 2) return (struct s3_error){ .action = S3_TAKE };
    struct s3_error found = { .code = xml_text(told, "Code"),
                              .message = xml_text(told, "Message"),
                              .request_id = xml_text(told, "RequestId"),
                              .region = region_of(said, told) };
    if (found.request_id.length == 0) found.request_id = said->request_id;
    /* An error that is told after the status was sent is the server's own. */
    int status = said->status / 100 == 2 ? 500 : said->status;
    found.action = action_of_code(found.code, action_of_status(status));
    /* A HEAD has no body: this is how it tells of another region. */
    bool bare = found.code.length == 0 && status == 400 && found.region.length;
    if (bare) found.action = S3_RELOCATE;
    return found;
}
