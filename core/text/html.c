/* text/html.h: gumbo's tree lies in the arena until it is walked, once and without recursion. */
#include "text/html.h"
#include "text/html_writer.h"
#include <gumbo.h>
#include <setjmp.h>

/* Posts take up to 40 times their HTML. Formatting elements that are open when a paragraph ends are
 * made anew in the next one, so that hostile trees would grow with the square. */
#define TREE_MAX_BYTES ((size_t)4 << 20)
/* Gumbo compares an attribute's name with those of all before it. */
#define MAX_ATTRIBUTES 2048
/* Gumbo looks at the byte behind an entity, also at the end of its input. */
#define PADDING 16

/* ---- the tree -------------------------------------------------------------------------------- */

struct parsing {
    struct arena *arena;
    size_t left, attributes;
    jmp_buf tangled; /* gumbo takes no "no" from its allocator */
};

static void *take(void *context, size_t bytes) {
    struct parsing *parsing = context;
    parsing->attributes += bytes == sizeof(GumboAttribute);
    if (bytes > parsing->left || parsing->attributes > MAX_ATTRIBUTES) longjmp(parsing->tangled, 1);
    parsing->left -= bytes;
    return arena_alloc(parsing->arena, bytes);
}

static void keep(void *context, void *block) { (void)context, (void)block; }

static const GumboNode *parse(struct parsing *parsing, struct slice html) {
    char *copy = arena_alloc(parsing->arena, html.length + PADDING);
    if (html.length) memcpy(copy, html.data, html.length);
    memset(copy + html.length, 0, PADDING);
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = take;
    options.deallocator = keep; /* arena_rewind gives everything back */
    options.userdata = parsing;
    options.max_errors = 0;
    options.fragment_context = GUMBO_TAG_DIV;
    return gumbo_parse_with_options(&options, copy, html.length)->root;
}

/* NULL: the tree has become too big. */
static const GumboNode *parse_within_bounds(struct parsing *parsing, struct slice html) {
    if (setjmp(parsing->tangled)) return NULL;
    return parse(parsing, html);
}

/* What of it is read, up to whole characters and tags; and how many links it may have. */
static struct slice readable(struct slice html, uint32_t *links) {
    size_t end = MIN(html.length, HTML_MAX_BYTES), tags = 0;
    *links = 0;
    while (end > 0 && end < html.length && ((unsigned char)html.data[end] & 0xC0) == 0x80)
        end--;
    for (size_t i = 0; i < end; i++) {
        if (html.data[i] != '<') continue;
        if (++tags > HTML_MAX_TAGS) return slice_first(html, i);
        if (i + 1 < end && (html.data[i + 1] | 0x20) == 'a') ++*links;
    }
    return slice_first(html, end);
}

/* ---- what elements mean ---------------------------------------------------------------------- */

static struct slice attribute_of(const GumboElement *element, const char *name) {
    const GumboAttribute *attribute = gumbo_get_attribute(&element->attributes, name);
    return attribute ? slice_trim(slice_of(attribute->value)) : slice_from(NULL, 0);
}

/* Whether one of the words of attribute `name` is `word`. */
static bool has_word(const GumboElement *element, const char *name, const char *word) {
    struct slice value = attribute_of(element, name);
    while (value.length) {
        size_t length = 0;
        while (length < value.length && !html_is_space(value.data[length]))
            length++;
        if (slice_is(slice_first(value, length), word)) return true;
        value = slice_trim(slice_skip(value, length));
    }
    return false;
}

static bool is_hidden(const GumboElement *element) {
    switch (element->tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_TITLE:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_NOEMBED:
    case GUMBO_TAG_NOFRAMES: return true;
    default: return has_word(element, "class", "invisible");
    }
}

static bool is_block(GumboTag tag) {
    static const GumboTag blocks[] = {
        GUMBO_TAG_P,       GUMBO_TAG_DIV,   GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_PRE,
        GUMBO_TAG_UL,      GUMBO_TAG_OL,    GUMBO_TAG_LI,         GUMBO_TAG_DL,
        GUMBO_TAG_DT,      GUMBO_TAG_DD,    GUMBO_TAG_H1,         GUMBO_TAG_H2,
        GUMBO_TAG_H3,      GUMBO_TAG_H4,    GUMBO_TAG_H5,         GUMBO_TAG_H6,
        GUMBO_TAG_TABLE,   GUMBO_TAG_TR,    GUMBO_TAG_TD,         GUMBO_TAG_TH,
        GUMBO_TAG_SECTION, GUMBO_TAG_ASIDE, GUMBO_TAG_ARTICLE,    GUMBO_TAG_HR,
        GUMBO_TAG_HEADER,  GUMBO_TAG_NAV,   GUMBO_TAG_FOOTER,     GUMBO_TAG_FIGURE,
        GUMBO_TAG_DETAILS, GUMBO_TAG_MAIN,  GUMBO_TAG_SUMMARY,    GUMBO_TAG_FIGCAPTION,
    };
    for (size_t i = 0; i < LENGTH(blocks); i++)
        if (blocks[i] == tag) return true;
    return false;
}

static bool is_address(struct slice text) {
    return slice_starts(text, SLICE("https://")) || slice_starts(text, SLICE("http://"));
}

/* ---- the walk -------------------------------------------------------------------------------- */

struct walk {
    struct html_writer *writer;
    const GumboNode *link, *preformatted; /* the outermost <a>, <pre> that is open; NULL: none */
};

static const GumboVector *children_of(const GumboNode *node) {
    static const GumboVector none;
    bool parent = node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
    return parent ? &node->v.element.children : &none;
}

/* The node behind `node` and all below it, not beyond `top`. NULL: none. */
static const GumboNode *node_after(const GumboNode *node, const GumboNode *top) {
    for (; node != top; node = node->parent) {
        const GumboVector *siblings = children_of(node->parent);
        if (node->index_within_parent + 1 < siblings->length)
            return siblings->data[node->index_within_parent + 1];
    }
    return NULL;
}

static const GumboNode *node_next(const GumboNode *node, const GumboNode *top) {
    const GumboVector *children = children_of(node);
    return children->length ? children->data[0] : node_after(node, top);
}

/* Servers show the address of a link in pieces, hidden ones among them. */
static bool shows_its_address(const GumboNode *link) {
    for (const GumboNode *node = link; node; node = node_next(node, link))
        if (node->type == GUMBO_NODE_TEXT) return is_address(slice_of(node->v.text.text));
    return false;
}

/* False: what is below it has been written. */
static bool enter_link(struct walk *walk, const GumboNode *node) {
    const GumboElement *element = &node->v.element;
    struct slice href = attribute_of(element, "href");
    enum html_link_kind kind = HTML_LINK_URL;
    if (has_word(element, "class", "mention")) kind = HTML_LINK_MENTION;
    if (has_word(element, "class", "hashtag") || has_word(element, "rel", "tag"))
        kind = HTML_LINK_HASHTAG;
    if (walk->link || (kind == HTML_LINK_URL && !is_address(href))) return true;
    html_writer_open_link(walk->writer, kind, href);
    walk->link = node;
    if (kind != HTML_LINK_URL || !shows_its_address(node)) return true;
    html_writer_word(walk->writer, href);
    return false;
}

static bool enter_element(struct walk *walk, const GumboNode *node) {
    const GumboElement *element = &node->v.element;
    if (is_hidden(element)) return false;
    if (is_block(element->tag)) html_writer_block(walk->writer);
    switch (element->tag) {
    case GUMBO_TAG_BR: html_writer_line(walk->writer); return true;
    case GUMBO_TAG_IMG: html_writer_text(walk->writer, attribute_of(element, "alt")); return true;
    case GUMBO_TAG_PRE:
        if (walk->preformatted == NULL) walk->preformatted = node;
        return true;
    case GUMBO_TAG_A: return enter_link(walk, node);
    default: return true;
    }
}

/* Whether to go on below it. */
static bool enter(struct walk *walk, const GumboNode *node) {
    switch (node->type) {
    case GUMBO_NODE_ELEMENT:
    case GUMBO_NODE_TEMPLATE: return enter_element(walk, node);
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_CDATA:
    case GUMBO_NODE_WHITESPACE:
        if (walk->preformatted)
            html_writer_preformatted(walk->writer, slice_of(node->v.text.text));
        else
            html_writer_text(walk->writer, slice_of(node->v.text.text));
        return false;
    default: return false;
    }
}

static void leave(struct walk *walk, const GumboNode *node) {
    if (node->type == GUMBO_NODE_ELEMENT && is_block(node->v.element.tag))
        html_writer_block(walk->writer);
    if (node == walk->preformatted) walk->preformatted = NULL;
    if (node != walk->link) return;
    html_writer_close_link(walk->writer);
    walk->link = NULL;
}

static void walk_below(struct walk *walk, const GumboNode *top) {
    const GumboNode *node = top;
    while (node) {
        if (enter(walk, node) && children_of(node)->length) {
            node = children_of(node)->data[0];
            continue;
        }
        const GumboNode *next = node_after(node, top), *end = next ? next->parent : NULL;
        for (; node != end; node = node->parent) {
            leave(walk, node);
            if (node == top) return;
        }
        node = next;
    }
}

bool html_text(struct slice html, struct arena *arena, struct html_text *result) {
    struct html_writer writer;
    uint32_t links;
    html = readable(html, &links);
    html_writer_init(&writer, html.length, links, arena);
    struct arena mark = *arena;
    struct parsing parsing = { .arena = arena, .left = TREE_MAX_BYTES };
    const GumboNode *root = parse_within_bounds(&parsing, html);
    if (root) walk_below(&(struct walk){ .writer = &writer }, root);
    arena_rewind(arena, mark);
    *result = html_writer_finish(&writer, arena);
    return root != NULL;
}
