#!/usr/bin/python3
"""`make bench`: what a post costs, whole and in parts, against the reference loop beside this file.

CPU is user + system time of all threads, the median of rounds in which linnet and the reference
take turns. What a start costs (measured on one post) is taken off linnet's time and shown on its
own. Instructions are counted by valgrind on two sizes, so that the start cancels out. Machines
differ: the ratio to the reference is the figure to keep.

--quick: fewer posts and rounds, no instruction count.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from make_input import ROOT, make_input

BUILD = ROOT / os.environ.get("LINNET_BUILD", "build/gcc")
PROGRAM = ROOT / os.environ.get("LINNET_PROGRAM", "linnet")
PROGRAMS = BUILD / "tests/bench"
WORK = ROOT / "build/bench"
WORDS = WORK / "words.tsv"
# As in reference.cc; the second query keeps every post, so that all go the whole way.
KEYWORDS = ("coffee love weather work school music game sleep weekend football happy movie party "
            "rain summer travel friend news food birthday")
EVERYTHING = "lang:en OR -lang:en"


def export_words():
    """The rated words of plugins/lexicons/vader.lua that are words, for the reference."""
    text = (ROOT / "plugins/lexicons/vader.lua").read_text(encoding="utf-8")
    words = text.split("\n  words = {", 1)[1].split("\n  }", 1)[0]
    rows = re.findall(r'^\s*(?:\["([^"\\]+)"\]|(\w+)) = (-?[\d.]+)', words, re.M)
    WORK.mkdir(parents=True, exist_ok=True)
    WORDS.write_text("".join(f"{quoted or bare}\t{value}\n" for quoted, bare, value in rows
                             if re.fullmatch(r"[a-z0-9']+", quoted or bare)), encoding="utf-8")


def linnet_command(path):
    return [str(PROGRAM), "replay", str(path), "-c", "config/prototype.lua",
            "-e", KEYWORDS.replace(" ", " OR "), "-e", EVERYTHING, "-o", "discard"]


def reference_command(path, program="reference"):
    return [str(PROGRAMS / program), str(WORDS), str(path)]


def plain_reference_command(path):
    return reference_command(path, "reference_plain")


def cpu_seconds(command):
    """User + system seconds of one run, and what it said on stderr."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=said,
                                   env={**os.environ, "LINNET_SHARE": str(ROOT)})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\nexit {process.returncode}\n{text}")
    return usage.ru_utime + usage.ru_stime, text


def whole_job(path, one_post, rounds):
    """Medians: seconds of linnet without its start, its start, the reference; posts."""
    ours, starts, theirs, said = [], [], [], ""
    for _ in range(rounds):
        theirs.append(cpu_seconds(reference_command(path)))
        ours.append(cpu_seconds(linnet_command(path)))
        starts.append(cpu_seconds(linnet_command(one_post))[0])
    posts = int(re.search(r"posts (\d+)", theirs[0][1]).group(1))
    said = ours[0][1]
    start = statistics.median(starts)
    return (statistics.median(each[0] for each in ours) - start, start,
            statistics.median(each[0] for each in theirs), posts, said)


def instructions(command):
    """Executed by the program, as valgrind counts them."""
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}",
                               *command], cwd=ROOT, capture_output=True, text=True,
                              env={**os.environ, "LINNET_SHARE": str(ROOT)})
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found.group(1)) if done.returncode == 0 and found else None


def instructions_a_post(make_command, few, many, difference):
    counts = [instructions(make_command(path)) for path in (few, many)]
    return None if None in counts else (counts[1] - counts[0]) / difference


def print_instructions(few, many):
    if shutil.which("valgrind") is None:
        print("instructions: not counted, valgrind is not installed")
        return
    few_path, many_path = make_input(few, WORK)[0], make_input(many, WORK)[0]
    for name, make_command in (("linnet", linnet_command), ("reference", plain_reference_command)):
        count = instructions_a_post(make_command, few_path, many_path, many - few)
        said = f"{count:12,.0f}" if count else "  not counted: it does not run under valgrind"
        print(f"instructions a post, {name:12}{said}")


def print_parts(path):
    """Every other program beside the reference measures parts of the library."""
    for source in sorted((ROOT / "tests/bench").glob("*.c")):
        words = [str(path)] if source.stem == "parts" else []
        print(f"---- {source.stem}", flush=True)
        subprocess.run([str(PROGRAMS / source.stem), *words], cwd=ROOT, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--posts", type=int)
    options = parser.parse_args()
    posts = options.posts or (20_000 if options.quick else 200_000)
    rounds = 3 if options.quick else 5
    export_words()
    path, kind = make_input(posts, WORK)
    ours, start, theirs, counted, said = whole_job(path, make_input(1, WORK)[0], rounds)
    mean = path.stat().st_size / counted
    print(f"{counted:,} {kind} posts, {mean:,.0f} bytes each, median of {rounds}")
    if kind == "bundled":
        print("note: smaller than what a stream sends (4.1 KB): the parse weighs less here")
    print(f"{'whole job':28}{'us CPU a post':>14}{'posts/s/core':>14}{'ratio':>8}")
    for name, seconds in (("linnet, file to discard", ours), ("reference, to /dev/null", theirs)):
        print(f"{name:28}{seconds / counted * 1e6:14.2f}{counted / seconds:14,.0f}"
              f"{seconds / theirs:8.2f}")
    print(f"{'linnet, its start':28}{start * 1000:11.1f} ms")
    print("linnet said: " + said.strip().replace("\n", "\n             "))
    if not options.quick:
        print_instructions(1000, 3000)
    print_parts(path)


if __name__ == "__main__":
    main()
