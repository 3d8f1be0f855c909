/* sentiment/textblob_engine.h: emoticons that the tokenizer cut, or that were typed with blanks.
 *
 * The reference searches each sentence, its tokens joined by blanks, for any emoticon with or
 * without a blank between two of its characters and a blank or the end behind it. So an emoticon
 * may begin inside a token ("box" and "D" become "boxD") but ends where a token ends. */
#include "sentiment/textblob_engine.h"

static bool may_join(const struct textblob *engine, const struct textblob_token *token,
                     const struct textblob_token *next) {
    unsigned char before = (unsigned char)token->data[token->length - 1];
    unsigned char after = (unsigned char)next->data[0];
    return engine->neighbours[before][after / 8] >> after % 8 & 1;
}

/* The token in which `emoticon` ends when it begins `offset` bytes into token `at`; `count` of the
 * tokens when it does not. */
static size_t emoticon_end(const struct textblob_tokens *tokens, size_t at, size_t offset,
                           struct slice emoticon) {
    for (size_t i = 0; i < emoticon.length; i++, offset++) {
        if (offset == tokens->items[at].length) {
            if (tokens->items[at].ends_sentence || at + 1 == tokens->count) return tokens->count;
            at++;
            offset = 0;
        }
        if (tokens->items[at].data[offset] != emoticon.data[i]) return tokens->count;
    }
    return offset == tokens->items[at].length ? at : tokens->count;
}

/* The last token of the emoticon that begins first in token `at`, the longest if several do; `at`
 * itself when none goes on behind it. */
static size_t emoticon_find(const struct textblob *engine, const struct textblob_tokens *tokens,
                            size_t at) {
    size_t length = tokens->items[at].length;
    size_t offset = length > engine->emoticon_bytes ? length - engine->emoticon_bytes : 0;
    for (; offset < length; offset++) {
        unsigned char byte = (unsigned char)tokens->items[at].data[offset];
        for (uint32_t e = engine->emoticons_by_byte[byte]; e; e = engine->emoticons[e].next) {
            size_t end = emoticon_end(tokens, at, offset, engine->emoticons[e].text);
            if (end < tokens->count) return end;
        }
    }
    return at;
}

static struct textblob_token tokens_join(const struct textblob_token *tokens, size_t count,
                                         struct arena *arena) {
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += tokens[i].length;
    char *text = arena_alloc(arena, length);
    struct textblob_token joined = { .data = text, .length = (uint32_t)length, .mended = true };
    for (size_t i = 0; i < count; i++) {
        memcpy(text, tokens[i].data, tokens[i].length);
        text += tokens[i].length;
    }
    joined.ends_sentence = tokens[count - 1].ends_sentence;
    return joined;
}

void textblob_emoticons_mend(const struct textblob *engine, struct textblob_tokens *tokens,
                             struct arena *arena) {
    size_t kept = 0;
    for (size_t at = 0; at < tokens->count; at++) {
        struct textblob_token *token = &tokens->items[at];
        struct textblob_token result = *token;
        if (at + 1 < tokens->count && !token->ends_sentence && may_join(engine, token, token + 1)) {
            size_t end = emoticon_find(engine, tokens, at);
            if (end > at) result = tokens_join(token, end - at + 1, arena);
            at = end;
        }
        tokens->items[kept++] = result;
    }
    tokens->count = kept;
}
