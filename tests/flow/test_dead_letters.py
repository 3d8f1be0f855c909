"""What a sink refuses for good is kept with its reason before its cursor passes it."""
import json
import sqlite3
from contextlib import closing

import pytest
from material import lines, tweet, wait_until

CONFIG = """return {
  state = "state", http = false,
  sources = { posts = linnet.file { path = "posts.ndjson" } },
  sinks = { kept = linnet.ndjson { path = "kept.ndjson" }, %s },
}
"""
OTHER = 'other = linnet.ndjson { path = "other.ndjson", start = "oldest", schema = "tweet" }'
POSTS = 300


@pytest.fixture
def run(linnet, tmp_path):
    """Runs until all is delivered: first with one sink, then with one of another schema, too."""
    (tmp_path / "posts.ndjson").write_text(lines(*[tweet(i, "good\x1b[31m") for i in range(POSTS)]))

    def both():
        for sinks in ("", OTHER):
            (tmp_path / "linnet.lua").write_text(CONFIG % sinks)
            done = linnet("run", "-c", tmp_path / "linnet.lua")
            assert done.rc == 0, done
        return done
    return both


@pytest.fixture
def dlq(linnet, tmp_path):
    return lambda *words: linnet("dlq", *words, "-c", tmp_path / "linnet.lua")


def sink(linnet, tmp_path, name):
    told = json.loads(linnet("status", "--json", "-c", tmp_path / "linnet.lua").stdout)
    return next(one for one in told["sinks"] if one["name"] == name)


def test_records_without_a_document_for_a_new_sink_are_dead_letters(run, dlq, linnet, tmp_path):
    assert "refused for good: it was kept without a document" in run().stderr
    told = sink(linnet, tmp_path, "other")
    assert told["dead"] == told["spooled"] == POSTS and told["pending"] == 0
    listed = dlq("ls")
    assert len(listed.stdout.splitlines()) == POSTS and "without a document" in listed.stdout
    first = dlq("ls", "--json").documents[0]
    assert first["sink"] == "other" and first["key"] == "x:0" and first["source"] == "posts"
    assert json.loads(first["raw"])["id_str"] == "0"
    shown = dlq("show", first["number"])
    assert "reason    it was kept without" in shown.stdout and "\x1b" not in shown.stdout
    again = linnet("replay", "-", "-o", "stdout", input=shown.stdout.splitlines()[-1])
    assert again.documents[0]["id"] == "0"


def test_letters_are_dropped_by_number_or_all(run, dlq):
    run()
    assert dlq("drop", "1", "2").stdout == "2 dropped\n"
    assert dlq("show", "1").rc == 1 and "no letter 1" in dlq("show", "1").stderr
    assert dlq("drop", "all").stdout == f"{POSTS - 2} dropped\n"
    assert dlq("ls").stdout == ""


def test_letters_are_replayed_to_their_sink_alone_and_removed(run, dlq, tmp_path):
    run()
    kept = (tmp_path / "kept.ndjson").read_text()
    done = dlq("replay", "3")
    assert done.rc == 0 and done.stdout == "other: 1 letters taken and removed\n", done
    assert json.loads((tmp_path / "other.ndjson").read_text())["id"] == "2"
    assert dlq("replay", "all").stdout == f"other: {POSTS - 1} letters taken and removed\n"
    assert len((tmp_path / "other.ndjson").read_text().splitlines()) == POSTS
    assert dlq("ls").stdout == "" and (tmp_path / "kept.ndjson").read_text() == kept


def test_letters_whose_sink_is_gone_or_takes_them_not_stay(run, dlq, tmp_path):
    run()
    refused = dlq("replay", "1", "--set", "track.no=nothingofthis")
    assert refused.rc == 1 and "kept: it did not take them all" in refused.stdout
    (tmp_path / "linnet.lua").write_text(CONFIG % "")
    gone = dlq("replay", "all")
    assert gone.rc == 1 and 'no sink is called "other"' in gone.stderr
    assert len(dlq("ls").stdout.splitlines()) == POSTS


def test_the_cursor_waits_for_a_file_that_cannot_be_written(run, linnet, tmp_path, start_linnet):
    (tmp_path / "posts.ndjson").write_text(lines(tweet(1, "good")))
    (tmp_path / "linnet.lua").write_text(CONFIG % "")
    assert linnet("run", "-c", tmp_path / "linnet.lua").rc == 0
    (tmp_path / "state/dead.db").mkdir()
    (tmp_path / "linnet.lua").write_text(CONFIG % OTHER)
    running = start_linnet("run", "-c", tmp_path / "linnet.lua")
    assert b"tried again until it works" in read_until(running.stderr, b"tried again")
    assert sink(linnet, tmp_path, "other")["pending"] in (0, 1)
    running.terminate()
    assert running.wait(60) == 0
    assert sink(linnet, tmp_path, "other")["pending"] == 1
    (tmp_path / "state/dead.db").rmdir()
    assert linnet("run", "-c", tmp_path / "linnet.lua").rc == 0
    assert sink(linnet, tmp_path, "other")["dead"] == 1
    with sqlite3.connect(tmp_path / "state/dead.db") as letters:
        assert letters.execute("SELECT count(*) FROM letter").fetchone() == (1,)


def read_until(stream, wanted):
    read = b""
    for line in stream:
        read += line
        if wanted in line:
            break
    return read


@pytest.mark.parametrize("words", [[], ["show"], ["show", "x"], ["drop"], ["ls", "1"], ["lss"],
                                   ["replay"], ["replay", "x"]])
def test_wrong_usage(dlq, words, tmp_path):
    (tmp_path / "linnet.lua").write_text("return {}")
    assert dlq(*words).rc == 2


def raw_of(letters):
    with closing(sqlite3.connect(letters)) as database:
        made = database.execute("SELECT 1 FROM sqlite_schema").fetchall()
        return [raw for raw, in database.execute("SELECT raw FROM letter")] if made else []


def test_letters_that_are_moved_away_are_begun_anew(start_linnet, tmp_path):
    (tmp_path / "linnet.lua").write_text("""return { state = "state",
        schema = linnet.schema { extends = "post", { "text", "text", from = function() end } },
        sources = { posts = linnet.stdin {} }, sinks = { store = linnet.sqlite {} } }""")
    running = start_linnet("run", "-c", tmp_path / "linnet.lua")
    letters = tmp_path / "state/dead.db"

    def refuse(text):
        running.stdin.write(text + b"\n")
        running.stdin.flush()
        wait_until(lambda: letters.exists() and raw_of(letters) == [text])
    refuse(b"one")
    letters.rename(tmp_path / "old.db")
    refuse(b"two")
    running.terminate()
    assert running.wait(60) == 0
    assert raw_of(tmp_path / "old.db") == [b"one"]
