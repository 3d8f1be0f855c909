"""Compares instructions a post with the committed baseline: more than 3% over it is too many.

Counts depend on the compiler, on simdjson and on what the processor offers it. Where those differ
from the baseline's, counts are compared as multiples of the reference loop's, with more patience.
"""
import os
import subprocess

ALLOWED = 0.03
ALLOWED_ELSEWHERE = 0.10
SAID = "instructions a post"


def context(build):
    """What counts depend on, in words."""
    compiler = "clang-19" if "clang" in build.name else "gcc"
    version = subprocess.run([compiler, "-dumpfullversion", "-dumpversion"], capture_output=True,
                             text=True).stdout.split()
    simdjson = subprocess.run(["pkg-config", "--modversion", "simdjson"], capture_output=True,
                              text=True).stdout.strip()
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        haswell = " avx2 " in info.read()  # valgrind knows no AVX-512
    return f"{compiler} {version[0]}, simdjson {simdjson}, {os.uname().machine}" + \
        (" with AVX2" if haswell else "")


def compare(baseline, now):
    """Lines to print, and whether all is within bounds."""
    same = all(baseline[what] == now[what] for what in ("made with", "input"))
    before, after = baseline[SAID], now[SAID]
    lines, good = [], True
    if not same:
        lines.append(f"baseline: {baseline['made with']}, {baseline['input']} posts; here: "
                     f"{now['made with']}, {now['input']} posts: compared as multiples of the "
                     "reference")
    lines.append(f"{SAID:28}{'now':>12}{'baseline':>12}{'change':>9}")
    for name, count in after.items():
        expected = before[name] * (1 if same else after["reference"] / before["reference"])
        bound = ALLOWED if same else ALLOWED_ELSEWHERE
        over = name != "reference" and count > round(expected * (1 + bound))
        good = good and not over
        lines.append(f"{name:28}{count:12,}{before[name]:12,}{count / expected - 1:9.1%}"
                     + (f"  more than {bound:.0%}" if over else ""))
    if not good:
        lines.append("too many: find out why; if it is worth it, "
                     "make bench BENCH_FLAGS=--update-baseline and say so")
    return lines, good
