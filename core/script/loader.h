/* Reads the Lua files of one configuration and remembers each with its text.
 *
 * A file runs once, in an environment by where it lies (script/environment.h); what it returns is
 * kept. The loader lives while a configuration is being proved and owns the Lua state, the texts
 * and all places. One thread. Functions that push onto the Lua stack are called inside loader_run.
 */
#ifndef SCRIPT_LOADER_H
#define SCRIPT_LOADER_H

#include "base/arena.h"
#include "script/inputs.h"
#include "script/place.h"
#include "script/sandbox.h"

/* What env NAME gives. */
struct variable {
    const char *name, *value;
};

struct loader;

struct loader_setup {
    const char *folder; /* of the configuration; NULL: there is none */
    const char *share;  /* holds plugins/ and lua/; NULL: there is none */
    /* linnet.NAME{} beside the declarations that every script knows; maker(context, i) is the i-th,
     * NULL after the last. */
    const char *(*maker)(const void *context, size_t i);
    /* The one that others call so; NULL: none. */
    const char *(*meant)(const void *context, struct slice name);
    const void *context;
    const struct sandbox_limits *limits; /* NULL: configuration_limits */
    const struct script_file *texts;     /* stand for the files of their paths */
    size_t text_count;
    bool sealed;                      /* there are no other files: none is read from the disk */
    const struct variable *variables; /* stand for those of the process */
    size_t variable_count;
    /* For tests, else NULL: adds to `linnet`, on top of the stack, and to the globals below it. */
    void (*add_test_names)(struct loader *loader);
};

struct loader {
    lua_State *lua;
    struct arena arena;
    struct loader_setup setup;
    struct sandbox *sandbox;
    struct loaded_file *files; /* in the order they were read, newest first */
    struct inputs *inputs;     /* gets what is read and looked for; NULL: nobody wants to know */
};

struct loader *loader_create(const struct loader_setup *setup) MUST_CHECK;
void loader_destroy(struct loader *loader);

/* Calls `body` inside the sandbox. An error gets its column, quoted line and caret. */
bool loader_run(struct loader *loader, bool (*body)(void *context, struct error *err),
                void *context, struct error *err) MUST_CHECK;

/* Pushes what the file returned; it runs only the first time. Raises Lua's errors. */
bool loader_push_file(struct loader *loader, const char *path, struct error *err) MUST_CHECK;
/* Pushes what KIND/NAME.lua returned, beside the configuration or shipped; `skip` is passed over (a
 * lexicon that extends a shipped one of its own name), NULL for none. *err has no place yet. */
bool loader_push_plugin(struct loader *loader, const char *kind, struct slice name,
                        const struct script_file *skip, struct error *err) MUST_CHECK;

/* The file that returned the table or declaration at `index`; NULL when none did. */
const struct script_file *loader_origin(struct loader *loader, int index);
/* The file that was read from `path`, or NULL. */
const struct script_file *loader_file(const struct loader *loader, const char *path);
/* All files that were read, 0 … loader_file_count - 1. */
size_t loader_file_count(const struct loader *loader);
const struct script_file *loader_file_at(const struct loader *loader, size_t index);
/* Whether there is such a file (or something else, which reading will name). */
bool loader_has(const struct loader *loader, const char *path);

/* folder/name; the name alone when it is absolute or the folder is empty. */
const char *path_join(struct arena *arena, const char *folder, const char *name);
/* What stands before the last slash: "" for none, "/" for the root. */
const char *path_folder(struct arena *arena, const char *path);

#endif
