"""linnet reads what lies in a bucket, whatever happens on the way: every record once, in order."""
import gzip
import os
import subprocess

import pytest
from material import lines, received, tweet
from s3_fake import BUCKET, RESET, Cut, Fake, Reply, error

CONFIG = """return {
  state = "../state", http = false,
  sources = { posts = linnet.s3 { from = "s3://fake/p/", endpoint = "%s", region = "us-east-1" } },
  sinks = { out = linnet.ndjson { path = "../out.ndjson" } },
}
"""
COUNT = 2000
POSTS = lines(*(tweet(number, f"good {os.urandom(8).hex()}") for number in range(COUNT))).encode()
HALF = POSTS.index(b"\n", len(POSTS) // 2) + 1


@pytest.fixture
def fake():
    with Fake(page=2) as made:
        yield made


def squeeze(content):
    return subprocess.run(["zstd", "-q"], input=content, stdout=subprocess.PIPE, check=True).stdout


def ids(result):
    return [int(one["id"]) for one in result.documents]


@pytest.mark.parametrize("coding", [bytes, gzip.compress, squeeze,
                                    lambda text: b",\n".join(text.splitlines())])
def test_cuts_at_any_byte_lose_and_repeat_nothing(linnet, fake, coding):
    fake.objects = {"p/a": coding(POSTS[:HALF]), "p/b": coding(POSTS[HALF:]), "p/c/": b"", "q": b"no"}
    fake.fail("get", *(Cut(after) for after in (1, 11, 1000, 10000)))
    fake.fail("list", RESET, None, Cut(100))
    got = linnet("replay", f"s3://{BUCKET}/p/", "-o", "stdout", env=fake.environment())
    assert got.rc == 0 and ids(got) == list(range(COUNT)), got.stderr
    assert received(got.stderr)["received"] == COUNT


def test_one_more_source_among_others_is_named_by_minus_i(linnet, fake):
    fake.objects = {"p/a": POSTS}
    got = linnet("run", "-i", f"s3://{BUCKET}/p", "-i", f"s3://{BUCKET}/p/a", "-o", "stdout",
                 env=fake.environment())
    assert got.rc == 0 and sorted(ids(got)) == list(range(COUNT)), got.stderr


def test_an_object_that_may_not_be_read_costs_only_itself(linnet, fake):
    fake.objects = {"p/a": POSTS[:HALF], "p/b": b"secret", "p/c": POSTS[HALF:]}
    fake.faults.append(lambda request: error(403, "InvalidObjectState")
                       if request.key == "p/b" else None)
    got = linnet("replay", f"s3://{BUCKET}/p/", "-o", "stdout", env=fake.environment())
    assert got.rc == 1 and ids(got) == list(range(COUNT)), got.stderr
    assert f"s3://{BUCKET}/p/b: cannot be read: bucket {BUCKET}: InvalidObjectState" in got.stderr


@pytest.mark.parametrize("words, said", [
    (["replay", "s3://fake/nothing"], "there is no such object"),
    (["process", "s3://fake/p"], "NoSuchKey"),
    (["replay", "s3://No_Bucket/p"], "cannot be a bucket"),
    (["replay", "s3://another/p"], "NoSuchBucket")])
def test_what_is_not_there_is_told(linnet, fake, words, said):
    fake.objects = {"p/a": POSTS}
    got = linnet(*words, env=fake.environment())
    assert got.rc in (1, 2) and said in got.stderr and got.stdout == "", got


def test_without_keys_nothing_is_sent_and_it_is_said_why(linnet, fake):
    got = linnet("replay", f"s3://{BUCKET}/p", env={
        "AWS_ENDPOINT_URL_S3": fake.url(), "AWS_EC2_METADATA_DISABLED": "true"})
    assert got.rc == 1 and "keys" in got.stderr and fake.heard == [], got


def test_a_run_goes_on_behind_what_it_has_read(linnet, write_config, fake, tmp_path):
    config = write_config(CONFIG % fake.url())
    keys = {name: value for name, value in fake.environment().items() if "ENDPOINT" not in name}
    fake.objects = {"p/a": gzip.compress(POSTS[:HALF])}
    assert linnet("run", "-c", config, env=keys).rc == 0
    first = (tmp_path / "out.ndjson").read_text()
    fake.objects["p/b c"] = squeeze(POSTS[HALF:])
    again = linnet("run", "-c", config, env=keys)
    assert again.rc == 0, again
    lines_now = (tmp_path / "out.ndjson").read_text()
    assert lines_now.startswith(first) and lines_now.count("\n") == COUNT
    assert linnet("run", "-c", config, env=keys).rc == 0
    assert (tmp_path / "out.ndjson").read_text() == lines_now


# ---- TLS ----

AUTHORITY = """[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = %s
"""


def certificate(folder, host="127.0.0.1", until="20990101000000Z"):
    """One that is signed by itself, good since 2020: (certificate, key)."""
    files = folder / "server.pem", folder / "server.key"
    (folder / "authority").write_text(AUTHORITY % (f"{'IP' if host[0].isdigit() else 'DNS'}:{host}"))
    (folder / "index").touch()
    (folder / "serial").write_text("01")
    for command in (f"req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN={host} "
                    "-keyout server.key -out server.csr",
                    "ca -batch -selfsign -config authority -keyfile server.key -in server.csr -notext "
                    f"-out server.pem -startdate 20200101000000Z -enddate {until}"):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    return files


@pytest.mark.parametrize("wrong, trusted", [({}, True), ({}, False), ({"host": "other.example"}, True),
                                            ({"until": "20200201000000Z"}, True)])
def test_only_a_server_that_proves_its_name_is_read(linnet, tmp_path, wrong, trusted):
    files, good = certificate(tmp_path, **wrong), trusted and not wrong
    with Fake(certificate=files) as fake:
        fake.objects = {"p/a": POSTS}
        env = fake.environment(**({"AWS_CA_BUNDLE": files[0]} if trusted else {}))
        got = linnet("process", f"s3://{BUCKET}/p/a", "-o", "stdout", env=env, timeout=120)
    assert (got.rc == 0) == good and bool(got.stdout) == good, got
    assert good or (fake.heard == [] and "certificate" in got.stderr.lower())


def test_a_reply_that_is_no_s3_is_refused(linnet, fake):
    fake.faults.append(lambda _: Reply(200, "<html>a captive portal</html>"))
    got = linnet("replay", f"s3://{BUCKET}/p", env=fake.environment())
    assert got.rc == 1 and "no list of objects" in got.stderr, got
