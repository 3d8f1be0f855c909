/* aws/xml.h on libexpat. */
#include "aws/xml.h"
#include <expat.h>
#include <stdint.h>

/* An element whose end has not come. */
struct open {
    struct xml_element *element;
    struct xml_element *last; /* inside of it */
    char *text;
    size_t length, room;
};

struct reading {
    XML_Parser parser;
    struct arena *arena;
    struct xml_element *root;
    struct open open[XML_MOST_DEPTH];
    size_t depth, elements;
    const char *refused; /* why it is not read on */
};

static void refuse(struct reading *reading, const char *why) {
    reading->refused = why;
    XML_StopParser(reading->parser, XML_FALSE);
}

static void begin_element(void *context, const XML_Char *name, const XML_Char **attributes) {
    struct reading *reading = context;
    (void)attributes;
    if (reading->refused) return;
    if (reading->depth == XML_MOST_DEPTH || reading->elements++ == XML_MOST_ELEMENTS) {
        refuse(reading,
               reading->depth == XML_MOST_DEPTH ? "it is too deep" : "it has too many elements");
        return;
    }
    const char *colon = strchr(name, ':');
    struct xml_element *element = arena_zeroed(reading->arena, 1, sizeof *element);
    element->name = arena_copy(reading->arena, slice_of(colon ? colon + 1 : name));
    element->text = SLICE("");
    if (reading->depth) {
        struct open *parent = &reading->open[reading->depth - 1];
        if (parent->last)
            parent->last->next = element;
        else
            parent->element->first = element;
        parent->last = element;
    } else
        reading->root = element;
    reading->open[reading->depth++] = (struct open){ .element = element };
}

static void add_text(void *context, const XML_Char *text, int length) {
    struct reading *reading = context;
    if (reading->refused || reading->depth == 0) return;
    struct open *open = &reading->open[reading->depth - 1];
    size_t more = (size_t)length;
    if (open->element->first) return;
    if (open->room - open->length < more) {
        size_t room = 2 * (open->length + more);
        char *text_again = arena_alloc(reading->arena, room);
        if (open->length) memcpy(text_again, open->text, open->length);
        open->text = text_again;
        open->room = room;
    }
    memcpy(open->text + open->length, text, more);
    open->length += more;
}

static void end_element(void *context, const XML_Char *name) {
    struct reading *reading = context;
    (void)name;
    if (reading->refused) return;
    struct open *open = &reading->open[--reading->depth];
    if (open->element->first == NULL && open->length)
        open->element->text = slice_from(open->text, open->length);
}

static void begin_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                          const XML_Char *public_id, int has_subset) {
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    refuse(context, "it declares a document type");
}

const struct xml_element *xml_read(struct slice text, struct arena *arena, struct error *err) {
    struct reading reading = { .parser = XML_ParserCreate(NULL), .arena = arena };
    struct slice trimmed = slice_trim(text);
    if (trimmed.length > XML_MOST_BYTES) {
        XML_ParserFree(reading.parser);
        error_set(err, ERROR_FAILED, "XML of %zu bytes is too long", trimmed.length);
        return NULL;
    }
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, begin_element, end_element);
    XML_SetCharacterDataHandler(reading.parser, add_text);
    XML_SetStartDoctypeDeclHandler(reading.parser, begin_doctype);
    bool good =
        XML_Parse(reading.parser, trimmed.data, (int)trimmed.length, XML_TRUE) == XML_STATUS_OK;
    if (!good)
        error_set(err, ERROR_FAILED, "it is no XML that can be read: %s, at byte %ld",
                  reading.refused ? reading.refused
                                  : XML_ErrorString(XML_GetErrorCode(reading.parser)),
                  (long)XML_GetCurrentByteIndex(reading.parser));
    XML_ParserFree(reading.parser);
    return good ? reading.root : NULL;
}

static const struct xml_element *first_named(const struct xml_element *element, struct slice name) {
    while (element && !slice_equal(element->name, name))
        element = element->next;
    return element;
}

const struct xml_element *xml_find(const struct xml_element *element, const char *path) {
    while (element && *path) {
        size_t length = strcspn(path, "/");
        element = first_named(element->first, slice_from(path, length));
        path += length + (path[length] == '/');
    }
    return element;
}

const struct xml_element *xml_again(const struct xml_element *element) {
    return first_named(element->next, element->name);
}

struct slice xml_text(const struct xml_element *element, const char *path) {
    const struct xml_element *found = xml_find(element, path);
    return found ? found->text : SLICE("");
}
