/* What the tests of configurations share: two tiny parts, a folder, loading from a text. */
#ifndef CONFIG_FIXTURE_H
#define CONFIG_FIXTURE_H

#include "config/snapshot.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include "own_folder.h"
#include <cmocka.h>

/* ---- two tiny parts ------------------------------------------------------------------------- */

struct file_settings {
    const char *path;
};
static const struct option file_options[] = {
    { .name = "path", .type = OPTION_PATH, .offset = offsetof(struct file_settings, path) },
};
static const struct part_kind file_kind = {
    .name = "file",
    .argument = "path",
    .options = { file_options, LENGTH(file_options), sizeof(struct file_settings) },
};

struct ndjson_settings {
    const char *path, *overflow;
    int64_t size, flush_ms;
    bool pretty;
};
static const struct option ndjson_options[] = {
    { .name = "path", .type = OPTION_PATH, .offset = offsetof(struct ndjson_settings, path) },
    { .name = "overflow",
      .type = OPTION_CHOICE,
      .standard = "pause",
      .choices = "pause|drop_oldest",
      .offset = offsetof(struct ndjson_settings, overflow) },
    { .name = "size",
      .type = OPTION_BYTES,
      .standard = "10MiB",
      .lowest = 1024,
      .highest = 1e12,
      .offset = offsetof(struct ndjson_settings, size) },
    { .name = "flush",
      .type = OPTION_DURATION,
      .standard = "100ms",
      .offset = offsetof(struct ndjson_settings, flush_ms) },
    { .name = "pretty",
      .type = OPTION_BOOLEAN,
      .standard = "false",
      .offset = offsetof(struct ndjson_settings, pretty) },
};
static bool ndjson_check(const void *settings, struct error *err) {
    const struct ndjson_settings *ndjson = settings;
    if (!ndjson->pretty || ndjson->size > 4096) return true;
    return error_set(err, ERROR_CONFIG, "pretty documents need a size above 4KiB");
}
static const struct part_kind ndjson_kind = {
    .name = "ndjson",
    .argument = "path",
    .options = { ndjson_options, LENGTH(ndjson_options), sizeof(struct ndjson_settings) },
    .check = ndjson_check,
};
static const struct part_kind stdin_kind = { .name = "stdin" }, stdout_kind = { .name = "stdout" };

static const struct part_kind *const source_kinds[] = { &file_kind, &stdin_kind, NULL };
static const struct part_kind *const sink_kinds[] = { &ndjson_kind, &stdout_kind, NULL };
static const struct parts parts = { source_kinds, sink_kinds };

/* ---- files ---------------------------------------------------------------------------------- */

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int make_folder(void **state) {
    (void)state;
    if (own_folder_make() != 0) return -1;
    make_folder_below("scorers");
    make_folder_below("schemas");
    make_folder_below("lexicons");
    make_folder_below("dialects");
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return own_folder_remove();
}

static struct snapshot *load_with(const char *text, struct snapshot_request request,
                                  struct error *err) {
    char path[200];
    write_file("linnet.lua", text);
    snprintf(path, sizeof path, "%s", below("linnet.lua"));
    request.path = path;
    request.share = ".";
    request.parts = &parts;
    return snapshot_load(&request, err);
}

static struct snapshot *load(const char *text, struct error *err) {
    return load_with(text, (struct snapshot_request){ .generation = 1 }, err);
}

#endif
