"""A configured run that faults are done to while it runs, and what it says of itself."""
import json
import os
import signal
import socket

from material import ROOT, put, wait_until

POSTS = 3000
CONFIG = """return {
  state = "state", http = false, grace = "2s", spool = { max = "%s" }, scorers = { default = "none" },
  sources = { posts = linnet.file { path = "posts.ndjson", rate = %d, ["repeat"] = %s } },
  sinks = { %s },
}
"""


class Faults:
    """What tests/flow/faults.c does to a run that has `env`: faults.stalls = 1, and so on."""
    NAMES = ("stalls", "sync_error", "syncs_left", "write_error", "create_error", "short_writes",
             "wall_shift_s")

    def __init__(self, path):
        path.write_bytes(bytes(8 * len(self.NAMES)))
        asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        library = ROOT / "build/faults.so"
        assert library.exists(), f"{library} is not there: make {library.relative_to(ROOT)}"
        env = {"LD_PRELOAD": library, "LINNET_FAULTS": path, "ASAN_OPTIONS": asan}
        self.__dict__.update(path=path, env=env)

    def __getattr__(self, name):
        at = 8 * self.NAMES.index(name)
        return int.from_bytes(self.path.read_bytes()[at:at + 8], "little", signed=True)

    def __setattr__(self, name, value):
        with open(self.path, "r+b", buffering=0) as numbers:
            numbers.seek(8 * self.NAMES.index(name))
            numbers.write(value.to_bytes(8, "little", signed=True))


class Running:
    """A configured run, and what it says of itself."""

    def __init__(self, folder, begin):
        self.folder, self.begin, self.process = folder, begin, None

    def configure(self, rate=500, repeat=False, spool="64MiB",
                  sinks='out = linnet.ndjson { path = "out.ndjson" }'):
        text = CONFIG % (spool, rate, str(repeat).lower(), sinks)
        put(self.folder / "linnet.lua", text)
        return self

    def start(self, **options):
        stderr = open(self.folder / "log", "ab")
        self.process = self.begin("run", "-c", "linnet.lua", stderr=stderr, **options)
        wait_until(lambda: self.process.poll() is not None or self.reached())
        return self

    def connect(self):
        """A connection to the control socket, whose path may be too long for an address."""
        client, at = socket.socket(socket.AF_UNIX), os.open(self.folder / "state", os.O_PATH)
        client.settimeout(60)
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
        wait_until(lambda: self.received() >= before + posts)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

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


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return sum(map(int, stat.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")
