/* tests/sim/world.h: what lies in the archive's folder, and in its bucket. */
#include "base/alloc.h"
#include "base/hash.h"
#include "base/os.h"
#include "os_sim.h"
#include "world.h"
#include <stdio.h>

#define FOLDER "/archive"
#define PLACES (4 * MOST_EVENTS)

/* Events by what they read as; open addressing. */
static struct {
    uint64_t hash[PLACES];
    uint32_t event[PLACES];
    uint32_t found[MOST_EVENTS + 1];
} known;

static uint32_t *place_of(uint64_t hash) {
    size_t at = hash % PLACES;
    while (known.event[at] && known.hash[at] != hash)
        at = (at + 1) % PLACES;
    known.hash[at] = hash;
    return &known.event[at];
}

static void know_events(void) {
    struct arena arena;
    arena_init(&arena);
    memset(&known, 0, sizeof known);
    for (uint64_t number = 1; number <= world->events; number++) {
        uint32_t *place = place_of(hash_bytes(event_json(&arena, number)));
        if (*place == 0) *place = (uint32_t)number; /* repeats are as the first */
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    arena_free(&arena);
}

static void count_event(const char *path, uint32_t event) {
    if (known.found[event]++) broken("event %u is in the archive twice, in %s", event, path);
}

/* Whole lines, each an event's. */
static void each_event(const char *path, struct slice content,
                       void (*each)(const char *path, uint32_t event)) {
    if (!slice_ends(content, SLICE("\n"))) broken("%s is torn", path);
    while (content.length) {
        const char *end = memchr(content.data, '\n', content.length);
        struct slice line = slice_first(content, (size_t)(end - content.data));
        uint32_t event = *place_of(hash_bytes(line));
        if (event == 0) broken("%s holds what no event is: %.40s", path, line.data);
        each(path, event);
        content = slice_skip(content, line.length + 1);
    }
}

static void look_at_object(const char *path) {
    size_t length;
    const char *bytes = sim_bytes(path, &length);
    each_event(path, slice_from(bytes, length), count_event);
}

static void store_event(const char *path, uint32_t event) {
    if (world->line_count == LENGTH(world->lines)) broken("%s: the bucket is full", path);
    world->lines[world->line_count++] = (uint16_t)event;
}

void bucket_take_lines(const char *name, struct slice content, struct stored_lines *lines) {
    each_event(name, content, store_event);
    lines->count = world->line_count - lines->first;
    lines->hash = hash_bytes(content);
}

/* What is gathered has a name with a dot in front, and may be anything. */
static void look_at(void *above, const char *name) {
    char path[256];
    struct os_info info;
    if (name[0] == '.') return;
    snprintf(path, sizeof path, "%s/%s", (const char *)above, name);
    if (!os_stat(path, &info)) broken("%s cannot be looked at", path);
    if (info.kind == OS_FILE)
        look_at_object(path);
    else if (!os_list_folder(path, look_at, path))
        broken("%s cannot be listed", path);
}

const uint32_t *look_at_archive(void) {
    struct os_info info;
    know_events();
    if (os_stat(FOLDER, &info) && info.kind == OS_FOLDER &&
        !os_list_folder(FOLDER, look_at, FOLDER))
        broken(FOLDER " cannot be listed");
    for (uint32_t i = 0; i < world->stored_count; i++)
        for (uint32_t line = 0; line < world->stored[i].lines.count; line++)
            count_event("the bucket", world->lines[world->stored[i].lines.first + line]);
    return known.found;
}
