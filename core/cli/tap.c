/* Verb "tap": what a running linnet keeps, as it is kept. */
#include "base/alloc.h"
#include "base/date.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/print.h"
#include "flow/control.h"
#include "net/local_server.h"
#include "sinks/line.h"
#include "json/writer.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define STANDARD_OUTPUT 1
#define MAX_LINE_BYTES ((size_t)64 << 20)
#define ANSWER_PATIENCE_MS 10000

/* What is read of a line; those that stand for one another are next to each other. */
enum member {
    LISTENING,
    LOST,
    SHOWN,
    EXIT,
    RECEIVED,
    LABEL,
    SCORE,
    QUERIES,
    TEXT,
    TWEET,
    HANDLE,
    USER,
    MEMBERS
};

static const char *const paths[MEMBERS] = {
    [LISTENING] = "tap",
    [LOST] = "lost",
    [SHOWN] = "error.shown",
    [EXIT] = "error.exit",
    [RECEIVED] = "received",
    [LABEL] = "label",
    [SCORE] = "score",
    [QUERIES] = "queries",
    [TEXT] = "document.text",
    [TWEET] = "document.tweet",
    [HANDLE] = "document.author.handle",
    [USER] = "document.user.name",
};

struct tapping {
    struct loop *loop;
    struct watch watch;
    struct timer patience; /* until the first line */
    struct signal_handler interrupt, terminate;
    int fd;
    struct buffer bytes;
    struct arena arena;
    struct projection *projection;
    struct projector *projector;
    bool lines, color;
    int columns;
    uint64_t most, seen; /* `most` 0: without an end */
    int code;
};

static void end(struct tapping *tapping, int code) {
    tapping->code = code;
    watch_stop(&tapping->watch);
    loop_stop(tapping->loop);
}

static struct slice text_of(const struct json_slot *slots, enum member member,
                            enum member otherwise) {
    const struct json_value *value = &slots[slots[member].count ? member : otherwise].first;
    return value->type == JSON_STRING || value->type == JSON_NUMBER ? value->text
                                                                    : slice_from(NULL, 0);
}

/* The document's own bytes: it is the last member, and no text has these bytes unescaped. */
static struct slice document_of(struct slice line) {
    struct slice mark = SLICE("\"document\":");
    const char *found = memmem(line.data, line.length, mark.data, mark.length);
    if (found == NULL) return slice_from(NULL, 0);
    struct slice rest = slice_skip(line, (size_t)(found - line.data) + mark.length);
    return slice_first(rest, rest.length - (rest.length > 0));
}

static void print_post(struct tapping *tapping, const struct json_slot *slots) {
    struct slice score = text_of(slots, SCORE, SCORE), when = text_of(slots, RECEIVED, RECEIVED);
    struct line line = { .label = text_of(slots, LABEL, LABEL),
                         .scored = score.length > 0,
                         .score = score.length ? strtod(score.data, NULL) : 0,
                         .queries = text_of(slots, QUERIES, QUERIES),
                         .author = text_of(slots, HANDLE, USER),
                         .text = text_of(slots, TEXT, TWEET) };
    struct buffer text;
    if (!date_read_iso(when, &line.when_ms)) line.when_ms = INT64_MIN;
    buffer_init(&text, MAX_LINE_BYTES);
    if (line_append(&text, &line, tapping->columns, tapping->color))
        print_slice(buffer_slice(&text));
    buffer_free(&text);
}

static void take_line(struct tapping *tapping, struct slice line) {
    struct slice reason, document = document_of(line);
    const struct json_slot *slots = projector_run(
        tapping->projector, json_padded(&tapping->arena, line), &tapping->arena, &reason);
    timer_stop(&tapping->patience);
    if (slots == NULL) return;
    if (slots[SHOWN].count) {
        complain("%.*s", SLICE_ARGS(slots[SHOWN].first.text));
        end(tapping, atoi(arena_copy(&tapping->arena, slots[EXIT].first.text).data));
    } else if (slots[LOST].count) {
        complain("linnet tap: %.*s posts are not shown: they came too fast\n",
                 SLICE_ARGS(slots[LOST].first.text));
    } else if (document.length) {
        bool post = slots[TEXT].count || slots[TWEET].count;
        if (tapping->lines && post)
            print_post(tapping, slots);
        else {
            print_slice(document);
            print("\n");
        }
        if (++tapping->seen == tapping->most) end(tapping, 0);
    }
}

static void ready(struct watch *watch) {
    struct tapping *tapping = CONTAINER_OF(watch, struct tapping, watch);
    struct buffer *bytes = &tapping->bytes;
    if (!buffer_reserve(bytes, 65536)) {
        complain("linnet tap: a line of over %zu bytes\n", MAX_LINE_BYTES);
        end(tapping, 1);
        return;
    }
    ssize_t got = os_read(tapping->fd, bytes->data + bytes->length, 65536);
    if (got <= 0) {
        complain("linnet tap: linnet has ended\n");
        end(tapping, 0);
        return;
    }
    bytes->length += (size_t)got;
    size_t used = 0;
    const char *newline;
    while (tapping->watch.loop && bytes->length > used &&
           (newline = memchr(bytes->data + used, '\n', bytes->length - used))) {
        size_t length = (size_t)(newline - (bytes->data + used));
        take_line(tapping, slice_from(bytes->data + used, length));
        used += length + 1;
        arena_reset(&tapping->arena, ARENA_BLOCK_BYTES);
    }
    buffer_consume(bytes, used);
    print_flush();
}

static void late(struct timer *timer) {
    struct tapping *tapping = CONTAINER_OF(timer, struct tapping, patience);
    complain("linnet tap: no answer\n");
    end(tapping, 1);
}

static void interrupted(struct signal_handler *handler) {
    end(CONTAINER_OF(handler, struct tapping, interrupt), 130);
}

static void terminated(struct signal_handler *handler) {
    end(CONTAINER_OF(handler, struct tapping, terminate), 0);
}

static void look_on(struct tapping *tapping) {
    tapping->loop = loop_create();
    tapping->projection = projection_create();
    for (int member = 0; member < MEMBERS; member++)
        (void)!projection_add(tapping->projection, slice_of(paths[member]));
    projection_seal(tapping->projection);
    tapping->projector = projector_create(tapping->projection);
    buffer_init(&tapping->bytes, MAX_LINE_BYTES);
    signal_start(tapping->loop, &tapping->interrupt, SIGINT);
    signal_start(tapping->loop, &tapping->terminate, SIGTERM);
    timer_start(tapping->loop, &tapping->patience, ANSWER_PATIENCE_MS);
    watch_readable(tapping->loop, &tapping->watch, tapping->fd);
    loop_run(tapping->loop);
    timer_stop(&tapping->patience);
    signal_stop(&tapping->interrupt);
    signal_stop(&tapping->terminate);
    buffer_free(&tapping->bytes);
    projector_destroy(tapping->projector);
    projection_destroy(tapping->projection);
    loop_destroy(tapping->loop);
}

static struct slice request_of(const struct arguments *arguments, struct arena *arena) {
    struct writer writer;
    writer_init(&writer, arena, 256);
    write_object(&writer);
    write_text_member(&writer, "verb", SLICE("tap"));
    write_text_member(&writer, "query", asked_query(arguments, arena));
    write_object_end(&writer);
    return arena_format(arena, "%.*s\n", SLICE_ARGS(writer_finish(&writer)));
}

static int no_connection(const char *folder) {
    if (folder == NULL || errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
        complain("linnet tap: no linnet is running%s%s%s\n", folder ? " (state in " : "",
                 folder ? folder : "", folder ? ")" : "");
    else
        complain("linnet: %s/%s: %s\n", folder, CONTROL_SOCKET, strerror(errno));
    return 1;
}

static int tap(const struct arguments *arguments, struct tapping *tapping) {
    const char *folder = asked_folder(arguments, &tapping->arena);
    struct slice request = request_of(arguments, &tapping->arena);
    if (request.length > LOCAL_LINE_BYTES) {
        complain("linnet tap: this query is too long\n");
        return 2;
    }
    bool terminal = os_is_terminal(STANDARD_OUTPUT);
    tapping->lines = terminal && !arguments->given[FLAG_JSON];
    tapping->color = os_use_color(STANDARD_OUTPUT);
    tapping->columns = terminal ? os_terminal_columns(STANDARD_OUTPUT) : 0;
    tapping->fd = folder ? os_connect_local(folder, CONTROL_SOCKET, 0) : -1;
    if (tapping->fd < 0) return no_connection(folder);
    if (os_send(tapping->fd, request))
        look_on(tapping);
    else
        tapping->code = no_connection(folder);
    os_close(tapping->fd);
    return tapping->code;
}

int verb_tap(const struct arguments *arguments) {
    struct tapping tapping = { .watch.ready = ready,
                               .patience.fire = late,
                               .interrupt.fire = interrupted,
                               .terminate.fire = terminated };
    if (!asked_limit(arguments, "tap", 0, &tapping.most)) return 2;
    arena_init(&tapping.arena);
    int code = tap(arguments, &tapping);
    arena_free(&tapping.arena);
    return code;
}
