/* post/vocabulary.h: the counterpart of query_observe, without a query. */
#include "post/vocabulary.h"
#include "post/query_internal.h"
#include "text/fold.h"

/* By enum token_kind; a link is there as its words. */
static const char token_signs[] = { 'w', '#', '@', '$', 0, 'e' };

struct teller {
    struct arena *arena;
    struct buffer *terms;
    bool whole;
};

static char *spell(char *out, char sign, struct slice folded) {
    *out++ = sign;
    for (size_t i = 0; i < folded.length; i++)
        *out++ = (unsigned char)folded.data[i] < ' ' ? ' ' : folded.data[i];
    return out;
}

static struct slice cut(struct slice folded) {
    return slice_first(folded, VOCABULARY_MAX_BYTES - 1);
}

static void tell(struct teller *teller, char sign, struct slice folded) {
    struct buffer *terms = teller->terms;
    folded = cut(folded);
    if (folded.length == 0) return;
    teller->whole = teller->whole && buffer_reserve(terms, folded.length + 2);
    if (!teller->whole) return;
    char *end = spell(terms->data + terms->length, sign, folded);
    *end++ = VOCABULARY_END;
    terms->length = (size_t)(end - terms->data);
}

static void tell_link(struct teller *teller, struct slice url) {
    struct token_list words = token_split_words(url, teller->arena);
    for (size_t i = 0; i < words.count; i++)
        tell(teller, 'u', words.items[i].folded);
}

static void tell_tokens(struct teller *teller, struct slice text, bool with_links) {
    struct token_list tokens = token_split(text, teller->arena);
    for (size_t i = 0; i < tokens.count; i++) {
        const struct token *token = &tokens.items[i];
        if (token->kind != TOKEN_LINK)
            tell(teller, token_signs[token->kind], token->folded);
        else if (with_links)
            tell_link(teller, slice_from(text.data + token->start, token->length));
        if (token->kind != TOKEN_EMOJI) continue;
        struct slice plain = token_without_tone(token->folded, teller->arena);
        if (plain.length < token->folded.length) tell(teller, 'e', plain);
    }
}

static void tell_user(struct teller *teller, char sign, struct slice handle) {
    struct slice folded = fold_text(handle, teller->arena), user = query_without_host(folded);
    tell(teller, sign, folded);
    if (user.length < folded.length) tell(teller, sign, user);
}

static void tell_lists(struct teller *teller, const struct message *message) {
    for (size_t i = 0; i < message->urls.count; i++)
        tell_link(teller, message->urls.items[i]);
    for (size_t i = 0; i < message->hashtags.count; i++)
        tell(teller, '#', fold_text(message->hashtags.items[i], teller->arena));
    for (size_t i = 0; i < message->mentions.count; i++)
        tell_user(teller, '@', message->mentions.items[i]);
    for (size_t i = 0; i < message->cashtags.count; i++)
        tell(teller, '$', fold_text(message->cashtags.items[i], teller->arena));
}

static void tell_language(struct teller *teller, struct message *message) {
    struct slice lang = message_language(message);
    if (lang.length > QUERY_LANG_MAX_BYTES) return;
    struct slice key = query_lang_key(lang, teller->arena);
    for (size_t length = key.length; length > 0; length--)
        if (length == key.length || key.data[length] == '-')
            tell(teller, 'l', slice_first(key, length));
}

bool vocabulary_of(struct message *message, const struct slice *queries, size_t query_count,
                   struct arena *arena, struct buffer *terms) {
    struct teller teller = { arena, terms, true };
    tell_tokens(&teller, message->text, message->urls.count == 0);
    tell_tokens(&teller, message->quoted_text, false);
    tell_lists(&teller, message);
    tell_user(&teller, 'f', message->author.handle);
    tell(&teller, 'f', fold_text(message->author.id, arena));
    tell_language(&teller, message);
    tell(&teller, 'n', fold_text(message->network, arena));
    for (size_t i = 0; i < query_count; i++)
        tell(&teller, 'q', queries[i]);
    return teller.whole;
}

static struct slice spelt(char sign, struct slice folded, struct arena *arena) {
    folded = cut(folded);
    char *out = arena_alloc(arena, folded.length + 2);
    *spell(out, sign, folded) = 0;
    return slice_from(out, folded.length + 1);
}

enum vocabulary_use vocabulary_term(uint32_t term_kind, struct slice folded, struct arena *arena,
                                    struct slice *term) {
    static const char signs[] = {
        [TERM_WORD] = 'w',      [TERM_TEXT_TAG] = '#',  [TERM_TEXT_NAME] = '@',
        [TERM_TEXT_CASH] = '$', [TERM_EMOJI] = 'e',     [TERM_PREFIX] = 'w',
        [TERM_TAG] = '#',       [TERM_NAME] = '@',      [TERM_CASH] = '$',
        [TERM_URL_WORD] = 'u',  [TERM_FROM] = 'f',      [TERM_LANG] = 'l',
        [TERM_NETWORK] = 'n',   [TERM_TRACK_CHUNK] = 0,
    };
    if (signs[term_kind] == 0 || folded.length == 0) return VOCABULARY_NONE;
    *term = spelt(signs[term_kind], folded, arena);
    return term_kind == TERM_PREFIX ? VOCABULARY_PREFIX : VOCABULARY_TERM;
}

struct slice vocabulary_query(struct slice name, struct arena *arena) {
    return spelt('q', name, arena);
}
