/* flow/source_state.h: {"sources":[{"name":…,"position":…,"received":…},…]} */
#include "flow/source_state.h"
#include "base/alloc.h"
#include "flow/sums_json.h"
#include "json/number.h"
#include "json/projection.h"

static char *copy_text(struct slice text) {
    char *copy = memory_zeroed(1, text.length + 1);
    if (text.length) memcpy(copy, text.data, text.length);
    return copy;
}

struct source_state *source_state_of(struct source_states *states, struct slice name) {
    struct source_state **link = &states->first;
    while (*link && !slice_is(name, (*link)->name))
        link = &(*link)->next;
    if (*link) return *link;
    struct source_state *state = memory_zeroed(1, sizeof *state);
    state->name = copy_text(name);
    state->position = memory_copy_text("");
    state->sums.name = state->name;
    return *link = state;
}

void source_state_move(struct source_state *state, struct slice position) {
    memory_free(state->position);
    state->position = copy_text(position);
}

void source_states_free(struct source_states *states) {
    while (states->first) {
        struct source_state *next = states->first->next;
        memory_free(states->first->name);
        memory_free(states->first->position);
        memory_free(states->first);
        states->first = next;
    }
}

void source_states_write(const struct source_states *states, struct buffer *json) {
    struct arena arena;
    struct writer writer;
    arena_init(&arena);
    writer_init(&writer, &arena, 1024);
    write_object(&writer);
    write_name(&writer, SLICE("sources"));
    write_array(&writer);
    for (const struct source_state *state = states->first; state; state = state->next) {
        write_object(&writer);
        write_name(&writer, SLICE("name"));
        write_text(&writer, slice_of(state->name));
        write_name(&writer, SLICE("position"));
        write_text(&writer, slice_of(state->position));
        sum_parts_write(&writer, &state->sums, source_parts, SOURCE_PARTS);
        write_object_end(&writer);
    }
    write_array_end(&writer);
    write_object_end(&writer);
    bool fits = buffer_append(json, writer_finish(&writer));
    (void)fits; /* names and positions are bounded, and so are sources */
    arena_free(&arena);
}

/* The values of a member, one a source. */
struct column {
    const struct json_value *at;
};

static struct column column_of(const struct json_slot *slot) {
    return (struct column){ slot->count ? &slot->first : NULL };
}

/* The value of source `element`; NULL when it has none. */
static const struct json_value *column_take(struct column *column, uint32_t element) {
    while (column->at && column->at->element < element)
        column->at = column->at->next;
    return column->at && column->at->element == element ? column->at : NULL;
}

static void take_sources(struct source_states *states, const struct json_slot *slots,
                         const int *numbers) {
    struct column columns[SOURCE_PARTS + 1];
    for (size_t i = 0; i < LENGTH(columns); i++)
        columns[i] = column_of(&slots[numbers[i + 1]]);
    for (struct column names = column_of(&slots[numbers[0]]); names.at; names.at = names.at->next) {
        uint32_t element = names.at->element;
        struct source_state *state = source_state_of(states, names.at->text);
        const struct json_value *value = column_take(&columns[0], element);
        if (value) source_state_move(state, value->text);
        for (size_t i = 0; i < SOURCE_PARTS; i++) {
            int64_t number;
            value = column_take(&columns[i + 1], element);
            if (value && number_integer(value->text, &number) && number >= 0)
                sum_set(&state->sums, &source_parts[i], (uint64_t)number);
        }
    }
}

bool source_states_read(struct source_states *states, struct slice json) {
    struct arena arena;
    struct slice reason;
    int numbers[SOURCE_PARTS + 2];
    struct projection *projection = projection_create();
    arena_init(&arena);
    numbers[0] = projection_add(projection, SLICE("sources.name"));
    numbers[1] = projection_add(projection, SLICE("sources.position"));
    for (size_t i = 0; i < SOURCE_PARTS; i++)
        numbers[i + 2] =
            projection_add(projection, arena_format(&arena, "sources.%s", source_parts[i].name));
    projection_seal(projection);
    struct projector *projector = projector_create(projection);
    const struct json_slot *slots =
        projector_run(projector, json_padded(&arena, json), &arena, &reason);
    if (slots) take_sources(states, slots, numbers);
    projector_destroy(projector);
    projection_destroy(projection);
    arena_free(&arena);
    return slots != NULL;
}
