/* cli/mdoc.h */
#include "cli/mdoc.h"
#include "cli/print.h"
#include <ctype.h>
#include <stdio.h>

#define LINE_COLUMNS 72

void mdoc_begin(const char *page, int section, const char *about) {
    print(".\\\" Written by `linnet help --man %s`: not to be edited.\n.Dd %s\n.Dt ", page,
          LINNET_DATE);
    for (const char *at = page; *at; at++)
        print("%c", toupper((unsigned char)*at));
    print(" %d\n.Os linnet %s\n.Sh NAME\n.Nm %s\n.Nd %s\n", section, LINNET_VERSION, page, about);
}

void mdoc_section(const char *title) { print(".Sh %s\n", title); }
void mdoc_subsection(const char *title) { print(".Ss %s\n", title); }

void mdoc_macro(const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print("%s\n", text);
}

/* How roff is told this character, in quotes of a macro's argument, too; NULL: as it is. */
static const char *escape_of(char character) {
    switch (character) {
    case '\\': return "\\e";
    case '"': return "\\(dq";
    case '-': return "\\-";
    case '`': return "\\(ga";
    case '\'': return "\\(aq";
    case '^': return "\\(ha";
    case '~': return "\\(ti";
    default: return NULL;
    }
}

static size_t escaped_length(struct slice text) {
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char *escape = escape_of(text.data[i]);
        length += escape ? strlen(escape) : 1;
    }
    return length;
}

static void print_escaped(struct slice text) {
    for (size_t i = 0; i < text.length; i++) {
        const char *escape = escape_of(text.data[i]);
        print_slice(escape ? slice_of(escape) : slice_from(text.data + i, 1));
    }
}

void mdoc_quoted(const char *macro, const char *text) {
    print(".%s \"", macro);
    print_escaped(slice_of(text));
    print("\\&\"\n"); /* so that what ends it is no delimiter of mdoc's */
}

void mdoc_item(const char *macro, const char *text) {
    print(".It %s \"", macro);
    print_escaped(slice_of(text));
    print("\"\n");
}

void mdoc_list(void) { print(".Bl -tag -width Ds\n"); }
void mdoc_list_end(void) { print(".El\n"); }

/* Words one after the other; a sentence begins a line, as mdoc wants it. */
struct filling {
    size_t column;
    bool sentence_ended;
};

static void fill_word(struct filling *filling, struct slice word) {
    size_t length = escaped_length(word);
    bool breaks = filling->sentence_ended || filling->column + length > LINE_COLUMNS;
    if (filling->column && breaks) {
        print("\n");
        filling->column = 0;
    }
    if (filling->column) print(" ");
    if (filling->column == 0 && (word.data[0] == '.' || word.data[0] == '\'')) print("\\&");
    print_escaped(word);
    filling->column += length + 1;
    size_t end = word.length;
    while (end > 1 && strchr(")\"'", word.data[end - 1]))
        end--;
    filling->sentence_ended = strchr(".!?", word.data[end - 1]) != NULL;
}

static void fill_line(struct filling *filling, struct slice line) {
    while (line.length) {
        const char *space = memchr(line.data, ' ', line.length);
        struct slice word = slice_first(line, space ? (size_t)(space - line.data) : line.length);
        if (word.length) fill_word(filling, word);
        line = slice_skip(line, MIN(word.length + 1, line.length));
    }
}

static void end_text(struct filling *filling) {
    if (filling->column) print("\n");
    *filling = (struct filling){ 0 };
}

static struct slice take_line(struct slice *text) {
    const char *newline = memchr(text->data, '\n', text->length);
    struct slice line = slice_first(*text, newline ? (size_t)(newline - text->data) : text->length);
    *text = slice_skip(*text, MIN(line.length + 1, text->length));
    return line;
}

void mdoc_say(const char *format, ...) {
    static char text[8192]; /* the command line has one thread */
    struct filling filling = { 0 };
    bool literal = false;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (struct slice left = slice_of(text); left.length;) {
        struct slice line = take_line(&left);
        bool kept = slice_starts(line, SLICE("  "));
        if (kept != literal) {
            end_text(&filling);
            print(kept ? ".Bd -literal -offset indent\n" : ".Ed\n.Pp\n");
        }
        literal = kept;
        if (line.length == 0) {
            end_text(&filling);
            print(".Pp\n");
        } else if (!kept) {
            fill_line(&filling, line);
        } else {
            print_escaped(slice_skip(line, 2));
            print("\n");
        }
    }
    end_text(&filling);
    if (literal) print(".Ed\n");
}
