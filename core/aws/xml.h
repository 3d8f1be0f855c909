/* XML as AWS answers it: a small tree, read by expat.
 *
 * Hostile until it is read: no document types, so no entities but the five of XML; depth, elements
 * and bytes are bounded. Namespaces and attributes are dropped: no reply that is read here needs
 * them. White space before the document (S3 sends it to keep connections open) is passed over. */
#ifndef AWS_XML_H
#define AWS_XML_H

#include "base/arena.h"
#include "base/error.h"

#define XML_MOST_DEPTH 32
#define XML_MOST_ELEMENTS 65536
#define XML_MOST_BYTES ((size_t)16 << 20)

struct xml_element {
    struct slice name;                      /* without a prefix */
    struct slice text;                      /* its own, in UTF-8; "" when elements are inside */
    const struct xml_element *first, *next; /* inside of it; beside it */
};

/* The outermost element, in the arena; NULL with *err, which quotes nothing of the text. */
const struct xml_element *xml_read(struct slice text, struct arena *arena,
                                   struct error *err) MUST_CHECK;
/* The first one at "Name/Name" below `element`; NULL: none. A NULL element has none. */
const struct xml_element *xml_find(const struct xml_element *element, const char *path);
/* The next one beside `element` with the same name; NULL: none. */
const struct xml_element *xml_again(const struct xml_element *element);
/* The text of xml_find, "" when there is none. */
struct slice xml_text(const struct xml_element *element, const char *path);

#endif
