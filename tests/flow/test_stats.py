"""`linnet stats`: what the store has, counted, the same as a recount of what it exports."""
import collections
import json
import random
import re
import signal

import pytest
from material import HOSTILE, delete, inert, lines, plain, tweet, wait_until

BY = {"hashtag": "hashtags", "mention": "mentions", "query": "queries"}


@pytest.fixture
def stats(linnet, store):
    """The answer to `linnet stats … --json`."""
    def ask(*words):
        return json.loads(whole(lambda: linnet("stats", *words, "--store", store, "--json")).stdout)
    return ask


def whole(ask):
    """The answer of a machine that was not too busy for it: stats has two seconds, and says so."""
    told = []

    def look():
        told.append(ask())
        assert told[-1].rc == 0, told[-1]
        return "partial: " not in told[-1].stderr
    wait_until(look)
    return told[-1]


def recount(documents, member):
    """Posts by value and label, as roll-ups count: each value of a post once."""
    counted = collections.defaultdict(collections.Counter)
    for one in documents:
        values = one.get(member)
        for value in {v.lower() for v in values} if isinstance(values, list) else [values]:
            counted[value][one["label"]] += 1
    return counted


def assert_recounted(answer, documents, member):
    counted = recount(documents, member)
    shown = {row["value"]: row for row in answer["rows"]}
    assert set(shown) == set(counted)
    for value, row in shown.items():
        assert row["posts"] == sum(counted[value].values())
        assert {label: n for label, n in row["labels"].items() if n} == dict(counted[value])


def assert_whole(stats, linnet, store):
    documents = linnet("export", "--store", store).documents
    assert stats()["posts"] == len(documents) > 0
    for by, member in {**BY, "lang": "lang", "network": "network", "label": "label"}.items():
        assert_recounted(stats("--by", by, "--limit", "0"), documents, member)
    days = collections.Counter(one.get("created", one["received"])[:10] for one in documents)
    shown = {row["start"][:10]: row["posts"] for row in stats("--by", "day", "--limit", "0")["rows"]}
    assert shown == dict(days)


def random_posts(count, ids):
    """Posts, edits of them (the same id again in another run) and deletes."""
    words = ("good", "bad", "so so", "#tea", "#coffee", "#Tea @ann", "@bob https://a.example.org/x")
    for _ in range(count):
        identity = random.randrange(ids)
        if random.random() < 0.2:
            yield delete(identity)
        else:
            text = " ".join(random.choices(words, k=3))
            day = random.randrange(1, 28)
            yield tweet(identity, text, created_at=f"Wed Nov {day:02} 20:{day:02}:24 +0000 2026",
                        timestamp_ms=None)


def test_counts_equal_a_recount_after_edits_and_deletes(keep, stats, linnet, store):
    random.seed(4)
    for _ in range(6):
        assert keep(*random_posts(120, 150), query=("-e", "good", "-e", "#tea OR bad")).rc == 0
        assert_whole(stats, linnet, store)


def test_a_post_of_the_far_future_does_not_stretch_the_bars(keep, stats):
    keep(plain("good", id="1", created="2026-11-01T08:00:30Z"), plain("bad", id="2", created="9999-01-01T00:00:00Z"))
    bars = stats()["volume"]
    assert [bar["posts"] for bar in bars if bar["posts"]] == [1, 1] and bars[-1]["posts"] == 1
    assert not any(bar["start"].startswith("9") for bar in bars)


def test_the_greatest_are_said_to_be_just_these(keep, stats, linnet, store):
    keep(*[tweet(i, f"good #tea{i % 3}") for i in range(1000)])
    greatest, every = (stats("--by", "hashtag", "--limit", limit) for limit in ("2", "0"))
    assert greatest["rows"] == every["rows"][:2] and len(every["rows"]) == 3
    assert greatest["left_out"] is None and every["left_out"] == 0
    told = whole(lambda: linnet("stats", "--by", "hashtag", "--limit", "2", "--store", store))
    assert "the greatest 2" in told.stderr


CONFIG = """return { state = "state", sinks = { store = linnet.sqlite { path = "store.db" } },
  sources = { posts = linnet.file { path = "posts.ndjson" } } }"""


def test_counts_equal_a_recount_after_every_kill(stats, linnet, start_linnet, store, tmp_path):
    random.seed(8)
    (tmp_path / "linnet.lua").write_text(CONFIG)
    (tmp_path / "posts.ndjson").write_text("")
    for round_number in range(5):
        with open(tmp_path / "posts.ndjson", "a", encoding="utf-8") as more:
            more.write(lines(*random_posts(1500, 4000)))
        running = start_linnet("run", "-c", "linnet.lua")
        wait_until(lambda: store.exists() and store.stat().st_size > 4096)
        try:
            running.wait(0.02 * round_number + 0.01)
        except Exception:  # it still runs: that is what is wanted
            running.send_signal(signal.SIGKILL)
            running.wait()
        if linnet("export", "--store", store).stdout:
            assert_whole(stats, linnet, store)
    assert linnet("run", "-c", "linnet.lua").rc == 0
    assert_whole(stats, linnet, store)


def test_the_bundled_posts_are_counted_alike_by_all_that_count(stats, linnet, store, posts):
    assert linnet("replay", posts, "-o", f"sqlite:{store}").rc == 0
    assert_whole(stats, linnet, store)
    every = stats("--by", "hashtag", "--limit", "0")
    one_by_one = stats("--by", "hashtag", "--limit", "0", "--query", "-nothinglikethis")
    rows = lambda answer: {row["value"]: row for row in answer["rows"]}
    assert rows(every) == rows(one_by_one) and not one_by_one["partial"]
    found = linnet("search", "coffee", "--limit", "0", "--seconds", 60, "--store", store).documents
    assert stats("--query", "coffee")["posts"] == len(found) > 5


def test_a_query_is_meant_by_its_name_where_posts_were_kept_for_it(keep, stats):
    keep(plain("tea", id="1"), plain("e1", id="2"), query=("-e", "tea", "-e", "e1"))
    assert stats("--query", "e1")["posts"] == 1 and stats("--query", "tea")["posts"] == 1
    assert [row["value"] for row in stats("--by", "query", "--query", "e1")["rows"]] == ["e1"]


def test_times_bound_what_is_counted(keep, stats):
    keep(*[plain("x", id=str(hour), created=f"2026-11-20T{hour:02}:30:00Z") for hour in range(24)])
    assert stats("--since", "2026-11-20T06:00", "--until", "2026-11-20T18:00")["posts"] == 12
    assert stats("--since", "2026-11-20T06:30", "--until", "2026-11-20T06:31")["posts"] == 1
    hours = stats("--by", "hour", "--since", "2026-11-20T22:00")["rows"]
    assert [row["start"][11:13] for row in hours] == ["22", "23"]


def test_a_table_has_bars_and_an_overview_fits_a_screen(keep, linnet, store):
    keep(*[plain("good #tea" if i % 3 else "bad #coffee", id=str(i), hashtags=["tea" if i % 3 else "coffee"])
           for i in range(30)])
    table = whole(lambda: linnet("stats", "--by", "hashtag", "--store", store)).stdout.splitlines()
    assert table[0].split() == ["hashtag", "posts", "negative", "neutral", "positive", "unknown", "net"]
    assert table[1].split()[:2] == ["tea", "20"] and table[1].endswith("█")
    assert table[2].split() == ["coffee", "10", "100%", "0%", "0%", "0%", "-100", table[2].split()[-1]]
    ascii_table = whole(lambda: linnet("stats", "--by", "hashtag", "--store", store, env={"LC_ALL": "C"}))
    assert ascii_table.stdout.isascii() and "###" in ascii_table.stdout
    overview = whole(lambda: linnet("stats", "--store", store)).stdout
    assert len(overview.splitlines()) <= 24 and "1-minute bars" in overview and "hashtag" in overview
    assert all(len(line) <= 80 for line in overview.splitlines())


def test_hostile_values_are_inert_and_colour_is_for_terminals(keep, on_terminal, linnet, store):
    keep(plain("good", hashtags=[HOSTILE], author={"handle": HOSTILE}))
    for by in ("hashtag", "author", "label"):
        rc, out = on_terminal("stats", "--by", by, "--store", store)
        assert rc == 0 and inert(out) and b"\x1b[32m" in out, out
        assert b"\x1b" not in on_terminal("stats", "--by", by, "--store", store, "--color=never")[1]
        assert inert(linnet("stats", "--by", by, "--store", store).stdout_bytes)


def test_wrong_words_and_no_store_are_said(keep, linnet, store):
    assert linnet("stats", "--store", store).rc == 1
    keep(plain("good"))
    wrong = linnet("stats", "--by", "hashtg", "--store", store)
    assert wrong.rc == 2 and 'did you mean "hashtag"?' in wrong.stderr
    assert linnet("stats", "--query", "(tea", "--store", store).rc == 2
    assert linnet("stats", "--since", "x", "--store", store).rc == 2


def test_what_the_demo_played_can_be_asked(linnet):
    for seconds in (2, 20):  # a busy machine may have played nothing yet
        played = linnet("demo", "--seconds", seconds, "-e", "the OR a OR i")
        shown = int(re.findall(r"^e1 +(\d+)", played.stdout, re.M)[-1])
        if shown > 10:
            break
        (tmp_path / ".local/state/linnet/demo.db").unlink()
    assert played.rc == 0 and "Ask what was kept" in played.stdout
    counted = json.loads(whole(lambda: linnet("stats", "--json")).stdout)
    found = linnet("search", "query:e1", "--limit", "0", "--seconds", 60)
    assert counted["posts"] == len(found.documents) > 10 and "of the demo: " in found.stderr
    assert counted["queries"][0]["posts"] == counted["posts"] == shown
