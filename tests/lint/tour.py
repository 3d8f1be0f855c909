"""core/README.md, the tour, names every folder of core/, and none that is gone."""
import re

TOUR = "core/README.md"


def check(files):
    folders = {path.split("/")[1] for path in files
               if path.startswith("core/") and path.count("/") > 1}
    if TOUR not in files:
        yield TOUR, 1, "the tour is missing"
        return
    named = set(re.findall(r"`(?:core/)?(\w+)/`|^ *(\w+)/(?=\s|$)", files[TOUR], re.M))
    named = {first or second for first, second in named}
    for folder in sorted(folders - named):
        yield TOUR, 1, f"core/{folder}/ is not named (as `{folder}/`)"
