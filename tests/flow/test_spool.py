"""A configured run keeps what it has on disk: nothing is lost when it is killed, and it goes on."""
import json
import os
import random
import signal
import subprocess
import time

import pytest
from conftest import PROGRAM, environment
from material import lines, tweet, wait_until

POSTS = 6000
CONFIG = """return {
  state = "state", http = false,
  sources = { posts = linnet.file { path = "posts.ndjson"%s } },
  sinks = { out = linnet.ndjson { path = "out.ndjson" }, gone = linnet.discard {} },
}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "linnet.lua").write_text(CONFIG % "")
    (tmp_path / "posts.ndjson").write_text(lines(*[tweet(i, "good") for i in range(POSTS)]))
    return tmp_path


@pytest.fixture
def start(folder):
    """Starts `linnet run`; whatever still runs at the end is killed."""
    started = []

    def begin():
        started.append(subprocess.Popen([PROGRAM, "run", "-c", "linnet.lua"], cwd=folder,
                                        stderr=subprocess.PIPE, env=environment({}, folder)))
        return started[-1]
    yield begin
    for process in started:
        process.kill()
        process.communicate()


def identities(folder):
    return [json.loads(line)["id"] for line in open(folder / "out.ndjson")]


def write_all(fd, posts):
    text = "".join(posts).encode()
    while text:
        text = text[os.write(fd, text):]


def split_torn(folder):
    """How many lines a kill tore, and the identities on the others."""
    torn, whole = 0, set()
    for line in open(folder / "out.ndjson"):
        try:
            whole.add(json.loads(line)["id"])
        except ValueError:
            torn += 1
    return torn, whole


def status(linnet, folder):
    return json.loads(linnet("status", "--json", "-c", folder / "linnet.lua").stdout)


def check_sums(told):
    for one in told["sources"]:
        parts = ("control", "malformed", "duplicate", "filtered", "spooled")
        assert one["received"] == sum(one[part] for part in parts)
    for one in told["sinks"]:
        parts = ("delivered", "dead", "dropped", "pending", "damaged")
        assert one["spooled"] == sum(one[part] for part in parts)


@pytest.mark.parametrize("kills", [20, pytest.param(1000, marks=pytest.mark.soak)])
def test_nothing_is_lost_however_often_it_is_killed(linnet, folder, start, kills):
    (folder / "linnet.lua").write_text(CONFIG % f", rate = {60000 // kills}")
    pick = random.Random(1)
    for _ in range(kills):
        running = start()
        try:
            assert running.wait(pick.uniform(0.01, 0.2)) == 0, running.stderr.read()
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
        check_sums(status(linnet, folder))
    (folder / "linnet.lua").write_text(CONFIG % "")
    assert start().wait(60) == 0
    torn, whole = split_torn(folder)
    assert torn <= kills and whole == {str(i) for i in range(POSTS)}
    told = status(linnet, folder)
    check_sums(told)
    assert told["sources"][0]["received"] == POSTS
    assert [one["delivered"] for one in told["sinks"]] == [POSTS, POSTS], told


def test_a_process_that_was_stopped_for_a_while_goes_on(linnet, folder, start):
    """faults.md 40, and 41 meanwhile: the folder is still held."""
    posts = (folder / "posts.ndjson").read_text().splitlines(keepends=True)
    (folder / "posts.ndjson").unlink()
    os.mkfifo(folder / "posts.ndjson")
    given = os.open(folder / "posts.ndjson", os.O_RDWR)  # it does not end before the test says so
    running = start()
    write_all(given, posts[:POSTS // 2])
    wait_until(lambda: (folder / "out.ndjson").exists() and (folder / "out.ndjson").stat().st_size)
    running.send_signal(signal.SIGSTOP)
    second = linnet("run", "-c", folder / "linnet.lua")
    assert second.rc == 1 and f"process {running.pid}" in second.stderr
    time.sleep(2)
    running.send_signal(signal.SIGCONT)
    write_all(given, posts[POSTS // 2:])
    os.close(given)
    assert running.wait(60) == 0
    assert identities(folder) == [str(i) for i in range(POSTS)]
    told = status(linnet, folder)
    check_sums(told)
    assert b"warning" not in running.stderr.read()


def test_the_next_run_goes_on_where_the_last_one_stopped(linnet, folder, start):
    assert start().wait(60) == 0
    with open(folder / "posts.ndjson", "a") as more:
        more.write(lines(tweet(POSTS, "one more")))
    assert start().wait(60) == 0
    assert identities(folder) == [str(i) for i in range(POSTS + 1)]


def test_a_document_begins_its_own_line_behind_a_torn_one(folder, start):
    (folder / "out.ndjson").write_text('{"id": "to')
    assert start().wait(60) == 0
    assert split_torn(folder) == (1, {str(i) for i in range(POSTS)})


def test_a_full_disk_below_a_sink_is_waited_for(linnet, folder, start):
    text = (folder / "linnet.lua").read_text()
    (folder / "linnet.lua").write_text(text.replace('"out.ndjson"', '"/dev/full"'))
    running = start()
    assert any(b"No space left on device; tried again" in line for line in running.stderr)
    running.terminate()
    assert running.wait(60) == 0
    told = {one["name"]: one for one in status(linnet, folder)["sinks"]}
    assert told["out"]["delivered"] == 0 < told["out"]["pending"]
    (folder / "linnet.lua").write_text(text)
    assert start().wait(60) == 0
    assert identities(folder) == [str(i) for i in range(POSTS)]


def test_another_file_is_read_from_its_start(folder, start):
    assert start().wait(60) == 0
    (folder / "posts.ndjson").write_text(lines(tweet(1, "known"), tweet(POSTS + 5, "new")))
    assert start().wait(60) == 0
    assert identities(folder)[POSTS:] == [str(POSTS + 5)]


def test_a_second_process_is_refused_and_told_who_the_first_is(linnet, folder, start):
    (folder / "linnet.lua").write_text(CONFIG % ", rate = 50")
    first = start()
    wait_until(lambda: (told := status(linnet, folder))["running"] and told["sinks"][1]["delivered"])
    second = start()
    assert second.wait(60) == 1
    assert f"another linnet, process {first.pid}, runs with" in second.stderr.read().decode()
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == 0
    told = status(linnet, folder)
    check_sums(told)
    assert not told["running"] and told["sinks"][1]["delivered"] > 0


def test_a_state_folder_that_cannot_be_is_said_before_anything_runs(linnet, folder):
    (folder / "state").write_text("a file")
    done = linnet("run", "-c", folder / "linnet.lua")
    assert done.rc == 1 and "state: cannot be used for the state: Not a directory" in done.stderr
