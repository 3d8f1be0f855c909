"""The sink opensearch with real servers: what is in the index is what linnet made of each post."""
import json

import pytest
import search_servers
from material import PROTOTYPE, delete, lines, tweet

# A point of the prototype's, and where it is.
PARIS = {"type": "Point", "coordinates": [2.35, 48.86]}
DAY_MS = 86_400_000


def nodes():
    yield "opensearch", search_servers.opensearch
    yield "opensearch 3", search_servers.opensearch3
    for version in search_servers.ELASTICSEARCH:
        yield version, lambda version=version: search_servers.elasticsearch(version)


@pytest.fixture(scope="module", params=[start for _, start in nodes()],
                ids=[name for name, _ in nodes()])
def index(request):
    with request.param() as server:
        yield search_servers.Index(server)


@pytest.fixture
def play(linnet, index, tmp_path):
    """Replays records, or a file of them, into an index; gives the documents as linnet made them."""
    def run(name, records, *words):
        path = records
        if isinstance(records, list):
            path = tmp_path / "records"
            path.write_text(lines(*records))
        out = tmp_path / "out.ndjson"
        out.unlink(missing_ok=True)
        done = linnet("replay", path, "-o", f"ndjson:{out}", "-o", f"opensearch:{index.url}/{name}",
                      *words)
        assert done.rc == 0, done
        done.made = [json.loads(line) for line in out.read_text().splitlines()]
        return done
    return run


def tweets(count):
    return [tweet(number, f"post {number} #tag{number % 10}",
                  timestamp_ms=str(1539202764000 + number % 5 * DAY_MS),
                  coordinates=PARIS if number % 4 == 0 else None) for number in range(count)]


@pytest.mark.parametrize("words, key", [
    ((), lambda one: f"{one['network']}:{one['id']}"),
    (("-c", PROTOTYPE), lambda one: one["id"]),
], ids=["post", "tweet"])
def test_the_bundled_posts_are_in_the_index_as_they_are(play, index, posts, words, key):
    name, expected = index.name(), {}
    for one in play(name, posts, *words).made:
        if "deleted" in one:
            expected.pop(one["_id"], None)
        else:
            expected[key(one)] = one
    found = {key: hit["_source"] for key, hit in index.documents(name).items()}
    assert found == expected and len(found) > 4000


def test_a_second_play_changes_no_document(play, index):
    name = index.name()
    play(name, tweets(500), "-c", PROTOTYPE)
    before = {key: hit["_source"] for key, hit in index.documents(name).items()}
    play(name, tweets(500), "-c", PROTOTYPE)
    again = {key: hit["_source"] for key, hit in index.documents(name).items()}
    assert again == before and set(before) == {str(number) for number in range(500)}


def test_the_prototypes_index_answers_its_queries(play, index):
    name = index.name()
    documents = play(name, tweets(1000), "-c", PROTOTYPE).made
    mapping = index.ask("GET", f"/{name}/_mapping")[name]["mappings"]["properties"]
    assert mapping["coordinates"]["properties"]["coordinates"] == {"type": "geo_point"}
    near = index.search(name, query={"geo_distance": {
        "distance": "10km", "coordinates.coordinates": {"lat": 48.85, "lon": 2.35}}})
    assert near["hits"]["total"]["value"] == 250
    said = index.search(name, size=0, aggs={
        "days": {"date_histogram": {"field": "timestamp", "fixed_interval": "1d"}},
        "labels": {"terms": {"field": "sentiment"}}})["aggregations"]
    assert [bucket["doc_count"] for bucket in said["days"]["buckets"]] == [200] * 5
    labels = {bucket["key"]: bucket["doc_count"] for bucket in said["labels"]["buckets"]}
    expected = [one["sentiment"] for one in documents]
    assert labels == {label: expected.count(label) for label in set(expected)}


def test_edits_replace_and_deletes_remove_whatever_was_there_before(play, index):
    name = index.name()
    play(name, tweets(300))
    for number in range(300):  # a foreign hand, with a version far above ours
        if number % 100 == 0:
            index.ask("PUT", f"/{name}/_doc/x:{number}?version_type=external&version={2**61}", {})
    records = [tweet(number, "again") for number in range(300)] + [delete(n) for n in range(0, 300, 3)]
    play(name, records)
    found = index.documents(name)
    assert set(found) == {f"x:{number}" for number in range(300) if number % 3}
    assert {hit["_source"]["text"] for hit in found.values()} == {"again"}


def test_a_document_that_does_not_fit_is_dead_alone(play, index):
    name = index.name()
    index.ask("PUT", f"/{name}", {"mappings": {"properties": {"text": {"type": "long"}}}})
    done = play(name, [tweet(1, "12"), tweet(2, "no number"), tweet(3, "34")])
    assert set(index.documents(name)) == {"x:1", "x:3"}
    assert "dead 1" in done.stderr and "failed to parse field [text] of type [long]" in done.stderr
    assert "another mapping than its schema" in done.stderr and "[text]" in done.stderr


def test_indices_of_days_have_the_mapping_and_their_posts(play, index):
    name = index.name() + "-!{timestamp:yyyy.MM}"
    records = [{"id": str(n), "text": "a", "created": f"2024-{n % 3 + 1:02}-05T12:00:00Z"}
               for n in range(30)]
    play(name, records)
    prefix = name.split("!")[0]
    for month in ("01", "02", "03"):
        assert len(index.documents(f"{prefix}2024.{month}")) == 10
        told = index.ask("GET", f"/{prefix}2024.{month}/_mapping")
        mapping = told[f"{prefix}2024.{month}"]["mappings"]["properties"]
        assert mapping["coordinates"] == {"type": "geo_point"}
    old = [tweet(number, "a") for number in range(10)]
    play(name, old + [delete(number) for number in range(0, 10, 2)])
    assert set(index.documents(f"{prefix}2018.10")) == {f"x:{n}" for n in range(1, 10, 2)}


@pytest.mark.parametrize("schema, suffix", [
    ("post", ""), ("post", "-!{timestamp:yyyy.MM}"), ("tweet", ""), ("tweet", "-!{timestamp:yyyy.MM}")])
def test_a_scrub_takes_the_places_of_a_user_out_of_the_index(linnet, index, tmp_path, schema, suffix):
    name = index.name()
    scrub = {"scrub_geo": {"user_id": 6253282001, "up_to_status_id": 7}}
    posts = [tweet(number, "a", coordinates=PARIS) for number in range(10)]
    (tmp_path / "posts").write_text(lines(*posts, scrub, delete(9), scrub))
    (tmp_path / "linnet.lua").write_text(f"""return {{ state = "state", http = false,
      sources = {{ posts = linnet.file {{ path = "posts" }} }}, sinks = {{ store = linnet.sqlite {{}},
      index = linnet.opensearch {{ url = "{index.url}", index = "{name}{suffix}", schema = "{schema}" }} }} }}""")
    done = linnet("run", "-c", tmp_path / "linnet.lua")
    assert done.rc == 0, done
    documents = index.documents(f"{name}-*" if suffix else name)
    prefix = "x:" if schema == "post" else ""
    assert set(documents) == {f"{prefix}{number}" for number in range(9)}
    located = {key for key, hit in documents.items() if hit["_source"].get("coordinates")}
    assert located == {f"{prefix}8"}


def test_an_index_that_was_made_read_only_is_waited_for(play, index, start_linnet, tmp_path):
    name = index.name()
    play(name, tweets(10))
    index.ask("PUT", f"/{name}/_settings", {"index.blocks.read_only_allow_delete": True})
    (tmp_path / "later").write_text(lines(*tweets(20)))
    process = start_linnet("replay", tmp_path / "later", "-o", f"opensearch:{index.url}/{name}")
    said = process.stderr.readline().decode()
    assert "takes nothing: cluster_block_exception" in said and process.poll() is None
    index.ask("PUT", f"/{name}/_settings", {"index.blocks.read_only_allow_delete": None})
    assert process.wait(60) == 0 and len(index.documents(name)) == 20
