"""Live reload: what a user edits is taken over while posts stream, and a mistake changes nothing."""
import json
import os
import random
import re
import signal
import socket
import subprocess
import time
from datetime import datetime

import pytest
from material import put, wait_until

TRACK = 'return { %s }\n'
MAIN = """return {
  track = require "track",
  scorers = { default = "mood" },
  sources = { posts = linnet.file { path = "%(posts)s", rate = %(rate)s, ["repeat"] = true } },
}
"""
SCORER = 'return linnet.scorer { engine = "vader", lexicon = "mood" }\n'
LEXICON = 'return linnet.lexicon { words = { good = %s } }\n'


@pytest.fixture
def folder(tmp_path, posts, write_config):
    """A configuration with a scorer and a lexicon of its own; gives its folder."""
    write_config(MAIN % {"posts": posts, "rate": 300}, track=TRACK % 'coffee = "coffee"')
    config = tmp_path / "config"
    for kind, text in {"scorers": SCORER, "lexicons": LEXICON % 2}.items():
        (config / kind).mkdir()
        (config / kind / "mood.lua").write_text(text, encoding="utf-8")
    return config


class Running:
    """A `linnet run` whose output goes to files, and questions to its control socket."""

    def __init__(self, process, tmp_path):
        self.process, self.tmp_path = process, tmp_path
        self.state = tmp_path / ".local/state/linnet"
        wait_until(lambda: self.status_or_none())

    def ask(self, verb):
        at = os.open(self.state, os.O_PATH | os.O_DIRECTORY)
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(120)
                link.connect(f"/proc/self/fd/{at}/control.sock")
                link.sendall(json.dumps({"verb": verb}).encode() + b"\n")
                with link.makefile("rb") as answer:
                    return json.loads(answer.readline())
        finally:
            os.close(at)

    def status_or_none(self):
        assert self.process.poll() is None, (self.tmp_path / "stderr").read_text()
        try:
            return self.ask("status")
        except (FileNotFoundError, ConnectionRefusedError):
            return None

    def status(self):
        return self.ask("status")

    def wait_for_generation(self, generation, seconds=60):
        return wait_until(lambda: (s := self.status())["generation"] >= generation and s, seconds)

    def wait_for_failures(self, count, seconds=60):
        return wait_until(lambda: (s := self.status())["failed_reloads"] >= count and s, seconds)

    def stderr(self):
        return (self.tmp_path / "stderr").read_text()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.stderr()


@pytest.fixture
def run(folder, start_linnet, tmp_path):
    def start(*words):
        with open(tmp_path / "stderr", "wb") as log, open(tmp_path / "out", "wb") as out:
            process = start_linnet("run", *words, stdout=out, stderr=log,
                                   stdin=subprocess.DEVNULL)
        return Running(process, tmp_path)
    return start


def test_a_query_added_to_a_required_file_is_taken_over_within_a_second(run, folder, tmp_path):
    running = run()
    put(folder / "track.lua", TRACK % 'coffee = "coffee", the = "the"')
    saved = time.monotonic()
    status = running.wait_for_generation(2)
    print(f"note: published {time.monotonic() - saved:.3f} s after the file was saved")
    assert "queries: 1 added (the)" in status["report"]
    wait_until(lambda: b'"queries":["the"]' in (tmp_path / "out").read_bytes())
    running.stop()
    kept = [json.loads(line) for line in (tmp_path / "out").read_bytes().splitlines()]
    assert all(post["generation"] == 2 for post in kept if "the" in post["queries"])


def test_a_lexicon_that_only_a_scorer_names_is_watched(run, folder):
    running = run()
    put(folder / "lexicons/mood.lua", LEXICON % "3, awful = -2")
    status = running.wait_for_generation(2)
    assert status["report"] == "words of mood: 1 added (awful), 1 changed (good)"
    running.stop()


def test_a_plugin_put_in_front_of_a_shipped_one_is_noticed(run, folder, tmp_path, root):
    running = run()
    (folder / "schemas").mkdir()
    shipped = (root / "plugins/schemas/post.lua").read_text()
    put(folder / "schemas/post.lua", shipped.replace('{ "network", "keyword" },', ""))
    assert running.wait_for_generation(2)["report"] == "fields of schema post: 1 removed (network)"
    running.stop()


def test_hup_reloads(run):
    running = run()
    running.process.send_signal(signal.SIGHUP)
    assert running.wait_for_generation(2)["report"] == "nothing changed"
    running.stop()


def test_touching_a_file_reloads_nothing(run, folder):
    running = run("-v")
    os.utime(folder / "track.lua")
    wait_until(lambda: "nothing changed" in running.stderr())
    assert running.status()["generation"] == 1
    running.stop()


def test_the_verb_reload_waits_and_says_what_changed(run, folder, linnet):
    running = run()
    put(folder / "track.lua", TRACK % 'tea = "tea"')
    done = linnet("reload")
    assert done.rc == 0, done
    # Its own, or that of the load which began by itself before it was asked for.
    assert running.stderr().count("queries: 1 added (tea), 1 removed (coffee)") == 1
    assert running.status()["generation"] >= 2 and "generation" in done.stdout
    running.stop()


def test_a_mistake_is_shown_with_its_caret_and_the_old_generation_runs_on(run, folder, linnet):
    running = run()
    put(folder / "track.lua", TRACK % 'coffee = "coffee ("')
    status = running.wait_for_failures(1)
    assert status["generation"] == 1
    assert (status["error"]["line"], status["error"]["column"]) == (1, 27)
    caret = '    return { coffee = "coffee (" }\n                              ^\n'
    assert caret in status["error"]["shown"]
    told = linnet("status")
    assert told.rc == 0 and caret in told.stdout and "track.lua:1:" in told.stdout
    assert "track.lua:1:" in running.stderr() and "^" in running.stderr()
    refused = linnet("reload")
    assert refused.rc == 78 and caret in refused.stderr
    before = running.status()["sources"][0]["received"]
    wait_until(lambda: running.status()["sources"][0]["received"] > before)
    put(folder / "track.lua", TRACK % 'coffee = "coffee"')
    assert running.wait_for_generation(2)["error"] is None
    running.stop()


def test_a_running_linnet_is_found_by_a_configuration_that_broke(run, folder, linnet, tmp_path):
    main = (folder / "linnet.lua").read_text()
    put(folder / "linnet.lua", main.replace("return {", 'return { state = "../elsewhere",'))
    (tmp_path / ".local/state").mkdir(parents=True)
    (tmp_path / ".local/state/linnet").symlink_to(tmp_path / "elsewhere")
    running = run()
    put(folder / "linnet.lua", 'return { state = "../elsewhere", track = {')
    running.wait_for_failures(1)
    (tmp_path / ".local/state/linnet").unlink()
    told = linnet("status", "--json")
    assert json.loads(told.stdout)["running"] is True
    stopped = json.loads(linnet("status", "--json", "--state", tmp_path).stdout)
    assert stopped == {"running": False, "sources": [], "sinks": [], "queries": [],
                       "queries_left_out": 0, "spool": {"bytes": 0, "waiting": False}}
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "elsewhere/control.sock").stat().st_mode & 0o777 == 0o600
    running.stop()


def test_status_shows_the_sums_and_what_scripts_counted(run, folder, linnet):
    main = (folder / "linnet.lua").read_text()
    put(folder / "linnet.lua", main.replace("return {", """return { filters = { linnet.filter {
      keep = function() linnet.count "seen" return true end } },"""))
    running = run()
    status = wait_until(lambda: (s := running.status())["counters"] and s)
    assert status["counters"][0]["name"] == "seen" and status["counters"][0]["value"] > 0
    told = linnet("status").stdout
    for numbers, parts in ((r"received (\d+) = (.*)", 5), (r"spooled (\d+) = (.*)", 4)):
        total, rest = re.search(r": " + numbers, told).groups()
        found = re.findall(r"\w+ (\d+)", rest)
        assert len(found) == parts and sum(map(int, found)) == int(total)
    assert re.search(r"^counted seen: \d+$", told, re.M)
    running.stop()


def test_posts_that_are_taken_as_created_now_lag_by_nothing(run, folder):
    main = (folder / "linnet.lua").read_text()
    put(folder / "linnet.lua", main.replace('["repeat"] = true', "restamp = true"))
    running = run()
    source = wait_until(lambda: (s := running.status()["sources"][0])["last_created"] and s)
    assert source["last_created"] == source["last_received"]
    running.stop()


def test_a_state_folder_that_is_a_guess_is_said_to_be_one(linnet, write_config):
    write_config('return { sources = { }, track = { state = "../state" ')
    told = linnet("status")
    assert told.rc == 0 and told.stderr.startswith("config/linnet.lua:1:")
    assert "linnet: taken instead: the state in " in told.stderr and "--state" in told.stderr
    for clear in ('return { state = "../state", track = {', "return { workers = }"):
        write_config(clear)
        assert linnet("status").stderr == ""


def test_status_says_that_none_is_running(linnet):
    told = linnet("status")
    assert (told.rc, told.stdout.startswith("linnet is not running")) == (0, True)
    assert linnet("reload").rc == 1


def test_a_second_one_leaves_the_socket_of_the_first(run, linnet):
    running = run()
    second = linnet("run", "-c", "config/linnet.lua", "-o", "discard", "--set",
                    "sources.posts.repeat=false", "--set", "sources.posts.rate=0")
    assert second.rc == 0 and "another linnet runs" in second.stderr
    assert running.status()["pid"] == running.process.pid
    running.stop()


def test_a_socket_that_a_killed_one_left_is_replaced(run):
    first = run()
    first.process.kill()
    first.process.wait()
    assert (first.state / "control.sock").exists()
    second = run()
    assert second.status()["pid"] == second.process.pid
    second.stop()
    assert not (second.state / "control.sock").exists()


def test_a_filter_that_fails_for_every_recent_post_is_not_taken_over(run, folder):
    running = run("-e", "the", "-o", "discard")
    wait_until(lambda: running.status()["sources"][0]["spooled"] > 20)
    main = (folder / "linnet.lua").read_text()
    wrong = "filters = { linnet.filter { keep = function(message) return message.no.such end } },"
    put(folder / "linnet.lua", main.replace("return {", "return { " + wrong))
    status = running.wait_for_failures(1)
    assert status["generation"] == 1 and "recent posts" in status["error"]["text"]
    put(folder / "linnet.lua", main)
    running.wait_for_generation(2)
    running.stop()


def test_flags_stay_applied(run, folder):
    running = run("-e", "music", "-o", "discard")
    put(folder / "track.lua", TRACK % 'tea = "tea"')
    running.wait_for_generation(2)
    assert [sink["name"] for sink in running.status()["sinks"]] == ["discard"]
    running.process.send_signal(signal.SIGHUP)
    running.wait_for_generation(3)
    running.stop()


def test_sinks_come_go_and_change_without_losing_a_post(run, folder, tmp_path):
    main = (folder / "linnet.lua").read_text()
    sinks = [f'kept = linnet.ndjson {{ path = "../{name}" }},' for name in "ab"]
    write = lambda text: put(folder / "linnet.lua",
                              main.replace("sources =", f"sinks = {{ {text} }}, sources ="))
    put(folder / "track.lua", TRACK % 'the = "the OR a"')
    write(sinks[0])
    running = run()
    first = running.process.pid
    grown = lambda name: (tmp_path / name).exists() and (tmp_path / name).stat().st_size
    wait_until(lambda: grown("a"))
    write(sinks[1] + 'more = linnet.ndjson { path = "../more", schema = "tweet" },')
    status = running.wait_for_generation(2)
    assert "sinks: 1 added (more), 1 changed (kept)" in status["report"]
    wait_until(lambda: grown("more") and grown("b"))
    write(sinks[1])
    status = running.wait_for_generation(3)
    assert "sinks: 1 removed (more)" in status["report"]
    names = lambda: [sink["name"] for sink in running.status()["sinks"]]
    assert names() == ["kept", "more"]  # what waits for it is kept until it is forgotten
    write(sinks[1] + 'bad = linnet.ndjson { path = "../missing/x" },')
    status = running.wait_for_failures(1)
    assert status["generation"] == 3 and "missing/x" in status["error"]["text"]
    assert names() == ["kept", "more"]
    kept = running.status()["sinks"][0]
    assert kept["spooled"] == kept["delivered"] + kept["pending"]
    running.stop()
    assert running.process.pid == first
    lines = [json.loads(line) for name in "ab" for line in (tmp_path / name).open()]
    assert len({post["id"] for post in lines}) == len(lines) >= kept["delivered"]
    assert all("tweet" in json.loads(line) for line in (tmp_path / "more").open())


def test_a_source_that_is_removed_ends_and_one_that_is_added_begins(run, folder, posts):
    main = (folder / "linnet.lua").read_text()
    running = run("-o", "discard")
    wait_until(lambda: running.status()["sources"][0]["received"] > 1)
    other = f'other = linnet.file {{ path = "{posts}", rate = 50, ["repeat"] = true }}, '
    put(folder / "linnet.lua", main.replace("sources = {", "sources = { " + other))
    status = running.wait_for_generation(2)
    assert status["report"] == "sources: 1 added (other)"
    assert status["sources"][0]["name"] == "posts" and status["sources"][0]["received"] > 1
    put(folder / "linnet.lua", main.replace("posts = linnet.file", "other = linnet.file")
         .replace("rate = 300", "rate = 50"))
    assert running.wait_for_generation(3)["report"] == "sources: 1 removed (posts)"
    wait_until(lambda: [one["name"] for one in running.status()["sources"]] == ["other"])
    running.stop()


def test_a_thousand_queries_and_vader_are_published_soon(run, folder, posts):
    words = [f"word{i} OR (tag{i} -other{i}) OR #tag{i}" for i in range(1000)]
    track = "".join(f'q{i} = [[ {words[i]} ]],' for i in range(1000))
    main = MAIN % {"posts": posts, "rate": 300}
    put(folder / "linnet.lua", main.replace('default = "mood"', 'default = "vader"'))
    put(folder / "track.lua", TRACK % (track + 'coffee = "coffee"'))
    running = run("-o", "discard")
    wait_until(lambda: running.status()["sources"][0]["received"] > 200)
    took = []
    for i in range(9):
        put(folder / "track.lua", TRACK % (track + f'coffee = "coffee OR c{i}"'))
        outcome = running.ask("reload")
        # Its own change, or that of the load which began by itself before it was asked for.
        assert outcome["done"] and running.stderr().count("1 changed (coffee)") == i + 1
        took.append(outcome["took_s"] * 1000)
    print(f"note: 1,000 queries and VADER: published after {sorted(took)[4]:.0f} ms "
          f"(longest {max(took):.0f} ms)")
    running.stop()


# ---- many reloads under full rate ---------------------------------------------------------------

MANY = "coffee OR tea OR music OR school"  # about fifty posts a round


SLIM = """return linnet.schema {
  { "id", "keyword" }, { "generation", "long" }, { "queries", "keyword" }, { "received", "date" },
}
"""


def read_documents(path):
    """(id, generation, queries) of each post, and the longest time in which none came, in ms."""
    documents, longest, last = [], 0, None
    with open(path, "rb") as lines:
        for document in map(json.loads, lines):
            if "deleted" in document:
                continue
            documents.append((document["id"], document["generation"], tuple(document["queries"])))
            if document["received"] != last:
                now = datetime.fromisoformat(document["received"].replace("Z", "+00:00"))
                if last:
                    longest = max(longest, (now - before).total_seconds() * 1000)
                last, before = document["received"], now
    return documents, longest


class Edits:
    """One edit of each kind; every good one is marked by a number that its documents show."""

    def __init__(self, folder):
        self.folder, self.number = folder, 1
        self.kinds = [self.good, self.broken_lua, self.good, self.broken_query, self.missing,
                      self.good, self.endless, self.huge, self.half, self.symlink]

    def mark(self):
        self.number += 1
        return TRACK % f'm{self.number} = "{MANY}"'

    def good(self):
        put(self.folder / "track.lua", self.mark())
        return True

    def broken_lua(self):
        put(self.folder / "track.lua", "return { oops")
        return False

    def broken_query(self):
        put(self.folder / "track.lua", TRACK % 'm = "a (b"')
        return False

    def missing(self):
        (self.folder / "track.lua").unlink()
        return False

    def endless(self):
        put(self.folder / "track.lua", "while true do end")
        return False

    def huge(self):
        words = "".join(f"w{i}={i % 7 - 3}," for i in range(200_000))
        put(self.folder / "lexicons/mood.lua", LEXICON % ("2," + words))
        put(self.folder / "track.lua", self.mark())
        return True

    def half(self):
        put(self.folder / "lexicons/mood.lua", LEXICON % random.uniform(1, 3))
        text = self.mark()
        (self.folder / "track.lua").write_text(text[:len(text) // 2])
        return False

    def symlink(self):
        aside = self.folder / f"track{self.number % 2}.txt"
        aside.write_text(self.mark())
        link = self.folder / "link"
        link.symlink_to(aside.name)
        os.replace(link, self.folder / "track.lua")
        return True


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def check_documents(documents):
    """Nothing twice, nothing lost between, and no post of two generations."""
    ids = [document[0] for document in documents]
    assert len(set(ids)) == len(ids), "a post came twice"
    rounds = {}
    for one in ids:
        base, _, number = one.partition("-")
        rounds.setdefault(int(number or 0), set()).add(base)
    whole = rounds[1]
    assert len(rounds) > 3
    for number in range(max(rounds)):
        assert rounds[number] == whole, f"round {number} is not whole"
    assert rounds[max(rounds)] <= whole
    generations = [generation for _, generation, _ in documents]
    assert generations == sorted(generations), "a generation came back"
    marks = {}
    for _, generation, queries in documents:
        marks.setdefault(generation, set()).add(queries)
    assert all(len(seen) == 1 for seen in marks.values()), "a generation is mixed"
    return len(marks)


def reload_many(run, folder, posts, tmp_path, count):
    track, lexicon = folder / "track.lua", LEXICON % 2
    (folder / "schemas").mkdir()
    put(folder / "schemas/slim.lua", SLIM)
    main = MAIN % {"posts": posts, "rate": 0}
    put(folder / "linnet.lua", main.replace("return {", 'return { schema = "slim",'))
    put(track, TRACK % f'm1 = "{MANY}"')
    running, edits = run("-o", "ndjson:kept"), Edits(folder)
    warm, most, good, bad, answers = None, 0, 0, 0, []
    for i in range(count):
        kind = edits.kinds[i % len(edits.kinds)]
        expected = kind()
        outcome = running.ask("reload")
        assert outcome["done"] is expected, (kind.__name__, outcome)
        good, bad = good + expected, bad + (not expected)
        asked = time.monotonic()
        running.status()
        answers.append(time.monotonic() - asked)
        if not track.exists() or i % len(edits.kinds) == len(edits.kinds) - 1:
            put(folder / "lexicons/mood.lua", lexicon)
        if i == count // 2:
            warm = most, descriptors(running.process.pid)
        most = max(most, resident_kib(running.process.pid))
    after = resident_kib(running.process.pid)
    # What is open for a moment only, such as a file that is read again, is closed again.
    wait_until(lambda: descriptors(running.process.pid) <= warm[1] + 1)
    running.stop()
    documents, stall = read_documents(tmp_path / "kept")
    marks, answer = check_documents(documents), max(answers) * 1000
    print(f"note: {count} reloads, {good} good, {bad} refused, {marks} generations in "
          f"{len(documents)} documents; longest silence {stall:.0f} ms, slowest status "
          f"{answer:.0f} ms; resident {warm[0] // 1024} -> {after // 1024} MiB")
    assert after < warm[0] * 1.3 + 64 * 1024
    assert stall < 30000 and answer < 30000  # it stood still for no reload


def test_two_hundred_reloads_under_full_rate_lose_and_double_nothing(run, folder, posts, tmp_path):
    reload_many(run, folder, posts, tmp_path, 200)


@pytest.mark.soak
def test_two_thousand_reloads_under_full_rate(run, folder, posts, tmp_path):
    reload_many(run, folder, posts, tmp_path, 2000)
