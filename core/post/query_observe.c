/* One message into hits: each token, list entry and field is looked up once for the whole set. */
#include "base/alloc.h"
#include "post/query_internal.h"
#include "text/fold.h"

/* Between the text, the quoted text, links and lists, so that no phrase or NEAR reaches over. */
#define POSITION_GAP 1000
#define KINDS_OF_TEXT (KINDS_PLACED | KIND_BIT(TERM_TRACK_WORD) | KIND_BIT(TERM_TRACK_CHUNK))

static void hit_add(struct query_scratch *scratch, uint32_t term, uint32_t position,
                    struct slice matched) {
    struct query_found *found = &scratch->found[term];
    scratch->hits = query_room(scratch->hits, scratch->hit_count, &scratch->hit_capacity,
                               sizeof *scratch->hits);
    scratch->hits[scratch->hit_count++] =
        (struct query_hit){ .matched = matched, .position = position };
    uint32_t hit = (uint32_t)scratch->hit_count;
    if (found->epoch != scratch->epoch) {
        *found = (struct query_found){ .epoch = scratch->epoch, .first = hit };
        scratch->found_terms[scratch->found_count++] = term;
    } else {
        scratch->hits[found->last - 1].next = hit;
    }
    found->last = hit;
    found->count++;
}

/* Looks up `folded`, whose plain hash is `hash`, as a term of `kind`. */
static void observe_hashed(struct query_scratch *scratch, enum term_kind kind, uint64_t hash,
                           struct slice folded, uint32_t position, struct slice matched) {
    if (!(scratch->set->kinds & KIND_BIT(kind))) return;
    uint32_t term = query_term_find(scratch->set, hash_of_kind(hash, kind), kind, folded);
    if (term != QUERY_NO_TERM) hit_add(scratch, term, position, matched);
}

static void observe(struct query_scratch *scratch, enum term_kind kind, struct slice folded,
                    uint32_t position, struct slice matched) {
    observe_hashed(scratch, kind, hash_bytes(folded), folded, position, matched);
}

static void observe_prefixes(struct query_scratch *scratch, const struct token *token,
                             uint32_t position, struct slice matched) {
    const struct query_set *set = scratch->set;
    uint16_t pair;
    if (token->folded.length < sizeof pair) return;
    memcpy(&pair, token->folded.data, sizeof pair);
    if (!(set->prefix_filter[pair / 8] & (1 << pair % 8))) return;
    for (uint64_t left = set->prefix_bytes; left; left &= left - 1) {
        size_t length = (size_t)__builtin_ctzll(left) + 1;
        if (length > token->folded.length) return;
        observe(scratch, TERM_PREFIX, slice_first(token->folded, length), position, matched);
    }
}

static void observe_emoji_tone(struct query_scratch *scratch, const struct token *token,
                               enum term_kind kind, uint32_t position, struct slice matched) {
    struct slice plain = token_without_tone(token->folded, &scratch->arena);
    if (plain.length && plain.length < token->folded.length)
        observe(scratch, kind, plain, position, matched);
}

/* What a token may be beside a term of its own kind. */
static void observe_otherwise(struct query_scratch *scratch, const struct token *token,
                              uint32_t position, struct slice matched) {
    uint64_t hash = hash_of_kind(token->hash, token->kind);
    if (token->kind != TOKEN_LINK)
        observe_hashed(scratch, TERM_TRACK_WORD, hash, token->folded, position, matched);
    if (token->kind == TOKEN_WORD && scratch->set->prefix_filter)
        observe_prefixes(scratch, token, position, matched);
    if (token->kind == TOKEN_EMOJI) {
        observe_emoji_tone(scratch, token, TERM_EMOJI, position, matched);
        observe_emoji_tone(scratch, token, TERM_TRACK_WORD, position, matched);
    }
}

/* The tokens of a text of the message. Most are words and no terms. */
static void observe_tokens(struct query_scratch *scratch, struct slice text,
                           struct token_list tokens, uint32_t base) {
    const struct query_set *set = scratch->set;
    bool words_only = !(set->kinds & KIND_BIT(TERM_TRACK_WORD)) && set->prefix_filter == NULL;
    for (size_t i = 0; i < tokens.count; i++) {
        const struct token *token = &tokens.items[i];
        bool likely = query_term_likely(set, token->hash);
        bool alone = words_only && token->kind != TOKEN_EMOJI;
        if (LIKELY(!likely && alone)) continue;
        struct slice matched = slice_from(text.data + token->start, token->length);
        uint32_t position = base + token->position;
        if (likely) {
            uint32_t term = query_term_find(set, token->hash, token->kind, token->folded);
            if (term != QUERY_NO_TERM) hit_add(scratch, term, position, matched);
        }
        if (!alone) observe_otherwise(scratch, token, position, matched);
    }
}

static void observe_link(struct query_scratch *scratch, struct slice url, uint32_t *base) {
    struct token_list words = token_split_words(url, &scratch->arena);
    for (size_t i = 0; i < words.count; i++) {
        const struct token *word = &words.items[i];
        struct slice matched = slice_from(url.data + word->start, word->length);
        uint64_t hash = hash_of_kind(word->hash, word->kind);
        uint32_t position = *base + word->position;
        observe_hashed(scratch, TERM_URL_WORD, hash, word->folded, position, matched);
        observe_hashed(scratch, TERM_TRACK_WORD, hash, word->folded, position, matched);
    }
    *base += (uint32_t)words.count + POSITION_GAP;
}

static void observe_chunk(struct query_scratch *scratch, struct slice chunk, uint32_t position) {
    struct slice key = query_chunk_key(chunk, &scratch->arena);
    observe(scratch, TERM_TRACK_CHUNK, key, position, chunk);
    if (slice_starts(key, SLICE("www.")))
        observe(scratch, TERM_TRACK_CHUNK, slice_skip(key, 4), position, chunk);
}

static void observe_chunks(struct query_scratch *scratch, struct slice text, uint32_t *base) {
    if (!(scratch->set->kinds & KIND_BIT(TERM_TRACK_CHUNK))) return;
    while ((text = slice_trim(text)).length) {
        size_t length = 0;
        while (length < text.length && text.data[length] != ' ' &&
               !(text.data[length] >= '\t' && text.data[length] <= '\r'))
            length++;
        observe_chunk(scratch, slice_first(text, length), (*base)++);
        text = slice_skip(text, length);
    }
}

/* A list of the message, or what its text holds of that kind when the list is empty. */
static void observe_list(struct query_scratch *scratch, const struct slice_list *list,
                         enum term_kind kind, struct token_list tokens, uint32_t *base) {
    enum token_kind token_kind = TOKEN_TAG + (kind - TERM_TAG);
    uint32_t wanted = KIND_BIT(kind) | KIND_BIT(TERM_TRACK_WORD);
    if (!(scratch->set->kinds & wanted)) return;
    for (size_t i = 0; i < list->count; i++, *base += POSITION_GAP) {
        struct slice folded = fold_text(list->items[i], &scratch->arena);
        observe(scratch, kind, folded, *base, list->items[i]);
        observe(scratch, TERM_TRACK_WORD, folded, *base, list->items[i]);
        struct slice user = kind == TERM_NAME ? query_without_host(folded) : folded;
        if (user.length == folded.length) continue;
        observe(scratch, kind, user, *base, list->items[i]);
        observe(scratch, TERM_TRACK_WORD, user, *base, list->items[i]);
    }
    for (size_t i = 0; list->count == 0 && i < tokens.count; i++) {
        const struct token *token = &tokens.items[i];
        if (token->kind != token_kind) continue;
        struct slice matched =
            slice_from(scratch->message->text.data + token->start, token->length);
        observe(scratch, kind, token->folded, *base + token->position, matched);
    }
}

static void observe_links(struct query_scratch *scratch, struct token_list tokens, uint32_t *base) {
    const struct message *message = scratch->message;
    uint32_t wanted =
        KIND_BIT(TERM_URL_WORD) | KIND_BIT(TERM_TRACK_WORD) | KIND_BIT(TERM_TRACK_CHUNK);
    if (!(scratch->set->kinds & wanted)) return;
    for (size_t i = 0; i < message->urls.count; i++) {
        observe_link(scratch, message->urls.items[i], base);
        if (scratch->set->kinds & KIND_BIT(TERM_TRACK_CHUNK))
            observe_chunk(scratch, message->urls.items[i], *base);
    }
    for (size_t i = 0; message->urls.count == 0 && i < tokens.count; i++)
        if (tokens.items[i].kind == TOKEN_LINK)
            observe_link(
                scratch,
                slice_from(message->text.data + tokens.items[i].start, tokens.items[i].length),
                base);
}

static void observe_user(struct query_scratch *scratch, enum term_kind kind, struct slice handle,
                         struct slice id) {
    if (!(scratch->set->kinds & KIND_BIT(kind))) return;
    if (handle.length) {
        struct slice folded = fold_text(handle, &scratch->arena), user = query_without_host(folded);
        observe(scratch, kind, folded, 0, handle);
        if (user.length < folded.length) observe(scratch, kind, user, 0, handle);
    }
    if (id.length) observe(scratch, kind, fold_text(id, &scratch->arena), 0, id);
}

/* "en-GB" is "en-gb" and "en" (RFC 4647, basic filtering). A language that the network does not say
 * is looked for only if it could still make a query hold. */
static void observe_lang(struct query_scratch *scratch) {
    struct message *message = scratch->message;
    bool matters = message->lang.length || scratch->found_count || scratch->set->lang_leads;
    if (!(scratch->set->kinds & KIND_BIT(TERM_LANG)) || !matters) return;
    struct slice lang = message_language(message);
    if (lang.length > QUERY_LANG_MAX_BYTES) return;
    struct slice key = query_lang_key(lang, &scratch->arena);
    for (size_t length = key.length; length > 0; length--)
        if (length == key.length || key.data[length] == '-')
            observe(scratch, TERM_LANG, slice_first(key, length), 0, lang);
}

static void observe_fields(struct query_scratch *scratch) {
    const struct message *message = scratch->message;
    observe_user(scratch, TERM_FROM, message->author.handle, message->author.id);
    observe_user(scratch, TERM_TO, message->reply_to_handle, message->reply_to_id);
    observe_user(scratch, TERM_RETWEETS_OF, message->retweeted_handle, message->retweeted_id);
    if (message->network.length && (scratch->set->kinds & KIND_BIT(TERM_NETWORK)))
        observe(scratch, TERM_NETWORK, fold_text(message->network, &scratch->arena), 0,
                message->network);
}

/* Whether any query looks at the text's tokens: for itself, or in place of an empty list. */
static bool needs_text(const struct query_scratch *scratch) {
    const struct message *message = scratch->message;
    uint32_t kinds = scratch->set->kinds, has = scratch->set->has_kinds;
    const struct {
        const struct slice_list *list;
        enum term_kind term;
        enum token_kind token;
    } lists[] = { { &message->hashtags, TERM_TAG, TOKEN_TAG },
                  { &message->mentions, TERM_NAME, TOKEN_NAME },
                  { &message->cashtags, TERM_CASH, TOKEN_CASH },
                  { &message->urls, TERM_URL_WORD, TOKEN_LINK } };
    if (kinds & KINDS_OF_TEXT) return true;
    for (size_t i = 0; i < LENGTH(lists); i++)
        if (lists[i].list->count == 0 &&
            ((kinds & KIND_BIT(lists[i].term)) || (has & KIND_BIT(lists[i].token))))
            return true;
    return false;
}

void query_observe(struct query_scratch *scratch) {
    const struct message *message = scratch->message;
    struct token_list tokens = { 0 };
    uint32_t base = 0;
    observe_fields(scratch);
    if (needs_text(scratch)) {
        tokens = token_split(message->text, &scratch->arena);
        if (scratch->set->kinds & KINDS_OF_TEXT)
            observe_tokens(scratch, message->text, tokens, base);
        for (size_t i = 0; scratch->set->has_kinds && i < tokens.count; i++)
            scratch->text_kinds |= KIND_BIT(tokens.items[i].kind);
    }
    base = (uint32_t)tokens.count + POSITION_GAP;
    if (message->quoted_text.length && (scratch->set->kinds & KINDS_OF_TEXT)) {
        struct token_list quoted = token_split(message->quoted_text, &scratch->arena);
        observe_tokens(scratch, message->quoted_text, quoted, base);
        base += (uint32_t)quoted.count + POSITION_GAP;
    }
    observe_links(scratch, tokens, &base);
    observe_list(scratch, &message->hashtags, TERM_TAG, tokens, &base);
    observe_list(scratch, &message->mentions, TERM_NAME, tokens, &base);
    observe_list(scratch, &message->cashtags, TERM_CASH, tokens, &base);
    observe_chunks(scratch, message->text, &base);
    observe_lang(scratch);
}
