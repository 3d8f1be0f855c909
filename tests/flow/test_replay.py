"""`linnet replay` and `run`: every way of recording, order, workers, and sums that add up."""
import gzip
import json
import random
import subprocess

import pytest

from material import adds_up, lines, plain, received, sums, tweet

TWEETS = [tweet(900 + i, f"number {i} of a good day") for i in range(600)]
TEXTS = [one["text"] for one in TWEETS]
RECORDED = lines(*TWEETS).encode()


def zstd(content):
    return subprocess.run(["zstd", "-q", "-c"], input=content, capture_output=True,
                          check=True).stdout


FORMS = {
    "plain.ndjson": RECORDED,
    "crlf.ndjson": RECORDED.replace(b"\n", b"\r\n"),
    "no-last-newline.ndjson": RECORDED[:-1],
    "objects.json": ",\n".join(map(json.dumps, TWEETS)).encode(),
    "objects-to-append-to.json": b"".join(json.dumps(one).encode() + b",\n" for one in TWEETS),
    "lines.gz": gzip.compress(RECORDED),
    "objects.gz": gzip.compress(",\n".join(map(json.dumps, TWEETS)).encode()),
    "members.gz": b"".join(gzip.compress(one) for one in RECORDED.splitlines(keepends=True)),
    "cut-inside-a-line.gz": gzip.compress(RECORDED[:7777]) + gzip.compress(RECORDED[7777:]),
    "stored.gz": gzip.compress(RECORDED, compresslevel=0),
    "lines.zst": zstd(RECORDED),
    "frames.zst": zstd(RECORDED[:5001]) + zstd(b"") + zstd(RECORDED[5001:]),
    "gzip-under-another-name.ndjson": gzip.compress(RECORDED),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_posts_in_order(linnet, tmp_path, name):
    (tmp_path / name).write_bytes(FORMS[name])
    done = linnet("replay", name, "-o", "stdout")
    assert done.rc == 0, done
    assert [one["text"] for one in done.documents] == TEXTS
    assert received(done.stderr)["received"] == len(TWEETS)


@pytest.mark.parametrize("name", ["plain.ndjson", "members.gz", "lines.zst", "objects.json"])
def test_standard_input_takes_them_too(linnet, name):
    for words in (("replay", "-"), ("run", "-i", "-", "-o", "stdout")):
        done = linnet(*words, input=FORMS[name])
        assert done.rc == 0 and [one["text"] for one in done.documents] == TEXTS


def test_several_files_are_replayed_one_after_the_other(linnet, tmp_path):
    for number in range(3):
        part = TWEETS[number * 200:(number + 1) * 200]
        (tmp_path / f"{number}.ndjson").write_text(lines(*part))
    done = linnet("replay", "2.ndjson", "0.ndjson", "1.ndjson", "-o", "stdout")
    assert [one["text"] for one in done.documents] == TEXTS[400:] + TEXTS[:400]
    totals = [one["received"] for one in sums(done.stderr) if one["of"] == "received"]
    assert totals == [200, 200, 200]


def test_an_empty_file_gives_nothing(linnet, tmp_path):
    for name, content in (("a", b""), ("b.gz", gzip.compress(b"")), ("c.zst", zstd(b""))):
        (tmp_path / name).write_bytes(content)
        done = linnet("replay", name, "-o", "stdout")
        assert (done.rc, done.stdout) == (0, "") and received(done.stderr)["received"] == 0


def test_data_goes_to_standard_output_and_all_else_to_standard_error(linnet, posts):
    done = linnet("replay", posts, "-e", "coffee")
    assert done.rc == 0 and all("coffee" in one["text"].lower() for one in done.documents)
    assert "received" in done.stderr and "delivered" in done.stderr


def test_run_on_a_file_ends_by_itself_and_keeps_what_the_query_asks(linnet, posts):
    done = linnet("run", "-i", posts, "-e", "coffee lang:en", "-o", "stdout")
    assert done.rc == 0 and done.documents
    assert {one["lang"] for one in done.documents} == {"en"}
    assert all(one["queries"] == ["e1"] for one in done.documents)
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["level"] for line in told] == ["info"]


def test_several_sinks_get_the_same_documents(linnet, posts, tmp_path):
    done = linnet("replay", posts, "-e", "coffee", "-o", "ndjson:a", "-o", "ndjson:b", "-o",
                  "stdout")
    first = (tmp_path / "a").read_bytes()
    assert done.rc == 0 and first == (tmp_path / "b").read_bytes() == done.stdout_bytes


def test_ndjson_adds_to_the_end_of_its_file(linnet, tmp_path):
    (tmp_path / "out").write_text("kept\n")
    linnet("replay", "-", "-o", "ndjson:out", input="good\n")
    first, second = (tmp_path / "out").read_text().splitlines()
    assert first == "kept" and json.loads(second)["text"] == "good"


def settled(stdout):
    """Documents without the moment of their arrival, which differs from run to run."""
    return [{**one, "received": None} for one in map(json.loads, stdout.splitlines())]


def test_any_number_of_workers_gives_the_same_bytes_in_the_same_order(linnet, posts, root):
    prototype = root / "config/prototype.lua"
    given = [linnet("replay", posts, "-c", prototype, "--set", f"workers={workers}", "-o",
                    "stdout").stdout_bytes for workers in (0, 1, 4)]
    assert given[0] and given[0] == given[1] == given[2]


def test_workers_do_not_change_what_is_kept_either(linnet, posts):
    given = [settled(linnet("replay", posts, "-e", "coffee OR work", "--set", f"workers={workers}",
                            "-o", "stdout").stdout) for workers in (0, 3)]
    assert given[0] and given[0] == given[1]


@pytest.mark.parametrize("workers", [0, 2])
def test_the_sums_add_up_exactly(linnet, posts, tmp_path, workers):
    chance, text = random.Random(7), gzip.decompress(posts.read_bytes()).splitlines()
    mixed = [chance.choice((one, one[:50], b"", chance.choice(text), b'{"limit":{"track":3}}'))
             for one in text]
    (tmp_path / "mixed").write_bytes(b"\n".join(mixed) + b"\n")
    done = linnet("replay", "mixed", "-e", "a", "--set", f"workers={workers}", "-o", "stdout",
                  "-o", "discard")
    source, *readers = sums(done.stderr)
    assert done.rc == 0 and source["received"] == len(mixed)
    assert all(source[part] for part in ("control", "malformed", "duplicate", "filtered"))
    assert all(adds_up(one) for one in (source, *readers)) and len(readers) == 2
    assert {one["delivered"] for one in readers} == {source["spooled"]} == {len(done.documents)}


def test_objects_tweets_and_bare_lines_may_be_mixed(linnet):
    given = lines(plain("one", id="7"), tweet(8, "two"), "three")
    assert [(one["network"], one["text"]) for one in linnet("replay", "-", input=given).documents] \
        == [("plain", "one"), ("x", "two"), ("plain", "three")]
