"""What a source x missed, and what it pays."""
import re
import signal
import time

from material import wait_until
from test_x import BEARER, Run, fake, run  # noqa: F401  (fixtures)
from x_fake import SEARCH, V2, Answer, Stream, line, post

SOON = BEARER + ', backfill_after = "500ms"'
TRACK = 'track = { pets = "cat OR dog", birds = "bird" },'


def page(*ids, **meta):
    data = [post(one, "a cat")["data"] for one in ids]
    users = [{"id": "7", "username": "ada_sample", "name": "Ada"}, {"id": "8", "username": "other", "name": "O"}]
    return Answer(200, {"data": data, "includes": {"users": users},
                        "meta": {"result_count": len(ids), **meta}} if ids else {"meta": {"result_count": 0}})


def test_a_gap_is_closed_by_search_and_the_ledger_says_how_much(fake, run, linnet):
    fake.answers[V2] = [Stream(line(post(1, "cat")), keep_alive=1000), Stream(line(post(9, "cat")))]
    fake.answers[SEARCH] = [page(5, 4, next_token="more"), page(3, 1), page()]
    run.start(fake, SOON + ', stall = "2s"', TRACK)
    wait_until(lambda: "closed by search, 4 posts" in run.log(), 30)
    wait_until(lambda: sorted(run.ids()) == ["1", "3", "4", "5", "9"])
    asked = fake.asked(SEARCH)
    assert [one.query["query"] for one in asked] == [["bird"], ["bird"], ["cat OR dog"]]
    assert asked[1].query["next_token"] == ["more"] and asked[0].query["max_results"] == ["100"]
    assert asked[0].query["start_time"][0] < asked[0].query["end_time"][0]
    last = run.source()["coverage"]["last"]
    assert last["kind"] == "gap" and last["reason"].startswith("closed by search, 4 posts: X was silent")
    assert "last gap: closed by search, 4 posts" in linnet("status", "--state", "state").stdout
    wait_until(lambda: "closed by search" in linnet("stats", "--coverage", "--state", "state").stdout)


def test_a_gap_between_two_runs_is_closed_too(fake, run):
    fake.answers[V2] = [Stream(line(post(1, "cat")))]
    fake.answers[SEARCH] = [page(2)]
    run.start(fake, SOON, TRACK).wait_for(1)
    run.stop()
    assert fake.asked(SEARCH) == []
    stopped = time.monotonic()
    wait_until(lambda: time.monotonic() - stopped > 1.1)  # what is shorter is no gap
    run.start(fake, SOON, TRACK).wait_for(1, 2)


def test_a_search_that_is_refused_leaves_the_gap_and_says_so(fake, run):
    fake.answers[V2] = [Stream(line(post(1, "cat")), keep_alive=1000), Stream()]
    fake.answers[SEARCH] = [Answer(403, {"detail": "not for you", "type": "about:blank"})]
    run.start(fake, SOON + ', stall = "2s"', TRACK)
    wait_until(lambda: "not closed, X answered 403: not for you" in run.log(), 30)
    assert run.source()["coverage"]["last"]["reason"].startswith("not closed")


def test_the_stream_itself_may_give_minutes_again(fake, run):
    fake.answers[V2] = [Stream(line(post(1, "cat")), keep_alive=1000),
                        Stream(line(post(1, "cat")), line(post(2, "cat")))]
    run.start(fake, BEARER + ', backfill = "minutes", stall = "2s"', TRACK).wait_for(1, 2)
    first, second = fake.asked(V2)
    assert "backfill_minutes" not in first.query and second.query["backfill_minutes"] == ["1"]
    assert "closed by the stream" in run.log() and fake.asked(SEARCH) == []


def test_a_budget_warns_then_narrows_then_stops_and_is_remembered(fake, run, linnet):
    options = BEARER + ', price = 0.5, budget_month = 10'
    cats = [line(post(i, "cat")) for i in range(1, 25)]
    fake.answers[V2] = [Stream(
        *cats[:16], lambda: "80% of the monthly budget is spent" in run.log(),
        *cats[16:18], lambda: [one["value"] for one in fake.rules] == ["(cat OR dog) sample:10"], *cats[18:])]
    run.start(fake, options, 'track = { pets = "cat OR dog" },')
    wait_until(lambda: "the monthly budget is spent; it goes on at" in run.log(), 60)
    assert "90% of the monthly budget is spent" in run.log() and run.source()["coverage"]["state"] == "gap"
    # what came with the last of the budget is paid for, however the bytes were cut: it is kept, and counted
    shown = re.search(r"(\d+) this month, (\S+) of 10 spent", linnet("status", "--state", "state").stdout)
    paid = int(shown[1])
    assert 20 <= paid <= 24 and float(shown[2]) == paid / 2
    wait_until(lambda: run.ids() == [str(i + 1) for i in range(paid)], 30)
    run.stop(signal.SIGTERM)
    run.start(fake, options, 'track = { pets = "cat OR dog" },')
    wait_until(lambda: run.log().count("the monthly budget is spent; it goes") == 2, 60)
    run.stop()
    assert len(fake.asked(V2)) == 1
    fake.answers[V2] = [Stream(line(post(30, "cat")))]
    run.start(fake, options.replace("budget_month = 10", "budget_month = 100"), 'track = { pets = "cat OR dog" },')
    wait_until(lambda: run.ids()[-1] == "30", 60)
    assert [one["value"] for one in fake.rules] == ["cat OR dog"]


def test_a_budget_needs_a_price(linnet, write_config):
    done = linnet("check", "-c", write_config(
        'return { sources = { live = linnet.x { bearer = secret "env:X_BEARER", budget_day = 1 } } }'),
        env={"X_BEARER": "abc"})
    assert done.rc == 78 and "a budget needs price" in done.stderr
