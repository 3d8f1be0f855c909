/* archive/gather.h: sealed objects, step by step to where they belong.
 *
 * Each step is done for all of them before the next, so that one save of the intents does for
 * many. A step that fails is tried again from there. */
#include "archive/gather.h"
#include "base/alloc.h"
#include "base/log.h"
#include <inttypes.h>

/* What is replayed in a minute may be many. */
static void tell(const struct gatherer *gatherer, const struct object *object) {
    const struct sink_context *context = gatherer->settings->style.context;
    log_write(context->log.length ? LOG_INFO : LOG_DEBUG, context->name,
              "%.300s: %" PRIu64 " records, %" PRIu64 " bytes, %" PRIu64 " stored; sealed: %s",
              object->name, object->records, object->bytes, object->written, object->why);
}

/* Whether what is made again is what was made before: then it has the same name. */
static bool is_same(const struct gatherer *gatherer, const struct object *object) {
    const struct intent *intent = object->intent;
    if (!object->again) return false;
    if (intent->records == object->records && intent->sum == object->sum) return true;
    log_warning(gatherer->settings->name,
                "%.300s holds other records now: they get another name, and may be there twice",
                object->name);
    return false;
}

static void give_name(const struct gatherer *gatherer, struct object *object) {
    const struct gather_settings *settings = gatherer->settings;
    bool errors = object->partition.members & PARTITION_ERRORS;
    struct naming naming = { .partition = &object->partition,
                             .oldest_ms = object->oldest_ms,
                             .stream = settings->stream,
                             .ending = codec_endings[object->codec] };
    object_name(errors ? &settings->error_prefix : &settings->prefix, &naming, object->name);
}

/* What is about to be done, in memory; gatherer->changed. */
static void intend(struct gatherer *gatherer, struct object *object) {
    bool same = is_same(gatherer, object), again = object->again;
    object->again = false;
    object->begun = same;
    if (same) return;
    if (again) gatherer_give_up(gatherer, object->intent);
    give_name(gatherer, object);
    struct intent intent = { .target = gatherer->target->hash,
                             .first = object->first,
                             .end = object->last + 1,
                             .records = object->records,
                             .sum = object->sum,
                             .codec = object->codec,
                             .level = object->level,
                             .partition = object->partition };
    memcpy(intent.object, object->name, sizeof intent.object);
    object->intent = intents_add(gatherer->intents, &intent);
    gatherer->changed = true;
}

static bool close_all(struct gatherer *gatherer, bool *lost, struct error *err) {
    for (struct object *object = gatherer->sealed; object; object = object->next) {
        bool fresh = !object->closed;
        *lost = false;
        if (!object_close(object, err)) {
            *lost = object->lost;
            return false;
        }
        if (fresh) intend(gatherer, object);
    }
    return true;
}

static bool save(struct gatherer *gatherer, struct error *err) {
    if (gatherer->changed && !intents_save(gatherer->intents, err)) return false;
    gatherer->changed = false;
    return true;
}

static bool place_all(struct gatherer *gatherer, struct error *err) {
    struct archive_target *target = gatherer->target;
    for (struct object *object = gatherer->sealed; object; object = object->next) {
        if (!object->closed || object->placed || target->ops->place == NULL) continue;
        if (!target->ops->place(target, object, err)) return false;
        object->placed = true;
    }
    return true;
}

static void mark_all(struct gatherer *gatherer) {
    for (struct object *object = gatherer->sealed; object; object = object->next) {
        if (!object->placed || object->intent == NULL) continue;
        tell(gatherer, object);
        intents_finish(gatherer->intents, object->intent);
        object->intent = NULL;
        gatherer->changed = true;
    }
}

static void release(struct gatherer *gatherer, struct object *object) {
    for (size_t i = 0; i < object->gathering_count; i++) {
        struct gathering *gathering = object->gatherings[i];
        if (--gathering->objects > 0 || gathering->done < gathering->count) continue;
        gathering->next = gatherer->finished;
        gatherer->finished = gathering;
    }
    object_destroy(object);
}

/* Those that are marked, durably. */
static void release_all(struct gatherer *gatherer) {
    for (struct object **link = &gatherer->sealed; *link;) {
        struct object *object = *link;
        if (!object->placed || object->intent) {
            link = &object->next;
            continue;
        }
        *link = object->next;
        gatherer->sealed_count--;
        release(gatherer, object);
    }
}

bool gatherer_finish(struct gatherer *gatherer, bool *lost, struct error *err) {
    bool closed = close_all(gatherer, lost, err);
    struct error other;
    /* What is closed goes on all the same. */
    if (!save(gatherer, closed ? err : &other)) return false;
    if (!place_all(gatherer, closed ? err : &other)) return false;
    mark_all(gatherer);
    if (!save(gatherer, closed ? err : &other)) return false;
    release_all(gatherer);
    return closed;
}
