/* Mastodon's statuses and events: what each member becomes. */
#include "base/hash.h"
#include "dialect_fixture.h"

/* A public status of ann with more members, each followed by a comma. */
static const struct message *read_status(const char *members) {
    return read_record(
        &reading,
        arena_format(&reading.arena,
                     "{%s\"id\":\"7\",\"uri\":\"https://a.example/7\",\"visibility\":\"public\","
                     "\"created_at\":\"2026-11-20T21:38:22.000Z\",\"content\":\"<p>hi</p>\","
                     "\"account\":{\"id\":\"1\",\"acct\":\"ann\",\"url\":\"https://a.example/@ann\""
                     "}}",
                     members));
}

static void a_whole_status_is_read(void **state) {
    (void)state;
    const struct message *post = read_file("mastodon/status.json");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->network, "mastodon");
    assert_text(post->id, "https://example.social/users/ada/statuses/108913983692647032");
    assert_text(post->key, "https://example.social/users/ada/statuses/108913983692647032");
    assert_true(post->key_hash == hash_bytes(post->key));
    assert_text(post->notice_id, "108913983692647032");
    assert_text(post->text, "And now I can't exit \u2014 it's great & fun \U0001F602\nsecond line\n"
                            "@bob #FediJoy https://www.example.com/a/very/long/path");
    assert_text(post->lang, "en");
    assert_true(post->created_ms == 1795210702000);
    assert_text(post->author.id, "https://example.social/users/ada");
    assert_text(post->author.handle, "ada@example.social");
    assert_text(post->author.name, "Ada :blobcat:");
    assert_int_equal(post->author.followers, 150);
    assert_items(post->hashtags, "fedijoy");
    assert_items(post->mentions, "bob@example.social");
    assert_items(post->urls, "https://www.example.com/a/very/long/path");
    assert_no_items(post->cashtags);
    assert_int_equal(post->traits, 0);
}

static void an_edited_status_is_an_edit_under_the_same_key(void **state) {
    (void)state;
    struct slice key = read_file("mastodon/status.json")->key;
    const struct message *edit = read_file("mastodon/status-edited.json");
    assert_int_equal(edit->kind, MESSAGE_EDIT);
    assert_true(slice_equal(edit->key, key));
    assert_true(edit->created_ms == 1795210702000); /* when it was first posted */
}

static void a_content_warning_is_the_first_line(void **state) {
    (void)state;
    const struct message *post = read_file("mastodon/status-cw.json");
    assert_text(post->text, "film spoilers\nthe ending :(");
    assert_int_equal(post->traits, TRAIT_SENSITIVE);
    assert_text(read_status("\"spoiler_text\":\" a & b \",\"content\":\"<p></p>\",")->text,
                "a & b"); /* it is no HTML */
    assert_text(read_status("\"spoiler_text\":\"  \",")->text, "hi");
}

static void a_boost_has_its_original_s_content_and_its_own_author(void **state) {
    (void)state;
    const struct message *boost = read_file("mastodon/status-boost.json");
    assert_int_equal(boost->kind, MESSAGE_POST);
    assert_text(boost->id, "https://example.social/users/ada/statuses/108913983692647040");
    assert_text(boost->text, "inner <script> text");
    assert_int_equal(boost->lang.length, 0); /* the original names none */
    assert_int_equal(boost->traits, TRAIT_RETWEET);
    boost = read_status("\"content\":\"outer\",\"language\":\"en\",\"tags\":[{\"name\":\"own\"}],"
                        "\"edited_at\":\"2026-11-20T21:40:00.000Z\",\"reblog\":{\"content\":\"it\","
                        "\"language\":\"de\",\"spoiler_text\":\"w\",\"sensitive\":true,\"tags\":[{"
                        "\"name\":\"theirs\"}],\"mentions\":[{\"acct\":\"eve\",\"url\":"
                        "\"https://c.example/@eve\"}],\"media_attachments\":[{\"type\":\"image\"}],"
                        "\"card\":{\"url\":\"https://d.example/\"},\"account\":{\"acct\":"
                        "\"bob@b.example\",\"id\":\"2\",\"url\":\"https://b.example/@bob\"}},");
    assert_int_equal(boost->kind, MESSAGE_POST); /* not the boost was edited */
    assert_text(boost->text, "w\nit");
    assert_text(boost->lang, "de");
    assert_items(boost->hashtags, "theirs");
    assert_items(boost->mentions, "eve@c.example");
    assert_items(boost->urls, "https://d.example/");
    assert_text(boost->author.handle, "ann@a.example");
    assert_text(boost->retweeted_handle, "bob@b.example");
    assert_text(boost->retweeted_id, "https://b.example/@bob");
    assert_int_equal(boost->traits, TRAIT_RETWEET | TRAIT_SENSITIVE | TRAIT_MEDIA | TRAIT_IMAGES);
}

static void only_what_is_said_to_be_public_is_a_post(void **state) {
    (void)state;
    static const struct {
        const char *members;
        enum message_kind kind;
    } cases[] = {
        { "\"visibility\":\"unlisted\",", MESSAGE_POST },
        { "\"visibility\":\"private\",", MESSAGE_CONTROL },
        { "\"visibility\":\"direct\",", MESSAGE_CONTROL },
        { "\"visibility\":\"local\",", MESSAGE_CONTROL },
        { "\"visibility\":5,", MESSAGE_CONTROL },
        { "\"visibility\":null,", MESSAGE_MALFORMED },
        { "\"reblog\":{\"visibility\":\"private\",\"content\":\"secret\"},", MESSAGE_CONTROL },
        { "\"visibility\":\"direct\",\"edited_at\":\"2026-11-20T21:40:00.000Z\",",
          MESSAGE_CONTROL },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const struct message *message = read_status(cases[i].members);
        assert_int_equal(message->kind, cases[i].kind);
        if (message->kind != MESSAGE_POST) assert_int_equal(message->text.length, 0);
    }
}

static void handles_name_their_server(void **state) {
    (void)state;
    assert_text(read_status("")->author.handle, "ann@a.example");
    assert_text(read_status("\"account\":{\"acct\":\"ann@b.example\",\"url\":"
                            "\"https://a.example/@ann\"},")
                    ->author.handle,
                "ann@b.example");
    static const char *const urls[] = { "null", "\"a.example/@ann\"", "\"https://\"", "7",
                                        "\"javascript:alert(1)\"" };
    for (size_t i = 0; i < LENGTH(urls); i++) {
        const struct message *post =
            read_status(arena_format(&reading.arena,
                                     "\"account\":{\"acct\":\"ann\",\"id\":5,\"url\":%s},", urls[i])
                            .data);
        assert_text(post->author.handle, "ann");
    }
}

static void an_author_s_id_is_the_same_on_every_server_if_it_is_said(void **state) {
    (void)state;
    assert_text(read_status("\"account\":{\"acct\":\"a\",\"id\":\"5\",\"url\":\"https://a/@a\","
                            "\"uri\":\"https://a/users/a\"},")
                    ->author.id,
                "https://a/users/a");
    assert_text(read_status("\"account\":{\"acct\":\"a\",\"id\":\"5\",\"url\":\"https://a/@a\"},")
                    ->author.id,
                "https://a/@a");
    assert_text(read_status("\"account\":{\"acct\":\"a\",\"id\":5},")->author.id, "5");
}

static void lists_that_are_missing_come_from_the_content(void **state) {
    (void)state;
    static const char content[] =
        "\"content\":\"<a href='https://b.example/@bob' class='u-url mention'>@<span>bob</span></a>"
        " <a href='https://c.example/@eve' class=mention>@eve@c.example</a> <a class='mention "
        "hashtag' href='/tags/x'>#<span>FediJoy</span></a> <a href='/tags/y' rel=tag>#</a>\",";
    const struct message *post = read_status(content);
    assert_items(post->mentions, "bob@b.example", "eve@c.example");
    assert_items(post->hashtags, "FediJoy");
    assert_no_items(post->urls);
    char *json = arena_alloc(&reading.arena, sizeof content + 40);
    sprintf(json, "\"tags\":[],\"mentions\":[],%s", content);
    post = read_status(json);
    assert_no_items(post->mentions);
    assert_no_items(post->hashtags);
}

static void links_are_those_of_the_content_and_the_card(void **state) {
    (void)state;
    static const char content[] =
        "\"content\":\"<a href='https://a.example/1'>one</a> <a href='https://b.example/2'>two</a> "
        "<a href='mailto:a@b.example'>three</a>\",";
    char *json = arena_alloc(&reading.arena, sizeof content + 60);
    assert_items(read_status(content)->urls, "https://a.example/1", "https://b.example/2");
    sprintf(json, "%s\"card\":{\"url\":\"https://c.example/3\"},", content);
    assert_items(read_status(json)->urls, "https://a.example/1", "https://b.example/2",
                 "https://c.example/3");
    sprintf(json, "%s\"card\":{\"url\":\"https://b.example/2\"},", content);
    assert_items(read_status(json)->urls, "https://a.example/1", "https://b.example/2");
    assert_text(reading.message.text, "one two three");
}

static void media_are_told_apart(void **state) {
    (void)state;
    static const struct {
        const char *type;
        uint32_t traits;
    } cases[] = { { "\"image\"", TRAIT_MEDIA | TRAIT_IMAGES },
                  { "\"video\"", TRAIT_MEDIA | TRAIT_VIDEO },
                  { "\"gifv\"", TRAIT_MEDIA | TRAIT_VIDEO },
                  { "\"audio\"", TRAIT_MEDIA },
                  { "\"unknown\"", TRAIT_MEDIA },
                  { "null", 0 } };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct slice json =
            arena_format(&reading.arena, "\"media_attachments\":[{\"type\":%s}],", cases[i].type);
        assert_int_equal(read_status(json.data)->traits, cases[i].traits);
    }
}

static void a_reply_names_whom_it_answers_where_that_is_known(void **state) {
    (void)state;
    const struct message *post =
        read_status("\"in_reply_to_id\":\"6\",\"in_reply_to_account_id\":\"3\",\"mentions\":[{"
                    "\"id\":\"2\",\"acct\":\"bob\",\"url\":\"https://a.example/@bob\"},{\"id\":"
                    "\"3\",\"acct\":\"eve@c.example\",\"url\":\"https://c.example/@eve\"}],");
    assert_int_equal(post->traits, TRAIT_REPLY);
    assert_text(post->reply_to_handle, "eve@c.example");
    post = read_status("\"in_reply_to_id\":\"6\",\"in_reply_to_account_id\":\"1\",");
    assert_text(post->reply_to_handle, "ann@a.example"); /* a thread of her own */
    post =
        read_status("\"in_reply_to_id\":\"6\",\"in_reply_to_account_id\":\"9\",\"mentions\":[],");
    assert_int_equal(post->traits, TRAIT_REPLY);
    assert_int_equal(post->reply_to_handle.length, 0);
    assert_int_equal(read_status("\"in_reply_to_id\":null,")->traits, 0);
}

static void bots_and_quotes_are_marked(void **state) {
    (void)state;
    assert_int_equal(read_status("\"account\":{\"acct\":\"a\",\"bot\":true},")->traits, TRAIT_BOT);
    const struct message *post =
        read_status("\"quote\":{\"state\":\"accepted\",\"quoted_status\":{\"visibility\":"
                    "\"public\",\"content\":\"<p>theirs</p>\"}},");
    assert_int_equal(post->traits, TRAIT_QUOTE);
    assert_text(post->quoted_text, "theirs");
    post = read_status("\"quote\":{\"quoted_status\":{\"visibility\":\"private\",\"content\":"
                       "\"secret\"}},");
    assert_int_equal(post->quoted_text.length, 0);
    assert_int_equal(read_status("\"quote\":null,")->traits, 0);
}

static const struct message *read_frame(size_t number) {
    struct slice lines = data_file(&reading.arena, "mastodon/ws-frames.jsonl");
    for (;;) {
        const char *newline = memchr(lines.data, '\n', lines.length);
        size_t length = newline ? (size_t)(newline - lines.data) : lines.length;
        if (number-- == 0) return read_record(&reading, slice_first(lines, length));
        lines = slice_skip(lines, length + 1);
    }
}

static void a_frame_of_the_socket_is_the_status_in_it(void **state) {
    (void)state;
    const struct message *post = read_frame(0);
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->key, "https://example.social/users/ada/statuses/108913983692647032");
    assert_items(post->hashtags, "fedijoy");
    assert_true(slice_starts(post->raw, SLICE("{\"id\":\"108913983692647032\",")));
    assert_non_null(reading.slots);
}

static void a_frame_of_a_delete_names_the_post_by_its_number(void **state) {
    (void)state;
    const struct message *delete = read_frame(1);
    assert_int_equal(delete->kind, MESSAGE_DELETE);
    assert_text(delete->id, "106692867363994015");
    assert_text(delete->notice_id, "106692867363994015");
    assert_int_equal(delete->key.length, 0);
    assert_true(delete->key_hash == hash_bytes(SLICE("106692867363994015")));
    delete = read_text(&reading, "{\"event\":\"delete\",\"payload\":\"42\"}");
    assert_int_equal(delete->kind, MESSAGE_DELETE);
}

static void other_events_and_complaints_are_control(void **state) {
    (void)state;
    assert_int_equal(read_frame(2)->kind, MESSAGE_CONTROL);
    assert_int_equal(read_frame(3)->kind, MESSAGE_CONTROL);
    assert_int_equal(read_text(&reading, "{\"stream\":[\"user\"],\"event\":\"notification\","
                                         "\"payload\":\"{}\"}")
                         ->kind,
                     MESSAGE_CONTROL);
}

static void an_event_without_a_status_is_malformed(void **state) {
    (void)state;
    static const char *const events[] = {
        "{\"event\":\"update\",\"payload\":\"\"}",
        "{\"event\":\"update\",\"payload\":7}",
        "{\"event\":\"update\",\"stream\":[\"public\"]}",
        "{\"event\":\"status.update\",\"payload\":\"[1]\"}",
        "{\"event\":\"update\",\"payload\":\"{\\\"id\\\":\"}",
        "{\"event\":\"update\",\"payload\":\"{\\\"id\\\":7}\"}",
        "{\"event\":\"delete\",\"payload\":\"\"}",
        "{\"event\":\"update\",\"payload\":\"{\\\"event\\\":\\\"update\\\",\\\"payload\\\":7}\"}",
    };
    for (size_t i = 0; i < LENGTH(events); i++) {
        const struct message *message = read_text(&reading, events[i]);
        assert_int_equal(message->kind, MESSAGE_MALFORMED);
        assert_true(message->reason.length > 0);
    }
}

static void members_of_wrong_types_are_malformed_or_left_out(void **state) {
    (void)state;
    assert_int_equal(read_status("\"uri\":7,")->kind, MESSAGE_MALFORMED);
    assert_int_equal(read_status("\"uri\":\"\",")->kind, MESSAGE_MALFORMED);
    assert_int_equal(read_status("\"content\":7,")->kind, MESSAGE_MALFORMED);
    assert_int_equal(read_status("\"content\":{},")->kind, MESSAGE_MALFORMED);
    const struct message *post = read_status(
        "\"account\":{\"acct\":7,\"id\":{},\"display_name\":[],\"followers_count\":\"many\","
        "\"bot\":"
        "\"yes\"},\"created_at\":\"soon\",\"edited_at\":5,\"language\":{},\"sensitive\":1,\"tags\":"
        "[{\"name\":4},{}],\"mentions\":[{\"acct\":\"b\"},{\"url\":\"https://a.example/\"},7],"
        "\"card\":[],\"reblog\":[],\"quote\":\"x\",\"spoiler_text\":5,\"media_attachments\":{},"
        "\"in_reply_to_id\":{},\"in_reply_to_account_id\":[],");
    assert_int_equal(post->kind, MESSAGE_POST);
    assert_text(post->text, "hi");
    assert_int_equal(post->traits, 0);
    assert_true(post->created_ms == TIME_UNKNOWN);
    assert_int_equal(post->author.id.length + post->author.handle.length, 0);
    assert_no_items(post->hashtags);
    assert_items(post->mentions, "b");
}

static void an_id_that_could_be_another_network_s_is_none_of_it(void **state) {
    (void)state;
    assert_text(read_status("\"uri\":\"x:123\",")->key, "mastodon:x:123");
}

static void exported_posts_replay_under_the_same_key(void **state) {
    (void)state;
    const struct message *post =
        read_text(&reading, "{\"id\":\"https://a.example/7\",\"network\":\"mastodon\",\"text\":"
                            "\"a\"}");
    assert_text(post->key, "https://a.example/7");
    post = read_text(&reading, "{\"_id\":\"https://a.example/7\",\"deleted\":true}");
    assert_text(post->key, "https://a.example/7");
    post = read_text(&reading, "{\"id\":\"https://a.example/7\",\"network\":\"forum\",\"text\":"
                               "\"a\"}");
    assert_text(post->key, "forum:https://a.example/7");
}

static void tangled_content_is_malformed(void **state) {
    (void)state;
    char *content = arena_alloc(&reading.arena, 40000), *to = content;
    to += sprintf(to, "\"content\":\"<p>");
    for (int i = 0; i < 800; i++)
        to += sprintf(to, "<b id=%d>", i);
    for (int i = 0; i < 600; i++)
        to += sprintf(to, "</p><p>x");
    strcpy(to, "\",");
    const struct message *post = read_status(content);
    assert_int_equal(post->kind, MESSAGE_MALFORMED);
    assert_true(post->reason.length > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_status_is_read),
        cmocka_unit_test(an_edited_status_is_an_edit_under_the_same_key),
        cmocka_unit_test(a_content_warning_is_the_first_line),
        cmocka_unit_test(a_boost_has_its_original_s_content_and_its_own_author),
        cmocka_unit_test(only_what_is_said_to_be_public_is_a_post),
        cmocka_unit_test(handles_name_their_server),
        cmocka_unit_test(an_author_s_id_is_the_same_on_every_server_if_it_is_said),
        cmocka_unit_test(lists_that_are_missing_come_from_the_content),
        cmocka_unit_test(links_are_those_of_the_content_and_the_card),
        cmocka_unit_test(media_are_told_apart),
        cmocka_unit_test(a_reply_names_whom_it_answers_where_that_is_known),
        cmocka_unit_test(bots_and_quotes_are_marked),
        cmocka_unit_test(a_frame_of_the_socket_is_the_status_in_it),
        cmocka_unit_test(a_frame_of_a_delete_names_the_post_by_its_number),
        cmocka_unit_test(other_events_and_complaints_are_control),
        cmocka_unit_test(an_event_without_a_status_is_malformed),
        cmocka_unit_test(members_of_wrong_types_are_malformed_or_left_out),
        cmocka_unit_test(an_id_that_could_be_another_network_s_is_none_of_it),
        cmocka_unit_test(exported_posts_replay_under_the_same_key),
        cmocka_unit_test(tangled_content_is_malformed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
