/* Verb "forget": posts go from the store, the dead letters and, by a delete in the log, from every
 * sink. The log comes first: what it has is done, whatever happens to us then. */
#include "base/alloc.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/forget_gather.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "cli/store_path.h"
#include "database/writer.h"
#include "flow/left_state.h"
#include "post/batch.h"
#include "store/dead_letters.h"
#include "json/writer.h"
#include <stdio.h>

#define PATIENCE_MS 60000
#define STANDARD_ERROR 2
/* Of a request, with room for its frame. */
#define REQUEST_BYTES ((size_t)60000)
#define MAX_ANSWER_BYTES ((size_t)1 << 16)
/* Of the store, in one transaction. */
#define REMOVED_AT_A_TIME 256

struct forgetting {
    struct forget_subject subject;
    const char *subject_text; /* as it was typed */
    const char *store;        /* NULL: there is none */
    const char *folder;       /* of the state */
    struct snapshot *snapshot;
    struct forget_list list;
    size_t known; /* posts that the log remembers */
    bool running; /* a linnet took them */
};

/* ---- through a running linnet ---- */

/* As many posts from `at` on as a request takes; *next is behind them. */
static struct slice make_request(const struct forget_list *list, size_t at, size_t *next,
                                 struct arena *arena) {
    struct writer writer;
    size_t bytes = 0;
    writer_init(&writer, arena, 4096);
    write_object(&writer);
    write_text_member(&writer, "verb", SLICE("forget"));
    write_name(&writer, SLICE("posts"));
    write_array(&writer);
    for (*next = at; *next < list->count && *next - at < BATCH_MESSAGES; ++*next) {
        const struct post_name *name = &list->posts[*next].name;
        bytes += 6 * (name->network.length + name->id.length) + 32; /* at most, escaped */
        if (bytes > REQUEST_BYTES && *next > at) break;
        write_object(&writer);
        write_text_member(&writer, "network", name->network);
        write_text_member(&writer, "id", name->id);
        write_object_end(&writer);
    }
    write_array_end(&writer);
    write_object_end(&writer);
    struct slice request = writer_finish(&writer);
    return arena_format(arena, "%.*s\n", SLICE_ARGS(request));
}

/* {"done":true,"known":N} */
static bool read_answer(struct slice answer, size_t *known) {
    static const char done[] = "{\"done\":true,\"known\":";
    if (!slice_starts(answer, slice_from(done, sizeof done - 1))) return false;
    for (size_t i = sizeof done - 1; i < answer.length && answer.data[i] != '}'; i++)
        *known = *known * 10 + (size_t)(answer.data[i] - '0');
    return true;
}

static void show_progress(const struct forgetting *forgetting, size_t done) {
    if (!os_is_terminal(STANDARD_ERROR) || forgetting->list.count <= BATCH_MESSAGES) return;
    draw("\r%zu of %zu posts\033[K%s", done, forgetting->list.count,
         done == forgetting->list.count ? "\r\033[K" : "");
}

static enum asked tell_running(struct forgetting *forgetting) {
    struct forget_list *list = &forgetting->list;
    enum asked asked = ASK_ANSWERED;
    for (size_t at = 0, next; asked == ASK_ANSWERED && at < list->count; at = next) {
        struct arena arena;
        struct buffer answer;
        size_t known = 0;
        arena_init(&arena);
        buffer_init(&answer, MAX_ANSWER_BYTES);
        asked =
            ask(forgetting->folder, make_request(list, at, &next, &arena), PATIENCE_MS, &answer);
        if (asked == ASK_ANSWERED && !read_answer(buffer_slice(&answer), &known)) {
            complain("linnet forget: %.*s\n", SLICE_ARGS(buffer_slice(&answer)));
            asked = ASK_FAILED;
        }
        forgetting->known += known;
        if (asked == ASK_ANSWERED) show_progress(forgetting, next);
        buffer_free(&answer);
        arena_free(&arena);
    }
    return asked;
}

/* ---- for the next one ---- */

static bool leave_for_later(struct forgetting *forgetting) {
    const struct forget_list *list = &forgetting->list;
    struct error err;
    int lock = lock_folder(forgetting->folder);
    if (lock < 0) return false;
    struct post_name *names = memory_alloc((list->count + 1) * sizeof *names);
    for (size_t i = 0; i < list->count; i++)
        names[i] = list->posts[i].name;
    bool left = forget_for_later(forgetting->snapshot, forgetting->folder, names, list->count,
                                 &forgetting->known, &err);
    memory_free(names);
    os_close(lock);
    if (!left) complain_error(&err);
    return left;
}

static bool tell_log(struct forgetting *forgetting) {
    enum asked asked = tell_running(forgetting);
    forgetting->running = asked == ASK_ANSWERED;
    if (asked == ASK_NOT_RUNNING) return leave_for_later(forgetting);
    return asked == ASK_ANSWERED;
}

/* ---- the store and the dead letters, at once ---- */

static bool remove_some(struct store_writer *writer, const struct forget_list *list, size_t from,
                        size_t to, struct error *err) {
    struct slice reject;
    if (!store_writer_begin(writer, err)) return false;
    for (size_t i = from; i < to; i++)
        if (list->posts[i].key.length &&
            !store_writer_remove(writer, list->posts[i].key, &reject, err))
            return false;
    return store_writer_commit(writer, err);
}

static bool clear_store(const struct forgetting *forgetting, struct error *err) {
    const struct forget_list *list = &forgetting->list;
    if (list->stored == 0) return true;
    struct store_writer *writer = store_writer_create(forgetting->store);
    bool good = store_writer_open(writer, err);
    for (size_t at = 0; good && at < list->count; at += REMOVED_AT_A_TIME)
        good = remove_some(writer, list, at, MIN(at + REMOVED_AT_A_TIME, list->count), err);
    store_writer_destroy(writer);
    return good;
}

static bool clear_letters(const struct forgetting *forgetting, struct error *err) {
    const struct forget_list *list = &forgetting->list;
    char path[4096];
    struct dead_letters dead;
    if (list->letter_count == 0) return true;
    snprintf(path, sizeof path, "%.4000s/" DEAD_LETTERS_FILE, forgetting->folder);
    if (!dead_letters_open(&dead, path, DATABASE_WRITE, err)) return false;
    bool good = true;
    for (size_t i = 0; good && i < list->letter_count; i++) {
        size_t count;
        good = dead_letters_drop(&dead, list->letters[i], &count, err);
    }
    dead_letters_close(&dead);
    return good;
}

/* ---- the verb ---- */

static bool gather(struct forgetting *forgetting, struct error *err) {
    struct forget_list *list = &forgetting->list;
    const struct forget_subject *subject = &forgetting->subject;
    return (forgetting->store == NULL ||
            forget_gather_stored(list, subject, forgetting->store, err)) &&
           forget_gather_letters(list, subject, forgetting->folder, forgetting->snapshot, err);
}

/* Posts of the author that the store has not got yet would come after their author was forgotten.
 */
static void tell_waiting(const struct forgetting *forgetting) {
    struct arena arena;
    struct pipeline_sums sums;
    struct error err;
    arena_init(&arena);
    if (forgetting->subject.author && !forgetting->running &&
        left_state_read(forgetting->folder, &arena, &sums, &err))
        for (size_t i = 0; i < sums.reader_count; i++)
            if (sums.readers[i].pending > forgetting->list.count)
                complain("linnet forget: %llu records wait for %s and may hold more of %s; run "
                         "linnet, then forget again\n",
                         (unsigned long long)(sums.readers[i].pending - forgetting->list.count),
                         sums.readers[i].name, forgetting->subject_text);
    arena_free(&arena);
}

static int tell_done(const struct forgetting *forgetting, bool known) {
    const struct forget_list *list = &forgetting->list;
    const char *sinks =
        forgetting->running ? "every sink is told" : "the next run tells every sink";
    if (!known) {
        complain("linnet forget: nothing known of %s; %s all the same\n", forgetting->subject_text,
                 sinks);
        return 1;
    }
    print("%s: %zu %s forgotten, %zu in the store, %zu dead %s; %s\n", forgetting->subject_text,
          list->count, list->count == 1 ? "post" : "posts", list->stored, list->letter_count,
          list->letter_count == 1 ? "letter" : "letters", sinks);
    tell_waiting(forgetting);
    return 0;
}

static int forget(struct forgetting *forgetting) {
    struct error err;
    struct forget_list *list = &forgetting->list;
    if (!gather(forgetting, &err)) return complain_error(&err);
    if (forgetting->subject.author && list->count == 0) {
        complain("linnet forget: nothing known of %s in %s\n", forgetting->subject_text,
                 forgetting->store);
        return 1;
    }
    if (!forget_gather_named(list, &forgetting->subject)) {
        complain("linnet forget: %s is no post's _id, such as post:x:1050118621198921728\n",
                 forgetting->subject_text);
        return 2;
    }
    bool here = list->stored + list->letter_count > 0;
    if (!tell_log(forgetting)) return 1;
    if (!clear_store(forgetting, &err) || !clear_letters(forgetting, &err))
        return complain_error(&err);
    return tell_done(forgetting, here || forgetting->known > 0);
}

static bool read_subject(const struct arguments *arguments, struct forgetting *forgetting) {
    struct slice text = slice_of(arguments->word_count == 1 ? arguments->words[0] : "");
    bool author = slice_starts(text, SLICE("author:")), post = slice_starts(text, SLICE("post:"));
    struct slice id = slice_skip(text, author ? 7 : 5);
    if ((!author && !post) || id.length == 0 || id.length > 1000) {
        (void)wrong_words("forget", "author:ID or post:ID?", arguments);
        return false;
    }
    forgetting->subject = (struct forget_subject){ author, id };
    forgetting->subject_text = text.data;
    return true;
}

static bool find_store(const struct arguments *arguments, struct forgetting *forgetting,
                       struct arena *arena) {
    struct os_info info;
    const char *path = asked_store(arguments, arena);
    bool there = path && os_stat(path, &info) && info.kind != OS_MISSING;
    if (there) forgetting->store = path;
    if (there || (!forgetting->subject.author && !arguments->values[FLAG_STORE])) return true;
    complain("linnet forget: there is no store%s%s\n    only it knows whose posts are whose\n",
             path ? ": " : "", path ? path : "");
    return false;
}

static int work(const struct arguments *arguments, struct forgetting *forgetting,
                struct arena *arena) {
    int code;
    forgetting->folder = asked_folder(arguments, arena);
    if (forgetting->folder == NULL) {
        complain("linnet forget: there is no state folder: name one with --state\n");
        return 1;
    }
    if (!find_store(arguments, forgetting, arena)) return 1;
    forgetting->snapshot = setup_snapshot(arguments, SETUP_OPTIONAL, NULL, &code);
    if (forgetting->snapshot == NULL) return code;
    forget_list_init(&forgetting->list);
    code = forget(forgetting);
    forget_list_free(&forgetting->list);
    snapshot_release(forgetting->snapshot);
    return code;
}

int verb_forget(const struct arguments *arguments) {
    struct forgetting forgetting = { 0 };
    struct arena arena;
    if (!read_subject(arguments, &forgetting)) return 2;
    arena_init(&arena);
    int code = work(arguments, &forgetting, &arena);
    arena_free(&arena);
    return code;
}
