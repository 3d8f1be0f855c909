/* text/html_writer.h */
#include "text/html_writer.h"
#include "base/utf8.h"

#define MAX_SPACES 64

bool html_is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r';
}

void html_writer_init(struct html_writer *writer, size_t bytes, uint32_t links,
                      struct arena *arena) {
    /* A character that an entity names is longer than its name by a fifth at most, and a link may
     * be written twice. */
    size_t room = 2 * bytes + bytes / 4 + 16;
    *writer = (struct html_writer){ .room = room, .limit = room, .link_room = links };
    if (links) writer->links = arena_alloc(arena, links * sizeof *writer->links);
    writer->bytes = arena_alloc(arena, room);
}

struct html_text html_writer_finish(struct html_writer *writer, struct arena *arena) {
    bool no_hrefs = writer->limit == writer->room;
    if (no_hrefs) arena_shrink(arena, writer->bytes, writer->length);
    return (struct html_text){ slice_from(writer->bytes, writer->length), writer->links,
                               writer->link_count };
}

/* Gumbo makes bytes of numbers that are none of a character: "&#4294967295;". */
static void copy_repaired(char *to, struct slice bytes) {
    memcpy(to, bytes.data, bytes.length);
    if (utf8_valid(bytes)) return;
    for (const char *at = bytes.data, *end = at + bytes.length; at < end;) {
        const char *from = at;
        bool broken = utf8_decode(&at, end) == UTF8_REPLACEMENT && at - from == 1;
        if (broken) to[from - bytes.data] = '?';
    }
}

static void put(struct html_writer *writer, struct slice bytes) {
    if (bytes.length == 0) return;
    if (bytes.length > writer->limit - writer->length) {
        writer->limit = writer->length; /* full: nothing is written behind a gap */
        return;
    }
    copy_repaired(writer->bytes + writer->length, bytes);
    writer->length += bytes.length;
}

/* What is due before a word. */
static void put_gap(struct html_writer *writer) {
    bool first = writer->length == 0;
    for (; !first && writer->breaks; writer->breaks--)
        put(writer, SLICE("\n"));
    for (; !first && writer->spaces; writer->spaces--)
        put(writer, SLICE(" "));
    writer->breaks = writer->spaces = 0;
    if (writer->link && writer->link->text.data == NULL)
        writer->link->text.data = writer->bytes + writer->length;
}

void html_writer_word(struct html_writer *writer, struct slice word) {
    if (word.length == 0) return;
    put_gap(writer);
    put(writer, word);
}

static size_t word_length(struct slice text) {
    size_t length = 0;
    while (length < text.length && !html_is_space(text.data[length]))
        length++;
    return length;
}

void html_writer_text(struct html_writer *writer, struct slice text) {
    while (text.length) {
        size_t length = word_length(text);
        html_writer_word(writer, slice_first(text, length));
        text = slice_skip(text, length);
        if (text.length && writer->breaks == 0) writer->spaces = 1;
        while (text.length && html_is_space(text.data[0]))
            text = slice_skip(text, 1);
    }
}

void html_writer_preformatted(struct html_writer *writer, struct slice text) {
    while (text.length) {
        size_t length = word_length(text);
        html_writer_word(writer, slice_first(text, length));
        text = slice_skip(text, length);
        for (; text.length && html_is_space(text.data[0]); text = slice_skip(text, 1))
            if (text.data[0] == '\n')
                html_writer_line(writer);
            else
                writer->spaces = MIN(writer->spaces + 1, MAX_SPACES);
    }
}

void html_writer_line(struct html_writer *writer) {
    writer->breaks = MIN(writer->breaks + 1, 2);
    writer->spaces = 0;
}

void html_writer_block(struct html_writer *writer) {
    writer->breaks = MAX(writer->breaks, 1);
    writer->spaces = 0;
}

/* A copy at the end of the room; empty when there is none left. */
static struct slice keep(struct html_writer *writer, struct slice bytes) {
    if (bytes.length == 0 || bytes.length > writer->limit - writer->length) return SLICE("");
    writer->limit -= bytes.length;
    copy_repaired(writer->bytes + writer->limit, bytes);
    return slice_from(writer->bytes + writer->limit, bytes.length);
}

void html_writer_open_link(struct html_writer *writer, enum html_link_kind kind,
                           struct slice href) {
    if (writer->link_count == writer->link_room) return;
    writer->link = &writer->links[writer->link_count++];
    *writer->link = (struct html_link){ .kind = kind, .href = keep(writer, href) };
}

void html_writer_close_link(struct html_writer *writer) {
    struct html_link *link = writer->link;
    writer->link = NULL;
    if (link == NULL) return;
    if (link->text.data)
        link->text.length = (size_t)(writer->bytes + writer->length - link->text.data);
    else
        link->text = SLICE("");
}
