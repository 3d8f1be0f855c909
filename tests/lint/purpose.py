"""Every source file says on top what it is for."""
import re

# What the first lines have to look like, after a shebang and blank lines.
OPENINGS = [
    ((".c", ".h", ".cc"), re.compile(r"/\*+\s+\w+")),
    ((".lua", ".luacheckrc"), re.compile(r"(?:---@\w+[^\n]*\n\s*)*---?\s*\w+")),
    ((".py",), re.compile(r'r?"""\s*[`"(]?\w+|#\s*\w+')),
    ((".js",), re.compile(r"/\*+\s+\w+|//\s*\w+")),
    ((".css",), re.compile(r"/\*+\s+\w+")),
    ((".sh", "Makefile", ".ci/packages"), re.compile(r"#\s*\w+")),
]
SHEBANG = re.compile(r"#![^\n]*?([a-z]+)[\d.]*\n")
BY_INTERPRETER = {"bash": ".sh", "sh": ".sh", "python": ".py", "lua": ".lua"}


def opening_for(path, text):
    shebang = SHEBANG.match(text)
    if shebang and "." not in path.rsplit("/", 1)[-1]:
        path += BY_INTERPRETER.get(shebang.group(1), "")
    for suffixes, opening in OPENINGS:
        if path.endswith(suffixes):
            return opening
    return None


def check(files):
    for path, text in files.items():
        opening = opening_for(path, text)
        body = SHEBANG.sub("", text, count=1) if text.startswith("#!") else text
        if opening and body.strip() and not opening.match(body.lstrip()):
            yield path, 1, "no comment on top that says what the file is for"
