#!/usr/bin/python3
"""`make fuzz`: tests/fuzz/run.py SECONDS [TARGET...], two targets at a time.

Inputs begin from tests/fuzz/corpus/TARGET and grow in build/fuzz/TARGET. One that does harm is left in
build/fuzz/TARGET.harm; mend the cause and keep it in the corpus, where `make test` shows it again.
The last line is "N passed, N failed" over the targets.
"""
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "build/clang-19-address-undefined-fuzzer/tests/fuzz"
WORK = ROOT / "build/fuzz"
AT_ONCE = 2
SLOW_S = 10


def fuzz(name, seconds):
    """Whether nothing did harm, and what to say of it."""
    grown, harm = WORK / name, WORK / f"{name}.harm"
    grown.mkdir(parents=True, exist_ok=True)
    harm.mkdir(exist_ok=True)
    command = [str(PROGRAMS / f"{name}_fuzz"), f"-max_total_time={seconds}", f"-timeout={SLOW_S}",
               "-rss_limit_mb=2048", "-max_len=65536", "-print_final_stats=1", "-close_fd_mask=1",
               f"-artifact_prefix={harm}/", str(grown), str(ROOT / "tests/fuzz/corpus" / name)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = done.stderr.decode("utf-8", "replace")
    runs = re.findall(r"stat::number_of_executed_units: (\d+)", said)
    covered = re.findall(r"cov: (\d+)", said)
    if done.returncode == 0:
        return True, f"ok      {name:12} {int(runs[-1]):>12,} runs, {covered[-1]} edges"
    return False, (f"FAILED  {name}: the input is in {harm.relative_to(ROOT)}; to see it again:\n"
                   f"        {PROGRAMS.relative_to(ROOT)}/{name}_fuzz INPUT\n"
                   + "".join(f"        {line}\n" for line in said.splitlines()[-60:]))


def main(seconds, names):
    known = sorted(path.stem.removesuffix("_fuzz") for path in Path(__file__).parent.glob("*_fuzz.c"))
    names = names or known
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda name: fuzz(name, seconds), names))
    for _, said in outcomes:
        print(said)
    failed = sum(not good for good, _ in outcomes)
    print(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
