"""The coverage ledger: a time when nothing was heard never looks like a time when nothing was said."""
import json
import os
import signal
import subprocess
import time

import pytest
from material import lines, tweet, wait_until

CONFIG = """return {{
  state = "state", grace = "1s", spool = {{ max = "1MiB" }}, scorers = {{ default = "none" }},
  sources = {{ posts = linnet.{} }}, sinks = {{ out = linnet.{} }},
}}
"""
DISCARD = "discard {}"


@pytest.fixture
def live(start_linnet, linnet, tmp_path):
    """A run whose source is a pipe, which hears what happens now."""
    def begin(source="stdin {}", sink=DISCARD):
        (tmp_path / "linnet.lua").write_text(CONFIG.format(source, sink))
        process = start_linnet("run", "-c", "linnet.lua", stderr=subprocess.DEVNULL)
        wait_until(lambda: status(linnet)["running"])
        return process
    return begin


def status(linnet):
    return json.loads(linnet("status", "--json", "--state", "state").stdout)


def coverage(linnet, *words):
    done = linnet("stats", "--coverage", "--json", "--state", "state", *words)
    assert done.rc == 0, done
    return json.loads(done.stdout)


def source(linnet):
    sources = coverage(linnet)["sources"]
    return sources[0] if sources else {"intervals": []}


def kinds(part, *wanted):
    return [one for one in part["intervals"] if one["kind"] in wanted]


def wait_for_the_ledger(linnet):
    wait_until(lambda: source(linnet)["intervals"])


@pytest.mark.parametrize("more", [("--by", "hashtag"), ("--query", "tea"), ("--until", "1h"),
                                  ("--limit", "3"), ("--store", "x.db")])
def test_what_narrows_counts_does_not_go_with_coverage(linnet, more):
    done = linnet("stats", "--coverage", "--state", "state", *more)
    assert (done.rc, done.stdout) == (2, "") and f"takes no {more[0]}" in done.stderr


def test_after_a_kill_there_is_a_gap_until_the_next_start(live, linnet):
    first = live()
    wait_for_the_ledger(linnet)
    first.kill()
    first.wait()
    killed = coverage(linnet)
    gap, = kinds(killed["sources"][0], "gap")
    assert not killed["running"] and gap["open"] and gap["reason"] == "linnet is not running"
    time.sleep(1.5)
    live()
    wait_until(lambda: [one["open"] for one in kinds(source(linnet), "gap")] == [False])
    told = source(linnet)
    gap, = kinds(told, "gap")
    assert gap["reason"] == "linnet was not running" and gap["seconds"] > 1.5
    assert 0 < told["coverage"] < 1 and told["gap_s"] == gap["seconds"]
    assert kinds(told, "covered")[1]["from"] == gap["to"]
    shown = linnet("status", "--state", "state").stdout
    assert "covered since" in shown and f"last gap {gap['from']} to {gap['to']}" in shown


def test_a_recorded_file_waits_and_has_no_gap(live, linnet, tmp_path):
    (tmp_path / "posts.ndjson").write_text(lines(*[tweet(i, "good") for i in range(6000)]))
    for runs in (1, 2):
        running = live('file { path = "posts.ndjson", rate = 100 }')
        wait_until(lambda: len(source(linnet)["intervals"]) == runs)
        wait_until(lambda: source(linnet)["intervals"][-1]["seconds"] > 1)
        running.kill()
        running.wait()
    told = source(linnet)
    assert not told["live"] and told["coverage"] == 1 and len(kinds(told, "covered")) == 2


def test_what_ended_by_itself_leaves_no_gap(live, linnet):
    running = live()
    running.communicate(lines(tweet(1, "good")).encode())
    assert running.returncode == 0 and source(linnet)["coverage"] == 1
    assert status(linnet)["sources"][0]["coverage"]["state"] == "ended"


def test_a_full_spool_is_a_pause(live, linnet, tmp_path):
    posts = [tweet(i, "good", filler="x" * 3000) for i in range(8000)]
    (tmp_path / "posts.ndjson").write_text(lines(*posts))
    running = live('file { path = "posts.ndjson" }', 'ndjson { path = "/dev/full" }')
    wait_until(lambda: kinds(source(linnet), "pause"))
    pause, = kinds(source(linnet), "pause")
    assert pause["reason"] == "the spool is full" and pause["open"]
    assert "pause since" in linnet("status", "--state", "state").stdout
    running.terminate()
    running.wait()
    told = source(linnet)
    assert not kinds(told, "pause")[0]["open"] and told["coverage"] < 1 and not kinds(told, "gap")


def test_what_a_sink_drops_is_counted(live, linnet, tmp_path):
    posts = [tweet(i, "good", filler="x" * 3000) for i in range(3000)]
    (tmp_path / "posts.ndjson").write_text(lines(*posts))
    running = live('file { path = "posts.ndjson" }',
                   'ndjson { path = "/dev/full", when_full = "drop_oldest" }')
    wait_until(lambda: status(linnet)["sources"][0]["received"] == len(posts))
    wait_until(lambda: coverage(linnet)["sinks"])
    running.terminate()
    running.wait()
    dropped = status(linnet)["sinks"][0]["dropped"]
    lost = coverage(linnet)["sinks"][0]
    assert lost["name"] == "out" and lost["lost"] == dropped > 0
    assert lost["intervals"][0]["kind"] == "drop"


def test_what_is_damaged_on_the_disk_is_counted(live, linnet, tmp_path):
    running = live(sink='ndjson { path = "/dev/full" }')
    for first in (0, 50):
        running.stdin.write(lines(*[tweet(i, "good") for i in range(first, first + 50)]).encode())
        running.stdin.flush()
        wait_until(lambda: status(linnet)["sinks"][0]["pending"] == first + 50)
    running.terminate()
    running.wait()
    segment, = (tmp_path / "state/spool").glob("*.seg")
    with open(segment, "r+b") as file:
        file.seek(segment.read_bytes().index(b"good"))
        file.write(b"\xff" * 10)
    running = live(sink='ndjson { path = "out.ndjson" }')
    wait_until(lambda: status(linnet)["sinks"][0]["pending"] == 0)
    damaged = status(linnet)["sinks"][0]["damaged"]
    running.terminate()
    running.wait()
    lost = coverage(linnet)["sinks"][0]
    assert lost["lost"] == damaged > 0 and lost["intervals"][0]["kind"] == "damage"


def test_a_process_that_is_stopped_has_a_gap(live, linnet):
    running = live()
    wait_for_the_ledger(linnet)
    began = time.monotonic()
    running.send_signal(signal.SIGSTOP)
    time.sleep(6.5)
    running.send_signal(signal.SIGCONT)
    wait_until(lambda: kinds(source(linnet), "gap"))
    gap, = kinds(source(linnet), "gap")
    longest = time.monotonic() - began + 20
    assert "stopped" in gap["reason"] and 5 < gap["seconds"] < longest and not gap["open"]


def test_a_ledger_that_cannot_be_written_is_said_once_and_stops_nothing(start_linnet, linnet, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state/ledger.db").write_text("something else")
    (tmp_path / "linnet.lua").write_text(CONFIG.format("stdin {}", DISCARD))
    running = start_linnet("run", "-c", "linnet.lua")
    wait_until(lambda: status(linnet)["running"])
    time.sleep(1.5)
    log = running.communicate(lines(tweet(1, "good")).encode())[1].decode()
    assert running.returncode == 0 and log.count("ledger.db: file is not a database") == 1
    assert status(linnet)["sinks"][0]["delivered"] == 1
    assert (tmp_path / "state/ledger.db").read_text() == "something else"
    done = linnet("stats", "--coverage", "--state", "state")
    assert done.rc == 1 and "ledger.db: file is not a database" in done.stderr


def test_coverage_for_people(live, linnet):
    live()
    wait_for_the_ledger(linnet)
    for since in ("1h", "2001-01-01", "7d"):
        done = linnet("stats", "--coverage", "--since", since, "--state", "state")
        assert "linnet is running" in done.stdout and "posts: 100.0 % covered" in done.stdout
        assert "█|" in done.stdout and done.rc == 0
    ascii_only = linnet("stats", "--coverage", "--since", "5s", "--state", "state",
                        env={"LC_ALL": "C"}).stdout
    assert "=|" in ascii_only and ascii_only.isascii()


@pytest.mark.parametrize("since", ["", "soon", "-1h", "2199-01-01", "99999999999d"])
def test_a_wrong_since_is_refused(linnet, since, tmp_path):
    done = linnet("stats", "--coverage", f"--since={since}", "--state", tmp_path)
    assert done.rc == 2 and "--since" in done.stderr and ("is no time" in done.stderr or
                                                          "is not over yet" in done.stderr)


def test_without_a_ledger_nothing_is_known(linnet, tmp_path):
    done = linnet("stats", "--coverage", "--state", tmp_path)
    assert done.rc == 0 and "nothing is known" in done.stdout
    assert not os.path.exists(tmp_path / "ledger.db")
