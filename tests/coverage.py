#!/usr/bin/python3
"""`make coverage`: how much of core/ the tests run, by line and by branch, a folder each.

Reads what the flavour built with COVERAGE=1 left beside its objects (gcov). Asserts are not built
in that flavour: they state what cannot be. The folders named as arguments must have run through
every branch; their branches that did not are listed, and the exit is 1. What sets an error is
always false: `x || error_set(...)` has one branch that cannot be, which does not count.
"""
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

# It may stand at the start of the next line.
ERROR_SET = re.compile(r"\|\|\s*(?:error_set|file_error|database_error)\(")

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ["LINNET_BUILD"]


class File:
    """Counts of one source file, added up over the objects that it was compiled into."""

    def __init__(self):
        self.lines = defaultdict(int)
        self.branches = defaultdict(list)

    def add(self, line):
        number, counts = line["line_number"], [b["count"] for b in line["branches"]
                                               if not b["throw"]]
        self.lines[number] += line["count"]
        before = self.branches[number]
        if len(before) == len(counts):
            self.branches[number] = [a + b for a, b in zip(before, counts)]
        else:
            self.branches[number] = before + counts


def read_counts():
    files = defaultdict(File)
    notes = sorted((BUILD / "core").rglob("*.gcno"))
    with tempfile.TemporaryDirectory() as folder:
        for note in notes:
            subprocess.run(["gcov", "-j", "-b", str(note)], cwd=folder, check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for report in Path(folder).glob("*.gcov.json.gz"):
                content = json.loads(gzip.decompress(report.read_bytes()))
                report.unlink()
                add_report(files, content)
    return files


def add_report(files, content):
    for one in content["files"]:
        path = (Path(content["current_working_directory"]) / one["file"]).resolve()
        if not path.is_relative_to(ROOT / "core"):
            continue
        for line in one["lines"]:
            files[path.relative_to(ROOT).as_posix()].add(line)


def forget_impossible(files):
    for path, file in files.items():
        text = (ROOT / path).read_text().splitlines() + [""]
        for number, counts in file.branches.items():
            line, after = text[number - 1], text[number]
            found = ERROR_SET.findall(line + after if line.endswith("||") else line)
            for _ in range(min(len(found), counts.count(0))):
                counts.remove(0)


def share(hit, all_):
    return f"{100 * hit / all_ if all_ else 100:6.1f}% {hit:6} of {all_:6}"


def print_table(files):
    sums = defaultdict(lambda: [0, 0, 0, 0])
    for path, file in files.items():
        branches = [count for counts in file.branches.values() for count in counts]
        found = [sum(map(bool, file.lines.values())), len(file.lines),
                 sum(map(bool, branches)), len(branches)]
        for name in (path.rsplit("/", 1)[0], "all"):
            sums[name] = [a + b for a, b in zip(sums[name], found)]
    print(f"{'':16}{'lines':^25}{'branches':^25}")
    for name in sorted(sums, key=lambda name: (name == "all", name)):
        lines, all_lines, branches, all_branches = sums[name]
        print(f"{name:16} {share(lines, all_lines)}  {share(branches, all_branches)}")


def missing(files, folder):
    for path, file in sorted(files.items()):
        if path.rsplit("/", 1)[0] != folder:
            continue
        for number in sorted(file.lines):
            counts = file.branches[number]
            if file.lines[number] == 0 or 0 in counts:
                taken = f"{sum(map(bool, counts))} of {len(counts)} branches" if counts else "line"
                yield f"{path}:{number}: {taken} {'run' if file.lines[number] else 'not run'}"


def main(whole):
    files = read_counts()
    forget_impossible(files)
    print_table(files)
    gaps = [gap for folder in whole for gap in missing(files, folder)]
    print("\n".join(gaps))
    print(f"{', '.join(whole)}: {'every branch ran' if not gaps else 'not every branch ran'}")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
