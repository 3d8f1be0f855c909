"""The manual pages: clean mdoc, written from the tables, and what they show works."""
import re
import subprocess

import pytest

PAGES = ("linnet", "linnet-config", "linnet-query")
# Of pages that are not installed here, and of systems that name themselves.
IDLE_NOTES = ("referenced manual not found", "operating system explicitly specified")


@pytest.fixture
def page(linnet):
    """page(name) is its source."""
    def print_it(name):
        done = linnet("help", "--man", name)
        assert (done.rc, done.stderr) == (0, "")
        return done.stdout
    return print_it


@pytest.fixture
def shown(page):
    """shown(name) is what a reader sees, in lines that are not broken."""
    def show(name):
        done = subprocess.run(["mandoc", "-Tutf8", "-Owidth=400"], input=page(name), text=True,
                              capture_output=True, check=True)
        return re.sub(r".\x08", "", done.stdout)
    return show


def examples(source, macro):
    """The quoted arguments of `.It MACRO`, as a reader sees them."""
    texts = re.findall(rf'^\.It {macro} "(.*)"$', source, re.M)
    shown = {r"\(dq": '"', r"\-": "-", r"\(aq": "'", r"\(ti": "~", r"\e": "\\"}
    return [re.sub(r"\\(\(..|.)", lambda found: shown[found.group()], one) for one in texts]


def literal(source):
    """The displays of a page."""
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", source, re.M | re.S):
        yield block.replace(r"\(dq", '"').replace(r"\-", "-").replace(r"\(aq", "'")


@pytest.mark.parametrize("name", PAGES)
def test_mandoc_finds_nothing_wrong_with_a_page(page, name):
    done = subprocess.run(["mandoc", "-Tlint", "-Wstyle"], input=page(name), text=True,
                          capture_output=True, check=False)
    told = [line for line in (done.stdout + done.stderr).splitlines()
            if not any(note in line for note in IDLE_NOTES) and "makewhatis" not in line]
    assert told == []


def test_every_verb_and_flag_is_in_linnet_1(linnet, page):
    source = page("linnet")
    verbs = re.findall(r"^  (\w+) +\S", linnet("help").stdout.split("examples")[0], re.M)
    assert len(verbs) > 10
    for verb in verbs:
        assert f"\n.Ss {verb}\n" in source
        for flag in re.findall(r"--([\w-]+)  ?", linnet("help", verb).stdout.split("flags:")[1]):
            assert rf"Fl \-{flag}" in source


def test_every_source_sink_and_option_is_in_linnet_config_5(linnet, page):
    source = page("linnet-config")
    parts = linnet("help", "run").stdout.split("\nsources:\n")[1]
    names = re.findall(r"^  (\w+)", parts, re.M)
    assert "file" in names and "sqlite" in names
    assert all(f"\n.Ss {table}\n" in source for table in ("spool", "http"))
    for name in names:
        assert f"\n.Ss linnet.{name}\n" in source
    for option in re.findall(r"^    (\w+)", parts, re.M):
        assert f'.It Ic "{option}"' in source
    for key in ("sources", "track", "scorers", "grace", "when_full", "extends"):
        assert f'.It Ic "{key}"' in source


def test_the_configuration_of_linnet_config_5_is_one(linnet, page, write_config):
    [text] = literal(page("linnet-config"))
    done = linnet("check", "-c", write_config(text.replace("posts.ndjson", "/dev/null")))
    assert done.rc == 0, done


def test_every_query_of_linnet_query_7_is_one(linnet, page):
    texts = examples(page("linnet-query"), "Li")
    assert len(texts) > 20 and "lang:en" in texts
    for text in texts:
        done = linnet("match", "-e", text, "coffee")
        assert done.rc == 0 or "search and alerts" in done.stderr, (text, done)


def test_what_the_pages_say_is_what_a_reader_sees(shown):
    assert "-c, --config FILE" in shown("linnet")
    assert "`linnet export` reads" in shown("linnet-config")
    assert '"black coffee"~3' in shown("linnet-query") and "/colou?r/" in shown("linnet-query")


def test_a_page_that_there_is_not_is_wrong_usage(linnet):
    done = linnet("help", "--man", "linnet-cooking")
    assert (done.rc, done.stdout) == (2, "") and "linnet-query" in done.stderr
