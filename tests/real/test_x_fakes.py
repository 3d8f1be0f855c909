"""The X that scenarios feign (tests/flow/x_fake.py) is one to clients that are not ours."""
import json
import subprocess
from pathlib import Path

import pytest
import x_servers
from material import tweet
from test_x_gaps import page
from x_fake import SEARCH, V1, V2, Answer, FakeX, Stream, line, post, problem

READER = Path(__file__).resolve().parent / "x_reader.py"


@pytest.fixture
def fake():
    fake = FakeX()
    yield fake
    fake.close()


def read(part, fake, what):
    """What tweepy heard, by kind, in order."""
    done = subprocess.run([part.folder() / "bin/python3", READER, fake.host, what],
                          capture_output=True, timeout=120, check=False)
    heard = [json.loads(one) for one in done.stdout.splitlines()]
    assert heard, done.stderr.decode()[-2000:]
    return {kind: [value for one, value in heard if one == kind] for kind, _ in heard}


def test_the_filtered_stream_is_read_by_tweepy(fake):
    whole = b"\r\n" + line(post(1, "a cat \N{CAT FACE}")) + b"\r\n" + line(post(2, "two"))
    fake.answers[V2] = [Stream(whole[:40], whole[40:41], whole[41:], stands=False)]
    heard = read(x_servers.NEW, fake, "stream")
    assert heard["post"] == [[1, "a cat \N{CAT FACE}", "ada_sample", ["t"]], [2, "two", "ada_sample", ["t"]]]
    assert len(heard["keep_alive"]) == 2
    assert fake.asked(V2)[0].headers["authorization"] == "Bearer TOKEN"


def test_problems_are_told_to_tweepy(fake):
    told = problem("stream-operational-disconnect.json").replace(b"\n", b"") + b"\r\n"
    fake.answers[V2] = [Stream(told, stands=False)]
    assert read(x_servers.NEW, fake, "stream")["errors"][0][0]["disconnect_type"] == "UpstreamOperationalDisconnect"
    fake.answers[V2] = [Answer(429, problem("error-429-too-many-connections.json"))]
    assert read(x_servers.NEW, fake, "stream")["status"] == [429]


def test_rules_are_set_by_tweepy(fake):
    heard = read(x_servers.NEW, fake, "rules")
    assert heard["added"] == [[["cat", "mine"], ["dog", None]]] == heard["there"]
    assert heard["errors"][0][0]["title"] == "DuplicateRule" and heard["left"] == [["dog"]]


def test_recent_search_is_paged_by_tweepy(fake):
    fake.answers[SEARCH] = [page(5, 4, next_token="more"), page(3)]
    assert read(x_servers.NEW, fake, "search")["page"] == [[5, 4], [3]]


def test_statuses_filter_is_read_by_tweepy(fake):
    limit, warning = {"limit": {"track": 7}}, {"warning": {"code": "FALLING_BEHIND", "percent_full": 60}}
    one = tweet(1, "one", in_reply_to_status_id=None)
    fake.answers[V1] = [Stream(b"\r\n", *map(line, [one, limit, warning]), stands=False)]
    heard = read(x_servers.OLD, fake, "filter")
    assert heard["post"] == [[1, "one", "ada_sample"]]
    assert heard["limit"] == [7] and heard["warning"] == [warning["warning"]] and heard["keep_alive"]
    request = fake.asked(V1)[0]
    assert request.method == "POST" and b"track=caf%C3%A9%2Ctwo+words" in request.body
    assert request.headers["authorization"].startswith("OAuth ")
