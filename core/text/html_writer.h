/* Lines of text out of pieces of HTML: white space, line breaks, links. Private to text/html*.
 *
 * Pieces may be any bytes; what is written is UTF-8. What goes beyond the room is left out. */
#ifndef TEXT_HTML_WRITER_H
#define TEXT_HTML_WRITER_H

#include "text/html.h"

struct html_writer {
    char *bytes;
    size_t length, limit;    /* the text grows from the front, hrefs beyond `limit` to the front */
    size_t room;             /* of `bytes` */
    unsigned breaks, spaces; /* to be written before the next word */
    struct html_link *links;
    uint32_t link_count, link_room;
    struct html_link *link; /* the one that is open; NULL: none */
};

/* For HTML of `bytes` bytes with so many links. All memory is taken here. */
void html_writer_init(struct html_writer *writer, size_t bytes, uint32_t links,
                      struct arena *arena);
/* Gives back what was not needed, if nothing else was taken from the arena since. */
struct html_text html_writer_finish(struct html_writer *writer, struct arena *arena);

/* Words and what is between them: white space is one space. */
void html_writer_text(struct html_writer *writer, struct slice text);
/* The same with all its spaces and lines. */
void html_writer_preformatted(struct html_writer *writer, struct slice text);
/* One word, whatever it holds. */
void html_writer_word(struct html_writer *writer, struct slice word);
/* <br>: a line ends; two at most leave a line empty. */
void html_writer_line(struct html_writer *writer);
/* The edge of a block: what follows begins a line. */
void html_writer_block(struct html_writer *writer);
/* What is written from here to the end is the link's text. */
void html_writer_open_link(struct html_writer *writer, enum html_link_kind kind, struct slice href);
void html_writer_close_link(struct html_writer *writer);

bool html_is_space(char byte);

#endif
