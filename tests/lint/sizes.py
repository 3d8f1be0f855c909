"""Files stay small: at most 500 lines of C, C++, Lua or JavaScript; lexicons are data."""
MAX_LINES = 500
SUFFIXES = (".c", ".h", ".cc", ".lua", ".js")
EXEMPT = "plugins/lexicons/"


def check(files):
    for path, text in files.items():
        if path.endswith(SUFFIXES) and not path.startswith(EXEMPT):
            lines = text.count("\n")
            if lines > MAX_LINES:
                yield path, MAX_LINES + 1, f"{lines} lines, {MAX_LINES} at most"
