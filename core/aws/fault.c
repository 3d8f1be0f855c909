/* aws/fault.h */
#include "aws/fault.h"
#include "aws/xml.h"
#include <cjson/cJSON.h>

static struct slice member(const cJSON *object, const char *name, struct arena *arena) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? arena_copy(arena, slice_of(text)) : SLICE("");
}

static struct slice first_of(struct slice one, struct slice other) {
    return one.length ? one : other;
}

/* "com.amazonaws.firehose#ThrottlingException:http://..." → "ThrottlingException" */
static struct slice bare_code(struct slice type) {
    const char *hash = type.length ? memchr(type.data, '#', type.length) : NULL;
    if (hash) type = slice_skip(type, (size_t)(hash + 1 - type.data));
    const char *colon = type.length ? memchr(type.data, ':', type.length) : NULL;
    return slice_trim(colon ? slice_first(type, (size_t)(colon - type.data)) : type);
}

static struct aws_fault read_json(struct slice body, struct arena *arena) {
    struct aws_fault fault = { SLICE(""), SLICE("") };
    cJSON *json = cJSON_ParseWithLength(body.data, body.length);
    fault.code = bare_code(first_of(member(json, "__type", arena), member(json, "code", arena)));
    fault.message = first_of(member(json, "message", arena), member(json, "Message", arena));
    cJSON_Delete(json);
    return fault;
}

static struct aws_fault read_xml(struct slice body, struct arena *arena) {
    struct error unread; /* of a proxy's page, say */
    const struct xml_element *root = xml_read(body, arena, &unread);
    const struct xml_element *error = xml_find(root, "Error");
    if (error == NULL) error = xml_find(root, "Errors/Error");
    if (error == NULL) error = root;
    return (struct aws_fault){ xml_text(error, "Code"), xml_text(error, "Message") };
}

struct aws_fault aws_fault_read(struct slice body, struct slice type, struct arena *arena) {
    struct slice text = slice_trim(body);
    struct aws_fault fault = { SLICE(""), SLICE("") };
    if (text.length && text.data[0] == '{') fault = read_json(text, arena);
    if (text.length && text.data[0] == '<') fault = read_xml(text, arena);
    if (type.length) fault.code = arena_copy(arena, bare_code(type));
    return fault;
}

static bool says(struct slice text, const char *word) {
    return text.length && memmem(text.data, text.length, word, strlen(word));
}

bool aws_fault_is_of_keys(const struct aws_fault *fault) {
    static const char *const codes[] = {
        "ExpiredToken",          "ExpiredTokenException", "InvalidToken",
        "InvalidAccessKeyId",    "InvalidClientTokenId",  "UnrecognizedClientException",
        "SignatureDoesNotMatch", "TokenRefreshRequired",  "InvalidSignatureException",
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (slice_is(fault->code, codes[i])) return true;
    return fault->code.length == 0 && says(fault->message, "security token");
}
