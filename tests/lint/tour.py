"""core/README.md, the tour, names every folder of core/."""
import re

TOUR = "core/README.md"


def check(files):
    folders = {path.split("/")[1] for path in files
               if path.startswith("core/") and path.count("/") > 1}
    if TOUR not in files:
        yield TOUR, 1, "the tour is missing"
        return
    named = set(re.findall(r"[`\[](?:core/)?(\w+)/[`\]]", files[TOUR]))
    for folder in sorted(folders - named):
        yield TOUR, 1, f"core/{folder}/ is not named (as `{folder}/` or [{folder}/])"
