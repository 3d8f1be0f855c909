/* flow/dead_box.h */
#include "flow/dead_box.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/dead_letters.h"
#include <stdio.h>

/* Deliveries that may have letters under way at once: more than anybody has sinks. */
#define MAX_BURIALS 1024

struct dead_box {
    struct crew *crew;
    char *path;
    bool failing;                /* said that it does */
    struct dead_letters letters; /* the thread's; opened when needed */
};

struct burial {
    struct dead_box *box;
    struct task task;
    struct arena arena;
    struct dead_letter *letters; /* heap */
    size_t count;
    void (*done)(void *owner, bool stored);
    void *owner;
    bool stored;
    struct error err;
};

struct dead_box *dead_box_create(struct loop *loop, unsigned threads, const char *folder) {
    char path[4096];
    struct dead_box *box = memory_zeroed(1, sizeof *box);
    snprintf(path, sizeof path, "%.4000s/" DEAD_LETTERS_FILE, folder);
    box->path = memory_copy_text(path);
    box->crew = crew_create(loop, threads, MAX_BURIALS);
    crew_name(box->crew, "dead letters");
    return box;
}

void dead_box_destroy(struct dead_box *box) {
    crew_destroy(box->crew);
    dead_letters_close(&box->letters);
    memory_free(box->path);
    memory_free(box);
}

/* ---- on the thread ---- */

static bool open_letters(struct dead_box *box, struct error *err) {
    struct database *database = &box->letters.database;
    if (database->handle && database_is_in_place(database)) return true;
    if (database->handle && !database_leave(database, err)) return false;
    return dead_letters_open(&box->letters, box->path, DATABASE_WRITE, err);
}

static void store(struct task *task, unsigned worker) {
    struct burial *burial = CONTAINER_OF(task, struct burial, task);
    struct dead_letters *letters = &burial->box->letters;
    (void)worker;
    burial->stored = open_letters(burial->box, &burial->err) &&
                     dead_letters_add(letters, burial->letters, burial->count, &burial->err);
    if (!burial->stored && !database_goes_on(&letters->database)) dead_letters_close(letters);
}

/* ---- on the loop ---- */

static void stored(struct task *task) {
    struct burial *burial = CONTAINER_OF(task, struct burial, task);
    struct dead_box *box = burial->box;
    if (!burial->stored && !box->failing)
        log_warning("dead", "%s; tried again until it works", burial->err.text);
    if (burial->stored && box->failing) log_info("dead", "%s: it works again", box->path);
    box->failing = !burial->stored;
    burial->done(burial->owner, burial->stored);
}

struct burial *burial_create(struct dead_box *box) {
    struct burial *burial = memory_zeroed(1, sizeof *burial);
    burial->box = box;
    burial->task = (struct task){ store, stored };
    arena_init(&burial->arena);
    return burial;
}

void burial_add(struct burial *burial, const char *sink, const struct record *record,
                struct slice reason) {
    struct arena *arena = &burial->arena;
    burial->letters = memory_resize(burial->letters, (burial->count + 1) * sizeof *burial->letters);
    burial->letters[burial->count++] = (struct dead_letter){
        .sink = arena_copy(arena, slice_of(sink)),
        .sequence = record->sequence,
        .key = arena_copy(arena, record->key),
        .source = arena_copy(arena, record->source),
        .reason = arena_copy(arena, slice_first(reason, 1000)),
        .received_ms = record->received_ms,
        .died_ms = clock_wall_ms(),
        .raw = arena_copy(arena, record->raw),
    };
}

void burial_start(struct burial *burial, void (*done)(void *owner, bool stored), void *owner) {
    burial->done = done;
    burial->owner = owner;
    crew_submit(burial->box->crew, &burial->task);
}

void burial_free(struct burial *burial) {
    if (burial == NULL) return;
    arena_free(&burial->arena);
    memory_free(burial->letters);
    memory_free(burial);
}
