/* Verb "search": posts of the embedded store that match a query. */
#include "search/search.h"
#include "base/date.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/print.h"
#include "cli/store_path.h"
#include "sinks/line.h"
#include <math.h>

#define STANDARD_OUTPUT 1
#define STANDARD_LIMIT 50
#define BUDGET_MS 200
#define MAX_LINE_BYTES ((size_t)64 << 20)

struct searching {
    bool documents, terminal, color;
    int columns;
    struct buffer line;
    struct arena arena; /* of a line */
};

static struct slice joined(const struct slice_list *names, struct arena *arena) {
    struct slice text = SLICE("");
    for (uint32_t i = 0; i < names->count; i++)
        text = arena_format(arena, "%.*s%s%.*s", SLICE_ARGS(text), i ? "," : "",
                            SLICE_ARGS(names->items[i]));
    return text;
}

static void print_line(struct searching *searching, const struct found_post *post) {
    const struct message *message = &post->document->message;
    struct line line = { .when_ms = post->document->created_ms,
                         .dated = true,
                         .label = message->label,
                         .scored = message->scored,
                         .score = message->score,
                         .queries = joined(&post->document->queries, &searching->arena),
                         .author = message->author.handle,
                         .text = message->text,
                         .marked = post->marked,
                         .marked_count = post->marked_count };
    searching->line.length = 0;
    if (line_append(&searching->line, &line, searching->columns, searching->color))
        print_slice(buffer_slice(&searching->line));
    arena_reset(&searching->arena, ARENA_BLOCK_BYTES);
}

static void tell(void *context, const struct found_post *post) {
    struct searching *searching = context;
    if (!searching->documents) {
        print_line(searching, post);
        return;
    }
    if (searching->terminal)
        print_text(post->bytes);
    else
        print_slice(post->bytes);
    print("\n");
}

/* Whatever is not all of it is said. */
static void tell_end(const struct stored *stored, const struct search_question *question,
                     const struct search_outcome *outcome, bool terminal) {
    char when[DATE_BYTES];
    print_flush();
    if (outcome->partial) {
        date_write(outcome->until_s * 1000, when);
        complain("linnet search: partial: the first %llu, of %llu posts looked at, back to %s; "
                 "stopped after %g s\n    narrow it with --since, or give it time with "
                 "--seconds 10\n",
                 (unsigned long long)outcome->found, (unsigned long long)outcome->examined, when,
                 (double)question->budget_ms / 1000);
    } else if (outcome->cut) {
        complain("linnet search: the newest %llu; --limit says how many\n",
                 (unsigned long long)question->limit);
    } else if (outcome->found == 0 && terminal) {
        complain("linnet search: no post matches\n");
    }
    if (outcome->untold)
        complain("linnet search: %llu of the posts looked at do not say what is: and has:media ask "
                 "for\n",
                 (unsigned long long)outcome->untold);
    if (stored->unfilled)
        complain(
            "linnet search: partial: up to %lld posts of an older linnet are not indexed yet\n",
            (long long)stored->unfilled);
}

static int search_store(struct searching *searching, struct stored *stored,
                        const struct search_question *question) {
    struct error err;
    struct search_outcome outcome;
    struct search *search = search_create(stored, question, &err);
    if (search == NULL) return complain_error(&err);
    bool good = search_run(search, tell, searching, &outcome, &err);
    search_destroy(search);
    if (good) tell_end(stored, question, &outcome, searching->terminal);
    return good ? 0 : complain_error(&err);
}

static int ask_store(const struct arguments *arguments, const struct search_question *question,
                     struct arena *arena) {
    struct error err;
    struct stored stored;
    const char *path = asked_store(arguments, arena);
    bool terminal = os_is_terminal(STANDARD_OUTPUT);
    struct searching searching = { .documents = !terminal || arguments->given[FLAG_JSON],
                                   .terminal = terminal,
                                   .color = os_use_color(STANDARD_OUTPUT),
                                   .columns = terminal ? os_terminal_columns(STANDARD_OUTPUT) : 0 };
    if (!stored_open(&stored, path, &err)) return complain_error(&err);
    buffer_init(&searching.line, MAX_LINE_BYTES);
    arena_init(&searching.arena);
    int code = search_store(&searching, &stored, question);
    buffer_free(&searching.line);
    arena_free(&searching.arena);
    stored_close(&stored);
    return code;
}

int verb_search(const struct arguments *arguments) {
    struct search_question question = { 0 };
    struct arena arena;
    double seconds = BUDGET_MS / 1e3;
    if (!asked_span(arguments, &question.span) ||
        !asked_limit(arguments, "search", STANDARD_LIMIT, &question.limit) ||
        !asked_seconds(arguments, "search", &seconds))
        return 2;
    arena_init(&arena);
    question.query = asked_query(arguments, &arena);
    bool bounded = question.limit || arguments->given[FLAG_SECONDS];
    question.budget_ms = bounded ? (uint64_t)ceil(seconds * 1e3) : 0;
    int code = ask_store(arguments, &question, &arena);
    arena_free(&arena);
    return code;
}
