/* An archive's objects, from records to what is there for good. On the sink's thread; the loop
 * looks at it only while that does nothing.
 *
 * Each record goes to the open object of its partition; at its size or age an object is sealed.
 * Sealed ones are closed, then their intents are made durable, then they are placed where they
 * belong, then their intents are marked: only then are the records done. After a restart, records
 * that an intent names go to the same object again, or are passed over when it was marked. */
#ifndef ARCHIVE_GATHER_H
#define ARCHIVE_GATHER_H

#include "archive/name.h"
#include "archive/object.h"
#include "archive/record.h"
#include "archive/target.h"

/* Open at a time; of those that a restart makes again there may be more. */
#define MOST_OPEN 64
/* Sealed and not there yet: no more is gathered before that. */
#define MOST_SEALED 8

struct gather_settings {
    const char *name; /* the sink's, for the log */
    struct record_style style;
    struct prefix prefix, error_prefix;
    const char *stream;
    enum codec codec;
    unsigned level;
    uint64_t size;
    int64_t interval_ms;
    bool hourly;
    const char *parts; /* the folder of files that are gathered */
};

/* A handover while its records are in objects that are not there yet. */
struct gathering {
    struct handover *handover;
    const struct record *records;
    size_t count, done;
    uint32_t objects; /* that hold records of it */
    struct gathering *next;
};

/* What was begun under a name that nothing is finished under. */
struct orphan {
    struct orphan *next;
    char name[INTENT_OBJECT_BYTES], upload[INTENT_UPLOAD_BYTES];
};

struct gatherer {
    const struct gather_settings *settings;
    struct archive_target *target;
    struct intents *intents;
    struct record_keeper *keeper;
    struct object *open, *again, *sealed; /* lists, oldest first */
    size_t open_count, sealed_count;
    struct object *stuck;       /* what it has taken is to be written before more */
    uint64_t known;             /* records before this may be in intents from before; 0: none */
    uint32_t members;           /* what has to be known of each record */
    uint64_t files;             /* so far */
    uint64_t came_ns;           /* when it was given records last */
    bool changed;               /* intents are to be saved */
    struct gathering *finished; /* a list, for the loop: all of their records are there */
    struct orphan *orphans;     /* the same, of heap pieces; of a target that wants to know */
};

/* What lies in `parts` from before goes. The intents stay the caller's. */
void gatherer_init(struct gatherer *gatherer, const struct gather_settings *settings,
                   struct archive_target *target, struct intents *intents);
void gatherer_free(struct gatherer *gatherer);

/* The intent is not there any more. */
void gatherer_give_up(struct gatherer *gatherer, struct intent *intent);

enum gathered {
    GATHERED_ALL,    /* of the handover */
    GATHERED_SOME,   /* sealed ones must go first */
    GATHERED_FAILED, /* *err says why: again, later */
};
enum gathered gatherer_take(struct gatherer *gatherer, struct gathering *gathering,
                            struct error *err) MUST_CHECK;
/* Seals what is old enough, or all. */
void gatherer_seal(struct gatherer *gatherer, bool all);
/* Milliseconds until something will be old enough; UINT64_MAX: nothing is open. */
uint64_t gatherer_due_ms(const struct gatherer *gatherer);
/* Brings sealed objects as far as they get. False with *err: again, later, unless *lost: then what
 * was gathered is gone and must be read anew. */
bool gatherer_finish(struct gatherer *gatherer, bool *lost, struct error *err) MUST_CHECK;

#endif
