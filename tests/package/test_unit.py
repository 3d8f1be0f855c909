"""The unit: how much it exposes, that systemd reads it, and that linnet does with what it is left.

No systemd runs here, so the two restrictions that could break linnet are made by hand: the unit's
system calls and MemoryDenyWriteExecute, as the seccomp filters that systemd makes of them.
"""
import mmap
import os
import re
import signal
import subprocess

import pytest
import seccomp
from conftest import ROOT
from material import lines, plain, wait_until

UNIT = (ROOT / "config/system/linnet.service").read_text().replace("@BIN@", "/usr/bin")
CONFIG = """return {
  state = "state", workers = 2,
  track = { coffee = "/co+fee/ OR tea" },
  sources = { posts = linnet.file { path = "posts.ndjson", rate = 200, ["repeat"] = true } },
  sinks = { store = linnet.sqlite {}, out = linnet.ndjson { path = "out.ndjson" } },
}
"""


def setting(name):
    return re.findall(rf"^{name}=(.*)$", UNIT, re.M)


def calls_of(words):
    """System calls by name, those of the sets of systemd.exec(5) among them."""
    for word in words.split():
        if not word.startswith("@"):
            yield word
            continue
        told = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True,
                              text=True, check=True).stdout
        yield from calls_of(" ".join(re.findall(r"^    ([@\w-]+)$", told, re.M)))


def allowed_calls():
    allowed, refused = setting("SystemCallFilter")
    return set(calls_of(allowed)) - set(calls_of(refused.lstrip("~")))


def restrict(calls):
    """For a child, before it becomes linnet."""
    made = seccomp.SyscallFilter(defaction=seccomp.ERRNO(1))
    def without(protection):
        return seccomp.Arg(2, seccomp.MASKED_EQ, protection, 0)
    for name in ("mmap", "mprotect", "pkey_mprotect"):
        made.add_rule(seccomp.ALLOW, name, without(mmap.PROT_EXEC))
    made.add_rule(seccomp.ALLOW, "mmap", without(mmap.PROT_WRITE))
    for name in calls - {"mmap", "mprotect", "pkey_mprotect"}:
        try:
            made.add_rule(seccomp.ALLOW, name)
        except (RuntimeError, ValueError):  # of another architecture or a newer kernel
            pass
    made.load()


@pytest.fixture
def unit(tmp_path):
    path = tmp_path / "linnet.service"
    path.write_text(UNIT.replace("/usr/bin/linnet", "/bin/true"))
    return path


def test_its_exposure_is_at_most_one_and_a_half(unit):
    done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true",
                           "--threshold=15", unit], capture_output=True, text=True, check=False)
    level = float(re.search(r"exposure level for linnet.service: ([\d.]+)", done.stdout).group(1))
    assert done.returncode == 0 and level <= 1.5


def test_systemd_finds_nothing_wrong_with_it(unit):
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True,
                          text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_wrong_configuration_is_not_started_again_and_again():
    assert "78" in setting("RestartPreventExitStatus")[0].split()
    assert setting("Restart") == ["on-failure"] and setting("Type") == ["notify"]


def test_linnet_works_with_the_system_calls_and_memory_that_it_leaves(tmp_path):
    (tmp_path / "linnet.lua").write_text(CONFIG)
    (tmp_path / "posts.ndjson").write_text(lines(*[plain(f"cooofee {i}") for i in range(500)]))
    calls = allowed_calls()
    assert {"fdatasync", "inotify_init1"} <= calls and not {"mount", "setpriority"} & calls
    command = [ROOT / "linnet", "run", "-c", "linnet.lua"]
    env = {"PATH": os.environ["PATH"]}
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=log,
                                   preexec_fn=lambda: restrict(calls))
    try:
        def ask(verb):
            return subprocess.run([ROOT / "linnet", verb, "-c", "linnet.lua"], cwd=tmp_path,
                                  env=env, capture_output=True, text=True, check=False)
        wait_until(lambda: re.search(r"out: spooled \d+ = delivered [1-9]", ask("status").stdout))
        wait_until(lambda: re.search(r"store: spooled \d+ = delivered [1-9]", ask("status").stdout))
        (tmp_path / "linnet.lua").write_text(CONFIG.replace("tea", "milk"))
        wait_until(lambda: "generation 2" in ask("status").stdout)
        assert ask("reload").returncode == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert '"error"' not in (tmp_path / "log").read_text()
    finally:
        process.kill()
        process.wait()
