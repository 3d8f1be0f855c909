/* json/writer.h */
#include "json/writer.h"
#include "base/date.h"
#include "base/utf8.h"
#include "json/number.h"

#define REPLACEMENT "\xEF\xBF\xBD"

void writer_init(struct writer *writer, struct arena *arena, size_t expected_bytes) {
    size_t bytes = expected_bytes < 64 ? 64 : expected_bytes;
    char *start = arena_alloc(arena, bytes);
    *writer =
        (struct writer){ .arena = arena, .start = start, .next = start, .end = start + bytes };
}

struct slice writer_finish(struct writer *writer) {
    size_t length = (size_t)(writer->next - writer->start);
    arena_shrink(writer->arena, writer->start, length);
    return slice_from(writer->start, length);
}

static void grow(struct writer *writer, size_t bytes) {
    size_t used = (size_t)(writer->next - writer->start);
    size_t room = (size_t)(writer->end - writer->start) * 2 + bytes;
    char *moved = arena_alloc(writer->arena, room);
    memcpy(moved, writer->start, used);
    writer->start = moved;
    writer->next = moved + used;
    writer->end = moved + room;
}

static inline char *reserve(struct writer *writer, size_t bytes) {
    if ((size_t)(writer->end - writer->next) < bytes) grow(writer, bytes);
    return writer->next;
}

/* Room for `bytes` and the comma that may be due, which is written. */
static inline char *begin_value(struct writer *writer, size_t bytes) {
    char *to = reserve(writer, bytes + 1);
    if (writer->comma) *to++ = ',';
    writer->comma = true;
    writer->next = to;
    return to;
}

static void open_with(struct writer *writer, char bracket) {
    *begin_value(writer, 1) = bracket;
    writer->next++;
    writer->comma = false;
}

static void close_with(struct writer *writer, char bracket) {
    *reserve(writer, 1) = bracket;
    writer->next++;
    writer->comma = true;
}

void write_object(struct writer *writer) { open_with(writer, '{'); }
void write_object_end(struct writer *writer) { close_with(writer, '}'); }
void write_array(struct writer *writer) { open_with(writer, '['); }
void write_array_end(struct writer *writer) { close_with(writer, ']'); }

/* Bytes that cannot stand in a JSON string as they are: controls, '"', '\\', and the start of
 * anything that is not ASCII, which is looked at. */
static bool is_plain(unsigned char byte) {
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Whether the next eight bytes are; they go to *word. */
static bool all_plain(const char *at, uint64_t *word) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    memcpy(word, at, 8);
    uint64_t quote = *word ^ ones * '"', backslash = *word ^ ones * '\\';
    /* a byte below 0x20, and then perhaps those behind it, borrows from its high bit */
    return ((*word | (*word - ones * 0x20) | (quote - ones) | (backslash - ones)) & high) == 0;
}

static char *escape(unsigned char byte, char *to) {
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "btn\0fr"; /* 8, 9, 10, (11), 12, 13 */
    *to++ = '\\';
    if (byte == '"' || byte == '\\')
        *to++ = (char)byte;
    else if (byte >= 8 && byte <= 13 && byte != 11)
        *to++ = letters[byte - 8];
    else {
        memcpy(to, "u00", 3);
        to[3] = hex[byte >> 4];
        to[4] = hex[byte & 15];
        to += 5;
    }
    return to;
}

/* Copies one code point of more than one byte, or U+FFFD for a broken byte. */
static char *copy_wide(const char **at, const char *end, char *to) {
    const char *start = *at;
    uint32_t code_point = utf8_decode(at, end);
    if (code_point == UTF8_REPLACEMENT) {
        memcpy(to, REPLACEMENT, 3);
        return to + 3;
    }
    size_t length = (size_t)(*at - start);
    memcpy(to, start, length);
    return to + length;
}

void write_text(struct writer *writer, struct slice text) {
    char *to = begin_value(writer, text.length * 6 + 2);
    const char *at = text.data, *end = text.length ? at + text.length : at;
    *to++ = '"';
    while (at < end) {
        for (uint64_t word; end - at >= 8 && all_plain(at, &word); at += 8, to += 8)
            memcpy(to, &word, 8);
        if (at == end) break;
        unsigned char byte = (unsigned char)*at;
        if (LIKELY(is_plain(byte))) {
            *to++ = (char)byte;
            at++;
        } else if (byte < 0x80) {
            to = escape(byte, to);
            at++;
        } else
            to = copy_wide(&at, end, to);
    }
    *to++ = '"';
    writer->next = to;
}

void write_name(struct writer *writer, struct slice name) {
    write_text(writer, name);
    *reserve(writer, 1) = ':';
    writer->next++;
    writer->comma = false;
}

void write_raw(struct writer *writer, struct slice json) {
    char *to = begin_value(writer, json.length);
    memcpy(to, json.data, json.length);
    writer->next = to + json.length;
}

void write_integer(struct writer *writer, int64_t value) {
    char digits[24], *at = digits + sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0) *--at = '-';
    write_raw(writer, slice_from(at, (size_t)(digits + sizeof digits - at)));
}

void write_double(struct writer *writer, double value) {
    char text[NUMBER_BYTES];
    write_raw(writer, slice_from(text, number_write(value, text)));
}

void write_text_member(struct writer *writer, const char *name, struct slice text) {
    write_name(writer, slice_of(name));
    write_text(writer, text);
}

void write_integer_member(struct writer *writer, const char *name, int64_t value) {
    write_name(writer, slice_of(name));
    write_integer(writer, value);
}

void write_flag_member(struct writer *writer, const char *name, bool value) {
    write_name(writer, slice_of(name));
    write_raw(writer, value ? SLICE("true") : SLICE("false"));
}

void write_null_member(struct writer *writer, const char *name) {
    write_name(writer, slice_of(name));
    write_raw(writer, SLICE("null"));
}

void write_time_member(struct writer *writer, const char *name, int64_t ms) {
    char text[DATE_BYTES];
    write_text_member(writer, name, slice_from(text, date_write(ms, text)));
}
