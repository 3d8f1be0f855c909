"""`linnet forget`: posts go from the store and, by deletes in the log, from every sink."""
import json
import sqlite3
from contextlib import closing

import pytest
from material import adds_up, lines, plain, tweet, wait_until, whole_lines

CONFIG = """return { state = "state", sources = { posts = linnet.file { path = %s } }, sinks = {
  out = linnet.ndjson { path = "out.ndjson" }, other = linnet.ndjson { path = "tweets.ndjson", schema = "tweet" },
  store = linnet.sqlite {} } }"""


def posts(count, first=0):
    return [tweet(i, f"good {i}", user={"id_str": str(i % 3), "id": i % 3, "screen_name": "a"})
            for i in range(first, first + count)]


@pytest.fixture
def configure(tmp_path):
    """Writes posts for the next run; without any, it reads standard input."""
    def write(*given):
        (tmp_path / "linnet.lua").write_text(CONFIG % ('"posts.ndjson"' if given else '"/dev/stdin"'))
        with open(tmp_path / "posts.ndjson", "a", encoding="utf-8") as more:
            more.write(lines(*given))
    return write


@pytest.fixture
def run(linnet, configure):
    def run(*given):
        configure(*given)
        done = linnet("run", "-c", "linnet.lua")
        assert done.rc == 0, done
    return run


@pytest.fixture
def forget(linnet):
    return lambda what, *more: linnet("forget", what, "-c", "linnet.lua", *more)


@pytest.fixture
def status(linnet):
    def ask():
        told = json.loads(linnet("status", "--json", "-c", "linnet.lua").stdout)
        for of, sums in (("received", told["sources"]), ("spooled", told["sinks"])):
            assert all(adds_up({"of": of, **one}) for one in sums), told
        return told
    return ask


def stored(tmp_path):
    with closing(sqlite3.connect(tmp_path / "state/linnet.db", timeout=60)) as database:
        return {one for one, in database.execute("SELECT id FROM posts")}


def is_made(tmp_path):
    """Whether the store has its tables: its file is there before them."""
    if not (tmp_path / "state/linnet.db").exists():
        return False
    with closing(sqlite3.connect(tmp_path / "state/linnet.db", timeout=60)) as database:
        return bool(database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'posts'").fetchall())


def deletes(path):
    return [one["_id"] for one in map(json.loads, whole_lines(path)) if "deleted" in one]


def test_an_author_goes_from_the_store_at_once_and_from_every_sink_with_the_next_run(
        run, forget, status, linnet, tmp_path):
    run(*posts(9))
    done = forget("author:1")
    assert done.rc == 0 and "author:1: 3 posts forgotten, 3 in the store" in done.stdout
    gone = ["x:1", "x:4", "x:7"]
    assert stored(tmp_path) == {f"x:{i}" for i in range(9)} - set(gone)
    source = next(one for one in status()["sources"] if one["name"] == "forget")
    assert source["received"] == source["spooled"] == 3
    run(*posts(9))  # late repeats of all
    assert deletes(tmp_path / "out.ndjson") == gone
    assert deletes(tmp_path / "tweets.ndjson") == ["1", "4", "7"]
    assert stored(tmp_path) == {f"x:{i}" for i in range(9)} - set(gone)
    assert all(one["pending"] == 0 for one in status()["sinks"])
    counted = json.loads(linnet("stats", "--json", "-c", "linnet.lua").stdout)
    assert counted["posts"] == 6


def test_a_running_linnet_tells_every_sink_at_once(configure, start_linnet, forget, status, tmp_path):
    configure()
    running = start_linnet("run", "-c", "linnet.lua")
    running.stdin.write(lines(*posts(600)).encode())
    running.stdin.flush()
    wait_until(lambda: is_made(tmp_path) and len(stored(tmp_path)) == 600)
    done = forget("author:2")
    assert done.rc == 0 and "200 posts forgotten" in done.stdout and "every sink is told" in done.stdout
    wait_until(lambda: len(deletes(tmp_path / "out.ndjson")) == 200)
    running.stdin.write(lines(*posts(600)).encode())
    running.stdin.flush()
    wait_until(lambda: next(one for one in status()["sources"] if one["name"] == "posts")["received"] == 1200)
    running.stdin = running.stdin.close()
    assert running.wait(60) == 0
    assert len(stored(tmp_path)) == 400 and len(deletes(tmp_path / "out.ndjson")) == 200
    status()


def test_one_post_goes_by_the_id_of_its_document(run, forget, tmp_path):
    run(*posts(3))
    assert "post:x:2: 1 post forgotten, 1 in the store" in forget("post:x:2").stdout
    assert stored(tmp_path) == {"x:0", "x:1"}


def test_what_nobody_knows_fails_and_a_post_is_kept_away_all_the_same(run, forget, tmp_path):
    run(*posts(3))
    nobody = forget("author:77")
    assert nobody.rc == 1 and "nothing known of author:77" in nobody.stderr
    unknown = forget("post:x:4")
    assert unknown.rc == 1 and "nothing known of post:x:4" in unknown.stderr
    run(*posts(3, first=3))
    assert stored(tmp_path) == {"x:0", "x:1", "x:2", "x:3", "x:5"}


def test_without_a_store_a_post_can_be_forgotten_and_an_author_cannot(linnet, configure, tmp_path):
    (tmp_path / "linnet.lua").write_text("""return { state = "state", sources = {
        posts = linnet.file { path = "posts.ndjson" } }, sinks = { out = linnet.ndjson { path = "out.ndjson" } } }""")
    (tmp_path / "posts.ndjson").write_text(lines(*posts(3)))
    assert linnet("run", "-c", "linnet.lua").rc == 0
    author = linnet("forget", "author:1", "-c", "linnet.lua")
    assert author.rc == 1 and "there is no store" in author.stderr
    assert linnet("forget", "post:x:1", "-c", "linnet.lua").rc == 0
    assert linnet("run", "-c", "linnet.lua").rc == 0
    assert deletes(tmp_path / "out.ndjson") == ["x:1"]


def test_dead_letters_of_the_forgotten_go_too(run, forget, linnet, tmp_path):
    run(*posts(6))
    more = (tmp_path / "linnet.lua").read_text().replace(
        "sinks = {", 'sinks = { late = linnet.ndjson { path = "late.ndjson", start = "oldest", '
                     'schema = linnet.schema { extends = "post", { "x", "text", from = "text" } } },')
    (tmp_path / "linnet.lua").write_text(more)
    assert linnet("run", "-c", "linnet.lua").rc == 0
    letters = lambda: {one["key"] for one in linnet("dlq", "ls", "--json", "-c", "linnet.lua").documents}
    assert letters() == {f"x:{i}" for i in range(6)}
    assert "2 dead letters" in forget("author:1").stdout
    assert letters() == {"x:0", "x:2", "x:3", "x:5"}
    assert "1 dead letter;" in forget("post:x:5").stdout


def test_a_store_beside_the_configuration_can_be_named(linnet, tmp_path):
    linnet("replay", "-", "-o", "sqlite:own.db", input=lines(plain("a", id="1", author={"id": "9"})))
    assert linnet("forget", "author:9", "--store", "own.db").rc == 0
    assert linnet("export", "--store", "own.db").stdout == ""


def test_wrong_words_are_said(linnet):
    for wrong in ([], ["author"], ["author:"], ["handle:7"], ["post:7"], ["author:7", "post:x:7"]):
        assert linnet("forget", *wrong).rc == 2, wrong
