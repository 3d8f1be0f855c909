"""The Python prototype's pipeline with linnet in its place: its posts, archive, index and questions."""
import gzip
import json
import shutil
from collections import Counter
from math import asin, cos, radians, sin, sqrt

from material import PROTOTYPE, ROOT

FIXTURES = ROOT / "tests/data/x-v1.1"
# How the prototype is run, with what its own configuration says.
CONFIG = """local made = require "prototype"
return {
  state = "state", http = false, schema = made.schema, scorers = made.scorers, sinks = made.sinks,
  sources = { posts = linnet.stdin {} },
}
"""
# How it listens.
LIVE = CONFIG.replace("posts = linnet.stdin {}", "x = made.sources.x").replace(
    "sinks = made.sinks,", "sinks = made.sinks, track = made.track,")
EARTH_KM = 6371.0088


def write_posts(path, bundled):
    """The bundled posts and the fixtures of X, one a line; what of them is archived."""
    with open(path, "wb") as out:
        out.write(gzip.decompress(bundled.read_bytes()))
        for one in sorted(FIXTURES.glob("tweet-*.json")):
            out.write(json.dumps(json.loads(one.read_text())).encode() + b"\n")
        for name in ("stream-newline.bin", "control-messages.ndjson"):
            out.write((FIXTURES / name).read_bytes())
    lines = [line.strip() for line in path.read_bytes().splitlines() if line.strip()]
    kept = {}
    for line in lines:
        kept.setdefault(identity(json.loads(line)), line)
    del kept[None]
    return list(kept.values())


def identity(record):
    """What is archived once only; None: it is about no post."""
    if "delete" in record:
        return "delete", record["delete"]["status"]["id"]
    return record["id"] if "text" in record else None


def write_config(folder, config=CONFIG):
    shutil.copy(PROTOTYPE, folder)
    (folder / "linnet.lua").write_text(config)


def left_over(documents):
    """By `_id`, what is there when each was written or deleted in its turn."""
    found = {}
    for one in documents:
        if "deleted" in one:
            found.pop(one["_id"], None)
        else:
            found[one["id"]] = one
    return found


def archived(s3, bucket):
    """The records of each object, which Firehose would have left like this."""
    found = {}
    for key in s3.keys(bucket):
        body = s3.read(bucket, key)
        assert body.endswith(b",\n"), key
        found[key] = body[:-2].split(b",\n")
    return found


# ---- its questions, and what documents answer ----

def points(documents):
    """[longitude, latitude] of those that have a place."""
    return [one["coordinates"]["coordinates"] for one in documents if one["coordinates"]]


def distance_km(one, other):
    (east, north), (east2, north2) = (map(radians, point) for point in (one, other))
    chord = sin((north2 - north) / 2) ** 2 + \
        cos(north) * cos(north2) * sin((east2 - east) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(chord))


def within_box(documents, west, south, east, north):
    return sum(west <= at[0] <= east and south <= at[1] <= north for at in points(documents))


def within_circle(documents, middle, km):
    return sum(distance_km(at, middle) <= km for at in points(documents))


def by_day(documents):
    """Milliseconds of each day that has posts -> how many."""
    return dict(Counter(int(one["timestamp"]) // 86_400_000 * 86_400_000 for one in documents))


def box_query(west, south, east, north):
    corners = {"top_left": {"lon": west, "lat": north}, "bottom_right": {"lon": east, "lat": south}}
    return {"geo_bounding_box": {"coordinates.coordinates": corners}}


def circle_query(middle, km):
    return {"geo_distance": {"distance": f"{km}km", "coordinates.coordinates": middle}}
