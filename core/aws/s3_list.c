/* aws/s3.h: the keys of a bucket, a page at a time (ListObjectsV2). */
#include "aws/s3_internal.h"
#include "aws/xml.h"
#include "base/alloc.h"
#include "net/uri.h"

struct s3_list {
    struct s3 *s3;
    struct arena arena; /* what is asked for */
    struct slice prefix, after;
    char *token; /* of the next page */
    size_t token_length;
    struct s3_call call;
    struct s3_list_hooks hooks;
};

/* Keys are written as forms are, so that XML can hold any byte of them. */
static struct slice decode(struct slice text, bool encoded, struct arena *arena) {
    if (!encoded) return text;
    struct slice copy = arena_copy(arena, text);
    for (size_t i = 0; i < copy.length; i++)
        if (copy.data[i] == '+') ((char *)copy.data)[i] = ' ';
    return uri_decode(copy, arena);
}

static uint64_t read_bytes(struct slice text) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < text.length && i < 19; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return 0;
        bytes = bytes * 10 + (uint64_t)(text.data[i] - '0');
    }
    return bytes;
}

static size_t read_entries(const struct xml_element *root, struct s3_entry **entries,
                           struct arena *arena) {
    bool encoded = slice_is(xml_text(root, "EncodingType"), "url");
    size_t count = 0, at = 0;
    const struct xml_element *first = xml_find(root, "Contents");
    for (const struct xml_element *one = first; one; one = xml_again(one))
        count++;
    *entries = arena_alloc(arena, (count + 1) * sizeof **entries);
    for (const struct xml_element *one = first; one; one = xml_again(one))
        (*entries)[at++] = (struct s3_entry){ decode(xml_text(one, "Key"), encoded, arena),
                                              read_bytes(xml_text(one, "Size")) };
    return count;
}

static void keep_token(struct s3_list *list, struct slice token) {
    list->token = memory_resize(list->token, token.length + 1);
    memcpy(list->token, token.data, token.length);
    list->token_length = token.length;
}

static void refuse(struct s3_list *list, const char *reason) {
    const struct s3_result result = { S3_REFUSED, reason };
    list->hooks.page(list->hooks.context, NULL, 0, false, &result);
}

static void listed(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_list *list = CONTAINER_OF(call, struct s3_list, call);
    struct error err;
    struct arena arena;
    if (answer->result.end != S3_GOOD) {
        list->hooks.page(list->hooks.context, NULL, 0, false, &answer->result);
        return;
    }
    arena_init(&arena);
    const struct xml_element *root = xml_read(answer->body, &arena, &err);
    struct slice token = xml_text(root, "NextContinuationToken");
    bool more = slice_is(xml_text(root, "IsTruncated"), "true");
    bool stuck = more && (token.length == 0 ||
                          slice_equal(token, slice_from(list->token, list->token_length)));
    if (root == NULL || !slice_is(root->name, "ListBucketResult"))
        refuse(list, "what the server sent is no list of objects");
    else if (stuck)
        refuse(list, "the server says that its list goes on, but not where");
    else {
        struct s3_entry *entries;
        size_t count = read_entries(root, &entries, &arena);
        keep_token(list, token);
        list->hooks.page(list->hooks.context, entries, count, more, &answer->result);
    }
    arena_free(&arena);
}

void s3_list_next(struct s3_list *list) {
    struct s3_request request = { .method = "GET",
                                  .query = { S3_PARAMETER("list-type", SLICE("2")),
                                             S3_PARAMETER("encoding-type", SLICE("url")),
                                             S3_PARAMETER("prefix", list->prefix) },
                                  .query_count = 3,
                                  .most_bytes = XML_MOST_BYTES };
    struct slice token = slice_from(list->token, list->token_length);
    if (list->after.length)
        request.query[request.query_count++] = S3_PARAMETER("start-after", list->after);
    if (token.length)
        request.query[request.query_count++] = S3_PARAMETER("continuation-token", token);
    s3_call_start(list->s3, &list->call, &request, listed);
}

struct s3_list *s3_list_start(struct s3 *s3, struct slice prefix, struct slice after,
                              const struct s3_list_hooks *hooks) {
    struct s3_list *list = memory_zeroed(1, sizeof *list);
    *list = (struct s3_list){ .s3 = s3, .hooks = *hooks };
    arena_init(&list->arena);
    list->prefix = arena_copy(&list->arena, prefix);
    list->after = arena_copy(&list->arena, after);
    s3_list_next(list);
    return list;
}

void s3_list_close(struct s3_list *list) {
    s3_call_cancel(&list->call);
    arena_free(&list->arena);
    memory_free(list->token);
    memory_free(list);
}
