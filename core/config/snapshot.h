/* One generation of everything a user edits: immutable, counted, shared by all threads.
 *
 * snapshot_load reads and proves a configuration (off the loop, if need be); batches hold a
 * reference from filling to release, so a post is processed whole under one generation. */
#ifndef CONFIG_SNAPSHOT_H
#define CONFIG_SNAPSHOT_H

#include "base/error.h"
#include "config/http.h"
#include "config/part.h"
#include "post/dialect.h"
#include "post/query.h"
#include "post/schema.h"
#include "script/program.h"
#include "sentiment/scorer.h"
#include "json/projection.h"

/* A scoring engine with its words and labels. */
struct scorer {
    const char *name;             /* as the configuration calls it: "vader", "finance" */
    const struct scorer_ops *ops; /* NULL: `function` scores */
    void *engine;
    uint32_t function;               /* in the snapshot's program */
    const struct lexicon *lexicon;   /* what that function gets; may be NULL */
    const struct label_rule *labels; /* its own; snapshot->labels override them */
    size_t label_count;
};

/* What a kept post must pass, in order. */
struct filter {
    const char *name;
    struct query_set *query; /* one query; NULL: `function` decides */
    uint32_t function;
    bool keep_on_error;
};

struct language_scorer {
    struct slice lang;
    const struct scorer *scorer; /* NULL: "none" */
};

struct snapshot {
    uint64_t generation;
    const char *path; /* of the configuration file; "" = built-in defaults */

    const struct part_config *sources,
        *sinks; /* in name order; those of -i and -o in their order */
    size_t source_count, sink_count;
    struct query_set *queries;
    const char *const *query_names; /* query_set_count of them */
    const struct filter *filters;
    size_t filter_count;
    struct program *program;       /* the functions of filters, scorers and schemas */
    struct projection *projection; /* sealed; serves dialects and schemas */
    struct dialects *dialects;
    struct schema *const *schemas; /* [0] is the configuration's; then those that sinks name */
    size_t schema_count;
    const struct language_scorer *scorers; /* by language; "und" among them */
    size_t scorer_count;
    const struct scorer *default_scorer; /* NULL: "none" */
    const struct label_rule *labels;     /* of the configuration; NULL: each scorer's own */
    size_t label_count;
    const struct scorer *named_scorer; /* request->scorer */
    int64_t workers;
    uint64_t grace_ms;    /* for sinks to answer in when it is told to stop */
    uint64_t spool_bytes; /* how long the spool may become */
    const struct http_settings *http;
    const char *state_folder; /* NULL: neither the configuration nor the environment names one */

    struct snapshot_state *state; /* memory and count, private to snapshot.c */
};

/* Names of linnet.NAME{} for a loader_setup whose context is `parts`: sources, then the sinks that
 * are not sources too; NULL after the last. */
const char *parts_maker(const void *parts, size_t i);
/* Likewise: the part that others call so; NULL: none. */
const char *parts_meant(const void *parts, struct slice name);

struct inputs;

struct snapshot_request {
    const char *path;  /* -c; NULL: looked for, unless `defaults` */
    bool defaults;     /* no file: built-in defaults */
    const char *share; /* folder that holds plugins/ and lua/ */
    const struct parts *parts;
    const char *const *sources,
        *const *sinks, *const *queries, *const *settings; /* -i -o -e --set; NULL-ended or NULL */
    const char *only_sink; /* of all sinks only this one; NULL: all */
    bool secrets;          /* read what they name: it is used */
    const char *scorer;    /* also load this one (--scorer NAME); NULL: none */
    uint64_t generation;
    struct inputs *inputs; /* gets what is read, also by a load that fails; NULL: not wanted */
};

/* NULL with *err: place, quoted line, caret, suggestion. The caller holds one reference. */
struct snapshot *snapshot_load(const struct snapshot_request *request,
                               struct error *err) MUST_CHECK;
const struct snapshot *snapshot_hold(const struct snapshot *snapshot);
/* The last release frees it. Any thread. */
void snapshot_release(const struct snapshot *snapshot);

/* False when a sink writes to a file that a source reads: it would never end. */
bool snapshot_check_files(const struct snapshot *snapshot, struct error *err) MUST_CHECK;
/* Puts where the query was written into *err, whose kind and text stay: file, line, column and
 * quoted line, found anew each time. Without a source that is about queries there is no file. */
void snapshot_locate_query(const struct snapshot *snapshot, size_t query, struct error *err);
/* The scorer for a post's language: exact code, else primary subtag, "und" when empty or "und",
 * else the default; NULL: none. */
const struct scorer *snapshot_scorer(const struct snapshot *snapshot, struct slice lang);
/* The scorer that the configuration calls `name`; NULL when it uses none of that name. */
const struct scorer *snapshot_named(const struct snapshot *snapshot, struct slice name);
/* The label of a score; "unknown" when it is not known. */
struct slice snapshot_label(const struct snapshot *snapshot, const struct scorer *scorer,
                            const struct score *score);

#endif
