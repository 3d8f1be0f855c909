/* Duplicates, deletes and the sums, in the order of the batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "config/snapshot.h"
#include "flow/known_ids.h"
#include "flow/release.h"

static const char *const query_names[] = { "coffee", "tea" };
static const struct part_config sinks[] = { { .name = "archive", .schema = 1 },
                                            { .name = "index", .schema = 0 } };
static const struct snapshot snapshot = { .generation = 7,
                                          .query_names = query_names,
                                          .schema_count = 2,
                                          .sinks = sinks,
                                          .sink_count = LENGTH(sinks) };

static struct {
    struct releaser *releaser;
    struct batch *batch;
    struct source_sums sums;
    struct record *records;
    uint32_t kept;
} bench;

static int begin(void **state) {
    (void)state;
    memset(&bench, 0, sizeof bench);
    bench.releaser = releaser_create();
    bench.batch = batch_create();
    bench.sums.name = "file";
    return 0;
}

static int end(void **state) {
    (void)state;
    releaser_destroy(bench.releaser);
    batch_destroy(bench.batch);
    return 0;
}

static void next_batch(void) {
    batch_reset(bench.batch);
    bench.batch->snapshot = &snapshot;
    bench.batch->position = SLICE("99");
}

/* As process() leaves it: posts kept or filtered, the rest pending. */
static struct message *add(enum message_kind kind, uint64_t id) {
    struct message *message = batch_add(bench.batch, SLICE("raw"), id);
    message->kind = kind;
    message->key = arena_format(&bench.batch->arena, "x:%llu", (unsigned long long)id);
    message->key_hash = hash_bytes(message->key);
    message->documents =
        arena_zeroed(&bench.batch->arena, snapshot.schema_count, sizeof *message->documents);
    for (size_t i = 0; i < snapshot.schema_count; i++)
        message->documents[i].key = message->key;
    if (kind == MESSAGE_POST || kind == MESSAGE_EDIT) message->outcome = OUTCOME_KEPT;
    return message;
}

static void release(void) {
    bench.kept = batch_release(bench.releaser, bench.batch, &bench.sums, &bench.records);
    const struct source_sums *sums = &bench.sums;
    assert_int_equal(sums->received, sums->control + sums->malformed + sums->duplicate +
                                         sums->filtered + sums->spooled);
}

static void release_one(enum message_kind kind, uint64_t id, enum message_outcome expected) {
    next_batch();
    const struct message *message = add(kind, id);
    release();
    assert_int_equal(message->outcome, expected);
    assert_int_equal(bench.kept, expected == OUTCOME_KEPT);
}

static void a_post_comes_once(void **state) {
    (void)state;
    next_batch();
    add(MESSAGE_POST, 1);
    add(MESSAGE_POST, 2);
    add(MESSAGE_POST, 1); /* in the same batch */
    release();
    assert_int_equal(bench.kept, 2);
    release_one(MESSAGE_POST, 2, OUTCOME_DUPLICATE); /* and in a later one */
    release_one(MESSAGE_POST, 3, OUTCOME_KEPT);
    assert_int_equal(bench.sums.duplicate, 2);
    assert_int_equal(bench.sums.spooled, 3);
}

static void a_filtered_post_is_not_remembered(void **state) {
    (void)state;
    next_batch();
    add(MESSAGE_POST, 1)->outcome = OUTCOME_FILTERED;
    release();
    assert_int_equal(bench.kept, 0);
    release_one(MESSAGE_POST, 1, OUTCOME_KEPT);
}

static void a_delete_of_a_kept_post_is_kept_once(void **state) {
    (void)state;
    release_one(MESSAGE_POST, 1, OUTCOME_KEPT);
    release_one(MESSAGE_DELETE, 1, OUTCOME_KEPT);
    assert_int_equal(bench.records[0].kind, RECORD_DELETE);
    assert_true(slice_is(bench.records[0].key, "x:1"));
    release_one(MESSAGE_DELETE, 1, OUTCOME_DUPLICATE);
    release_one(MESSAGE_POST, 1, OUTCOME_DUPLICATE); /* it stays deleted */
}

static void a_post_that_comes_after_its_delete_stays_deleted(void **state) {
    (void)state;
    release_one(MESSAGE_DELETE, 5, OUTCOME_FILTERED);
    release_one(MESSAGE_DELETE, 5, OUTCOME_DUPLICATE);
    release_one(MESSAGE_POST, 5, OUTCOME_FILTERED);
    next_batch();
    struct message *delete = add(MESSAGE_DELETE, 6), *post = add(MESSAGE_POST, 6);
    release();
    assert_int_equal(delete->outcome, OUTCOME_FILTERED);
    assert_int_equal(post->outcome, OUTCOME_FILTERED);
}

static void fill(enum message_kind kind, uint64_t from, uint64_t count) {
    for (uint64_t id = from; id < from + count;) {
        next_batch();
        for (; id < from + count && bench.batch->count < BATCH_MESSAGES; id++)
            add(kind, id);
        release();
    }
}

static void deletes_of_kept_posts_push_no_unknown_delete_out(void **state) {
    (void)state;
    release_one(MESSAGE_DELETE, 1, OUTCOME_FILTERED);
    fill(MESSAGE_POST, 1000, KNOWN_DELETES + 1);
    fill(MESSAGE_DELETE, 1000, KNOWN_DELETES + 1);
    release_one(MESSAGE_POST, 1, OUTCOME_FILTERED);
}

static void the_oldest_unknown_delete_is_forgotten(void **state) {
    (void)state;
    release_one(MESSAGE_DELETE, 1, OUTCOME_FILTERED);
    release_one(MESSAGE_DELETE, 2, OUTCOME_FILTERED);
    fill(MESSAGE_DELETE, 1000, KNOWN_DELETES - 1);
    release_one(MESSAGE_POST, 2, OUTCOME_FILTERED);
    release_one(MESSAGE_POST, 1, OUTCOME_KEPT);
}

/* An edit whose bytes are `raw`; it matches or not. */
static const struct record *release_edit(uint64_t id, const char *raw, bool matches,
                                         enum message_outcome expected) {
    next_batch();
    struct message *edit = add(MESSAGE_EDIT, id);
    edit->raw = slice_of(raw);
    edit->outcome = matches ? OUTCOME_KEPT : OUTCOME_FILTERED;
    release();
    assert_int_equal(edit->outcome, expected);
    return expected == OUTCOME_KEPT ? &bench.records[0] : NULL;
}

static void an_edit_of_a_kept_post_is_kept_once(void **state) {
    (void)state;
    release_one(MESSAGE_POST, 1, OUTCOME_KEPT);
    assert_int_equal(release_edit(1, "a", true, OUTCOME_KEPT)->kind, RECORD_EDIT);
    release_edit(1, "a", true, OUTCOME_DUPLICATE);
    assert_int_equal(release_edit(1, "b", true, OUTCOME_KEPT)->kind, RECORD_EDIT);
    release_one(MESSAGE_POST, 1, OUTCOME_DUPLICATE);
}

static void an_edit_that_matches_no_more_is_a_delete_until_one_matches_again(void **state) {
    (void)state;
    release_one(MESSAGE_POST, 1, OUTCOME_KEPT);
    const struct record *record = release_edit(1, "a", false, OUTCOME_KEPT);
    assert_int_equal(record->kind, RECORD_DELETE);
    assert_true(slice_is(record->documents[0].key, "x:1"));
    assert_int_equal(record->documents[0].bytes.length, 0);
    release_edit(1, "a", false, OUTCOME_DUPLICATE);
    release_one(MESSAGE_POST, 1, OUTCOME_DUPLICATE);
    assert_int_equal(release_edit(1, "b", true, OUTCOME_KEPT)->kind, RECORD_EDIT);
}

static void an_edit_of_a_post_that_did_not_match_is_kept_when_it_matches(void **state) {
    (void)state;
    release_edit(1, "a", false, OUTCOME_FILTERED);
    assert_int_equal(release_edit(1, "b", true, OUTCOME_KEPT)->kind, RECORD_EDIT);
    release_one(MESSAGE_POST, 1, OUTCOME_DUPLICATE);
}

static void after_a_delete_no_edit_brings_a_post_back(void **state) {
    (void)state;
    release_one(MESSAGE_POST, 1, OUTCOME_KEPT);
    release_one(MESSAGE_DELETE, 1, OUTCOME_KEPT);
    release_edit(1, "a", true, OUTCOME_FILTERED);
    release_one(MESSAGE_DELETE, 2, OUTCOME_FILTERED);
    release_edit(2, "a", true, OUTCOME_FILTERED);
}

/* What a store that applies the records holds of id 1: 0 nothing, else the version. */
static int stored_after(const int *order, const bool *matches, bool deleted) {
    int stored = 0;
    for (int i = 0; i < 3; i++) {
        int version = order[i];
        next_batch();
        if (version == 2 && !deleted) continue;
        struct message *message =
            version == 2 ? add(MESSAGE_DELETE, 1) : add(version ? MESSAGE_EDIT : MESSAGE_POST, 1);
        if (version < 2) message->outcome = matches[version] ? OUTCOME_KEPT : OUTCOME_FILTERED;
        release();
        if (bench.kept) stored = bench.records[0].kind == RECORD_DELETE ? 0 : version + 1;
    }
    return stored;
}

static void post_edit_and_delete_end_alike_in_any_order(void **state) {
    static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                      { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    for (int given = 0; given < 8; given++) {
        const bool matches[] = { given & 1, given & 2 };
        for (size_t i = 0; i < LENGTH(orders); i++) {
            end(state);
            begin(state);
            int stored = stored_after(orders[i], matches, given & 4);
            assert_int_equal(stored, (given & 4) || !matches[1] ? 0 : 2);
        }
    }
}

/* ---- random histories against a plain model ------------------------------------------------- */

#define IDS 4
#define VERSIONS 5 /* of an id: 0 its post, the others its edits */
#define DELETION VERSIONS
#define EVENTS (IDS * (VERSIONS + 1))

/* What happened to an id where it comes from, in this order: post, edits, perhaps a delete. */
struct history {
    int versions;
    bool matches[VERSIONS], deleted;
};

struct event {
    int id, version;
};

/* What is right: the last version if it matches, nothing after a delete. */
static int model_of(const struct history *history) {
    int last = history->versions - 1;
    return !history->deleted && history->matches[last] ? last + 1 : 0;
}

static size_t make_histories(struct history *histories, struct event *events) {
    size_t count = 0;
    for (int id = 0; id < IDS; id++) {
        struct history *history = &histories[id];
        history->versions = 1 + rand() % VERSIONS;
        history->deleted = rand() % 3 == 0;
        for (int version = 0; version < history->versions; version++) {
            history->matches[version] = rand() % 2;
            events[count++] = (struct event){ id, version };
        }
        if (history->deleted) events[count++] = (struct event){ id, DELETION };
    }
    return count;
}

/* Any order, but edits of an id come as they were made. */
static void shuffle(struct event *events, size_t count) {
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)rand() % i;
        struct event event = events[i - 1];
        events[i - 1] = events[other];
        events[other] = event;
    }
    int next[IDS] = { 1, 1, 1, 1 };
    for (size_t i = 0; i < count; i++)
        if (events[i].version != 0 && events[i].version != DELETION)
            events[i].version = next[events[i].id]++;
}

static void add_event(const struct history *histories, struct event event) {
    enum message_kind kind = event.version == 0          ? MESSAGE_POST
                             : event.version == DELETION ? MESSAGE_DELETE
                                                         : MESSAGE_EDIT;
    struct message *message = add(kind, (uint64_t)event.id);
    message->raw = arena_format(&bench.batch->arena, "%d", event.version);
    if (kind != MESSAGE_DELETE)
        message->outcome =
            histories[event.id].matches[event.version] ? OUTCOME_KEPT : OUTCOME_FILTERED;
}

/* A store that applies records: the version that it holds of each id, plus 1; 0 none. */
static void store_apply(int *stored) {
    for (uint32_t i = 0; i < bench.kept; i++) {
        const struct record *record = &bench.records[i];
        int *held = &stored[record->key.data[2] - '0'];
        *held = record->kind == RECORD_DELETE ? 0 : record->raw.data[0] - '0' + 1;
    }
}

static void any_order_and_any_repeats_end_like_the_right_order(void **state) {
    for (unsigned seed = 0; seed < 20000; seed++) {
        struct history histories[IDS];
        struct event events[EVENTS];
        int stored[IDS] = { 0 };
        srand(seed);
        end(state);
        begin(state);
        size_t count = make_histories(histories, events);
        shuffle(events, count);
        next_batch();
        for (size_t i = 0; i < count; i++) {
            add_event(histories, events[i]);
            while (rand() % 2) /* whatever came before comes again */
                add_event(histories, events[(size_t)rand() % (i + 1)]);
            if (rand() % 3 && i + 1 < count) continue;
            release();
            store_apply(stored);
            next_batch();
        }
        assert_true(bench.sums.spooled <= count); /* no repeat is kept */
        for (int id = 0; id < IDS; id++)
            if (stored[id] != model_of(&histories[id]))
                fail_msg("seed %u: id %d has version %d, not %d", seed, id, stored[id] - 1,
                         model_of(&histories[id]) - 1);
    }
}

/* A post, or its delete, of a network whose deletes say a number of their own. */
static const struct message *release_named(enum message_kind kind, uint64_t id,
                                           enum message_outcome expected) {
    next_batch();
    struct message *message = add(kind, id);
    message->notice_id = arena_format(&bench.batch->arena, "n%llu", (unsigned long long)id);
    if (kind == MESSAGE_DELETE) {
        message->key = SLICE("");
        message->key_hash = hash_bytes(message->notice_id);
        message->documents[0].key = message->key; /* this schema takes the message's */
        message->documents[1].key = message->notice_id;
    }
    release();
    assert_int_equal(message->outcome, expected);
    return message;
}

static void a_delete_by_another_name_finds_its_post(void **state) {
    (void)state;
    release_named(MESSAGE_POST, 1, OUTCOME_KEPT);
    release_named(MESSAGE_POST, 2, OUTCOME_KEPT);
    release_named(MESSAGE_DELETE, 1, OUTCOME_KEPT);
    assert_true(slice_is(bench.records[0].key, "x:1"));
    assert_true(slice_is(bench.records[0].documents[0].key, "x:1"));
    assert_true(slice_is(bench.records[0].documents[1].key, "n1"));
    release_named(MESSAGE_DELETE, 1, OUTCOME_DUPLICATE);
    release_named(MESSAGE_POST, 1, OUTCOME_DUPLICATE);
}

static void a_post_that_comes_after_its_delete_by_another_name_stays_deleted(void **state) {
    (void)state;
    release_named(MESSAGE_DELETE, 1, OUTCOME_FILTERED);
    release_named(MESSAGE_DELETE, 1, OUTCOME_DUPLICATE);
    release_named(MESSAGE_POST, 1, OUTCOME_FILTERED);
}

static void a_name_from_before_finds_its_post(void **state) {
    (void)state;
    release_named(MESSAGE_POST, 1, OUTCOME_KEPT);
    uint64_t name = bench.records[0].name;
    assert_int_equal(name, hash_bytes(SLICE("n1")));
    releaser_destroy(bench.releaser);
    bench.releaser = releaser_create();
    releaser_know(bench.releaser,
                  &(struct known_id){ SPOOL_KEPT, hash_bytes(SLICE("x:1")), { 0 } });
    releaser_know(bench.releaser, &(struct known_id){ SPOOL_NAME, name, SLICE("x:1") });
    release_named(MESSAGE_DELETE, 1, OUTCOME_KEPT);
    assert_true(slice_is(bench.records[0].key, "x:1"));
    assert_int_equal(bench.records[0].name, 0);
    release_one(MESSAGE_POST, 2, OUTCOME_KEPT);
    assert_int_equal(bench.records[0].name, 0);
}

static void control_and_malformed_are_counted_and_not_kept(void **state) {
    (void)state;
    next_batch();
    add(MESSAGE_CONTROL, 1);
    for (uint64_t i = 0; i < KEPT_COMPLAINTS + 3; i++) {
        struct message *message = add(MESSAGE_MALFORMED, i);
        message->raw = SLICE("{\"text\":\x1b[31m\xC3\xA9 and so on, for longer than is kept of it, "
                             "which is not much at all");
        message->reason = SLICE("a value is no JSON");
    }
    release();
    assert_int_equal(bench.kept, 0);
    assert_int_equal(bench.sums.control, 1);
    assert_int_equal(bench.sums.malformed, KEPT_COMPLAINTS + 3);
    for (uint64_t i = 0; i < KEPT_COMPLAINTS; i++) {
        const struct complaint *complaint = &bench.sums.complaints[i];
        assert_int_equal(complaint->offset, i);
        assert_string_equal(complaint->reason, "a value is no JSON");
        assert_int_equal(strlen(complaint->record), sizeof complaint->record - 1);
        for (const char *at = complaint->record; *at; at++)
            assert_in_range(*at, 0x20, 0x7e);
    }
}

static void records_carry_everything_and_are_numbered_without_gaps(void **state) {
    (void)state;
    static const uint32_t matched[] = { 0, 1 };
    static struct document documents[] = { { { "post", 4 }, { "a", 1 }, { "{}", 2 } },
                                           { SLICE("tweet"), SLICE("b"), SLICE("{1}") } };
    next_batch();
    add(MESSAGE_POST, 1)->outcome = OUTCOME_FILTERED;
    struct message *post = add(MESSAGE_POST, 2);
    post->queries = matched;
    post->query_count = 2;
    post->label = SLICE("positive");
    post->scored = true;
    post->traits = TRAIT_REPLY | TRAIT_BOT;
    post->score = 0.5;
    post->received_ms = 1234;
    post->documents = documents;
    add(MESSAGE_POST, 3);
    release();
    assert_int_equal(bench.kept, 2);
    const struct record *record = &bench.records[0];
    assert_int_equal(record->sequence, 1);
    assert_true(slice_is(record->source, "file"));
    assert_true(slice_is(record->position, "99"));
    assert_int_equal(record->received_ms, 1234);
    assert_int_equal(record->generation, 7);
    assert_int_equal(record->kind, RECORD_POST);
    assert_int_equal(record->query_count, 2);
    assert_true(slice_is(record->queries[0], "coffee"));
    assert_true(slice_is(record->queries[1], "tea"));
    assert_true(slice_is(record->label, "positive"));
    assert_true(record->scored && record->score == 0.5);
    assert_int_equal(record->traits, TRAIT_REPLY | TRAIT_BOT);
    assert_true(slice_is(record->raw, "raw"));
    const struct document *archived = record_document(record, SLICE("archive"), SLICE(""));
    assert_true(slice_is(archived->bytes, "{1}"));
    assert_true(slice_is(archived->key, "b"));
    assert_int_equal(bench.records[1].sequence, 2);
    release_one(MESSAGE_POST, 4, OUTCOME_KEPT);
    assert_int_equal(bench.records[0].sequence, 3);
}

static void a_delete_has_empty_documents_in_every_schema(void **state) {
    (void)state;
    release_one(MESSAGE_POST, 1, OUTCOME_KEPT);
    release_one(MESSAGE_DELETE, 1, OUTCOME_KEPT);
    for (size_t schema = 0; schema < snapshot.schema_count; schema++)
        assert_int_equal(bench.records[0].documents[schema].bytes.length, 0);
}

static void a_sink_gets_its_own_document_or_that_of_its_schema(void **state) {
    (void)state;
    static struct document documents[] = { { SLICE("post"), SLICE("a"), SLICE("{0}") },
                                           { SLICE("tweet"), SLICE("b"), SLICE("{1}") } };
    next_batch();
    add(MESSAGE_POST, 1)->documents = documents;
    release();
    const struct record *record = &bench.records[0];
    assert_ptr_equal(record_document(record, SLICE("index"), SLICE("tweet")), &documents[0]);
    assert_ptr_equal(record_document(record, SLICE("new"), SLICE("tweet")), &documents[1]);
    assert_null(record_document(record, SLICE("new"), SLICE("other")));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_post_comes_once),
        TEST(a_filtered_post_is_not_remembered),
        TEST(a_delete_of_a_kept_post_is_kept_once),
        TEST(a_post_that_comes_after_its_delete_stays_deleted),
        TEST(deletes_of_kept_posts_push_no_unknown_delete_out),
        TEST(the_oldest_unknown_delete_is_forgotten),
        TEST(an_edit_of_a_kept_post_is_kept_once),
        TEST(an_edit_that_matches_no_more_is_a_delete_until_one_matches_again),
        TEST(an_edit_of_a_post_that_did_not_match_is_kept_when_it_matches),
        TEST(after_a_delete_no_edit_brings_a_post_back),
        TEST(post_edit_and_delete_end_alike_in_any_order),
        TEST(any_order_and_any_repeats_end_like_the_right_order),
        TEST(a_delete_by_another_name_finds_its_post),
        TEST(a_name_from_before_finds_its_post),
        TEST(a_post_that_comes_after_its_delete_by_another_name_stays_deleted),
        TEST(control_and_malformed_are_counted_and_not_kept),
        TEST(records_carry_everything_and_are_numbered_without_gaps),
        TEST(a_sink_gets_its_own_document_or_that_of_its_schema),
        TEST(a_delete_has_empty_documents_in_every_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
