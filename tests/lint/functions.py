"""Functions stay small: at most 60 lines and 15 ways through."""
from source import C_SUFFIXES, c_functions

MAX_LINES = 60
MAX_COMPLEXITY = 15


def check(files):
    for path, text in files.items():
        if not path.endswith(C_SUFFIXES):
            continue
        for function in c_functions(text):
            if function.lines > MAX_LINES:
                yield (path, function.line,
                       f"{function.name} has {function.lines} lines, {MAX_LINES} at most")
            if function.complexity > MAX_COMPLEXITY:
                yield (path, function.line, f"{function.name} has complexity "
                       f"{function.complexity}, {MAX_COMPLEXITY} at most")
