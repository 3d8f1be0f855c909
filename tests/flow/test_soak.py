"""Faults every few seconds, for as long as one likes: nothing grows, and nothing is lost.

`make soak` runs it for ten minutes, or for $LINNET_SOAK_HOURS; `make test` for seconds."""
import errno
import json
import os
import random
import resource
import signal
import time

import pytest
from conftest import SANITIZED
from material import note, wait_until
from running import check

SINKS = 'store = linnet.sqlite {}, out = linnet.ndjson { path = "%s" }'
HOURS = float(os.environ.get("LINNET_SOAK_HOURS", 1 / 6))
# What fills up in the first hour: the latest groups, and the ids that are known.
KIB_AT_FIRST, KIB_A_DAY = 16 << 10, 1024
# What fills up in the first minutes, when depends on how busy the machine is: the cache of the store.
KIB_OF_CACHE = 32 << 10


class Storm:
    """One fault after the other, each for a moment."""

    def __init__(self, running, faults, seed):
        self.running, self.faults, self.pick = running, faults, random.Random(seed)
        self.kinds = [self.disk("sync_error"), self.disk("write_error"), self.disk("create_error"),
                      self.disk("short_writes"), self.disk("stalls"), self.descriptors, self.sleep,
                      self.reload, self.sink, self.wall]

    def disk(self, name):
        def fail(seconds):
            setattr(self.faults, name, errno.ENOSPC)
            time.sleep(seconds)
            setattr(self.faults, name, 0)
        return fail

    def descriptors(self, seconds):
        pid = self.running.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
        time.sleep(seconds)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)

    def sleep(self, seconds):
        self.running.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.running.process.send_signal(signal.SIGCONT)

    def configure(self, out):
        self.running.configure(rate=1000, repeat=True, spool="8MiB", sinks=SINKS % out)
        self.running.process.send_signal(signal.SIGHUP)

    def reload(self, seconds):
        (self.running.folder / "linnet.lua").write_text("no")
        time.sleep(seconds)
        self.configure("out.ndjson")

    def sink(self, seconds):
        self.configure("/dev/full")
        time.sleep(seconds)
        self.configure("out.ndjson")

    def wall(self, seconds):
        self.faults.wall_shift_s = self.pick.choice([-1200, 86400, 8 * 3600])
        time.sleep(seconds)
        self.faults.wall_shift_s = 0

    def rage(self, pause):
        self.kinds[self.pick.randrange(len(self.kinds))](self.pick.uniform(0.1, pause))
        time.sleep(self.pick.uniform(0.1, pause))


def look(pid):
    """KiB of memory that is the process's own, threads, descriptors."""
    status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    return (int(status["RssAnon"].split()[0]), int(status["Threads"]),
            len(os.listdir(f"/proc/{pid}/fd")))


def median(looks, which):
    return sorted(one[which] for one in looks)[len(looks) // 2]


@pytest.mark.parametrize("hours, pause", [(20 / 3600, 0.3),
                                          pytest.param(HOURS, 2, marks=pytest.mark.soak)])
def test_faults_again_and_again_leave_nothing_behind(running, faults, linnet, hours, pause):
    """faults.md 49."""
    storm, looks = Storm(running, faults, 5), []
    running.configure(rate=1000, repeat=True, spool="8MiB", sinks=SINKS % "out.ndjson")
    running.start(env=faults.env)
    until = time.monotonic() + hours * 3600
    while time.monotonic() < until or len(looks) < 15:
        storm.rage(pause)
        assert running.process.poll() is None, running.log()
        looks.append(look(running.process.pid))
        if (running.folder / "out.ndjson").stat().st_size > 1 << 26:
            os.truncate(running.folder / "out.ndjson", 0)
    third = len(looks) // 3
    before, after = looks[third:2 * third], looks[2 * third:]
    grown = median(after, 0) - median(before, 0)
    note(f"{len(looks)} faults: {median(after, 0) >> 10} MiB, {grown} KiB more than before; "
         f"{median(after, 1)} threads, {median(after, 2)} descriptors")
    allowed = KIB_AT_FIRST if hours < 1 else KIB_A_DAY * hours / 24
    allowed += KIB_OF_CACHE if hours < 0.1 else 0
    assert SANITIZED or grown < max(allowed, 1024)
    # At any moment a file more may be open, or a thread more at work: not for long.
    wait_until(lambda: (now := look(running.process.pid))[1] <= median(before, 1) and now[2] <= median(before, 2) + 2)
    running.wait_for_more()
    running.stop()
    told = check(json.loads(linnet("status", "--json", "-c", running.folder / "linnet.lua").stdout))
    assert all(one["damaged"] == one["dead"] == one["dropped"] == 0 for one in told["sinks"])
    assert "clean" in linnet("spool", "check", "-c", running.folder / "linnet.lua").stdout
