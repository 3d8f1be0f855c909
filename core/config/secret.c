/* config/secret.h */
#include "config/secret.h"
#include "base/log.h"
#include "base/os.h"
#include <errno.h>
#include <stdatomic.h>

#define SECRET_PAGE 4096
#define COMMAND_PATIENCE_MS 10000

/* Fills a page of private memory. */
struct secret_text {
    _Atomic unsigned holders;
    uint32_t length;
    char bytes[SECRET_PAGE - 2 * sizeof(uint32_t)];
};

#define TAKES "\"file:PATH\", \"env:NAME\" or \"cmd:COMMAND\""

struct secret *secret_create(struct slice text, const char *folder, struct arena *arena,
                             struct error *err) {
    struct secret *secret = arena_zeroed(arena, 1, sizeof *secret);
    static const struct slice kinds[] = { { "file:", 5 }, { "env:", 4 }, { "cmd:", 4 } };
    size_t kind = 0;
    while (kind < LENGTH(kinds) && !slice_starts(text, kinds[kind]))
        kind++;
    struct slice rest = kind < LENGTH(kinds) ? slice_skip(text, kinds[kind].length) : SLICE("");
    if (rest.length == 0 || memchr(text.data, '\0', text.length)) {
        error_set(err, ERROR_CONFIG, "a secret is " TAKES);
        return NULL;
    }
    bool relative = kind == 0 && rest.data[0] != '/' && folder[0];
    const char *slash = relative && folder[strlen(folder) - 1] != '/' ? "/" : "";
    secret->where = arena_format(arena, "%.*s%s%s%.*s", SLICE_ARGS(kinds[kind]),
                                 relative ? folder : "", slash, SLICE_ARGS(rest))
                        .data;
    return secret;
}

/* The page of a file, with its whole content; -1 with errno. */
static ssize_t read_file(const char *path, struct secret_text *text, struct inputs *inputs) {
    struct os_info info;
    int fd = os_open(path, OS_READ);
    if (fd < 0) {
        int failed = errno;
        if (inputs) inputs_add_missing(inputs, path);
        errno = failed;
        return -1;
    }
    if (os_stat_fd(fd, &info) && info.open_to_all)
        log_warning("config", "%s: every user may read this secret: chmod o-r", path);
    size_t length = 0;
    ssize_t got = 1;
    while (got > 0 && length < sizeof text->bytes) {
        got = os_read(fd, text->bytes + length, sizeof text->bytes - length);
        length += got > 0 ? (size_t)got : 0;
    }
    int failed = length == sizeof text->bytes ? EFBIG : errno;
    os_close(fd);
    if (got == 0 && inputs) inputs_add(inputs, path, slice_from(text->bytes, length));
    errno = failed;
    return got == 0 ? (ssize_t)length : -1;
}

static ssize_t read_variable(const char *name, struct secret_text *text) {
    const char *value = os_environment(name);
    size_t length = value ? strlen(value) : 0;
    errno = value ? EFBIG : ENOENT;
    if (value == NULL || length >= sizeof text->bytes) return -1;
    memcpy(text->bytes, value, length);
    return (ssize_t)length;
}

static const char *sentence_of(const char *where, int failed) {
    if (where[0] == 'e' && failed == ENOENT) return "there is no such variable";
    if (where[0] == 'c' && failed == ECHILD) return "the command failed";
    if (where[0] == 'c' && failed == ETIMEDOUT) return "the command took longer than 10 seconds";
    return failed == EFBIG ? "it is longer than 4000 bytes" : strerror(failed);
}

/* It goes into headers: one line of what can be seen. */
static bool is_usable(struct slice value) {
    for (size_t i = 0; i < value.length; i++)
        if ((unsigned char)value.data[i] < 0x20 || value.data[i] == 0x7f) return false;
    return value.length > 0;
}

bool secret_read(struct secret *secret, struct inputs *inputs, struct error *err) {
    const char *rest = strchr(secret->where, ':') + 1;
    struct secret_text *text = (void *)os_private_memory(SECRET_PAGE);
    atomic_init(&text->holders, 1);
    ssize_t got;
    switch (secret->where[0]) {
    case 'f': got = read_file(rest, text, inputs); break;
    case 'e': got = read_variable(rest, text); break;
    default: got = os_run(rest, text->bytes, sizeof text->bytes, COMMAND_PATIENCE_MS);
    }
    int failed = errno;
    struct slice value = slice_from(text->bytes, got > 0 ? (size_t)got : 0);
    while (value.length &&
           (value.data[value.length - 1] == '\n' || value.data[value.length - 1] == '\r'))
        value.length--;
    if (got >= 0 && is_usable(value)) {
        text->length = (uint32_t)value.length;
        secret->text = text;
        return true;
    }
    os_private_free((char *)text, SECRET_PAGE);
    return error_set(err, ERROR_CONFIG, "secret \"%.300s\": %s", secret->where,
                     got < 0             ? sentence_of(secret->where, failed)
                     : value.length == 0 ? "it is empty"
                                         : "it is more than one line of text");
}

struct slice secret_value(const struct secret *secret) {
    if (secret == NULL || secret->text == NULL) return slice_from(NULL, 0);
    return slice_from(secret->text->bytes, secret->text->length);
}

bool secret_equal(const struct secret *a, const struct secret *b) {
    if (a == NULL || b == NULL) return a == b;
    return strcmp(a->where, b->where) == 0 && slice_equal(secret_value(a), secret_value(b));
}

struct secret *secret_copy(const struct secret *secret, struct arena *arena) {
    struct secret *copy = arena_zeroed(arena, 1, sizeof *copy);
    copy->where = arena_copy(arena, slice_of(secret->where)).data;
    copy->text = secret->text;
    if (copy->text) atomic_fetch_add(&copy->text->holders, 1);
    return copy;
}

void secret_release(struct secret *secret) {
    if (secret == NULL || secret->text == NULL) return;
    if (atomic_fetch_sub(&secret->text->holders, 1) == 1)
        os_private_free((char *)secret->text, SECRET_PAGE);
    secret->text = NULL;
}
