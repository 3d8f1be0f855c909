/* Verb "init": a configuration or a plugin of one's own, from the files that linnet brings. */
#include "base/alloc.h"
#include "base/os.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "script/compile.h"
#include <errno.h>
#include <stdio.h>

static const char *const templates[] = { "linnet.lua", "track.lua" };

static int failed(const char *path, const char *what) {
    complain("linnet init: %s: %s: %s\n", path, what, strerror(errno));
    return 1;
}

/* `path` joins with a slash; false when it is too long to be a path. */
static bool join(char *path, size_t size, const char *folder, const char *name) {
    int length = snprintf(path, size, "%s/%s", folder, name);
    errno = ENAMETOOLONG;
    return length > 0 && (size_t)length < size;
}

/* Writes a file that is not there yet; 0, or the exit code. */
static int write_new(const char *path, struct slice text) {
    int fd = os_open(path, OS_NEW);
    bool written = fd >= 0 && os_write(fd, text);
    if (fd >= 0) os_close(fd);
    if (fd < 0 && errno == EEXIST) {
        complain("%s is there already and stays as it is\n", path);
        return 0;
    }
    if (!written) return failed(path, "cannot be written");
    complain("wrote %s\n", path);
    return 0;
}

static int copy_template(const char *folder, const char *name) {
    char from[4096], to[4096], source[4096];
    size_t length;
    if (!join(source, sizeof source, share_folder(), "config") ||
        !join(from, sizeof from, source, name) || !join(to, sizeof to, folder, name))
        return failed(folder, "cannot be used");
    char *text = os_read_file(from, 1 << 20, &length);
    if (text == NULL) return failed(from, "cannot be read");
    int code = write_new(to, slice_from(text, length));
    memory_free(text);
    return code;
}

/* ---- plugins -------------------------------------------------------------------------------- */

/* The template with `name` wherever it says NAME. */
static struct slice fill_in(struct slice text, const char *name, struct arena *arena) {
    struct slice filled = SLICE("");
    for (const char *at; (at = memmem(text.data, text.length, "NAME", 4));) {
        struct slice before = slice_first(text, (size_t)(at - text.data));
        filled = arena_format(arena, "%.*s%.*s%s", SLICE_ARGS(filled), SLICE_ARGS(before), name);
        text = slice_skip(text, before.length + 4);
    }
    return arena_format(arena, "%.*s%.*s", SLICE_ARGS(filled), SLICE_ARGS(text));
}

static int write_from_template(const char *kind, const char *template, const char *to,
                               const char *name, struct arena *arena) {
    size_t length;
    const char *from =
        arena_format(arena, "%s/lua/templates/%s/%s.lua", share_folder(), kind, template).data;
    char *text = os_read_file(from, 1 << 20, &length);
    if (text == NULL) return failed(from, "cannot be read");
    int code = write_new(to, fill_in(slice_from(text, length), name, arena));
    memory_free(text);
    return code;
}

static bool is_plugin_name(const char *name) {
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789_-");
    bool test = slice_ends(slice_of(name), SLICE("_test"));
    return length > 0 && length <= 60 && name[length] == '\0' && !test;
}

static const char *kind_name(const void *context, size_t i) {
    (void)context;
    return all_plugin_kinds[i] ? all_plugin_kinds[i]->maker : NULL;
}

static const struct plugin_kind *find_kind(const char *word) {
    for (const struct plugin_kind *const *kind = all_plugin_kinds; *kind; kind++)
        if (strcmp((*kind)->maker, word) == 0) return *kind;
    const char *near = nearest_name(slice_of(word), kind_name, NULL);
    complain("linnet init: there is no kind of plugin \"%s\": scorer, filter, schema, lexicon or "
             "dialect\n",
             word);
    if (near) complain("    did you mean \"%s\"?\n", near);
    return NULL;
}

static int write_plugin(const struct plugin_kind *kind, const char *name, const char *folder,
                        struct arena *arena) {
    const char *below = path_join(arena, folder, kind->folder);
    const char *plugin = arena_format(arena, "%s/%s.lua", below, name).data;
    const char *test = arena_format(arena, "%s/%s_test.lua", below, name).data;
    if (!os_make_folder(folder) || !os_make_folder(below)) return failed(below, "cannot be made");
    int code = write_from_template(kind->maker, "plugin", plugin, name, arena);
    if (code == 0) code = write_from_template(kind->maker, "test", test, name, arena);
    if (code == 0) complain("now edit %s, then: linnet test %s\n", plugin, test);
    return code;
}

/* init plugin KIND NAME [DIR] */
static int init_plugin(const struct arguments *arguments) {
    const char *const *words = arguments->words;
    if (arguments->word_count < 3 || arguments->word_count > 4) {
        complain("linnet init plugin: takes KIND NAME [DIR], such as: scorer slang\n");
        return 2;
    }
    const struct plugin_kind *kind = find_kind(words[1]);
    if (kind == NULL) return 2;
    if (!is_plugin_name(words[2])) {
        complain("linnet init plugin: \"%s\" is no name: letters, digits, \"_\" and \"-\"\n",
                 words[2]);
        return 2;
    }
    struct arena arena;
    arena_init(&arena);
    const char *folder = arguments->word_count == 4 ? words[3] : setup_folder(arguments, &arena);
    int code = write_plugin(kind, words[2], folder ? folder : "config", &arena);
    arena_free(&arena);
    return code;
}

int verb_init(const struct arguments *arguments) {
    if (arguments->word_count && strcmp(arguments->words[0], "plugin") == 0)
        return init_plugin(arguments);
    if (arguments->word_count > 1) {
        complain("linnet init: one folder, please\n");
        return 2;
    }
    const char *base = arguments->word_count ? arguments->words[0] : ".";
    char folder[4096];
    if (!join(folder, sizeof folder, base, "config")) return failed(base, "cannot be used");
    if (!os_make_folder(base) || !os_make_folder(folder)) return failed(folder, "cannot be made");
    for (size_t i = 0; i < LENGTH(templates); i++) {
        int code = copy_template(folder, templates[i]);
        if (code) return code;
    }
    complain("now edit %s/track.lua, then: linnet check -c %s/linnet.lua\n", folder, folder);
    return 0;
}
