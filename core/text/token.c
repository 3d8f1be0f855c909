/* text/token.h: words of ASCII by bits, all else by byte and code point with utf8proc's categories.
 */
#include "text/token.h"
#include "base/compiler.h"
#include "text/byte_map.h"
#include "text/fold.h"
#include "text/token_class.h"

struct splitter {
    const char *text, *end;
    struct byte_map map; /* ASCII tokens lie folded at their own place in map.lower */
    struct arena *arena;
    struct token *items;
    size_t count, capacity;
    bool words_only;
    const char *word_end; /* where the newest word of a spaced script ended */
};

static struct token *splitter_grow(struct splitter *split) {
    size_t capacity = split->capacity * 2;
    struct token *items = arena_alloc(split->arena, capacity * sizeof *items);
    memcpy(items, split->items, split->count * sizeof *items);
    split->items = items;
    split->capacity = capacity;
    return items;
}

/* hash_bytes of what lies in map.lower: a load and a mask instead of a copy of unknown length,
 * which is most of what a short word costs. */
static inline uint64_t hash_lower(struct slice folded) {
    bool little_endian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    if (UNLIKELY(!little_endian || folded.length > 8 || folded.length == 0))
        return hash_bytes(folded);
    uint64_t word = hash_read(folded.data, 8) & UINT64_MAX >> (64 - 8 * folded.length);
    return hash_fold(HASH_SEED ^ folded.length ^ word ^ HASH_STEP, HASH_SEED);
}

static inline void splitter_put(struct splitter *split, enum token_kind kind, const char *start,
                                const char *end, struct slice folded, uint64_t hash) {
    if (UNLIKELY(split->count == split->capacity)) splitter_grow(split);
    split->items[split->count] = (struct token){
        .folded = folded,
        .hash = hash_of_kind(hash, kind),
        .start = (uint32_t)(start - split->text),
        .length = (uint32_t)(end - start),
        .position = (uint32_t)split->count,
        .kind = kind,
    };
    split->count++;
}

static void splitter_add(struct splitter *split, enum token_kind kind, const char *start,
                         const char *end, struct slice folded) {
    splitter_put(split, kind, start, end, folded, hash_bytes(folded));
}

/* What [from, end), which lies in the text, is folded. */
static struct slice splitter_lower(struct splitter *split, const char *from, const char *end) {
    for (const char *at = from; at < end; at++)
        if ((unsigned char)*at >= 0x80)
            return fold_text(slice_from(from, (size_t)(end - from)), split->arena);
    return slice_from(split->map.lower + (from - split->text), (size_t)(end - from));
}

static bool is_word_character(enum character character) {
    return character == CHARACTER_WORD || character == CHARACTER_DIGIT ||
           character == CHARACTER_MARK;
}

/* Whether a word that ended in `last` goes on over `joint`, with what stands at `next`. */
static bool word_joins(enum character last, uint32_t joint, const char *next, const char *end) {
    if (last == CHARACTER_OTHER || next == end) return false;
    enum character following = character_of(utf8_decode(&next, end));
    if (joins_digits(joint)) return last == CHARACTER_DIGIT && following == CHARACTER_DIGIT;
    return joins_letters(joint) && is_word_character(following);
}

/* The end of a word that starts at `at`, where any script may come. */
static const char *word_end_any(const char *at, const char *end) {
    enum character last = CHARACTER_OTHER;
    while (at < end) {
        const char *next = at;
        uint32_t code_point = utf8_decode(&next, end);
        enum character now = character_of(code_point);
        bool after_other_alphabet = last == CHARACTER_WORD && (unsigned char)at[-1] >= 0x80;
        if (after_other_alphabet && link_prefix(at, end)) return at;
        if (!is_word_character(now)) {
            if (!word_joins(last, code_point, next, end)) return at;
            now = CHARACTER_WORD;
        }
        last = now;
        at = next;
    }
    return at;
}

/* The end of a word that starts at `at` with ASCII. NULL when other than ASCII touches it and
 * word_end_any has to look. */
static const char *word_end_ascii(const struct splitter *split, const char *at) {
    const char *end = split->end;
    for (;; at++) {
        at = split->text + byte_map_word_end(&split->map, (size_t)(at - split->text));
        if (at == end) return at;
        unsigned char class = token_class[(unsigned char)*at];
        if (class == CLASS_HIGH) return NULL;
        if (class != CLASS_QUOTE && class != CLASS_POINT) return at;
        if (at + 1 == end) return at;
        unsigned char next = token_class[(unsigned char)at[1]];
        if (next == CLASS_HIGH) return NULL;
        bool joins = class == CLASS_QUOTE
                         ? next <= CLASS_DIGIT
                         : next == CLASS_DIGIT && token_class[(unsigned char)at[-1]] == CLASS_DIGIT;
        if (!joins) return at;
    }
}

static inline const char *split_lower_word(struct splitter *split, const char *at,
                                           const char *end) {
    struct slice folded = slice_from(split->map.lower + (at - split->text), (size_t)(end - at));
    splitter_put(split, TOKEN_WORD, at, end, folded, hash_lower(folded));
    split->word_end = end;
    return end;
}

static const char *split_word(struct splitter *split, const char *at) {
    const char *end = (unsigned char)*at < 0x80 ? word_end_ascii(split, at) : NULL;
    if (end) return split_lower_word(split, at, end);
    end = word_end_any(at, split->end);
    splitter_add(split, TOKEN_WORD, at, end, splitter_lower(split, at, end));
    split->word_end = end;
    return end;
}

/* Nearly every token: a word of ASCII that starts no link and ends before what cannot go on with
 * it. NULL when it is anything else. */
static inline const char *split_plain_word(struct splitter *split, const char *at) {
    const char *lower = split->map.lower + (at - split->text);
    unsigned char class = token_class[(unsigned char)lower[0]];
    if (class > CLASS_DIGIT || (class == CLASS_LINK && (lower[1] == 't' || lower[1] == 'w')))
        return NULL;
    size_t from = (size_t)(at - split->text), end = byte_map_word_end(&split->map, from);
    class = token_class[(unsigned char)split->map.lower[end]];
    bool point = class == CLASS_POINT &&
                 token_class[(unsigned char)split->map.lower[end - 1]] != CLASS_DIGIT;
    if (class != CLASS_OTHER && !point) return NULL;
    return split_lower_word(split, at, split->text + end);
}

/* One character of a script without spaces, and its marks. */
static const char *split_single(struct splitter *split, const char *at) {
    const char *end = at;
    (void)utf8_decode(&end, split->end);
    const char *folded_end = end;
    while (end < split->end) {
        const char *next = end;
        uint32_t code_point = utf8_decode(&next, split->end);
        bool selector = is_variation_selector(code_point);
        if (!selector && character_of(code_point) != CHARACTER_MARK) break;
        end = next;
        if (!selector) folded_end = next;
    }
    splitter_add(split, TOKEN_WORD, at, end, splitter_lower(split, at, folded_end));
    return end;
}

/* U+FE0E and U+FE0F only ask for a drawing style: they are left out, so both styles are equal. */
static struct slice without_code_points(struct slice text, bool (*unwanted)(uint32_t),
                                        struct arena *arena) {
    char *out = arena_alloc(arena, text.length);
    size_t length = 0;
    for (const char *at = text.data, *end = text.data + text.length; at < end;) {
        const char *from = at;
        if (unwanted(utf8_decode(&at, end))) continue;
        memcpy(out + length, from, (size_t)(at - from));
        length += (size_t)(at - from);
    }
    return slice_from(out, length);
}

struct slice token_without_tone(struct slice emoji, struct arena *arena) {
    bool toned = false;
    for (const char *at = emoji.data, *end = emoji.data + emoji.length; at < end;)
        toned |= is_skin_tone(utf8_decode(&at, end));
    return toned ? without_code_points(emoji, is_skin_tone, arena) : emoji;
}

static const char *split_emoji(struct splitter *split, const char *at, const char *end) {
    struct slice whole = slice_from(at, (size_t)(end - at));
    splitter_add(split, TOKEN_EMOJI, at, end,
                 without_code_points(whole, is_variation_selector, split->arena));
    return end;
}

/* Inside a word nothing else starts, but a link behind a word of another alphabet. */
static bool may_start_entity(const struct splitter *split, const char *at) {
    if (split->words_only) return false;
    return at != split->word_end ||
           ((unsigned char)at[-1] >= 0x80 && link_prefix(at, split->end) > 0);
}

/* A tag, name, cash or link that starts at `at`, or NULL. */
static const char *split_entity(struct splitter *split, const char *at) {
    if (!may_start_entity(split, at)) return NULL;
    enum token_kind kind = TOKEN_LINK;
    const char *from = at;
    const char *end = link_end(at, split->end);
    if (end == NULL) {
        uint32_t sign = utf8_decode(&from, split->end);
        kind = sign == '$' ? TOKEN_CASH : sign == '@' || sign == 0xFF20 ? TOKEN_NAME : TOKEN_TAG;
        if (sign == '$') end = cash_end(from, split->end);
        if (kind == TOKEN_NAME) end = name_end(from, split->end);
        if (sign == '#' || sign == 0xFF03) end = tag_end(from, split->end);
    }
    if (end == NULL) return NULL;
    splitter_add(split, kind, at, end, splitter_lower(split, from, end));
    return end;
}

/* What starts at `at` with a byte over 0x7f. */
static const char *split_high(struct splitter *split, const char *at) {
    const char *next = at, *end;
    uint32_t code_point = utf8_decode(&next, split->end);
    switch (character_of(code_point)) {
    case CHARACTER_WORD:
    case CHARACTER_DIGIT:
    case CHARACTER_MARK: return split_word(split, at);
    case CHARACTER_SINGLE: return split_single(split, at);
    case CHARACTER_OTHER: break;
    }
    end = emoji_end(at, split->end);
    if (end) return split_emoji(split, at, end);
    bool sign = code_point == 0xFF03 || code_point == 0xFF20;
    end = sign ? split_entity(split, at) : NULL;
    return end ? end : next;
}

/* A key cap: one of [0-9#*], maybe U+FE0F, and U+20E3. NULL when there is none at `at`. */
static const char *keycap_end(const char *at, const char *end) {
    const char *next = at + 1;
    if (next == end || (unsigned char)*next < 0x80) return NULL;
    uint32_t code_point = utf8_decode(&next, end);
    if (code_point == 0xFE0F && next < end) code_point = utf8_decode(&next, end);
    return code_point == 0x20E3 ? next : NULL;
}

static const char *split_ascii(struct splitter *split, const char *at) {
    const char *end = NULL;
    unsigned char class = token_class[(unsigned char)*at];
    if (class == CLASS_DIGIT || class == CLASS_SIGN) end = keycap_end(at, split->end);
    if (end) return split_emoji(split, at, end);
    if (class == CLASS_SIGN || class == CLASS_LINK) end = split_entity(split, at);
    if (end) return end;
    return class <= CLASS_DIGIT ? split_word(split, at) : at + 1;
}

static struct token_list split_text(struct slice text, bool words_only, struct arena *arena) {
    if (text.data == NULL || text.length == 0) return (struct token_list){ NULL, 0 };
    struct splitter split = {
        .text = text.data,
        .end = text.data + text.length,
        .map = byte_map_make(text, arena),
        .arena = arena,
        .words_only = words_only,
        .capacity = text.length / 4 + 8,
    };
    split.items = arena_alloc(arena, split.capacity * sizeof *split.items);
    for (const char *at = text.data;;) {
        at = text.data + byte_map_start(&split.map, (size_t)(at - text.data));
        if (at == split.end) break;
        const char *end = split_plain_word(&split, at);
        if (LIKELY(end != NULL))
            at = end;
        else
            at = (unsigned char)*at < 0x80 ? split_ascii(&split, at) : split_high(&split, at);
    }
    return (struct token_list){ split.items, split.count };
}

struct token_list token_split(struct slice text, struct arena *arena) {
    return split_text(text, false, arena);
}

struct token_list token_split_words(struct slice text, struct arena *arena) {
    return split_text(text, true, arena);
}
