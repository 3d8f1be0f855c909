"""What a source x missed, and what it pays."""
import re
import signal
import time

from material import wait_until
from test_x import BEARER, SECRETS, Run, fake, run  # noqa: F401  (fixtures)
from x_fake import SEARCH, V2, Answer, HangUp, Search, Stream, id_at, line, post, problem

SOON = BEARER + ', backfill_after = "500ms"'
TRACK = 'track = { pets = "cat OR dog", birds = "bird" },'


PETS = 'track = { pets = "cat OR dog" },'


def then_a_gap(*ids):
    """A stream that ends, and tries in vain: by the ladder they take one and a half seconds."""
    return [Stream(*[line(post(one, "cat")) for one in ids], stands=False), HangUp(), HangUp(), HangUp()]


def kept(run, *ids):
    """In whatever order; each once."""
    wait_until(lambda: sorted(map(int, run.ids())) == list(ids), 60)


def page(*ids, **meta):
    data = [post(one, "a cat")["data"] for one in ids]
    users = [{"id": "7", "username": "ada_sample", "name": "Ada"}, {"id": "8", "username": "other", "name": "O"}]
    return Answer(200, {"data": data, "includes": {"users": users},
                        "meta": {"result_count": len(ids), **meta}} if ids else {"meta": {"result_count": 0}})


def test_a_gap_is_closed_by_search_and_the_ledger_says_how_much(fake, run, linnet):
    fake.answers[V2] = [*then_a_gap(1), Stream(line(post(9, "cat")))]
    fake.answers[SEARCH] = [page(5, 4, next_token="more"), page(3, 1), page()]
    run.start(fake, SOON, TRACK)
    wait_until(lambda: "closed by search, 4 posts" in run.log(), 60)
    kept(run, 1, 3, 4, 5, 9)
    asked = fake.asked(SEARCH)
    first, more, other = (one.query["query"][0] for one in asked)
    assert first == more and {first, other} == {"bird", "cat OR dog"}
    assert asked[1].query["next_token"] == ["more"] and asked[0].query["max_results"] == ["100"]
    assert asked[0].query["start_time"][0] < asked[0].query["end_time"][0]
    last = run.source()["coverage"]["last"]
    assert last["kind"] == "gap" and last["reason"].startswith("closed by search, 4 posts: X closed the stream")
    assert "last gap: closed by search, 4 posts" in linnet("status", "--state", "state").stdout
    wait_until(lambda: "closed by search" in linnet("stats", "--coverage", "--state", "state").stdout)


def test_a_gap_between_two_runs_is_closed_too(fake, run, linnet):
    fake.answers[V2] = [Stream(line(post(1, "cat")))]
    fake.answers[SEARCH] = [page(2)]
    run.start(fake, SOON, TRACK)
    kept(run, 1)
    run.stop()
    assert fake.asked(SEARCH) == []
    stopped = time.monotonic()
    wait_until(lambda: time.monotonic() - stopped > 1.1)  # what is shorter is no gap
    run.start(fake, SOON, TRACK)
    kept(run, 1, 2)
    wait_until(lambda: "closed by search, 2 posts: linnet was not running" in linnet(
        "stats", "--coverage", "--json", "--state", "state").stdout, 60)


def test_a_search_begins_with_the_last_post_that_came(fake, run):
    last, missed = id_at(-1), [id_at(-0.9), id_at(-0.5)]
    fake.answers[V2] = [*then_a_gap(last), Stream()]
    fake.answers[SEARCH] = [search := Search([last, *missed])]
    run.start(fake, SOON, TRACK)
    wait_until(lambda: "closed by search, 2 posts" in run.log(), 60)
    assert sorted(search.given) == missed
    asked = fake.asked(SEARCH)[0].query
    assert asked["since_id"] == [str(last)] and int(asked["until_id"][0]) > missed[1]
    assert "start_time" not in asked and "end_time" not in asked


def test_a_stream_that_is_lost_while_a_gap_is_searched_pays_for_no_page_twice(fake, run):
    last, missed = id_at(-1), [id_at(-0.9) + i for i in range(30)]
    live = []

    def connect(_):
        live.append(Stream())
        return live[-1]

    def lose():
        live[-1].closed.set()
        return Stream(keep_alive=1000)
    fake.answers[V2] = [*then_a_gap(last), connect]
    fake.answers[SEARCH] = [search := Search([last, *missed], page=10, instead={1: lose, 3: lose})]
    run.start(fake, SOON, PETS)
    wait_until(lambda: "closed by search, 30 posts" in run.log(), 60)
    assert sorted(search.given) == missed and len(live) == 3
    kept(run, last, *missed)


def test_a_search_goes_on_in_the_next_run_where_a_kill_left_it(fake, run):
    last, missed = id_at(-1), [id_at(-0.9) + i for i in range(20)]
    fake.answers[V2] = [*then_a_gap(last), Stream()]
    search = Search([last, *missed], page=10, instead={1: lambda: Stream(keep_alive=1000)})
    fake.answers[SEARCH] = [search]
    run.start(fake, SOON, PETS)
    wait_until(lambda: search.asked == 2, 60)
    wait_until(lambda: len(run.ids()) == 11, 60)  # on disk, too
    run.stop(signal.SIGKILL)
    run.start(fake, SOON, PETS)
    wait_until(lambda: "closed by search, 20 posts" in run.log(), 60)
    assert sorted(search.given) == missed
    wait_until(lambda: set(run.ids()) == {str(one) for one in [last, *missed]}, 60)  # a kill repeats some


def test_a_search_asks_for_no_more_than_a_budget_has_left_and_goes_on_when_it_is_raised(fake, run, linnet):
    budget, track = ', price = 0.5, budget_month = 10', PETS
    last, missed = id_at(-1), [id_at(-0.9) + i for i in range(30)]
    fake.answers[V2] = [*then_a_gap(last - 2, last - 1, last), Stream()]
    fake.answers[SEARCH] = [search := Search([last, *missed])]
    run.start(fake, SOON + budget, track)
    wait_until(lambda: "the monthly budget is spent; it goes on at" in run.log(), 60)
    assert fake.asked(SEARCH)[0].query["max_results"] == ["17"]
    wait_until(lambda: len(run.ids()) == 20, 60)
    assert "20 this month, 10 of 10 spent" in linnet("status", "--state", "state").stdout
    run.stop()
    run.start(fake, SOON + budget + '00', track)
    wait_until(lambda: "closed by search, 30 posts" in run.log(), 60)
    assert sorted(search.given) == missed and fake.asked(SEARCH)[1].query["max_results"] == ["100"]
    kept(run, last - 2, last - 1, last, *missed)


def test_x_gives_ten_posts_at_least_so_a_budget_may_be_passed_by_nine(fake, run, linnet):
    last, missed = id_at(-1), [id_at(-0.9) + i for i in range(30)]
    fake.answers[V2] = [*then_a_gap(last), Stream()]
    fake.answers[SEARCH] = [Search([last, *missed])]
    run.start(fake, SOON + ', price = 0.5, budget_month = 1', PETS)
    wait_until(lambda: "the monthly budget is spent; it goes on at" in run.log(), 60)
    assert [one.query["max_results"] for one in fake.asked(SEARCH)] == [["10"]]
    assert "11 this month, 5.5 of 1 spent" in linnet("status", "--state", "state").stdout


def test_a_search_that_is_refused_leaves_the_gap_and_says_so_to_its_end(fake, run, linnet):
    why = "you have no access to this: see https://docs.x.com/x-api/getting-started/about-x-api?source=problem#tiers"
    fake.answers[V2] = [*then_a_gap(1), Stream()]
    fake.answers[SEARCH] = [Answer(403, {"detail": why, "type": "about:blank"})]
    run.start(fake, SOON, TRACK)
    wait_until(lambda: f"not closed, X answered 403: {why}" in run.log(), 60)
    reason = run.source()["coverage"]["last"]["reason"]
    assert reason.startswith(f"not closed, X answered 403: {why}: X closed the stream")
    assert f"last gap: not closed, X answered 403: {why}" in linnet("status", "--state", "state").stdout


def minutes_asked(fake):
    return [one.query.get("backfill_minutes") for one in fake.asked(V2)]


def test_the_stream_itself_may_give_minutes_again(fake, run):
    first, missed, now = id_at(-1), id_at(-0.5), id_at(55)
    fake.answers[V2] = [*then_a_gap(first), Stream(*[line(post(one, "cat")) for one in (first, missed, now)])]
    run.start(fake, BEARER + ', backfill = "minutes"', TRACK)
    kept(run, first, missed, now)
    assert minutes_asked(fake)[0] is None and minutes_asked(fake)[-1] == ["1"]
    wait_until(lambda: "closed by the stream, 1 min again" in run.log(), 60)
    assert fake.asked(SEARCH) == []


def test_a_stream_that_is_lost_before_it_gave_its_minutes_is_asked_for_them_again(fake, run):
    first, missed, now, seen = id_at(-1), id_at(-0.5), id_at(55), []
    fake.answers[V2] = [*then_a_gap(first), Stream(line(post(first, "cat")), stands=False),
                        Stream(line(post(missed, "cat")), lambda: seen, line(post(now, "cat")))]
    run.start(fake, BEARER + ', backfill = "minutes"', TRACK)
    wait_until(lambda: len(run.ids()) >= 2, 60)
    assert "closed by the stream" not in run.log() and minutes_asked(fake)[-1] == ["1"]
    seen.append(True)
    wait_until(lambda: "closed by the stream, 1 min again" in run.log(), 60)


def recovering(fake, live, *recovered):
    """X without minutes, whose recovery gives these, one after the other."""
    recovered, live = list(recovered), list(live)

    def answer(request):
        if "start_time" in request.query:
            return recovered.pop(0)
        if "backfill_minutes" in request.query:
            return Answer(400, {"title": "Invalid Request", "type": "about:blank", "detail": "not for you"})
        return live.pop(0)
    fake.answers[V2] = [answer]


RECOVERY = BEARER + ', backfill = "recovery", backfill_after = "500ms"'


def test_recovery_closes_a_gap_beside_the_stream_and_goes_on_where_it_was_cut(fake, run):
    first, missed = id_at(-1), [id_at(-0.9) + i for i in range(3)]
    recovering(fake, [*then_a_gap(first), Stream()],
               Stream(line(post(missed[0], "cat")), line(post(missed[1], "cat"))[:30], stands=False, cut=True),
               Stream(*[line(post(one, "cat")) for one in missed[1:]], stands=False))
    run.start(fake, RECOVERY, TRACK)
    kept(run, first, *missed)
    wait_until(lambda: "closed by recovery, 3 posts" in run.log(), 60)
    asked = [one.query for one in fake.asked(V2) if "start_time" in one.query]
    assert len(asked) == 2 and all(one["start_time"] < one["end_time"] for one in asked)
    assert "tweet.fields" in asked[0] and fake.asked(SEARCH) == []
    assert run.source()["coverage"]["last"]["reason"].startswith("closed by recovery, 3 posts: X closed the stream")


def test_what_x_has_no_recovery_for_is_searched_for(fake, run):
    first, missed = id_at(-1), id_at(-0.5)
    recovering(fake, [*then_a_gap(first), Stream()], Answer(403, {"detail": "no recovery here", "type": "about:blank"}))
    fake.answers[SEARCH] = [Search([missed])]
    run.start(fake, RECOVERY, TRACK)
    kept(run, first, missed)
    wait_until(lambda: "closed by search, 1 posts" in run.log(), 60)
    assert "recovery: X answered 403: no recovery here; it is searched for instead" in run.log()


def test_a_wait_that_x_asked_for_is_not_for_another_key(fake, run):
    fake.answers[V2] = [Answer(429, problem("error-usage-capped.json"))]
    run.start(fake, BEARER, TRACK)
    wait_until(lambda: "cap of posts is reached" in run.log(), 60)
    run.stop()
    run.start(fake, BEARER, TRACK)
    wait_until(lambda: "as the run before was told" in run.log(), 60)
    run.stop()
    assert len(fake.asked(V2)) == 1
    fake.answers[V2] = [Stream(line(post(1, "cat")))]
    run.start(fake, 'bearer = secret "env:X_KEY"', TRACK)
    kept(run, 1)
    for one in (run.folder / "state").rglob("*"):
        assert not one.is_file() or not any(secret.encode() in one.read_bytes() for secret in SECRETS.values())


def test_a_budget_warns_then_narrows_then_stops_and_is_remembered(fake, run, linnet):
    options = BEARER + ', price = 0.5, budget_month = 10'
    cats = [line(post(i, "cat")) for i in range(1, 25)]
    fake.answers[V2] = [Stream(
        *cats[:16], lambda: "80% of the monthly budget is spent" in run.log(),
        *cats[16:18], lambda: [one["value"] for one in fake.rules] == ["(cat OR dog) sample:10"], *cats[18:])]
    run.start(fake, options, PETS)
    wait_until(lambda: "the monthly budget is spent; it goes on at" in run.log(), 60)
    assert "90% of the monthly budget is spent" in run.log() and run.source()["coverage"]["state"] == "gap"
    # what came with the last of the budget is paid for, however the bytes were cut: it is kept, and counted
    shown = re.search(r"(\d+) this month, (\S+) of 10 spent", linnet("status", "--state", "state").stdout)
    paid = int(shown[1])
    assert 20 <= paid <= 24 and float(shown[2]) == paid / 2
    wait_until(lambda: run.ids() == [str(i + 1) for i in range(paid)], 60)
    run.stop(signal.SIGTERM)
    run.start(fake, options, PETS)
    wait_until(lambda: run.log().count("the monthly budget is spent; it goes") == 2, 60)
    run.stop()
    assert len(fake.asked(V2)) == 1
    fake.answers[V2] = [Stream(line(post(30, "cat")))]
    run.start(fake, options.replace("budget_month = 10", "budget_month = 100"), PETS)
    wait_until(lambda: run.ids()[-1] == "30", 60)
    assert [one["value"] for one in fake.rules] == ["cat OR dog"]


def test_a_budget_needs_a_price(linnet, write_config):
    done = linnet("check", "-c", write_config(
        'return { sources = { live = linnet.x { bearer = secret "env:X_BEARER", budget_day = 1 } } }'),
        env={"X_BEARER": "abc"})
    assert done.rc == 78 and "budget_day needs price" in done.stderr
