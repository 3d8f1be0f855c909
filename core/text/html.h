/* HTML of a post into its text, by libgumbo's parse (the HTML5 algorithm).
 *
 * What a reader sees, as lines: <br> and the edges of blocks begin a new one, white space is one
 * space (but in <pre>), entities are characters. A link that shows its address is written as its
 * href; what servers hide for looks (class "invisible"), scripts and the like are left out; an
 * image is its alt. Hostile input costs bounded time and memory, and what is written is UTF-8.
 *
 * Pure functions, any thread; results lie in the caller's arena. */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "base/arena.h"
#include "base/compiler.h"
#include <stdbool.h>
#include <stdint.h>

/* What is read; the rest of the HTML is left out. */
#define HTML_MAX_BYTES ((size_t)32 << 10)
#define HTML_MAX_TAGS 2048

enum html_link_kind {
    HTML_LINK_URL, /* href starts with http:// or https:// */
    HTML_LINK_MENTION,
    HTML_LINK_HASHTAG,
};

struct html_link {
    enum html_link_kind kind;
    struct slice href, text; /* text: what is written of it, such as "@anna" */
};

struct html_text {
    struct slice text;
    struct html_link *links; /* in their order */
    uint32_t link_count;
};

/* False when the elements are so tangled, or their attributes so many, that they would take far
 * more than posts do. */
bool html_text(struct slice html, struct arena *arena, struct html_text *result) MUST_CHECK;

#endif
