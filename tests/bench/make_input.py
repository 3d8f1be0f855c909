"""Input for `make bench`: real-sized posts when their generator is at hand, else bundled ones.

The generator lies in $LINNET_SHARED/data/perf (mean 4.1 KB a post, as the stream sent them). The
bundled posts are smaller (0.8 KB), so figures from them say less about the parse; they are
repeated under new ids, since a repeated id would be dropped as a duplicate.
"""
import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUNDLED = ROOT / "config/demo/posts.ndjson.gz"
IDENTITY = re.compile(rb'"id":(\d+),"id_str":"\d+","text"')


def generator():
    shared = ROOT / os.environ.get("LINNET_SHARED", "../shared")
    path = shared / "data/perf/gen_tweets.py"
    return path if path.exists() else None


def repeat_bundled(posts, path):
    """`posts` posts, round by round; each round adds its number to the ids."""
    lines = gzip.decompress(BUNDLED.read_bytes()).split(b"\r\n")
    lines = [line for line in lines if IDENTITY.search(line)]
    with open(path, "wb") as out:
        for number in range(posts):
            turn, at = divmod(number, len(lines))

            def renew(found, turn=turn):
                identity = int(found.group(1)) + turn
                return b'"id":%d,"id_str":"%d","text"' % (identity, identity)
            out.write(IDENTITY.sub(renew, lines[at], count=1) + b"\r\n")


def make_input(posts, folder):
    """Path of a file with `posts` posts, made once; and what kind of posts they are."""
    source = generator()
    kind = "generated" if source else "bundled"
    path = folder / f"{kind}-{posts}.ndjson"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        if source:
            subprocess.run([sys.executable, str(source), str(posts), str(part)], check=True,
                           stderr=subprocess.DEVNULL)
        else:
            repeat_bundled(posts, part)
        part.rename(path)
    return path, kind
