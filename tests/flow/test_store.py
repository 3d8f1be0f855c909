"""The embedded store: each post once by its id, and `linnet export` gives it back."""
import csv
import io
import json
import resource
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest
from conftest import PROGRAM, environment
from material import lines, plain, sums, tweet, wait_until

POSTS = 3000


@pytest.fixture
def keep(linnet, store):
    """Replays text into the store."""
    return lambda text: linnet("replay", "-", "-o", f"sqlite:{store}", input=text)


@pytest.fixture
def export(linnet, store):
    return lambda *words: linnet("export", "--store", store, *words)


def rows(store, sql):
    with closing(sqlite3.connect(store, timeout=60)) as database:
        return database.execute(sql).fetchall()


def test_a_post_is_kept_once_however_often_it_comes(keep, store, linnet, posts):
    for _ in range(2):
        assert linnet("replay", posts, "-o", f"sqlite:{store}").rc == 0
    whole = linnet("replay", posts, "-o", "stdout").documents
    gone = {one["_id"] for one in whole if "deleted" in one}
    ids = {f"x:{one['id']}" for one in whole if "id" in one} - gone
    assert [(len(ids),)] == rows(store, "SELECT count(*) FROM post")
    assert {one for one, in rows(store, "SELECT id FROM posts")} == ids
    assert rows(store, "PRAGMA integrity_check") == [("ok",)]


def test_an_edit_replaces_and_a_delete_removes(keep, store):
    deleted = {"delete": {"status": {"id_str": "2", "id": 2, "user_id": 1, "user_id_str": "1"}}}
    assert keep(lines(tweet(1, "good"), tweet(2, "bad"), tweet(3, "#tea and #cake"), deleted)).rc == 0
    assert rows(store, "SELECT id, label FROM posts") == [("x:1", "positive"), ("x:3", "neutral")]
    assert keep(lines(tweet(1, "awful"))).rc == 0
    assert rows(store, "SELECT text FROM posts WHERE id = 'x:1'") == [("awful",)]


def test_the_views_are_there_for_others(keep, store):
    keep(lines(plain("hi", id="1", hashtags=["a", "b"], mentions=["m"], urls=["https://x.org"])))
    for view, found in (("hashtags", ["a", "b"]), ("mentions", ["m"]), ("urls", ["https://x.org"])):
        assert [value for _, value in rows(store, f"SELECT * FROM post_{view}")] == found


def test_an_export_replays_into_an_equal_store(keep, export, linnet, posts, store, tmp_path):
    assert linnet("replay", posts, "-o", f"sqlite:{store}").rc == 0
    first = export()
    (tmp_path / "out.ndjson").write_text(first.stdout)
    again = linnet("replay", tmp_path / "out.ndjson", "-o", f"sqlite:{tmp_path / 'again.db'}")
    assert again.rc == 0
    second = linnet("export", "--store", tmp_path / "again.db")
    timeless = lambda told: [{**one, "received": 0} for one in told.documents]
    assert timeless(first) == timeless(second)


def test_a_table_is_read_by_others_and_runs_nothing_in_a_spreadsheet(keep, export):
    texts = ['=1+1', '@a says "hi", twice', "two\nlines", "+1", "plain"]
    keep(lines(*[plain(text, id=str(i)) for i, text in enumerate(texts)]))
    read = lambda *words: list(csv.DictReader(io.StringIO(export("--format", "csv", *words).stdout)))
    assert [one["text"] for one in read()] == texts
    safe = [one["text"] for one in read("--safe")]
    assert safe == ["'=1+1", '\'@a says "hi", twice', "two\nlines", "'+1", "plain"]
    assert all(float(one["score"]) <= 1 for one in read("--safe"))


def test_ids_and_samples(keep, export):
    keep(lines(*[plain("hi", id=str(i)) for i in range(50)]))
    assert export("--ids").stdout.split() == [f"plain:{i}" for i in range(50)]
    assert len(set(export("--ids", "--sample", "7").stdout.split())) == 7
    for wrong in (["--sample", "x"], ["--format", "xml"]):
        assert export(*wrong).rc == 2


@pytest.fixture
def start_export(linnet, posts, store, start_linnet):
    """Starts one of a store that is longer than what a pipe holds."""
    assert linnet("replay", posts, "-o", f"sqlite:{store}").rc == 0
    return lambda *words: start_linnet("export", "--store", store, *words)


def test_an_export_that_nobody_reads_does_not_hold_the_stores_log(start_export, store):
    with closing(sqlite3.connect(store, isolation_level=None)) as writer:
        writer.execute("UPDATE post SET lang = 'xx' WHERE number = 1")
        exporting = start_export()
        first = exporting.stdout.readline()
        assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        out = (first + exporting.stdout.read()).decode().splitlines()
    assert out == [one for one, in rows(store, "SELECT document FROM post ORDER BY number")]
    assert exporting.wait(60) == 0


def test_a_reader_that_has_seen_enough_ends_an_export_quietly(start_export):
    exporting = start_export()
    assert exporting.stdout.readline().startswith(b'{"id":')
    exporting.stdout.close()
    assert (exporting.wait(60), exporting.stderr.read()) == (0, b"")


def test_files_that_are_no_store_of_ours_are_left_alone(keep, export, store, linnet, write_config):
    assert export().rc == 1 and "there is no store" in export().stderr
    store.write_text("not a database at all, but long enough to look like one" * 20)
    assert keep("a").rc == 1 and "not a database" in keep("a").stderr
    store.unlink()
    with sqlite3.connect(store) as other:
        other.execute("CREATE TABLE t (a)")
    assert "something else wrote this" in keep("a").stderr and export().rc == 1
    with sqlite3.connect(store) as other:
        other.executescript("PRAGMA application_id = 0x6C6E7374; PRAGMA user_version = 9")
    assert "made by a newer linnet" in keep("a").stderr
    config = write_config('return { schema = "tweet", sinks = { s = linnet.sqlite {} } }')
    checked = linnet("check", "-c", config)
    assert checked.rc == 78 and "tweet has no member network" in checked.stderr


def test_what_can_be_no_row_is_refused_and_the_rest_is_kept(keep, linnet, store, write_config):
    config = write_config('''return { schema = linnet.schema { extends = "post", { "text", "text",
        from = function(post) if post.text ~= "none" then return post.text end end } } }''')
    given = lines(plain("one"), plain("none"), plain("two"))
    done = linnet("replay", "-", "-c", config, "-o", f"sqlite:{store}", input=given)
    assert "refused for good: its document has no text" in done.stderr
    with sqlite3.connect(store) as other:
        other.execute("CREATE TRIGGER t BEFORE INSERT ON post WHEN new.text = 'never' BEGIN "
                      "SELECT raise(ABORT, 'not that'); END")
    again = keep(lines(plain("three"), plain("never"), plain("four")))
    assert "store.db: not that" in again.stderr
    for reader in (sums(done.stderr)[1], sums(again.stderr)[1]):
        assert (reader["delivered"], reader["dead"]) == (2, 1)
    assert rows(store, "SELECT text FROM posts") == [(text,) for text in
                                                     ("one", "two", "three", "four")]


@pytest.fixture
def run(start_linnet, store, tmp_path):
    """run("posts.ndjson", bytes) starts one into the store, where files may become so long."""
    def start(source, most=resource.RLIM_INFINITY):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        with open(tmp_path / "log", "w", encoding="utf-8") as log:
            return start_linnet("run", "-i", source, "-o", f"sqlite:{store}", stderr=log,
                                preexec_fn=limit)
    return start


def test_a_full_disk_is_waited_for(run, store, tmp_path):
    """A limit on the length of files stands for the disk: what would pass it fails."""
    logged = lambda: (tmp_path / "log").read_text()
    (tmp_path / "posts.ndjson").write_text(lines(*[tweet(i, "good #tea") for i in range(POSTS)]))
    running = run("posts.ndjson", 300_000)
    wait_until(lambda: "store.db: disk I/O error; tried again" in logged())
    assert running.poll() is None
    resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    assert running.wait(60) == 0
    assert logged().count("tried again") == 1 and "it works again" in logged()
    assert rows(store, "SELECT count(*) FROM post") == [(POSTS,)]
    assert rows(store, "PRAGMA integrity_check") == [("ok",)]


def test_a_store_that_is_moved_away_is_begun_anew(run, store, tmp_path):
    running = run("-")
    kept = lambda path: rows(path, "SELECT text FROM posts")
    running.stdin.write(b"one\n")
    running.stdin.flush()
    wait_until(lambda: rows(store, "SELECT 1 FROM sqlite_schema") and kept(store))
    store.rename(tmp_path / "old.db")
    running.communicate(b"two\n", 60)
    assert running.returncode == 0
    assert kept(tmp_path / "old.db") == [("one",)] and kept(store) == [("two",)]


@pytest.fixture
def configured(tmp_path):
    (tmp_path / "posts.ndjson").write_text(lines(*[tweet(i, "good") for i in range(POSTS)]))

    def start(rate=3000):
        (tmp_path / "linnet.lua").write_text(
            'return { state = "state", grace = "1s", sinks = { store = linnet.sqlite {} },'
            ' sources = { posts = linnet.file { path = "posts.ndjson", rate = %d } } }' % rate)
        return subprocess.Popen([PROGRAM, "run", "-c", "linnet.lua"], cwd=tmp_path,
                                stderr=subprocess.PIPE, env=environment({}, tmp_path))
    return start


def test_killed_again_and_again_the_store_has_every_id_once(configured, linnet, tmp_path):
    for wait in (0.02, 0.05, 0.08, 0.11, 0.14, 0.17, 0.2):
        running = configured()
        time.sleep(wait)
        running.kill()
        running.communicate()
    assert configured().wait(60) == 0
    kept = rows(tmp_path / "state/linnet.db", "SELECT id FROM post")
    assert sorted(kept) == sorted((f"x:{i}",) for i in range(POSTS))
    told = json.loads(linnet("status", "--json", "-c", tmp_path / "linnet.lua").stdout)
    assert told["sinks"][0]["delivered"] == POSTS and told["sinks"][0]["pending"] == 0
    assert linnet("spool", "check", "-c", tmp_path / "linnet.lua").rc == 0


def test_a_store_that_somebody_holds_is_waited_for_but_not_at_a_stop(configured, linnet, tmp_path):
    state = tmp_path / "state/linnet.db"
    running = configured(rate=20)  # it goes on for minutes
    wait_until(lambda: state.exists() and rows(state, "SELECT 1 FROM sqlite_schema"))
    holder = sqlite3.connect(state, isolation_level=None, timeout=60)
    holder.execute("BEGIN IMMEDIATE")
    sink = lambda: json.loads(linnet("status", "--json", "-c", tmp_path / "linnet.lua").stdout)["sinks"]
    # Once it has tried in vain, nothing else is under way.
    wait_until(lambda: sink()[0]["pending"] and sink()[0]["oldest"] and sink()[0]["trouble"])
    oldest = sink()[0]["oldest"]
    assert oldest.startswith(time.strftime("%Y-", time.gmtime())) and oldest.endswith("Z")
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 0
    assert sink()[0]["oldest"] == oldest
    shown = linnet("status", "-c", tmp_path / "linnet.lua").stdout
    assert f"; the oldest pending is of {oldest}\n" in shown
    holder.execute("COMMIT")
    assert configured().wait(60) == 0
    assert sink()[0]["oldest"] is None
    assert rows(state, "SELECT count(*) FROM post") == [(POSTS,)]
