"""One query over posts of several networks; what is only Mastodon's: edits, deletes, boosts."""
import json

from material import ROOT, adds_up, lines, plain, received

RUN = ("replay", "-", "-o", "stdout")


def fixture(name):
    return json.loads((ROOT / "tests/data" / name).read_text())


def status(**members):
    return {**fixture("mastodon/status.json"), **members}


def test_one_query_reads_the_posts_of_every_network(linnet):
    skies = (ROOT / "tests/data/jetstream/stream-v1.jsonl").read_text()
    given = lines(fixture("x-v1.1/tweet-full.json"), fixture("x-v2/stream-post.json"),
                  fixture("x-v2/stream-repost.json"), status(), fixture("mastodon/status-boost.json"),
                  plain("The best day", id="7", lang="en"), plain("nothing", id="8"), "a bare love")
    query = "(love OR great OR best OR inner OR cute) -is:retweet"
    found = linnet(*RUN, "-e", query, input=given + skies).documents
    kept = [one["network"] for one in found if "network" in one]
    assert kept == ["x", "x", "mastodon", "plain", "plain", "bluesky"]
    assert {one["label"] for one in found if one.get("lang") == "en"} == {"positive"}
    for network in set(kept):
        of_it = linnet(*RUN, "-e", f"network:{network} {query}", input=given + skies).documents
        assert [one["network"] for one in of_it if "network" in one].count(network) == kept.count(network)


def test_people_and_tags_of_mastodon_are_found_by_the_same_operators(linnet):
    for query in ("from:ada@example.social", "from:ada", "@bob", "@bob@example.social", "#FediJoy",
                  'url:"example.com/a"', "-is:bot -is:sensitive -is:reply", '"great & fun"'):
        assert len(linnet(*RUN, "-e", query, input=lines(status())).documents) == 1, query
    warned = lines(fixture("mastodon/status-cw.json"))
    assert len(linnet(*RUN, "-e", '"film spoilers" is:sensitive', input=warned).documents) == 1


def test_an_edit_takes_its_posts_place_once(linnet):
    edit = fixture("mastodon/status-edited.json")
    done = linnet(*RUN, input=lines(status(), edit, edit))
    assert [one["id"] for one in done.documents] == [status()["uri"]] * 2
    assert "terrible" in done.documents[1]["text"]
    assert received(done.stderr)["duplicate"] == 1 and adds_up(received(done.stderr))


def test_an_edit_that_stops_matching_is_a_delete(linnet):
    done = linnet(*RUN, "-e", "great", input=lines(status(), fixture("mastodon/status-edited.json")))
    assert done.documents[1] == {"_id": status()["uri"], "deleted": True}


def test_a_delete_of_a_stream_finds_its_post_by_the_number_it_had_there(linnet):
    delete = {"stream": ["public"], "event": "delete", "payload": status()["id"]}
    done = linnet(*RUN, input=lines(status(), delete))
    assert done.documents[1] == {"_id": status()["uri"], "deleted": True}
    assert linnet(*RUN, input=lines(delete, status())).documents == []


def test_events_of_a_recorded_socket_are_their_statuses(linnet):
    frames = (ROOT / "tests/data/mastodon/ws-frames.jsonl").read_text()
    done = linnet(*RUN, input=frames)
    assert [one["id"] for one in done.documents] == [status()["uri"]]
    counted = received(done.stderr)
    assert (counted["control"], counted["malformed"], counted["filtered"]) == (2, 0, 1)


def test_what_is_not_public_is_never_kept(linnet):
    given = lines(*[status(visibility=kind) for kind in ("private", "direct")])
    done = linnet(*RUN, input=given)
    assert done.stdout == "" and received(done.stderr)["control"] == 2


def test_posts_that_were_written_replay_under_the_same_key(linnet):
    first = linnet(*RUN, input=lines(status()))
    again = linnet(*RUN, input=first.stdout + lines({"_id": status()["uri"], "deleted": True}))
    assert again.documents[0]["id"] == status()["uri"]
    assert again.documents[1] == {"_id": status()["uri"], "deleted": True}
