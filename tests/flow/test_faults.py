"""Group Disk of the list of faults, done to a whole program while it runs."""
import errno
import json
import resource
import tempfile
import time

import pytest
from material import lines, note, stands_still, tweet, wait_until
from running import POSTS, check, cpu_seconds


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_a_disk_that_stalls_in_fsync_leaves_the_loop_responsive(running, faults, settled, seconds):
    """faults.md 14: what waits for the disk waits, and nothing else does."""
    running.configure().start(env=faults.env)
    running.wait_for_more()
    faults.stalls = 1
    received, until = [], time.monotonic() + seconds
    # The disk does not go on before it has answered all of them.
    while time.monotonic() < until or len(received) < 40:
        received.append(check(running.ask())["sources"][0]["received"])
        time.sleep(0.05)
    wait_until(lambda: stands_still(running.received))
    assert running.received() < POSTS
    faults.stalls = 0
    settled()
    assert "warning" not in running.log() and "error" not in running.log()


def test_out_of_descriptors_it_waits_and_goes_on(running, settled):
    """faults.md 15: nothing new can be opened: neither clients, nor segments, nor cursors."""
    # Slowly: the run does not end before it has answered the client that waited.
    running.configure(rate=300, spool="1MiB").start()
    running.wait_for_more()
    pid = running.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    with running.connect() as client:
        client.sendall(b'{"verb":"status"}\n')
        before, began = cpu_seconds(pid), time.monotonic()
        time.sleep(2)
        assert cpu_seconds(pid) - before < (time.monotonic() - began) / 2
        assert running.process.poll() is None
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        assert client.recv(1) == b"{"
    settled()


def test_a_file_that_is_played_again_waits_for_a_descriptor(running):
    """faults.md 15."""
    running.configure(rate=0, repeat=True, sinks="out = linnet.discard {}").start()
    running.wait_for_more()
    pid = running.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    time.sleep(1)
    assert running.process.poll() is None, running.log()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    running.wait_for_more(2 * POSTS)
    assert running.stop() == 0


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
    note(f"{fault}: it went on {time.monotonic() - began:.1f} s after there was room")
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
        assert running.process.wait(60) == 1
        sizes.append(sum(file.stat().st_size for file in (running.folder / "state").rglob("*")))
        running.start(env=faults.env)
    assert "Input/output error" in running.log() and min(sizes[3:]) < 1.5 * sizes[0] + 65536, sizes
    running.process.wait(60)
    faults.sync_error = 0
    running.start(env=faults.env)
    settled()


def test_short_and_interrupted_writes_tear_nothing(running, faults, settled):
    """faults.md 8."""
    faults.short_writes = 1
    running.configure(rate=0).start(env=faults.env)
    settled()


def state_folders(folder):
    (folder / "file").write_text("")
    (folder / "dangling").symlink_to(folder / "nowhere/at/all")
    (folder / "loop").symlink_to(folder / "loop")
    return {"/proc/linnet": "No such file or directory", "/sys/linnet": "", "file": "Not a directory",
            "file/below": "Not a directory", "dangling": "", "loop": "symbolic links",
            "x" * 300: "File name too long"}


def test_a_state_folder_that_cannot_be_is_said_with_its_reason(running, linnet):
    """faults.md 12: read-only, missing, no folder; before any source is opened."""
    for state, reason in state_folders(running.folder).items():
        text = running.configure().folder / "linnet.lua"
        text.write_text(text.read_text().replace('"state"', f'"{state}"'))
        done = linnet("run", "-c", text)
        assert done.rc == 1 and done.stderr.count("\n") == 1, done
        assert state[:200] in done.stderr and reason in done.stderr
        assert not (running.folder / "out.ndjson").exists()


def test_a_state_folder_may_be_a_link_to_another_file_system(running, settled):
    """faults.md 12: what can be used is."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        (running.folder / "state").symlink_to(elsewhere)
        running.configure(rate=0).start()
        settled()


@pytest.fixture
def behind(running, tmp_path):
    """A run whose sink is behind by several segments: its file takes nothing yet."""
    def fill(more="", repeat=False):
        out = tmp_path / "out.ndjson"
        out.symlink_to("/dev/full")
        posts = [tweet(i, "good", filler="x" * 1000) for i in range(POSTS)]
        (tmp_path / "posts.ndjson").write_text(lines(*posts))
        running.configure(rate=0, spool="8MiB" if repeat else "64MiB", repeat=repeat,
                          sinks='out = linnet.ndjson { path = "out.ndjson"%s }, '
                                'other = linnet.discard {}' % more)
        return running.start()
    return fill


def sinks_of(running):
    """The one that is behind, and the other."""
    return sorted(check(running.ask())["sinks"], key=lambda one: one["name"] == "other")


def test_a_reader_that_is_behind_holds_a_full_spool_or_loses_the_oldest(behind, running):
    """faults.md 16: pause, the standard. The reader beside it has all that there is."""
    behind(repeat=True)
    wait_until(lambda: running.ask()["spool"]["waiting"])
    wait_until(lambda: sinks_of(running)[1]["pending"] == 0)
    out, other = sinks_of(running)
    assert out["pending"] == out["spooled"] == other["delivered"] > 0
    wait_until(lambda: "the spool is full" in running.log() or "it is full" in running.log())
    assert running.stop() == 0


def test_a_reader_that_may_be_dropped_loses_the_oldest_and_says_so(behind, running):
    """faults.md 16: drop_oldest, counted and said once; nobody else is held up."""
    behind(', when_full = "drop_oldest"', repeat=True)
    wait_until(lambda: running.received() > 10 * POSTS)
    wait_until(lambda: sinks_of(running)[0]["dropped"] > POSTS)
    out, other = sinks_of(running)
    assert out["damaged"] == out["delivered"] == 0 < out["pending"]
    assert other["dropped"] == 0 and running.ask()["spool"]["bytes"] < 12 << 20
    assert running.stop() == 0
    assert running.log().count("oldest records are dropped") == 1


def test_segments_that_a_hand_removes_or_cuts_are_noticed_and_it_goes_on(behind, running, linnet):
    """faults.md 13."""
    behind()
    wait_until(lambda: running.ask()["sources"][0]["spooled"] == POSTS)
    segments = sorted((running.folder / "state/spool").glob("*.seg"))
    assert len(segments) > 1 or segments[0].stat().st_size > 1 << 20
    with open(segments[0], "r+b") as cut:
        cut.truncate(segments[0].stat().st_size // 2)
    assert running.stop() == 0
    (running.folder / "out.ndjson").unlink()
    running.start()
    assert running.process.wait(60) == 0, running.log()
    told = check(json.loads(linnet("status", "--json", "-c", running.folder / "linnet.lua").stdout))
    out = next(one for one in told["sinks"] if one["name"] == "out")
    # Where nothing was written behind the cut, the source's position lies before it, too: what is
    # missing comes again.
    assert out["delivered"] > 0 and out["damaged"] + out["delivered"] == POSTS
