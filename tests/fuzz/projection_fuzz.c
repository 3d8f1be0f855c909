/* JSON of strangers: no crash, and texts that are UTF-8; a projection of one path finds what a
 * larger one found there, and whoever reads every value refuses no more than what is wrong in some
 * value. */
#include "base/utf8.h"
#include "fuzz.h"
#include "json/walk.h"

static const char *const paths[] = {
    "a",   "text", "user.name", "a.b.c", "a.b", "id",       "a.a.a",
    "b.a", "list", "list.x",    "x.y.z", "c",   "\xC3\xA9", "long_name_of_a_member"
};

struct reader {
    struct projection *projection;
    struct projector *projector;
    int slots[LENGTH(paths)];
};

static void reader_init(struct reader *reader, size_t from, size_t count) {
    reader->projection = projection_create();
    for (size_t i = 0; i < count; i++)
        reader->slots[i] = projection_add(reader->projection, slice_of(paths[from + i]));
    projection_seal(reader->projection);
    reader->projector = projector_create(reader->projection);
}

static void check_slot(const struct json_slot *slot) {
    uint32_t count = 0;
    for (const struct json_value *value = &slot->first; slot->count && value; value = value->next) {
        count++;
        if (value->type == JSON_STRING || value->type == JSON_NUMBER)
            require(utf8_valid(value->text));
    }
    require(count == slot->count);
}

static void ignore_begin(void *context, bool array) { (void)context, (void)array; }
static void check_name(void *context, struct slice name) {
    (void)context;
    require(utf8_valid(name));
}
static void check_scalar(void *context, enum json_type type, struct slice text) {
    (void)context;
    if (type == JSON_STRING) require(utf8_valid(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct reader all, one;
    static struct projector *walker;
    static const struct json_events events = { NULL, ignore_begin, ignore_begin, check_name,
                                               check_scalar };
    struct arena arena;
    struct slice reason;
    if (walker == NULL) {
        reader_init(&all, 0, LENGTH(paths));
        reader_init(&one, 1, 1);
        walker = projector_create(NULL);
    }
    arena_init(&arena);
    struct slice record = padded_copy(&arena, data, size);
    const struct json_slot *slots = projector_run(all.projector, record, &arena, &reason);
    if (slots) {
        for (size_t i = 0; i < LENGTH(paths); i++)
            check_slot(&slots[all.slots[i]]);
        const struct json_slot *alone = projector_run(one.projector, record, &arena, &reason);
        require(alone != NULL && alone->count == slots[all.slots[1]].count);
    }
    if (json_walk(walker, record, &arena, &events)) /* what is right as a whole is right in part */
        require(slots != NULL);
    arena_free(&arena);
    return 0;
}
