/* The simulated world of one seed: time, chance, the servers' memory and what must always hold.
 *
 * It lies in memory that the simulator shares with the processes it forks, beside the disk. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "flow/sink.h"
#include "flow/source.h"
#include "flow/sums.h"

/* Events of a stream, from 1. */
#define MOST_EVENTS 16384

enum event_kind { CREATE, POISON, REPEAT, EDIT, DELETE, CONTROL, MALFORMED };

/* What the model of a bulk index knows of a post. */
struct indexed {
    uint32_t version; /* the event whose text it has; 0: none */
    uint32_t made;    /* the sequence of the record that made it */
    uint32_t changed; /* and of the one that changed it last */
};

/* And the one behind HTTP, by the versions that linnet gives. */
struct bulk_entry {
    int64_t version;
    uint64_t removed_ns; /* 0: it was not */
    uint32_t event;      /* whose text it has; 0: none */
    uint32_t doubts;     /* answers after which it may be the document that is at fault */
};

/* An object in the bucket: which events, by world->lines. */
struct stored_lines {
    uint32_t first, count;
    uint64_t hash;
};
struct stored {
    uint64_t name;
    struct stored_lines lines;
};
#define MOST_STORED 4096

struct world {
    uint64_t now_ns;
    int64_t wall_ms;  /* of now_ns 0; jumps */
    uint64_t chance;  /* the state of draw() */
    uint64_t trace;   /* a hash of all that happened */
    bool told;        /* it is printed, too */
    bool calm;        /* no faults any more */
    unsigned variant; /* of the configuration: tests/sim/process.c */

    /* The stream: its events come out one by one, `spacing_ns` apart, from the start on. */
    uint64_t stream, events, spacing_ns;
    int filling; /* bytes that make its texts longer */
    /* The index. */
    uint64_t outage_ns; /* it takes nothing before */
    uint64_t next;      /* the first sequence that it did not answer for */
    struct indexed index[MOST_EVENTS + 1];
    uint64_t records[MOST_EVENTS + 1]; /* by sequence: a hash of what was delivered */
    bool settled[MOST_EVENTS + 2];     /* and whether it was answered for, once and for all */

    uint64_t bulk_outage_ns; /* the one behind HTTP is away before */
    struct bulk_entry bulk[MOST_EVENTS + 1];

    /* The bucket. */
    struct stored stored[MOST_STORED];
    uint32_t stored_count, line_count;
    uint16_t lines[2 * MOST_EVENTS];

    uint64_t calls; /* of the disk, which the last process made: those that its fault counts */
    uint64_t allocations;
    char broken[300]; /* what did not hold; "": all did */
};

extern struct world *world;

/* Nothing has happened yet. */
void world_reset(uint64_t seed);
/* A number below `limit`, by the seed. */
uint64_t draw(uint64_t limit);
/* True once in `times`. */
bool chance(uint64_t times);
/* Mostly nothing, often milliseconds, seldom seconds. */
uint64_t draw_delay_ns(void);
/* The wall clock steps: by minutes, by a day, to 1970, to 2040. */
void step_wall(void);
/* Goes into the trace. */
void trace(const char *what, const char *name, uint64_t number);
/* Ends the process: an invariant does not hold. */
_Noreturn void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- the servers ---- */

struct event {
    enum event_kind kind;
    uint32_t post; /* the event that made the post it is about */
};
struct event event_of(uint64_t number);
/* What the stream brings; in the arena. */
struct slice event_json(struct arena *arena, uint64_t number);

/* The event that made the post with this key, which the key ends with. */
uint32_t post_of(struct slice key);
/* The event whose text a document has; 0: it is poison. */
uint32_t version_of(struct slice document);

/* "stream": posts of a network that can be read on from any place. "index": takes documents by
 * their key; late, in parts, not at all, or with an effect but no answer. */
extern const struct source_ops stream_source;
extern const struct sink_ops index_sink;

/* ---- what must hold ---- */

/* At every moment. */
void check_sums(const struct pipeline_sums *sums);
/* The same, while the index behind HTTP is away and nothing else fails: nobody waits for it. */
void check_others_go_on(const struct pipeline_sums *sums);
/* When everything was delivered: the last sums; and, once the process has closed its files, what is
 * where. */
void check_last_sums(const struct pipeline_sums *sums);
void check_servers_and_disk(bool store, bool archive, bool bulk);
/* Notes the events of an object that is put. */
void bucket_take_lines(const char *name, struct slice content, struct stored_lines *lines);
/* At every start: objects are whole, and no event is in two. How often each is there, by its
 * number. */
const uint32_t *look_at_archive(void);

#endif
