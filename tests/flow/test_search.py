"""`linnet search`: the store's posts that match, newest first, and nothing cut without a word."""
import json
import re
import sqlite3
from contextlib import closing

import pytest
from material import HOSTILE, caret_under, inert, lines, plain

DAY = "2026-11-%02dT10:00:00.000Z"


@pytest.fixture
def search(linnet, store):
    """It has the time that it wants: what a search cannot do in 0.2 s is a scenario of its own."""
    return lambda query="", *flags: linnet("search", "--store", store, "--seconds", 60, *flags, "--", query)


def texts(told):
    return [one["text"] for one in told.documents]


def test_posts_come_newest_first_whatever_their_order(keep, search):
    keep(*[plain(f"coffee {day}", id=str(day), created=DAY % day) for day in (3, 9, 1, 5)])
    assert texts(search("coffee")) == ["coffee 9", "coffee 5", "coffee 3", "coffee 1"]
    cut = search("coffee", "--limit", "2")
    assert texts(cut) == ["coffee 9", "coffee 5"] and "the newest 2; --limit" in cut.stderr
    within = search("coffee", "--since", "2026-11-03", "--until", "2026-11-05T10:00")
    assert (texts(within), within.stderr) == (["coffee 3"], "")


def test_what_processing_found_can_be_asked_for(keep, search):
    keep(plain("bad coffee", id="1", created=DAY % 1), plain("good coffee", id="2", created=DAY % 2),
         plain("good tea", id="3", created=DAY % 3), query=("-e", "coffee", "-e", "tea"))
    assert texts(search("coffee sentiment:negative")) == ["bad coffee"]
    assert texts(search("coffee score:>0")) == ["good coffee"]
    assert texts(search("query:e2")) == ["good tea"]
    assert texts(search("sentiment:positive -query:e2")) == ["good coffee"]
    assert texts(search()) == ["good tea", "good coffee", "bad coffee"]


def test_posts_whose_traits_are_not_known_are_said(keep, search, store):
    keep(plain("a retweet", id="1"), plain("none", id="2"))
    with closing(sqlite3.connect(store)) as database, database:
        database.execute("UPDATE post SET traits = 1 WHERE id = 'plain:1'")
        database.execute("UPDATE post SET traits = NULL WHERE id = 'plain:2'")
    told = search("is:retweet")
    assert texts(told) == ["a retweet"] and "1 of the posts looked at do not say" in told.stderr
    assert search("retweet").stderr == ""


def test_a_search_finds_what_a_replay_of_the_export_keeps(search, linnet, store, posts, tmp_path):
    assert linnet("replay", posts, "-o", f"sqlite:{store}").rc == 0
    (tmp_path / "all.ndjson").write_text(linnet("export", "--store", store).stdout)
    for query in ("coffee OR tea", '"i am" -lang:de', "#music has:mentions", "/rain(y|ing)/", "-the"):
        found = {one["id"] for one in search(query, "--limit", "0").documents}
        kept = linnet("replay", "all.ndjson", "-e", query, "-o", "stdout").documents
        assert found == {one["id"] for one in kept} and found, query


def test_a_wrong_query_or_time_is_shown_at_its_place(keep, search):
    keep(plain("coffee"))
    wrong = search("coffee sentimet:negative")
    assert wrong.rc == 2 and caret_under(wrong.stderr) == "sentimet:negative"
    assert "did you mean sentiment:?" in wrong.stderr
    assert caret_under(search("coffee score:<bad").stderr) == "<bad"
    unstored = search("coffee to:anna")
    assert unstored.rc == 2 and "does not keep whom" in unstored.stderr
    late = search("coffee", "--since", "24x")
    assert late.rc == 2 and caret_under(late.stderr) == "x" and "for example 15m" in late.stderr
    assert search("coffee", "--limit", "-1").rc == 2
    assert search("coffee", "--seconds", "0").rc == 2
    assert "is not before" in search("coffee", "--since", "1h", "--until", "2h").stderr


def test_a_track_query_may_not_ask_for_what_is_not_found_yet(linnet, write_config):
    config = write_config('return { track = { a = "coffee sentiment:negative" } }')
    checked = linnet("check", "-c", config)
    assert checked.rc == 78 and "found only after this query has matched" in checked.stderr
    assert caret_under(checked.stderr).startswith("sentiment:negative")


def test_what_takes_too_long_is_marked_partial(keep, search, linnet, store):
    """A regular expression that takes its time with each post."""
    keep(*[plain("a" * 400, id=str(i), created=DAY % 1) for i in range(1500)])
    slow = " OR ".join(f"/(a+)+[{end}z]/" for end in "bcdefghijklmnopq")
    told = linnet("search", "--store", store, "--", slow)
    assert told.rc == 0 and "partial: the first" in told.stderr and "--since" in told.stderr
    assert "stopped after 0.2 s" in told.stderr
    assert "stopped after 0.3 s" in search(slow, "--seconds", "0.3").stderr


def test_there_is_a_word_for_it_when_there_is_no_store(search, linnet):
    assert search("coffee").rc == 1 and "there is no store: " in search("coffee").stderr
    assert linnet("search", "coffee").rc == 1


def test_lines_on_a_terminal_mark_what_matched_and_stay_inert(keep, on_terminal, store):
    keep(plain(f"{HOSTILE} coffee {HOSTILE}", author={"handle": "an\x1b[31mn"}, hashtags=[HOSTILE],
               created=DAY % 7))
    rc, out = on_terminal("search", "coffee", "--store", store, columns=400)
    assert rc == 0 and inert(out) and b"\x1b[1;4mcoffee\x1b[22;24m" in out, out
    assert re.match(rb"2026-11-07 10:00:00  ", out)
    assert b"\x1b" not in on_terminal("search", "coffee", "--store", store, env={"NO_COLOR": "1"})[1]
    rc, raw = on_terminal("search", "coffee", "--store", store, "--json")
    assert inert(raw) and json.loads(raw)["created"] == DAY % 7


def test_a_reader_that_has_seen_enough_ends_it_quietly(keep, start_linnet, store):
    keep(*[plain("coffee " * 50, id=str(i)) for i in range(2000)])
    searching = start_linnet("search", "coffee", "--limit", "0", "--store", store)
    assert searching.stdout.readline().startswith(b'{"id":')
    searching.stdout.close()
    assert (searching.wait(60), searching.stderr.read()) == (0, b"")


def test_a_search_waits_for_no_writer_and_holds_none_up(keep, start_linnet, search, store, linnet):
    keep(*[plain("coffee " * 50, id=str(i)) for i in range(2000)])
    searching = start_linnet("search", "coffee", "--limit", "0", "--store", store)
    searching.stdout.readline()  # the rest waits for us
    more = linnet("replay", "-", "-o", f"sqlite:{store}", input=lines(plain("new tea", id="new")))
    assert more.rc == 0 and texts(search("tea")) == ["new tea"]
    assert len(searching.stdout.read().splitlines()) == 1999
