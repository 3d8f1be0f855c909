"""Schema `post`: what a document has, and that our own output replays to the same posts."""
import json

from material import ROOT, lines, plain, tweet

FIXTURES = ROOT / "tests/data/x-v1.1"
RUN = ("replay", "-", "-o", "stdout")


def one(linnet, record, *flags):
    documents = linnet(*RUN, *flags, input=lines(record)).documents
    assert len(documents) == 1
    return documents[0]


def test_a_tweet_fills_every_field_it_has(linnet):
    full = json.loads((FIXTURES / "tweet-full.json").read_text())
    document = one(linnet, full, "-e", "love")
    assert list(document) == ["id", "network", "text", "lang", "created", "received", "author",
                              "label", "score", "scorer", "queries", "hashtags", "mentions",
                              "urls", "coordinates", "generation"]
    assert document["id"] == full["id_str"] and document["network"] == "x"
    assert document["text"] == full["text"].replace("&amp;", "&")
    assert document["author"] == {"id": full["user"]["id_str"], "name": full["user"]["name"],
                                  "handle": full["user"]["screen_name"]}
    lon, lat = full["coordinates"]["coordinates"]
    assert document["coordinates"] == {"lon": lon, "lat": lat}
    assert document["hashtags"] == ["happy"] and document["queries"] == ["e1"]
    assert (document["label"], document["scorer"]) == ("positive", "vader")
    assert document["created"].startswith("2018-10-10T20:19:24")


def test_the_text_is_the_full_one_of_extended_tweets_and_of_retweets(linnet):
    extended = json.loads((FIXTURES / "tweet-extended.json").read_text())
    retweet = json.loads((FIXTURES / "tweet-retweet.json").read_text())
    assert one(linnet, extended)["text"] == extended["extended_tweet"]["full_text"]
    original = retweet["retweeted_status"]
    full = original.get("extended_tweet", {}).get("full_text", original["text"])
    assert one(linnet, retweet)["text"] == full


def test_queries_tell_retweets_replies_and_quotes_apart(linnet):
    for kind in ("retweet", "reply", "quote"):
        record = json.loads((FIXTURES / f"tweet-{kind}.json").read_text())
        for asked in ("retweet", "reply", "quote"):
            done = linnet(*RUN, "-e", f"is:{asked}", input=lines(record))
            assert bool(done.documents) == (asked == kind), (kind, asked)


def test_plain_objects_keep_their_id_and_their_own_fields(linnet):
    given = {"id": "a/7", "network": "forum", "text": "a good day", "lang": "en",
             "created": "2024-05-01T10:00:00.000Z", "hashtags": ["Day"], "mentions": ["ann"],
             "author": {"id": "5", "handle": "bo", "name": "Bo"}, "urls": ["https://a.example/"],
             "coordinates": {"lon": 1.5, "lat": -2.25}}
    document = one(linnet, given)
    assert {key: document[key] for key in given} == given
    assert one(linnet, plain("x", id="7"))["network"] == "plain"


def test_numeric_ids_keep_all_their_digits(linnet):
    assert one(linnet, '{"id": 9223372036854775807, "text": "x"}')["id"] == "9223372036854775807"
    assert one(linnet, '{"id": 18446744073709551615, "text": "x"}')["id"] == "18446744073709551615"


def test_a_language_without_scorer_is_unknown_and_never_neutral(linnet):
    document = one(linnet, plain("gut", lang="de"))
    assert document["label"] == "unknown" and "score" not in document
    assert one(linnet, plain("good"))["label"] == "positive"
    assert one(linnet, plain("good", lang="und"))["label"] == "positive"


def test_what_linnet_wrote_replays_to_the_same_posts(linnet, posts, tmp_path):
    first = linnet("replay", posts, "-o", "ndjson:first")
    again = linnet("replay", "first", "-o", "ndjson:again")
    assert first.rc == again.rc == 0 and "malformed 0" in again.stderr
    pair = [[{**json.loads(line), "received": None} for line in open(tmp_path / name, "rb")]
            for name in ("first", "again")]
    assert len(pair[0]) > 4000 and pair[0] == pair[1]


def test_a_post_without_id_gets_the_same_one_each_time_from_its_place_in_the_file(linnet, tmp_path):
    (tmp_path / "posts").write_text("same\nsame\nsame\n")
    runs = [[one["id"] for one in linnet("replay", "posts").documents] for _ in range(2)]
    assert runs[0] == runs[1] and len(set(runs[0])) == 3


def test_standard_input_makes_ids_of_ordinal_and_text(linnet):
    runs = [[one["id"] for one in linnet(*RUN, input=text).documents]
            for text in ("a\na\n", "a\na\n", "b\na\n")]
    assert runs[0] == runs[1] and runs[0][0] != runs[0][1]
    assert runs[2][0] != runs[0][0] and runs[2][1] == runs[0][1]


def test_the_mapping_names_the_same_fields_as_the_document(linnet, write_config):
    config = write_config("return {}")
    mapping = json.loads(linnet("check", "-c", config, "--print-mapping").stdout)
    fields = mapping["mappings"]["properties"]
    assert set(one(linnet, tweet(1, "x", coordinates={"coordinates": [1, 2]}))) == set(fields)
    assert fields["coordinates"] == {"type": "geo_point"}
