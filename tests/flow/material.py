"""What scenarios feed to linnet and read back: posts in every dialect, sums, shared data."""
import json
import os
import re
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SHARED = Path(os.environ.get("LINNET_SHARED", ROOT / "../shared")).resolve()
PROTOTYPE = ROOT / "config/prototype.lua"
# What linnet itself writes to a terminal.
OWN = re.compile(rb"\x1b\[(?:0|2|31|32|1;4|22;24)m|\x1b\[K|\x1b\[\?7[hl]|\x1b\[\d*[AJ]")
# Escape sequences as bytes and as one-character C1 codes, a bell, backspaces, right-to-left
# override, a line separator: what could move a cursor, set a title or fake a line.
HOSTILE = "\x1b[2Jgone\x1b]0;title\x07 \x9b31m \b\b\x7f \u202eevil \u2028line \r\n fake \x00 end"
HEADER = "Wed Oct 10 20:19:24 +0000 2018"


def plain(text, **fields):
    """A plain object, in schema post's own names."""
    return {"text": text, **fields}


def tweet(identity, text, **fields):
    """A small tweet as X's v1.1 stream had them."""
    user = {"id": 6253282001, "id_str": "6253282001", "screen_name": "ada_sample", "name": "Ada"}
    entities = {"hashtags": [{"text": tag} for tag in re.findall(r"#(\w+)", text)],
                "user_mentions": [], "urls": [], "symbols": []}
    return {"created_at": HEADER, "id": identity, "id_str": str(identity), "text": text,
            "user": user, "coordinates": None, "entities": entities, "lang": "en",
            "timestamp_ms": "1539202764000", **fields}


def delete(identity):
    return {"delete": {"status": {"id": identity, "id_str": str(identity), "user_id": 1,
                                  "user_id_str": "1"}, "timestamp_ms": "1539202799000"}}


def lines(*records):
    """Records, one a line; text stays as it is."""
    return "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records)


def sums(stderr):
    """The closing summary's sums: a list of {"name", "total", part: number} in its order."""
    found = []
    for name, rest in re.findall(r"^(\S+): ((?:received|spooled) \d+ = .*)$", stderr, re.M):
        numbers = {word: int(number) for word, number in re.findall(r"(\w+) (\d+)", rest)}
        total = "received" if rest.startswith("received") else "spooled"
        found.append({"name": name, "of": total, **numbers})
    return found


def received(stderr):
    """The sums of the first source."""
    return next(one for one in sums(stderr) if one["of"] == "received")


def adds_up(one):
    """Whether a sum of the summary is the sum of its parts."""
    parts = {"received": ("control", "malformed", "duplicate", "filtered", "spooled"),
             "spooled": ("delivered", "dead", "dropped", "pending")}[one["of"]]
    return one[one["of"]] == sum(one[part] for part in parts)


def shared(path, test):
    """A file of the bigger collection beside the repository; None, said plainly, without it."""
    if (SHARED / path).exists():
        return SHARED / path
    note(f"{test} ran on the bundled subset only: there is no {path} in $LINNET_SHARED")
    return None


NOTES = []


def note(text):
    """What a passing test has to say: conftest.py prints it at the end."""
    NOTES.append(text)


def caret_under(stderr):
    """What the caret of an error points at: the quoted line from there on."""
    quoted, caret = re.search(r"^    (.*)\n    ( *)\^$", stderr, re.M).groups()
    return quoted[len(caret):]


def inert(out):
    """Whether nothing but our own colours and the bar can act on the terminal."""
    text = OWN.sub(b"", out).decode("utf-8")
    return not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u202a-\u202e\u2028]", text)


def put(path, text):
    """Writes a file that a run may look at, as editors do: another file takes the name, in whole."""
    aside = path.with_name(path.name + "~")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def whole_lines(path):
    """Of a file that a run writes: as far as they are written."""
    return path.read_text().rpartition("\n")[0].splitlines() if path.exists() else []


def wait_until(look, seconds=60):
    """Looks again and again until there is something to be seen; gives that."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def stands_still(look, seconds=1):
    """Whether what is looked at is the same after a while."""
    before = look()
    time.sleep(seconds)
    return look() == before
