/* Verb "dlq": the dead letters of STATE. */
#include "cli/dlq.h"
#include "base/date.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/print.h"
#include "store/dead_letters.h"
#include "json/writer.h"
#include <stdio.h>
#include <stdlib.h>

static void print_json(void *context, const struct dead_letter *letter) {
    struct arena arena;
    struct writer writer;
    (void)context;
    arena_init(&arena);
    writer_init(&writer, &arena, 1024);
    write_object(&writer);
    write_name(&writer, SLICE("number"));
    write_integer(&writer, letter->number);
    write_text_member(&writer, "sink", letter->sink);
    write_name(&writer, SLICE("sequence"));
    write_integer(&writer, (int64_t)letter->sequence);
    write_text_member(&writer, "key", letter->key);
    write_text_member(&writer, "source", letter->source);
    write_text_member(&writer, "reason", letter->reason);
    write_time_member(&writer, "received", letter->received_ms);
    write_time_member(&writer, "died", letter->died_ms);
    write_text_member(&writer, "raw", letter->raw);
    write_object_end(&writer);
    print_slice(writer_finish(&writer));
    print("\n");
    arena_free(&arena);
}

static void print_line(void *context, const struct dead_letter *letter) {
    char died[DATE_BYTES];
    (void)context;
    date_write(letter->died_ms, died);
    print("%6lld  %s  ", (long long)letter->number, died);
    print_text(letter->sink);
    print("  ");
    print_text(letter->key);
    print("  ");
    print_text(letter->reason);
    print("\n");
}

static void print_whole(void *context, const struct dead_letter *letter) {
    char received[DATE_BYTES], died[DATE_BYTES];
    (void)context;
    date_write(letter->received_ms, received);
    date_write(letter->died_ms, died);
    print("number    %lld\nsink      ", (long long)letter->number);
    print_text(letter->sink);
    print("\nsequence  %llu\nkey       ", (unsigned long long)letter->sequence);
    print_text(letter->key);
    print("\nsource    ");
    print_text(letter->source);
    print("\nreceived  %s\ndied      %s\nreason    ", received, died);
    print_text(letter->reason);
    print("\n");
    print_text(letter->raw);
    print("\n");
}

int64_t letter_number(const char *word) {
    char *end;
    long long number = strtoll(word, &end, 10);
    return *end == '\0' && number > 0 ? number : 0;
}

static bool drop(struct dead_letters *letters, const struct arguments *arguments,
                 struct error *err) {
    size_t dropped = 0;
    bool good = true;
    for (size_t i = 1; good && i < arguments->word_count; i++) {
        size_t count = 0;
        good = dead_letters_drop(letters, letter_number(arguments->words[i]), &count, err);
        dropped += count;
    }
    if (good) print("%zu dropped\n", dropped);
    return good;
}

static bool show(struct dead_letters *letters, const struct arguments *arguments,
                 struct error *err) {
    bool json = arguments->given[FLAG_JSON], whole = arguments->word_count > 1;
    int64_t number = whole ? letter_number(arguments->words[1]) : 0;
    size_t count;
    if (!dead_letters_each(letters, number,
                           json    ? print_json
                           : whole ? print_whole
                                   : print_line,
                           NULL, &count, err))
        return false;
    return !whole || count > 0 ||
           error_set(err, ERROR_FAILED, "there is no letter %lld", (long long)number);
}

/* Nothing ever died where there is no file. */
static int work_without(const struct arguments *arguments, bool shows) {
    if (shows) complain("linnet dlq: there is no letter %s\n", arguments->words[1]);
    return shows;
}

static int work(const struct arguments *arguments, const char *folder, struct slice action) {
    char path[4096];
    struct error err;
    struct os_info info;
    struct dead_letters letters;
    bool drops = slice_is(action, "drop"), replays = slice_is(action, "replay");
    snprintf(path, sizeof path, "%.4000s/" DEAD_LETTERS_FILE, folder);
    if (!os_stat(path, &info) || info.kind == OS_MISSING)
        return work_without(arguments, slice_is(action, "show"));
    if (!dead_letters_open(&letters, path, drops || replays ? DATABASE_WRITE : DATABASE_READ, &err))
        return complain_error(&err);
    int code = 0;
    if (replays)
        code = letters_replay(arguments, folder, &letters);
    else if (!(drops ? drop : show)(&letters, arguments, &err))
        code = complain_error(&err);
    dead_letters_close(&letters);
    return code;
}

static bool is_usage(const struct arguments *arguments, struct slice action) {
    size_t count = arguments->word_count;
    bool numbers = count > 1;
    bool all = count == 2 && strcmp(arguments->words[1], "all") == 0;
    for (size_t i = 1; i < count; i++)
        numbers &= letter_number(arguments->words[i]) > 0;
    if (slice_is(action, "ls")) return count == 1;
    if (slice_is(action, "show")) return count == 2 && numbers;
    return (slice_is(action, "drop") || slice_is(action, "replay")) && (numbers || all);
}

int verb_dlq(const struct arguments *arguments) {
    struct slice action = slice_of(arguments->word_count ? arguments->words[0] : "");
    if (!is_usage(arguments, action))
        return wrong_words("dlq", "ls, show N, replay N...|all or drop N...|all?", arguments);
    return with_folder(arguments, "dlq", action, work);
}
