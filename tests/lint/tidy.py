"""clang-tidy over the C and C++ sources, two at a time.

A file that was clean is not looked at again until it, one of its headers or .clang-tidy changes.
"""
import hashlib
import os
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source import ROOT

CLANG_TIDY = "clang-tidy-19"
JOBS = 2


def dependencies(build, path):
    """The files that the compiler read for `path`, by its .d file; None when there is none yet."""
    listing = (build / path).with_suffix(".d")
    if not listing.exists():
        return None
    rule = listing.read_text().split("\n\n")[0].replace("\\\n", " ").split("\n")[0]
    return rule.split(":", 1)[1].split()


def fingerprint(build, path, flags):
    names = dependencies(build, path)
    if names is None:
        return None
    state = hashlib.sha256(repr(flags).encode())
    for name in [".clang-tidy", *names]:
        file = ROOT / name
        state.update(file.read_bytes() if file.exists() else b"gone")
    return state.hexdigest()


def tidy_one(path, flags):
    standard = "-std=c++17" if path.endswith(".cc") else "-std=c11"
    done = subprocess.run([CLANG_TIDY, "--quiet", path, "--", standard, *flags], cwd=ROOT,
                          capture_output=True, text=True)
    noise = ("warnings generated", "warning generated", "Suppressed ", "Use -header-filter")
    said = [line for line in (done.stdout + done.stderr).splitlines()
            if not any(word in line for word in noise)]
    return done.returncode == 0, "\n".join(said).strip()


def check(paths, build):
    """Prints what clang-tidy says; the number of files that are not clean."""
    flags = shlex.split(os.environ.get("LINT_CPPFLAGS", "-D_GNU_SOURCE -Icore"))
    flags += ["-Wall", "-Wextra"]
    clean_folder = ROOT / "build/lint/tidy"
    clean_folder.mkdir(parents=True, exist_ok=True)
    jobs = []
    for path in paths:
        print_of = fingerprint(build, path, flags)
        if print_of is None or not (clean_folder / print_of).exists():
            jobs.append((path, print_of))
    faults = 0
    with ThreadPoolExecutor(JOBS) as pool:
        results = pool.map(lambda job: tidy_one(job[0], flags), jobs)
        for (path, print_of), (clean, said) in zip(jobs, results):
            if clean and print_of:
                (clean_folder / print_of).touch()
            if not clean:
                faults += 1
                print(said or f"{path}: clang-tidy failed", flush=True)
    return faults


def sources(files):
    return [path for path in files
            if path.endswith((".c", ".cc")) and path.startswith(("core/", "tests/"))]


def build_folder():
    return ROOT / Path(os.environ.get("LINNET_BUILD", "build/gcc"))
