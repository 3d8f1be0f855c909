"""Posts to Amazon Data Firehose: each once where it can be, whatever the stream answers."""
import base64
import json
import re
import subprocess
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from material import adds_up, delete, lines, sums, tweet, wait_until
from running import check

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
CONFIG = """return {
  state = "../state", http = false,
  sources = { posts = linnet.file { path = "../posts.ndjson" } },
  sinks = { stream = linnet.firehose { stream = "linnet-posts" } },
}
"""
AUTHORIZATION = (r"AWS4-HMAC-SHA256 Credential=AKIDTEST/\d{8}/eu-west-1/firehose/aws4_request, ?"
                 r"SignedHeaders=\S+, ?Signature=[0-9a-f]{64}")


class Stream(BaseHTTPRequestHandler):
    """PutRecordBatch as the service does it. Each request takes the next of `plan`: what becomes of
    it; when that is used up all goes well."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, code, status=400, message="said so"):
        self.answer(status, {"__type": f"com.amazonaws.firehose.v20150804#{code}",
                             "message": message})

    def read(self):
        """The records, once the request is one that the service takes."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["X-Amz-Target"] == "Firehose_20150804.DescribeDeliveryStream":
            return body["DeliveryStreamName"], None
        assert self.headers["X-Amz-Target"] == "Firehose_20150804.PutRecordBatch"
        assert self.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert re.fullmatch(AUTHORIZATION, self.headers["Authorization"])
        assert sorted(body) == ["DeliveryStreamName", "Records"]
        records = [base64.b64decode(one["Data"], validate=True) for one in body["Records"]]
        assert 1 <= len(records) <= 500 and max(map(len, records)) <= 1024000
        assert sum(map(len, records)) <= 4 << 20
        return body["DeliveryStreamName"], records

    def do_POST(self):
        stream = self.server
        with stream.lock:
            try:
                name, records = self.read()
            except AssertionError as err:
                stream.faults.append(repr(err))
                return self.refuse("ValidationException", message=repr(err))
            stream.requests.append((name, records))
            plan = stream.plan.pop(0) if stream.plan else "ok" if records else "described"
            if len(records or ()) > stream.most_records:
                plan = "large"
            stream.under_way += 1
            stream.most = max(stream.most, stream.under_way)
            if stream.under_way == stream.together:
                stream.met.set()
        try:
            if stream.together:
                stream.met.wait(2)
            return getattr(self, "do_" + plan)(records)
        finally:
            with stream.lock:
                stream.under_way -= 1

    def keep(self, records):
        self.server.kept.extend(records)
        return [{"RecordId": f"id-{number}"} for number, _ in enumerate(records)]

    def do_ok(self, records):
        self.answer(200, {"FailedPutCount": 0, "Encrypted": False,
                          "RequestResponses": self.keep(records)})

    def do_described(self, _):
        self.answer(200, {"DeliveryStreamDescription": {"DeliveryStreamStatus": "ACTIVE"}})

    def do_creating(self, _):
        self.answer(200, {"DeliveryStreamDescription": {"DeliveryStreamStatus": "CREATING"}})

    def do_partial(self, records):
        """Every other one was too much."""
        answers = [self.keep([record])[0] if number % 2 else
                   {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}
                   for number, record in enumerate(records)]
        self.answer(200, {"FailedPutCount": (len(records) + 1) // 2, "RequestResponses": answers})

    def do_poison(self, records):
        """Whatever holds a post that it never takes fails."""
        answers = [{"ErrorCode": "InternalFailure", "ErrorMessage": "no."} if b"poison" in record
                   else self.keep([record])[0] for record in records]
        failed = sum("ErrorCode" in one for one in answers)
        self.answer(200, {"FailedPutCount": failed, "RequestResponses": answers})

    def do_short(self, records):
        self.answer(200, {"FailedPutCount": 0, "RequestResponses": self.keep(records)[1:]})

    def do_long(self, records):
        self.answer(200, {"FailedPutCount": 0,
                          "RequestResponses": self.keep(records) + [{"RecordId": "more"}]})

    def do_html(self, _):
        self.answer(200, b"<html>maintenance</html>")

    def do_busy(self, _):
        self.refuse("ServiceUnavailableException", 503, "Slow down.")

    def do_throttled(self, _):
        self.refuse("ThrottlingException")

    def do_missing(self, _):
        self.refuse("ResourceNotFoundException", 400,
                    "Firehose linnet-posts under account 1234 not found.")

    def do_denied(self, _):
        self.refuse("AccessDeniedException")

    def do_wrong(self, _):
        self.refuse("InvalidArgumentException")

    def do_large(self, _):
        self.answer(413, b"")

    def do_reset(self, records):
        """The work is done, the answer lost."""
        self.keep(records)
        self.close_connection = True

    def do_nothing(self, _):
        self.close_connection = True


@pytest.fixture
def stream():
    """A stream named linnet-posts: its plan, the requests that came, the records it has."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stream)
    server.plan, server.requests, server.kept, server.faults = [], [], [], []
    server.lock, server.met = threading.Lock(), threading.Event()
    server.under_way, server.most, server.together, server.most_records = 0, 0, 0, 500
    server.env = {**KEYS, "AWS_ENDPOINT_URL_FIREHOSE": f"http://127.0.0.1:{server.server_port}"}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
    assert server.faults == []
    assert {name for name, _ in server.requests} <= {"linnet-posts"}


@pytest.fixture
def send(linnet, stream):
    """Replays posts into the stream; the sums add up and every post was delivered or is dead."""
    def run(*posts, words=(), env=()):
        done = linnet("replay", "-", "-o", "firehose:linnet-posts", *words,
                      input=lines(*posts), env={**stream.env, **dict(env)})
        assert done.rc == 0, done
        assert all(map(adds_up, sums(done.stderr)))
        done.sink = next(one for one in sums(done.stderr) if one["of"] == "spooled")
        assert done.sink.get("pending", 0) == 0
        return done
    return run


def posts(count, text="good"):
    return [tweet(number, text) for number in range(count)]


def ids(stream):
    """How often each post is in the stream."""
    whole = b"".join(stream.kept)
    return Counter(json.loads(line)["id"] for line in whole.splitlines())


def once(count):
    return Counter(str(number) for number in range(count))


def test_each_post_is_a_record_that_ends_with_a_newline(send, stream):
    send(*posts(1200))
    assert ids(stream) == once(1200) and len(stream.kept) == 1200
    assert all(record.endswith(b"}\n") and record.count(b"\n") == 1 for record in stream.kept)


def test_small_posts_share_records_when_told_to(send, stream):
    send(*posts(1200), words=("--set", "sinks.firehose.pack=5KiB"))
    assert ids(stream) == once(1200)
    assert max(map(len, stream.kept)) <= 5120
    assert len(stream.kept) < 1200 / 5


def test_what_came_is_sent_as_it_came_when_told_to(send, stream):
    given = posts(3)
    send(*given, delete(1), words=("--set", "sinks.firehose.records=raw", "--set",
                                   "sinks.firehose.delimiter=comma_newline"))
    assert [json.loads(record.removesuffix(b",\n")) for record in stream.kept] == [
        *given, delete(1)]


def test_a_delete_is_a_notice(send, stream):
    send(*posts(2), delete(1))
    assert json.loads(stream.kept[-1]) == {"_id": "x:1", "deleted": True}


@pytest.mark.parametrize("pack", ["0", "1KiB"])
def test_only_what_failed_comes_again(send, stream, pack):
    stream.plan += ["partial"] * 3
    done = send(*posts(900), words=("--set", f"sinks.firehose.pack={pack}"))
    assert ids(stream) == once(900)
    assert done.stderr.count("is busy: ServiceUnavailableException: Slow down.") == 1
    assert "it works again" in done.stderr


@pytest.mark.parametrize("answer", ["short", "long", "html"])
def test_a_reply_that_does_not_answer_the_request_delivers_nothing(send, stream, answer):
    stream.plan += [answer]
    done = send(*posts(50))
    first, again = stream.requests[0][1], stream.requests[1][1]
    assert again[:len(first)] == first and set(ids(stream)) == set(once(50))
    assert "its reply does not answer the request" in done.stderr


@pytest.mark.parametrize("answer, said", [
    ("busy", "is busy: ServiceUnavailableException: Slow down."),
    ("throttled", "is busy: ThrottlingException"),
    ("missing", "there is no such stream in this account and region: ResourceNotFoundException: "
                "Firehose linnet-posts under account 1234 not found."),
    ("denied", "refuses the keys: AccessDeniedException"),
    ("wrong", "refuses what it is given: InvalidArgumentException"),
    ("nothing", "does not answer as it should"),
])
def test_a_refusal_is_said_once_and_tried_until_it_works(send, stream, answer, said):
    stream.plan += [answer] * 4
    done = send(*posts(300))
    assert ids(stream) == once(300)
    assert done.stderr.count(said) == 1, done.stderr
    assert done.stderr.count("it works again") == 1


def test_a_lost_answer_may_leave_records_twice_but_loses_none(send, stream):
    stream.plan += ["ok", "reset"]
    send(*posts(600))
    found = ids(stream)
    assert set(found) == set(once(600)) and max(found.values()) == 2


def test_a_post_that_no_record_takes_is_put_aside_and_the_rest_goes_on(send, stream):
    long = tweet(7, "long " * 205000)
    done = send(*posts(5), long, *[tweet(number, "good") for number in range(10, 15)])
    assert done.sink["dead"] == 1 and sum(ids(stream).values()) == 10
    assert "longer than the 1,000 KiB of a Firehose record" in done.stderr


def test_too_much_at_a_time_becomes_less_and_less(send, stream):
    stream.plan += ["large"] * 3
    done = send(*posts(64))
    sizes = [sum(map(len, records)) for _, records in stream.requests[:4]]
    assert ids(stream) == once(64) and sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 4
    assert "refuses so much at a time" in done.stderr


def test_what_was_too_much_once_is_tried_again_after_a_while(send, stream):
    stream.plan += ["large"] * 3
    send(*posts(4000))
    sizes = [sum(map(len, records)) for _, records in stream.requests]
    assert ids(stream) == once(4000) and max(sizes[8:]) > 1.8 * sizes[3]


def test_a_stream_that_never_takes_more_is_asked_for_it_ever_less(send, stream):
    stream.most_records = 10
    send(*posts(3000), words=("--set", "sinks.firehose.requests=1"))
    too_large = [number for number, (_, records) in enumerate(stream.requests) if len(records) > 10]
    waits = [b - a for a, b in zip(too_large, too_large[1:]) if b - a > 10]
    assert ids(stream) == once(3000) and waits[-1] > 3 * waits[0], waits


def test_a_post_that_is_too_much_alone_is_put_aside(send, stream):
    stream.plan += ["large"]
    done = send(*posts(1))
    assert (done.sink["dead"], stream.kept) == (1, [])
    assert "refuses it as too large" in done.stderr


def test_a_stream_that_takes_all_is_asked_more_at_a_time_up_to_the_limit(send, stream):
    stream.together = 3
    send(*posts(20000), words=("--set", "sinks.firehose.requests=3"))
    assert ids(stream) == once(20000) and stream.most == 3


def test_without_keys_it_waits_and_says_so(start_linnet, tmp_path, stream):
    (tmp_path / "posts.ndjson").write_text(lines(*posts(3)))
    env = {name: value for name, value in stream.env.items() if "ACCESS" not in name}
    process = start_linnet("replay", "posts.ndjson", "-o", "firehose:linnet-posts", env=env)
    line = next(line for line in process.stderr if b"refuses the keys" in line)
    assert b"tried again until it works" in line
    assert process.poll() is None and stream.requests == []


def test_what_it_refused_is_a_dead_letter_with_its_reason(linnet, write_config, tmp_path, stream):
    (tmp_path / "posts.ndjson").write_text(lines(*posts(3), tweet(7, "long " * 205000)))
    config = write_config(CONFIG)
    assert linnet("run", "-c", config, env=stream.env).rc == 0
    assert ids(stream) == once(3)
    told = json.loads(linnet("status", "--json", "-c", config).stdout)["sinks"][0]
    assert (told["delivered"], told["dead"], told["pending"]) == (3, 1, 0)
    letters = linnet("dlq", "ls", "--json", "-c", config).documents
    assert [one["key"] for one in letters] == ["x:7"]
    assert "1,000 KiB of a Firehose record" in letters[0]["reason"]


@pytest.mark.parametrize("pack", ["0", "1KiB"])
def test_a_post_that_alone_is_never_taken_is_a_dead_letter(start_linnet, linnet, write_config, stream, pack):
    config = write_config(CONFIG.replace('linnet.file { path = "../posts.ndjson" }', "linnet.stdin {}")
                          .replace('"linnet-posts"', f'"linnet-posts", pack = "{pack}"'))
    stream.plan += ["poison"] * 10000
    run = start_linnet("run", "-c", config, stdin=subprocess.PIPE, env=stream.env)
    letters, fed = [], 0
    run.stdin.write(lines(tweet(999999, "poison")).encode())

    def buried():
        nonlocal fed
        run.stdin.write(lines(*(tweet(fed + i, "good") for i in range(50))).encode())
        run.stdin.flush()
        fed += 50
        letters[:] = linnet("dlq", "ls", "--json", "-c", config).documents
        return letters
    wait_until(buried, 120)
    run.stdin.close()
    run.stdin = None
    assert run.wait(60) == 0
    assert [one["key"] for one in letters] == ["x:999999"]
    assert "keeps others, and refuses it: InternalFailure: no." in letters[0]["reason"]
    assert ids(stream) == once(fed)


def test_a_kill_loses_nothing(start_linnet, linnet, write_config, tmp_path, stream):
    (tmp_path / "posts.ndjson").write_text(lines(*posts(3000)))
    config = write_config(CONFIG.replace("posts.ndjson\"", "posts.ndjson\", rate = 3000"))
    stream.plan += ["ok", "partial"] * 10
    for reached in (200, 1000):
        process = start_linnet("run", "-c", config, env=stream.env)
        wait_until(lambda: process.poll() is not None or len(stream.kept) > reached)
        process.kill()
        process.wait(60)
    assert linnet("run", "-c", config, env=stream.env).rc == 0
    assert set(ids(stream)) == set(once(3000))
    told = check(json.loads(linnet("status", "--json", "-c", config).stdout))
    assert told["sinks"][0]["delivered"] == told["sources"][0]["received"] == 3000


@pytest.mark.parametrize("answer, code, said", [
    ("described", 0, "describe: works"),
    ("creating", 1, "describe: the stream is CREATING, not ACTIVE"),
    ("html", 1, "describe: its reply is no description of a stream"),
    ("missing", 1, "describe: status 400: there is no such stream in this account and region: "
                   "ResourceNotFoundException: Firehose linnet-posts under account 1234"),
])
def test_a_check_asks_for_the_stream(linnet, write_config, stream, answer, code, said):
    stream.plan += [answer]
    done = linnet("check", "--online", "-c", write_config(CONFIG), env=stream.env)
    assert done.rc == code and "sinks.stream: " + said in done.stdout, done


def test_a_check_without_a_region_says_so(linnet, write_config):
    env = {**KEYS, "AWS_REGION": ""}
    done = linnet("check", "--online", "-c", write_config(CONFIG), env=env)
    assert done.rc == 1 and "there is no region" in done.stdout


@pytest.mark.parametrize("sink, said", [
    ('linnet.firehose {}', "stream"),
    ('linnet.firehose { stream = "a b" }', "1 to 64 letters"),
    ('linnet.firehose { stream = "a", pack = "2MB" }', "pack"),
    ('linnet.firehose { stream = "a", delimiter = "tab" }', "comma_newline"),
])
def test_wrong_settings_are_refused_with_their_place(linnet, write_config, sink, said):
    done = linnet("check", "-c", write_config("return { sinks = { f = %s } }" % sink))
    assert done.rc == 78 and said in done.stderr and "linnet.lua:1:" in done.stderr
