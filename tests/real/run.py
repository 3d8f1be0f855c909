#!/usr/bin/python3
"""Installs the real servers that tests talk to, then runs the tests: tests/real/run.py [TEST...].

SLOW=1 installs what takes minutes, too. One line a part says how it went; a part that could not be
installed counts as failed, and so does a test whose server is not there. Of a part that was left
out the line before the last says how many tests were not run. The last line is "N passed, N failed".
"""
import importlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import servers  # noqa: E402

# What the tests themselves import beside Debian's pytest.
PYTHON = servers.Part("python", "botocore-1.44.8", servers.python_packages("botocore==1.44.8"))


def install(part):
    """Whether it is there or was left out on purpose; says which."""
    started = time.monotonic()
    label = f"{part.name} {part.version}"
    if part.slow and not part.is_there() and not os.environ.get("SLOW"):
        print(f"left out  {label}: it takes {part.slow}; SLOW=1 installs it", flush=True)
        return True
    try:
        made = part.install()
    except servers.NotInstalled as err:
        print(f"FAILED    {err}", flush=True)
        return False
    took = f"installed in {time.monotonic() - started:.0f} s" if made else "is there"
    print(f"ok        {label} {took}", flush=True)
    return True


def run_tests(words):
    """(passed, failed, not run) by pytest's closing line."""
    python = PYTHON.path / "bin/python3"
    command = [python if PYTHON.is_there() else "/usr/bin/python3", "-m", "pytest", "-q", "-rs",
               "-p", "no:cacheprovider", *(words or [HERE])]
    done = subprocess.run(command, cwd=servers.ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode("utf-8", "replace")
    print(output, end="", flush=True)
    closing = [line for line in output.splitlines() if re.search(r" in [0-9.]+s", line)]
    counts = re.findall(r"(\d+) (passed|failed|error|skipped)", closing[-1] if closing else "")
    found = {word: int(number) for number, word in counts}
    failed = found.get("failed", 0) + found.get("error", 0)
    return found.get("passed", 0), failed or int(done.returncode != 0), found.get("skipped", 0)


def main(words):
    for path in sorted(HERE.glob("*_servers.py")):
        importlib.import_module(path.stem)
    parts = sorted(servers.PARTS, key=lambda part: part.slow is not None)
    missing = sum(not install(part) for part in parts)
    left_out = [f"{part.name} {part.version}" for part in parts if part.slow and not part.is_there()]
    passed, failed, skipped = run_tests(words)
    if skipped:
        print(f"{skipped} tests were NOT RUN: without {', '.join(left_out) or 'what they say above'} "
              "(SLOW=1 installs it)")
    print(f"{passed} passed, {failed + missing} failed")
    return 0 if passed and not failed + missing else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
