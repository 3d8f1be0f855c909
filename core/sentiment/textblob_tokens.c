/* sentiment/textblob_engine.h: the text to words and punctuation marks, in one pass. */
#include "base/utf8.h"
#include "sentiment/textblob_engine.h"
#include "sentiment/unicode.h"

/* What the reference puts between paragraphs; the same words in a post have the same effect. */
#define SENTENCE_MARK SLICE("END-OF-SENTENCE")

struct reader {
    const struct textblob *engine;
    const char *start, *end;
    const char *item; /* where what is no blank began, NULL = nothing yet */
    struct textblob_token *tokens;
    size_t count;
    bool closing;      /* after the end of a sentence, among marks that still belong to it */
    size_t line_feeds; /* that follow each other right here */
};

/* Marks that the tokenizer parts from words; the full stop has rules of its own. */
static bool is_mark(char byte) {
    return (byte_kind(byte) & (BYTE_PUNCTUATION | BYTE_JOINER)) == BYTE_PUNCTUATION;
}

static bool is_one_of(struct slice token, const char *bytes) {
    return token.length == 1 && token.data[0] && strchr(bytes, token.data[0]) != NULL;
}

/* U+201D and U+2019 */
static bool is_closing_quote(struct slice token) {
    return slice_equal(token, SLICE("\xE2\x80\x9D")) || slice_equal(token, SLICE("\xE2\x80\x99"));
}

static void sentence_end(struct reader *reader) {
    if (reader->count) reader->tokens[reader->count - 1].ends_sentence = true;
}

/* "( ! )" is a mark of irony; the three tokens are one. */
static bool irony_join(struct reader *reader, struct slice token) {
    if (!is_one_of(token, ")") || reader->count < 2) return false;
    struct textblob_token *last = &reader->tokens[reader->count - 2];
    if (last[0].length != 1 || last[0].data[0] != '(' || last[1].length != 1 ||
        last[1].data[0] != '!')
        return false;
    *last = (struct textblob_token){ .data = "(!)", .length = 3, .mended = true };
    reader->count--;
    return true;
}

static void token_add(struct reader *reader, struct slice token) {
    bool ends = is_one_of(token, ".!?") || slice_equal(token, SLICE("..."));
    bool closes = ends || is_one_of(token, ")") || is_closing_quote(token);
    if (irony_join(reader, token)) {
        sentence_end(reader);
        return;
    }
    if (token.length == SENTENCE_MARK.length && slice_equal(token, SENTENCE_MARK)) {
        sentence_end(reader);
        reader->closing = reader->count > 0;
        return;
    }
    if (reader->closing && closes) reader->tokens[reader->count - 1].ends_sentence = false;
    reader->tokens[reader->count++] =
        (struct textblob_token){ .data = token.data, .length = (uint32_t)token.length };
    reader->closing = ends || (reader->closing && closes);
    if (reader->closing) sentence_end(reader);
}

/* How many bytes of marks fall off the end of `item` next. */
static size_t marks_length(const struct textblob *engine, struct slice item) {
    size_t dots = 0;
    if (item.length && is_mark(item.data[item.length - 1])) return 1;
    while (dots < item.length && item.data[item.length - 1 - dots] == '.')
        dots++;
    if (dots == 0 || dots >= 3) return dots;
    return textblob_keeps_stop(engine, item) ? 0 : 1;
}

/* Where the word in `item` ends and the marks behind it begin. */
static size_t word_length(const struct textblob *engine, struct slice item) {
    size_t marks;
    while ((marks = marks_length(engine, item)) > 0)
        item.length -= marks;
    return item.length;
}

/* Marks one by one; three full stops and more are one ellipsis. */
static void marks_add(struct reader *reader, struct slice marks) {
    while (marks.length) {
        size_t dots = 0;
        while (dots < marks.length && marks.data[dots] == '.')
            dots++;
        token_add(reader, slice_first(marks, dots >= 3 ? 3 : 1));
        marks = slice_skip(marks, dots >= 3 ? dots : 1);
    }
}

/* What stands between blanks: marks, a word, marks. */
static void item_add(struct reader *reader, struct slice item) {
    while (item.length && is_mark(item.data[0])) {
        token_add(reader, slice_first(item, 1));
        item = slice_skip(item, 1);
    }
    size_t length = word_length(reader->engine, item);
    if (length) token_add(reader, slice_first(item, length));
    marks_add(reader, slice_skip(item, length));
}

static void item_end(struct reader *reader, const char *at) {
    if (reader->item && reader->item < at)
        item_add(reader, slice_from(reader->item, (size_t)(at - reader->item)));
    reader->item = NULL;
}

/* A quote stands alone, whatever is around it; "n't" loses its n to itself, so that the reference
 * knows no "don't". */
static void quote_read(struct reader *reader, const char *at, const char *next) {
    if (*at == '\'' && at > reader->start && at[-1] == 'n' && next < reader->end && *next == 't') {
        item_end(reader, at - 1);
        reader->item = at - 1;
    }
    item_end(reader, at);
    token_add(reader, slice_from(at, (size_t)(next - at)));
}

/* An empty line ends a sentence. */
static void space_read(struct reader *reader, const char *at, const char *next) {
    item_end(reader, at);
    bool pair = *at == '\r' && next < reader->end && *next == '\n';
    if (*at == '\n') {
        if (++reader->line_feeds == 2) token_add(reader, SENTENCE_MARK);
    } else if (!pair) {
        reader->line_feeds = 0;
    }
}

static bool is_curly_quote(uint32_t code_point) {
    return code_point == 0x2018 || code_point == 0x2019 || code_point == 0x201C ||
           code_point == 0x201D;
}

void textblob_tokens_read(const struct textblob *engine, struct slice text,
                          struct textblob_tokens *tokens) {
    struct reader reader = {
        .engine = engine,
        .start = text.data,
        .end = text.data + text.length,
        .tokens = tokens->items,
    };
    const char *at = text.data;
    while (at < reader.end) {
        const char *next = at;
        uint8_t kind = byte_kind(*at);
        uint32_t code_point = utf8_decode(&next, reader.end);
        if (kind & BYTE_SPACE || (kind & BYTE_HIGH && unicode_is_space(code_point))) {
            space_read(&reader, at, next);
        } else {
            reader.line_feeds = 0;
            if (kind & BYTE_QUOTE || is_curly_quote(code_point))
                quote_read(&reader, at, next);
            else if (reader.item == NULL)
                reader.item = at;
        }
        at = next;
    }
    item_end(&reader, at);
    tokens->count = reader.count;
}
