"""config/prototype.lua gives the Python prototype's documents and labels, field by field."""
import csv
import gzip
import json
import re
import subprocess
import sys

from material import PROTOTYPE, ROOT, lines, shared, tweet
from x_fake import post

FIXTURES = ROOT / "tests/data/x-v1.1"


def label(polarity):
    return "negative" if polarity < 0 else "neutral" if polarity <= 0.2 else "positive"


def expected(one, sentiment):
    """What the prototype made of a tweet."""
    place = one["coordinates"]
    return {"id": one["id_str"], "tweet": one["text"], "timestamp": one["timestamp_ms"],
            "user": {"id": one["user"]["id"], "name": one["user"]["name"]},
            "sentiment": sentiment,
            "coordinates": place and {key: place[key] for key in ("type", "coordinates")},
            "hashtags": [tag["text"] for tag in one["entities"]["hashtags"]],
            "mentions": re.findall(r"@\w*", one["text"])}


def records(text):
    """The JSON objects of a recording; what is none is a keep-alive."""
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def scored(linnet, texts):
    """Labels by the value of `score`, one text at a time, under the prototype's bounds."""
    rows = [linnet("score", "--json", "--scorer", "textblob", "--", *texts[i:i + 500])
            for i in range(0, len(texts), 500)]
    return [label(one["score"]) for row in rows for one in row.documents]


def check(linnet, path, tweets):
    """Every document of a replay is the prototype's, in its order of fields; they are returned."""
    done = linnet("replay", path, "-c", PROTOTYPE, "-o", "stdout")
    assert done.rc == 0 and "malformed 0" in done.stderr, done
    documents = [one for one in done.documents if "deleted" not in one]
    assert len(documents) == len(tweets)
    for one, document in zip(tweets, documents):
        assert document == expected(one, document["sentiment"])
        assert list(document) == list(expected(one, ""))
    sentiments = scored(linnet, [one["text"] for one in tweets])
    assert [one["sentiment"] for one in documents] == sentiments
    return documents


def test_fixture_tweets_become_the_prototypes_documents(linnet, tmp_path):
    tweets = [json.loads(path.read_text()) for path in sorted(FIXTURES.glob("tweet-*.json"))]
    assert len(tweets) >= 5
    (tmp_path / "tweets").write_text(lines(*tweets))
    check(linnet, tmp_path / "tweets", tweets)


def test_a_recorded_stream_does_too_with_its_control_messages_left_out(linnet):
    stream = FIXTURES / "stream-newline.bin"
    check(linnet, stream, [one for one in records(stream.read_text()) if "text" in one])


def test_the_bundled_posts_do_too(linnet, posts):
    tweets = [one for one in records(gzip.decompress(posts.read_bytes())) if "text" in one]
    check(linnet, posts, tweets)


def test_generated_tweets_of_the_bigger_collection_do_too(linnet, tmp_path):
    generator = shared("data/perf/gen_tweets.py", "prototype documents")
    if generator is None:
        return
    made = tmp_path / "made.ndjson"
    subprocess.run([sys.executable, generator, "3000", made], check=True, capture_output=True)
    check(linnet, made, [one for one in records(made.read_text()) if "text" in one])


def textblob_rows():
    """(text, polarity) of TextBlob itself, of awkward texts."""
    path = ROOT / "tests/data/sentiment/textblob_edge.tsv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(json.loads(row["text_json"]), float(row["polarity"])) for row in rows]


def test_labels_are_textblobs_polarity_under_the_prototypes_bounds(linnet, tmp_path):
    rows = [row for row in textblob_rows() if "\ud800" not in ascii(row[0])]
    tweets = [tweet(5000 + i, text) for i, (text, _) in enumerate(rows)]
    (tmp_path / "tweets").write_text(lines(*tweets))
    found = [one["sentiment"] for one in check(linnet, tmp_path / "tweets", tweets)]
    assert found == [label(polarity) for _, polarity in rows]
    assert {"negative", "neutral", "positive"} == set(found)


def test_ids_of_64_bits_null_places_and_unicode_mentions_stay_exact(linnet, tmp_path):
    user = {"id": 9223372036854775807, "id_str": "9223372036854775807", "screen_name": "a",
            "name": 'quote " and \\ and 😀'}
    tweets = [tweet(1050118621198921729, "@żółć @ @a_1@b x@東京 ＠no &amp; 9007199254740993",
                    user=user),
              tweet(9007199254740993, "line\nbreak \u2028 tab\t \x7f", coordinates={
                  "type": "Point", "coordinates": [-9.1393, 38.72230000]})]
    (tmp_path / "tweets").write_text(lines(*tweets))
    documents = check(linnet, tmp_path / "tweets", tweets)
    assert documents[0]["user"]["id"] == 9223372036854775807
    assert documents[0]["coordinates"] is None
    assert documents[0]["mentions"] == ["@żółć", "@", "@a_1", "@b", "@東京"]


def test_the_mapping_is_the_prototypes(linnet):
    printed = linnet("check", "-c", PROTOTYPE, "--print-mapping")
    fields = json.loads(printed.stdout)["mappings"]["properties"]
    assert printed.rc == 0 and list(fields) == list(expected(tweet(1, ""), ""))
    assert fields["id"] == fields["tweet"] == fields["hashtags"] == fields["mentions"] \
        == {"type": "text"}
    assert fields["timestamp"]["type"] == "date" and fields["sentiment"] == {"type": "keyword"}
    assert fields["user"]["properties"] == {"id": {"type": "long"}, "name": {"type": "text"}}
    assert fields["coordinates"]["properties"] == {"type": {"type": "keyword"},
                                                   "coordinates": {"type": "geo_point"}}


def test_posts_of_api_v2_become_the_same_documents(linnet):
    """As config/prototype.lua has it when it listens to v2, so that an index goes on."""
    env = {"X_BEARER": "a-token"}
    place = {"type": "Point", "coordinates": [-9.5, 38.5]}
    given = post(9007199254740993, "a good coffee with @ada", geo={"coordinates": place},
                 entities={"hashtags": [{"tag": "Beans"}]})
    done = linnet("replay", "-", "-c", PROTOTYPE, "-o", "stdout", env=env, input=lines(given, post(2, "coffee", lang="de")))
    assert done.documents == [{
        "id": "9007199254740993", "tweet": "a good coffee with @ada", "timestamp": 1795170900000,
        "user": {"id": 7, "name": "Ada"}, "sentiment": "positive", "coordinates": place, "hashtags": ["Beans"],
        "mentions": ["@ada"]}]
    mappings = [linnet("check", "-c", PROTOTYPE, "--print-mapping", env=one).stdout for one in ({}, env)]
    assert mappings[0] == mappings[1]
