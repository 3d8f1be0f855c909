"""Groups Disk and Process of the list of faults, for a whole program: what is done to it while it runs."""
import errno
import json
import os
import resource
import signal
import socket
import statistics
import time

import pytest
from conftest import SANITIZED
from material import lines, tweet, wait_until

POSTS = 3000
CONFIG = """return {
  state = "state", grace = "2s", spool = { max = "%s" }, scorers = { default = "none" },
  sources = { posts = linnet.file { path = "posts.ndjson", rate = %d, ["repeat"] = %s } },
  sinks = { %s },
}
"""


class Running:
    """A configured run, and what it says of itself."""

    def __init__(self, folder, begin):
        self.folder, self.begin, self.process = folder, begin, None

    def configure(self, rate=2000, repeat=False, spool="64MiB",
                  sinks='out = linnet.ndjson { path = "out.ndjson" }'):
        text = CONFIG % (spool, rate, str(repeat).lower(), sinks)
        (self.folder / "linnet.lua").write_text(text)
        return self

    def start(self, **options):
        stderr = open(self.folder / "log", "ab")
        self.process = self.begin("run", "-c", "linnet.lua", stderr=stderr, **options)
        wait_until(lambda: self.process.poll() is not None or self.reached())
        return self

    def connect(self):
        """A connection to the control socket, whose path may be too long for an address."""
        client, at = socket.socket(socket.AF_UNIX), os.open(self.folder / "state", os.O_PATH)
        client.settimeout(30)
        try:
            client.connect(f"/proc/self/fd/{at}/control.sock")
        finally:
            os.close(at)
        return client

    def reached(self):
        try:
            self.connect().close()
        except OSError:
            return False
        return True

    def ask(self):
        """What the running process answers to `status`."""
        with self.connect() as client:
            client.sendall(b'{"verb":"status"}\n')
            return json.loads(b"".join(iter(lambda: client.recv(65536), b"")))

    def sums(self):
        told = self.ask()
        return check(told), told

    def received(self):
        return self.ask()["sources"][0]["received"]

    def wait_for_more(self, posts=100):
        """Until it has taken more posts."""
        before = self.received()
        wait_until(lambda: self.received() >= before + posts, 30)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def log(self):
        return (self.folder / "log").read_text()


def check(told):
    for one in told["sources"]:
        parts = ("control", "malformed", "duplicate", "filtered", "spooled")
        assert one["received"] == sum(one[part] for part in parts), told
    for one in told["sinks"]:
        parts = ("delivered", "dead", "dropped", "pending", "damaged")
        assert one["spooled"] == sum(one[part] for part in parts), told
    return told


@pytest.fixture
def running(tmp_path, start_linnet):
    (tmp_path / "posts.ndjson").write_text(lines(*[tweet(i, "good") for i in range(POSTS)]))
    return Running(tmp_path, start_linnet)


@pytest.fixture
def settled(running, linnet):
    """Lets it end: each post is then delivered once, and the sums say so."""
    def settle(posts=POSTS):
        assert running.process.wait(60) == 0, running.log()
        told = check(json.loads(linnet("status", "--json", "-c", running.folder / "linnet.lua").stdout))
        found = [json.loads(line)["id"] for line in open(running.folder / "out.ndjson")]
        assert len(found) == len(set(found)) == posts
        assert told["sinks"][0]["delivered"] == told["sources"][0]["received"] == posts
        assert "clean" in linnet("spool", "check", "-c", running.folder / "linnet.lua").stdout
        return told
    return settle


# ---- disk ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_a_disk_that_stalls_in_fsync_leaves_the_loop_responsive(running, faults, settled, seconds):
    """faults.md 14: what waits for the disk waits, and nothing else does."""
    running.configure().start(env=faults.env)
    running.wait_for_more()
    faults.stalls = 1
    time.sleep(1)
    took, received, until = [], [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        received.append(check(running.ask())["sources"][0]["received"])
        took.append(time.monotonic() - began)
        time.sleep(0.05)
    assert statistics.median(took) < 0.1 and max(took) < 1, took
    assert received[len(received) // 2] == received[-1] < POSTS
    faults.stalls = 0
    settled()
    assert "warning" not in running.log() and "error" not in running.log()


def test_out_of_descriptors_it_waits_and_goes_on(running, settled):
    """faults.md 15: nothing new can be opened: neither clients, nor segments, nor cursors."""
    running.configure(spool="2MiB").start()
    running.wait_for_more()
    pid = running.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    with running.connect() as client:
        client.sendall(b'{"verb":"status"}\n')
        before = cpu_seconds(pid)
        time.sleep(2)
        assert cpu_seconds(pid) - before < 1
        assert running.process.poll() is None
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        assert client.recv(1) == b"{"
    settled()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return sum(map(int, stat.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("fault", ["create_error", "write_error", "sync_error"])
def test_a_disk_without_room_or_inodes_is_waited_for(running, faults, settled, fault):
    """faults.md 5 and 15: sources wait, and go on soon after room has come back."""
    running.configure(spool="1MiB").start(env=faults.env)
    running.wait_for_more()
    setattr(faults, fault, errno.ENOSPC)
    wait_until(lambda: running.ask()["spool"]["waiting"])
    held = running.received()
    time.sleep(1)
    assert held <= running.received() <= held + POSTS // 3
    setattr(faults, fault, 0)
    began = time.monotonic()
    running.wait_for_more()
    assert time.monotonic() - began < 5
    settled()
    assert running.log().count("No space left on device") < 10


def test_a_sync_that_fails_once_costs_nothing(running, faults, settled):
    """faults.md 6: what it may have lost is written again, to another segment."""
    running.configure().start(env=faults.env)
    running.wait_for_more()
    faults.syncs_left, faults.sync_error = 1, errno.EIO
    running.wait_for_more()
    settled()
    assert faults.sync_error == 0


def test_a_disk_that_never_syncs_ends_it_with_the_reason(running, faults, settled):
    """faults.md 7: and starting again and again makes nothing grow."""
    running.configure().start(env=faults.env)
    running.wait_for_more()
    faults.sync_error = errno.EIO
    sizes = []
    for _ in range(5):
        assert running.process.wait(20) == 1
        sizes.append(sum(file.stat().st_size for file in (running.folder / "state").rglob("*")))
        running.start(env=faults.env)
    assert "Input/output error" in running.log() and max(sizes) < 1.5 * sizes[0] + 65536, sizes
    running.process.wait(20)
    faults.sync_error = 0
    running.start(env=faults.env)
    settled()


def test_short_and_interrupted_writes_tear_nothing(running, faults, settled):
    """faults.md 8."""
    faults.short_writes = 1
    running.configure(rate=0).start(env=faults.env)
    settled()
