"""The archive on a real S3 server: objects as Firehose names them, each post in one, whatever happens
to linnet, the connection or the server's answers."""
import gzip
import json
import random
import time

import pytest
import s3_servers
import servers
from archive import NAME
from material import lines, tweet, wait_until

POSTS = 3000
CONFIG = """return { state = "state", http = false, grace = "2s", scorers = { default = "none" },
  sources = { posts = linnet.file { path = "posts.ndjson", rate = %d } },
  sinks = { out = linnet.archive { to = "s3://%s/tweets", %s } } }
"""


class Archiving:
    """A configured run whose sink is a bucket."""

    def __init__(self, folder, begin, s3):
        self.folder, self.begin, self.s3, self.bucket = folder, begin, s3, s3.bucket()
        self.posts = [json.dumps(tweet(i, "good " + "x" * 1000)) for i in range(POSTS)]
        (folder / "posts.ndjson").write_text(lines(*self.posts))

    def start(self, rate=0, url=None, options='size = "256KiB", interval = "1s"', **env):
        (self.folder / "linnet.lua").write_text(CONFIG % (rate, self.bucket, options))
        self.process = self.begin("run", "-c", "linnet.lua", env=self.s3.environment(url, **env),
                                  stderr=open(self.folder / "log", "ab"))
        return self

    def log(self):
        return (self.folder / "log").read_text()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def assert_whole(self):
        """It ends, each post is in one object, and nothing half-sent stays."""
        assert self.process.wait(60) == 0, self.log()
        found = []
        for key in self.s3.keys(self.bucket):
            assert key.startswith("tweets/") and NAME.fullmatch(key), key
            body = self.s3.read(self.bucket, key)
            found += (gzip.decompress(body) if key.endswith(".gz") else body).decode().split("\n")[:-1]
        assert sorted(found) == sorted(self.posts)
        assert not self.s3.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads")
        left = sorted(path.name for path in (self.folder / "state/archive").iterdir())
        assert left == ["out"], left


@pytest.fixture
def archiving(tmp_path, start_linnet, s3):
    return Archiving(tmp_path, start_linnet, s3)


@pytest.mark.parametrize("codec", ["none", "gzip"])
def test_each_post_is_in_an_object_of_the_bucket(archiving, codec):
    archiving.start(options=f'size = "256KiB", codec = "{codec}"').assert_whole()
    assert len(archiving.s3.keys(archiving.bucket)) > 5
    assert archiving.log().count("sealed: size") > 5


def test_what_the_prototype_leaves_in_a_bucket_is_replayed_from_it(linnet, s3, posts):
    bucket = s3.bucket()
    words = ["-c", servers.ROOT / "config/prototype.lua"]
    done = linnet("replay", posts, *words, env=s3.environment(LINNET_ARCHIVE=f"s3://{bucket}"))
    assert done.rc == 0, done
    for key in s3.keys(bucket):
        assert key[:10].count("/") == 2 and "/archive-1-20" in key, key
        assert s3.read(bucket, key).endswith(b"},\n")
    expected = linnet("replay", posts, *words, "-o", "ndjson:/dev/stdout")
    got = linnet("replay", f"s3://{bucket}/", *words, "-o", "ndjson:/dev/stdout", env=s3.environment())
    assert got.rc == 0 and len(got.documents) > 1000
    assert sorted(got.stdout_bytes.splitlines()) == sorted(expected.stdout_bytes.splitlines())


def test_killed_again_and_again_each_post_is_in_one_object(archiving):
    pick = random.Random(2)
    for _ in range(10):
        archiving.start(rate=3000)
        time.sleep(pick.uniform(0, 0.5))
        archiving.kill()
    archiving.start().assert_whole()


def test_killed_while_parts_are_sent_nothing_of_it_stays(archiving, toxiproxy):
    proxy = s3_servers.Proxy(toxiproxy, "slow", servers.free_port(), archiving.s3.server.port)
    archiving.posts = [json.dumps(tweet(i, "x" * 10000)) for i in range(POSTS)]
    (archiving.folder / "posts.ndjson").write_text(lines(*archiving.posts))
    proxy.add("bandwidth", "upstream", rate=8000)
    whole = 'size = "1GiB", interval = "60s"'
    archiving.start(url=proxy.url, options=whole)
    uploads = archiving.s3.client.list_multipart_uploads
    wait_until(lambda: uploads(Bucket=archiving.bucket).get("Uploads"))
    time.sleep(1)
    archiving.kill()
    proxy.delete()
    assert uploads(Bucket=archiving.bucket).get("Uploads")
    archiving.start(options=whole).assert_whole()
    assert len(archiving.s3.keys(archiving.bucket)) == 1


def test_connections_that_break_lose_and_repeat_nothing(archiving, toxiproxy):
    """faults.md 17 and 18: replies that are lost, too."""
    proxy = s3_servers.Proxy(toxiproxy, "breaks", servers.free_port(), archiving.s3.server.port)
    proxy.add("limit_data", bytes=200)
    archiving.start(url=proxy.url)
    time.sleep(2)
    proxy.remove("limit_data")
    archiving.assert_whole()
    proxy.delete()


def test_a_wrong_secret_is_said_and_waited_for(archiving):
    archiving.start(AWS_SECRET_ACCESS_KEY="wrong")
    wait_until(lambda: "SignatureDoesNotMatch" in archiving.log())
    assert archiving.log().count("SignatureDoesNotMatch") == 1
    assert archiving.process.poll() is None
    archiving.process.terminate()
    assert archiving.process.wait(60) == 0
    archiving.start().assert_whole()


def test_a_bucket_that_is_missing_fails_a_replay(linnet, s3):
    done = linnet("replay", "-", "-o", "archive:s3://no-such-bucket-here/x", env=s3.environment(),
                  input=lines(tweet(1, "good")))
    assert done.rc == 1 and "NoSuchBucket" in done.stderr, done


def test_a_check_tells_whether_the_bucket_takes_objects(linnet, s3, write_config):
    for bucket, said in [(s3.bucket(), 0), ("no-such-bucket-here", 1)]:
        config = write_config('return { sinks = { out = linnet.archive { to = "s3://%s/x" } } }' % bucket)
        done = linnet("check", "--online", "-c", config, env=s3.environment())
        assert (done.rc != 0) == said and "sinks.out: put: " in done.stdout, done
