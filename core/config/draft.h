/* What a configuration and the command line ask for, before it is proven: the way from Lua to a
 * snapshot.
 *
 * Inside loader_run. Names and settings live in the snapshot's arena, places in the loader's. */
#ifndef CONFIG_DRAFT_H
#define CONFIG_DRAFT_H

#include "config/http.h"
#include "config/part.h"
#include "config/snapshot.h"
#include "script/keys.h"
#include "script/loader.h"

/* A plugin's name or a declaration: a Lua value, kept in the registry. */
struct choice {
    int value; /* LUA_NOREF: nothing was chosen */
    const struct place *place;
};

struct part_draft {
    const char *name;
    const struct part_kind *kind;
    void *settings;
    bool *given; /* one an option */
    struct choice schema;
    struct sink_settings sink;
    const struct place *place; /* NULL: of the command line */
};

struct part_drafts {
    struct part_draft *items;
    size_t count;
};

struct query_draft {
    const char *name;
    struct slice text;
    bool track;                /* linnet.track */
    const struct place *place; /* NULL: of the command line, as `flag` */
    const char *flag;          /* "-e" */
};

struct language_draft {
    struct slice lang; /* "en", "und", "default" */
    struct choice scorer;
};

struct top_settings {
    int64_t workers;
    const char *state; /* NULL: where state_folder_find says */
    int64_t grace_ms;
};
struct spool_settings {
    int64_t max_bytes;
};
extern const struct option_table top_options, spool_options;
extern const struct known_key configuration_keys[], spool_keys[];

struct draft {
    struct loader *loader;
    struct arena *arena; /* the snapshot's */
    const struct parts *parts;
    const char *folder; /* of the configuration */

    struct top_settings settings;
    struct spool_settings spool;
    struct http_settings http;
    const struct place *http_place; /* NULL: the file says nothing of it */
    struct part_drafts sources, sinks;
    struct query_draft *queries;
    size_t query_count;
    struct language_draft *languages;
    size_t language_count;
    struct choice schema;
    struct choice *filters, *dialects;
    size_t filter_count, dialect_count;
    const struct label_rule *labels;
    size_t label_count;
};

/* Defaults for everything. */
void draft_init(struct draft *draft);
/* From the value that the configuration file returned, on top of the Lua stack. */
bool draft_read(struct draft *draft, const struct script_file *file, struct error *err) MUST_CHECK;
/* The keys `sources` and `sinks`, whose value is on top of the Lua stack. */
bool draft_read_sources(struct draft *draft, const struct place *place,
                        struct error *err) MUST_CHECK;
bool draft_read_sinks(struct draft *draft, const struct place *place, struct error *err) MUST_CHECK;
/* What -i, -o and -e replace, then --set, then whether all that must be given is. */
bool draft_apply_flags(struct draft *draft, const struct snapshot_request *request,
                       struct error *err) MUST_CHECK;
/* The keys `spool` and `http`, whose value is on top of the Lua stack. */
bool draft_read_spool(struct draft *draft, const struct place *place, struct error *err) MUST_CHECK;
bool draft_read_http(struct draft *draft, const struct place *place, struct error *err) MUST_CHECK;
/* Whether the settings of HTTP fit each other. */
/* The option that an error of part_kind's speaks of, else the whole part. False. */
bool draft_blame_part(struct draft *draft, const struct part_draft *part, struct error *err);
/* Puts the place of option `name` of what stands at `place` (NULL: nowhere). False. */
bool draft_blame(struct draft *draft, const struct place *place, const char *name,
                 struct error *err);
bool draft_check_http(struct draft *draft, struct error *err) MUST_CHECK;
/* Reads what the secrets of all parts and of HTTP name. */
bool draft_read_secrets(struct draft *draft, struct error *err) MUST_CHECK;
bool draft_apply_set(struct draft *draft, const char *setting, struct error *err) MUST_CHECK;

/* A part of this kind with its defaults. */
void part_draft_init(struct draft *draft, struct part_draft *part, const struct part_kind *kind,
                     const char *name);
/* Sets an option from the Lua value at `index`, by its type. */
bool option_set_value(struct draft *draft, const struct option *option, void *settings, int index,
                      const struct place *place, struct error *err) MUST_CHECK;
/* The kind of this name in a NULL-ended list, or NULL. */
const struct part_kind *part_kind_find(const struct part_kind *const *kinds, struct slice name);
/* The kind that others call so, or NULL. */
const struct part_kind *part_kind_meant(const struct part_kind *const *kinds, struct slice name);

/* Keeps a plugin's name as if a script had said it. */
struct choice choice_of_name(struct draft *draft, const char *name);
/* Pops the value on top of the Lua stack and keeps it. */
struct choice choice_of_top(struct draft *draft, const struct place *place);
/* Sets the scorer of a language; adds it when it is not there. */
void draft_set_language(struct draft *draft, struct slice lang, struct choice scorer);
/* Adds a query, or replaces that of its name. */
void draft_set_query(struct draft *draft, const struct query_draft *query);

#endif
