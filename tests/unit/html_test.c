/* HTML of posts: what is written of it, its links, and how little hostile HTML can do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "text/html.h"

static struct arena arena;

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct html_text convert(struct slice html) {
    struct html_text result;
    assert_true(html_text(html, &arena, &result));
    assert_true(utf8_valid(result.text));
    return result;
}

static void assert_texts(const char *const (*rows)[2], size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_string_equal(arena_copy(&arena, convert(slice_of(rows[i][0])).text).data,
                            rows[i][1]);
}
#define ASSERT_TEXTS(...)                                                                          \
    do {                                                                                           \
        static const char *const rows[][2] = { __VA_ARGS__ };                                      \
        assert_texts(rows, LENGTH(rows));                                                          \
    } while (0)

static void breaks_and_paragraphs_are_lines(void **state) {
    (void)state;
    ASSERT_TEXTS({ "", "" }, { "bare", "bare" }, { "<p>one</p>", "one" },
                 { "<p>one</p><p>two</p>", "one\ntwo" },
                 { "one<br>two<br/>three", "one\ntwo\nthree" },
                 { "<p>one<br></p>\n<p>two</p>", "one\ntwo" },
                 { "one<br><br>two<br><br><br><br>three", "one\n\ntwo\n\nthree" },
                 { "<br><p></p>one<p></p><br>", "one" }, { "<div>one</div>two", "one\ntwo" },
                 { "<h1>one</h1><hr>two", "one\ntwo" }, { "<p>one<p>two", "one\ntwo" },
                 /* never closed */);
}

static void white_space_is_one_space_within_a_line(void **state) {
    (void)state;
    ASSERT_TEXTS({ "  one \n\t two  ", "one two" }, { "<p> one </p> <p> two </p>", "one\ntwo" },
                 { "one <b> two</b>", "one two" }, { "<b>one</b><i>two</i>", "onetwo" },
                 { "one <br> two", "one\ntwo" }, { "one&nbsp; two", "one\u00A0 two" });
}

static void preformatted_text_keeps_spaces_and_lines(void **state) {
    (void)state;
    ASSERT_TEXTS({ "<pre>if (x)\n    y();\n\nz</pre>", "if (x)\n    y();\n\nz" },
                 { "a<pre><code>  b  c</code></pre>d  e", "a\n  b  c\nd e" },
                 { "<pre><pre>a</pre>b  c</pre>d  e", "a\nb  c\nd e" });
}

static void lists_and_quotes_are_lines(void **state) {
    (void)state;
    ASSERT_TEXTS({ "<ul><li>one</li><li>two</li></ul>", "one\ntwo" },
                 { "buy:<ol><li><p>milk</p></li>\n<li>eggs</ol>done", "buy:\nmilk\neggs\ndone" },
                 { "<blockquote><p>theirs</p></blockquote><p>mine</p>", "theirs\nmine" },
                 { "<table><tr><td>a</td><td>b</td></tr></table>", "a\nb" },
                 { "<ruby>\u6F22<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "\u6F22(kan)" });
}

static void entities_are_characters(void **state) {
    (void)state;
    ASSERT_TEXTS({ "&lt;b&gt; &amp; &quot;it&#39;s&apos;&quot;", "<b> & \"it's'\"" },
                 { "&#x1F602; &#128514; &hellip; &eacute;", "\U0001F602 \U0001F602 \u2026 \u00E9" },
                 { "&amp;lt;", "&lt;" }, /* once */
                 { "a & b &unknown; &", "a & b &unknown; &" },
                 { "&#xD800;&#x110000;&#0;", "\uFFFD\uFFFD\uFFFD" }, { "&nGt;", "\u226B\u20D2" });
}

static void numbers_that_are_no_character_leave_utf8(void **state) {
    (void)state;
    ASSERT_TEXTS({ "a&#xFFFFFF80;b", "a?b" }, { "a&#x800000E9;b", "a?b" },
                 { "<a class=mention href='&#xFFFFFFFE;'>&#xFFFFFF80;</a>", "?" });
}

static void custom_emoji_stay_and_images_are_their_alt(void **state) {
    (void)state;
    ASSERT_TEXTS({ "<p>so :blobcat: today</p>", "so :blobcat: today" },
                 { "hi <img class=\"emoji\" alt=\":wave:\" src=\"x\"> you", "hi :wave: you" },
                 { "a<img src=\"x\">b", "ab" });
}

static void scripts_styles_and_the_like_are_left_out(void **state) {
    (void)state;
    ASSERT_TEXTS({ "a<script>alert('<p>x')</script>b", "ab" }, { "a<style>p { }</style>b", "ab" },
                 { "a<!-- x -->b", "ab" }, { "a<template><p>x</p></template>b", "ab" },
                 { "a<title>x</title>b", "ab" }, { "a<iframe src=x>x</iframe>b", "ab" },
                 { "<p onclick=\"x\">a</p><script>never closed", "a" },
                 { "a<noembed>x</noembed><noframes>x</noframes>b", "ab" });
}

static void what_is_invisible_is_left_out(void **state) {
    (void)state;
    ASSERT_TEXTS({ "a<span class=\"invisible\">x</span>b", "ab" },
                 { "a<span class=\"x  invisible\ty\">x</span>b", "ab" },
                 { "a<span class=\"invisible2\">b</span>", "ab" },
                 { "<pre class=\"invisible\">x</pre>a  b", "a b" });
}

#define WEB_LINK                                                                                   \
    "<a href=\"https://www.example.com/a/long/path\" rel=\"nofollow\"><span class=\"invisible\">"  \
    "https://www.</span><span class=\"ellipsis\">example.com/a/lo</span><span "                    \
    "class=\"invisible\">ng/path</span></a>"

static void a_link_that_shows_its_address_is_its_href(void **state) {
    (void)state;
    ASSERT_TEXTS(
        { "see " WEB_LINK ".", "see https://www.example.com/a/long/path." },
        { "<a href=\"https://a.example/?x=1&amp;y=2\">https://a.example/?x</a>",
          "https://a.example/?x=1&y=2" },
        { "<a href=\" https://a.example/ \">http://other.example/</a>", "https://a.example/" });
}

static void a_link_with_words_keeps_them(void **state) {
    (void)state;
    ASSERT_TEXTS(
        { "read <a href=\"https://a.example/\">my <b>story</b></a> now", "read my story now" },
        { "<a href=\"javascript:alert(1)\">https://a.example/</a>", "https://a.example/" },
        { "<a>https://a.example/</a>", "https://a.example/" },
        { "<a href=\"https://a.example/\"></a>b", "b" });
}

static void mentions_and_hashtags_keep_their_text(void **state) {
    (void)state;
    ASSERT_TEXTS(
        { "<span class=\"h-card\"><a href=\"https://a.example/@bob\" class=\"u-url mention\">@"
          "<span>bob</span></a></span> hi",
          "@bob hi" },
        { "<a href=\"https://a.example/tags/x\" class=\"mention hashtag\" rel=\"tag\">#<span>"
          "FediJoy</span></a>",
          "#FediJoy" },
        { "<a href=\"https://a.example/@b\" class=\"mention\">https://a.example/@b</a>",
          "https://a.example/@b" });
}

static void links_are_listed_with_kind_href_and_text(void **state) {
    (void)state;
    static const struct {
        enum html_link_kind kind;
        const char *href, *text;
    } expected[] = {
        { HTML_LINK_MENTION, "https://a.example/@bob", "@bob" },
        { HTML_LINK_HASHTAG, "/tags/x", "#x" },
        { HTML_LINK_HASHTAG, "https://b.example/tags/y", "#y" },
        { HTML_LINK_URL, "https://www.example.com/a/long/path",
          "https://www.example.com/a/long/path" },
        { HTML_LINK_URL, "http://c.example/?a&b", "two words" },
        { HTML_LINK_URL, "https://d.example/", "" },
    };
    struct html_text result =
        convert(SLICE("<a class=mention href=https://a.example/@bob>@bob</a> <a class=\"mention "
                      "hashtag\" href=/tags/x>#x</a> <a rel=\"tag ugc\" "
                      "href=https://b.example/tags/y>#y</a> " WEB_LINK " <a "
                      "href='http://c.example/?a&amp;b'>two  words</a> <a href=mailto:x@y.example>"
                      "mail</a> <a href=javascript:x>no</a><a href=https://d.example/></a>"));
    assert_int_equal(result.link_count, LENGTH(expected));
    for (uint32_t i = 0; i < result.link_count; i++) {
        assert_int_equal(result.links[i].kind, expected[i].kind);
        assert_true(slice_is(result.links[i].href, expected[i].href));
        assert_true(slice_is(result.links[i].text, expected[i].text));
    }
    assert_int_equal(convert(SLICE("<p>none</p>")).link_count, 0);
}

static struct slice repeated(const char *start, const char *piece, size_t count) {
    size_t length = strlen(start), step = strlen(piece);
    char *text = arena_alloc(&arena, length + step * count + 1);
    memcpy(text, start, length);
    for (size_t i = 0; i < count; i++)
        memcpy(text + length + i * step, piece, step);
    return slice_from(text, length + step * count);
}

static void only_the_beginning_of_long_html_is_read(void **state) {
    (void)state;
    struct slice text = convert(repeated("", "\u00E9", HTML_MAX_BYTES)).text;
    assert_int_equal(text.length, HTML_MAX_BYTES);
    text = convert(repeated("a", "\u00E9", HTML_MAX_BYTES)).text; /* no half character */
    assert_int_equal(text.length, HTML_MAX_BYTES - 1);
    text = convert(repeated("", "x<b>", HTML_MAX_TAGS + 100)).text;
    assert_int_equal(text.length, HTML_MAX_TAGS + 1);
}

static void deep_html_is_read_without_recursion(void **state) {
    (void)state;
    static const char *const pieces[] = { "<div>", "<blockquote>", "<b>", "<a>",       "<table>",
                                          "<svg>", "<ul><li>",     "<p>", "<template>" };
    for (size_t i = 0; i < LENGTH(pieces); i++) {
        struct html_text result;
        assert_true(html_text(repeated("", pieces[i], HTML_MAX_TAGS), &arena, &result));
        assert_int_equal(result.text.length, 0);
    }
}

/* <b id=0><b id=1>…: each is made anew in every further paragraph. */
static struct slice tangle(unsigned elements, unsigned paragraphs) {
    char *html = arena_alloc(&arena, elements * 12 + paragraphs * 8 + 4), *to = html;
    to += sprintf(to, "<p>");
    for (unsigned i = 0; i < elements; i++)
        to += sprintf(to, "<b id=%u>", i);
    for (unsigned i = 0; i < paragraphs; i++)
        to += sprintf(to, "</p><p>x");
    return slice_from(html, (size_t)(to - html));
}

static void tangled_html_is_refused_before_it_grows(void **state) {
    (void)state;
    struct html_text result;
    struct slice html = tangle(800, 600);
    size_t before = arena_size(&arena);
    assert_false(html_text(html, &arena, &result));
    assert_true(arena_size(&arena) - before < (size_t)6 << 20);
    assert_true(html_text(tangle(20, 20), &arena, &result)); /* as careless editors make it */
    assert_int_equal(result.text.length, 39);
}

static void an_element_of_a_thousand_attributes_is_refused(void **state) {
    (void)state;
    struct html_text result;
    char *html = arena_alloc(&arena, HTML_MAX_BYTES), *to = html;
    to += sprintf(to, "<a ");
    for (unsigned i = 0; i < 4000; i++)
        to += sprintf(to, "a%u ", i);
    assert_false(html_text(slice_from(html, (size_t)(to - html)), &arena, &result));
    assert_true(html_text(repeated("", "<a b=c d=e f=g>x</a>", 600), &arena, &result));
    assert_int_equal(result.text.length, 600);
}

/* One link that every further paragraph repeats. */
static void text_never_outgrows_its_html(void **state) {
    (void)state;
    char start[2000] = "<p><a href=\"https://a.example/";
    memset(start + strlen(start), 'x', 1000);
    strcat(start, "\">https://");
    struct slice html = repeated(start, "</p><p>https://", 500);
    struct slice text = convert(html).text;
    assert_true(text.length > html.length && text.length <= html.length * 9 / 4 + 16);
}

static void the_tree_is_given_back(void **state) {
    (void)state;
    struct slice html = SLICE("<p>A post of the <b>usual</b> kind &amp; length " WEB_LINK "</p>");
    (void)convert(html);
    size_t before = arena_size(&arena);
    for (int i = 0; i < 500; i++)
        (void)convert(html);
    assert_true(arena_size(&arena) - before <= ARENA_BLOCK_BYTES);
}

/* A copy that ends where the memory does, so that the address sanitizer sees one byte too many. */
static void broken_html_is_read_to_its_end(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "&amp", "&am",   "&#",       "&#x",     "&#1",    "<",      "</",      "<a",
        "<a b", "<a b=", "<a b='",   "<a b='c", "<!",     "<!--",   "<!--x--", "<![CDATA[",
        "<?",   "\xC3",  "\xF0\x9F", "\xFF",    "<\xFF>", "<a\xC3", "</a",     "<br/",
    };
    for (size_t i = 0; i < LENGTH(pieces); i++) {
        size_t length = strlen(pieces[i]);
        char *html = memory_alloc(length);
        memcpy(html, pieces[i], length);
        (void)convert(slice_from(html, length));
        memory_free(html);
    }
    assert_int_equal(convert(SLICE("a\0b")).text.length, 2);
    assert_int_equal(convert(slice_from(NULL, 0)).text.length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaks_and_paragraphs_are_lines),
        cmocka_unit_test(white_space_is_one_space_within_a_line),
        cmocka_unit_test(preformatted_text_keeps_spaces_and_lines),
        cmocka_unit_test(lists_and_quotes_are_lines),
        cmocka_unit_test(entities_are_characters),
        cmocka_unit_test(numbers_that_are_no_character_leave_utf8),
        cmocka_unit_test(custom_emoji_stay_and_images_are_their_alt),
        cmocka_unit_test(scripts_styles_and_the_like_are_left_out),
        cmocka_unit_test(what_is_invisible_is_left_out),
        cmocka_unit_test(a_link_that_shows_its_address_is_its_href),
        cmocka_unit_test(a_link_with_words_keeps_them),
        cmocka_unit_test(mentions_and_hashtags_keep_their_text),
        cmocka_unit_test(links_are_listed_with_kind_href_and_text),
        cmocka_unit_test(only_the_beginning_of_long_html_is_read),
        cmocka_unit_test(deep_html_is_read_without_recursion),
        cmocka_unit_test(tangled_html_is_refused_before_it_grows),
        cmocka_unit_test(an_element_of_a_thousand_attributes_is_refused),
        cmocka_unit_test(text_never_outgrows_its_html),
        cmocka_unit_test(the_tree_is_given_back),
        cmocka_unit_test(broken_html_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
