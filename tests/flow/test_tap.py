"""`linnet tap` shows what a running linnet keeps; nothing waits for it."""
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
    """Feeds a post again and again until each of the taps has shown one; the next number."""
    number = running.status()["sinks"][0]["delivered"]
    fds = {tap.stdout.fileno() for tap in taps}
    for fd in fds:
        os.set_blocking(fd, False)
    while fds:
        number += 1
        running.feed(tweet(number, "good day"))
        wait_until(lambda: running.status()["sinks"][0]["delivered"] == number)
        for fd in list(fds):
            try:
                if os.read(fd, 65536):
                    fds.remove(fd)
            except BlockingIOError:
                pass
    for one in taps:
        os.set_blocking(one.stdout.fileno(), True)
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
    narrow, all_of_it = tap("coffee -tea", "--limit", "2"), tap()
    first = looked_on(running, all_of_it)
    texts = ["tea", "coffee", "coffee or tea", "more coffee", "coffee at last"]
    running.feed(*[tweet(first + i, text) for i, text in enumerate(texts)])
    shown = narrow.communicate(timeout=20)[0].splitlines()
    assert narrow.returncode == 0
    assert [json.loads(line)["text"] for line in shown] == ["coffee", "more coffee"]


def test_a_slow_one_loses_posts_and_says_how_many(running, tap, tmp_path):
    slow, count, text = tap(), 12000, "good " * 80
    first = looked_on(running, slow)
    running.feed(*[tweet(i, text) for i in range(first, first + count)])
    wait_until(lambda: running.status()["sinks"][0]["delivered"] == first - 1 + count, 60)
    seen = read_until_quiet(slow.stdout)
    said = slow.stderr.readline().decode()
    lost = int(re.match(r"linnet tap: (\d+) posts are not shown", said).group(1))
    assert lost > 0
    assert b"".join(seen).count(b"\n") + lost == count
    running.process.stdin.close()
    assert running.process.wait(20) == 0
    assert b"linnet has ended" in slow.communicate(timeout=30)[1] and slow.returncode == 0


def read_until_quiet(pipe):
    """What comes until there is nothing for a second."""
    seen = []
    while select.select([pipe], [], [], 1)[0]:
        seen.append(os.read(pipe.fileno(), 65536))
    return seen


def test_on_a_terminal_it_is_a_line_a_post_and_inert(running, tap):
    control, terminal = pty.openpty()
    shown, witness = tap("--limit", "2", stdout=terminal), tap()
    os.close(terminal)
    wait_until(lambda: looked_on(running, witness))
    running.feed(tweet(99, "a \x1b[31mred\x1b[0m day, good"))
    assert shown.wait(20) == 0
    text = os.read(control, 65536).decode()
    os.close(control)
    assert "positive" in text and "@ada_sample" in text and "good day" in text
    assert "\x1b[31mred" not in text


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
    assert eight[0].wait(20) == 130
    wait_until(lambda: looked_on(running, eight[1]) and linnet(
        "tap", "--state", "state", "(", timeout=20).rc == 78)
