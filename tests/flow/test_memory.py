"""Memory stays small however long the input is."""
import gzip
import subprocess
import sys

import pytest

from conftest import PROGRAM, ROOT, SANITIZED, environment
from material import note

LIMIT_KIB = 48 * 1024
# A process of its own: the kernel counts the memory of whoever starts a program as the program's.
MEASURE = """import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdin=0).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


def replay(folder, path, *words):
    """Runs replay; returns its exit code, what it told and the most memory it had, in KiB."""
    done = subprocess.run([sys.executable, "-c", MEASURE, PROGRAM, "replay", path, *words],
                          env=environment(None, folder), cwd=folder, capture_output=True,
                          text=True, check=True)
    code, kib = map(int, done.stdout.split())
    note(f"{path.stat().st_size >> 20} MiB replayed in {kib >> 10} MiB")
    return code, done.stderr, kib


@pytest.fixture(scope="module")
def long_file(tmp_path_factory):
    """The bundled posts again and again, up to 200 MB; gone after the tests."""
    text = gzip.decompress((ROOT / "config/demo/posts.ndjson.gz").read_bytes())
    path, size = tmp_path_factory.mktemp("long") / "long.ndjson", 0
    with open(path, "wb") as file:
        # Ids all begin with the same digits: other ones in each round, so that none is known.
        for number in range(10, 200):
            content = text.replace(b'"id":10', b'"id":%d' % number)
            size += file.write(content.replace(b'"id_str":"10', b'"id_str":"%d' % number))
            if size > 200_000_000:
                break
    yield path
    path.unlink()


# Each worker has batches of its own, how many at a time depends on the machine: 46 to 50 MiB with four.
@pytest.mark.parametrize("workers, limit_kib", [(0, LIMIT_KIB), (1, LIMIT_KIB), (4, LIMIT_KIB * 4 // 3)])
def test_200_megabytes_of_tweets_take_little_memory(long_file, tmp_path, workers, limit_kib):
    code, told, kib = replay(tmp_path, long_file, "-o", "ndjson:/dev/null", "--set",
                             f"workers={workers}")
    assert code == 0 and "duplicate 0 " in told
    assert SANITIZED or kib < limit_kib


def test_a_million_and_more_small_posts_take_less_than_48_mib(tmp_path):
    path = tmp_path / "many.ndjson"
    with open(path, "wb") as file:
        for start in range(0, 1_200_000, 1000):
            numbers = range(start, start + 1000)
            file.write(b"".join(b'{"id":"%d","text":"x"}\n' % number for number in numbers))
    code, told, kib = replay(tmp_path, path, "-o", "discard")
    path.unlink()
    assert code == 0 and "spooled 1200000" in told
    assert SANITIZED or kib < LIMIT_KIB


def test_memory_does_not_grow_when_the_reader_is_slow(tmp_path, posts):
    script = f"{PROGRAM} replay {posts} {posts} -o stdout | (sleep 0.5; cat >/dev/null)"
    done = subprocess.run([sys.executable, "-c", MEASURE, "bash", "-c", script], check=True,
                          env=environment(None, tmp_path), capture_output=True, text=True)
    assert int(done.stdout.split()[1]) < LIMIT_KIB or SANITIZED
