"""Source x against servers that do what X should not."""
import base64
import itertools
import json
import threading

import pytest
from material import wait_until
from test_x import BEARER, PAIR, SECRETS, fake, run  # noqa: F401  (fixtures)
from test_x_gaps import SOON, page, then_a_gap
from test_x_rules import rules  # noqa: F401  (a fixture)
from x_fake import RULES, SEARCH, TOKEN, V2, Answer, Stream, line, post, problem


class Silent:
    """Takes the request, and never says a word."""

    def give(self, client):
        client.recv(1)


class Late:
    """An answer that waits for something, for not so long that linnet asks again."""

    def __init__(self, answer, event):
        self.answer, self.event = answer, event

    def give(self, client):
        self.event.wait(15)
        self.answer.give(client)


def test_a_server_that_never_answers_is_left(fake, run):
    fake.answers[V2] = [Silent(), Stream(line(post(1, "x")))]
    run.start(fake, BEARER + ', stall = "3s"').wait_for(1)


def test_a_gap_is_searched_for_with_the_queries_it_began_with_whatever_is_reloaded(fake, run):
    reloaded = threading.Event()
    fake.answers[V2] = [*then_a_gap(1), Stream()]
    fake.answers[SEARCH] = [Late(page(5), reloaded), page(4), page()]
    run.start(fake, SOON, 'track = { pets = "aardvark", birds = "birdwatching" },')
    wait_until(lambda: fake.asked(SEARCH))
    config = run.folder / "linnet.lua"
    config.write_text(config.read_text().replace('"aardvark"', '"cat"').replace("birdwatching", "dog"))
    wait_until(lambda: "generation 2" in run.log())
    reloaded.set()
    wait_until(lambda: "closed by search" in run.log())
    assert sorted(one.query["query"][0] for one in fake.asked(SEARCH)) == ["aardvark", "birdwatching"]


def test_minutes_that_the_account_has_not_are_searched_for(fake, run):
    refused = Answer(400, {"title": "Invalid Request", "type": "https://api.x.com/2/problems/invalid-request",
                           "detail": "backfill_minutes is not for you"})
    fake.answers[V2] = [*then_a_gap(1), refused, Stream()]
    fake.answers[SEARCH] = [page(2)]
    run.start(fake, SOON + ', backfill = "minutes"', 'track = { pets = "cat" },')
    run.wait_for(1, 2)
    assert "backfill_minutes is not for you" in run.log()


def test_a_search_whose_pages_never_end_is_given_up(fake, run):
    fake.answers[V2] = [*then_a_gap(1), Stream()]
    fake.answers[SEARCH] = [page(5, next_token="again")]
    run.start(fake, SOON, 'track = { pets = "cat" },')
    wait_until(lambda: "closed in part by search, 2 posts: X's search does not go on" in run.log())


@pytest.mark.parametrize("ids", [(8, 7, 9), (8, 8), ()])
def test_a_search_whose_pages_go_round_is_given_up(fake, run, ids):
    fake.answers[V2] = [*then_a_gap(1), Stream()]
    pages, turns = itertools.chain(ids, itertools.repeat(None)), itertools.count()

    def turn(_):
        one, meta = next(pages), {"result_count": 0, "next_token": f"t{next(turns) % 3}"}
        return page(one, **meta) if one else Answer(200, {"meta": meta})
    fake.answers[SEARCH] = [turn]
    run.start(fake, SOON, 'track = { pets = "cat" },')
    wait_until(lambda: "X's search does not go on: its pages go round" in run.log(), 60)
    assert len(fake.asked(SEARCH)) == (len(ids) or 11)


def test_what_a_server_repeats_of_keys_shows_nowhere_not_even_in_part(fake, run):
    key, secret = SECRETS["X_KEY"], SECRETS["X_SECRET"]
    pair = base64.b64encode(f"{key}:{secret}".encode()).decode()
    fake.answers[TOKEN] = [Answer(500, {"title": "no", "type": "about:blank",
                                        "detail": f"Basic {pair} " + "x" * (230 - len(pair)) + secret})]
    run.start(fake, PAIR)
    wait_until(lambda: "next try" in run.log())
    shown = run.log() + json.dumps(run.status())
    assert pair[:12] not in shown and secret[:6] not in shown


def test_a_secret_of_asterisks_hangs_nothing(fake, run, monkeypatch):
    monkeypatch.setitem(SECRETS, "X_BEARER", "********")
    fake.answers[V2] = [Answer(500, {"title": "no", "type": "about:blank", "detail": "no ********** no"})]
    run.start(fake)
    wait_until(lambda: "next try" in run.log())


def test_status_is_well_formed_whatever_a_server_says(fake, run):
    fake.answers[V2] = [Answer(500, b'{"title":"t","type":"about:blank","detail":"bad \xff\xc3 '
                               + "\N{CAT FACE}".encode() * 100 + b'\\u001b[31m \xc2\x9b31m"}')]
    run.start(fake)
    wait_until(lambda: "next try" in run.log())
    done = run.linnet("status", "--json", "--state", "state")
    assert json.loads(done.stdout)["sources"]
    assert b"\x1b" not in (run.folder / "log").read_bytes() and b"\xc2\x9b" not in (run.folder / "log").read_bytes()
    (run.folder / "log").read_bytes().decode()


def test_a_token_that_rules_are_refused_with_is_fetched_anew(fake, run):
    fake.answers[TOKEN] = [Answer(200, {"token_type": "bearer", "access_token": f"token-{i}"}) for i in (1, 2)]
    fake.answers[V2] = [Stream()]
    run.start(fake, PAIR, 'track = { pets = "cat" },')
    wait_until(lambda: run.source() and run.source()["coverage"]["state"] == "covered")
    fake.answers[RULES] = [Answer(401, problem("error-401.json")), Answer(200, {"meta": {"result_count": 0}})]
    config = run.folder / "linnet.lua"
    config.write_text(config.read_text().replace('"cat"', '"dog"'))
    wait_until(lambda: "token-2" in fake.asked(RULES)[-1].headers["authorization"])


class Trailed(Answer):
    """A reply with a field behind its body."""

    def give(self, client):
        client.sendall(b"HTTP/1.1 %d X\r\ntransfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n%x\r\n%s\r\n0\r\n"
                       b"x-end: 1\r\n\r\n" % (self.status, len(self.body), self.body))


def test_fields_may_stand_behind_a_reply(fake, run):
    fake.answers[RULES] = [Trailed(200, {"meta": {"result_count": 0}})]
    fake.answers[V2] = [Stream(line(post(1, "cat")))]
    run.start(fake, more='track = { pets = "cat" },').wait_for(1)


def test_a_rule_is_one_row_whatever_is_in_it(fake, rules):
    fake.rules = [{"id": "3", "value": "two\nrows", "tag": "linnet:old\nname"}]
    assert rules("diff", 'a = "cat"').stdout.splitlines() == ["+ linnet:a\tcat", "- linnet:old name\ttwo rows"]


def test_a_rule_that_is_refused_is_not_told_as_added(fake, run):
    fake.refused, fake.answers[V2] = {"bad": "no"}, [Stream()]
    run.start(fake, more='track = { good = "good", wrong = "bad" },')
    wait_until(lambda: "rules: 1 added" in run.log())
    wait_until(lambda: "X refuses 1 rules" in run.linnet("status", "--state", "state").stdout)
