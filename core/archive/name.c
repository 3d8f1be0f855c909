/* archive/name.h */
#include "archive/name.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/hash.h"
#include <stdio.h>
#include <stdlib.h>

#define MOST_PIECES 64
#define MOST_DIGITS 9
/* Of a prefix with its longest values, so that the rest of a name has room behind it. */
#define LONGEST_PREFIX 700
#define LONGEST_PART 255

enum piece_kind { PIECE_TEXT, PIECE_DATE, PIECE_RANDOM, PIECE_ERROR_TYPE, PIECE_MEMBER };

struct prefix_piece {
    enum piece_kind kind;
    struct slice text; /* of PIECE_TEXT */
    char letter;       /* of PIECE_DATE */
    unsigned digits;
    enum partition_member member;
};

/* ---- compiling ------------------------------------------------------------------------------ */

struct compiling {
    struct slice text;
    const char *option; /* "prefix" */
    enum prefix_kind kind;
    struct prefix_piece *pieces;
    size_t count;
    uint32_t members;
    bool dated, typed, expressed;
    struct error *err;
};

static bool refuse(struct compiling *compiling, const char *at, const char *what) {
    size_t place = (size_t)(at - compiling->text.data);
    return error_set(compiling->err, ERROR_CONFIG, "%s: %s, at character %zu of \"%.*s\"",
                     compiling->option, what, place + 1,
                     SLICE_ARGS(slice_first(compiling->text, 200)));
}

static bool add(struct compiling *compiling, struct prefix_piece piece, const char *at) {
    if (piece.kind == PIECE_TEXT && piece.text.length == 0) return true;
    if (compiling->count == MOST_PIECES) return refuse(compiling, at, "it has too many parts");
    compiling->pieces[compiling->count++] = piece;
    return true;
}

static bool add_text(struct compiling *compiling, struct slice text) {
    return add(compiling, (struct prefix_piece){ .kind = PIECE_TEXT, .text = text }, text.data);
}

static bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* 'text', where '' is a quote; *at is behind it. */
static bool add_quoted(struct compiling *compiling, struct slice *at) {
    const char *begin = at->data;
    struct slice rest = slice_skip(*at, 1);
    if (slice_starts(rest, SLICE("'"))) {
        *at = slice_skip(rest, 1);
        return add_text(compiling, slice_first(rest, 1));
    }
    const char *end = memchr(rest.data, '\'', rest.length);
    if (end == NULL) return refuse(compiling, begin, "the quote is not closed");
    size_t length = (size_t)(end - rest.data);
    *at = slice_skip(rest, length + 1);
    /* A doubled one is both: in the text, and the beginning of the rest of it. */
    bool doubled = slice_starts(*at, SLICE("'"));
    return add_text(compiling, slice_first(rest, length + doubled));
}

static bool add_letters(struct compiling *compiling, struct slice *at) {
    struct prefix_piece piece = { .kind = PIECE_DATE, .letter = at->data[0] };
    const char *begin = at->data;
    while (at->length && at->data[0] == piece.letter) {
        piece.digits++;
        *at = slice_skip(*at, 1);
    }
    if (strchr("yuMdDHmsS", piece.letter) == NULL || piece.digits > MOST_DIGITS ||
        (strchr("MdHms", piece.letter) && piece.digits > 2))
        return refuse(compiling, begin, "a date is made of yyyy MM dd DDD HH mm ss SSS and 'text'");
    if (piece.letter == 'u') piece.letter = 'y';
    return add(compiling, piece, begin);
}

static bool add_date(struct compiling *compiling, struct slice pattern) {
    struct slice at = pattern;
    compiling->dated = true;
    if (at.length == 0) return refuse(compiling, pattern.data, "the date's pattern is missing");
    while (at.length) {
        bool added;
        if (at.data[0] == '\'')
            added = add_quoted(compiling, &at);
        else if (is_letter(at.data[0]))
            added = add_letters(compiling, &at);
        else {
            added = add_text(compiling, slice_first(at, 1));
            at = slice_skip(at, 1);
        }
        if (!added) return false;
    }
    return true;
}

static const char *const expressions[] = { "query",
                                           "lang",
                                           "network",
                                           "firehose:random-string",
                                           "firehose:error-output-type",
                                           "timestamp:yyyy/MM/dd",
                                           NULL };
enum { AT_RANDOM = PARTITION_MEMBERS, AT_ERROR_TYPE };

static const char *expression_at(const void *context, size_t i) {
    (void)context;
    return expressions[i];
}

static bool refuse_unknown(struct compiling *compiling, struct slice inside, const char *begin) {
    char what[120];
    snprintf(what, sizeof what, "there is no \"!{%.*s}\"", SLICE_ARGS(slice_first(inside, 60)));
    refuse(compiling, begin, what);
    const char *near = nearest_name(inside, expression_at, NULL);
    if (near)
        error_suggest(compiling->err, "did you mean \"!{%s}\"?", near);
    else
        error_suggest(compiling->err, "it takes !{timestamp:yyyy/MM/dd}, !{query}, !{lang}, "
                                      "!{network} and !{firehose:random-string}");
    return false;
}

/* What stands between "!{" and "}". */
static bool add_expression(struct compiling *compiling, struct slice inside, const char *begin) {
    bool errors = compiling->kind == PREFIX_ERRORS;
    compiling->expressed = true;
    if (slice_starts(inside, SLICE("timestamp:")))
        return add_date(compiling, slice_skip(inside, 10));
    size_t found = 0;
    while (found <= AT_ERROR_TYPE && !slice_is(inside, expressions[found]))
        found++;
    struct prefix_piece piece = { .kind = PIECE_RANDOM };
    if (found == AT_RANDOM) return add(compiling, piece, begin);
    if (found > AT_ERROR_TYPE) return refuse_unknown(compiling, inside, begin);
    if (found == AT_ERROR_TYPE) {
        piece.kind = PIECE_ERROR_TYPE;
        compiling->typed = true;
        return errors ? add(compiling, piece, begin)
                      : refuse(compiling, begin, "the type of an error is for error_prefix");
    }
    piece.kind = PIECE_MEMBER;
    piece.member = (enum partition_member)found;
    compiling->members |= UINT32_C(1) << found;
    return errors ? refuse(compiling, begin, "errors are not told apart by what posts say")
                  : add(compiling, piece, begin);
}

static bool add_all(struct compiling *compiling) {
    struct slice at = compiling->text;
    while (at.length) {
        const char *begin = memmem(at.data, at.length, "!{", 2);
        if (begin == NULL) return add_text(compiling, at);
        if (!add_text(compiling, slice_first(at, (size_t)(begin - at.data)))) return false;
        at = slice_skip(at, (size_t)(begin - at.data) + 2);
        const char *end = memchr(at.data, '}', at.length);
        if (end == NULL) return refuse(compiling, begin, "\"!{\" is not closed");
        struct slice inside = slice_first(at, (size_t)(end - at.data));
        if (!add_expression(compiling, inside, begin)) return false;
        at = slice_skip(at, inside.length + 1);
    }
    return true;
}

/* What Firehose adds by itself. */
static bool add_defaults(struct compiling *compiling) {
    bool errors = compiling->kind == PREFIX_ERRORS;
    struct slice text = compiling->text;
    if (errors && compiling->expressed && !compiling->typed)
        return refuse(compiling, text.data,
                      "with expressions it needs !{firehose:error-output-type}");
    if (errors && !compiling->typed) {
        if (text.length && !slice_ends(text, SLICE("/")) && !add_text(compiling, SLICE("/")))
            return false;
        if (!add(compiling, (struct prefix_piece){ .kind = PIECE_ERROR_TYPE }, text.data) ||
            !add_text(compiling, SLICE("/")))
            return false;
    }
    return compiling->dated || add_date(compiling, SLICE("yyyy/MM/dd/HH/"));
}

static size_t render(const struct prefix *prefix, const struct naming *naming, char *into,
                     size_t room);

/* No part of the path is empty, "." or "..", holds a control character or is too long, whatever the
 * values. */
static bool check_path(struct compiling *compiling, const struct prefix *prefix) {
    struct partition longest = { .members = prefix->members };
    for (int i = 0; i < PARTITION_MEMBERS; i++)
        memset(longest.values[i], 'x', PARTITION_VALUE_BYTES - 1);
    char path[4096];
    struct naming naming = { .partition = &longest };
    size_t length = render(prefix, &naming, path, sizeof path);
    const char *text = compiling->text.data;
    if (length > LONGEST_PREFIX) return refuse(compiling, text, "it is too long");
    for (const char *at = path, *end; *at; at = end + (*end != '\0')) {
        end = at + strcspn(at, "/");
        struct slice part = slice_from(at, (size_t)(end - at));
        bool empty = part.length == 0, dots = slice_is(part, ".") || slice_is(part, "..");
        if (empty || dots)
            return refuse(compiling, text,
                          empty ? "a folder's name is empty" : "no folder is \".\" or \"..\"");
        if (part.length > LONGEST_PART - 140) /* the last part goes on with a name */
            return refuse(compiling, text, "a folder's name is too long");
        for (size_t i = 0; i < part.length; i++)
            if ((unsigned char)part.data[i] < ' ' || part.data[i] == 127)
                return refuse(compiling, text, "a control character is no part of a name");
    }
    return true;
}

bool prefix_compile(const char *text, enum prefix_kind kind, struct arena *arena,
                    struct prefix *prefix, struct error *err) {
    struct compiling compiling = { .text = arena_copy(arena, slice_of(text ? text : "")),
                                   .option = kind == PREFIX_ERRORS ? "error_prefix" : "prefix",
                                   .kind = kind,
                                   .pieces =
                                       arena_zeroed(arena, MOST_PIECES, sizeof *compiling.pieces),
                                   .err = err };
    if (!add_all(&compiling) || !add_defaults(&compiling)) return false;
    *prefix = (struct prefix){ compiling.pieces, compiling.count, compiling.members };
    return check_path(&compiling, prefix);
}

/* ---- making names --------------------------------------------------------------------------- */

struct moment {
    char text[DATE_BYTES]; /* "2018-10-10T20:19:24.000Z" */
    unsigned day;          /* of the year */
};

static unsigned number_at(const char *text, size_t digits) {
    unsigned number = 0;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (unsigned)(text[i] - '0');
    return number;
}

static struct moment moment_of(int64_t ms) {
    static const unsigned before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    struct moment moment;
    date_write(ms, moment.text);
    unsigned year = number_at(moment.text, 4), month = number_at(moment.text + 5, 2);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    moment.day = before[month - 1] + number_at(moment.text + 8, 2) + (leap && month > 2);
    return moment;
}

/* Java's rules: at least so many digits; yy is the year's end, S are the first digits of a second's
 * fraction. */
static int write_date(const struct moment *moment, const struct prefix_piece *piece, char out[16]) {
    static const struct {
        char letter;
        size_t at, digits;
    } places[] = { { 'y', 0, 4 },  { 'M', 5, 2 },  { 'd', 8, 2 },
                   { 'H', 11, 2 }, { 'm', 14, 2 }, { 's', 17, 2 } };
    if (piece->letter == 'D') return snprintf(out, 16, "%0*u", (int)piece->digits, moment->day);
    if (piece->letter == 'S') {
        char digits[] = "000000000";
        memcpy(digits, moment->text + 20, 3);
        return snprintf(out, 16, "%.*s", (int)piece->digits, digits);
    }
    size_t i = 0;
    while (places[i].letter != piece->letter)
        i++;
    unsigned number = number_at(moment->text + places[i].at, places[i].digits);
    if (piece->letter == 'y' && piece->digits == 2) number %= 100;
    return snprintf(out, 16, "%0*u", (int)piece->digits, number);
}

static int write_random(char out[16]) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    uint64_t bits = random_bits();
    for (int i = 0; i < 11; i++, bits /= 36)
        out[i] = letters[bits % 36];
    return 11;
}

static struct slice piece_text(const struct prefix_piece *piece, const struct naming *naming,
                               const struct moment *moment, char room[16]) {
    switch (piece->kind) {
    case PIECE_TEXT: return piece->text;
    case PIECE_DATE: return slice_from(room, (size_t)write_date(moment, piece, room));
    case PIECE_RANDOM: return slice_from(room, (size_t)write_random(room));
    case PIECE_ERROR_TYPE: return SLICE("processing-failed");
    case PIECE_MEMBER: break;
    }
    return slice_of(naming->partition->values[piece->member]);
}

/* The length; what has no room is cut off. */
static size_t render(const struct prefix *prefix, const struct naming *naming, char *into,
                     size_t room) {
    struct moment moment = moment_of(naming->oldest_ms);
    char piece[16];
    size_t length = 0;
    for (size_t i = 0; i < prefix->count; i++) {
        struct slice text = piece_text(&prefix->pieces[i], naming, &moment, piece);
        text = slice_first(text, room - 1 - length);
        if (text.length) memcpy(into + length, text.data, text.length);
        length += text.length;
    }
    into[length] = '\0';
    return length;
}

void object_name(const struct prefix *prefix, const struct naming *naming,
                 char into[INTENT_OBJECT_BYTES]) {
    size_t length = render(prefix, naming, into, LONGEST_PREFIX + 1);
    struct moment moment = moment_of(naming->oldest_ms);
    const char *at = moment.text;
    uint64_t high = random_bits(), low = random_bits();
    snprintf(into + length, INTENT_OBJECT_BYTES - length,
             "%.64s-1-%.10s-%.2s-%.2s-%.2s-%08llx-%04llx-4%03llx-%04llx-%012llx%s", naming->stream,
             at, at + 11, at + 14, at + 17, (unsigned long long)(high >> 32),
             (unsigned long long)(high >> 16 & 0xffff), (unsigned long long)(high & 0xfff),
             (unsigned long long)(low >> 50 | 0x8000),
             (unsigned long long)(low & UINT64_C(0xffffffffffff)), naming->ending);
}

/* ---- values --------------------------------------------------------------------------------- */

static bool stays(char byte, bool inside) {
    return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' ||
           (byte == '.' && inside);
}

void partition_value(struct slice value, const char *otherwise, char into[PARTITION_VALUE_BYTES]) {
    static const char digits[] = "0123456789ABCDEF";
    size_t length = 0, most = PARTITION_VALUE_BYTES - 1, cut = most - 17;
    size_t kept = 0; /* as much of it as leaves room for a hash */
    for (size_t i = 0; i < value.length && length <= most; i++) {
        char room[3] = { value.data[i] };
        size_t more = stays(room[0], i > 0) ? 1 : 3;
        if (more == 3) {
            room[0] = '%';
            room[1] = digits[(unsigned char)value.data[i] >> 4];
            room[2] = digits[value.data[i] & 15];
        }
        if (length + more <= most) memcpy(into + length, room, more);
        length += more;
        if (length <= cut) kept = length;
    }
    if (length > most)
        snprintf(into + kept, PARTITION_VALUE_BYTES - kept, "-%016llx",
                 (unsigned long long)hash_bytes(value));
    else
        into[length] = '\0';
    if (length == 0) snprintf(into, PARTITION_VALUE_BYTES, "%s", otherwise);
}
