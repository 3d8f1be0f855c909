"""What X says of all posts of a user: the store finds them, and every sink does as it is told."""
import json
import sqlite3
import time
from contextlib import closing

import pytest
from fake_index import FakeIndex
from material import adds_up, lines, received, sums, tweet, wait_until, whole_lines
from test_x import BEARER, V1_KEYS, fake, run  # noqa: F401  (fixtures)
from x_fake import DATA, V1, V2, Stream, id_at, line, post

USERS = "/2/users/compliance/stream"
PLACE = {"type": "Point", "coordinates": [2.35, 48.86]}
GEO = {"geo": {"coordinates": PLACE}}
SINKS = """out = linnet.ndjson { path = "out.ndjson" }, store = linnet.sqlite {},
  archive = linnet.archive { to = "kept", interval = "1s" },
  index = linnet.opensearch { url = "%s", index = "%s" }"""


def config_of(index, name="posts", more=""):
    """Of a run that reads from the fake X, with sinks of every kind."""
    return """return { state = "state", http = false, grace = "2s", scorers = { default = "none" },
  sources = { live = linnet.x { host = "%%s", %%s }, %s },
  sinks = { %s }, %%s }""" % (more.replace("%", "%%"), SINKS % (index.url, name))


def located(identity, user=7):
    return tweet(identity, "here", coordinates=PLACE,
                 user={"id": user, "id_str": str(user), "screen_name": "ada"})


def scrub(user, up_to):
    return {"scrub_geo": {"user_id": user, "user_id_str": str(user), "up_to_status_id": up_to,
                          "up_to_status_id_str": str(up_to)}}


def event(name, user, **more):
    return line({"data": {name: {"user": {"id": user}, "event_at": "2026-11-20T11:00:00.000Z", **more}}})


def stored(folder):
    """The documents of the store by id."""
    with closing(sqlite3.connect(folder / "state/linnet.db", timeout=60)) as database:
        return {key: json.loads(one) for key, one in database.execute("SELECT id, document FROM post")}


def places(documents):
    return {key for key, one in documents.items() if one.get("coordinates")}


def written(folder, pattern):
    """The lines of files, as far as they are there."""
    return [json.loads(one) for path in sorted(folder.rglob(pattern)) if path.is_file()
            for one in whole_lines(path)]


def notices(records, member):
    return sorted(one["_id"] for one in records if one.get(member) is True)


def assert_sums(run):
    told = run.status()
    for of, sums in (("received", told["sources"]), ("spooled", told["sinks"])):
        assert all(adds_up({"of": of, **one}) for one in sums), told
    assert all(one["dead"] == 0 for one in told["sinks"]), told


@pytest.mark.parametrize("name", ["posts", "posts-!{timestamp:yyyy.MM}"], ids=["one", "by_date"])
def test_a_scrub_takes_the_places_of_a_user_from_every_sink(fake, run, name):
    posts = [located(5), located(10), located(9, user=8), located(11)]
    fake.answers[V1] = [Stream(b"".join(map(line, posts)), line(scrub(7, 10)))]
    with FakeIndex() as index:
        run.start(fake, V1_KEYS + ', track = "here"', config=config_of(index, name))
        shown = index.documents if name == "posts" else lambda: index.documents("posts-2018.10")
        wait_until(lambda: len(shown()) == 4 and places(shown()) == {"x:9", "x:11"}, 60)
        wait_until(lambda: places(stored(run.folder)) == {"x:9", "x:11"}, 60)
        wait_until(lambda: notices(written(run.folder, "out.ndjson"), "scrub_geo") == ["x:10", "x:5"], 60)
        wait_until(lambda: notices(written(run.folder / "kept", "*"), "scrub_geo") == ["x:10", "x:5"], 60)
        assert set(stored(run.folder)) == set(shown()) == {"x:5", "x:9", "x:10", "x:11"}
        assert_sums(run)
        assert run.stop() == 0


def test_the_posts_of_users_who_are_gone_leave_every_sink(fake, run):
    fake.answers[V2] = [Stream(b"".join(
        line(post(one, "here", author_id=str(user))) for one, user in ((1, 7), (2, 8), (3, 9), (4, 7), (5, 6))))]
    told = b"".join([event("user_delete", "7"), event("user_suspend", "8"), event("user_protect", "99"),
                     event("user_undelete", "9"), event("user_profile_modification", "9")])
    fake.answers[USERS] = [stream := Stream()]
    more = 'users = linnet.x { host = "%s", %s, stream = "user_compliance", partition = 2 }' % (fake.host, BEARER)
    with FakeIndex() as index:
        run.start(fake, config=config_of(index, more=more))
        wait_until(lambda: stream.client and len(index.documents()) == 5 and len(stored(run.folder)) == 5, 60)
        stream.send(told)
        wait_until(lambda: set(index.documents()) == set(stored(run.folder)) == {"x:3", "x:5"}, 60)
        wait_until(lambda: notices(written(run.folder, "out.ndjson"), "deleted") == ["x:1", "x:2", "x:4"], 60)
        wait_until(lambda: notices(written(run.folder / "kept", "*"), "deleted") == ["x:1", "x:2", "x:4"], 60)
        users = next(one for one in run.status()["sources"] if one["name"] == "users")
        assert (users["spooled"], users["control"]) == (3, 2)
        assert "changed nothing: user_undelete 1, user_profile_modification 1" in users["note"]
        assert "user_undelete of a post or user" in run.log()
        assert_sums(run)
    assert fake.asked(USERS)[0].query == {"partition": ["2"]}


def test_what_changes_nothing_is_counted_by_its_name(fake, run):
    fake.answers["/2/tweets/compliance/stream"] = [Stream((DATA / "x-v2/compliance-posts.ndjson").read_bytes())]
    run.start(fake, BEARER + ', stream = "compliance"')
    wait_until(lambda: run.source() and run.source()["received"] >= 5, 60)
    note = run.source()["note"]
    assert all(f"{name} 1" in note for name in ("withheld", "undrop", "tweet_edit"))


def test_a_message_of_the_older_stream_is_counted_by_its_name(fake, run):
    told = (DATA / "x-v1.1/control-messages.ndjson").read_bytes()  # the last of them ends the stream
    fake.answers[V1] = [Stream(told), Stream()]
    run.start(fake, V1_KEYS + ', track = "cat"')
    wait_until(lambda: run.source() and run.source()["received"] == told.count(b"\n"), 60)
    assert "user_withheld 1, status_withheld 1" in run.source()["note"]


def test_without_a_store_nobody_knows_whose_posts_are_whose_and_it_is_said(linnet):
    done = linnet("replay", "-", "-o", "stdout", input=lines(located(5), scrub(7, 10), scrub(7, 10)))
    assert len(done.documents) == 1 and received(done.stderr)["control"] == 2
    assert done.stderr.count("only a sink linnet.sqlite knows which they are") == 1


def test_a_user_may_have_more_posts_than_a_batch_has_room_for(linnet, tmp_path):
    (tmp_path / "linnet.lua").write_text("""return { state = "state", http = false,
      sources = { posts = linnet.file { path = "posts" } },
      sinks = { store = linnet.sqlite {}, out = linnet.ndjson { path = "out.ndjson" } } }""")
    (tmp_path / "posts").write_text(lines(*map(located, range(1, 1001)), scrub(7, 900)))
    assert linnet("run", "-c", "linnet.lua").rc == 0
    assert places(stored(tmp_path)) == {f"x:{one}" for one in range(901, 1001)}
    assert len(notices(written(tmp_path, "out.ndjson"), "scrub_geo")) == 900


def test_what_a_user_writes_who_is_back_stays(linnet, tmp_path):
    before, after = id_at(-3600), id_at(-60)
    gone = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 1800))
    told = [event("user_suspend", "7", event_at=gone), event("user_unsuspend", "7")]
    posts = [line(post(one, "here", author_id="7")) for one in (before, after)]
    done = linnet("replay", "-", "-o", "stdout", "-o", "sqlite:a.db", input=b"".join([posts[0], *told, posts[1]]))
    assert notices(done.documents, "deleted") == [f"x:{before}"]
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        assert database.execute("SELECT id FROM post").fetchall() == [(f"x:{after}",)]


def test_what_is_said_of_a_user_outlives_a_spool_that_stays_full(linnet, start_linnet, tmp_path):
    posts = [line(post(one, "x" * 1500, author_id="7" if one <= 50 else "8")) for one in range(1, 20001)]
    (tmp_path / "posts").write_bytes(b"".join([*posts[:2000], event("user_delete", "7"), *posts[2000:]]))
    config = """return { state = "state", http = false, scorers = { default = "none" }, spool = { max = "16MiB" },
      sources = { posts = linnet.file { path = "posts" } },
      sinks = { store = linnet.sqlite {}, index = linnet.opensearch { url = "%s", index = "posts" } } }"""
    (tmp_path / "linnet.lua").write_text(config % "http://127.0.0.1:1")

    def told(kind, name):
        return next((one for one in json.loads(linnet("status", "--json", "--state", "state").stdout or "{}")
                     .get(kind, []) if one["name"] == name), {})
    run = start_linnet("run", "-c", "linnet.lua", stderr=open(tmp_path / "log", "ab"))
    wait_until(lambda: "it is full" in (tmp_path / "log").read_text() and told("sources", "forget").get("received") == 50, 60)
    time.sleep(7)  # too short a wait makes it see less, and never fail
    run.kill()
    run.wait(30)
    with FakeIndex() as index:
        (tmp_path / "linnet.lua").write_text(config % index.url)
        assert linnet("run", "-c", "linnet.lua").rc == 0
        assert not {f"x:{one}" for one in range(1, 51)} & (set(stored(tmp_path)) | set(index.documents()))
        assert len(index.documents()) == 19950


def test_notices_that_linnet_wrote_do_the_same_when_replayed(linnet, tmp_path):
    wrote = linnet("replay", "-", "-o", "stdout", "-o", "sqlite:a.db",
                   input=lines(located(5), located(6, user=8), scrub(7, 10)))
    assert notices(wrote.documents, "scrub_geo") == ["x:5"]
    done = linnet("replay", "-", "-o", "stdout", "-o", "sqlite:b.db", input=wrote.stdout)
    assert notices(done.documents, "scrub_geo") == ["x:5"]
    with closing(sqlite3.connect(tmp_path / "b.db")) as database:
        kept = dict(database.execute("SELECT id, document FROM post"))
    assert "coordinates" not in kept["x:5"] and "coordinates" in kept["x:6"]
    assert all(adds_up(one) for one in sums(done.stderr))
