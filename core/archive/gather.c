/* archive/gather.h: which object a record goes to. */
#include "archive/gather.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include <inttypes.h>
#include <stdio.h>

#define HOUR_MS INT64_C(3600000)
#define AGAIN_PATIENCE_NS (UINT64_C(600) * 1000000000)
#define PART_START ".linnet-%016" PRIx64 "-"

/* ---- lists of objects ----------------------------------------------------------------------- */

static void append(struct object **list, struct object *object) {
    while (*list)
        list = &(*list)->next;
    *list = object;
    object->next = NULL;
}

static void take_out(struct object **list, const struct object *object) {
    while (*list && *list != object)
        list = &(*list)->next;
    if (*list) *list = object->next;
}

static void free_all(struct object *list) {
    for (struct object *next; list; list = next) {
        next = list->next;
        object_destroy(list);
    }
}

/* ---- beginning and end ---------------------------------------------------------------------- */

struct leftovers {
    const char *folder;
    char start[32];
};

static void remove_leftover(void *context, const char *name) {
    const struct leftovers *left = context;
    char path[PATH_BYTES];
    if (!slice_starts(slice_of(name), slice_of(left->start))) return;
    snprintf(path, sizeof path, "%.3800s/%.255s", left->folder, name);
    os_remove_file(path);
}

static void remove_leftovers(const struct gatherer *gatherer) {
    struct leftovers left = { .folder = gatherer->settings->parts };
    snprintf(left.start, sizeof left.start, PART_START, intents_number(gatherer->intents));
    if (!os_list_folder(left.folder, remove_leftover, &left))
        log_debug(gatherer->settings->name, "%s cannot be listed", left.folder);
}

/* What was noted for another place says nothing of this one. */
static void take_over(struct gatherer *gatherer, struct intent *intent) {
    gatherer->members |= intent->partition.members & ~PARTITION_ERRORS;
    gatherer->known = MAX(gatherer->known, intent->end);
    if (intent->target == gatherer->target->hash) return;
    if (!intent->finished)
        log_warning(gatherer->settings->name,
                    "%.200s may be where the archive was before: its records go to where it is now",
                    intent->object);
    intents_remove(gatherer->intents, intent);
}

void gatherer_init(struct gatherer *gatherer, const struct gather_settings *settings,
                   struct archive_target *target, struct intents *intents) {
    *gatherer = (struct gatherer){ .settings = settings,
                                   .target = target,
                                   .intents = intents,
                                   .keeper = record_keeper_create(&settings->style),
                                   .members = settings->prefix.members };
    for (struct intent *at = intents_first(intents), *next; at; at = next) {
        next = at->next;
        take_over(gatherer, at);
    }
    remove_leftovers(gatherer);
}

void gatherer_free(struct gatherer *gatherer) {
    free_all(gatherer->open);
    free_all(gatherer->again);
    free_all(gatherer->sealed);
    for (struct orphan *next; gatherer->orphans; gatherer->orphans = next) {
        next = gatherer->orphans->next;
        memory_free(gatherer->orphans);
    }
    if (gatherer->keeper) record_keeper_destroy(gatherer->keeper);
}

void gatherer_give_up(struct gatherer *gatherer, struct intent *intent) {
    if (gatherer->target->ops->drop) {
        struct orphan *orphan = memory_alloc(sizeof *orphan);
        orphan->next = gatherer->orphans;
        memcpy(orphan->name, intent->object, sizeof orphan->name);
        memcpy(orphan->upload, intent->upload, sizeof orphan->upload);
        gatherer->orphans = orphan;
    }
    intents_remove(gatherer->intents, intent);
}

/* ---- sealing -------------------------------------------------------------------------------- */

static void seal(struct gatherer *gatherer, struct object *object, const char *why) {
    take_out(object->again ? &gatherer->again : &gatherer->open, object);
    gatherer->open_count -= !object->again;
    gatherer->sealed_count++;
    if (gatherer->stuck == object) gatherer->stuck = NULL; /* closing it writes it */
    object->why = why;
    append(&gatherer->sealed, object);
}

static int64_t hour_of(int64_t ms) { return (ms - (ms < 0 ? HOUR_MS - 1 : 0)) / HOUR_MS; }

static bool is_old(const struct gatherer *gatherer, const struct object *object) {
    uint64_t age_ns = clock_monotonic_ns() - object->opened_ns;
    return age_ns / 1000000 >= (uint64_t)gatherer->settings->interval_ms;
}

/* One that is made again waits for the rest of its records, however long that takes. Where none
 * come any more they are gone, and it is another one. */
static void seal_again(struct gatherer *gatherer) {
    if (clock_monotonic_ns() - gatherer->came_ns < AGAIN_PATIENCE_NS) return;
    while (gatherer->again)
        seal(gatherer, gatherer->again, "the rest of it did not come again");
}

void gatherer_seal(struct gatherer *gatherer, bool all) {
    int64_t hour = hour_of(clock_wall_ms());
    seal_again(gatherer);
    for (struct object *object = gatherer->open, *next; object; object = next) {
        next = object->next;
        bool over = gatherer->settings->hourly && hour > hour_of(object->oldest_ms);
        if (all)
            seal(gatherer, object, "the end");
        else if (is_old(gatherer, object) || over)
            seal(gatherer, object, over ? "hour" : "age");
    }
}

static uint64_t age_left_ms(const struct gatherer *gatherer, const struct object *object) {
    uint64_t age_ms = (clock_monotonic_ns() - object->opened_ns) / 1000000;
    uint64_t interval_ms = (uint64_t)gatherer->settings->interval_ms;
    return age_ms < interval_ms ? interval_ms - age_ms : 0;
}

uint64_t gatherer_due_ms(const struct gatherer *gatherer) {
    uint64_t due_ms = UINT64_MAX;
    if (gatherer->again) due_ms = AGAIN_PATIENCE_NS / 1000000;
    for (const struct object *object = gatherer->open; object; object = object->next)
        due_ms = MIN(due_ms, age_left_ms(gatherer, object));
    int64_t now_ms = clock_wall_ms();
    if (gatherer->settings->hourly && gatherer->open)
        due_ms = MIN(due_ms, (uint64_t)((hour_of(now_ms) + 1) * HOUR_MS - now_ms));
    return due_ms;
}

/* ---- opening -------------------------------------------------------------------------------- */

static struct object *open_object(struct gatherer *gatherer, enum codec codec, unsigned level,
                                  const struct record *record) {
    char path[PATH_BYTES], start[32];
    snprintf(start, sizeof start, PART_START, intents_number(gatherer->intents));
    snprintf(path, sizeof path, "%.4000s/%s%" PRIu64 ".part", gatherer->settings->parts, start,
             ++gatherer->files);
    struct object *object = object_create(path, codec, level);
    object->hidden = gatherer->target->hidden;
    object->first = record->sequence;
    object->oldest_ms = record->received_ms;
    object->opened_ns = clock_monotonic_ns();
    return object;
}

static struct object *find_open(const struct gatherer *gatherer,
                                const struct partition *partition) {
    struct object *object = gatherer->open;
    while (object && !partition_equal(&object->partition, partition))
        object = object->next;
    return object;
}

/* Of what is known of the record, what tells objects apart. */
static struct partition own_partition(const struct gatherer *gatherer,
                                      const struct partition *known) {
    struct partition own = *known;
    if (own.members & PARTITION_ERRORS) return own;
    own.members = gatherer->settings->prefix.members;
    for (int i = 0; i < PARTITION_MEMBERS; i++)
        if ((own.members & 1U << i) == 0) memset(own.values[i], 0, sizeof own.values[i]);
    return own;
}

static struct object *object_for(struct gatherer *gatherer, const struct partition *known,
                                 const struct record *record) {
    const struct gather_settings *settings = gatherer->settings;
    struct partition own = own_partition(gatherer, known);
    struct object *object = find_open(gatherer, &own);
    if (object && settings->hourly && hour_of(object->oldest_ms) != hour_of(record->received_ms)) {
        seal(gatherer, object, "hour");
        object = NULL;
    }
    if (object) return object;
    if (gatherer->open_count == MOST_OPEN)
        seal(gatherer, gatherer->open, "too many partitions are open");
    object = open_object(gatherer, settings->codec, settings->level, record);
    object->partition = own;
    gatherer->open_count++;
    append(&gatherer->open, object);
    return object;
}

/* ---- what was begun before ------------------------------------------------------------------ */

static struct object *find_again(const struct gatherer *gatherer, const struct intent *intent) {
    struct object *object = gatherer->again;
    while (object && object->intent != intent)
        object = object->next;
    return object;
}

/* The object of this intent again. NULL when its first record is gone: then it is given up, and its
 * records are as others. */
static struct object *object_again(struct gatherer *gatherer, struct intent *intent,
                                   const struct record *record) {
    struct object *object = find_again(gatherer, intent);
    if (object) return object;
    if (record->sequence != intent->first || intent->codec >= CODECS) {
        log_warning(gatherer->settings->name, "%.200s cannot be made again: records of it are gone",
                    intent->object);
        gatherer_give_up(gatherer, intent);
        return NULL;
    }
    /* Ranges of one partition stay apart. */
    struct object *other = find_open(gatherer, &intent->partition);
    if (other) seal(gatherer, other, "a restart goes on behind it");
    object = open_object(gatherer, (enum codec)intent->codec, intent->level, record);
    object->partition = intent->partition;
    object->intent = intent;
    object->again = true;
    memcpy(object->name, intent->object, sizeof object->name);
    append(&gatherer->again, object);
    return object;
}

static bool is_sealed(const struct gatherer *gatherer, const struct intent *intent) {
    const struct object *object = gatherer->sealed;
    while (object && object->intent != intent)
        object = object->next;
    return object != NULL;
}

/* Those whose last record would have come before this one. */
static void give_up_before(struct gatherer *gatherer, uint64_t sequence) {
    for (struct intent *at = intents_first(gatherer->intents), *next; at; at = next) {
        next = at->next;
        if (at->own || at->finished || at->end > sequence) continue;
        struct object *object = find_again(gatherer, at);
        if (object) seal(gatherer, object, "the rest of it is gone");
        if (object == NULL && !is_sealed(gatherer, at)) gatherer_give_up(gatherer, at);
    }
}

/* NULL: the record is there already. */
static struct object *route(struct gatherer *gatherer, const struct record *record) {
    struct partition known;
    record_partition(gatherer->keeper, record, gatherer->members, &known);
    if (gatherer->known) give_up_before(gatherer, record->sequence);
    if (record->sequence >= gatherer->known) gatherer->known = 0;
    if (gatherer->known) {
        struct intent *intent = intents_of(gatherer->intents, record->sequence, &known);
        if (intent && intent->finished) return NULL;
        struct object *object = intent ? object_again(gatherer, intent, record) : NULL;
        if (object) return object;
    }
    return object_for(gatherer, &known, record);
}

/* ---- taking --------------------------------------------------------------------------------- */

static void note(struct object *object, struct gathering *gathering) {
    size_t count = object->gathering_count;
    if (count && object->gatherings[count - 1] == gathering) return;
    if ((count & (count - 1)) == 0) /* full at each power of two */
        object->gatherings =
            memory_resize(object->gatherings, MAX(2 * count, 1) * sizeof(struct gathering *));
    object->gatherings[object->gathering_count++] = gathering;
    gathering->objects++;
}

/* False with *err: it is taken all the same, and is written before the next. */
static bool put(struct gatherer *gatherer, struct object *object, struct gathering *gathering,
                const struct record *record, struct error *err) {
    record_keep(gatherer->keeper, record, object);
    object->records++;
    object->last = record->sequence;
    note(object, gathering);
    if (object->again && record->sequence + 1 == object->intent->end)
        seal(gatherer, object, "a restart makes it again");
    else if (!object->again && object->bytes >= gatherer->settings->size)
        seal(gatherer, object, "size");
    else if (object_is_full(object) && !object_flush(object, err))
        gatherer->stuck = object;
    return gatherer->stuck == NULL;
}

enum gathered gatherer_take(struct gatherer *gatherer, struct gathering *gathering,
                            struct error *err) {
    gatherer->came_ns = clock_monotonic_ns();
    if (gatherer->stuck && !object_flush(gatherer->stuck, err)) return GATHERED_FAILED;
    gatherer->stuck = NULL;
    while (gathering->done < gathering->count) {
        if (gatherer->sealed_count >= MOST_SEALED) return GATHERED_SOME;
        const struct record *record = &gathering->records[gathering->done++];
        struct object *object = route(gatherer, record);
        if (object && !put(gatherer, object, gathering, record, err)) return GATHERED_FAILED;
    }
    if (gathering->objects == 0) { /* all of them are there already */
        gathering->next = gatherer->finished;
        gatherer->finished = gathering;
    }
    return GATHERED_ALL;
}
