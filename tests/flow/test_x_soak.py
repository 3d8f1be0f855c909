"""Streams of X that are cut and refused in all ways while linnet is killed and reloaded: every post is
kept once, the sums are exact, and memory is flat."""
import json
import os
import random
import signal
import sqlite3
import time

import pytest
from conftest import SANITIZED
from material import note, put, wait_until
from running import check
from test_soak import KIB_AT_FIRST, look
from test_x import BEARER, SECRETS, V1_KEYS, Run, certificate, run  # noqa: F401  (fixtures)
from x_weather import FILTERED, MISSED, STREAMED, Weather

SECONDS = float(os.environ.get("LINNET_SOAK_HOURS", 1 / 6)) * 3600
# Queries that come and go; one stays, which all posts match.
QUERIES = {"pets": "cat OR dog", "birds": "bird lang:en", "snakes": '"python 3" -is:retweet', "far": "refund*"}
CONFIG = """return {
  state = "state", http = false, grace = "2s", scorers = { default = "none" },
  sources = {
    streamed = linnet.x { host = "%s", ca_file = "cert.pem", stall = "2s", backfill_after = "500ms", %s },
    filtered = linnet.x { host = "%s", ca_file = "cert.pem", stall = "2s", %s, track = "cat" },
  },
  sinks = { store = linnet.sqlite {} },
  track = { %s },
}
"""


class Storm:
    """What is done to linnet itself, meanwhile."""

    def __init__(self, run, weather, seed):
        self.run, self.weather, self.pick = run, weather, random.Random(seed)
        self.looks = []

    def configure(self, *names):
        track = ", ".join(f"{name} = [[ {QUERIES[name]} ]]" for name in ("pets", *names))
        host = self.weather.fake.host
        text = CONFIG % (host, BEARER, host, V1_KEYS, track)
        put(self.run.folder / "linnet.lua", text)

    def start(self):
        stderr = open(self.run.folder / "log", "ab")
        self.run.process = self.run.begin("run", "-c", "linnet.lua", stderr=stderr, env=SECRETS)
        self.looks = []

    def reload(self):
        self.configure(*(name for name in list(QUERIES)[1:] if self.pick.random() < 0.5))

    def wrong(self):
        (self.run.folder / "linnet.lua").write_text("no")
        time.sleep(self.pick.uniform(0, 1))
        self.reload()

    def kill(self):
        """What it leaves adds up, too."""
        self.run.stop(signal.SIGKILL)
        check(self.run.status())
        self.start()

    def rage(self, kinds, pause):
        """For a while it is left alone; then one of these befalls it."""
        end = time.monotonic() + self.pick.uniform(0.2, pause)
        while time.monotonic() < end:
            assert self.run.process.poll() is None, self.run.log()[-3000:]
            time.sleep(0.1)
        self.looks.append(look(self.run.process.pid)[0])
        kind = self.pick.choice(kinds)
        self.weather.seen[kind] += 1
        getattr(self, kind)()


def weathered(run, certificate, seconds, pause, refuses):
    """A run that has come through it; KiB of memory, look by look, since it was killed last."""
    weather = Weather(run.folder / "state/linnet.db", 1, refuses, certificate("127.0.0.1"))
    storm, begun = Storm(run, weather, 2), time.monotonic()
    try:
        storm.configure()
        storm.start()
        while time.monotonic() - begun < seconds / 2:
            storm.rage(("kill", "reload", "reload", "wrong"), pause)
        while time.monotonic() - begun < seconds:
            storm.rage(("reload", "wrong"), pause)
        looks = storm.looks
        calm_down(run, weather, storm)
    finally:
        weather.close()
    return looks, weather


def rules_are_as_they_should_be(run):
    done = run.linnet("rules", "diff", "-c", "linnet.lua", env=SECRETS)
    return done.rc == 0 and done.stdout == ""


def calm_down(run, weather, storm):
    """Each post that was given is there once, and counted so."""
    weather.over = True
    run.stop(signal.SIGKILL)
    time.sleep(1.2)  # a gap that is looked for
    storm.start()
    wait_until(lambda: run.status()["running"])
    wait_until(lambda: weather.owed() <= weather.kept.look(), 600)
    wait_until(lambda: rules_are_as_they_should_be(run), 600)
    wait_until(lambda: check(run.status())["sinks"][0]["pending"] == 0)
    assert run.stop() == 0, run.log()[-3000:]
    told = check_all(run.status())
    owed = weather.owed()
    assert sum(one["spooled"] for one in told["sources"]) == len(owed)
    assert sum(one["malformed"] for one in told["sources"]) == 0
    database = sqlite3.connect(run.folder / "state/linnet.db")
    ids = [int(name.rpartition(":")[2]) for name, in database.execute("SELECT id FROM posts")]
    assert len(ids) == len(owed) and set(ids) == owed
    counted = database.execute("SELECT sum(posts) FROM stats_day WHERE dimension = 'all'").fetchone()[0]
    assert counted == len(owed)


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def check_all(told):
    check(told)
    sink = told["sinks"][0]
    assert sink["delivered"] == sink["spooled"] and sink["dead"] == sink["damaged"] == 0, told
    return told


def test_streams_that_are_cut_again_and_again_lose_nothing(run, certificate):
    weathered(run, certificate, 8, 1, refuses=False)


@pytest.mark.soak
def test_ten_minutes_of_faults_lose_nothing_and_take_no_memory(run, certificate):
    looks, weather = weathered(run, certificate, SECONDS, 4, refuses=True)
    third = max(len(looks) // 3, 1)
    first, before, after = looks[0], median(looks[third:2 * third]), median(looks[-third:])
    posts, faults = len(weather.owed()), sum(weather.seen.values()) - weather.seen["calm"]
    note(f"X: {posts:,} posts, {faults} faults in {SECONDS:.0f} s ({json.dumps(weather.seen)}); since it was "
         f"killed last {first} KiB of memory, then {before}, {after}, {looks[-1]} at the end")
    # Until then the store's cache, 32 MiB, has filled up.
    assert SANITIZED or after - before < KIB_AT_FIRST
