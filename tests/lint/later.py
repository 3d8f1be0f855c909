"""What is left for later says what it waits for: in brackets after the word, in one breath."""
import re

WORDS = "|".join(["TO" "DO", "FIX" "ME"])
LATER = re.compile(rf"\b(?:{WORDS})\b(?!\([^)]*\w[^)]*\))")
SUFFIXES = (".c", ".h", ".cc", ".lua", ".py", ".js", ".css", ".html", ".sh", "Makefile", ".ci/run")
# Data, and words that are rated, not meant.
EXEMPT = ("tests/data/", "plugins/lexicons/")


def check(files):
    for path, text in files.items():
        if not path.endswith(SUFFIXES) or path.startswith(EXEMPT):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            found = LATER.search(line)
            if found:
                yield path, number, f"{found.group()} without what it waits for in brackets"
