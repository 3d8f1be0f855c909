"""What an archive holds, read by others' decoders."""
import gzip
import re
import subprocess

NAME = re.compile(r"(?:.*/)?\d{4}/\d{2}/\d{2}/\d{2}/out-1-\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-\d{2}-[0-9a-f]{8}-"
                  r"[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?:\.gz|\.zst)?")


def objects(folder):
    """Name -> bytes; nothing else lies there."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        name = str(path.relative_to(folder))
        assert NAME.fullmatch(name), name
        found[name] = decode(path)
    return found


def decode(path):
    stored = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(stored)
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dc"], input=stored, capture_output=True, check=True).stdout
    return stored


def records(folder, delimiter=b"\n"):
    """All of them; each object ends with the delimiter."""
    found = []
    for content in objects(folder).values():
        assert content.endswith(delimiter)
        found += content[:-len(delimiter)].split(delimiter)
    return found
