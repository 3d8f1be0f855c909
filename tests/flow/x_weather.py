"""An X on which everything goes wrong in its turn, and which knows what it owes.

Each connection gives again what the embedded store does not show yet, then new posts, and ends as
connections end. Posts of its search are given by nothing else."""
import random
import sqlite3
import socket
import struct
import threading
import time
from collections import Counter

from material import tweet
from x_fake import SEARCH, V1, V2, Answer, FakeX, line, post, problem

OVERLAP = 20
CALM_S = 27  # a stream that stands so long is one that works: X's waits begin anew
ROUGH = ("whole", "half", "silent", "reset", "chunk", "truncated", "told")
REFUSALS = ("503", "cap", "503", "cap", "429", "503 of rules", "nothing")
MISSED, FILTERED, STREAMED = 1_000_000_000, 2_000_000_000, 3_000_000_000  # where ids begin


class Kept:
    """The ids in the embedded store, which grows meanwhile."""

    def __init__(self, path):
        self.path, self.ids, self.last, self.lock = path, set(), 0, threading.Lock()

    def look(self):
        if not self.path.exists():
            return set()
        with self.lock:
            database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
            try:
                found = database.execute("SELECT number, id FROM post WHERE number > ?", (self.last,)).fetchall()
            except sqlite3.OperationalError:
                found = []  # its tables are being made
            database.close()
            self.ids.update(int(name.rpartition(":")[2]) for _, name in found)
            self.last = max([self.last, *(number for number, _ in found)])
            return set(self.ids)


class Line:
    """One stream's posts: `base` + 1, 2, 3 ... up to `top` were given at least once."""

    def __init__(self, weather, base, write):
        self.weather, self.base, self.write = weather, base, write
        self.top, self.calm, self.turns = 0, False, 0

    def record(self, number, text="a cat "):
        return line(self.write(self.base + number, text + "x" * self.weather.pick.randrange(3000)))

    def owed(self):
        """The first that is given: what comes in order is there in order."""
        mine = [one - self.base for one in self.weather.kept.look() if self.base < one <= self.base + self.top]
        return max(max(mine, default=0) - OVERLAP, 0) + 1

    def more(self, first, count):
        """Posts from the first, as bytes; all of them are owed from now on."""
        self.top = max(self.top, first + count - 1)
        keep_alive = [b"\r\n" * self.weather.pick.randrange(2) for _ in range(count)]
        return b"".join(self.record(first + i) + keep_alive[i] for i in range(count))

    def ask(self):
        """How the next connection goes."""
        weather = self.weather
        self.turns += 1
        if weather.over or self.calm or self.turns % 10 == 0:
            return "calm"
        if weather.refuses and weather.pick.random() < 0.12:
            return weather.refusal()
        return weather.pick.choice(ROUGH)

    def give(self, client):
        with self.weather.lock:
            how = self.ask()
        self.weather.seen[how] += 1
        self.weather.counted(how)
        self.calm |= how in REFUSALS
        answer = self.weather.answers.get(how)
        if answer:
            answer().give(client)
        elif how == "calm":
            self.stand(client)
        elif how != "nothing":
            self.rough(client, how)
        if how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()

    def rough(self, client, how):
        pick = self.weather.pick
        first = self.owed()
        count = self.top - first + 1 + pick.randrange(1, 200)
        begin(client)
        text = self.more(first, count)
        if how == "told":
            text += problem("stream-operational-disconnect.json").replace(b"\n", b"") + b"\r\n"
        elif how != "whole":
            text += self.record(self.top + 1, "not to its end ")[:pick.randrange(1, 200)]
        while text:
            size = pick.choice((1, 10, 1000, 10000, 100000))
            send(client, text[:size])
            text = text[size:]
        if how == "silent":
            time.sleep(pick.uniform(0, 3))
        if how == "chunk":
            client.sendall(b"ffff\r\nabc")
        if how in ("whole", "told"):
            client.sendall(b"0\r\n\r\n")

    def stand(self, client):
        """Its own posts without a gap: another connection, which linnet has left, may still give some."""
        begun, at = time.monotonic(), self.owed()
        count = max(self.top - at + 1, 1)
        begin(client)
        while True:
            send(client, self.more(at, count) if count else b"\r\n")
            at += count
            time.sleep(0.1)
            if not self.weather.over and time.monotonic() - begun > CALM_S:
                break
            count = max(self.top - at + 1, 0) if self.weather.over else self.weather.pick.randrange(8)
        self.calm = False


def begin(client):
    client.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")


def send(client, piece):
    if piece:
        client.sendall(b"%x\r\n" % len(piece) + piece + b"\r\n")


class Given:
    """An answer that is made when it is asked for."""

    def __init__(self, make):
        self.make = make

    def give(self, client):
        self.make().give(client)


class Weather:
    """The server; `refuses`: answers, too, after which X is not to be asked for a while."""

    def __init__(self, store, seed, refuses, certificate):
        self.pick, self.kept, self.refuses = random.Random(seed), Kept(store), refuses
        self.fake, self.lock, self.over, self.seen = FakeX(certificate), threading.RLock(), False, Counter()
        self.streamed, self.filtered = Line(self, STREAMED, post), Line(self, FILTERED, tweet)
        self.missed = self.refused = self.pages = 0
        self.answers = {
            "503": lambda: Answer(503, b"<html>"),
            "429": lambda: Answer(429, problem("error-429-too-many-connections.json")),
            "cap": lambda: Answer(429, problem("error-usage-capped.json"),
                                  x_rate_limit_reset=int(time.time()) + 3)}
        self.fake.answers.update({V2: [self.streamed], V1: [self.filtered], SEARCH: [Given(self.search)]})
        told = self.fake.rules_answer
        self.fake.rules_answer = lambda request: self.rules(request, told)
        self.fake.server.verify_request = lambda *_: self.over or self.pick.random() > 0.05

    def refusal(self):
        """429 is a wait of a minute and more: the one stream or the other has it now and then."""
        self.refused += 1
        how = REFUSALS[self.refused % len(REFUSALS)]
        return "503" if how == "503 of rules" else how

    def counted(self, how):
        """Whoever looked for posts while this one ended missed some."""
        if how != "calm" and not self.over:
            self.missed += self.pick.randrange(3)

    def rules(self, request, told):
        if self.refuses and not self.over and self.pick.random() < 0.05:
            self.streamed.calm = True
            self.seen["503 of rules"] += 1
            return Answer(503, b"")
        return told(request)

    def search(self):
        """A page of what search alone gives and the store has not yet; sometimes cut, or refused."""
        lacking = [MISSED + i for i in range(1, self.missed + 1) if MISSED + i not in self.kept.look()]
        if not self.over and self.pick.random() < 0.1:
            self.seen["503 of search"] += 1
            return Answer(503, b"")
        if not lacking:
            return Answer(200, {"meta": {"result_count": 0}})
        found = [post(one, "a cat")["data"] for one in lacking[-100:]]
        self.pages += 1
        more = {"next_token": str(self.pages)} if len(lacking) > 100 else {}
        page = Answer(200, {"data": found, "meta": {"result_count": len(found), **more}})
        if not self.over and self.pick.random() < 0.1:
            self.seen["half a page"] += 1
            page.body, page.headers = page.body[:-20], {"content-length": len(page.body)}
        return page

    def owed(self):
        spans = ((STREAMED, self.streamed.top), (FILTERED, self.filtered.top), (MISSED, self.missed))
        return {base + i for base, top in spans for i in range(1, top + 1)}

    def close(self):
        self.fake.close()
