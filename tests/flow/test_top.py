"""`linnet top` on a real terminal, which tmux is: what is drawn, keys, resizing, and its end."""
import os
import re
import signal
import subprocess
import time

import pytest
from conftest import PROGRAM, environment
from material import lines, tweet, wait_until

CONFIG = """return {
  state = "state", scorers = { default = "none" }, track = { coffee = "coffee", tea = "tea" },
  sources = { posts = linnet.file { path = "posts.ndjson", rate = 200, ["repeat"] = true } },
  sinks = { out = linnet.discard {} },
}
"""


class Terminal:
    """A shell in a tmux of its own, 80 x 24."""

    def __init__(self, folder, env):
        self.socket, self.folder = str(folder / "tmux"), folder
        self.env = {**environment(env, folder), "TERM": "screen-256color", "PS1": "$ "}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-s", "top",
                  "/bin/sh", env=self.env)

    def tmux(self, *words, env=None):
        done = subprocess.run(["tmux", "-u", "-S", self.socket, *words], cwd=self.folder, env=env,
                              capture_output=True, check=False, timeout=60)
        return done.stdout.decode()

    def type(self, *keys):
        self.tmux("send-keys", "-t", "top", *keys)

    def screen(self, *words):
        return self.tmux("capture-pane", "-p", "-t", "top", *words)

    def shows(self, text):
        wait_until(lambda: text in self.screen())

    def state(self):
        """The alternate screen is on, the cursor is shown."""
        return self.tmux("display-message", "-p", "-t", "top", "#{alternate_on} #{cursor_flag}").strip()

    def children(self):
        """(process, state) of what runs in the shell."""
        shell = self.tmux("display-message", "-p", "-t", "top", "#{pane_pid}").strip()
        listed = subprocess.run(["ps", "-o", "pid=,state=", "--ppid", shell], capture_output=True, check=False)
        return [tuple(row.split()) for row in listed.stdout.decode().splitlines()]

    def child(self):
        return int(self.children()[0][0])


@pytest.fixture
def terminal(tmp_path):
    made = []

    def make(env=None):
        made.append(Terminal(tmp_path, env))
        return made[-1]
    yield make
    for one in made:
        one.tmux("kill-server")


@pytest.fixture
def run(start_linnet, linnet, tmp_path):
    (tmp_path / "linnet.lua").write_text(CONFIG)
    (tmp_path / "posts.ndjson").write_text(
        lines(*[tweet(i, "good coffee" if i % 2 else "tea") for i in range(1000)]))

    def begin():
        process = start_linnet("run", "-c", "linnet.lua", stderr=subprocess.DEVNULL)
        wait_until(lambda: "is running" in linnet("status", "--state", "state").stdout)
        return process
    return begin


@pytest.fixture
def top(terminal):
    """A terminal in which top runs."""
    def begin(env=None):
        one = terminal(env)
        one.type(f"{PROGRAM} top --state state", "Enter")
        one.shows("QUERIES")
        return one
    return begin


def test_it_shows_what_runs_and_takes_keys(run, top, tmp_path):
    run()
    screen = top()
    screen.shows("ok")
    wait_until(lambda: re.search(r"coffee +\d[\d.]*/s", screen.screen()))
    screen.shows("? help  q quit")
    screen.shows("generation 1")
    screen.type("Tab", "Tab", "/", "cof")
    screen.shows("QUERIES 1")
    wait_until(lambda: "  tea" not in screen.screen())
    screen.type("Enter", "Enter")
    screen.shows("positive")
    screen.type("Escape", "Escape", "?")
    screen.shows("hold the screen")
    screen.type("?", "p")
    screen.shows("paused")
    screen.type("p", "r")
    screen.shows("reloaded: generation")
    screen.type("q")
    wait_until(lambda: screen.state() == "0 1")


def test_it_waits_for_a_linnet_and_finds_it_again(run, top):
    screen = top()
    screen.shows("not running")
    first = run()
    screen.shows("generation 1")
    first.terminate()
    first.wait()
    screen.shows("not running")
    run()
    screen.shows("generation 1")


def test_it_follows_the_size_of_the_terminal(run, top):
    run()
    screen = top()
    screen.tmux("resize-window", "-t", "top", "-x", "50", "-y", "12")
    screen.shows("needs 60 x 15")
    screen.tmux("resize-window", "-t", "top", "-x", "120", "-y", "40")
    screen.shows("QUERIES")
    wait_until(lambda: max(map(len, screen.screen().splitlines())) > 100)


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGHUP,
                                 signal.SIGINT])
def test_the_terminal_is_as_it_was_however_it_ends(top, how):
    screen = top()
    wait_until(lambda: screen.state() == "1 0")
    os.kill(screen.child(), how)
    wait_until(lambda: screen.state() == "0 1" and screen.children() == [])
    screen.type("echo typed-$((6*7))", "Enter")
    screen.shows("typed-42")
    assert "echo typed" in screen.screen()  # what is typed is seen


def test_it_can_be_put_aside_and_taken_up_again(run, top):
    run()
    screen = top()
    screen.type("C-z")
    wait_until(lambda: screen.state() == "0 1" and screen.children()[0][1] == "T")
    screen.type("fg", "Enter")
    wait_until(lambda: screen.state() == "1 0")
    screen.shows("QUERIES")


def test_without_colours_and_without_utf_8(run, top):
    run()
    screen = top({"NO_COLOR": "1", "LC_ALL": "C"})
    wait_until(lambda: "received " in screen.screen() and "/s" in screen.screen())
    assert screen.screen().isascii()
    assert "\x1b[38;" not in screen.screen("-e") and "\x1b[36m" not in screen.screen("-e")


def test_in_colours(run, top):
    run()
    screen = top()
    wait_until(lambda: "\x1b[38;5;75m" in screen.screen("-e"))


def test_without_a_terminal_it_is_a_status(run, linnet):
    run()
    done = linnet("top", "--state", "state")
    assert done.rc == 0 and "is running" in done.stdout and "\x1b" not in done.stdout


def test_a_terminal_that_cannot_be_drawn_on_is_said(terminal):
    screen = terminal()
    screen.type(f"TERM=nothing {PROGRAM} top --state state; echo code $?", "Enter")
    screen.shows("code 1")
    screen.shows('kind "nothing"')


def test_it_costs_little(run, top):
    """Redrawing, once a second, as processor time."""
    run()
    screen = top()
    pid = screen.child()
    used = lambda: sum(map(int, open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))
    before, began = used(), time.monotonic()
    time.sleep(3)
    share = (used() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - began)
    assert share < 0.05
