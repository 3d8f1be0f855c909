"""`linnet tap` shows what a running linnet keeps; nothing waits for it."""
import contextlib
import itertools
import json
import os
import pty
import re
import select
import signal
import subprocess

import pytest
from conftest import PROGRAM, environment
from material import caret_under, delete, tweet, wait_until
from serving import CONFIG, Serving


@pytest.fixture
def running(tmp_path, write_config):
    write_config(CONFIG % "" + "\n")
    serving = Serving(tmp_path)
    yield serving
    serving.end()


@pytest.fixture
def tap(tmp_path):
    """tap("coffee") starts one that looks on already."""
    started = []

    def start(*words, stdout=subprocess.PIPE):
        process = subprocess.Popen([PROGRAM, "tap", "--state", "state", *words], cwd=tmp_path,
                                   stdout=stdout, stderr=subprocess.PIPE,
                                   env=environment({}, tmp_path))
        started.append(process)
        return process
    yield start
    for process in started:
        process.kill()
        process.communicate()


def looked_on(running, *taps):
    """Feeds a post again and again until each of the taps has shown one, and then all that there
    were; the next number."""
    number = running.status()["sinks"][0]["delivered"]
    shown = {tap.stdout.fileno(): b"" for tap in taps}

    def look():
        for fd in shown:
            while select.select([fd], [], [], 0)[0] and (part := os.read(fd, 65536)):
                shown[fd] += part
        return list(shown.values())
    while not all(look()):
        number += 1
        running.feed(tweet(number, "good day"))
        wait_until(lambda: running.status()["sinks"][0]["delivered"] == number)
    last = b'{"id":"%d"' % number
    wait_until(lambda: all(last in text and text.endswith(b"\n") for text in look()))
    return number + 1


def test_it_gives_the_documents_that_the_sinks_get(running, tap, tmp_path):
    everything = tap()
    first = looked_on(running, everything)
    running.feed(*[tweet(i, f"coffee {i}") for i in range(first, first + 50)], delete(first))
    shown = [json.loads(everything.stdout.readline()) for _ in range(51)]
    wait_until(lambda: running.status()["sinks"][0]["delivered"] == first + 50)
    kept = [json.loads(line) for line in open(tmp_path / "out.ndjson")]
    assert shown == kept[-51:]
    assert shown[-1] == {"_id": f"x:{first}", "deleted": True}


def test_a_query_narrows_it_and_a_limit_ends_it(running, tap, tmp_path):
    narrow = tap("coffee -tea", "--limit", "2")
    texts = ["tea", "coffee", "coffee or tea", "more coffee", "tea again"]
    number = itertools.count()

    def feed():  # it may look on at last
        running.feed(*[tweet(next(number), text) for text in texts])
        return narrow.poll() is not None
    wait_until(feed)
    shown = narrow.communicate(timeout=60)[0].splitlines()
    assert narrow.returncode == 0
    found = [json.loads(line)["text"] for line in shown]  # one may be lost, of which it would say so
    assert len(found) == 2 and set(found) <= {"coffee", "more coffee"}


def test_a_slow_one_loses_posts_and_says_how_many(running, tap, tmp_path):
    slow, count, text = tap(), 12000, "good " * 80
    first = looked_on(running, slow)
    running.feed(*[tweet(i, text) for i in range(first, first + count)])
    wait_until(lambda: running.status()["sinks"][0]["delivered"] == first - 1 + count, 60)
    seen, said = b"", b""
    while not said or seen.count(b"\n") + lost(said) < count:
        ready = select.select([slow.stdout, slow.stderr], [], [], 60)[0]
        assert ready and slow.poll() is None, (seen.count(b"\n"), said)
        if slow.stdout in ready:
            seen += os.read(slow.stdout.fileno(), 65536)
        if slow.stderr in ready:
            said += os.read(slow.stderr.fileno(), 65536)
    assert seen.count(b"\n") + lost(said) == count and lost(said) > 0
    running.process.stdin.close()
    assert running.process.wait(60) == 0
    assert b"linnet has ended" in slow.communicate(timeout=60)[1] and slow.returncode == 0


def lost(said):
    return sum(map(int, re.findall(rb"linnet tap: (\d+) posts are not shown", said)))


def test_on_a_terminal_it_is_a_line_a_post_and_inert(running, tap):
    control, terminal = pty.openpty()
    shown, number = tap("--limit", "2", stdout=terminal), itertools.count()
    os.close(terminal)

    def feed():
        running.feed(tweet(next(number), "a \x1b[31mred\x1b[0m, good day"))
        return shown.poll() is not None
    wait_until(feed)
    assert shown.returncode == 0
    text = b""
    with contextlib.suppress(OSError):  # the last end of the terminal was closed
        while part := os.read(control, 65536):
            text += part
    os.close(control)
    text = text.decode()
    assert "positive" in text and "@ada_sample" in text and "good day" in text
    assert text.count("\n") == 2 and "\x1b[31mred" not in text


def test_a_wrong_query_is_pointed_at(running, linnet):
    done = linnet("tap", "--state", "state", "coffee (tea")
    assert done.rc == 78 and caret_under(done.stderr) == "(tea"
    assert linnet("tap", "--state", "state", "x" * 9000).rc == 78
    assert linnet("tap", "--state", "state", "x" * 70000).rc == 2
    assert linnet("tap", "--limit", "few").rc == 2


def test_without_a_linnet_there_is_nothing_to_look_at(linnet):
    done = linnet("tap", "--state", "nowhere")
    assert (done.rc, done.stdout) == (1, "") and "no linnet is running" in done.stderr


def test_there_is_room_for_eight_and_for_status(running, tap, linnet):
    eight = [tap() for _ in range(8)]
    looked_on(running, *eight)
    ninth = linnet("tap", "--state", "state")
    assert ninth.rc == 1 and "8 others look on already" in ninth.stderr
    assert running.status()["running"] is True
    eight[0].send_signal(signal.SIGINT)
    assert eight[0].wait(60) == 130
    wait_until(lambda: looked_on(running, eight[1]) and linnet(
        "tap", "--state", "state", "(", timeout=60).rc == 78)
