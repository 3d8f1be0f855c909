"""A file of core/ includes only from its own folder or a lower layer; C++ stays in its corner."""
import re

from source import is_core

# Lowest first; folders in one row are equals, which do not include each other.
LAYERS = [["base"], ["text", "json", "net", "store"], ["post"], ["sentiment"], ["script"],
          ["config"], ["aws"], ["flow"],
          ["archive", "database", "index", "x"], ["sources", "sinks"], ["search"], ["web"], ["cli"], ["main.c"]]
RANK = {folder: rank for rank, row in enumerate(LAYERS) for folder in row}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)


def folder_of(path):
    return path.split("/")[1]


def may_be_cplusplus(path):
    return folder_of(path) == "json" or path == "core/text/lang.cc"


def check(files):
    for path, text in files.items():
        if not is_core(path):
            continue
        folder = folder_of(path)
        if folder not in RANK:
            yield path, 1, f"folder {folder} has no layer in tests/lint/layers.py"
            continue
        if path.endswith(".cc") and not may_be_cplusplus(path):
            yield path, 1, "C++ outside of json/ and text/lang.cc"
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            wrong = include_fault(folder, match.group(1), files)
            if wrong:
                yield path, line, wrong


def include_fault(folder, name, files):
    """What is wrong with the include `name` in a file of `folder`; None: nothing."""
    target, slash, _ = name.partition("/")
    if not slash or "core/" + name not in files:
        return f'"{name}" is no "folder/file.h" of core/'
    if target not in RANK:
        return f'"{name}" is in a folder without a layer'
    if target != folder and RANK[target] >= RANK[folder]:
        return f'{folder} must not include "{name}": {target} is not below it'
    return None
