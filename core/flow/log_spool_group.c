/* Groups in memory: their buffers, which are used again and again, and those that are stored and
 * still kept for readers. */
#include "base/alloc.h"
#include "flow/log_spool_internal.h"

/* Of stored groups that stay in memory for readers. */
#define RECENT_BYTES ((size_t)8 << 20)
/* A group that is nearly long enough, a batch of common posts and a commit. */
#define ROOMY_BYTES (3 * GROUP_BYTES)

/* Memory that was in use costs no page faults, and stays where it is while a group grows. */
static char *take_spare(struct spool_log *log) {
    if (log->spare_count > 0) return log->spares[--log->spare_count];
    return memory_alloc_aligned(SPOOL_BLOCK_BYTES, ROOMY_BYTES);
}

static void give_back(struct spool_log *log, struct buffer *frames) {
    bool roomy = frames->capacity == ROOMY_BYTES;
    if (roomy && log->spare_count < SPARE_BUFFERS) {
        log->spares[log->spare_count++] = frames->data;
        *frames = (struct buffer){ .ceiling = frames->ceiling };
    } else
        buffer_free(frames);
}

struct group *group_create(struct spool_log *log, uint64_t first) {
    struct group *group = memory_zeroed(1, sizeof *group);
    group->first = first;
    group->frames = (struct buffer){ .data = take_spare(log),
                                     .capacity = ROOMY_BYTES,
                                     .ceiling = MAX_GROUP_BYTES };
    return group;
}

void group_free(struct spool_log *log, struct group *group) {
    if (group) give_back(log, &group->frames);
    memory_free(group);
}

/* A group that a slow reader is still at stays, the others behind it need not. */
static void forget_oldest(struct spool_log *log) {
    struct group **link = &log->recent;
    log->recent_last = NULL;
    while (*link) {
        struct group *group = *link;
        if (group->users == 0 && log->recent_bytes > RECENT_BYTES) {
            *link = group->next;
            log->recent_bytes -= group->frames.length;
            group_free(log, group);
        } else {
            log->recent_last = group;
            link = &group->next;
        }
    }
}

/* A short group does not keep the room of a long one. */
static void make_snug(struct spool_log *log, struct group *group) {
    struct buffer snug;
    if (group->frames.length > GROUP_BYTES / 2) return;
    buffer_init(&snug, MAX_GROUP_BYTES);
    (void)!buffer_append(&snug, buffer_slice(&group->frames));
    give_back(log, &group->frames);
    group->frames = snug;
}

void group_keep(struct spool_log *log, struct group *group) {
    make_snug(log, group);
    group->next = NULL;
    *(log->recent_last ? &log->recent_last->next : &log->recent) = group;
    log->recent_last = group;
    log->recent_bytes += group->frames.length;
    if (log->recent_bytes > RECENT_BYTES) forget_oldest(log);
}

void groups_free(struct spool_log *log) {
    group_free(log, log->open);
    group_free(log, log->writing);
    while (log->recent) {
        struct group *next = log->recent->next;
        group_free(log, log->recent);
        log->recent = next;
    }
    while (log->spare_count > 0)
        memory_free(log->spares[--log->spare_count]);
}
