"""A delivery stream that checks signatures and writes to a bucket: moto's."""
import json

import moto_servers
import pytest
from material import lines, tweet


@pytest.fixture(scope="module")
def cloud():
    """An account with a stream "posts" into a bucket "kept"."""
    with moto_servers.moto() as server:
        cloud = moto_servers.Cloud(server, ["s3:*", "firehose:*"])
        cloud.client("s3").create_bucket(Bucket="kept")
        cloud.client("firehose").create_delivery_stream(
            DeliveryStreamName="posts", DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={
                "RoleARN": f"arn:aws:iam::{moto_servers.ACCOUNT}:role/firehose",
                "BucketARN": "arn:aws:s3:::kept"})
        yield cloud


def kept(cloud):
    """All that is in the bucket, and the bucket empty again."""
    s3, whole = cloud.client("s3"), b""
    for one in s3.list_objects_v2(Bucket="kept").get("Contents", []):
        whole += s3.get_object(Bucket="kept", Key=one["Key"])["Body"].read()
        s3.delete_object(Bucket="kept", Key=one["Key"])
    return whole


@pytest.mark.parametrize("pack", ["0", "5KiB"])
def test_what_a_stream_writes_is_what_was_posted(cloud, linnet, pack):
    posts = [tweet(number, f"good {number}") for number in range(700)]
    done = linnet("replay", "-", "-o", "firehose:posts", "--set", f"sinks.firehose.pack={pack}",
                  input=lines(*posts), env=cloud.environment())
    assert done.rc == 0 and "tried again" not in done.stderr, done
    printed = linnet("replay", "-", "-o", "stdout", input=lines(*posts))

    def told(text):
        return sorted((one["id"], one["text"], one["label"]) for one in map(json.loads, text))
    assert told(kept(cloud).splitlines()) == told(printed.stdout.splitlines())


@pytest.mark.parametrize("stream, env, said", [
    ("posts", {"AWS_SECRET_ACCESS_KEY": "another"}, "refuses the keys: "),
    ("posts", {"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, "refuses the keys: "),
    ("others", {}, "there is no such stream in this account and region: ResourceNotFoundException"),
])
def test_what_the_service_refuses_is_said_and_nothing_arrives(cloud, start_linnet, tmp_path,
                                                              stream, env, said):
    (tmp_path / "posts.ndjson").write_text(lines(tweet(1, "good")))
    process = start_linnet("replay", "posts.ndjson", "-o", f"firehose:{stream}",
                           env=cloud.environment(**env))
    line = next(line.decode() for line in process.stderr if b"warning" in line)
    assert said in line, line
    assert process.poll() is None and kept(cloud) == b""


@pytest.mark.parametrize("stream, env, code, said", [
    ("posts", {}, 0, "sinks.stream: describe: works"),
    ("others", {}, 1, "sinks.stream: describe: status 400: there is no such stream"),
    ("posts", {"AWS_SECRET_ACCESS_KEY": "another"}, 1, "refuses the keys"),
])
def test_a_check_says_whether_the_stream_is_there(cloud, linnet, write_config, stream, env, code,
                                                  said):
    config = write_config("""return { sinks = { stream = linnet.firehose { stream = "%s" } } }"""
                          % stream)
    done = linnet("check", "--online", "-c", config, env=cloud.environment(**env))
    assert done.rc == code and said in done.stdout, done
