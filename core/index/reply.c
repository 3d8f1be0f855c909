/* index/reply.h: one walk over the JSON, which remembers the names on the way down. */
#include "index/reply.h"
#include "json/number.h"
#include "json/trail.h"
#include "json/walk.h"

#define SHOWN_BYTES 300

struct walk {
    const struct index_action *actions;
    size_t count;
    struct index_item *items;
    size_t found;    /* items so far, the one that is being read among them */
    struct slice id; /* of that one */
    const char *why; /* the first thing that is wrong; NULL: nothing */
    struct json_trail trail;
    bool listed;             /* the items are an array, as they should be */
    struct index_item error; /* of a whole request, from `error` or AWS's `message` */
    struct index_server server;
    bool removed;   /* a delete by query tells how many it removed, */
    bool left_over; /* that it left some, or that it ran out of time */
};

static void blame(struct walk *walk, const char *why) {
    if (walk->why == NULL) walk->why = why;
}

static bool is_at(const struct walk *walk, unsigned depth, const char *name) {
    return json_trail_is(&walk->trail, depth, name);
}

/* The object of the root, the array of items, one of these. */
static bool in_item(const struct walk *walk) { return walk->trail.depth >= 3 && walk->listed; }

static void begin_item(struct walk *walk) {
    if (walk->found == walk->count) {
        blame(walk, "it has more items than there were documents");
        return;
    }
    walk->items[walk->found++] = (struct index_item){ 0 };
    walk->id = slice_from(NULL, 0);
    walk->trail.names[2] = slice_from(NULL, 0);
}

static void end_item(struct walk *walk) {
    if (walk->found == 0) return;
    const struct index_action *action = &walk->actions[walk->found - 1];
    if (!slice_equal(walk->id, action->id))
        blame(walk, "an item is of another document than the one in its place");
    else if (walk->items[walk->found - 1].status == 0)
        blame(walk, "an item has no status");
}

static void walk_begin(void *context, bool array) {
    struct walk *walk = context;
    if (walk->trail.depth == 1 && is_at(walk, 1, "items")) walk->listed = array;
    if (walk->trail.depth == 2 && walk->listed) begin_item(walk);
    json_trail_begin(&walk->trail);
}

static void walk_end(void *context, bool array) {
    struct walk *walk = context;
    (void)array;
    json_trail_end(&walk->trail);
    if (walk->trail.depth == 2 && walk->listed) end_item(walk);
    if (walk->trail.depth == 1) walk->listed = false;
}

static void walk_name(void *context, struct slice name) {
    struct walk *walk = context;
    if (walk->trail.depth == 3 && walk->listed && walk->found) {
        const char *verb = index_verb_name(walk->actions[walk->found - 1].verb);
        if (walk->trail.names[2].length || !slice_is(name, verb))
            blame(walk, "an item is of another action than the one in its place");
    }
    json_trail_name(&walk->trail, name);
}

/* A text of an error whose object is at this depth. */
static void take_error(const struct walk *walk, unsigned depth, struct slice text,
                       struct index_item *error) {
    if (walk->trail.depth == depth && is_at(walk, depth, "type")) error->type = text;
    if (walk->trail.depth == depth && is_at(walk, depth, "reason")) error->reason = text;
    if (walk->trail.depth == depth + 1 && is_at(walk, depth, "caused_by") &&
        is_at(walk, depth + 1, "reason"))
        error->cause = text;
}

static int read_status(struct slice text) {
    int64_t number;
    return number_integer(text, &number) && number >= 100 && number < 600 ? (int)number : 0;
}

static void take_of_item(struct walk *walk, enum json_type type, struct slice text) {
    struct index_item *item = &walk->items[walk->found - 1];
    if (walk->trail.depth == 4 && type == JSON_STRING && is_at(walk, 4, "_id")) walk->id = text;
    if (walk->trail.depth == 4 && type == JSON_NUMBER && is_at(walk, 4, "status"))
        item->status = read_status(text);
    if (type != JSON_STRING || !is_at(walk, 4, "error")) return;
    if (walk->trail.depth == 4)
        item->reason = text;
    else
        take_error(walk, 5, text, item);
}

static void take_of_version(struct walk *walk, struct slice text) {
    if (is_at(walk, 2, "number")) walk->server.number = text;
    if (is_at(walk, 2, "distribution")) walk->server.distribution = text;
    if (is_at(walk, 2, "build_flavor")) walk->server.flavor = text;
}

static void take_of_removal(struct walk *walk, enum json_type type, struct slice text) {
    if (is_at(walk, 1, "deleted")) walk->removed |= walk->trail.depth == 1 && type == JSON_NUMBER;
    if (is_at(walk, 1, "version_conflicts")) walk->left_over |= !slice_is(text, "0");
    if (is_at(walk, 1, "timed_out")) walk->left_over |= type != JSON_FALSE;
    if (is_at(walk, 1, "failures")) walk->left_over = true; /* an empty list has no scalars */
}

static void walk_scalar(void *context, enum json_type type, struct slice text) {
    struct walk *walk = context;
    if (walk->trail.depth == 2 && walk->listed) blame(walk, "an item is no object");
    if (in_item(walk) && walk->found) {
        take_of_item(walk, type, text);
        return;
    }
    take_of_removal(walk, type, text);
    if (type != JSON_STRING) return;
    if (walk->trail.depth == 1 &&
        (is_at(walk, 1, "message") || is_at(walk, 1, "Message") || is_at(walk, 1, "error")))
        walk->error.reason = text;
    if (is_at(walk, 1, "error")) take_error(walk, 2, text, &walk->error);
    if (walk->trail.depth == 2 && is_at(walk, 1, "version")) take_of_version(walk, text);
}

static bool walk_all(struct walk *walk, struct slice body, struct projector *projector,
                     struct arena *arena) {
    struct json_events events = { .context = walk,
                                  .begin = walk_begin,
                                  .end = walk_end,
                                  .name = walk_name,
                                  .scalar = walk_scalar };
    return json_walk(projector, json_padded(arena, body), arena, &events);
}

bool index_reply_read(struct slice body, const struct index_action *actions, size_t count,
                      struct projector *projector, struct arena *arena, struct index_item *items,
                      const char **why) {
    struct walk walk = { .actions = actions, .count = count, .items = items };
    bool whole = walk_all(&walk, body, projector, arena);
    if (walk.why == NULL && !whole) walk.why = "it is no whole JSON object";
    if (walk.why == NULL && walk.found < count)
        walk.why = "it has fewer items than there were documents";
    *why = walk.why;
    return walk.why == NULL;
}

bool index_removal_read(struct slice body, struct projector *projector, struct arena *arena,
                        const char **why) {
    struct walk walk = { 0 };
    *why = NULL;
    if (!walk_all(&walk, body, projector, arena) || !walk.removed)
        *why = "it does not say how many documents are gone";
    else if (walk.left_over)
        *why = "documents that were to be removed are still there";
    return *why == NULL;
}

struct index_item index_error_read(int status, struct slice body, struct projector *projector,
                                   struct arena *arena) {
    struct walk walk = { 0 };
    if (!walk_all(&walk, body, projector, arena) || walk.error.reason.length == 0)
        walk.error =
            (struct index_item){ .reason = arena_copy(arena, slice_first(body, SHOWN_BYTES)) };
    walk.error.status = status;
    return walk.error;
}

struct index_server index_server_read(struct slice body, struct projector *projector,
                                      struct arena *arena) {
    struct walk walk = { 0 };
    bool whole = walk_all(&walk, body, projector, arena);
    return whole ? walk.server : (struct index_server){ 0 };
}

struct slice index_item_text(const struct index_item *item, struct arena *arena) {
    struct slice reason = slice_first(item->reason, SHOWN_BYTES);
    struct slice cause = slice_first(item->cause, SHOWN_BYTES);
    struct slice text =
        arena_format(arena, "%.*s%s%.*s%s%.*s%s", SLICE_ARGS(item->type),
                     item->type.length && reason.length ? ": " : "", SLICE_ARGS(reason),
                     cause.length ? " (" : "", SLICE_ARGS(cause), cause.length ? ")" : "");
    char *bytes = (char *)text.data;
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7F) bytes[i] = ' ';
    if (text.length == 0) return arena_format(arena, "status %d", item->status);
    return text;
}
