#!/usr/bin/python3
"""Runs whole suites and adds them up: tests/run.py unit sim fuzz lua flow.

The Makefile calls it with LINNET_BUILD, the folder of the flavour, and LINNET_PROGRAM. All tests
run even when one fails; the last line is "N passed, N failed" over everything.
"""
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNIT_TIMEOUT_S = 300
FLOW_TIMEOUT_S = 1500
SIM_TIMEOUT_S = 900
WHOLE_SIM_TIMEOUT_S = 3600


def run(command, timeout_s):
    """Exit code (None: took too long) and everything that was printed."""
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout_s)
        return done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode("utf-8", "replace")


def count_cmocka(code, output):
    """(passed, failed) of one program's groups; dying without a verdict is one more failure."""
    passed = sum(map(int, re.findall(r"^\[  PASSED  \] (\d+) test", output, re.M)))
    failed = sum(map(int, re.findall(r"^\[  FAILED  \] (?:\S+ )?(\d+) test\(s\), l", output, re.M)))
    if code != 0 and failed == 0:
        failed = 1
    return passed, failed


def run_one_unit(name):
    """(passed, failed) of one program, and what is to be shown of it."""
    started = time.monotonic()
    program = ROOT / os.environ["LINNET_BUILD"] / "tests/unit" / name
    code, output = run([str(program)], UNIT_TIMEOUT_S)
    passed, failed = count_cmocka(code, output)
    said = f"{passed} passed, {failed} failed" if failed else f"{passed} passed"
    show = f"{name:32} {said} ({time.monotonic() - started:.1f} s)\n"
    # What a test says about itself ("ran on the subset only") is for the reader too.
    show += output if failed else "".join(re.findall(r"^note: .*\n", output, re.M))
    if code is None:
        show += f"{name}: still running after {UNIT_TIMEOUT_S} s, ended\n"
    return passed, failed, show


def run_unit():
    """As many programs at a time as there are processors; what they say is in order."""
    total_passed = total_failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for passed, failed, show in pool.map(run_one_unit, sorted(os.environ["LINNET_UNIT"].split())):
            print(show, end="", flush=True)
            total_passed += passed
            total_failed += failed
    return total_passed, total_failed


def count_pytest(code, output):
    """(passed, failed) from pytest's closing line; exit 5 means that there were no tests."""
    closing = ""
    for line in output.splitlines():
        if re.search(r"\b(passed|failed|error|errors|skipped|no tests ran)\b.* in [0-9.]+s", line):
            closing = line
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error)", closing)}
    failed = counts.get("failed", 0) + counts.get("error", 0)
    if code not in (0, 5) and failed == 0:
        failed = 1
    return counts.get("passed", 0), failed


def run_flow():
    """Scenarios mostly wait: more of them at a time than there are processors."""
    return run_pytest("tests/flow", "-n", str(os.cpu_count() + 1))


def run_package():
    return run_pytest("tests/package")


def run_pytest(tests, *flags):
    # A folder of this run's own: pytest's common one is tidied up by other runs. Short, since a
    # path of a socket may not be long.
    with tempfile.TemporaryDirectory(prefix="linnet-") as folder:
        command = ["/usr/bin/python3", "-m", "pytest", "-q", "-rs", "-m", "not soak",
                   "-p", "no:cacheprovider",
                   f"--basetemp={folder}/t", *flags, tests]
        code, output = run(command, FLOW_TIMEOUT_S)
    print(output, end="", flush=True)
    return count_pytest(code, output)


def run_lua():
    """The plugins' own tests, by the program that runs them for users."""
    program = os.environ["LINNET_PROGRAM"]
    os.environ["LINNET_SHARE"] = "."
    code, output = run([program, "test", "plugins", "config"], UNIT_TIMEOUT_S)
    print(output, end="", flush=True)
    closing = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.M)
    passed, failed = map(int, closing[-1]) if closing else (0, 0)
    return passed, max(failed, int(code != 0))


def run_fuzz():
    """Every input that is kept for a fuzz target: none of them may do harm any more."""
    passed = failed = 0
    for source in sorted((ROOT / "tests/fuzz").glob("*_fuzz.c")):
        name = source.stem
        inputs = sorted(map(str, (ROOT / "tests/fuzz/corpus" / name.removesuffix("_fuzz")).iterdir()))
        program = ROOT / os.environ["LINNET_BUILD"] / "tests/fuzz" / name
        code, output = run([str(program), *inputs], UNIT_TIMEOUT_S)
        good = code == 0 and bool(inputs)
        print(f"{name:32} {len(inputs)} inputs{'' if good else ' FAILED'}", flush=True)
        if not good:
            print(output, end="", flush=True)
        passed += good
        failed += not good
    return passed, failed


# A part of what `make sim` does, for every change; seeds that found something are kept.
SIMULATIONS = ("--bugs", "--seeds 1 60", "--seeds 250 250 --hours 2", "--scenarios 2 --every 19")
WHOLE_SIMULATIONS = ("--bugs", "--seeds 1 500 --hours 2", "--scenarios 4")


def simulate(simulations, timeout_s):
    program = ROOT / os.environ["LINNET_BUILD"] / "sim"
    failed = 0
    for words in simulations:
        code, output = run([str(program), *words.split()], timeout_s)
        print(output if code else output.splitlines()[-1], flush=True)
        failed += code != 0
    return len(simulations) - failed, failed


def run_sim():
    return simulate(SIMULATIONS, SIM_TIMEOUT_S)


def run_whole_sim():
    return simulate(WHOLE_SIMULATIONS, WHOLE_SIM_TIMEOUT_S)


SUITES = {"unit": run_unit, "sim": run_sim, "whole-sim": run_whole_sim, "fuzz": run_fuzz, "lua": run_lua, "flow": run_flow,
          "package": run_package}


def main(names):
    passed = failed = 0
    for name in names:
        print(f"---- {name}", flush=True)
        suite_passed, suite_failed = SUITES[name]()
        passed += suite_passed
        failed += suite_failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
