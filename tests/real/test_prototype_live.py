"""The prototype, listening: X's stream goes to an archive on S3 and into an index, its query is changed
while it runs, and the line is cut."""
import json
import os

import prototype
import pytest
import s3_servers
import search_servers
from material import tweet, wait_until
from running import Running, check
from test_prototype import stored
from test_x import SECRETS
from x_fake import SEARCH, V1, V2, Answer, FakeX, Stream, line, post

SETTINGS = ("--set", "sinks.archive.interval=1s")


@pytest.fixture(scope="module")
def index():
    with search_servers.opensearch() as server:
        yield search_servers.Index(server)


@pytest.fixture(scope="module")
def bucket_server():
    with s3_servers.versitygw() as server:
        yield s3_servers.Store(server)


@pytest.fixture
def fake():
    fake = FakeX()
    yield fake
    fake.close()


class Listening:
    """A run of config/prototype.lua at the fake X, what it archived and what it indexed."""

    def __init__(self, folder, start, linnet, s3, index, fake, keys):
        prototype.write_config(folder, prototype.LIVE)
        self.folder, self.linnet, self.s3, self.index = folder, linnet, s3, index
        self.bucket, self.name = s3.bucket(), index.name()
        env = s3.environment(LINNET_ARCHIVE=f"s3://{self.bucket}", LINNET_INDEX=f"{index.url}/{self.name}",
                             X_HOST=fake.host, **{name: SECRETS[name] for name in keys})
        self.running = Running(folder, lambda *words, **options: start(*words, *SETTINGS, *more(keys), **options))
        self.running.start(env=env)

    def edit(self, before, after):
        """As a user saves the configuration."""
        text = (self.folder / "prototype.lua").read_text()
        assert text.count(before) == 1
        (self.folder / "new.lua").write_text(text.replace(before, after))
        os.replace(self.folder / "new.lua", self.folder / "prototype.lua")

    def status(self):
        return self.linnet("status", "--state", "state").stdout

    def coverage(self):
        return self.linnet("stats", "--coverage", "--state", "state").stdout

    def wait_for(self, *ids):
        """Until the index has these and no others, and so has the archive, each once."""
        wanted = sorted(map(str, ids))
        wait_until(lambda: self.indexed() == wanted)
        wait_until(lambda: self.archived() == wanted)

    def indexed(self):
        try:
            return sorted(stored(self.index, self.name))
        except (OSError, KeyError):
            return []  # it is not made yet

    def archived(self):
        records = sum(prototype.archived(self.s3, self.bucket).values(), [])
        told = [json.loads(record) for record in records]
        return sorted(one["data"]["id"] if "data" in one else one["id_str"] for one in told)

    def stop(self):
        assert self.running.stop() == 0, self.running.log()
        told = check(json.loads(self.linnet("status", "--json", "--state", "state").stdout))
        assert [one["pending"] for one in told["sinks"]] == [0, 0]


def more(keys):
    return ("--set", "sources.x.backfill_after=500ms") if keys == ["X_BEARER"] else ()


@pytest.fixture
def listen(tmp_path, start_linnet, linnet, bucket_server, index, fake):
    return lambda keys: Listening(tmp_path, start_linnet, linnet, bucket_server, index, fake, keys)


def rules(fake):
    """Tag -> its value's words, which come in any order."""
    return {one["tag"]: set(one["value"].split()) for one in fake.rules}


def test_what_x_streams_is_archived_and_indexed_while_the_query_changes_and_the_line_is_cut(fake, listen):
    first, second = Stream(line(post(1, "a good coffee")), cut=True), Stream(line(post(9, "coffee again")))
    fake.answers[V2] = [first, Answer(503)]
    found = [post(one, "a coffee")["data"] for one in (7, 6)]
    fake.answers[SEARCH] = [Answer(200, {"data": found, "meta": {"result_count": 2}})]
    run = listen(["X_BEARER"])
    run.wait_for(1)
    assert rules(fake) == {"linnet:coffee": {"coffee", "lang:en"}}

    run.edit('"coffee lang:en"', '"(coffee OR #espresso) lang:en"')
    wait_until(lambda: rules(fake) == {"linnet:coffee": {"(coffee", "OR", "#espresso)", "lang:en"}})
    hashtag = {"hashtags": [{"start": 0, "end": 9, "tag": "Espresso"}]}
    first.send(line(post(2, "#Espresso is good", entities=hashtag)) + line(post(3, "Kaffee", lang="de")))
    run.wait_for(1, 2)
    assert len(fake.asked(V2)) == 1  # over the stream that stood

    first.closed.set()
    wait_until(lambda: "    gap since" in run.status())
    fake.answers[V2] = [second]
    wait_until(lambda: "last gap: closed by search, 2 posts" in run.status())
    second.send(line(post(2, "#Espresso is good", entities=hashtag)))
    run.wait_for(1, 2, 6, 7, 9)
    wait_until(lambda: "closed by search, 2 posts" in run.coverage())
    run.stop()
    assert run.archived() == run.indexed() == ["1", "2", "6", "7", "9"]


def test_statuses_filter_is_archived_and_indexed(fake, listen):
    fake.answers[V1] = [Stream(line(tweet(1, "a good coffee")), cut=True, stands=False), Stream(line(tweet(2, "coffee")))]
    run = listen([name for name in SECRETS if name != "X_BEARER"])
    run.wait_for(1, 2)
    run.stop()
    assert fake.asked(V1)[0].body == b"track=coffee&language=en&stall_warnings=true"
    assert len(fake.asked(V1)) == 2
    document = stored(run.index, run.name)["1"]
    assert document["sentiment"] == "positive"
