"""Being told to stop: INT is 130 with the summary, TERM is 0, and what was taken is delivered."""
import os
import signal
import subprocess

import pytest

from material import adds_up, lines, plain, sums, wait_until


@pytest.fixture
def endless(tmp_path, start_linnet):
    """endless("replay", "FIFO", …) starts linnet on a FIFO and shows it three posts."""
    writers = []

    def start(*words, env=None):
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        writers.append(os.open(fifo, os.O_RDWR))
        process = start_linnet(*[str(fifo) if word == "FIFO" else word for word in words], env=env)
        os.write(writers[0], lines(plain("one"), plain("two"), plain("three")).encode())
        return process, [process.stdout.readline() for _ in range(3)]
    yield start
    for writer in writers:
        os.close(writer)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_int_ends_an_endless_replay_with_130_and_the_summary(endless, workers):
    process, seen = endless("replay", "FIFO", "--set", f"workers={workers}")
    assert b"three" in seen[2]
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    source, reader = sums(told)
    assert source["received"] == reader["delivered"] == 3 and reader["pending"] == 0
    assert adds_up(source) and adds_up(reader)


def test_term_ends_it_with_zero(endless):
    process, _ = endless("run", "-i", "FIFO", "-o", "stdout")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_int_ends_run_with_130(endless):
    process, _ = endless("run", "-i", "FIFO", "-o", "stdout")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_int_while_nobody_reads_the_output_still_ends_it(start_linnet, posts):
    process = start_linnet("replay", posts)
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in (0, 130)


def test_int_ends_a_demo_with_zero(start_linnet):
    process = start_linnet("demo")
    assert b"linnet demo" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.parametrize("words", [("run", "-i", "-"), ("replay", "-"),
                                   ("run", "-i", "-", "--set", "workers=0")])
def test_int_ends_a_run_whose_pipe_never_said_a_word(start_linnet, words):
    process = start_linnet(*words, "-o", "discard", "-v")
    wait_until(lambda: catches(process.pid, signal.SIGINT))
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)  # started, and waits
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130


def catches(pid, number):
    """Whether the process has a handler of its own for the signal."""
    with open(f"/proc/{pid}/status") as status:
        caught = next(line.split()[1] for line in status if line.startswith("SigCgt"))
    return int(caught, 16) >> number - 1 & 1
