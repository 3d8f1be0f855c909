/* cli/lines.h */
#include "cli/lines.h"
#include "base/buffer.h"
#include "base/os.h"
#include "cli/print.h"
#include "json/projection.h"
#include <errno.h>

#define READ_BYTES ((size_t)64 * 1024)
#define MAX_LINE_BYTES ((size_t)1 << 20)

static int each_word(const struct arguments *arguments,
                     int (*each)(void *context, struct slice text), void *context) {
    struct buffer copy; /* words have no padding of their own */
    int code = 0;
    buffer_init(&copy, (size_t)16 << 20);
    for (size_t i = 0; i < arguments->word_count && code == 0; i++) {
        struct slice word = slice_of(arguments->words[i]);
        copy.length = 0;
        if (!buffer_append(&copy, word) || !buffer_reserve(&copy, JSON_PADDING)) continue;
        memset(copy.data + copy.length, ' ', JSON_PADDING);
        code = each(context, buffer_slice(&copy));
    }
    buffer_free(&copy);
    return code;
}

/* Hands out the whole lines of `input` and removes them; at the end the rest is a line too. */
static int each_line(struct buffer *input, bool at_end,
                     int (*each)(void *context, struct slice text), void *context) {
    size_t at = 0;
    int code = 0;
    while (at < input->length && code == 0) {
        const char *start = input->data + at;
        const char *newline = memchr(start, '\n', input->length - at);
        bool overlong = input->length - at > MAX_LINE_BYTES;
        if (newline == NULL && !at_end && !overlong) break;
        size_t length = newline ? (size_t)(newline - start) : input->length - at;
        struct slice line = slice_from(start, length);
        if (line.length && line.data[line.length - 1] == '\r') line.length--;
        code = each(context, line);
        at += length + (newline != NULL);
    }
    buffer_consume(input, at);
    return code;
}

int each_text(const struct arguments *arguments, int (*each)(void *context, struct slice text),
              void *context) {
    if (arguments->word_count > 0) return each_word(arguments, each, context);
    struct buffer input;
    ssize_t got = 1;
    int code = 0;
    buffer_init(&input, 2 * MAX_LINE_BYTES + 2 * READ_BYTES);
    while (got > 0 && code == 0) {
        if (!buffer_reserve(&input, READ_BYTES + JSON_PADDING)) break;
        got = os_read(0, input.data + input.length, READ_BYTES);
        if (got > 0) input.length += (size_t)got;
        memset(input.data + input.length, ' ', JSON_PADDING);
        if (got >= 0) code = each_line(&input, got == 0, each, context);
        print_flush();
    }
    if (got < 0) complain("linnet: standard input: cannot be read: %s\n", strerror(errno));
    buffer_free(&input);
    return got < 0 ? 1 : code;
}
