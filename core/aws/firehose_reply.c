/* aws/firehose.h: replies. */
#include "aws/firehose.h"
#include "base/compiler.h"
#include "json/number.h"
#include "json/trail.h"
#include "json/walk.h"

struct walk {
    struct firehose_reply *reply;
    uint32_t count, found; /* answers; the one that is being read among them */
    int64_t failures;      /* as the reply counts them; -1: it does not */
    const char *why;       /* the first thing that is wrong; NULL: nothing */
    struct json_trail trail;
    bool listed;       /* in the list of answers */
    bool kept, failed; /* of the answer that is being read */
    struct slice code, message;
};

static void blame(struct walk *walk, const char *why) {
    if (walk->why == NULL) walk->why = why;
}

static bool is_at(const struct walk *walk, unsigned depth, const char *name) {
    return walk->trail.depth == depth && json_trail_is(&walk->trail, depth, name);
}

static void begin_answer(struct walk *walk) {
    if (walk->found == walk->count) blame(walk, "it has more answers than there were records");
    walk->found = MIN(walk->found + 1, walk->count);
    walk->kept = walk->failed = false;
    walk->code = walk->message = slice_from(NULL, 0);
}

static void end_answer(struct walk *walk) {
    struct firehose_reply *reply = walk->reply;
    if (walk->kept == walk->failed || walk->found == 0) {
        blame(walk, "an answer says neither that its record is kept nor why not");
        return;
    }
    reply->failed[walk->found - 1] = walk->failed;
    if (!walk->failed) return;
    struct firehose_refusal *refusal = &reply->refusals[walk->found - 1];
    *refusal = (struct firehose_refusal){ walk->code, walk->message };
    if (reply->failures++ == 0) reply->first = refusal;
}

static void walk_begin(void *context, bool array) {
    struct walk *walk = context;
    if (is_at(walk, 1, "RequestResponses")) {
        if (walk->listed || walk->found) blame(walk, "it has two lists of answers");
        walk->listed = array;
    } else if (walk->trail.depth == 2 && walk->listed)
        begin_answer(walk);
    json_trail_begin(&walk->trail);
}

static void walk_end(void *context, bool array) {
    struct walk *walk = context;
    (void)array;
    json_trail_end(&walk->trail);
    if (walk->trail.depth == 2 && walk->listed) end_answer(walk);
    if (walk->trail.depth == 1) walk->listed = false;
}

static void walk_name(void *context, struct slice name) {
    struct walk *walk = context;
    json_trail_name(&walk->trail, name);
}

static void walk_scalar(void *context, enum json_type type, struct slice text) {
    struct walk *walk = context;
    if (walk->trail.depth == 2 && walk->listed) blame(walk, "an answer is no object");
    if (is_at(walk, 1, "FailedPutCount") &&
        (type != JSON_NUMBER || !number_integer(text, &walk->failures)))
        blame(walk, "its FailedPutCount is no number");
    if (walk->trail.depth != 3 || !walk->listed || type != JSON_STRING || text.length == 0) return;
    if (is_at(walk, 3, "RecordId")) walk->kept = true;
    if (is_at(walk, 3, "ErrorCode")) {
        walk->failed = true;
        walk->code = text;
    }
    if (is_at(walk, 3, "ErrorMessage")) walk->message = text;
}

bool firehose_reply_read(struct slice body, uint32_t count, struct projector *walker,
                         struct arena *arena, struct firehose_reply *reply, const char **why) {
    struct walk walk = { .reply = reply, .count = count, .failures = -1 };
    const struct json_events events = { .context = &walk,
                                        .begin = walk_begin,
                                        .end = walk_end,
                                        .name = walk_name,
                                        .scalar = walk_scalar };
    *reply =
        (struct firehose_reply){ .refusals = arena_zeroed(arena, count, sizeof *reply->refusals) };
    if (!json_walk(walker, json_padded(arena, body), arena, &events))
        blame(&walk, "it is no whole JSON object");
    if (walk.found < count) blame(&walk, "it has fewer answers than there were records");
    if (walk.failures != reply->failures)
        blame(&walk, "its FailedPutCount is not the number of those that failed");
    *why = walk.why;
    return walk.why == NULL;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static const struct {
    const char *code;
    enum firehose_rule rule;
} rules[] = {
    { "ServiceUnavailableException", FIREHOSE_BUSY },
    { "ThrottlingException", FIREHOSE_BUSY },
    { "Throttling", FIREHOSE_BUSY },
    { "LimitExceededException", FIREHOSE_BUSY },
    { "RequestLimitExceeded", FIREHOSE_BUSY },
    { "TooManyRequestsException", FIREHOSE_BUSY },
    { "InternalFailure", FIREHOSE_AWAY },
    { "ResourceNotFoundException", FIREHOSE_MISSING },
    { "AccessDeniedException", FIREHOSE_REFUSED },
    { "AccessDenied", FIREHOSE_REFUSED },
    { "UnrecognizedClientException", FIREHOSE_REFUSED },
    { "InvalidClientTokenId", FIREHOSE_REFUSED },
    { "InvalidSignatureException", FIREHOSE_REFUSED },
    { "SignatureDoesNotMatch", FIREHOSE_REFUSED },
    { "IncompleteSignature", FIREHOSE_REFUSED },
    { "MissingAuthenticationToken", FIREHOSE_REFUSED },
    { "MissingAuthenticationTokenException", FIREHOSE_REFUSED },
    { "ExpiredToken", FIREHOSE_REFUSED },
    { "ExpiredTokenException", FIREHOSE_REFUSED },
    { "OptInRequired", FIREHOSE_REFUSED },
    { "RequestEntityTooLarge", FIREHOSE_TOO_LARGE },
};

enum firehose_rule firehose_rule_of(int status, struct slice code) {
    for (size_t i = 0; i < LENGTH(rules); i++)
        if (slice_is(code, rules[i].code)) return rules[i].rule;
    if (status == 413) return FIREHOSE_TOO_LARGE;
    if (status == 429 || status == 503) return FIREHOSE_BUSY;
    if (status == 401 || status == 403) return FIREHOSE_REFUSED;
    return status >= 500 ? FIREHOSE_AWAY : FIREHOSE_WRONG;
}

bool firehose_is_own_fault(struct slice code) {
    return firehose_rule_of(200, code) != FIREHOSE_BUSY;
}

const char *firehose_rule_text(enum firehose_rule rule) {
    static const char *const texts[] = {
        [FIREHOSE_DONE] = "works",
        [FIREHOSE_BUSY] = "is busy",
        [FIREHOSE_AWAY] = "does not answer as it should",
        [FIREHOSE_MISSING] = "there is no such stream in this account and region",
        [FIREHOSE_REFUSED] = "refuses the keys",
        [FIREHOSE_WRONG] = "refuses what it is given",
        [FIREHOSE_TOO_LARGE] = "refuses so much at a time",
    };
    return texts[rule];
}
