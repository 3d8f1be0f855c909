"""On a terminal: readable lines, colour, a progress bar, and hostile text that stays text."""
import json
import re

import pytest

from material import HOSTILE, OWN, inert, lines, plain


def test_posts_are_one_readable_line_each(on_terminal):
    given = lines(plain("A good\nday", author={"handle": "ann"}), plain("a bad day"))
    rc, out = on_terminal("run", "-i", "-", "-o", "stdout", "--color=never", input=given)
    first, second = [line for line in out.decode().splitlines() if "day" in line]
    assert rc == 0 and re.search(r"positive +\+0.440 .*@ann  A good day", first)
    assert re.search(r"negative +-0.542", second) and b"\x1b" not in out


def test_colour_is_for_terminals_and_can_be_told_otherwise(on_terminal, linnet):
    words = ("run", "-i", "-", "-o", "stdout")
    post = lines(plain("good"))
    assert b"\x1b[32m" in on_terminal(*words, input=post)[1]
    assert b"\x1b[" not in on_terminal(*words, input=post, env={"NO_COLOR": "1"})[1]
    assert b"\x1b[" not in on_terminal(*words, "--color=never", input=post)[1]
    assert b"\x1b[32m" in on_terminal(*words, "--color=always", input=post,
                                      env={"NO_COLOR": "1"})[1]
    assert "\x1b[" not in linnet(*words, input=post).stdout


def test_hostile_posts_are_inert(on_terminal):
    given = lines(plain(HOSTILE, author={"handle": HOSTILE}, id=HOSTILE), HOSTILE)
    for words in (("run", "-i", "-", "-o", "stdout"), ("replay", "-")):
        rc, out = on_terminal(*words, input=given)
        assert rc == 0 and b"gone" in out and inert(out), out


def test_hostile_texts_are_inert_in_score_and_match(on_terminal):
    given = lines(HOSTILE.replace("\r\n", " "))
    for words in (("score",), ("score", "--explain"), ("match", "-e", "gone"),
                  ("match", "-e", "nothing")):
        rc, out = on_terminal(*words, input=given)
        assert rc == 0 and b"gone" in out and inert(out), out


def test_long_texts_and_pipes_keep_every_byte(linnet):
    text = "good \x1b[2J\x9b\u202e " * 2000 + "end"
    assert linnet("match", "-e", "good", text).stdout.split("\t")[2] == text + "\n"
    assert linnet("score", text).stdout.split("\t")[2] == text + "\n"


def test_json_on_a_terminal_is_inert_too(on_terminal):
    for words in (("score", "--json", "--explain"), ("match", "--json", "-e", "gone")):
        rc, out = on_terminal(*words, input=lines(json.dumps(plain(HOSTILE))))
        assert inert(out), out


def test_hostile_names_queries_and_flags_are_inert_in_errors(on_terminal):
    name = "\x1b[2J\x9b31m\x07\u202e"
    for words in (("replay", name), ("run", "-i", "-", "-e", f"(cat {name}"), (name,),
                  ("check", "-c", name), ("run", f"--{name}"), ("replay", "-", "-o", name),
                  ("check", "--set", f"{name}=1"), ("score", "--scorer", name, "x"),
                  ("replay", "-", "-o", f"ndjson:/nope/{name}"), ("help", name),
                  ("init", f"/proc/{name}"), ("demo", "--seconds", name), ("version", name)):
        rc, out = on_terminal(*words)
        assert rc in (1, 2, 78) and out and inert(out), (words, out)


def test_malformed_records_are_quoted_inertly(on_terminal):
    given = '{"\x1b[2J\x9b\u202e": \n'
    rc, out = on_terminal("replay", "-", "-o", "discard", input=given)
    assert rc == 0 and b"malformed" in out and inert(out)


def test_a_long_line_is_cut_to_the_terminal(on_terminal):
    rc, out = on_terminal("run", "-i", "-", "-o", "stdout", "--color=never",
                          input=lines(plain("good " * 200)))
    longest = max(len(line) for line in out.decode().splitlines() if "good" in line)
    assert rc == 0 and longest <= 80


def test_replay_draws_a_bar_and_takes_it_away(on_terminal, posts):
    rc, out = on_terminal("replay", posts, "-o", "discard")
    assert rc == 0 and re.search(rb"\r\[=* *\] +\d+%  \d+ records  \d+/s  \S+ left", out)
    assert b"\r\x1b[K" in out and b"received 4721 = " in out


def test_demo_draws_its_table_over_itself(on_terminal):
    rc, out = on_terminal("demo", "--seconds", "1.2")
    assert rc == 0 and re.search(rb"\x1b\[\d+A\x1b\[J", out) and inert(out)


@pytest.mark.parametrize("columns, cells", [(80, 9), (100, 20), (40, 0)])
def test_the_bars_of_the_demo_end_before_the_edge(on_terminal, columns, cells):
    for seconds in (1.5, 15):  # a busy machine may have played nothing yet
        rc, out = on_terminal("demo", "--seconds", seconds, "-e", "the OR a", columns=columns)
        last = re.findall(r"^e1 .*$", OWN.sub(b"", out).decode(), re.M)[-1]
        if int(last.split()[1]):
            break
    assert rc == 0 and last.count("▇") == cells and inert(out)


@pytest.mark.parametrize("words", [(), ("--ids",), ("--format", "csv"), ("--format", "csv", "--safe")])
def test_an_export_cannot_act_on_the_terminal(on_terminal, linnet, words):
    given = lines(plain(HOSTILE, id=HOSTILE, author={"name": HOSTILE}), plain("last"))
    assert linnet("replay", "-", "-o", "sqlite:a.db", input=given).rc == 0
    rc, out = on_terminal("export", "--store", "a.db", *words)
    assert rc == 0 and b"gone" in out and inert(out)
