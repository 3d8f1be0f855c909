#!/usr/bin/python3
"""`make bench`: what a post costs, whole and in parts, against the reference loop beside this file.

CPU is user + system time of all threads, the median of rounds in which linnet's cases and the
reference take turns; what a start costs (measured on one post) is taken off. Machines differ: the
ratio to the reference is the figure to keep. Instructions are counted by valgrind on two sizes, so
that the start cancels out; they are compared with baseline.json, and more than 3% over it fails.

--quick: fewer posts and rounds. --update-baseline: what is counted now becomes the baseline.
"""
import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from guard import compare, context
from live import print_live
from make_input import ROOT, make_input
from stream import print_stream

BUILD = ROOT / os.environ.get("LINNET_BUILD", "build/gcc")
PROGRAM = ROOT / os.environ.get("LINNET_PROGRAM", "linnet")
PROGRAMS = BUILD / "tests/bench"
WORK = ROOT / "build/bench"
WORDS = WORK / "words.tsv"
BASELINE = Path(__file__).resolve().parent / "baseline.json"
# As in reference.cc; the last two terms keep every post, so that all go the whole way.
KEYWORDS = ("coffee love weather work school music game sleep weekend football happy movie party "
            "rain summer travel friend news food birthday")
EVERYTHING = KEYWORDS.replace(" ", " OR ") + " OR lang:en OR -lang:en"
RARE = "movie"  # in about one post of a hundred


def export_words():
    """The rated words of plugins/lexicons/vader.lua that are words, for the reference."""
    text = (ROOT / "plugins/lexicons/vader.lua").read_text(encoding="utf-8")
    words = text.split("\n  words = {", 1)[1].split("\n  }", 1)[0]
    rows = re.findall(r'^\s*(?:\["([^"\\]+)"\]|(\w+)) = (-?[\d.]+)', words, re.M)
    WORDS.write_text("".join(f"{quoted or bare}\t{value}\n" for quoted, bare, value in rows
                             if re.fullmatch(r"[a-z0-9']+", quoted or bare)), encoding="utf-8")


def many_queries(count):
    """Queries of the kinds people write, over words that posts have; few posts match."""
    words = re.findall(r'"text":"([^"]*)"', make_input(1000, WORK)[0].read_text("utf-8", "replace"))
    words = sorted({word for text in words for word in re.findall(r"\b[a-z]{6,}\b", text)})
    pick = random.Random(1)

    def make(number):
        a, b, c = (pick.choice(words) for _ in range(3))
        return (f'("brand{number}" OR product{number}) (crash OR refund*) lang:en',
                f"#tag{number} OR @name{number} OR $c{number}", f'"{a} {b}" {c}',
                f"{a} NEAR/5 {b} -{c}", f"{a} {b} {c}")[number % 5]
    return {f"q{number}": make(number) for number in range(count)} | {"some": RARE}


def config(name, queries, scorer="vader", workers=0):
    """Writes a configuration and gives its path."""
    path = WORK / f"{name}.lua"
    track = "".join(f"    {key} = [==[{query}]==],\n" for key, query in queries.items())
    path.write_text(f'return {{\n  schema = "tweet", scorers = {{ default = "{scorer}" }},\n'
                    f"  workers = {workers},\n  track = {{\n{track}  }},\n}}\n", encoding="utf-8")
    return path


def make_cases():
    """Label → configuration, in the order they are shown."""
    return {
        "VADER, one query": config("vader", {"all": EVERYTHING}),
        "TextBlob, one query": config("textblob", {"all": EVERYTHING}, scorer="textblob"),
        "99% thrown away": config("rare", {"rare": RARE}),
        "the same, 10 queries": config("ten", many_queries(9)),
        "the same, 10,000 queries": config("many", many_queries(9999)),
        "VADER, 1 worker": config("worker", {"all": EVERYTHING}, workers=1),
        "VADER, 2 workers": config("workers", {"all": EVERYTHING}, workers=2),
    }


COUNTED = ("VADER, one query", "TextBlob, one query", "99% thrown away")


def linnet_command(path, settings):
    return [str(PROGRAM), "replay", str(path), "-c", str(settings), "-o", "discard"]


def reference_command(path, program="reference"):
    return [str(PROGRAMS / program), str(WORDS), str(path)]


# A process's peak counts what it was forked from: hence a small one between.
MEASURE = """import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss)"""


def run(command):
    """User + system seconds of one run, its peak memory in MB, and what it said on stderr."""
    done = subprocess.run([sys.executable, "-S", "-E", "-c", MEASURE, *command], cwd=ROOT,
                          capture_output=True, text=True,
                          env={**os.environ, "LINNET_SHARE": str(ROOT)})
    code, seconds, peak_kib = done.stdout.split()
    if code != "0":
        sys.exit(f"{' '.join(command)}\nexit {code}\n{done.stderr}")
    return float(seconds), int(peak_kib) / 1024, done.stderr


def print_cases(cases, posts, rounds):
    path, kind = make_input(posts, WORK)
    one = make_input(1, WORK)[0]
    reference, ours, memory, said = [], {name: [] for name in cases}, {}, ""
    for _ in range(rounds):
        seconds, _, said = run(reference_command(path))
        reference.append(seconds)
        for name, settings in cases.items():
            start = run(linnet_command(one, settings))[0]
            seconds, memory[name], _ = run(linnet_command(path, settings))
            ours[name].append(seconds - start)
    counted = int(re.search(r"posts (\d+)", said).group(1))
    yardstick = statistics.median(reference)
    print(f"{counted:,} {kind} posts, {path.stat().st_size / counted:,.0f} bytes each, "
          f"file to documents, median of {rounds}")
    if kind == "bundled":
        print("note: smaller than what a stream sends (4.1 KB): the parse weighs less here")
    print(f"{'':28}{'us CPU a post':>14}{'posts/s/core':>14}{'ratio':>8}{'peak MB':>9}")
    print(f"{'reference, to /dev/null':28}{yardstick / counted * 1e6:14.2f}"
          f"{counted / yardstick:14,.0f}{1:8.2f}")
    for name, times in ours.items():
        seconds = statistics.median(times)
        print(f"{name:28}{seconds / counted * 1e6:14.2f}{counted / seconds:14,.0f}"
              f"{seconds / yardstick:8.2f}{memory[name]:9.0f}")


def spool_config(path, name):
    """A run that keeps its posts on disk; they are scored as in the reference."""
    settings = WORK / f"{name}.lua"
    settings.write_text(f'return {{\n  state = "state", schema = "tweet", workers = 0, http = false,\n'
                        f'  scorers = {{ default = "vader" }}, track = {{ all = [==[{EVERYTHING}]==] }},\n'
                        f'  sources = {{ posts = linnet.file {{ path = "{path}" }} }},\n'
                        "  sinks = { gone = linnet.discard {} },\n}\n", encoding="utf-8")
    return [str(PROGRAM), "run", "-c", str(settings)]


def print_spool(posts, rounds):
    """The job with its posts on disk, synced, beside the reference doing the same."""
    path, spool, state = make_input(posts, WORK)[0], WORK / "reference.spool", WORK / "state"
    whole = spool_config(path, "spooled")
    start = spool_config(make_input(1, WORK)[0], "spooled_one")
    reference, ours, said = [], [], ""
    for _ in range(rounds):
        spool.unlink(missing_ok=True)
        seconds, _, said = run([*reference_command(path), str(spool)])
        reference.append(seconds)
        spent = []
        for command in (start, whole):
            shutil.rmtree(state, ignore_errors=True)
            spent.append(run(command)[0])
        ours.append(spent[1] - spent[0])
    shutil.rmtree(state, ignore_errors=True)
    spool.unlink(missing_ok=True)
    counted = int(re.search(r"posts (\d+)", said).group(1))
    yardstick, seconds = statistics.median(reference), statistics.median(ours)
    print(f"{'reference, and its spool':28}{yardstick / counted * 1e6:14.2f}"
          f"{counted / yardstick:14,.0f}{1:8.2f}")
    print(f"{'VADER, and the spool':28}{seconds / counted * 1e6:14.2f}{counted / seconds:14,.0f}"
          f"{seconds / yardstick:8.2f}")


def instructions(command):
    """Executed by the program, as valgrind counts them."""
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}",
                               *command], cwd=ROOT, capture_output=True, text=True,
                              env={**os.environ, "LINNET_SHARE": str(ROOT)})
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"valgrind {' '.join(command)}\nexit {done.returncode}\n{done.stderr}")
    return int(found.group(1))


def instructions_a_post(make_command, few=500, many=1500):
    counts = [instructions(make_command(make_input(posts, WORK)[0])) for posts in (few, many)]
    return round((counts[1] - counts[0]) / (many - few))


def count_cases(cases):
    counts = {"reference": instructions_a_post(lambda path: reference_command(path,
                                                                              "reference_plain"))}
    for name in COUNTED:
        counts[name] = instructions_a_post(lambda path: linnet_command(path, cases[name]))
    return counts


def guard(cases, update):
    """Whether the instruction counts are within the baseline's bounds."""
    if shutil.which("valgrind") is None:
        sys.exit("instructions cannot be counted: valgrind is not installed")
    now = {"made with": context(BUILD), "input": make_input(1, WORK)[1],
           "instructions a post": count_cases(cases)}
    if update:
        BASELINE.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
    lines, good = compare(json.loads(BASELINE.read_text(encoding="utf-8")), now)
    print("\n".join(lines))
    return good


def print_parts(path):
    """Every other program beside the reference measures parts of the library."""
    archive = WORK / "archive"
    given = {"parts": [path], "archive_bench": [path, archive]}
    for source in sorted((ROOT / "tests/bench").glob("*.c")):
        words = map(str, given.get(source.stem, []))
        print(f"---- {source.stem}", flush=True)
        subprocess.run([str(PROGRAMS / source.stem), *words], cwd=ROOT, check=True)
    shutil.rmtree(archive, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--update-baseline", action="store_true")
    parser.add_argument("--posts", type=int)
    options = parser.parse_args()
    posts = options.posts or (20_000 if options.quick else 100_000)
    WORK.mkdir(parents=True, exist_ok=True)
    export_words()
    cases = make_cases()
    rounds = 3 if options.quick else 5
    print_cases(cases, posts, rounds)
    print_spool(posts, rounds)
    print_stream(PROGRAM, ROOT, posts)
    print_live(PROGRAM, ROOT, 5 if options.quick else 20)
    print_parts(make_input(posts, WORK)[0])
    if not guard(cases, options.update_baseline):
        sys.exit(1)


if __name__ == "__main__":
    main()
