"""What the embedded store answers to others: views, charts, an older linnet's store, old posts."""
import shutil
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from material import ROOT, delete, lines, plain, tweet, wait_until

AT = "2026-11-01T08:00:30Z"


@pytest.fixture
def export(linnet, store):
    return lambda *words: linnet("export", "--store", store, *words)


def rows(store, sql):
    """As Datasette and the like would read it: an SQLite that knows nothing of linnet."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=60)) as database:
        return database.execute(sql).fetchall()


def counted(store, dimension, view="stats_day"):
    found = rows(store, f"SELECT value, sum(posts) FROM {view} WHERE dimension = '{dimension}' GROUP BY 1")
    return dict(found)


def recounted(documents, of):
    return dict(Counter(value for one in documents for value in set(of(one))))


def test_charts_are_what_a_recount_of_the_documents_says(keep, export, store, linnet, posts):
    assert linnet("replay", posts, "-o", f"sqlite:{store}").rc == 0
    assert keep(tweet(1, "good #Tea"), tweet(2, "awful #tea #cake")).rc == 0
    assert keep(tweet(1, "awful #cake"), delete(2), tweet(3, "fine #TEA")).rc == 0
    kept = export().documents
    for view in ("stats_minute", "stats_hour", "stats_day"):
        assert counted(store, "all", view) == {"": len(kept)}
        folded = lambda name: lambda one: [value.lower() for value in one.get(name, [])]
        assert counted(store, "hashtag", view) == recounted(kept, folded("hashtags"))
        assert counted(store, "mention", view) == recounted(kept, folded("mentions"))
        assert counted(store, "lang", view) == recounted(kept, lambda one: [one["lang"].lower()])
        assert counted(store, "network", view) == recounted(kept, lambda one: [one["network"]])
    labels = rows(store, "SELECT label, sum(posts) FROM stats_hour WHERE dimension = 'all' GROUP BY 1")
    assert dict(labels) == recounted(kept, lambda one: [one["label"]])


def test_a_view_of_charts_says_when_what_how_many_and_how_good(keep, store):
    told = {"author": {"id": "7", "handle": "Anna"}, "urls": ["https://www.example.co.uk/a"]}
    keep(plain("good", id="1", created=AT, lang="en", **told), plain("bad", id="2", created=AT))
    scores = dict(rows(store, "SELECT label, score FROM posts"))
    assert rows(store, "SELECT * FROM stats_hour WHERE dimension IN ('domain', 'author')") == [
        ("2026-11-01T08:00:00Z", dimension, value, "positive", 1, pytest.approx(scores["positive"]))
        for dimension, value in (("domain", "example.co.uk"), ("author", "anna"))]
    assert rows(store, "SELECT DISTINCT start FROM stats_minute") == [("2026-11-01T08:00:00Z",)]
    assert rows(store, "SELECT DISTINCT start FROM stats_day") == [("2026-11-01T00:00:00Z",)]


@pytest.mark.parametrize("version", (1, 2))
def test_a_store_of_an_older_linnet_is_filled_in_while_posts_come(start_linnet, export, store, version, linnet):
    shutil.copy(ROOT / f"tests/data/store/version{version}.db", store)
    before = export().documents
    assert len(before) == 3 and rows(store, "PRAGMA user_version") == [(version,)]
    running = start_linnet("run", "-i", "-", "-o", f"sqlite:{store}")
    running.stdin.write(lines(plain("new #tea", id="4", created=AT, hashtags=["tea"])).encode())
    running.stdin.flush()
    wait_until(lambda: counted(store, "all") == {"": 4} if rows(store, "PRAGMA user_version") ==
               [(3,)] else None)
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert counted(store, "hashtag") == {"tea": 3, "coffee": 1, "rain": 1}
    assert counted(store, "domain") == {"example.co.uk": 2}
    assert export().documents[:3] == before
    assert linnet("stats", "--by", "hashtag", "--store", store, "--json").documents[0]["rows"][0]["posts"] == 3
    assert linnet("search", "new", "--store", store).documents[0]["id"] == "4"
    assert rows(store, "SELECT count(*) FROM post WHERE created_s IS NULL") == [(0,)]
    assert rows(store, "PRAGMA integrity_check") == [("ok",)]


def test_old_posts_go_and_their_charts_stay(start_linnet, write_config, store):
    def run(keep):
        sink = f'linnet.sqlite {{ path = "{store}", keep = "{keep}" }}'
        return start_linnet("run", "-c", write_config(f"return {{ sinks = {{ s = {sink} }} }}"), "-i", "-")
    running = run("2s")
    running.stdin.write(lines(plain("one", id="1")).encode())
    running.stdin.flush()
    wait_until(lambda: store.exists() and rows(store, "SELECT 1 FROM sqlite_schema")
               and counted(store, "all") == {"": 1} and not rows(store, "SELECT 1 FROM posts"))
    running.communicate(timeout=60)
    assert running.returncode == 0
    running = run("1h")
    running.communicate(lines(plain("two", id="2")).encode(), timeout=60)
    assert running.returncode == 0
    assert [text for text, in rows(store, "SELECT text FROM posts")] == ["two"]
    assert counted(store, "all") == {"": 2}


def test_posts_are_kept_while_somebody_reads(start_linnet, store):
    running = start_linnet("run", "-i", "-", "-o", f"sqlite:{store}")

    def put(first, last):
        running.stdin.write(lines(*[tweet(i, "good #tea") for i in range(first, last)]).encode())
        running.stdin.flush()
    count = lambda: rows(store, "SELECT count(*) FROM post")[0][0]
    put(0, 10)
    wait_until(lambda: store.exists() and rows(store, "SELECT 1 FROM sqlite_schema") and count() == 10)
    with closing(sqlite3.connect(store, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM posts").fetchone() == (10,)
        put(10, 3000)
        wait_until(lambda: count() == 3000)
        assert reader.execute("SELECT count(*) FROM posts").fetchone() == (10,)
    running.communicate(timeout=60)
    assert running.returncode == 0 and count() == 3000


def test_an_export_goes_on_where_the_one_before_ended(keep, export):
    def position(done):
        assert done.rc == 0 and done.stderr.startswith("up to position ")
        return done.stderr.split("--after ")[1].split()[0]
    keep(*[tweet(i, "good") for i in range(1, 6)])
    first = export("--ids")
    assert first.stdout.split() == [f"x:{i}" for i in range(1, 6)]
    keep(delete(5), delete(2))
    assert export("--ids", "--after", position(first)).stdout == ""
    keep(tweet(6, "good"), tweet(7, "good"))
    second = export("--ids", "--after", position(first))
    assert second.stdout.split() == ["x:6", "x:7"]
    assert export("--after", position(second)).stdout == ""
    assert position(export("--after", position(second))) == position(second)
    table = export("--format", "csv", "--after", position(first)).stdout
    assert len(table.splitlines()) == 2 and not table.startswith("id,")
    assert export("--after", "x").rc == 2


def test_what_a_post_is_gets_from_the_spool_into_the_store(linnet, write_config, tmp_path, store):
    answer = tweet(2, "fine", in_reply_to_user_id=7, in_reply_to_user_id_str="7",
                   in_reply_to_status_id_str="1")
    posts = tmp_path / "posts.ndjson"
    posts.write_text(lines(tweet(1, "good"), answer))
    config = write_config(f'''return {{ state = "state", sinks = {{ s = linnet.sqlite {{ path = "{store}" }} }},
        sources = {{ posts = linnet.file {{ path = "{posts}" }} }} }}''')
    assert linnet("run", "-c", config).rc == 0
    reply = 2  # TRAIT_REPLY
    assert rows(store, "SELECT id, traits FROM post") == [("x:1", 0), ("x:2", reply)]
