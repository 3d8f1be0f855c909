/* Signs what it is given on standard input, one JSON object a line, and prints what it signed: for
 * a comparison with another implementation.
 *
 * {"method","path","query":[[name,value]],"headers":[[name,value]],"payload","region","service",
 * "s3":bool,"keys":[access,secret,token],"now_ms","expires"} with `expires` > 0 for a presigned
 * URL; gives {"canonical","signature"}. */
#include "aws/sigv4.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static struct slice text_of(const cJSON *object, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
    return slice_of(text ? text : "");
}

static double number_of(const cJSON *object, const char *name) {
    return cJSON_GetNumberValue(cJSON_GetObjectItem(object, name));
}

static struct slice item(const cJSON *list, int at) {
    return slice_of(cJSON_GetStringValue(cJSON_GetArrayItem(list, at)));
}

static const struct http_field *fields_of(const cJSON *object, const char *name, size_t *count,
                                          struct arena *arena) {
    const cJSON *list = cJSON_GetObjectItem(object, name), *pair;
    struct http_field *fields =
        arena_alloc(arena, (size_t)cJSON_GetArraySize(list) * sizeof *fields);
    *count = 0;
    cJSON_ArrayForEach(pair, list) fields[(*count)++] =
        (struct http_field){ item(pair, 0), item(pair, 1) };
    return fields;
}

static void print_signed(const struct sigv4_signed *made, struct arena *arena) {
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "canonical", arena_copy(arena, made->canonical).data);
    cJSON_AddStringToObject(out, "signature", arena_copy(arena, made->signature).data);
    char *text = cJSON_PrintUnformatted(out);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(out);
}

static void sign(const cJSON *asked, struct arena *arena) {
    const cJSON *keys = cJSON_GetObjectItem(asked, "keys");
    const struct aws_keys given = { item(keys, 0), item(keys, 1), item(keys, 2) };
    struct sigv4_request request = { .method = text_of(asked, "method"),
                                     .path = text_of(asked, "path"),
                                     .payload = text_of(asked, "payload") };
    request.query = fields_of(asked, "query", &request.query_count, arena);
    request.headers = fields_of(asked, "headers", &request.header_count, arena);
    bool s3 = cJSON_IsTrue(cJSON_GetObjectItem(asked, "s3"));
    uint32_t expires_s = (uint32_t)number_of(asked, "expires");
    int64_t now_ms = (int64_t)number_of(asked, "now_ms");
    struct sigv4_signer *signer =
        sigv4_signer_create(text_of(asked, "region"), text_of(asked, "service"), s3 ? SIGV4_S3 : 0);
    struct sigv4_signed made;
    if (expires_s)
        sigv4_presign(signer, &request, &given, now_ms, expires_s, arena, &made);
    else
        sigv4_sign(signer, &request, &given, now_ms, arena, &made);
    print_signed(&made, arena);
    sigv4_signer_destroy(signer);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    struct arena arena;
    arena_init(&arena);
    while (getline(&line, &room, stdin) > 0) {
        cJSON *asked = cJSON_Parse(line);
        if (asked == NULL) return 1;
        sign(asked, &arena);
        cJSON_Delete(asked);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    free(line);
    arena_free(&arena);
    return 0;
}
