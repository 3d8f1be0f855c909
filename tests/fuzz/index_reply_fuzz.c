/* Replies of an index that may be anything: no crash, no item that the reply does not have, and
 * texts that people may read. The first byte says for how many documents it is. */
#include "fuzz.h"
#include "index/rules.h"

static const struct index_action actions[] = { { .id = { "x:0", 3 } },
                                               { .id = { "x:1", 3 }, .verb = INDEX_REMOVE },
                                               { .id = { "x:2", 3 } },
                                               { .id = { "x:3", 3 } } };

static void check_text(const struct index_item *item, struct arena *arena) {
    struct slice text = index_item_text(item, arena);
    require(text.length > 0);
    for (size_t i = 0; i < text.length; i++)
        require((unsigned char)text.data[i] >= 0x20 && text.data[i] != 0x7F);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct projector *walker;
    struct index_item items[LENGTH(actions)];
    struct arena arena;
    const char *why;
    int64_t version;
    if (size == 0) return 0;
    if (walker == NULL) walker = projector_create(NULL);
    arena_init(&arena);
    size_t count = data[0] % (LENGTH(actions) + 1);
    struct slice body = slice_from((const char *)data + 1, size - 1);
    bool read = index_reply_read(body, actions, count, walker, &arena, items, &why);
    require(read == (why == NULL));
    for (size_t i = 0; read && i < count; i++) {
        require(items[i].status >= 100 && items[i].status < 600);
        check_text(&items[i], &arena);
        (void)index_item_rule(&items[i], actions[i].verb);
        (void)!index_present_version(items[i].reason, &version);
    }
    struct index_item said = index_error_read(400 + data[0], body, walker, &arena);
    check_text(&said, &arena);
    (void)index_request_rule(&said, count % 2);
    (void)index_server_read(body, walker, &arena);
    (void)!index_removal_read(body, walker, &arena, &why);
    arena_free(&arena);
    return 0;
}
