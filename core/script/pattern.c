/* script/pattern.h: backtracking over offsets; what can follow is matched by recursion, at most
 * MAX_DEPTH deep, as in Lua. */
#include "script/pattern.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 200
#define NO_MATCH SIZE_MAX

static size_t match(struct pattern *pattern, size_t s, size_t p);

void pattern_init(struct pattern *pattern, struct slice subject, struct slice text) {
    pattern->subject = subject;
    pattern->text = text;
    pattern->steps = 0;
    pattern->max_steps = UINT64_MAX;
    pattern->fault[0] = '\0';
    pattern->capture_count = 0;
}

bool pattern_is_plain(struct slice text) {
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] && strchr("^$*+?.([%-", text.data[i])) return false;
    return true;
}

static bool has_ended(const struct pattern *pattern) {
    return pattern->fault[0] || pattern->steps > pattern->max_steps;
}

static size_t fault(struct pattern *pattern, const char *text) {
    snprintf(pattern->fault, sizeof pattern->fault, "%s", text);
    return NO_MATCH;
}

/* The byte there; 0 behind the end, which no operator is. */
static unsigned char byte_at(struct slice text, size_t at) {
    return at < text.length ? (unsigned char)text.data[at] : 0;
}

/* ---- one byte ------------------------------------------------------------------------------- */

static size_t set_end(struct pattern *pattern, size_t p) {
    struct slice text = pattern->text;
    if (byte_at(text, p) == '^') p++;
    do { /* the first byte is a member, even "]" */
        if (p >= text.length) return fault(pattern, "malformed pattern (missing ']')");
        p += text.data[p] == '%' && p + 1 < text.length ? 2 : 1;
    } while (byte_at(text, p) != ']');
    return p + 1;
}

/* Where the item that stands for one byte ends. */
static size_t item_end(struct pattern *pattern, size_t p) {
    unsigned char first = byte_at(pattern->text, p);
    if (first == '[') return set_end(pattern, p + 1);
    if (first != '%') return p + 1;
    if (p + 1 < pattern->text.length) return p + 2;
    return fault(pattern, "malformed pattern (ends with '%')");
}

static bool class_has(unsigned char class, unsigned char byte) {
    bool has;
    switch (tolower(class)) {
    case 'a': has = isalpha(byte); break;
    case 'c': has = iscntrl(byte); break;
    case 'd': has = isdigit(byte); break;
    case 'g': has = isgraph(byte); break;
    case 'l': has = islower(byte); break;
    case 'p': has = ispunct(byte); break;
    case 's': has = isspace(byte); break;
    case 'u': has = isupper(byte); break;
    case 'w': has = isalnum(byte); break;
    case 'x': has = isxdigit(byte); break;
    case 'z': has = byte == 0; break;
    default: return class == byte;
    }
    return has != (isupper(class) != 0);
}

/* The set lies between `p`, its "[", and `end`, behind its "]". */
static bool set_has(struct slice text, size_t p, size_t end, unsigned char byte) {
    bool complement = byte_at(text, p + 1) == '^';
    size_t last = end - 1;
    for (size_t i = p + 1 + complement; i < last;) {
        unsigned char member = byte_at(text, i);
        bool range = member != '%' && byte_at(text, i + 1) == '-' && i + 2 < last;
        if (member == '%' ? class_has(byte_at(text, i + 1), byte)
            : range       ? member <= byte && byte <= byte_at(text, i + 2)
                          : member == byte)
            return !complement;
        i += range ? 3 : member == '%' ? 2 : 1;
    }
    return complement;
}

/* Whether the item from p to `end` stands for byte s of the subject. */
static bool item_has(struct pattern *pattern, size_t s, size_t p, size_t end) {
    if (s >= pattern->subject.length) return false;
    unsigned char byte = byte_at(pattern->subject, s), first = byte_at(pattern->text, p);
    switch (first) {
    case '.': return true;
    case '%': return class_has(byte_at(pattern->text, p + 1), byte);
    case '[': pattern->steps += (end - p) / 8; return set_has(pattern->text, p, end, byte);
    default: return first == byte;
    }
}

/* ---- repetitions ---------------------------------------------------------------------------- */

static size_t match_most(struct pattern *pattern, size_t s, size_t p, size_t end) {
    size_t count = 0;
    for (; item_has(pattern, s + count, p, end) && !has_ended(pattern); count++)
        pattern->steps++;
    for (;; count--) {
        size_t found = match(pattern, s + count, end + 1);
        if (found != NO_MATCH || count == 0 || has_ended(pattern)) return found;
    }
}

static size_t match_least(struct pattern *pattern, size_t s, size_t p, size_t end) {
    for (;; s++) {
        size_t found = match(pattern, s, end + 1);
        if (found != NO_MATCH || has_ended(pattern)) return found;
        if (!item_has(pattern, s, p, end)) return NO_MATCH;
    }
}

/* ---- captures ------------------------------------------------------------------------------- */

static size_t capture_open(struct pattern *pattern, size_t s, size_t p, size_t length) {
    if (pattern->capture_count == PATTERN_MAX_CAPTURES) return fault(pattern, "too many captures");
    pattern->captures[pattern->capture_count++] = (struct pattern_capture){ s, length };
    size_t found = match(pattern, s, p);
    if (found == NO_MATCH) pattern->capture_count--;
    return found;
}

static size_t capture_close(struct pattern *pattern, size_t s, size_t p) {
    int at = pattern->capture_count - 1;
    while (at >= 0 && pattern->captures[at].length != CAPTURE_OPEN)
        at--;
    if (at < 0) return fault(pattern, "invalid pattern capture");
    struct pattern_capture *capture = &pattern->captures[at];
    capture->length = s - capture->start;
    size_t found = match(pattern, s, p);
    if (found == NO_MATCH) capture->length = CAPTURE_OPEN;
    return found;
}

/* Behind what `digit` captured, when that stands at s again. */
static size_t match_again(struct pattern *pattern, size_t s, unsigned char digit) {
    int at = digit - '1';
    const struct pattern_capture *capture = &pattern->captures[at < 0 ? 0 : at];
    if (at < 0 || at >= pattern->capture_count || capture->length == CAPTURE_OPEN) {
        snprintf(pattern->fault, sizeof pattern->fault, "invalid capture index %%%d", at + 1);
        return NO_MATCH;
    }
    if (capture->length == CAPTURE_POSITION) return NO_MATCH;
    struct slice rest = slice_skip(pattern->subject, s);
    pattern->steps += capture->length / 32;
    if (rest.length < capture->length) return NO_MATCH;
    const char *before = pattern->subject.data + capture->start;
    return capture->length == 0 || memcmp(rest.data, before, capture->length) == 0
               ? s + capture->length
               : NO_MATCH;
}

/* ---- %b and %f ------------------------------------------------------------------------------ */

static size_t match_balanced(struct pattern *pattern, size_t s, size_t p) {
    if (p + 1 >= pattern->text.length)
        return fault(pattern, "malformed pattern (missing arguments to '%b')");
    unsigned char open = byte_at(pattern->text, p), close = byte_at(pattern->text, p + 1);
    size_t length = pattern->subject.length, depth = 1;
    if (s >= length || byte_at(pattern->subject, s) != open) return NO_MATCH;
    for (size_t at = s + 1; at < length; at++) {
        unsigned char byte = byte_at(pattern->subject, at);
        pattern->steps++;
        if (byte == close) {
            if (--depth == 0) return at + 1;
        } else if (byte == open) {
            depth++;
        }
    }
    return NO_MATCH;
}

/* Behind the set, when s is where it begins to hold. */
static size_t frontier_end(struct pattern *pattern, size_t s, size_t p) {
    if (byte_at(pattern->text, p) != '[')
        return fault(pattern, "missing '[' after '%f' in pattern");
    size_t end = item_end(pattern, p);
    if (end == NO_MATCH) return NO_MATCH;
    pattern->steps += (end - p) / 4;
    unsigned char before = s ? byte_at(pattern->subject, s - 1) : 0;
    bool begins = !set_has(pattern->text, p, end, before) &&
                  set_has(pattern->text, p, end, byte_at(pattern->subject, s));
    return begins ? end : NO_MATCH;
}

/* ---- all together --------------------------------------------------------------------------- */

/* Those that pass something answer true to go on at *s and *p, false when *s is the end or
 * NO_MATCH.
 */
static bool end_with(size_t *s, size_t found) {
    *s = found;
    return false;
}

static bool pass_item(struct pattern *pattern, size_t *s, size_t *p) {
    size_t end = item_end(pattern, *p);
    if (end == NO_MATCH) return end_with(s, NO_MATCH);
    bool has = item_has(pattern, *s, *p, end);
    size_t found = NO_MATCH;
    switch (byte_at(pattern->text, end)) {
    case '*': return end_with(s, match_most(pattern, *s, *p, end));
    case '+': return end_with(s, has ? match_most(pattern, *s + 1, *p, end) : NO_MATCH);
    case '-': return end_with(s, match_least(pattern, *s, *p, end));
    case '?':
        if (has) found = match(pattern, *s + 1, end + 1);
        if (found != NO_MATCH || has_ended(pattern)) return end_with(s, found);
        *p = end + 1;
        return true;
    default:
        if (!has) return end_with(s, NO_MATCH);
        *s += 1;
        *p = end;
        return true;
    }
}

static bool pass_escape(struct pattern *pattern, size_t *s, size_t *p) {
    unsigned char kind = byte_at(pattern->text, *p + 1);
    if (kind == 'f') {
        size_t end = frontier_end(pattern, *s, *p + 2);
        if (end == NO_MATCH) return end_with(s, NO_MATCH);
        *p = end;
        return true;
    }
    if (kind != 'b' && !isdigit(kind)) return pass_item(pattern, s, p);
    *s = kind == 'b' ? match_balanced(pattern, *s, *p + 2) : match_again(pattern, *s, kind);
    *p += kind == 'b' ? 4 : 2;
    return *s != NO_MATCH;
}

static bool pass(struct pattern *pattern, size_t *s, size_t *p) {
    switch (pattern->text.data[*p]) {
    case '(':
        if (byte_at(pattern->text, *p + 1) == ')')
            return end_with(s, capture_open(pattern, *s, *p + 2, CAPTURE_POSITION));
        return end_with(s, capture_open(pattern, *s, *p + 1, CAPTURE_OPEN));
    case ')': return end_with(s, capture_close(pattern, *s, *p + 1));
    case '%': return pass_escape(pattern, s, p);
    case '$':
        if (*p + 1 == pattern->text.length)
            return end_with(s, *s == pattern->subject.length ? *s : NO_MATCH);
        return pass_item(pattern, s, p);
    default: return pass_item(pattern, s, p);
    }
}

/* The end of what text from p on matches at s. */
static size_t match(struct pattern *pattern, size_t s, size_t p) {
    if (pattern->depth == MAX_DEPTH) return fault(pattern, "pattern too complex");
    pattern->depth++;
    while (p < pattern->text.length && !has_ended(pattern)) {
        pattern->steps++;
        if (!pass(pattern, &s, &p)) break;
    }
    pattern->depth--;
    return has_ended(pattern) ? NO_MATCH : s;
}

bool pattern_match(struct pattern *pattern, size_t at, size_t *end) {
    pattern->capture_count = 0;
    pattern->depth = 0;
    pattern->steps++;
    *end = match(pattern, at, 0);
    return *end != NO_MATCH;
}

bool pattern_find(struct pattern *pattern, size_t *start, size_t *end) {
    for (; *start <= pattern->subject.length; ++*start) {
        if (pattern_match(pattern, *start, end)) return true;
        if (has_ended(pattern)) return false;
    }
    return false;
}
