/* cli/ask.h */
#include "cli/ask.h"
#include "base/os.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "config/find.h"
#include "flow/control.h"
#include <errno.h>
#include <stdlib.h>

/* A broken configuration names some state folder, but which? What is asked may not be there. */
static void tell_guess(const char *folder, const struct error *err) {
    complain_error(err);
    complain("linnet: taken instead: the state in %s; --state names another\n", folder);
}

const char *asked_folder(const struct arguments *arguments, struct arena *arena) {
    struct error err;
    const char *folder = argument_value(arguments, FLAG_STATE);
    if (folder) return folder;
    struct snapshot_request request;
    setup_request(arguments, SETUP_OPTIONAL, NULL, &request);
    struct snapshot *snapshot = snapshot_load(&request, &err);
    if (snapshot) {
        if (snapshot->state_folder)
            folder = arena_copy(arena, slice_of(snapshot->state_folder)).data;
        snapshot_release(snapshot);
        return folder;
    }
    const char *path = request.path ? request.path : configuration_find(arena, &err);
    bool unclear = false;
    folder = path ? configuration_state(path, arena, &unclear) : NULL;
    if (folder) return folder;
    folder = state_folder_find(arena);
    if (folder && unclear) tell_guess(folder, &err);
    return folder;
}

int with_folder(const struct arguments *arguments, const char *verb, struct slice action,
                int (*work)(const struct arguments *arguments, const char *folder,
                            struct slice action)) {
    struct arena arena;
    int code = 1;
    arena_init(&arena);
    const char *folder = asked_folder(arguments, &arena);
    if (folder)
        code = work(arguments, folder, action);
    else
        complain("linnet %s: there is no state folder: name one with --state\n", verb);
    arena_free(&arena);
    return code;
}

static bool read_line(int fd, struct buffer *line) {
    while (buffer_reserve(line, 4096)) {
        ssize_t got = os_read(fd, line->data + line->length, 4096);
        if (got <= 0) return false;
        line->length += (size_t)got;
        if (line->data[line->length - 1] != '\n') continue;
        line->length--;
        return true;
    }
    return false;
}

enum asked ask(const char *folder, struct slice request, unsigned patience_ms,
               struct buffer *answer) {
    if (folder == NULL) return ASK_NOT_RUNNING;
    int fd = os_connect_local(folder, CONTROL_SOCKET, patience_ms);
    if (fd < 0 && (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR))
        return ASK_NOT_RUNNING;
    bool good = fd >= 0 && os_send(fd, request) && read_line(fd, answer);
    int failed = errno;
    if (fd >= 0) os_close(fd);
    if (good) return ASK_ANSWERED;
    complain("linnet: %s/%s: no answer: %s\n", folder, CONTROL_SOCKET,
             strerror(failed ? failed : EPIPE));
    return ASK_FAILED;
}

int lock_folder(const char *folder) {
    int holder;
    if (folder == NULL) {
        complain("linnet: there is no folder for what must outlive a restart\n"
                 "    set `state` in the configuration, or HOME\n");
        return -1;
    }
    int lock = os_make_private_folder(folder) ? os_lock_state(folder, &holder) : (holder = 0, -1);
    if (lock >= 0) return lock;
    if (holder > 0)
        complain("linnet: another linnet, process %d, runs with the state folder %s\n", holder,
                 folder);
    else
        complain("linnet: %s: cannot be used for the state: %s\n", folder, strerror(errno));
    return -1;
}

bool asked_limit(const struct arguments *arguments, const char *verb, uint64_t standard,
                 uint64_t *limit) {
    const char *typed = argument_value(arguments, FLAG_LIMIT);
    char *end = NULL;
    *limit = typed ? strtoull(typed, &end, 10) : standard;
    if (typed == NULL || (typed[0] >= '0' && typed[0] <= '9' && *end == '\0')) return true;
    complain("linnet %s: --limit takes a whole number, not \"%s\"\n", verb, typed);
    return false;
}

bool asked_seconds(const struct arguments *arguments, const char *verb, double *seconds) {
    const char *typed = argument_value(arguments, FLAG_SECONDS);
    char *end = NULL;
    if (typed == NULL) return true;
    *seconds = strtod(typed, &end);
    if (*end == '\0' && end > typed && *seconds > 0 && *seconds < 1e6) return true;
    complain("linnet %s: --seconds takes a number above 0, not \"%s\"\n", verb, typed);
    return false;
}

struct slice asked_query(const struct arguments *arguments, struct arena *arena) {
    struct slice query = SLICE("");
    for (size_t i = 0; i < arguments->word_count; i++)
        query =
            arena_format(arena, "%.*s%s%s", SLICE_ARGS(query), i ? " " : "", arguments->words[i]);
    return query;
}
