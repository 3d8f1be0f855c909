/* text/fold.h: ASCII by hand, everything else through utf8proc, a piece at a time. */
#include "text/fold.h"
#include "base/compiler.h"
#include "base/utf8.h"
#include <utf8proc.h>

/* A piece of n bytes has at most n code points; decomposed, each becomes at most four. */
#define PIECE_CODE_POINTS ((size_t)FOLD_PIECE_BYTES * 4)

struct piece {
    int32_t code_points[PIECE_CODE_POINTS];
    size_t count;
};

static char lower_ascii(char byte) { return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte; }

/* The bytes before the first that is not ASCII, lower-cased into `out`. */
static size_t fold_ascii(struct slice text, char *out) {
    size_t i = 0;
    for (; i < text.length && (unsigned char)text.data[i] < 0x80; i++)
        out[i] = lower_ascii(text.data[i]);
    return i;
}

/* Canonical order (Unicode 3.11, D108): marks between starters sorted by class, stably. */
static void piece_order(struct piece *piece) {
    for (size_t i = 1; i < piece->count; i++) {
        int32_t mark = piece->code_points[i];
        int class = utf8proc_get_property(mark)->combining_class;
        size_t at = i;
        while (class > 0 && at > 0 &&
               utf8proc_get_property(piece->code_points[at - 1])->combining_class > class) {
            piece->code_points[at] = piece->code_points[at - 1];
            at--;
        }
        piece->code_points[at] = mark;
    }
}

/* Adds what `code_point` decomposes to under `options`. */
static void piece_add(struct piece *piece, int32_t code_point, utf8proc_option_t options) {
    size_t room = PIECE_CODE_POINTS - piece->count;
    int class = 0;
    utf8proc_ssize_t added =
        utf8proc_decompose_char(code_point, piece->code_points + piece->count,
                                (utf8proc_ssize_t)room, options | UTF8PROC_COMPOSE, &class);
    if (added > 0 && (size_t)added <= room) piece->count += (size_t)added;
}

static void piece_compose(struct piece *piece) {
    piece_order(piece);
    utf8proc_ssize_t count = utf8proc_normalize_utf32(
        piece->code_points, (utf8proc_ssize_t)piece->count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (count >= 0) piece->count = (size_t)count;
}

/* Folding U+0345 before marks are in order would differ from folding it after: NFC comes first
 * wherever a mark occurs. Without marks the text is folded as it is. */
static void piece_normalize(struct piece *piece) {
    struct piece folded;
    folded.count = 0;
    piece_compose(piece);
    for (size_t i = 0; i < piece->count; i++)
        piece_add(&folded, piece->code_points[i], UTF8PROC_CASEFOLD);
    piece->count = folded.count;
    memcpy(piece->code_points, folded.code_points, folded.count * sizeof *folded.code_points);
    piece_compose(piece);
}

/* The folded form of a code point that is on its own in NFC whatever stands next to it before and
 * folds to one other; 0 when this is not known cheaply. */
static uint32_t fold_simple(uint32_t code_point) {
    if (code_point < 0x80) return (uint32_t)(unsigned char)lower_ascii((char)code_point);
    if (code_point < 0x483) {
        bool latin = code_point >= 0xC0 && code_point < 0x17F && code_point != 0xDF &&
                     code_point != 0x130 && code_point != 0x149;
        bool simple = latin || code_point >= 0x400; /* or Cyrillic */
        return simple ? (uint32_t)utf8proc_tolower((int32_t)code_point) : 0;
    }
    bool kana_or_han = code_point >= 0x30A1 && code_point < 0xA000;
    bool hangul = code_point >= 0xAC00 && code_point < 0xD7A4;
    if (!kana_or_han && !hangul) return 0;
    const utf8proc_property_t *property = utf8proc_get_property((int32_t)code_point);
    bool alone = property->combining_class == 0 && property->casefold_seqindex == UINT16_MAX;
    return alone ? code_point : 0;
}

/* Folds from `*at` to `stop` as long as fold_simple knows how; false (with what was written to be
 * forgotten) when it does not. */
static bool fold_quickly(const char **at, const char *stop, const char *end, char *out,
                         size_t *length) {
    while (*at < stop) {
        uint32_t code_point = utf8_decode(at, end);
        if (code_point == 0x2019) code_point = '\'';
        uint32_t folded = fold_simple(code_point);
        if (folded == 0) return false;
        *length += utf8_encode(folded, out + *length);
    }
    return true;
}

/* Reads up to FOLD_PIECE_BYTES from `*at`, folds them and writes UTF-8; returns its length. */
static size_t fold_piece(const char **at, const char *end, char *out) {
    const char *start = *at;
    const char *stop = *at + MIN((size_t)(end - *at), FOLD_PIECE_BYTES - 3);
    size_t quick_length = 0;
    if (fold_quickly(at, stop, end, out, &quick_length)) return quick_length;
    *at = start;
    struct piece piece;
    piece.count = 0;
    while (*at < stop) {
        uint32_t code_point = utf8_decode(at, end);
        if (code_point == 0x2019) code_point = '\'';
        piece_add(&piece, (int32_t)code_point, 0);
    }
    piece_normalize(&piece);
    size_t length = 0;
    for (size_t i = 0; i < piece.count; i++)
        length += utf8_encode((uint32_t)piece.code_points[i], out + length);
    return length;
}

struct slice fold_text(struct slice text, struct arena *arena) {
    /* A byte grows to at most three (a broken one to U+FFFD); a piece may pass that while it is
     * written. */
    char *out = arena_alloc(arena, text.length);
    size_t length = fold_ascii(text, out);
    if (length == text.length) return slice_from(out, length);
    const char *at = text.data, *end = text.data + text.length;
    size_t room = text.length * 3 + 4;
    arena_shrink(arena, out, 0);
    out = arena_alloc(arena, room);
    length = 0;
    while (at < end)
        length += fold_piece(&at, end, out + length);
    arena_shrink(arena, out, length);
    return slice_from(out, length);
}
