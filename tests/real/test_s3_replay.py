"""linnet replays and processes what lies on an S3 server: the same documents as from files."""
import gzip
import json
import os
import random
import subprocess

import pytest
import s3_servers
import servers
from material import lines, tweet


@pytest.fixture
def archive(s3, posts):
    """A bucket whose objects are the bundled posts, as lines, gzip, zstd and ",\\n"-separated."""
    records = [one for one in gzip.decompress(posts.read_bytes()).splitlines() if one.strip()]
    quarter = len(records) // 4
    parts = [records[at * quarter:(at + 1) * quarter] for at in range(3)] + [records[3 * quarter:]]
    plain = [b"\n".join(part) + b"\n" for part in parts]
    zstd = subprocess.run(["zstd", "-q"], input=plain[2], stdout=subprocess.PIPE, check=True).stdout
    bucket = s3.bucket()
    for key, body in {"raw/2026/11/a.ndjson": plain[0], "raw/2026/11/b.gz": gzip.compress(plain[1]),
                      "raw/2026/12/c d+ü.zst": zstd, "raw/2027/empty": b"",
                      "raw/2027/z": b",\n".join(parts[3]), "other/x": plain[0]}.items():
        s3.client.put_object(Bucket=bucket, Key=key, Body=body)
    return bucket


def timeless(result):
    """Its documents without the time at which they were received."""
    return [{name: value for name, value in one.items() if name != "received"}
            for one in result.documents]


def test_a_prefix_gives_the_same_documents_as_the_file(linnet, s3, archive, posts):
    expected = linnet("replay", posts, "-o", "stdout")
    got = linnet("replay", f"s3://{archive}/raw/", "-o", "stdout", env=s3.environment())
    assert got.rc == 0, got
    assert timeless(got) == timeless(expected) and len(got.documents) > 100


def test_process_takes_the_objects_that_it_is_given_and_no_others(linnet, s3, archive, posts):
    keys = [f"s3://{archive}/raw/2026/11/b.gz", f"s3://{archive}/raw/2027/z"]
    got = linnet("process", *keys, "-o", "stdout", env=s3.environment())
    expected = [linnet("replay", key, "-o", "stdout", env=s3.environment()) for key in keys]
    assert got.rc == 0, got
    assert timeless(got) == [one for each in expected for one in timeless(each)] != []
    missing = linnet("process", f"s3://{archive}/raw/2026/11/b", env=s3.environment())
    assert missing.rc == 1 and "b: cannot be read" in missing.stderr, missing


def test_a_wrong_secret_is_refused_and_the_exit_code_says_so(linnet, s3, archive):
    got = linnet("replay", f"s3://{archive}/raw/", env=s3.environment(AWS_SECRET_ACCESS_KEY="wrong"))
    assert got.rc == 1 and "SignatureDoesNotMatch" in got.stderr and got.stdout == "", got


def test_a_bad_record_and_a_damaged_object_cost_only_themselves(linnet, s3):
    bucket = s3.bucket()
    whole = lines(*(tweet(number, "good") for number in range(300)))
    for key, body in {"a": '{"broken\n' + whole, "b": gzip.compress(whole.encode())[:-200],
                      "c": lines(tweet(1000, "last"))}.items():
        s3.client.put_object(Bucket=bucket, Key=key, Body=body)
    got = linnet("replay", f"s3://{bucket}/", "-o", "stdout", env=s3.environment())
    assert got.rc == 1 and "1 of 3 objects" in got.stderr and f"s3://{bucket}/b: " in got.stderr, got
    assert got.documents[-1]["id"] == "1000" and len(got.documents) == 301
    assert "malformed at s3:0" in got.stderr


def test_replies_that_are_cut_again_and_again_lose_and_repeat_nothing(linnet, s3, toxiproxy):
    bucket, proxy = s3.bucket(), s3_servers.Proxy(toxiproxy, "replay", servers.free_port(),
                                                  s3.server.port)
    noise = random.Random(1)
    whole = lines(*(tweet(number, f"post {noise.getrandbits(256):x}") for number in range(10000)))
    s3.client.put_object(Bucket=bucket, Key="posts.gz", Body=gzip.compress(whole.encode()))
    proxy.add("limit_data", bytes=150000)
    got = linnet("replay", f"s3://{bucket}/posts", "-o", "stdout", env=s3.environment(proxy.url))
    proxy.delete()
    assert got.rc == 0, got.stderr
    assert [one["id"] for one in got.documents] == [str(number) for number in range(10000)]
