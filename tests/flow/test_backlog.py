"""A sink that was gone for long: what waits for it on disk, however much, is read in little memory."""
import json
import resource
import signal
import subprocess
import time

import pytest
from conftest import SANITIZED
from material import lines, note, stands_still, tweet, wait_until
from running import check

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
    assert filling.wait(60) == 0
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


MOST_ADDRESSES = 384 << 20
LIMITED = """local queries = {{}}
for i = 1, 10000 do queries["q" .. i] = "word" .. i .. " tea" end
return {{
  state = "state", grace = "1s", spool = {{ max = "{}MiB" }}, scorers = {{ default = "none" }},
  track = queries, sources = {{ posts = linnet.file {{ {} }} }}, sinks = {{ out = {} }},
}}
"""


def limit():
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))


@pytest.mark.parametrize("mib", [200, pytest.param(10 << 10, marks=pytest.mark.soak)])
def test_a_limit_of_memory_is_kept_and_sources_wait(running, linnet, tmp_path, mib):
    """faults.md 48: `ulimit -v`, 10,000 queries, posts of 1 MB, and a sink that takes nothing."""
    (tmp_path / "posts.ndjson").write_text(
        lines(*[tweet(i, f"good tea word{i}", filler="x" * 1_000_000) for i in range(1, 40)]))
    config, endless = tmp_path / "linnet.lua", 'path = "posts.ndjson", ["repeat"] = true'
    config.write_text(LIMITED.format(mib, endless, 'linnet.ndjson { path = "/dev/full" }'))
    running.start(preexec_fn=limit)
    wait_until(lambda: running.ask()["spool"]["waiting"], 120 + mib / 20)
    wait_until(lambda: running.ask()["sources"][0]["coverage"]["state"] == "pause")
    wait_until(lambda: stands_still(lambda: check(running.ask())["sources"]))
    held = check(running.ask())
    assert held["spool"]["bytes"] > 0.8 * (mib << 20) and running.stop() == 0
    config.write_text(LIMITED.format(mib, 'path = "/dev/null"', "linnet.discard {}"))
    running.start(preexec_fn=limit)
    assert running.process.wait(120 + mib / 20) == 0, running.log()
    told = check(json.loads(linnet("status", "--json", "-c", config).stdout))["sinks"][0]
    assert told["delivered"] == told["spooled"] > mib / 2 and "out of memory" not in running.log()
