/* Which language a text is in: sure answers, and none where nobody could be sure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "post/message.h"
#include "text/lang.h"

static void assert_languages(const char *const (*rows)[2], size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct slice found = language_detect(slice_of(rows[i][1]));
        if (!slice_is(found, rows[i][0]))
            fail_msg("%.*s, not %s: %s", SLICE_ARGS(found), rows[i][0], rows[i][1]);
    }
}
#define ASSERT_LANGUAGES(...)                                                                      \
    do {                                                                                           \
        static const char *const rows[][2] = { __VA_ARGS__ };                                      \
        assert_languages(rows, LENGTH(rows));                                                      \
    } while (0)

static void sentences_are_told_apart(void **state) {
    (void)state;
    ASSERT_LANGUAGES({ "en", "We walked along the river all morning and saw two herons" },
                     { "de", "Heute Morgen sind wir am Fluss entlang gelaufen, das war herrlich" },
                     { "fr", "Nous avons marché toute la matinée le long de la rivière" },
                     { "es", "Caminamos toda la mañana por la orilla del río y vimos dos garzas" },
                     { "it", "Abbiamo camminato tutta la mattina lungo il fiume, che bello" },
                     { "pt", "Caminhamos a manhã inteira à beira do rio e não choveu" },
                     { "nl", "Vanochtend hebben we de hele tijd langs de rivier gelopen" },
                     { "pl", "Dziś rano spacerowaliśmy wzdłuż rzeki i było bardzo przyjemnie" },
                     { "tr", "Bu sabah nehir boyunca yürüdük, hava çok güzeldi" },
                     { "sv", "I morse gick vi längs med ån och det var alldeles stilla" },
                     { "fi", "Kävelimme tänä aamuna joen rantaa pitkin ja oli todella kaunista" });
}

static void alphabets_of_their_own_are_told_in_few_letters(void **state) {
    (void)state;
    ASSERT_LANGUAGES({ "ru", "Сегодня утром мы гуляли вдоль реки" },
                     { "uk", "Сьогодні вранці ми гуляли вздовж річки і бачили чаплю" },
                     { "el", "Καλημέρα σε όλους" },
                     { "he", "בוקר טוב לכולם, היום מזג האוויר נפלא" },
                     { "ar", "صباح الخير يا أصدقاء" }, { "hi", "आज सुबह मौसम बहुत अच्छा है" },
                     { "th", "เช้านี้อากาศดีมาก" }, { "ja", "おはようございます" },
                     { "ko", "좋은 아침이에요" }, { "zh", "今天早上我们沿着河边散步，天气很好" });
}

static void short_or_wordless_texts_have_none(void **state) {
    (void)state;
    ASSERT_LANGUAGES({ "", "" }, { "", "ok" }, { "", "good" }, { "", "longer" }, { "", "lol" },
                     { "", "I love this" }, { "", "12:30" }, { "", "😂😂😂 👍🏽" },
                     { "", "!!! ??? ..." }, { "", "\n \t" });
}

static void links_and_names_do_not_count(void **state) {
    (void)state;
    ASSERT_LANGUAGES(
        { "", "https://www.example.com/the/quick/brown/fox/jumps/over/the/lazy/dog" },
        { "", "@the_quick_brown_fox @jumps_over @the@lazy.dog.example" },
        { "de", "@the_quick_brown_fox Das war heute sehr schön "
                "https://example.com/the/quick/brown/fox/jumps/over/the/lazy/dog/today" },
        { "ja", "今日はとても楽しかったhttps://example.com/the/quick/brown/fox/and/the/dog" });
}

static void a_text_of_two_languages_is_that_of_most_of_it(void **state) {
    (void)state;
    ASSERT_LANGUAGES({ "de", "Das Wetter ist heute herrlich, wir gehen an den See und bleiben bis "
                             "zum Abend dort, denn morgen soll es regnen. See you later!" });
}

static void any_bytes_may_come(void **state) {
    (void)state;
    assert_true(slice_is(language_detect(SLICE("Heute\xFF war\x80 ein\xC3 sehr\xF0\x9F "
                                               "sch\u00F6ner\0 Tag\x01 am Fluss")),
                         "de"));
    char bytes[512];
    for (int i = 0; i < 512; i++)
        bytes[i] = (char)i;
    (void)language_detect(slice_from(bytes, sizeof bytes));
    for (size_t length = 0; length < 4; length++)
        (void)language_detect(slice_from("\xF0\x9F\x98\x82", length));
}

/* Every cut through a character of a text that is longer than what is read. */
static void only_the_beginning_of_a_long_text_is_read(void **state) {
    (void)state;
    static const char german[] = "Das Wetter ist heute wirklich sch\u00F6n. ";
    size_t room = 1 << 20;
    char *text = malloc(room);
    for (size_t at = 0; at < room; at++)
        text[at] = german[at % (sizeof german - 1)];
    for (size_t start = 0; start < sizeof german; start++)
        assert_true(slice_is(language_detect(slice_from(text + start, room - start)), "de"));
    memset(text, 'a', room);
    (void)language_detect(slice_from(text, room));
    free(text);
}

static void the_word_of_the_network_counts_more_than_the_text(void **state) {
    (void)state;
    struct message message = { .text = SLICE("Das Wetter ist heute wirklich sehr schön"),
                               .lang = SLICE("en-GB") };
    assert_true(slice_is(message_language(&message), "en-GB"));
    message.lang = SLICE("und"); /* it has looked, too */
    assert_true(slice_is(message_language(&message), "und"));
    message.lang = SLICE("");
    assert_true(slice_is(message_language(&message), "de"));
    message.text = SLICE("now it is known and a text in English makes no difference");
    assert_true(slice_is(message_language(&message), "de"));
    message = (struct message){ .text = SLICE("ok") };
    assert_true(slice_is(message_language(&message), "und"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_told_apart),
        cmocka_unit_test(alphabets_of_their_own_are_told_in_few_letters),
        cmocka_unit_test(short_or_wordless_texts_have_none),
        cmocka_unit_test(links_and_names_do_not_count),
        cmocka_unit_test(a_text_of_two_languages_is_that_of_most_of_it),
        cmocka_unit_test(any_bytes_may_come),
        cmocka_unit_test(only_the_beginning_of_a_long_text_is_read),
        cmocka_unit_test(the_word_of_the_network_counts_more_than_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
