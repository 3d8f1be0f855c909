"""Every question that an exported dashboard asks is asked of real servers, over real documents."""
import json
import urllib.error
import urllib.request
from collections import Counter

import pytest
import saved_objects

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


class Search:
    """A server that documents are put into and asked for."""

    def __init__(self, url):
        self.url = url

    def ask(self, method, path, body=None, kind="application/json"):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, data, {"Content-Type": kind},
                                       method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as err:
            raise AssertionError(f"{method} {path} {body}: {err.read().decode()}") from err

    def fill(self, index, mapping, documents):
        self.ask("PUT", f"/{index}", mapping)
        lines = [line for key, document in documents
                 for line in ({"index": {"_index": index, "_id": key}}, document)]
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        answer = self.ask("POST", "/_bulk?refresh=true", body, "application/x-ndjson")
        assert not answer["errors"], answer

    def answers(self, objects):
        """What each question of the objects finds, by the end of its object's id."""
        found = {}
        for identity, index, body in saved_objects.questions(objects):
            answer = self.ask("POST", f"/{index}/_search", body)
            assert answer["_shards"]["failed"] == 0 and not answer["timed_out"], answer
            found[identity] = answer
        return found


def counts(answer, name="2"):
    return {one["key"]: one["doc_count"] for one in answer["aggregations"][name]["buckets"]}


@pytest.fixture(params=["tweet", "post"])
def filled(request, linnet, write_config, search_url):
    """Documents of a schema in an index of its own, and the dashboard's answers over them."""
    name = request.param
    config = write_config(f"""return {{ schema = "{name}", track = {{ coffee = "coffee",
      rest = "-coffee" }}, scorers = {{ default = "vader" }} }}""")
    server, index = Search(search_url), f"{name}-real-1"
    posts = "".join(json.dumps(tweet(number)) + "\n" for number in range(200))
    done = linnet("run", "-i", "-", "-o", "stdout", "-c", config, input=posts)
    assert done.rc == 0, done
    mapping = json.loads(linnet("check", "-c", config, "--print-mapping").stdout)
    documents = [(one["id"], one) for one in done.documents]
    assert len(documents) == 200
    server.fill(index, mapping, documents)
    export = linnet("dashboards", "export", "-c", config, "--index", f"{name}-real-*")
    objects = saved_objects.load(export.stdout)
    saved_objects.check(objects)
    return name, [one for _, one in documents], {
        identity.removeprefix(f"linnet-{name}-real-"): answer
        for identity, answer in server.answers(objects).items()}


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
