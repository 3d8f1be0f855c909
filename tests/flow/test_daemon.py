"""As a daemon: what systemd hears of a run (a socket stands in for it), and what the journal gets."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

import pytest
from conftest import PROGRAM, SANITIZED, environment
from material import lines, note, plain, put, wait_until

CONFIG = """return {
  state = "../state", grace = "3s", track = require "track",
  sources = { posts = linnet.file { path = "%(posts)s", rate = 300, ["repeat"] = true } },
  sinks = { out = linnet.ndjson { path = "%(out)s" } },
}
"""
TRACK = 'return { coffee = "coffee%s" }\n'
# fdatasync that does not come back while there is a file "hang".
SLOW_DISK = """#include <unistd.h>
#include <sys/syscall.h>
int fdatasync(int fd) {
    while (access("hang", F_OK) == 0) usleep(5000);
    return syscall(SYS_fdatasync, fd);
}
"""
WATCHDOG_S = 0.3


class Manager:
    """systemd's end of the notifications: `said` is every message, each a dictionary."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="linnet-")  # short, as sockets want it
        self.path = f"{self.folder.name}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.heard = []

    @property
    def said(self):
        try:
            while True:
                text = self.socket.recv(4096).decode()
                self.heard.append(dict(line.split("=", 1) for line in text.splitlines()))
        except BlockingIOError:
            return self.heard

    def count(self, name):
        return sum(name in one for one in self.said)

    def status(self):
        return [one["STATUS"] for one in self.said if "STATUS" in one][-1]

    def fed_within(self, seconds):
        before = self.count("WATCHDOG")
        time.sleep(seconds)
        return self.count("WATCHDOG") - before


@pytest.fixture
def manager(linnet):
    if "no systemd" in linnet("version").stdout:
        note("test_daemon did not run: this linnet was built without libsystemd")
        pytest.skip("built without libsystemd")
    made = Manager()
    yield made
    made.socket.close()
    made.folder.cleanup()


@pytest.fixture
def start(manager, tmp_path, posts, write_config):
    """start() runs a configuration under the manager until it is ready; `log` is its stderr."""
    started = []

    def begin(out="../out.ndjson", ready=True, **env):
        config = write_config(CONFIG % {"posts": posts, "out": out}, track=TRACK % "")
        env = {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": int(WATCHDOG_S * 1e6), **env}
        with open(tmp_path / "log", "wb") as log:
            process = subprocess.Popen([PROGRAM, "run", "-c", config], cwd=tmp_path, stderr=log,
                                       stdout=subprocess.DEVNULL, env=environment(env, tmp_path))
        started.append(process)
        if ready:
            wait_until(lambda: manager.count("READY"))
        return process
    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_it_is_ready_says_how_far_it_is_and_stops(start, manager, tmp_path):
    process = start()
    assert manager.said[0]["READY"] == "1" and (tmp_path / "state/spool").is_dir()
    wait_until(lambda: re.search(r"generation 1, 1 sources: [1-9]\d* posts received, "
                                 r"[1-9]\d* kept$", manager.status()))
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: manager.said and process.poll() is not None)  # its messages are taken all the time
    assert process.returncode == 0
    last = manager.said[-1]
    # systemd waits for the grace time, however short its own patience is
    assert last["STOPPING"] == "1" and int(last["EXTEND_TIMEOUT_USEC"]) > 3_000_000
    assert manager.count("READY") == 1


def test_a_reload_is_told_with_its_time_and_its_end(start, manager):
    process = start()
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    process.send_signal(signal.SIGHUP)
    wait_until(lambda: manager.count("READY") == 2)
    reloading = next(one for one in manager.said if "RELOADING" in one)
    assert int(reloading["MONOTONIC_USEC"]) >= before * 1e6
    assert manager.status().startswith("generation 2, ")


def test_a_reload_that_fails_ends_too_and_shows_in_the_status(start, manager, tmp_path):
    start()
    put(tmp_path / "config/track.lua", TRACK % " OR OR")
    wait_until(lambda: manager.count("READY") == 2)
    assert manager.count("RELOADING") == 1
    assert manager.status().startswith("generation 1, ") and "reload failed" in manager.status()
    put(tmp_path / "config/track.lua", TRACK % " OR tea")
    wait_until(lambda: manager.status().startswith("generation 2, "))
    assert "failed" not in manager.status()


def test_a_run_that_ends_by_itself_was_ready_and_stops(manager, linnet):
    done = linnet("run", "-i", "-", "-o", "discard", input=lines(plain("one")),
                  env={"NOTIFY_SOCKET": manager.path})
    assert done.rc == 0
    assert "READY" in manager.said[0] and "STOPPING" in manager.said[-1]
    assert manager.count("WATCHDOG") == 0  # which nobody asked for


def test_what_cannot_start_is_never_ready(manager, linnet, write_config):
    assert linnet("run", "-c", write_config("return { sources = 1 }"),
                  env={"NOTIFY_SOCKET": manager.path}).rc == 78
    assert linnet("run", "-i", "gone", env={"NOTIFY_SOCKET": manager.path}).rc != 0
    assert manager.said == []


def test_the_watchdog_is_fed_twice_an_interval_while_a_sink_cannot_write(start, manager, tmp_path):
    start(out="/dev/full")
    wait_until(lambda: "No space left" in (tmp_path / "log").read_text())
    wait_until(lambda: manager.fed_within(8 * WATCHDOG_S) >= 8)


def test_a_disk_that_hangs_is_not_called_alive_until_it_goes_on(start, manager, tmp_path):
    if SANITIZED:
        note("the hanging disk was not tried: a sanitizer takes no library before its own")
        return
    (tmp_path / "slow.c").write_text(SLOW_DISK)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "slow.so", "slow.c"], cwd=tmp_path, check=True)
    start(LD_PRELOAD=tmp_path / "slow.so")
    before = manager.count("WATCHDOG")
    (tmp_path / "hang").touch()
    wait_until(lambda: manager.count("WATCHDOG") >= before + 2)  # a slow disk is none that hangs
    wait_until(lambda: "a thread (spool) has been busy" in (tmp_path / "log").read_text())
    wait_until(lambda: manager.fed_within(3 * WATCHDOG_S) == 0)
    assert manager.status().startswith("generation 1, ")  # the loop turns all the same
    (tmp_path / "hang").unlink()
    wait_until(lambda: manager.fed_within(WATCHDOG_S))
    assert (tmp_path / "log").read_text().count("busy with one task") == 1


def test_a_stopped_and_continued_process_raises_no_alarm(start, manager, tmp_path):
    process = start()
    for _ in range(3):
        process.send_signal(signal.SIGSTOP)
        time.sleep(6 * WATCHDOG_S)
        before = manager.count("WATCHDOG")
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: manager.count("WATCHDOG") > before)
    log = (tmp_path / "log").read_text()
    assert "busy" not in log and "stuck" not in log


def test_another_process_is_not_the_one_that_the_watchdog_wants_to_hear(start, manager):
    start(WATCHDOG_PID=1)
    assert manager.fed_within(4 * WATCHDOG_S) == 0


def test_the_journal_gets_priorities_and_what_is_wrong_line_by_line(start, manager, tmp_path):
    (tmp_path / "log").touch()
    own = (tmp_path / "log").stat()
    start(JOURNAL_STREAM=f"{own.st_dev}:{own.st_ino}")
    put(tmp_path / "config/track.lua", TRACK % " OR OR")
    wait_until(lambda: manager.count("READY") == 2)
    log = (tmp_path / "log").read_text()
    assert "<3>reload: not taken over, generation 1 runs on\n<3>reload: " in log
    assert all(re.match("<[3-7]>[a-z]+: ", line) for line in log.splitlines())
    caret = next(line for line in log.splitlines() if line.endswith("^"))
    assert caret.startswith("<3>reload:     ")  # under the quoted line, which begins alike


def test_a_log_that_nobody_reads_stops_nothing(start_linnet, tmp_path, posts, write_config, linnet):
    config = write_config(CONFIG % {"posts": posts, "out": "../out.ndjson"}, track=TRACK % "")
    process = start_linnet("run", "-c", config)
    wait_until((tmp_path / "state/control.sock").exists)
    with open(f"/proc/{process.pid}/fd/2", "wb", buffering=0) as pipe:
        os.set_blocking(pipe.fileno(), False)
        while pipe.write(b"x" * 4096):  # None: it is full
            pass
    put(tmp_path / "config/track.lua", TRACK % " OR OR")
    wait_until(lambda: "failed at" in linnet("status", "-c", config).stdout)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
