/* The token rule: one table of texts and what they split into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"
#include "text/token.h"
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static char *shown(struct slice text, char *out, size_t size) {
    static const char signs[] = "w#@$le";
    struct arena arena;
    arena_init(&arena);
    struct token_list tokens = token_split(text, &arena);
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < tokens.count; i++) {
        const struct token *token = &tokens.items[i];
        assert_int_equal(token->position, i);
        assert_true(token->start + token->length <= text.length);
        assert_int_equal(token->hash,
                         hash_of_kind(hash_bytes(token->folded), (uint32_t)token->kind));
        used += (size_t)snprintf(out + used, size - used, "%s%c:%.*s", i ? " " : "",
                                 signs[token->kind], SLICE_ARGS(token->folded));
    }
    arena_free(&arena);
    return out;
}

static void assert_splits(const char *const (*rows)[2], size_t count) {
    char out[1000];
    for (size_t i = 0; i < count; i++)
        assert_string_equal(shown(slice_of(rows[i][0]), out, sizeof out), rows[i][1]);
}
#define ASSERT_SPLITS(...)                                                                         \
    do {                                                                                           \
        static const char *const rows[][2] = { __VA_ARGS__ };                                      \
        assert_splits(rows, sizeof rows / sizeof *rows);                                           \
    } while (0)

static void words_are_runs_of_letters_marks_digits_and_underscores(void **state) {
    (void)state;
    ASSERT_SPLITS(
        { "", "" }, { " .,!' ", "" }, { "My CAT sleeps", "w:my w:cat w:sleeps" },
        { "rock-n-roll AT&T", "w:rock w:n w:roll w:at w:t" },
        { "snake_case _x", "w:snake_case w:_x" }, { "\u00C9t\u00E9", "w:\u00E9t\u00E9" },
        { "cafe\u0301", "w:caf\u00E9" },
        { "\u0928\u092E\u0938\u094D\u0924\u0947", "w:\u0928\u092E\u0938\u094D\u0924\u0947" },
        { "a\u00A0b\u2003c", "w:a w:b w:c" },
        { "\xFF"
          "a\xC3 b\x80",
          "w:a w:b" });
}

static void apostrophes_and_points_join_only_inside(void **state) {
    (void)state;
    ASSERT_SPLITS({ "Don't don\u2019t 'tis dogs'", "w:don't w:don't w:tis w:dogs" },
                  { "a''b x'", "w:a w:b w:x" }, { "3.5 1,000,000.", "w:3.5 w:1,000,000" },
                  { "1.a a.1 v1.2", "w:1 w:a w:a w:1 w:v1.2" },
                  { "l'\u00E9t\u00E9", "w:l'\u00E9t\u00E9" }, { "1.\u0665", "w:1.\u0665" });
}

static void scripts_without_spaces_are_one_token_a_character(void **state) {
    (void)state;
    ASSERT_SPLITS({ "\u6771\u4EAC", "w:\u6771 w:\u4EAC" }, { "\u30E9\u30FC", "w:\u30E9 w:\u30FC" },
                  { "\u304B\u3099", "w:\u304C" }, { "ab\u6771cd", "w:ab w:\u6771 w:cd" },
                  { "\uC11C\uC6B8 \uB0A0\uC528", "w:\uC11C\uC6B8 w:\uB0A0\uC528" },
                  { "\u0E19\u0E49\u0E33", "w:\u0E19\u0E49 w:\u0E33" },
                  { "\u845B\U000E0100", "w:\u845B" });
}

static void entities_are_one_token_of_their_kind(void **state) {
    (void)state;
    ASSERT_SPLITS(
        { "#Cat #1 #1a a#b", "#:cat w:1 #:1a w:a w:b" },
        { "\uFF03\u6771\u4EAC!", "#:\u6771\u4EAC" }, { "# ## #", "" },
        { "hi @Ann. @a.b-c- @x@h.org, me@x.org", "w:hi @:ann @:a.b-c @:x@h.org w:me w:x w:org" },
        { "@ @. @-a", "w:a" }, { "@a@", "@:a" }, { "@ann's", "@:ann w:s" },
        { "$AAPL $5 $BRK.B $a.bcd US$", "$:aapl w:5 $:brk.b $:a w:bcd w:us" },
        { "$\u00E9 $a\u00E9", "w:\u00E9 w:a\u00E9" });
}

static void links_end_before_the_sentence_goes_on(void **state) {
    (void)state;
    ASSERT_SPLITS({ "see HTTPS://Ex.org/a?b=c#d. now", "w:see l:https://ex.org/a?b=c#d w:now" },
                  { "(http://a.org/x_(y))", "l:http://a.org/x_(y)" },
                  { "(http://a.org)", "l:http://a.org" }, { "www.a.org,b", "l:www.a.org,b" },
                  { "http:// https://", "w:http w:https" },
                  { "\u898Bhttps://a.org/\u898B", "w:\u898B l:https://a.org/ w:\u898B" },
                  { "\uC11Chttps://a.org", "w:\uC11C l:https://a.org" },
                  { "xhttp://a.org", "w:xhttp w:a w:org" }, { "what http", "w:what w:http" });
}

static void an_emoji_is_one_token_with_modifiers_and_joiners(void **state) {
    (void)state;
    ASSERT_SPLITS({ "nice\U0001F600day", "w:nice e:\U0001F600 w:day" },
                  { "\U0001F44D\U0001F3FD\U0001F44D", "e:\U0001F44D\U0001F3FD e:\U0001F44D" },
                  { "\u2764\uFE0F", "e:\u2764" },
                  { "\U0001F469\u200D\U0001F469\u200D\U0001F467",
                    "e:\U0001F469\u200D\U0001F469\u200D\U0001F467" },
                  { "\U0001F1EB\U0001F1F7\U0001F1E9\U0001F1EA",
                    "e:\U0001F1EB\U0001F1F7 e:\U0001F1E9\U0001F1EA" },
                  { "1\uFE0F\u20E3 #\uFE0F\u20E3 *\u20E3", "e:1\u20E3 e:#\u20E3 e:*\u20E3" },
                  { "\U0001F600\u200D", "e:\U0001F600" }, { "\uFE0F", "" });
}

static void links_can_be_split_into_words(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct token_list words = token_split_words(SLICE("https://m.org/@Ann#x"), &arena);
    static const char *const expected[] = { "https", "m", "org", "ann", "x" };
    assert_int_equal(words.count, 5);
    for (size_t i = 0; i < words.count; i++)
        assert_true(slice_is(words.items[i].folded, expected[i]));
    arena_free(&arena);
}

static void a_tone_can_be_taken_off_an_emoji(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_true(slice_is(token_without_tone(SLICE("\U0001F44D\U0001F3FD"), &arena), "\U0001F44D"));
    assert_true(slice_is(token_without_tone(SLICE("\U0001F44D"), &arena), "\U0001F44D"));
    arena_free(&arena);
}

static void any_bytes_split_into_tokens_in_order(void **state) {
    (void)state;
    static const char pieces[][8] = { "a",
                                      "1",
                                      "'",
                                      ".",
                                      "#",
                                      "@",
                                      "$",
                                      "http://",
                                      "www.",
                                      " ",
                                      "\xE2\x80\x99",
                                      "\xE6\x9D\xB1",
                                      "\xCC\x81",
                                      "\xF0\x9F\x98\x80",
                                      "\xE2\x80\x8D",
                                      "\xEF\xB8\x8F",
                                      "\xE2\x83\xA3",
                                      "\xC3",
                                      "\xFF",
                                      "\xED\x95\x9C",
                                      "_",
                                      "-",
                                      "h",
                                      "\xF0\x9F\x87\xAB" };
    struct arena arena;
    arena_init(&arena);
    srand(7);
    for (int round = 0; round < 20000; round++) {
        char text[200];
        size_t length = 0;
        for (int left = rand() % 20; left > 0; left--) {
            const char *piece = pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)];
            size_t size = strnlen(piece, sizeof *pieces);
            memcpy(text + length, piece, size);
            length += size;
        }
        char *exact = malloc(length ? length : 1); /* so that a sanitizer sees a byte too much */
        memcpy(exact, text, length);
        struct token_list tokens = token_split(slice_from(exact, length), &arena);
        size_t end = 0;
        for (size_t i = 0; i < tokens.count; i++) {
            assert_true(tokens.items[i].start >= end && tokens.items[i].length > 0);
            assert_true(tokens.items[i].folded.length > 0);
            end = tokens.items[i].start + tokens.items[i].length;
        }
        assert_true(end <= length);
        free(exact);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    arena_free(&arena);
}

static void tokens_do_not_depend_on_where_they_stand(void **state) {
    (void)state;
    static const char text[] = "Don't go to https://example.org/A, @anna@b.org: 3.5 #tag_1 x "
                               "\u00C9t\u00E9 1\uFE0F\u20E3 \U0001F44D\U0001F3FD well-known WORD";
    char spaces[200], expected[400], out[400];
    memset(spaces, ' ', sizeof spaces);
    shown(slice_of(text), expected, sizeof expected);
    struct arena arena;
    arena_init(&arena);
    for (size_t before = 0; before < 140; before++)
        for (size_t behind = 0; behind < 2; behind++) {
            /* exactly as long as it is: nothing behind it may be read */
            struct slice moved =
                arena_format(&arena, "%.*s%s%.*s", (int)before, spaces, text, (int)behind, spaces);
            char *alone = memory_alloc(moved.length);
            memcpy(alone, moved.data, moved.length);
            shown(slice_from(alone, moved.length), out, sizeof out);
            assert_string_equal(out, expected);
            memory_free(alone);
        }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_runs_of_letters_marks_digits_and_underscores),
        cmocka_unit_test(apostrophes_and_points_join_only_inside),
        cmocka_unit_test(scripts_without_spaces_are_one_token_a_character),
        cmocka_unit_test(entities_are_one_token_of_their_kind),
        cmocka_unit_test(links_end_before_the_sentence_goes_on),
        cmocka_unit_test(an_emoji_is_one_token_with_modifiers_and_joiners),
        cmocka_unit_test(links_can_be_split_into_words),
        cmocka_unit_test(a_tone_can_be_taken_off_an_emoji),
        cmocka_unit_test(any_bytes_split_into_tokens_in_order),
        cmocka_unit_test(tokens_do_not_depend_on_where_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
