"""What scenario tests share: the program, a configuration, the bundled posts.

The program is $LINNET_PROGRAM, else ./linnet. Its Lua is this folder's: a sanitized build lies
elsewhere, so LINNET_SHARE says where to look.
"""
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

import pytest

import material
import running as runs

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / os.environ.get("LINNET_PROGRAM", "linnet")
# They take memory of their own.
SANITIZED = any(name in str(PROGRAM) for name in ("address", "thread", "undefined"))
# Of no use to the program, and other machines have others: what a test wants set it names.
KEPT_VARIABLES = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")


def pytest_configure(config):
    config.addinivalue_line("markers", "soak: takes minutes; `make soak` runs it")


class Result:
    """What a run left behind: rc, stdout, stderr."""

    def __init__(self, done):
        self.rc = done.returncode
        self.stdout = done.stdout.decode("utf-8", "replace")
        self.stderr = done.stderr.decode("utf-8", "replace")
        self.stdout_bytes = done.stdout

    @property
    def documents(self):
        """The lines of stdout, each as the JSON that it is."""
        return [json.loads(line) for line in self.stdout_bytes.splitlines()]

    def __repr__(self):
        return f"rc {self.rc}\n-- stdout\n{self.stdout}\n-- stderr\n{self.stderr}"


def environment(extra, home):
    env = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    env.update(LINNET_SHARE=str(ROOT), HOME=str(home), LC_ALL="C.UTF-8")
    env.update({name: str(value) for name, value in (extra or {}).items()})
    return env


@pytest.fixture
def root():
    """The repository."""
    return ROOT


@pytest.fixture
def posts():
    """Path of the bundled posts."""
    return ROOT / "config/demo/posts.ndjson.gz"


@pytest.fixture
def linnet(tmp_path):
    """linnet("match", "-e", "coffee", input="...") runs the program in a folder of the test's own.

    `input` is text or bytes; None is an empty stdin. `env` adds variables.
    """
    def run(*words, input=None, env=None, cwd=tmp_path, timeout=180):
        given = input.encode() if isinstance(input, str) else input or b""
        done = subprocess.run([str(PROGRAM), *map(str, words)], input=given, cwd=cwd,
                              env=environment(env, tmp_path), capture_output=True, timeout=timeout)
        return Result(done)
    return run


@pytest.fixture
def start_linnet(tmp_path):
    """Like linnet, for a run that goes on: gives a Popen with pipes; ended after the test."""
    started = []

    def start(*words, env=None, cwd=tmp_path, **options):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen([str(PROGRAM), *map(str, words)], cwd=cwd,
                                   env=environment(env, tmp_path), **{**pipes, **options})
        started.append(process)
        return process
    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def faults(tmp_path):
    """Faults of the disk and the clock, for start_linnet(..., env=faults.env)."""
    return runs.Faults(tmp_path / "faults")


@pytest.fixture
def running(tmp_path, start_linnet):
    """A run to be configured and started, over numbered posts."""
    posts = [material.tweet(i, "good") for i in range(runs.POSTS)]
    (tmp_path / "posts.ndjson").write_text(material.lines(*posts))
    return runs.Running(tmp_path, start_linnet)


@pytest.fixture
def settled(running, linnet):
    """Lets it end: each post is then delivered once, and the sums say so."""
    def settle(posts=runs.POSTS):
        assert running.process.wait(60) == 0, running.log()
        config = running.folder / "linnet.lua"
        told = runs.check(json.loads(linnet("status", "--json", "-c", config).stdout))
        found = [json.loads(line)["id"] for line in open(running.folder / "out.ndjson")]
        assert len(found) == len(set(found)) == posts
        assert told["sinks"][0]["delivered"] == told["sources"][0]["received"] == posts
        assert "clean" in linnet("spool", "check", "-c", config).stdout
        return told
    return settle

@pytest.fixture
def on_terminal(tmp_path):
    """on_terminal("replay", …) runs linnet with a terminal as output and gives (rc, bytes)."""
    def run(*words, input=b"", env=None, columns=0):
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, *map(str, words)], stdin=subprocess.PIPE,
                                   stdout=follower, stderr=follower, cwd=tmp_path,
                                   env=environment({"TERM": "xterm", **(env or {})}, tmp_path))
        os.close(follower)
        process.stdin.write(input.encode() if isinstance(input, str) else input)
        process.stdin.close()
        out = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # the last end of the terminal was closed
                break
            if not part:
                break
            out += part
        os.close(leader)
        return process.wait(timeout=60), out.replace(b"\r\n", b"\n")
    return run


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
def keep(linnet, store):
    """Replays posts into the store, with a query or without."""
    return lambda *posts, query=(): linnet("replay", "-", "-o", f"sqlite:{store}", *query,
                                           input=material.lines(*posts))


@pytest.fixture
def write_config(tmp_path):
    """write_config(text, **others) makes config/linnet.lua, others as config/NAME.lua: its path."""
    def write(text, **others):
        folder = tmp_path / "config"
        folder.mkdir(exist_ok=True)
        for name, content in {"linnet": text, **others}.items():
            (folder / f"{name}.lua").write_text(content, encoding="utf-8")
        return folder / "linnet.lua"
    return write


def pytest_sessionfinish(session):
    """One of several processes (pytest-xdist) hands on what its tests had to say."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["notes"] = material.NOTES


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    material.NOTES.extend(getattr(node, "workeroutput", {}).get("notes", []))


def pytest_terminal_summary(terminalreporter):
    """Passing tests are silent; these have something to say all the same."""
    for note in material.NOTES:
        terminalreporter.write_line(f"note: {note}")
