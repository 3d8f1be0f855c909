"""Tracked files name no path of one machine and no host of a package registry."""
import re

# Written in pieces, so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w.])/(?:%s)/" % "|".join(["ho" "me", "wo" "rk", "ro" "ot", "fa" "rm"]))
HOSTS = [("pypi", "org"), ("pythonhosted", "org"), ("crates", "io"), ("proxy.golang", "org"),
         ("npmjs", "org"), ("npmjs", "com"), ("repo1.maven", "org"), ("repo.maven.apache", "org"),
         ("deb.debian", "org")]
REGISTRY = re.compile("|".join(re.escape(".".join(parts)) for parts in HOSTS))
# Real posts say what they say.
EXEMPT = ("tests/data/", "config/demo/posts")


def check(files):
    for path, text in files.items():
        if path.startswith(EXEMPT):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            for kind, pattern in (("a path of one machine", MACHINE), ("a registry", REGISTRY)):
                found = pattern.search(line)
                if found:
                    yield path, number, f"{kind}: {found.group()}"
