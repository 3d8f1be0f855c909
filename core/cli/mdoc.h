/* Manual pages as mdoc(7), to standard output: sections, lists, filled text. */
#ifndef CLI_MDOC_H
#define CLI_MDOC_H

#include "base/compiler.h"

/* "linnet-query", 7, "..." */
void mdoc_begin(const char *page, int section, const char *about);
void mdoc_section(const char *title);
void mdoc_subsection(const char *title);
/* A line of macros as it is: ".Pp", ".Xr linnet 1". */
void mdoc_macro(const char *format, ...) FORMAT(1, 2);
/* ".MACRO "text"". */
void mdoc_quoted(const char *macro, const char *text);
/* ".It MACRO "text"", what it is about follows. Between mdoc_list and mdoc_list_end. */
void mdoc_item(const char *macro, const char *text);
void mdoc_list(void);
void mdoc_list_end(void);
/* Sentences, from lines or not: filled. Lines that begin with two spaces are kept as they are; an
 * empty one ends a paragraph. */
void mdoc_say(const char *format, ...) FORMAT(1, 2);

#endif
