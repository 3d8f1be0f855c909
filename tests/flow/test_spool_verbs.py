"""`linnet spool`, sinks that come and go, and a stop that does not wait for ever."""
import json
import os
import signal
import subprocess

import pytest
from conftest import PROGRAM, environment
from material import lines, tweet, wait_until

POSTS = 500


def configure(folder, *sinks, more=""):
    named = "".join(f'{name} = linnet.ndjson {{ path = "{name}.ndjson" }}, ' for name in sinks)
    (folder / "linnet.lua").write_text(
        'return { state = "state", %s sources = { posts = linnet.file { path = "posts.ndjson" } },'
        ' sinks = { %s } }' % (more, named))


@pytest.fixture
def folder(tmp_path):
    configure(tmp_path, "a", "b")
    (tmp_path / "posts.ndjson").write_text(lines(*[tweet(i, "good") for i in range(POSTS)]))
    return tmp_path


@pytest.fixture
def spool(linnet, folder):
    return lambda *words: linnet("spool", *words, "-c", folder / "linnet.lua")


def sinks(linnet, folder):
    told = json.loads(linnet("status", "--json", "-c", folder / "linnet.lua").stdout)
    return {one["name"]: one for one in told["sinks"]}


def add_posts(folder, first, count):
    with open(folder / "posts.ndjson", "a") as more:
        more.write(lines(*[tweet(i, "good") for i in range(first, first + count)]))


def test_a_clean_spool_is_called_clean_and_none_is_no_error(linnet, folder, spool):
    assert spool("check").rc == 0
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    checked = spool("check")
    assert checked.rc == 0 and checked.stdout.endswith(": clean\n"), checked


def test_damage_is_found_repaired_and_then_counted_once(linnet, folder, spool):
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    add_posts(folder, POSTS, POSTS)
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    segment = next((folder / "state/spool").glob("*.seg"))
    with open(segment, "r+b") as bytes_of:
        bytes_of.seek(3000)
        bytes_of.write(b"\xff" * 10)
    checked = spool("check")
    assert checked.rc == 1 and "damaged at" in checked.stdout and "1 records missing" in checked.stdout
    repaired = spool("repair")
    assert repaired.rc == 0 and repaired.stdout.endswith("; repaired\n")
    assert list((folder / "state/quarantine").iterdir())
    assert "0 bytes damaged, 1 records missing" in spool("check").stdout
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0


def test_a_sink_that_is_gone_keeps_what_waits_until_it_is_forgotten(linnet, folder, spool):
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    configure(folder, "a")
    add_posts(folder, POSTS, 7)
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    assert sinks(linnet, folder)["b"]["pending"] == 7 and sinks(linnet, folder)["b"]["gone"]
    assert not sinks(linnet, folder)["a"]["gone"]
    shown = linnet("status", "-c", folder / "linnet.lua").stdout
    assert shown.count("linnet spool forget") == 1 and "`linnet spool forget b`" in shown
    configure(folder, "a", "b")
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    assert sinks(linnet, folder)["b"]["delivered"] == POSTS + 7
    assert len((folder / "b.ndjson").read_text().splitlines()) == POSTS + 7
    assert spool("forget", "b").stdout == "b is forgotten\n"
    assert "b" not in sinks(linnet, folder)
    refused = spool("forget", "b")
    assert refused.rc == 1 and "cursors/b: there is no such cursor" in refused.stderr


def test_what_is_kept_for_a_sink_that_is_gone_is_said_at_the_start_and_by_check(linnet, folder, spool):
    assert "spool forget" not in linnet("run", "-c", folder / "linnet.lua").stderr
    assert "spool forget" not in linnet("check", "-c", folder / "linnet.lua").stderr
    configure(folder, "a")
    for verb in ("check", "run"):
        done = linnet(verb, "-c", folder / "linnet.lua")
        assert done.rc == 0 and done.stderr.count("`linnet spool forget b`") == 1, done
    assert "spool forget" not in linnet("check", "-c", folder / "linnet.lua", "--set", "state=other").stderr
    assert spool("forget", "b").rc == 0
    assert "spool forget" not in linnet("run", "-c", folder / "linnet.lua").stderr


def test_a_run_says_which_cursor_it_had_to_put_right(linnet, folder):
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    (folder / "state/cursors/a").write_bytes(b"nothing")
    done = linnet("run", "-c", folder / "linnet.lua")
    assert "cursor of a: no copy of it is whole" in done.stderr and "cursor of b" not in done.stderr


def test_a_new_sink_may_start_at_the_oldest_and_the_run_ends_when_it_is_done(linnet, folder):
    configure(folder, "a")
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    text = (folder / "linnet.lua").read_text().replace(
        "sinks = {", 'sinks = { old = linnet.ndjson { path = "old", start = "oldest" },')
    (folder / "linnet.lua").write_text(text)
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    assert len((folder / "old").read_text().splitlines()) == POSTS


def test_a_running_linnet_shows_and_forgets_sinks_that_are_gone(linnet, folder, spool):
    assert linnet("run", "-c", folder / "linnet.lua").rc == 0
    configure(folder, "a")
    os.remove(folder / "posts.ndjson")
    os.mkfifo(folder / "posts.ndjson")
    running = subprocess.Popen([PROGRAM, "run", "-c", "linnet.lua"], cwd=folder,
                               stderr=subprocess.PIPE, env=environment({}, folder))
    posts = open(folder / "posts.ndjson", "w")
    wait_until(lambda: "is running" in linnet("status", "-c", folder / "linnet.lua").stdout)
    assert sinks(linnet, folder)["b"]["delivered"] == POSTS
    assert {name for name, one in sinks(linnet, folder).items() if one["gone"]} == {"b"}
    assert "`linnet spool forget b`" in linnet("status", "-c", folder / "linnet.lua").stdout
    assert 'is a sink of the configuration' in spool("forget", "a").stderr
    assert spool("repair").rc == 1
    assert spool("forget", "b").rc == 0
    assert set(sinks(linnet, folder)) == {"a"}
    running.send_signal(signal.SIGTERM)
    posts.close()
    assert running.wait(60) == 0, running.stderr.read()


@pytest.mark.parametrize("words", [[], ["chek"], ["forget"], ["check", "more"]])
def test_wrong_usage(spool, words):
    assert spool(*words).rc == 2
