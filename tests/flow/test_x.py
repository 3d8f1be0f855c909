"""Source x against a fake X: streams of both APIs, whatever happens to them."""
import json
import signal
import subprocess
import zlib

import pytest
from material import ROOT, tweet, wait_until
from x_fake import (DATA, V1, V2, TOKEN, Answer, FakeX, Stream, by_length, line, post, problem)

SECRETS = {"X_BEARER": "AAAAbearer%2Fsecret", "X_KEY": "the-consumer-key", "X_SECRET": "consumer-secret-9",
           "X_TOKEN": "7-the-access-token", "X_TOKEN_SECRET": "token-secret-3"}
BEARER = 'bearer = secret "env:X_BEARER"'
PAIR = 'key = secret "env:X_KEY", secret = secret "env:X_SECRET"'
V1_KEYS = (f'api = "1.1", {PAIR}, token = secret "env:X_TOKEN", '
           'token_secret = secret "env:X_TOKEN_SECRET"')
CONFIG = """return {
  state = "state", http = false, grace = "2s", scorers = { default = "none" },
  sources = { live = linnet.x { host = "%s", %s } },
  sinks = { out = linnet.ndjson { path = "out.ndjson" } }, %s
}
"""


@pytest.fixture
def fake():
    fake = FakeX()
    yield fake
    fake.close()


class Run:
    """A run that reads from the fake, and what it left."""

    def __init__(self, folder, start, linnet):
        self.folder, self.begin, self.linnet, self.process = folder, start, linnet, None

    def start(self, fake, options=BEARER, more="", config=CONFIG):
        (self.folder / "linnet.lua").write_text(config % (fake.host, options, more))
        stderr = open(self.folder / "log", "ab")
        self.process = self.begin("run", "-c", "linnet.lua", stderr=stderr, env=SECRETS)
        return self

    def documents(self):
        """Of the lines that are whole: linnet may be writing the next."""
        out = self.folder / "out.ndjson"
        text = out.read_bytes() if out.exists() else b""
        return [json.loads(one) for one in text[:text.rfind(b"\n") + 1].splitlines()]

    def ids(self):
        return [one["id"] for one in self.documents() if "id" in one]

    def wait_for(self, *ids):
        try:
            wait_until(lambda: len(self.ids()) >= len(ids), 60)
        except AssertionError:
            pass
        assert self.ids() == [str(one) for one in ids], self.log()

    def log(self):
        return (self.folder / "log").read_text()

    def status(self):
        return json.loads(self.linnet("status", "--json", "--state", "state").stdout)

    def source(self):
        return next(iter(self.status()["sources"]), None)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def certificate(tmp_path):
    """A certificate for a name, with its key."""
    def make(name):
        path, kind = tmp_path / "cert.pem", "IP" if name[0].isdigit() else "DNS"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
                        f"subjectAltName={kind}:{name}", "-keyout", path, "-out", tmp_path / "own.pem"],
                       check=True, capture_output=True)
        path.write_bytes(path.read_bytes() + (tmp_path / "own.pem").read_bytes())
        return path
    return make


@pytest.fixture
def run(tmp_path, start_linnet, linnet):
    return Run(tmp_path, start_linnet, linnet)


def test_posts_of_the_filtered_stream_are_kept(fake, run):
    recorded = (DATA / "x-v2/stream.bin").read_bytes().splitlines(keepends=True)
    fake.answers[V2] = [Stream(b"".join(recorded[:-1]))]
    run.start(fake).wait_for(*(f"178460000000000000{i}" for i in (1, 2, 3, 0, 5)))
    request = fake.asked(V2)[0]
    assert request.headers["authorization"] == "Bearer AAAAbearer%2Fsecret"
    assert request.headers["user-agent"].startswith("linnet/")
    assert "note_tweet" in request.query["tweet.fields"][0]
    assert run.source()["coverage"]["state"] == "covered"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_posts_are_whole_in_whatever_pieces_they_come(fake, run, size):
    text = b"\r\n" + b"".join(line(post(i, f"a cat \N{CAT FACE} {i}")) + b"\r\n" for i in range(1, 6))
    fake.answers[V2] = [Stream(*(text[at:at + size] for at in range(0, len(text), size)))]
    run.start(fake).wait_for(1, 2, 3, 4, 5)
    assert run.documents()[0]["text"] == "a cat \N{CAT FACE} 1"


def test_a_stream_may_come_compressed(fake, run):
    packer = zlib.compressobj(wbits=31)
    pieces = [packer.compress(line(post(i, "x"))) + packer.flush(zlib.Z_SYNC_FLUSH) for i in (1, 2)]
    fake.answers[V2] = [Stream(*pieces, coded="gzip")]
    run.start(fake).wait_for(1, 2)
    assert "gzip" in fake.asked(V2)[0].headers["accept-encoding"]


def test_a_dropped_stream_is_connected_to_at_once_and_repeats_are_dropped(fake, run):
    fake.answers[V2] = [Stream(line(post(1, "x")), line(post(2, "x")) + line(post(3, "half"))[:40],
                               stands=False, cut=True),
                        Stream(line(post(2, "x")), line(post(3, "x")))]
    run.start(fake).wait_for(1, 2, 3)
    assert "next try in 0 s" in run.log()
    assert run.source()["duplicate"] == 1


def test_a_silent_stream_is_left_and_the_gap_is_told(fake, run):
    both = Stream(line(post(1, "x")), line(post(2, "x")))  # the first may have been left before it gave one
    fake.answers[V2] = [Stream(line(post(1, "x")), keep_alive=1000), both]
    run.start(fake, BEARER + ', stall = "5s"').wait_for(1, 2)
    last = run.source()["coverage"]["last"]
    assert last["kind"] == "gap" and "X was silent" in last["reason"]


def test_keep_alives_alone_keep_a_stream(fake, run):
    fake.answers[V2] = [Stream(*[b"\r\n", 1] * 12, line(post(1, "x"))), Answer(500)]
    run.start(fake, BEARER + ', stall = "11s"').wait_for(1)
    assert len(fake.asked(V2)) == 1


@pytest.mark.parametrize("answer, said, tries_again", [
    (Answer(429, problem("error-429-too-many-connections.json")), "next try in 60 s", False),
    (Answer(429, problem("error-429-rate-limit.json")), "next try in 60 s", False),
    (Answer(409, problem("error-409-no-rules.json")), "next try in 5 s", False),
    (Answer(429, problem("error-usage-capped.json")), "monthly cap of posts is reached", False),
    (Answer(401, problem("error-401.json")), "the keys are not accepted", False),
    (Answer(503, b"<html>"), "X answered 503; next try in 5 s", False),
    (Stream((DATA / "x-v2/stream-operational-disconnect.json").read_bytes().replace(b"\n", b"") + b"\r\n"),
     "UpstreamOperationalDisconnect", True)])
def test_each_problem_has_its_action(fake, run, answer, said, tries_again):
    fake.answers[V2] = [answer, Stream(line(post(1, "x")))] if tries_again else [answer]
    run.start(fake)
    wait_until(lambda: said in run.log())
    if tries_again:
        run.wait_for(1)
    else:
        assert run.source()["coverage"]["state"] == "gap"
        tries = [one.at for one in fake.asked(V2)]
        assert run.process.poll() is None and (len(tries) == 1 or tries[1] - tries[0] > 4)
    assert run.stop() == 0


@pytest.mark.parametrize("answer, said", [
    (Answer(403, problem("error-403-client-forbidden.json")),
     "register it at https://developer.x.com/en/docs/projects/overview"),
    (Answer(302, b"", location="http://127.0.0.1:1/steal"), "set host"),
    (Answer(404, b""), "X answered 404")])
def test_what_will_never_work_ends_with_its_reason(fake, run, answer, said):
    fake.answers[V2] = [answer]
    assert run.start(fake).process.wait(60) == 1
    assert said in run.log() and len(fake.requests) == 1


def test_a_wait_goes_on_after_a_restart(fake, run):
    fake.answers[V2] = [Answer(429, problem("error-429-too-many-connections.json"))]
    run.start(fake)
    wait_until(lambda: "next try" in run.log())
    wait_until(lambda: run.source() and run.source()["position_moved"])
    assert run.stop() == 0
    run.start(fake)
    wait_until(lambda: "as the run before was told" in run.log())
    assert run.stop() == 0 and len(fake.asked(V2)) == 1


def test_a_crash_loop_waits_longer_each_time(fake, run):
    fake.answers[V2] = [Stream()]
    for tries in range(1, 5):
        before = (run.source() or {}).get("position_moved")
        run.start(fake)
        wait_until(lambda: len(fake.asked(V2)) == tries)
        wait_until(lambda: run.source() and run.source()["position_moved"] not in (None, before))
        run.linnet("spool", "check", "-c", "linnet.lua")
        run.stop(signal.SIGKILL)
    times = [one.at for one in fake.asked(V2)]
    assert times[3] - times[2] > 0.5


def test_key_and_secret_fetch_a_token_and_another_when_it_is_refused(fake, run):
    fake.answers[TOKEN] = [Answer(200, {"token_type": "bearer", "access_token": "old%2F1"}),
                           Answer(200, {"token_type": "bearer", "access_token": "new%2F2"})]
    fake.answers[V2] = [Answer(401, problem("error-401.json")), Stream(line(post(1, "x")))]
    run.start(fake, PAIR).wait_for(1)
    assert fake.asked(TOKEN)[0].body == b"grant_type=client_credentials"
    assert fake.asked(TOKEN)[0].headers["authorization"].startswith("Basic ")
    assert [one.headers["authorization"] for one in fake.asked(V2)] == ["Bearer old%2F1", "Bearer new%2F2"]


def test_another_token_in_its_file_is_taken_without_a_restart(fake, run):
    refused, stream = Answer(401, problem("error-401.json")), Stream(line(post(1, "x")))
    fake.answers[V2] = [lambda request: stream if "new" in request.headers["authorization"] else refused]
    (run.folder / "token").write_text("old-token\n")
    (run.folder / "token").chmod(0o600)
    run.start(fake, 'bearer = secret "file:token"')
    wait_until(lambda: len(fake.asked(V2)) >= 2)  # 5 s, and then 10
    (run.folder / "token").write_text("new-token\n")
    run.wait_for(1)
    first, *_, last = fake.asked(V2)
    assert first.headers["authorization"] == "Bearer old-token"
    assert last.headers["authorization"] == "Bearer new-token"


def test_a_reader_that_has_no_room_holds_the_stream_back(fake, run):
    posts = [line(post(i, "x" * 2000)) for i in range(1, 4001)]
    fake.answers[V2] = [Stream(*posts)]
    run.start(fake).wait_for(*range(1, 4001))
    assert run.source()["received"] == 4000


@pytest.mark.parametrize("delimited, cut", [("newline", line), ("length", by_length)])
def test_posts_of_statuses_filter_are_kept(fake, run, delimited, cut):
    control = [json.loads(one) for one in (DATA / "x-v1.1/control-messages.ndjson").read_text().splitlines()]
    records = [tweet(1, "one"), *control[1:8], tweet(2, "two"), control[8]]
    fake.answers[V1] = [Stream(b"\r\n", *map(cut, records)), Stream(cut(tweet(3, "three")))]
    options = f'{V1_KEYS}, track = {{ "caf\N{LATIN SMALL LETTER E WITH ACUTE}", "two words" }}, follow = {{ 7, "8" }}, ' \
              f'locations = {{ -122.75, 36.8, -121.75, 37.8 }}, lang = "en", delimited = "{delimited}"'
    run.start(fake, options).wait_for(1, 2, 3)
    request = fake.asked(V1)[0]
    assert request.method == "POST" and request.query == ({"delimited": ["length"]} if delimited == "length" else {})
    assert request.body == (b"track=caf%C3%A9%2Ctwo%20words&follow=7%2C8&"
                            b"locations=-122.75%2C36.8%2C-121.75%2C37.8&language=en&stall_warnings=true")
    assert request.headers["authorization"].startswith('OAuth oauth_consumer_key="the-consumer-key"')
    log = run.log()
    assert "FALLING_BEHIND 60%" in log and "1234 so far" in log and "(4): this reader is too slow" in log
    assert run.source()["control"] == 8 and run.source()["malformed"] == 0


def test_a_broken_length_is_left_and_connected_to_again(fake, run):
    fake.answers[V1] = [Stream(by_length(tweet(1, "one")), b"nonsense\r\n")]
    run.start(fake, V1_KEYS + ', track = "a", delimited = "length"').wait_for(1)
    wait_until(lambda: "no length where one should be" in run.log())


def test_deletes_of_the_compliance_stream_reach_what_was_kept(fake, run):
    told = (DATA / "x-v2/compliance-posts.ndjson").read_bytes()
    fake.answers[V2] = [Stream(line(post(1784600000000000001, "x")), line(post(1, "x")))]
    fake.answers["/2/tweets/compliance/stream"] = [Stream(lambda: len(run.ids()) == 2, told)]
    more = 'other = linnet.x { host = "%s", %s, stream = "compliance", partition = 3 },' % (fake.host, BEARER)
    config = CONFIG.replace("live = linnet.x { host", more.replace("%", "%%") + " live = linnet.x { host")
    run.start(fake, config=config)
    wait_until(lambda: [one.get("deleted") for one in run.documents()].count(True) == 2)
    assert {"_id": "x:1784600000000000001", "deleted": True} in run.documents()
    assert fake.asked("/2/tweets/compliance/stream")[0].query == {"partition": ["3"]}


def test_the_sample_stream_needs_no_rules(fake, run):
    fake.answers["/2/tweets/sample/stream"] = [Stream(line(post(1, "a cat")), line(post(2, "a dog")))]
    run.start(fake, BEARER + ', stream = "sample"', 'track = { pets = "cat" },').wait_for(1)
    assert [one.path for one in fake.requests] == ["/2/tweets/sample/stream"]


def test_a_certificate_for_another_name_is_refused(run, certificate):
    fake = FakeX(certificate("elsewhere.example"))
    fake.answers[V2] = [Stream(line(post(1, "x")))]
    run.start(fake, f'{BEARER}, ca_file = "cert.pem"')
    wait_until(lambda: "next try" in run.log())
    assert "name" in run.log() and fake.requests == [] and run.ids() == []
    fake.close()


def test_a_certificate_that_fits_is_believed(run, certificate):
    fake = FakeX(certificate("127.0.0.1"))
    fake.answers[V2] = [Stream(line(post(1, "x")))]
    run.start(fake, f'{BEARER}, ca_file = "cert.pem"').wait_for(1)
    fake.close()


@pytest.mark.parametrize("options", [BEARER, PAIR, V1_KEYS + ', track = "a"'])
def test_secrets_show_nowhere(fake, run, linnet, options):
    used = [name for name in SECRETS if f"env:{name}\"" in options]
    told = {"title": "Forbidden", "type": "about:blank", "status": 500,
            "detail": "no: " + " ".join(SECRETS[name] for name in used)}
    fake.answers[V1] = fake.answers[V2] = fake.answers[TOKEN] = [Answer(500, told)]
    run.start(fake, options)
    wait_until(lambda: "next try" in run.log())
    shown = run.log() + json.dumps(run.status()) + linnet("status", "--state", "state").stdout
    shown += open(f"/proc/{run.process.pid}/cmdline").read()
    run.stop()
    for path in [one for one in (run.folder / "state").rglob("*") if one.is_file()]:
        shown += path.read_bytes().decode("latin-1")
    assert "no: ****" in shown and not [name for name in used if SECRETS[name] in shown]


def test_the_prototype_listens_when_it_has_keys(fake, linnet, start_linnet, tmp_path):
    fake.answers[V1] = [Stream(line(tweet(1, "a good coffee")))]
    keys = {name: value for name, value in SECRETS.items() if name != "X_BEARER"}
    with open(tmp_path / "documents", "wb") as documents:
        start_linnet("run", "-c", ROOT / "config/prototype.lua", "-o", "stdout", stdout=documents,
                     env={**keys, "X_HOST": fake.host})
        wait_until(lambda: (tmp_path / "documents").read_bytes().endswith(b"\n"))
    document = json.loads((tmp_path / "documents").read_text())
    assert (document["id"], document["sentiment"]) == ("1", "positive")
    assert fake.asked(V1)[0].body == b"track=coffee&language=en&stall_warnings=true"
    assert linnet("check", "-c", ROOT / "config/prototype.lua").rc == 0


def test_the_example_proves(linnet):
    assert linnet("check", "-c", ROOT / "config/examples/x.lua", env=SECRETS).rc == 0


@pytest.mark.parametrize("options, said", [
    ("", "it needs bearer, or key and secret"),
    (BEARER + ', host = "http://example.com"', "everybody on the way reads the keys"),
    (BEARER + ', host = "ftp://example.com"', "host takes https://NAME"),
    (BEARER + ', host = "https://"', "host takes https://NAME"),
    (BEARER + ', host = "https://a b"', "host takes https://NAME"),
    (BEARER + ', host = "https://x.com:99999"', "host takes https://NAME"),
    (BEARER + ', host = "http://127.0.0.1:x.example.com"', "host takes https://NAME"),
    (BEARER + ', track = "a"', "for api 1.1"),
    (BEARER + ', delimited = "length"', "delimited is for api 1.1"),
    (BEARER + ', token = secret "env:X_TOKEN"', "token is for api 1.1"),
    (BEARER + ', budget_month = 5', "budget_month needs price"),
    (V1_KEYS + ', track = "a", stream = "sample"', "stream is for api 2"),
    (V1_KEYS + ', track = "a", price = 1', "price is for api 2"),
    (V1_KEYS + ', track = "a", backfill = "off"', "backfill is for api 2"),
    (V1_KEYS, "needs track, follow or locations"),
    (V1_KEYS + ', track = { "a", 7, "b,c" }', "a list of texts without commas"),
    (V1_KEYS + ', locations = { 1, 2, 3 }', "four numbers"),
    (V1_KEYS + ', follow = "anna"', "no user's number")])
def test_settings_that_do_not_fit_are_refused_with_their_place(linnet, write_config, options, said):
    done = linnet("check", "-c", write_config("return { sources = { live = linnet.x { %s } } }" % options),
                  env=SECRETS)
    assert done.rc == 78 and said in done.stderr and "linnet.lua:1:" in done.stderr, done
