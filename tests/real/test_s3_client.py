"""The S3 client with servers that check every signature, looked over by botocore."""
import os

import pytest
import s3_servers
import servers
from s3_driving import drive

# What URLs, signatures and XML have their own rules for; S3 takes all of it in a key.
ODD_KEYS = ["plain.json", "a/b c+ü.json.gz", "x=1/y&z/100%.txt", "dots/./../end", "~tilde/*star!",
            "two//slashes", "ключ/ключ", "'quote\"<tag>;?#@:,$"]
PART = 8 << 20


@pytest.fixture
def file(tmp_path):
    """file(bytes) is the path of one of so many random bytes, and these."""
    def make(size):
        path, content = tmp_path / f"file-{size}", os.urandom(size)
        path.write_bytes(content)
        return path, content
    return make


def test_small_objects_are_uploaded_listed_and_read_whatever_their_keys(s3, file, tmp_path):
    bucket, (path, content) = s3.bucket(), file(1000)
    keys = [key for key in ODD_KEYS if s3.server.name == "minio" or ".." not in key]
    keys = [key for key in keys if "//" not in key and "/./" not in key]
    said = drive(bucket, *[("put", key, path) for key in keys], ("list", ""),
                 *[("get", key, tmp_path / f"got-{at}") for at, key in enumerate(keys)],
                 env=s3.environment())
    assert set(said.ends) == {"GOOD"}, said
    assert sorted(said.keys) == sorted(keys) == sorted(s3.keys(bucket))
    for at, key in enumerate(keys):
        assert s3.read(bucket, key) == (tmp_path / f"got-{at}").read_bytes() == content


def test_an_object_keeps_its_type_and_metadata(s3, file):
    bucket, (path, _), (big, _) = s3.bucket(), file(10), file(5 * PART // 2)
    said = drive(bucket, ("put", "small", path), ("put", "big", big), env=s3.environment())
    assert said.ends == ["GOOD", "GOOD"], said
    for key in "small", "big":
        head = s3.client.head_object(Bucket=bucket, Key=key)
        assert head["ContentType"] == "application/x-ndjson"
        assert head["Metadata"] == {"made-by": "a test"}


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1, 3 * PART, 5 * PART - 7])
def test_an_object_of_any_size_arrives_whole(s3, file, tmp_path, size):
    bucket, (path, content) = s3.bucket(), file(size)
    said = drive(bucket, ("put", "key", path), ("get", "key", tmp_path / "got"),
                 env=s3.environment(), flags=["--above", 1 << 20])
    assert said.ends == ["GOOD", "GOOD"], said
    assert len(said.all("began")) == (size > 1 << 20)
    assert s3.read(bucket, "key") == content == (tmp_path / "got").read_bytes()
    assert not s3.client.list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_more_keys_than_a_page_holds_are_listed_in_order(s3):
    bucket, names = s3.bucket(), [f"p/{number:04}" for number in range(1205)]
    for name in names:
        s3.client.put_object(Bucket=bucket, Key=name, Body=b"x")
    s3.client.put_object(Bucket=bucket, Key="q", Body=b"x")
    said = drive(bucket, ("list", "p/"), env=s3.environment())
    assert said.keys == names and [int(one[0]) for one in said.all("page")] == [1000, 205]


def test_a_wrong_secret_is_refused_and_told_without_being_shown(s3, file):
    bucket, (path, _) = s3.bucket(), file(10)
    said = drive(bucket, ("put", "key", path), ("list", ""),
                 env=s3.environment(AWS_SECRET_ACCESS_KEY="another-secret"))
    assert said.ends == ["REFUSED", "REFUSED"], said
    assert f"bucket {bucket}: SignatureDoesNotMatch" in said.reasons[0]
    assert "another-secret" not in repr(said) and s3.keys(bucket) == []


def test_what_is_not_there_is_told_apart(s3, tmp_path):
    bucket = s3.bucket()
    said = drive(bucket, ("get", "nothing", tmp_path / "got"), env=s3.environment())
    assert said.ends == ["MISSING"], said
    said = drive("no-such-bucket", ("list", ""), env=s3.environment())
    assert said.ends == ["REFUSED"] and "NoSuchBucket" in said.reasons[0], said


def test_an_upload_that_a_crash_left_is_aborted_and_done_again_under_its_name(s3, file):
    bucket, (path, content) = s3.bucket(), file(3 * PART)
    died = drive(bucket, ("put-and-die", "key", path), env=s3.environment())
    assert died.code == 9 and len(died.all("began")) == 1
    uploads = s3.client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [one["UploadId"] for one in uploads] == died.all("began")[0]
    said = drive(bucket, ("again", "key", path), env=s3.environment())
    assert said.ends == ["GOOD"], said
    assert s3.read(bucket, "key") == content
    assert not s3.client.list_multipart_uploads(Bucket=bucket).get("Uploads")
    # It is there now: nothing is sent.
    assert drive(bucket, ("again", "key", path), env=s3.environment()).all("began") == []


def test_uploads_of_one_key_are_aborted_and_no_others(s3):
    bucket = s3.bucket()
    for key in "key", "key", "key-2":
        s3.client.create_multipart_upload(Bucket=bucket, Key=key)
    said = drive(bucket, ("abort", "key"), env=s3.environment())
    assert said.ends == ["GOOD"], said
    uploads = s3.client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [one["Key"] for one in uploads] == ["key-2"]


def test_the_probe_leaves_nothing_behind(s3):
    bucket = s3.bucket()
    said = drive(bucket, ("probe", "prefix/"), env=s3.environment())
    assert [one[:2] for one in said.all("tried")] == [["list", "GOOD"], ["put", "GOOD"],
                                                       ["abort", "GOOD"]], said
    assert s3.keys(bucket) == []
    assert not s3.client.list_multipart_uploads(Bucket=bucket).get("Uploads")


@pytest.fixture
def proxy(s3, toxiproxy):
    made = s3_servers.Proxy(toxiproxy, "s3", servers.free_port(), s3.server.port)
    yield made
    made.delete()


def test_a_reply_that_is_cut_again_and_again_goes_on_at_its_byte(s3, proxy, tmp_path):
    bucket, content = s3.bucket(), os.urandom(9 << 20)
    s3.client.put_object(Bucket=bucket, Key="key", Body=content)
    proxy.add("limit_data", bytes=1500000)
    said = drive(bucket, ("get", "key", tmp_path / "got"), env=s3.environment(proxy.url))
    assert said.ends == ["GOOD"], said
    assert (tmp_path / "got").read_bytes() == content


def test_an_upload_through_resets_arrives_once_and_whole(s3, proxy, file):
    bucket, (path, content) = s3.bucket(), file(3 * PART)
    proxy.add("limit_data", stream="upstream", bytes=10 << 20)
    said = drive(bucket, ("put", "key", path), env=s3.environment(proxy.url))
    assert said.ends == ["GOOD"], said
    assert s3.read(bucket, "key") == content and s3.keys(bucket) == ["key"]
    assert not s3.client.list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_an_object_of_any_size_takes_no_more_than_32_MiB(s3, tmp_path):
    bucket, small, big = s3.bucket(), tmp_path / "small", tmp_path / "big"
    small.write_bytes(b"x" * 1000)
    with open(big, "wb") as file:
        file.truncate(300 << 20)
    said = drive(bucket, ("put", "small", small), ("memory",), ("put", "big", big), ("memory",),
                 ("get", "big", "/dev/null"), ("memory",), env=s3.environment())
    assert said.ends == ["GOOD"] * 3, said
    before, put, got = (int(one[0]) for one in said.all("memory"))
    assert put - before < 32 << 10 and got - before < 32 << 10, said
    assert s3.client.head_object(Bucket=bucket, Key="big")["ContentLength"] == 300 << 20
