"""The prototype, whole: posts go through an archive on S3 into an index, and nothing is lost on the
way, whichever server dies."""
import json
from collections import Counter

import prototype
import pytest
import s3_servers
import search_servers
from archive import NAME
from material import PROTOTYPE, wait_until
from running import Running, check

NODES = {"Elasticsearch 7.4.2": lambda: search_servers.elasticsearch("7.4.2.0"),
         "OpenSearch 2.19.1": search_servers.opensearch}
UNITED_STATES = (-125, 24, -66, 50)
LONDON = [-0.1276, 51.5072]


@pytest.fixture(scope="module", params=NODES.values(), ids=NODES)
def node(request):
    with request.param() as server:
        yield server


@pytest.fixture
def index(node):
    return search_servers.Index(node)


@pytest.fixture(scope="module")
def bucket_server():
    """One of our own, since it is killed."""
    with s3_servers.versitygw() as server:
        yield s3_servers.Store(server)


@pytest.fixture
def played(linnet, posts, tmp_path):
    """The posts that are played: what of them is archived, and the documents that replay prints."""
    kept = prototype.write_posts(tmp_path / "posts", posts)
    done = linnet("replay", tmp_path / "posts", "-c", PROTOTYPE, "-o", "ndjson:/dev/stdout")
    assert done.rc == 0 and "malformed 1 " in done.stderr, done.stderr
    assert len(kept) == len(done.documents) > 4000
    return kept, prototype.left_over(done.documents)


def stored(index, name):
    return {key: hit["_source"] for key, hit in index.documents(name).items()}


def test_posts_go_through_the_archive_into_an_index_that_answers(linnet, bucket_server, index, played,
                                                                 tmp_path):
    (kept, documents), s3 = played, bucket_server
    bucket = s3.bucket()
    done = linnet("replay", tmp_path / "posts", "-c", PROTOTYPE, "--set", "sinks.archive.size=1MiB",
                  env=s3.environment(LINNET_ARCHIVE=f"s3://{bucket}"))
    assert done.rc == 0, done
    objects = prototype.archived(s3, bucket)
    assert len(objects) > 3 and sorted(sum(objects.values(), [])) == sorted(kept)
    assert all(NAME.fullmatch(key.replace("/archive-1-", "/out-1-")) for key in objects)
    in_order = sorted(objects, key=lambda key: kept.index(objects[key][0]))
    env = s3.environment(LINNET_ARCHIVE=tmp_path / "again", LINNET_INDEX=f"{index.url}/tweets")
    done = linnet("process", *(f"s3://{bucket}/{key}" for key in in_order), "-c", PROTOTYPE, env=env)
    assert done.rc == 0, done
    assert stored(index, "tweets") == documents
    check_answers(index, "tweets", list(documents.values()))


def check_answers(index, name, documents):
    """The prototype's charts: its map, its histogram of time, its labels and authors."""
    def count(query):
        return index.search(name, query=query)["hits"]["total"]["value"]

    inside = prototype.within_box(documents, *UNITED_STATES)
    near = prototype.within_circle(documents, LONDON, 100)
    assert count(prototype.box_query(*UNITED_STATES)) == inside > 50
    assert count(prototype.circle_query(LONDON, 100)) == near > 1
    said = index.search(name, size=0, aggs={
        "days": {"date_histogram": {"field": "timestamp", "fixed_interval": "1d",
                                    "min_doc_count": 1}},
        "labels": {"terms": {"field": "sentiment"}},
        "authors": {"terms": {"field": "user.id", "size": 10000}}})["aggregations"]
    days, labels, authors = ({bucket["key"]: bucket["doc_count"] for bucket in said[name]["buckets"]}
                             for name in ("days", "labels", "authors"))
    assert days == prototype.by_day(documents) and len(days) > 1
    assert labels == Counter(one["sentiment"] for one in documents) and len(labels) == 3
    assert authors == Counter(one["user"]["id"] for one in documents)
    assert count({"terms": {"sentiment": ["negative", "positive"]}}) \
        == labels["negative"] + labels["positive"]


class Outage:
    """A run of the prototype that is fed by hand, one of whose servers dies."""

    def __init__(self, running, servers, victim):
        self.running, self.victim = running, servers[victim]
        self.names = [victim] + [name for name in servers if name != victim]

    def feed(self, records):
        self.running.process.stdin.write(b"\n".join(records) + b"\n")
        self.running.process.stdin.flush()

    def sinks(self):
        """The dead one's and the other's counts."""
        told = {one["name"]: one for one in check(self.running.ask())["sinks"]}
        return [told[name] for name in self.names]

    def wait_until_it_alone_is_behind(self, posts):
        wait_until(lambda: self.sinks()[1]["delivered"] == posts, 60)
        dead, other = self.sinks()
        assert dead["pending"] == posts - dead["delivered"] > 500 and other["pending"] == 0

    def end(self):
        """All that came is delivered; the exit code."""
        process = self.running.process
        process.stdin.close()
        process.stdin = None  # start_linnet would flush it
        return process.wait(120)

    def wait_until_none_is_behind(self):
        wait_until(lambda: [one["pending"] for one in self.sinks()] == [0, 0], 60)


@pytest.mark.parametrize("victim", ["archive", "index"])
def test_a_server_dies_twice_and_the_other_goes_on(linnet, start_linnet, bucket_server, node, index,
                                                   played, tmp_path, victim):
    (kept, documents), s3, name = played, bucket_server, f"while-{victim}-dies"
    bucket = s3.bucket()
    prototype.write_config(tmp_path)
    env = s3.environment(LINNET_ARCHIVE=f"s3://{bucket}", LINNET_INDEX=f"{index.url}/{name}")
    running = Running(tmp_path, lambda *words, **options: start_linnet(
        *words, "--set", "sinks.archive.size=64KiB", "--set", "sinks.archive.interval=1s",
        **options)).start(env=env)
    outage = Outage(running, {"archive": s3.server, "index": node}, victim)
    for begin, middle, end in ((0, 500, 2000), (2000, 2500, 4000)):
        outage.feed(kept[begin:middle])
        outage.victim.kill()
        outage.feed(kept[middle:end])
        outage.wait_until_it_alone_is_behind(end)
        outage.victim.start()
        outage.wait_until_none_is_behind()
    outage.feed(kept[4000:])
    assert outage.end() == 0, running.log()
    told = check(json.loads(linnet("status", "--json", "-c", tmp_path / "linnet.lua", env=env).stdout))
    assert [one["delivered"] for one in told["sinks"]] == [len(kept)] * 2
    assert sorted(sum(prototype.archived(s3, bucket).values(), [])) == sorted(kept)
    assert stored(index, name) == documents
