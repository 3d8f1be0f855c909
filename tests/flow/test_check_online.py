"""linnet check --online asks the servers that a configuration names whether they can be used."""
import pytest
from s3_fake import BUCKET, Fake, error

SOURCE = 'linnet.s3 { from = "s3://%s/p", endpoint = "%s" }'
CONFIG = """return { http = false, sources = { a = %s, b = %s },
  sinks = { out = linnet.ndjson { path = "out" } } }"""


@pytest.fixture
def fake():
    with Fake() as made:
        yield made


@pytest.fixture
def check(linnet, write_config, fake):
    """check(bucket, bucket) looks over a configuration of two sources."""
    def run(*buckets):
        config = write_config(CONFIG % tuple(SOURCE % (one, fake.url()) for one in buckets))
        return linnet("check", "--online", "-c", config, env=fake.environment())
    return run


def test_each_part_says_in_a_line_what_works(check, fake):
    got = check(BUCKET, BUCKET)
    assert got.rc == 0 and got.stdout == "sources.a: list: works\nsources.b: list: works\n", got
    assert fake.kinds() == ["list", "list"]


def test_what_fails_is_said_with_its_reason_and_the_others_are_asked_all_the_same(check):
    got = check("another", BUCKET)
    assert got.rc == 1 and got.stdout.splitlines() == [
        "sources.a: list: bucket another: NoSuchBucket: as the test wants it "
        "(request 4442587FB7D0A2F9)", "sources.b: list: works"], got


def test_a_server_that_refuses_or_is_away_fails_the_check(check, fake):
    fake.faults.append(lambda _: error(403, "AccessDenied"))
    got = check(BUCKET, BUCKET)
    assert got.rc == 1 and got.stdout.count("AccessDenied") == 2, got
    assert "a-secret-of-tests" not in got.stdout + got.stderr


def test_without_servers_there_is_nothing_to_ask(linnet, write_config):
    config = write_config('return { sinks = { out = linnet.ndjson { path = "out" } } }')
    got = linnet("check", "--online", "-c", config)
    assert got.rc == 0 and "no source and no sink talks to a server" in got.stderr, got


def test_without_the_flag_nobody_is_asked(linnet, write_config, fake):
    config = write_config(CONFIG % ((SOURCE % (BUCKET, fake.url()),) * 2))
    assert linnet("check", "-c", config, env=fake.environment()).rc == 0 and fake.heard == []


@pytest.mark.parametrize("part", ['sinks = { a = linnet.archive { to = "s3://posts", %s } }',
                                  'sinks = { a = linnet.firehose { stream = "posts", %s } }',
                                  'sources = { a = linnet.s3 { from = "s3://posts", %s } }'])
def test_a_region_or_an_endpoint_that_is_none_is_found_without_asking(linnet, write_config, part):
    for option, said in [('region = "eu west"', "region takes a name such as"),
                         ('endpoint = "localhost:9000"', "endpoint takes https://HOST[:PORT]"),
                         ('endpoint = "https://a/base"', "endpoint takes https://HOST[:PORT]"),
                         ('endpoint = "ftp://a"', "endpoint takes https://HOST[:PORT]")]:
        line = "return { %s }" % (part % option)
        got = linnet("check", "-c", write_config(line))
        column = line.index('"', line.index(option)) + 1
        assert got.rc == 78 and f"linnet.lua:1:{column}: {said}" in got.stderr, got
    good = 'region = "eu-west-1", endpoint = "http://10.0.0.1:9000/"'
    assert linnet("check", "-c", write_config("return { %s }" % (part % good))).rc == 0
