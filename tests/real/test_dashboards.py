"""Every question that an exported dashboard asks is asked of real servers, over real documents."""
import json
from collections import Counter
from functools import partial

import pytest
import saved_objects
import search_servers

CONFIG = """return {
  schema = "%s", track = { coffee = "coffee", rest = "-coffee" }, scorers = { default = "vader" },
  sinks = { index = linnet.opensearch { url = "%s/%s-!{timestamp:yyyy.MM}" } },
}"""

PLACES = {"Paris": [2.35, 48.86], "Berlin": [13.4, 52.52]}
TEXTS = ("I love #coffee, thanks @ada and @bob!", "I hate #coffee and #tea, @ada", "It rains. #tea",
         "Wonderful, wonderful #coffee")


def tweet(number):
    """One of a few texts, each in its own minute, every second one from somewhere."""
    text = TEXTS[number % len(TEXTS)]
    place = list(PLACES.values())[number // 2 % 2]
    words = text.replace(",", " ").replace("!", " ").split()
    return {"created_at": "Wed Oct 10 20:19:24 +0000 2018", "id": 10 ** 15 + number,
            "id_str": str(10 ** 15 + number), "text": text, "lang": ("en", "de")[number % 3 == 0],
            "timestamp_ms": str(1539202764000 + 60000 * number),
            "user": {"id": 7, "id_str": "7", "screen_name": "ada_sample", "name": "Ada"},
            "coordinates": {"type": "Point", "coordinates": place} if number % 2 else None,
            "entities": {"hashtags": [{"text": word[1:].rstrip(".")} for word in words
                                      if word[0] == "#"],
                         "user_mentions": [{"screen_name": word[1:]} for word in words
                                           if word[0] == "@"], "urls": [], "symbols": []}}


def answers(index, objects):
    """What each question of the objects finds, by its object's id."""
    found = {}
    for identity, indices, body in saved_objects.questions(objects):
        answer = index.ask("POST", f"/{indices}/_search", body)
        assert answer.get("error") is None and answer["_shards"]["failed"] == 0, (body, answer)
        found[identity] = answer
    return found


def counts(answer, name="2"):
    return {one["key"]: one["doc_count"] for one in answer["aggregations"][name]["buckets"]}


@pytest.fixture(scope="module", params=[search_servers.opensearch] + [
    partial(search_servers.elasticsearch, version) for version in search_servers.ELASTICSEARCH],
                ids=["opensearch", *search_servers.ELASTICSEARCH])
def index(request):
    with request.param() as server:
        yield search_servers.Index(server)


@pytest.fixture(params=["tweet", "post"])
def filled(request, linnet, write_config, index):
    """Documents of a schema in indices by the month, and the dashboard's answers over them."""
    schema, name = request.param, index.name()
    config = write_config(CONFIG % (schema, index.url, name))
    done = linnet("replay", "-", "-c", config, "-o", "stdout", "-o",
                  f"opensearch:{index.url}/{name}-!{{timestamp:yyyy.MM}}",
                  input="".join(json.dumps(tweet(number)) + "\n" for number in range(200)))
    assert done.rc == 0 and len(done.documents) == 200, done
    index.ask("POST", f"/{name}-*/_refresh")
    export = linnet("dashboards", "export", "-c", config)
    objects = saved_objects.load(export.stdout)
    saved_objects.check(objects)
    return schema, done.documents, {identity.removeprefix(f"linnet-{name}-"): answer
                                    for identity, answer in answers(index, objects).items()}


def test_every_question_finds_what_the_documents_have(filled):
    name, documents, found = filled
    label = "sentiment" if name == "tweet" else "label"
    labels = Counter(one[label] for one in documents)
    assert len(labels) == 3 and counts(found["labels"]) == labels
    assert sum(counts(found["volume"]).values()) == len(documents)
    assert len(counts(found["volume"])) > 5
    for bucket in found["sentiment"]["aggregations"]["2"]["buckets"]:
        assert sum(one["doc_count"] for one in bucket["3"]["buckets"]) == bucket["doc_count"]
    for member in ("hashtags", "mentions"):
        assert counts(found[member]) == Counter(
            value for one in documents for value in set(one[member]))
    places = found["map"]["aggregations"]["places"]["buckets"]
    assert sorted(one["doc_count"] for one in places) == [50, 50]
    assert {round(one["middle"]["location"]["lat"]) for one in places} == {49, 53}
    time = "timestamp" if name == "tweet" else "created"
    newest = [hit["_source"][time] for hit in found["latest"]["hits"]["hits"]]
    assert newest == sorted(newest, reverse=True) and len(newest) == len(documents)
    for word, number in labels.items():
        hits = found[f"label-{word}"]["hits"]["hits"]
        assert len(hits) == number and {hit["_source"][label] for hit in hits} == {word}


def test_what_only_schema_post_has_is_found_too(filled):
    name, documents, found = filled
    if name == "tweet":
        assert not {"score", "languages", "queries"} & found.keys()
        return
    assert counts(found["languages"]) == Counter(one["lang"] for one in documents)
    assert counts(found["queries"]) == Counter(
        query for one in documents for query in one["queries"])
    means = [bucket["1"]["value"] for bucket in found["score"]["aggregations"]["2"]["buckets"]]
    assert means and all(-1 <= mean <= 1 for mean in means)
