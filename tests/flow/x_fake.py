"""A small X on 127.0.0.1 that says what a scenario wants, byte for byte: streams of both APIs, rules,
tokens, recent search. tests/real has real clients of X read from it."""
import json
import socketserver
import ssl
import threading
import time
from urllib.parse import parse_qs, urlsplit

from material import ROOT

DATA = ROOT / "tests/data"
V2, V1, RULES = "/2/tweets/search/stream", "/1.1/statuses/filter.json", "/2/tweets/search/stream/rules"
SEARCH, TOKEN = "/2/tweets/search/recent", "/oauth2/token"


def post(identity, text, **fields):
    """A post as v2 streams it."""
    data = {"id": str(identity), "text": text, "author_id": "7", "lang": "en",
            "created_at": "2026-11-20T10:35:00.000Z", "edit_history_tweet_ids": [str(identity)]}
    users = [{"id": "7", "username": "ada_sample", "name": "Ada"}]
    return {"data": {**data, **fields}, "includes": {"users": users},
            "matching_rules": [{"id": "1", "tag": "t"}]}


def id_at(seconds):
    """An id of a post that is written so many seconds from now."""
    return int((time.time() + seconds) * 1000) - 1288834974657 << 22


def line(record):
    return json.dumps(record, ensure_ascii=False).encode() + b"\r\n"


def by_length(record):
    body = line(record)
    return b"%d\r\n" % len(body) + body


def problem(name):
    return (DATA / "x-v2" / name).read_bytes()


class Request:
    def __init__(self, method, target, headers, body):
        self.method, self.headers, self.body = method, headers, body
        self.path, self.query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.target, self.at = target, time.monotonic()


class Answer:
    """A whole reply."""

    def __init__(self, status, body=b"", **headers):
        self.status, self.headers = status, headers
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()

    def give(self, client):
        named = {"content-type": "application/json", "content-length": len(self.body),
                 "connection": "close", **{k.replace("_", "-"): v for k, v in self.headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        client.sendall(f"HTTP/1.1 {self.status} X\r\n{head}\r\n".encode() + self.body)


class HangUp:
    """No reply."""

    def give(self, client):
        pass


class Stream:
    """A chunked reply of these pieces; a number among them is a pause in seconds, a function is asked
    again and again until it says yes. Then it stands with keep-alives until it is closed, or ends at
    once; `cut`: without saying so."""

    def __init__(self, *pieces, stands=True, cut=False, keep_alive=1, coded=None, **headers):
        self.pieces, self.stands, self.cut, self.headers = pieces, stands, cut, headers
        self.keep_alive, self.coded, self.closed = keep_alive, coded, threading.Event()
        self.lock, self.client = threading.Lock(), None

    def send(self, piece):
        with self.lock:
            self.client.sendall(b"%x\r\n" % len(piece) + piece + b"\r\n")

    def wait_for(self, condition):
        asked = 0
        while not condition() and not self.closed.wait(0.1):
            asked += 1
            if asked % 50 == 0:
                self.send(b"\r\n")

    def give(self, client):
        self.client = client
        if self.coded:
            self.headers["content-encoding"] = self.coded
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in self.headers.items())
        client.sendall(f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{head}"
                       "transfer-encoding: chunked\r\n\r\n".encode())
        for piece in self.pieces:
            if isinstance(piece, (int, float)):
                time.sleep(piece)
            elif callable(piece):
                self.wait_for(piece)
            else:
                self.send(piece)
        while self.stands and not self.closed.wait(self.keep_alive):
            if not self.coded and self.keep_alive < 100:
                self.send(b"\r\n")
        if not self.cut:
            client.sendall(b"0\r\n\r\n")


class Search:
    """Recent search: of these posts, by id, those that a request's ids let through, newest first,
    `page` of them at a time at most. `given`: ids, as often as they were; `instead`: what is called for
    an answer in place of the requests of these numbers, from 0."""

    def __init__(self, ids, query="cat OR dog", page=100, instead=None):
        self.ids, self.query, self.page = sorted(ids, reverse=True), query, page
        self.given, self.asked, self.instead = [], 0, instead or {}

    def __call__(self, request):
        query, number = request.query, self.asked
        self.asked += 1
        if number in self.instead:
            return self.instead[number]()
        since, until = (int(query.get(name, [limit])[0]) for name, limit in (("since_id", 0), ("until_id", 1 << 63)))
        token = int(query.get("next_token", [1 << 63])[0])
        found = [one for one in self.ids if since < one < min(until, token)] if query["query"] == [self.query] else []
        size = min(self.page, int(query["max_results"][0]))
        self.given += found[:size]
        meta = {"result_count": len(found[:size])}
        if len(found) > size:
            meta["next_token"] = str(found[size - 1])
        data = {"data": [post(one, "a cat")["data"] for one in found[:size]]} if found else {}
        return Answer(200, {**data, "meta": meta})


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True
    request_queue_size = 64


class FakeX:
    """`answers[path]`: what is given, one after the other, the last one again and again; a function
    among them is asked what it is, with the request."""

    def __init__(self, certificate=None):
        self.requests, self.rules, self.answers, self.lock = [], [], {}, threading.Lock()
        self.refused, self.next_id, self.streams = {}, 1000, []
        fake, context = self, None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    client = context.wrap_socket(self.request, server_side=True) if context \
                        else self.request
                    fake.serve(client)
                except (OSError, ValueError):
                    pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.host = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        for stream in self.streams:
            stream.closed.set()
        self.server.shutdown()
        self.server.server_close()

    def serve(self, client):
        """One request a connection."""
        reader = client.makefile("rb")
        method, target, _ = reader.readline().decode().split()
        headers = {}
        while (text := reader.readline().decode().strip()):
            name, value = text.split(":", 1)
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", 0)))
        request = Request(method, target, headers, body)
        with self.lock:
            self.requests.append(request)
            answer = self.answer_for(request)
            if isinstance(answer, Stream):
                self.streams.append(answer)
        answer.give(client)

    def answer_for(self, request):
        answers = self.answers.get(request.path)
        if answers:
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            return answer(request) if callable(answer) else answer
        if request.path == RULES:
            return self.rules_answer(request)
        if request.path == SEARCH:
            return Answer(200, {"meta": {"result_count": 0}})
        return Answer(404, {"title": "Not Found", "type": "about:blank"})

    def rules_answer(self, request):
        meta = {"sent": "2026-01-15T10:30:00.000Z"}
        if request.method == "GET":
            data = {"data": [dict(rule) for rule in self.rules]} if self.rules else {}
            return Answer(200, {**data, "meta": {**meta, "result_count": len(self.rules)}})
        asked = json.loads(request.body)
        if "delete" in asked:
            ids = asked["delete"]["ids"]
            before = len(self.rules)
            self.rules = [rule for rule in self.rules if rule["id"] not in ids]
            summary = {"deleted": before - len(self.rules), "not_deleted": 0}
            return Answer(200, {"meta": {**meta, "summary": summary}})
        return self.add_rules(asked["add"], meta)

    def add_rules(self, asked, meta):
        """`refused`: value = what X says of it."""
        made, errors, kind = [], [], "https://api.x.com/2/problems/"
        for one in asked:
            same = next((rule for rule in self.rules if rule["value"] == one["value"]), None)
            if one["value"] in self.refused:
                errors.append({"value": one["value"], "details": [self.refused[one["value"]]],
                               "title": "UnprocessableEntity", "type": kind + "invalid-rules"})
            elif same:
                errors.append({"value": one["value"], "id": same["id"], "title": "DuplicateRule",
                               "type": kind + "duplicate-rules"})
            else:
                self.next_id += 1
                made.append({"id": str(self.next_id), **one})
        self.rules += made
        summary = {"created": len(made), "not_created": len(errors), "valid": len(made),
                   "invalid": len(errors)}
        told = {"data": made} if made else {}
        return Answer(201, {**told, "meta": {**meta, "summary": summary},
                            **({"errors": errors} if errors else {})})

    def asked(self, path, method=None):
        with self.lock:
            return [one for one in self.requests if one.path == path and method in (None, one.method)]
