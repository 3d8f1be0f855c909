"""Groups Process and Clock of the list of faults, done to a whole program while it runs."""
import json
import os
import random
import signal
import sqlite3
import time

import pytest
from material import lines, tweet, wait_until
from running import POSTS

STORE = 'store = linnet.sqlite {}, out = linnet.ndjson { path = "out.ndjson" }'


def ids(running):
    """Of whole lines: a kill may tear one."""
    found = set()
    for line in open(running.folder / "out.ndjson"):
        try:
            found.add(json.loads(line)["id"])
        except ValueError:
            pass
    return found


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.soak)])
def test_killed_while_it_reloads_nothing_is_lost(running, linnet, kills):
    """faults.md 38, in reload: sinks come and go, and it is killed at any moment of that."""
    pick = random.Random(3)
    more = 'out = linnet.ndjson { path = "out.ndjson" }, more = linnet.discard {}'
    for number in range(kills):
        running.configure(rate=30000 // kills).start()
        time.sleep(pick.uniform(0, 0.1))
        changed = {"sinks": more} if number % 2 else {"spool": "65MiB"}
        running.configure(rate=30000 // kills, **changed)
        running.process.send_signal(signal.SIGHUP)
        time.sleep(pick.uniform(0, 0.05))
        running.process.kill()
        running.process.wait()
    running.configure(rate=0).start()
    assert running.process.wait(60) == 0, running.log()
    assert ids(running) == {str(i) for i in range(POSTS)}
    assert linnet("spool", "check", "-c", running.folder / "linnet.lua").rc == 0


@pytest.mark.parametrize("again, grace", [(False, "2s"), (True, "1h")])
def test_a_sink_that_never_answers_holds_no_stop(running, linnet, again, grace):
    """faults.md 39: no longer than the grace time, or at once when told again."""
    config = running.configure(rate=300, sinks="store = linnet.sqlite {}").folder / "linnet.lua"
    config.write_text(config.read_text().replace('grace = "2s"', f'grace = "{grace}"'))
    running.start()
    store = running.folder / "state/linnet.db"
    wait_until(store.exists)
    holder = sqlite3.connect(store, isolation_level=None, timeout=60)
    holder.execute("BEGIN IMMEDIATE")
    wait_until(lambda: running.ask()["sinks"][0]["pending"])
    running.process.send_signal(signal.SIGTERM)
    if again:
        wait_until(lambda: running.process.send_signal(signal.SIGTERM) or running.process.poll() is not None)
    assert running.process.wait(60) == 0
    holder.execute("COMMIT")
    running.start()
    assert running.process.wait(60) == 0, running.log()
    assert holder.execute("SELECT count(*) FROM post").fetchone() == (POSTS,)


def test_told_twice_it_leaves_while_the_disk_stalls(running, faults, settled):
    """faults.md 39 and 14."""
    running.configure().start(env=faults.env)
    running.wait_for_more()
    faults.stalls = 1
    time.sleep(0.5)
    # Again and again: two signals that come at once are one.
    wait_until(lambda: running.process.send_signal(signal.SIGTERM) or running.process.poll() is not None)
    assert running.process.wait() == 0
    faults.stalls = 0
    running.start()
    settled()


def test_a_lock_that_a_killed_one_left_is_no_obstacle_whoever_has_its_number(running):
    """faults.md 41: the lock's holder is who holds it, not who is named in it."""
    running.configure().start()
    running.wait_for_more()
    running.process.kill()
    running.process.wait()
    (running.folder / "state/lock").write_text(f"{os.getpid()}\n")
    running.start()
    assert running.process.wait(60) == 0, running.log()
    assert ids(running) == {str(i) for i in range(POSTS)}


def test_a_log_that_nobody_reads_holds_nothing_up(running, faults, settled):
    """faults.md 42: its lines are lost, and counted."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while os.write(writing, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(writing, True)
    running.configure()
    running.process = running.begin("run", "-c", "linnet.lua", stderr=writing)
    wait_until(running.reached)
    (running.folder / "linnet.lua").write_text("no")
    for _ in range(5):
        running.process.send_signal(signal.SIGHUP)
        running.wait_for_more(50)
    running.configure()
    os.close(writing)
    text = os.read(reading, 1 << 20)
    settled()
    while more := os.read(reading, 1 << 20):
        text += more
    assert b" lines before this one are lost" in text


def test_a_log_that_is_deleted_or_full_holds_nothing_up(running, settled):
    """faults.md 42."""
    running.configure()
    with open("/dev/full", "wb") as full:
        running.process = running.begin("run", "-c", "linnet.lua", stderr=full)
    wait_until(running.reached)
    (running.folder / "linnet.lua").write_text("no")
    running.process.send_signal(signal.SIGHUP)
    running.wait_for_more()
    running.configure()
    settled()


YEAR = 365 * 86400


@pytest.mark.parametrize("shift_s", [-1200, 86400, -60 * YEAR, 15 * YEAR, 8 * 3600])
def test_the_wall_clock_steps_and_nothing_hangs_or_fires_early(running, faults, settled, shift_s):
    """faults.md 44; the last is 46, a suspend: the monotonic clock stood, the wall clock jumps."""
    running.configure(sinks=STORE).start(env=faults.env)
    running.wait_for_more()
    if shift_s == 8 * 3600:
        running.process.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
    faults.wall_shift_s = shift_s
    running.process.send_signal(signal.SIGCONT)
    running.wait_for_more()
    began = time.monotonic()
    running.configure(spool="65MiB", sinks=STORE)
    wait_until(lambda: running.ask()["generation"] == 2)
    settled()
    assert time.monotonic() - began > 0.2  # at the same rate as before
    assert "warning" not in running.log() and "error" not in running.log()


@pytest.mark.parametrize("zone", ["America/New_York", "XYZ-14", "right/UTC", ":nonsense"])
def test_the_hosts_time_zone_changes_nothing(linnet, zone):
    """faults.md 45: UTC everywhere; around the hours that summer time skips and repeats, too."""
    moments = ["Sun Mar 10 06:59:59 +0000 2024", "Sun Mar 10 07:00:00 +0000 2024",
               "Sun Nov 03 05:30:00 +0000 2024", "Sun Nov 03 06:30:00 +0000 2024",
               "Sat Dec 31 23:59:60 +0000 2016"]
    given = lines(*[{**tweet(i, "good"), "created_at": at, "timestamp_ms": None}
                    for i, at in enumerate(moments)])
    told = linnet("replay", "-", "-o", "stdout", input=given, env={"TZ": zone})
    assert [one["created"] for one in told.documents] == [
        "2024-03-10T06:59:59.000Z", "2024-03-10T07:00:00.000Z", "2024-11-03T05:30:00.000Z",
        "2024-11-03T06:30:00.000Z", "2017-01-01T00:00:00.000Z"]
    now = time.strftime("%Y-%m-%dT%H", time.gmtime(time.time() - 60))
    assert all(one["received"] >= now for one in told.documents)
