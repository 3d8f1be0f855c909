"""A sink that was gone for long: what waits for it on disk, however much, is read in little memory."""
import json
import signal
import subprocess
import time

import pytest
from conftest import SANITIZED
from material import lines, note, tweet

MOST_MEMORY_KIB = 128 * 1024
CONFIG = """return {{
  state = "state", grace = "1s", spool = {{ max = "20GiB" }}, scorers = {{ default = "none" }},
  sources = {{ posts = linnet.file {{ {} }} }}, sinks = {{ out = {} }},
}}
"""


@pytest.fixture
def start(start_linnet, tmp_path):
    """start(options of the file, sink) starts a run."""
    def begin(source, sink):
        (tmp_path / "linnet.lua").write_text(CONFIG.format(source, sink))
        return start_linnet("run", "-c", "linnet.lua", stderr=subprocess.DEVNULL)
    return begin


def watch(process, until=lambda: False):
    """Runs until it ends, or `until`; the most memory that it had, in KiB."""
    most = 0
    while process.poll() is None and not until():
        status = open(f"/proc/{process.pid}/status").read()
        most = max(most, int(status.partition("VmHWM:")[2].split()[0])) if "VmHWM" in status else most
        time.sleep(0.02)
    return most


@pytest.mark.parametrize("bytes_", [200 << 20, pytest.param(10 << 30, marks=pytest.mark.soak)])
def test_a_long_backlog_is_read_in_little_memory(start, linnet, tmp_path, bytes_):
    (tmp_path / "posts.ndjson").write_text(
        lines(*[tweet(i, "good #tea", filler="x" * 3800) for i in range(5000)]))
    segments = lambda: (tmp_path / "state/spool").glob("*.seg")
    spooled = lambda: sum(segment.stat().st_size for segment in segments())
    filling = start('path = "posts.ndjson", ["repeat"] = true', 'linnet.ndjson { path = "/dev/full" }')
    filled = watch(filling, lambda: spooled() > bytes_)
    filling.send_signal(signal.SIGTERM)
    assert filling.wait(30) == 0
    began = time.monotonic()
    reading = start('path = "/dev/null"', "linnet.discard {}")
    watch(reading, (tmp_path / "state/control.sock").exists)
    opened = time.monotonic() - began
    memory = watch(reading)
    note(f"{bytes_ >> 20} MiB opened in {opened:.2f} s, read in "
         f"{time.monotonic() - began:.1f} s with {memory >> 10} MiB")
    assert reading.wait(60) == 0 and (SANITIZED or max(filled, memory) < MOST_MEMORY_KIB)
    told = json.loads(linnet("status", "--json", "-c", tmp_path / "linnet.lua").stdout)["sinks"][0]
    assert told["pending"] == told["damaged"] == 0 and told["delivered"] * 3800 > bytes_ / 2
