/* sentiment/vader_engine.h: emoji to words, then the text to tokens, in one pass over the bytes. */
#include "base/utf8.h"
#include "sentiment/unicode.h"
#include "sentiment/vader_engine.h"

/* Up to here the room for the replaced text is guessed, beyond it is measured first. */
#define GUESSED_TEXT_BYTES 4096

/* A text, its lower case (ASCII only), and where the next token goes. */
struct reader {
    const struct vader *engine;
    struct arena *arena;
    const char *text, *end;
    const char *lowered; /* as long as the text, padded */
    struct vader_token *tokens;
    size_t count;
    size_t upper_count, rated_count;
};

/* How many bytes of ASCII `at` begins with. */
static size_t ascii_run(const char *at, const char *end) {
    const char *start = at;
    for (uint64_t word; end - at >= 8; at += 8) {
        memcpy(&word, at, 8);
        if (word & UINT64_C(0x8080808080808080)) break;
    }
    while (at < end && (unsigned char)*at < 0x80)
        at++;
    return (size_t)(at - start);
}

static size_t put(char *out, size_t length, struct slice piece) {
    if (out && piece.length) memcpy(out + length, piece.data, piece.length);
    return length + piece.length;
}

/* Writes the text with emoji replaced by their words, broken bytes by U+FFFD; only counts when
 * `out` is NULL. A word is parted from what stands before it, but not from what follows. */
static size_t emoji_replace(const struct vader *engine, struct slice text, char *out) {
    const char *at = text.data, *end = text.data + text.length;
    bool after_space = true;
    size_t length = 0;
    char bytes[4];
    while (at < end) {
        size_t run = ascii_run(at, end);
        if (run) {
            length = put(out, length, slice_from(at, run));
            at += run;
            after_space = at[-1] == ' ';
            continue;
        }
        uint32_t code_point = utf8_decode(&at, end);
        const struct slice *words = vader_emoji_find(engine, code_point);
        if (words && !after_space) length = put(out, length, SLICE(" "));
        length =
            put(out, length, words ? *words : slice_from(bytes, utf8_encode(code_point, bytes)));
        after_space = false;
    }
    return length;
}

static struct slice text_prepare(const struct vader *engine, struct slice text,
                                 struct arena *arena) {
    size_t room = text.length <= GUESSED_TEXT_BYTES ? text.length * engine->emoji_growth
                                                    : emoji_replace(engine, text, NULL);
    char *replaced = arena_alloc(arena, room);
    size_t length = emoji_replace(engine, text, replaced);
    arena_shrink(arena, replaced, length);
    return slice_from(replaced, length);
}

/* The end of the token that starts at `at`, over code points beyond ASCII; adds to *kinds what is
 * in it. */
static const char *token_end_unicode(const char *at, const char *end, uint32_t *kinds) {
    while (at < end) {
        const char *start = at;
        uint32_t code_point = utf8_decode(&at, end);
        if (unicode_is_space(code_point)) return start;
        if (code_point < 0x80)
            *kinds |= byte_kinds[code_point];
        else
            *kinds |= BYTE_HIGH | (unicode_is_upper(code_point) ? BYTE_UPPER : 0) |
                      (unicode_is_lower(code_point) ? BYTE_LOWER : 0);
    }
    return at;
}

static bool is_two_or_less(struct slice token, uint32_t kinds) {
    if (token.length <= 2) return true;
    return (kinds & BYTE_HIGH) && token.length <= 8 && utf8_count(token) <= 2;
}

static bool holds_not(struct slice lowered) {
    for (size_t i = 0; i + 3 <= lowered.length; i++)
        if (memcmp(lowered.data + i, "n't", 3) == 0) return true;
    return false;
}

static struct word_key token_key(const struct reader *reader, struct slice token, uint32_t kinds) {
    if (kinds & BYTE_HIGH) return word_key_lower(token, reader->arena);
    return word_key_of(reader->lowered + (token.data - reader->text), token.length);
}

/* `raw` is what stands between white space. Punctuation falls off at both ends, unless no more than
 * two code points would be left: that keeps ":)" whole. */
static void token_add(struct reader *reader, struct slice raw, uint32_t kinds) {
    struct slice token = raw;
    if (kinds & BYTE_PUNCTUATION) {
        while (token.length && byte_kind(token.data[0]) & BYTE_PUNCTUATION)
            token = slice_skip(token, 1);
        while (token.length && byte_kind(token.data[token.length - 1]) & BYTE_PUNCTUATION)
            token.length--;
        if (is_two_or_less(token, kinds)) token = raw;
    }
    struct word_key key = token_key(reader, token, kinds);
    uint32_t word = word_table_find(&reader->engine->table, &key);
    uint32_t flags = reader->engine->words[word].flags;
    if (kinds & BYTE_QUOTE && holds_not(key.bytes)) flags |= WORD_NEGATOR;
    if ((kinds & (BYTE_UPPER | BYTE_LOWER)) == BYTE_UPPER) {
        flags |= TOKEN_UPPER;
        reader->upper_count++;
    }
    reader->rated_count += flags & WORD_RATED;
    reader->tokens[reader->count++] = (struct vader_token){
        .flags = flags,
        .word = word,
        .offset = (uint32_t)(token.data - reader->text),
        .length = (uint32_t)token.length,
    };
}

static void tokens_cut(struct reader *reader) {
    const char *at = reader->text, *end = reader->end;
    while (at < end) {
        const char *start = at;
        uint32_t kinds = 0, kind = 0;
        while (at < end && !((kind = byte_kind(*at)) & (BYTE_SPACE | BYTE_HIGH))) {
            kinds |= kind;
            at++;
        }
        if (at < end && kind & BYTE_HIGH) at = token_end_unicode(at, end, &kinds);
        if (at > start) token_add(reader, slice_from(start, (size_t)(at - start)), kinds);
        if (at < end) (void)utf8_decode(&at, end); /* the white space */
    }
}

void vader_tokens_read(struct vader_scan *scan, struct slice text, struct arena *arena) {
    struct slice prepared = slice_first(text.length ? text : SLICE(""), SCORER_TEXT_MAX);
    bool high;
    const char *lowered = text_lower_ascii(prepared, arena, &high);
    if (high) {
        prepared = text_prepare(scan->engine, prepared, arena);
        lowered = text_lower_ascii(prepared, arena, &high);
    }
    size_t room = (prepared.length / 2 + 1) * sizeof(struct vader_token);
    struct reader reader = {
        .engine = scan->engine,
        .arena = arena,
        .text = prepared.data,
        .end = prepared.data + prepared.length,
        .lowered = lowered,
        .tokens = arena_alloc(arena, room),
    };
    tokens_cut(&reader);
    scan->text = prepared;
    scan->tokens = reader.tokens;
    scan->count = reader.count;
    scan->rated_count = reader.rated_count;
    scan->capitals_differ = reader.upper_count > 0 && reader.upper_count < reader.count;
}
