"""A live stream at the rates of X: how long until a post can be read from the embedded store, and what
a stream costs that says nothing."""
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from stream import make_posts

RATES = (50, 1000)  # posts a second
PATIENCE_S = 60  # behind the last one
QUIET_S = 20
HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
CONFIG = """return {
  state = "state", http = false, scorers = { default = "vader" },
  sources = { live = linnet.x { host = "http://127.0.0.1:%d", %s } },
  sinks = { store = linnet.sqlite {} },
}
"""
V2 = 'rules = "off", bearer = secret "env:X"'
V1 = ('api = "1.1", track = "a", key = secret "env:X", secret = secret "env:X", token = secret "env:X", '
      'token_secret = secret "env:X"')


class Live:
    """A linnet that reads a stream; `speak(client)` is what the server says on it."""

    def __init__(self, program, options, speak):
        self.folder, self.speak = tempfile.TemporaryDirectory(), speak
        self.path = Path(self.folder.name)
        self.listener = socket.create_server(("127.0.0.1", 0))
        (self.path / "linnet.lua").write_text(CONFIG % (self.listener.getsockname()[1], options))
        threading.Thread(target=self.serve, daemon=True).start()
        self.process = subprocess.Popen([program, "run", "-c", "linnet.lua"], cwd=self.path,
                                        env={**os.environ, "X": "a-token"}, stderr=subprocess.DEVNULL)

    def serve(self):
        client = self.listener.accept()[0]
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.recv(65536)
        client.sendall(HEAD)
        try:
            self.speak(client)
        except OSError:
            pass  # it has stopped

    def look(self, end):
        """Ends the bench when it comes to nothing."""
        if self.process.poll() is not None or time.monotonic() > end:
            sys.exit(f"linnet (exit {self.process.poll()}) has not stored the posts of a live stream")

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            spent = map(int, stat.read().rpartition(")")[2].split()[11:13])
        return sum(spent) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.listener.close()
        self.folder.cleanup()


def chunk(body):
    return b"%x\r\n" % len(body) + body + b"\r\n"


def arrivals(program, root, rate, posts):
    """Seconds from each post's writing until it was read, which is looked for every few ms."""
    written, posts = [], make_posts(root, posts)

    def speak(client):
        begun = time.monotonic()
        for number, post in enumerate(posts):
            time.sleep(max(begun + number / rate - time.monotonic(), 0))
            written.append(time.monotonic())
            client.sendall(chunk(post))
        while True:
            time.sleep(1)
            client.sendall(chunk(b"\r\n"))

    took, end = [], time.monotonic() + len(posts) / rate + PATIENCE_S
    with Live(program, V2, speak) as live:
        store = live.path / "state/linnet.db"
        while not written or not store.exists():
            live.look(end)
            time.sleep(0.01)
        database = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=30)
        while len(took) < len(posts):
            live.look(end)
            try:
                seen = database.execute("SELECT max(number) FROM post").fetchone()[0] or 0
            except sqlite3.OperationalError:
                seen = 0  # its tables are being made
            took += [time.monotonic() - at for at in written[len(took):seen]]
            time.sleep(0.003)
        database.close()
    return took


def quiet(program, options):
    """Share of a processor that a stream of keep-alives takes, once it has stood for a moment."""
    stands = threading.Event()

    def speak(client):
        stands.set()
        while True:
            client.sendall(chunk(b"\r\n"))
            time.sleep(5)

    with Live(program, options, speak) as live:
        stands.wait()
        time.sleep(3)
        before = live.cpu_s()
        time.sleep(QUIET_S)
        return (live.cpu_s() - before) / QUIET_S


def print_live(program, root, seconds):
    for rate in RATES:
        took = arrivals(program, root, rate, rate * seconds)
        parts = statistics.quantiles(took, n=20)
        print(f"X's stream at {rate:,} posts/s, from their writing until the embedded store shows them: "
              f"p50 {parts[9] * 1e3:.0f} ms, p95 {parts[18] * 1e3:.0f} ms, max {max(took) * 1e3:.0f} ms",
              flush=True)
    for api, options in (("v2", V2), ("v1.1", V1)):
        print(f"X's stream ({api}) of keep-alives alone: {quiet(program, options):.2%} of a processor",
              flush=True)
