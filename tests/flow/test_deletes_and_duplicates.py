"""Control messages, duplicates and deletes: counted, and kept only where they should be."""
import itertools
import json

import pytest

from material import PROTOTYPE, adds_up, delete, lines, plain, received, tweet

RUN = ("replay", "-", "-o", "stdout")


def test_a_delete_of_a_kept_post_is_its_id_and_deleted(linnet):
    done = linnet(*RUN, input=lines(tweet(7, "good"), delete(7)))
    assert done.documents[1] == {"_id": "x:7", "deleted": True}
    assert done.stdout.endswith('{"_id":"x:7","deleted":true}\n')


def test_a_delete_of_what_was_never_kept_is_filtered(linnet):
    done = linnet(*RUN, "-e", "good", input=lines(tweet(7, "bad"), delete(7), delete(8)))
    counted = received(done.stderr)
    assert done.stdout == "" and (counted["filtered"], counted["spooled"]) == (3, 0)


def test_a_post_that_comes_after_its_delete_stays_deleted(linnet):
    done = linnet(*RUN, input=lines(delete(7), tweet(7, "late"), tweet(8, "other")))
    assert [one["text"] for one in done.documents] == ["other"]


def test_a_post_that_comes_a_run_after_its_delete_stays_deleted(linnet, tmp_path):
    posts, config = tmp_path / "posts.ndjson", tmp_path / "linnet.lua"
    config.write_text('return { state = "state", sources = { posts = linnet.file { path = '
                      '"posts.ndjson" } }, sinks = { a = linnet.ndjson { path = "a.ndjson" } } }')
    posts.write_text(lines(delete(7)))
    assert linnet("run", "-c", config).rc == 0
    posts.write_text(lines(delete(7), tweet(7, "late"), tweet(8, "other")))
    assert linnet("run", "-c", config).rc == 0
    kept = (tmp_path / "a.ndjson").read_text().splitlines()
    assert [json.loads(one)["text"] for one in kept] == ["other"]


def test_a_post_is_once_however_often_it_comes(linnet):
    given = lines(tweet(7, "one"), tweet(7, "one"), plain("two", id="7"), tweet(7, "changed"))
    done = linnet(*RUN, input=given)
    assert [one["text"] for one in done.documents] == ["one", "two"]
    assert received(done.stderr)["duplicate"] == 2


def test_a_duplicate_is_one_across_files_too(linnet, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(lines(*[tweet(i, "x") for i in range(600)]))
    done = linnet("replay", "a", "b", "-o", "stdout")
    assert len(done.documents) == 600 and "duplicate 600" in done.stderr


def test_a_repeated_delete_is_a_duplicate(linnet):
    done = linnet(*RUN, input=lines(tweet(7, "x"), delete(7), delete(7)))
    counted = received(done.stderr)
    assert len(done.documents) == 2 and counted["duplicate"] == 1 and adds_up(counted)


def test_deletes_bypass_the_queries(linnet):
    done = linnet(*RUN, "-e", "good", input=lines(tweet(7, "good"), delete(7)))
    assert len(done.documents) == 2


def test_deletes_name_the_prototypes_own_id_under_its_schema(linnet):
    done = linnet(*RUN, "-c", PROTOTYPE, input=lines(tweet(7, "x"), delete(7)))
    assert done.documents[1] == {"_id": "7", "deleted": True}


def test_deletes_that_linnet_wrote_replay_as_deletes(linnet):
    wrote = linnet(*RUN, input=lines(tweet(7, "x"), delete(7)))
    again = linnet(*RUN, input=wrote.stdout)
    assert again.documents[1] == {"_id": "x:7", "deleted": True}
    assert received(again.stderr)["malformed"] == 0


def test_keep_alives_and_notices_are_control_and_nothing_else(linnet):
    notices = [{"limit": {"track": 5}}, {"disconnect": {"code": 4}},
               {"warning": {"code": "FALLING_BEHIND"}}, {"friends": [1, 2]},
               {"scrub_geo": {"user_id": 1}}, {"status_withheld": {"id": 1}},
               {"user_withheld": {"id": 1}}]
    given = "\r\n\r\n" + lines(*notices) + "   \n"
    done = linnet(*RUN, input=given)
    counted = received(done.stderr)
    assert done.stdout == "" and counted["control"] == counted["received"] == len(notices) + 3


def test_thousands_of_ids_are_remembered(linnet):
    given = lines(*[json.dumps(plain("x", id=str(i % 3000))) for i in range(6000)])
    done = linnet(*RUN, input=given)
    assert len(done.documents) == 3000 and received(done.stderr)["duplicate"] == 3000


def status(operation, rkey, text=None):
    """A commit as Jetstream sends it."""
    record = {"record": {"text": text, "langs": ["en"]}} if text else {}
    return {"did": "did:plc:ada", "time_us": 1779719009157119, "kind": "commit",
            "commit": {"operation": operation, "collection": "app.bsky.feed.post", "rkey": rkey,
                       **record}}


def test_an_edit_replaces_and_one_that_matches_no_more_deletes(linnet):
    given = lines(status("create", "1", "good tea"), status("update", "1", "better tea"),
                  status("update", "1", "coffee"), status("delete", "1"))
    done = linnet(*RUN, "-e", "tea", input=given)
    key = "at://did:plc:ada/app.bsky.feed.post/1"
    assert [one.get("text") for one in done.documents] == ["good tea", "better tea", None, None]
    assert done.documents[2] == done.documents[3] == {"_id": key, "deleted": True}
    assert adds_up(received(done.stderr))


def final(documents):
    """What is stored after documents and deletes in this order: the texts."""
    held = {}
    for one in documents:
        held[one.get("_id") or one["id"]] = one.get("text")
    return sorted(text for text in held.values() if text)


@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_posts_edits_and_deletes_end_alike_in_any_order(linnet, order):
    one = [status("create", "1", "tea"), status("update", "1", "more tea"), status("delete", "1")]
    two = [status("create", "2", "tea"), status("update", "2", "water"), ""]
    three = [status("create", "3", "water"), status("update", "3", "green tea"), ""]
    given = lines(*[record[step] for step in order for record in (one, two, three)])
    done = linnet(*RUN, "-e", "tea", input=given + given)
    assert final(done.documents) == ["green tea"] and adds_up(received(done.stderr))


def test_an_older_edit_that_is_sent_again_changes_nothing(linnet):
    edits = lines(status("update", "1", "water"), status("update", "1", "tea"))
    done = linnet(*RUN, "-e", "tea", input=edits + edits)
    assert [one["text"] for one in done.documents] == ["tea"]
    assert received(done.stderr)["duplicate"] == 2


def test_a_deleted_post_stays_deleted_when_its_file_is_read_again(linnet, tmp_path):
    (tmp_path / "day").write_text(lines(tweet(7, "x"), delete(7)))
    done = linnet("replay", "day", "day", "-o", "ndjson:kept")
    assert (tmp_path / "kept").read_text().count("\n") == 2 and "duplicate 2" in done.stderr


def test_an_edit_that_a_filter_refuses_is_a_delete_under_the_schemas_own_key(linnet, tmp_path):
    (tmp_path / "linnet.lua").write_text("""return {
      filters = { linnet.filter { keep = "-coffee" } },
      schema = linnet.schema { key = "raw.commit.rkey", { "text", "text" } } }""")
    given = lines(status("create", "3k", "tea"), status("update", "3k", "coffee"),
                  status("create", "3l", "tea"), status("delete", "3l"))
    done = linnet(*RUN, "-c", "linnet.lua", input=given)
    assert done.documents[1] == {"_id": "3k", "deleted": True}
    assert done.documents[3] == {"_id": "3l", "deleted": True}


def test_what_linnet_wrote_of_bluesky_keeps_its_ids_when_replayed(linnet):
    wrote = linnet(*RUN, input=lines(status("create", "1", "good"), status("delete", "1")))
    again = linnet(*RUN, input=wrote.stdout)
    assert again.documents[0]["id"] == wrote.documents[0]["id"]
    assert again.documents[1] == wrote.documents[1]
