"""Streams that are cut in all ways, one after the other: every post is kept once, and memory is flat."""
import os
import random
import time

import pytest
from material import wait_until
from running import check
from test_x import BEARER, Run, fake, run  # noqa: F401  (fixtures)
from x_fake import V2, Stream, line, post

OVERLAP = 20
MINUTES = float(os.environ.get("LINNET_SOAK_HOURS", 1 / 6)) * 60


class Rough(Stream):
    """A connection that gives the next posts in pieces of any size, some of them again, and ends in
    one of the ways in which connections end."""

    def __init__(self, source):
        super().__init__()
        self.source = source

    def give(self, client):
        source, pick = self.source, self.source.pick
        self.client = client
        client.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        first = max(source.next - OVERLAP, 1)
        count = pick.randrange(1, 400)
        source.next = max(source.next, first + count)
        text = b"".join(line(post(i, "x" * pick.randrange(3000))) + b"\r\n" * pick.randrange(2)
                        for i in range(first, first + count))
        how = pick.choice(("whole", "half", "silent", "reset", "chunk"))
        if how != "whole":
            text += line(post(source.next, "not to its end"))[:pick.randrange(1, 200)]
        while text:
            size = pick.choice((1, 10, 1000, 10000, 100000))
            self.send(text[:size])
            text = text[size:]
        if how == "silent":
            self.closed.wait(pick.uniform(0, 3))
        if how == "chunk":
            client.sendall(b"ffff\r\nabc")
        if how == "whole":
            client.sendall(b"0\r\n\r\n")


class Source:
    def __init__(self, seed):
        self.pick, self.next = random.Random(seed), 1


def resident(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(one.split()[1]) for one in status if one.startswith("VmRSS"))


def keep_cutting(fake, run, seconds):
    """All posts of so long a time; the memory after its first part and at its end, in KiB."""
    source = Source(1)
    fake.answers[V2] = [Rough(source)]
    run.start(fake, BEARER + ', backfill = "off", stall = "1s"')
    begun, early = time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        time.sleep(0.5)
        if time.monotonic() - begun > seconds / 5 and not early:
            early = resident(run.process)
    late, last = resident(run.process), source.next - 1
    wait_until(lambda: run.source()["spooled"] >= last, 60)
    check(run.status())
    assert run.stop() == 0
    ids = list(map(int, run.ids()))
    assert len(ids) == len(set(ids)) and set(range(1, last + 1)) <= set(ids), run.log()[-2000:]
    return early, late


def test_a_stream_that_is_cut_again_and_again_loses_nothing(fake, run):
    keep_cutting(fake, run, 8)


@pytest.mark.soak
def test_ten_minutes_of_cuts_lose_nothing_and_take_no_memory(fake, run):
    early, late = keep_cutting(fake, run, MINUTES * 60)
    assert late < early * 1.2 + 4096
