/* Verb "spool": look over what is on disk, put it right, forget a sink that is gone. */
#include "base/alloc.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/print.h"
#include "store/spool_check.h"
#include "json/writer.h"

#define FORGET_PATIENCE_MS 10000

/* ---- check and repair ---- */

static void tell_damage(void *context, const struct checked_damage *damage) {
    (void)context;
    print("%s: %llu bytes damaged at %llu, %llu records from sequence %llu lost\n", damage->path,
          (unsigned long long)damage->bytes, (unsigned long long)damage->offset,
          (unsigned long long)damage->records, (unsigned long long)damage->first);
}

static void tell_segment(void *context, const struct checked_segment *segment) {
    (void)context;
    if (segment->header_damaged) print("%s: its header is damaged\n", segment->path);
}

static void tell_cursor(void *context, const struct checked_cursor *cursor) {
    (void)context;
    if (cursor->wrong) print("cursor of %s: %s\n", cursor->name, cursor->wrong);
}

static bool is_clean(const struct spool_checked *checked) {
    return checked->damaged_bytes + checked->missing + checked->headers + checked->cursors == 0;
}

static void tell_sum(const struct spool_checked *checked, bool repaired) {
    print("%llu records in %llu segments, %llu bytes: ", (unsigned long long)checked->records,
          (unsigned long long)checked->segments, (unsigned long long)checked->bytes);
    if (is_clean(checked))
        print("clean");
    else
        print("%llu bytes damaged, %llu records missing, %llu headers and %llu cursors wrong",
              (unsigned long long)checked->damaged_bytes, (unsigned long long)checked->missing,
              (unsigned long long)checked->headers, (unsigned long long)checked->cursors);
    if (checked->cut_bytes)
        print("; %llu bytes of a group that never was whole",
              (unsigned long long)checked->cut_bytes);
    print(repaired && !is_clean(checked) ? "; repaired\n" : "\n");
}

static int look_over(const char *folder, bool repair) {
    static const struct spool_checker checker = { tell_damage, tell_segment, tell_cursor, NULL };
    struct spool_checked checked;
    struct error err;
    if (!spool_exists(folder)) { /* nothing could be wrong */
        print("%s: no spool\n", folder);
        return 0;
    }
    int lock = repair ? lock_folder(folder) : -1;
    if (repair && lock < 0) return 1;
    bool read = repair ? spool_repair(folder, &checker, &checked, &err)
                       : spool_check(folder, &checker, &checked, &err);
    if (lock >= 0) os_close(lock);
    if (!read) return complain_error(&err);
    tell_sum(&checked, repair);
    return !repair && !is_clean(&checked);
}

/* ---- forget ---- */

static struct slice forget_request(struct arena *arena, const char *name) {
    struct writer writer;
    writer_init(&writer, arena, 256);
    write_object(&writer);
    write_text_member(&writer, "verb", SLICE("forget"));
    write_text_member(&writer, "name", slice_of(name));
    write_object_end(&writer);
    struct slice request = writer_finish(&writer);
    return slice_of(arena_format(arena, "%.*s\n", SLICE_ARGS(request)).data);
}

static bool forget_here(const char *folder, const char *name, struct error *err) {
    int lock = lock_folder(folder);
    if (lock < 0) return error_set(err, ERROR_FAILED, "nothing was forgotten");
    bool forgotten = cursor_forget(folder, name, err);
    os_close(lock);
    return forgotten;
}

static int forget(const char *folder, const char *name) {
    struct error err;
    struct arena arena;
    struct buffer answer;
    arena_init(&arena);
    buffer_init(&answer, (size_t)1 << 20);
    enum asked asked = ask(folder, forget_request(&arena, name), FORGET_PATIENCE_MS, &answer);
    bool forgotten = asked == ASK_ANSWERED && slice_is(buffer_slice(&answer), "{\"done\":true}");
    if (asked == ASK_ANSWERED && !forgotten)
        complain("linnet spool: %.*s\n", SLICE_ARGS(buffer_slice(&answer)));
    if (asked == ASK_NOT_RUNNING) {
        forgotten = forget_here(folder, name, &err);
        if (!forgotten) complain_error(&err);
    }
    buffer_free(&answer);
    arena_free(&arena);
    if (forgotten) print("%s is forgotten\n", name);
    return !forgotten;
}

static int work(const struct arguments *arguments, const char *folder, struct slice action) {
    if (slice_is(action, "forget")) return forget(folder, arguments->words[1]);
    return look_over(folder, slice_is(action, "repair"));
}

int verb_spool(const struct arguments *arguments) {
    struct slice action = slice_of(arguments->word_count ? arguments->words[0] : "");
    bool forgets = slice_is(action, "forget");
    bool known = forgets || slice_is(action, "check") || slice_is(action, "repair");
    if (!known || arguments->word_count != (forgets ? 2u : 1u))
        return wrong_words("spool", "check, repair or forget NAME?", arguments);
    return with_folder(arguments, "spool", action, work);
}
