/* config/option.h and part.h: settings as values: whether two are the same, and a copy that stands
 * alone. */
#include "base/alloc.h"
#include "config/part.h"
#include "config/secret.h"

static bool text_equal(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether the option has the same value in both settings. */
static bool option_equal(const struct option *option, const void *a, const void *b) {
    const void *left = (const char *)a + option->offset, *right = (const char *)b + option->offset;
    switch (option->type) {
    case OPTION_TEXT:
    case OPTION_LIST:
    case OPTION_PATH:
    case OPTION_CHOICE: return text_equal(*(const char *const *)left, *(const char *const *)right);
    case OPTION_NUMBER: return *(const double *)left == *(const double *)right;
    case OPTION_INTEGER:
    case OPTION_BYTES:
    case OPTION_DURATION: return *(const int64_t *)left == *(const int64_t *)right;
    case OPTION_SECRET:
        return secret_equal(*(const struct secret *const *)left,
                            *(const struct secret *const *)right);
    case OPTION_BOOLEAN: break;
    }
    return *(const bool *)left == *(const bool *)right;
}

bool options_equal(const struct option_table *table, const void *a, const void *b) {
    for (size_t i = 0; i < table->count; i++)
        if (!option_equal(&table->options[i], a, b)) return false;
    return true;
}

void *options_copy(const struct option_table *table, const void *settings, struct arena *arena) {
    char *copy = arena_zeroed(arena, 1, table->settings_bytes + 1); /* some parts have none */
    if (table->settings_bytes) memcpy(copy, settings, table->settings_bytes);
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        const char **text = (const char **)(void *)(copy + option->offset);
        struct secret **secret = (struct secret **)(void *)(copy + option->offset);
        bool is_text = option->type == OPTION_TEXT || option->type == OPTION_PATH ||
                       option->type == OPTION_CHOICE || option->type == OPTION_LIST;
        if (is_text && *text) *text = arena_copy(arena, slice_of(*text)).data;
        if (option->type == OPTION_SECRET && *secret) *secret = secret_copy(*secret, arena);
    }
    return copy;
}

void options_release(const struct option_table *table, const void *settings) {
    for (size_t i = 0; i < table->count; i++)
        if (table->options[i].type == OPTION_SECRET)
            secret_release(
                *(struct secret *const *)((const char *)settings + table->options[i].offset));
}

bool part_equal(const struct part_config *a, const struct part_config *b) {
    return a->kind == b->kind && options_equal(&a->kind->options, a->settings, b->settings);
}

struct owned_part *part_copy(const struct part_config *part) {
    struct owned_part *copy = memory_zeroed(1, sizeof *copy);
    arena_init(&copy->arena);
    copy->config = *part;
    copy->config.name = arena_copy(&copy->arena, slice_of(part->name)).data;
    copy->config.sink.when_full = arena_copy(&copy->arena, slice_of(part->sink.when_full)).data;
    copy->config.sink.start = arena_copy(&copy->arena, slice_of(part->sink.start)).data;
    if (part->schema_name)
        copy->config.schema_name = arena_copy(&copy->arena, slice_of(part->schema_name)).data;
    copy->config.mapping = arena_copy(&copy->arena, part->mapping);
    copy->config.settings = options_copy(&part->kind->options, part->settings, &copy->arena);
    return copy;
}

void part_free(struct owned_part *part) {
    options_release(&part->config.kind->options, part->config.settings);
    arena_free(&part->arena);
    memory_free(part);
}
