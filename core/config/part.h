/* What the configuration knows of a source or sink: its name, its options, nothing of its work.
 *
 * Sources and sinks lie above this layer; the program hands their registry down as a parts table.
 */
#ifndef CONFIG_PART_H
#define CONFIG_PART_H

#include "config/option.h"

struct part_config;

struct part_kind {
    const char *name; /* "ndjson": linnet.ndjson{} in Lua, "ndjson:PATH" on the command line */
    const char
        *argument;    /* the option that takes what follows the colon; NULL: nothing may follow */
    const char *help; /* one line, no full stop */
    const char *also; /* what others call it, "elasticsearch|elastic"; NULL: nothing else */
    struct option_table options;
    /* Of a sink: members that its schema must have, ends with NULL; NULL: it takes any schema. */
    const char *const *members;
    /* Of a sink: it knows whose posts are whose. Only such get what is said of authors, and tell of
     * the posts that they find (delivery_forget). */
    bool finds_posts;
    bool about_queries; /* what it says may be about queries: a snapshot keeps their places */
    /* Of a sink: it tells somebody the mapping of its schema, and is made anew when that changes.
     */
    bool mapped;
    /* Optional: whether values fit each other; the error needs no place: one that begins with an
     * option's name is shown there. */
    bool (*check)(const void *settings, struct error *err);
    /* Optional, of a mapped sink: likewise, whether they fit its schema. */
    bool (*fits)(const struct part_config *part, struct error *err);
};

/* What every sink takes beside its kind's own options. */
struct sink_settings {
    const char *when_full; /* "pause" or "drop_oldest" */
    const char *start;     /* "now" or "oldest" */
};
extern const struct option_table sink_options;

/* Every source and sink that is built; arrays end with NULL. */
struct parts {
    const struct part_kind *const *sources;
    const struct part_kind *const *sinks;
};

/* One source or sink of a configuration. */
struct part_config {
    const char *name; /* its key: the part's identity */
    const struct part_kind *kind;
    const void *settings;
    /* of a sink: its schema, and its place in snapshot->schemas */
    const char *schema_name;
    uint32_t schema;
    struct sink_settings sink;
    struct slice mapping; /* of that schema, see schema_mapping; empty unless kind->mapped */
};

/* Whether both are of one kind and every option has the same value; schemas are not compared. */
bool part_equal(const struct part_config *a, const struct part_config *b);

/* A part that outlives the snapshot it came from. */
struct owned_part {
    struct part_config config;
    struct arena arena;
};
struct owned_part *part_copy(const struct part_config *part) MUST_CHECK;
void part_free(struct owned_part *part);

#endif
