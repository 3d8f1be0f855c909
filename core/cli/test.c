/* Verb "test": finds *_test.lua files, runs each, tells what failed. */
#include "base/alloc.h"
#include "base/log.h"
#include "base/os.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "script/testing.h"
#include <errno.h>
#include <stdlib.h>

#define MAX_FOLDERS_DEEP 16

struct found_files {
    struct arena arena;
    const char **paths;
    size_t count, room;
};

static void add_path(struct found_files *files, const char *path) {
    if (files->count == files->room) {
        files->room = files->room ? files->room * 2 : 64;
        files->paths = memory_resize(files->paths, files->room * sizeof *files->paths);
    }
    files->paths[files->count++] = path;
}

/* A folder being read; `into` gets its entries. */
struct listing {
    const char *folder;
    struct found_files *into;
};

static void add_entry(void *context, const char *name) {
    struct listing *listing = context;
    if (name[0] == '.') return;
    add_path(listing->into, path_join(&listing->into->arena, listing->folder,
                                      arena_copy(&listing->into->arena, slice_of(name)).data));
}

/* Goes through the folder; what cannot be read has nothing to run. */
static void search(struct found_files *files, const char *folder, int depth) {
    struct found_files entries = { 0 };
    struct listing listing = { folder, &entries };
    struct os_info info;
    if (depth > MAX_FOLDERS_DEEP) return;
    arena_init(&entries.arena);
    (void)!os_list_folder(folder, add_entry, &listing);
    for (size_t i = 0; i < entries.count; i++) {
        const char *path = arena_copy(&files->arena, slice_of(entries.paths[i])).data;
        if (!os_stat(path, &info)) continue;
        if (info.kind == OS_FOLDER) search(files, path, depth + 1);
        if (info.kind == OS_FILE && slice_ends(slice_of(path), SLICE("_test.lua")))
            add_path(files, path);
    }
    memory_free(entries.paths);
    arena_free(&entries.arena);
}

/* A file, or all below a folder; false after a complaint. */
static bool add_word(struct found_files *files, const char *word) {
    struct os_info info;
    struct slice path = slice_of(word);
    while (path.length > 1 && path.data[path.length - 1] == '/')
        path.length--;
    const char *clean = arena_copy(&files->arena, path).data;
    if (!os_stat(clean, &info) || info.kind == OS_MISSING) {
        complain("linnet test: %s: there is no such file or folder\n", word);
        return false;
    }
    if (info.kind == OS_FOLDER)
        search(files, clean, 0);
    else
        add_path(files, clean);
    return true;
}

/* Those beside the configuration, and the shipped plugins'. */
static void add_defaults(struct found_files *files, const struct arguments *arguments) {
    const char *folder = setup_folder(arguments, &files->arena);
    if (folder) search(files, folder, 0);
    search(files, path_join(&files->arena, share_folder(), "plugins"), 0);
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once. */
static void sort_files(struct found_files *files) {
    size_t kept = 0;
    if (files->count == 0) return;
    qsort(files->paths, files->count, sizeof *files->paths, compare_paths);
    for (size_t i = 1; i < files->count; i++)
        if (strcmp(files->paths[kept], files->paths[i]) != 0)
            files->paths[++kept] = files->paths[i];
    files->count = kept + 1;
}

/* Failures of one file, told below its line. */
struct telling {
    struct arena arena;
    struct slice text;
};

static void tell(void *context, const char *sentence, const struct error *err) {
    struct telling *telling = context;
    struct slice place =
        err->line ? arena_format(&telling->arena, "%s:%d: ", err->file, err->line) : SLICE("");
    const char *what = sentence[0] ? sentence : "the file does not run";
    telling->text = arena_format(&telling->arena, "%.*s    %.*s%s\n        %s\n",
                                 SLICE_ARGS(telling->text), SLICE_ARGS(place), what, err->text);
    if (err->suggestion[0])
        telling->text = arena_format(&telling->arena, "%.*s        %s\n", SLICE_ARGS(telling->text),
                                     err->suggestion);
}

static void run_file(const struct loader_setup *setup, const char *path,
                     struct test_report *total) {
    struct telling telling = { .text = SLICE("") };
    arena_init(&telling.arena);
    struct test_report report = { .tell = tell, .context = &telling };
    test_file_run(setup, path, &report);
    print("%-7s %-44s %zu passed", report.failed ? "FAILED" : "ok", path, report.passed);
    if (report.failed) print(", %zu failed", report.failed);
    print("\n%.*s", SLICE_ARGS(telling.text));
    print_flush();
    total->passed += report.passed;
    total->failed += report.failed;
    arena_free(&telling.arena);
}

static int run_files(struct found_files *files) {
    struct loader_setup setup = {
        .share = share_folder(), .maker = parts_maker, .meant = parts_meant, .context = all_parts()
    };
    struct test_report total = { 0 };
    for (size_t i = 0; i < files->count; i++)
        run_file(&setup, files->paths[i], &total);
    print("%zu passed, %zu failed\n", total.passed, total.failed);
    if (total.passed + total.failed == 0) complain("linnet test: no test found\n");
    return total.failed || total.passed == 0;
}

int verb_test(const struct arguments *arguments) {
    struct found_files files = { 0 };
    bool good = true;
    arena_init(&files.arena);
    if (!arguments->given[FLAG_VERBOSE]) log_set_level(LOG_ERROR); /* the report tells failures */
    for (size_t i = 0; i < arguments->word_count && good; i++)
        good = add_word(&files, arguments->words[i]);
    if (arguments->word_count == 0) add_defaults(&files, arguments);
    sort_files(&files);
    int code = good ? run_files(&files) : 2;
    memory_free(files.paths);
    arena_free(&files.arena);
    return code;
}
