"""The bundled posts are what their README says, and anyone can make them again."""
import gzip
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "config/demo"


def bundled():
    return gzip.decompress((DEMO / "posts.ndjson.gz").read_bytes())


def records():
    return [json.loads(line) for line in bundled().splitlines() if line]


def posts():
    return [record for record in records() if "text" in record]


def test_making_them_again_gives_the_same_bytes():
    made = subprocess.run([sys.executable, "tests/data/make_posts.py"], cwd=ROOT,
                          capture_output=True, check=True).stdout
    assert made == bundled()


def test_the_readme_names_their_hash_and_their_numbers():
    text = (DEMO / "README.md").read_text()
    assert hashlib.sha256(bundled()).hexdigest() in text
    retweets = sum("retweeted_status" in post for post in posts())
    quotes = sum("quoted_status" in post for post in posts())
    replies = sum(bool(post["in_reply_to_status_id_str"]) for post in posts())
    assert f"| {retweets}, {quotes}, {replies} |" in text
    assert f"| posts | {len(posts()):,} |" in text
    assert f"| {sum(post['truncated'] for post in posts())} |" in text
    notices = [sum(kind in record for record in records()) for kind in ("delete", "limit")]
    blank = bundled().count(b"\r\n") - len(records())
    assert f"| {notices[0]}, {notices[1]}, {blank} |" in text


def test_every_real_text_is_there_with_at_most_a_hashtag_added():
    rows = (ROOT / "tests/data/sentiment/vader_tweets_ground_truth.tsv").read_bytes()
    real = sorted(row.split("\t")[2] for row in rows.decode().split("\r\n") if row)
    own = []
    for post in posts():
        if "retweeted_status" not in post:
            own.append(post.get("extended_tweet", post).get("full_text", post["text"]))
    known = set(real)
    plain = [text if text in known else re.sub(r" #\w+$", "", text) for text in own]
    assert sorted(plain) == real


def test_ids_are_unique_and_agree_with_the_time():
    identities = [post["id"] for post in posts()]
    assert len(set(identities)) == len(identities)
    for post in posts():
        assert (post["id"] >> 22) + 1288834974657 == int(post["timestamp_ms"])
        assert post["id_str"] == str(post["id"])


def test_entities_point_at_what_stands_in_the_text():
    for post in posts():
        for sign, kind, name in (("#", "hashtags", "text"), ("@", "user_mentions", "screen_name"),
                                 ("$", "symbols", "text"), ("", "urls", "url")):
            for entity in post["entities"][kind]:
                start, end = entity["indices"]
                assert post["text"][start:end] == sign + entity[name]
