"""Where a configuration is looked for, what --set changes, and how mistakes explain themselves."""
import json

import pytest

from material import caret_under, lines, plain

# name, the configuration's files, the file that is wrong, what the caret points at, what is said
MISTAKES = {
    "an unknown key": ({"linnet": 'return {\n  schma = "post",\n}'}, "linnet.lua:2:3",
                       'schma = "post",', 'did you mean "schema"?'),
    "a wrong type": ({"linnet": 'return {\n  workers = "two",\n}'}, "linnet.lua:2:13", '"two",',
                     "whole number"),
    "a number out of bounds": ({"linnet": "return { workers = 1000 }"}, "linnet.lua:1:20", "1000",
                               "64"),
    "an unknown schema": ({"linnet": 'return {\n  schema = "pots",\n}'}, "linnet.lua:2:12",
                          '"pots",', 'did you mean "post"?'),
    "an unknown scorer": ({"linnet": 'return { scorers = { en = "vadre" } }'}, "linnet.lua:1:27",
                          '"vadre"', 'did you mean "vader"?'),
    "an unknown constructor": ({"linnet": "return { sinks = { a = linnet.ndjsn {} } }"},
                               "linnet.lua:1:31", "ndjsn", 'did you mean "ndjson"?'),
    "an unknown option": ({"linnet": 'return { sinks = {\n a = linnet.ndjson { pth = "x" } } }'},
                          "linnet.lua:2:22", "pth", 'did you mean "path"?'),
    "a broken query": ({"linnet": 'return { track = {\n  a = "cat (dog",\n} }'},
                       "linnet.lua:2:12", "(dog", "never closed"),
    "a broken query of several lines": (
        {"linnet": 'return { track = require "track" }',
         "track": "return {\n  a = [[ cat OR\n    fro:anna ]],\n}"},
        "track.lua:3:5", "fro:anna", "did you mean from:?"),
    "a syntax error": ({"linnet": "return {\n  workers = 1\n  schema = 'post',\n}"},
                       "linnet.lua:3:3", "schema", "expected"),
    "no table": ({"linnet": "return 3"}, "linnet.lua:1:8", "3", "one table"),
    "a missing module": ({"linnet": 'return { track = require "tracks" }', "track": "return {}"},
                         "linnet.lua:1:26", '"tracks"', 'did you mean "track"?'),
    "a module that returns nothing": (
        {"linnet": 'return { track = require "track" }', "track": "local queries = {}"},
        "track.lua:1:1", "local", "returns nothing"),
    "a plugin of one's own": (
        {"linnet": 'return { scorers = { en = "slagn" } }',
         "scorers/slang": 'return linnet.scorer { engine = "vader" }'},
        "linnet.lua:1:27", '"slagn"', 'did you mean "slang"?'),
    "the outside world": ({"linnet": 'return { x = os.getenv "HOME" }'}, "linnet.lua:1:14", "os",
                          "os"),
    "an endless script": ({"linnet": "while true do end"}, "linnet.lua:1:1", "while", "too long"),
    "labels of a wrong type": (
        {"linnet": 'return { labels = { { "negative", upto = "x" }, { "positive" } } }'},
        "linnet.lua:1:42", '"x"', "number"),
    "a broken lexicon": (
        {"linnet": 'return { scorers = { en = "mine" } }',
         "scorers/mine": 'return linnet.scorer { engine = "vader", lexicon = "mine" }',
         "lexicons/mine": 'return linnet.lexicon {\n  words = { stonks = "a lot" } }'},
        "lexicons/mine.lua:2:22", '"a lot"', "stonks"),
    "a broken scorer": (
        {"linnet": 'return { scorers = { en = "mine" } }',
         "scorers/mine": 'return linnet.scorer {\n  engine = "vadre", lexicon = "vader" }'},
        "scorers/mine.lua:2:12", '"vadre"', 'did you mean "vader"?'),
    "a broken schema": (
        {"linnet": 'return { schema = "mine" }',
         "schemas/mine": 'return linnet.schema {\n  { "id", "keywrd" } }'},
        "schemas/mine.lua:2:11", '"keywrd"', 'did you mean "keyword"?'),
    "certificates that are not there": (
        {"linnet": 'return { sinks = {\n a = linnet.firehose { stream = "a", ca_file = "ca.pem" } } }'},
        "linnet.lua:2:48", '"ca.pem"', "config/ca.pem: No such file"),
    "certificates that are none": (
        {"linnet": 'return { sinks = {\n a = linnet.archive { to = "s3://bucket", ca_file = "linnet.lua" } } }'},
        "linnet.lua:2:53", '"linnet.lua"', "holds no certificate"),
    "certificates of X that are not there": (
        {"linnet": 'return { sources = {\n a = linnet.x { bearer = secret "env:HOME", ca_file = "ca.pem" } } }'},
        "linnet.lua:2:55", '"ca.pem"', "config/ca.pem: No such file"),
    "a bucket with one slash": (
        {"linnet": 'return { sinks = {\n a = linnet.archive { to = "s3:/posts/2026" } } }'},
        "linnet.lua:2:28", '"s3:/posts/2026"', 'did you mean "s3://posts/2026"?'),
    "what is no bucket": (
        {"linnet": 'return { sinks = {\n a = linnet.archive { to = "s3://My_Posts/a" } } }'},
        "linnet.lua:2:28", '"s3://My_Posts/a"', 'to: "My_Posts" cannot be a bucket'),
    "an index with a capital letter": (
        {"linnet": 'return { sinks = {\n a = linnet.opensearch { url = "https://host/Posts" } } }'},
        "linnet.lua:2:32", '"https://host/Posts"', 'url: "Posts" is no name of an index'),
    "an index that is no name": (
        {"linnet": 'return { sinks = {\n'
                   ' a = linnet.opensearch { url = "https://host", index = "posts-{date}" } } }'},
        "linnet.lua:2:56", '"posts-{date}"', 'index: "posts-{date}" is no name of an index'),
    "no index": (
        {"linnet": 'return { sinks = {\n a = linnet.opensearch { url = "https://host" } } }'},
        "linnet.lua:2:32", '"https://host"', "url ends with no name of an index"),
    "an ARN for a stream": (
        {"linnet": 'return { sinks = {\n'
                   ' a = linnet.firehose { stream = "arn:aws:firehose:eu-west-1:12:deliverystream/posts" } } }'},
        "linnet.lua:2:33", '"arn:aws', 'did you mean "posts"?'),
    "an option of all sinks": (
        {"linnet": 'return { sinks = {\n a = linnet.ndjson { path = "x", whenfull = "pause" } } }'},
        "linnet.lua:2:34", "whenfull", 'did you mean "when_full"?'),
    "an option by another name": (
        {"linnet": 'return { sinks = {\n a = linnet.opensearch { hosts = { "https://host" } } } }'},
        "linnet.lua:2:26", "hosts", "it has url, index, auth, "),
    "an option where there is none": (
        {"linnet": 'return { sinks = {\n a = linnet.discard { path = "x" } } }'},
        "linnet.lua:2:23", "path", "it has schema, when_full, start"),
    "a language that is no code": (
        {"linnet": 'return { scorers = {\n english = "vader" } }'},
        "linnet.lua:2:2", "english", "write a code such as en, und or default"),
    "a port that no machine has": (
        {"linnet": 'return { sinks = {\n a = linnet.opensearch { url = "http://host:99999/posts" } } }'},
        "linnet.lua:2:32", '"http://host:99999', "a port from 1 to 65535"),
    "a port of a service that no machine has": (
        {"linnet": 'return { sinks = {\n'
                   ' a = linnet.archive { to = "s3://bucket", endpoint = "https://host:70000" } } }'},
        "linnet.lua:2:54", '"https://host:70000"', "a port from 1 to 65535"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_shows_its_place_its_line_a_caret_and_a_way_out(linnet, write_config, tmp_path,
                                                                  mistake):
    files, place, pointed, said = MISTAKES[mistake]
    for folder in ("scorers", "lexicons", "schemas"):
        (tmp_path / "config" / folder).mkdir(parents=True)
    config = write_config(files["linnet"], **{k: v for k, v in files.items() if k != "linnet"})
    for words in (("check",), ("run", "-i", "-"), ("score", "x")):
        done = linnet(*words, "-c", config)
        assert (done.rc, done.stdout) == (78, "")
        assert done.stderr.startswith(f"{tmp_path}/config/{place}: "), done
        assert caret_under(done.stderr).startswith(pointed) and said in done.stderr, done


@pytest.mark.parametrize("kind, typed, meant", [
    ("sinks", "elasticsearch", "opensearch"), ("sinks", "kibana", "opensearch"),
    ("sinks", "kinesis", "firehose"), ("sinks", "folder", "archive"), ("sinks", "database", "sqlite"),
    ("sources", "twitter", "x"), ("sources", "bucket", "s3")])
def test_a_part_that_others_call_by_another_name_is_found(linnet, write_config, kind, typed, meant):
    config = write_config(f"return {{ {kind} = {{ a = linnet.{typed} {{}} }} }}")
    done = linnet("check", "-c", config)
    assert done.rc == 78 and f'linnet has no "{typed}"' in done.stderr
    assert f'did you mean "{meant}"?' in done.stderr and caret_under(done.stderr).startswith(typed)
    if kind == "sinks":
        done = linnet("run", "-i", "-", "-o", f"{typed}:a", input="")
        assert done.rc == 2 and f'did you mean "{meant}"?' in done.stderr


@pytest.mark.parametrize("kind, typed, meant", [
    ("sinks", "s3", "archive"), ("sinks", "file", "ndjson"), ("sources", "ndjson", "file"),
    ("sources", "archive", "s3")])
def test_a_source_where_a_sink_is_wanted_leads_to_that_sink(linnet, write_config, kind, typed, meant):
    config = write_config(f"return {{ {kind} = {{ a = linnet.{typed} {{}} }} }}")
    done = linnet("check", "-c", config)
    assert done.rc == 78 and f"not linnet.{typed}" in done.stderr
    assert f"did you mean linnet.{meant} {{}}?" in done.stderr, done


def test_a_good_configuration_is_good_with_nothing_on_standard_output(linnet, root):
    for name in ("linnet", "prototype", "examples/archive"):
        done = linnet("check", "-c", root / f"config/{name}.lua")
        assert (done.rc, done.stdout) == (0, "") and "good" in done.stderr


def test_a_missing_configuration_names_the_places(linnet, tmp_path):
    for words in (("check",), ("run",), ("match", "text")):
        done = linnet(*words, env={"XDG_CONFIG_HOME": tmp_path / "xdg"})
        assert (done.rc, done.stdout) == (78, "")
        for place in ("config/linnet.lua", f"{tmp_path}/xdg/linnet/linnet.lua",
                      "/etc/linnet/linnet.lua"):
            assert place in done.stderr
    assert f"{tmp_path}/.config/linnet/linnet.lua" in linnet("check").stderr


def test_the_current_folder_comes_before_the_users_own(linnet, tmp_path, write_config):
    own = tmp_path / "xdg/linnet/linnet.lua"
    own.parent.mkdir(parents=True)
    own.write_text('return { schema = "tweet" }')
    env = {"XDG_CONFIG_HOME": tmp_path / "xdg"}
    assert "schema tweet" in linnet("check", env=env).stderr
    write_config("return {}")
    assert "schema post" in linnet("check", env=env).stderr


def test_a_configuration_that_is_not_there_is_named(linnet):
    for words in (("check",), ("status",), ("search", "--store", "x.db")):
        done = linnet(*words, "-c", "nope.lua")
        assert done.rc == 78 and "nope.lua" in done.stderr and "No such file" in done.stderr


def test_a_query_that_is_taken_for_flags_is_not_a_search_for_everything(linnet):
    done = linnet("search", "-coffee")
    assert (done.rc, done.stdout) == (78, "") and "cannot read offee" in done.stderr


def test_a_command_that_names_its_input_looks_for_no_configuration(linnet, write_config):
    write_config('return { schema = "broken }')
    assert linnet("run", "-i", "-", "-o", "stdout", input="good\n").rc == 0
    assert linnet("replay", "-", input="good\n").rc == 0
    assert linnet("check").rc == 78


def test_run_without_sources_is_wrong_and_check_without_them_is_not(linnet, write_config):
    config = write_config("return {}")
    assert linnet("check", "-c", config).rc == 0
    done = linnet("run", "-c", config)
    assert done.rc == 78 and "sources" in done.stderr and "-i" in done.stderr


def test_paths_in_a_configuration_are_relative_to_it(linnet, write_config, tmp_path):
    config = write_config("""return {
      sources = { a = linnet.file { path = "in.ndjson" } },
      sinks = { b = linnet.ndjson { path = "../out.ndjson" } } }""")
    (tmp_path / "config/in.ndjson").write_text(lines(plain("good")))
    assert linnet("run", "-c", config, cwd="/").rc == 0
    assert json.loads((tmp_path / "out.ndjson").read_text())["text"] == "good"


def test_flags_replace_sources_sinks_and_queries(linnet, write_config, tmp_path):
    config = write_config("""return {
      sources = { a = linnet.file { path = "missing" } }, track = { tea = "tea" },
      sinks = { b = linnet.ndjson { path = "out" } } }""")
    done = linnet("run", "-c", config, "-i", "-", "-o", "stdout", "-e", "cat", input="a cat\ntea\n")
    assert done.rc == 0 and [one["queries"] for one in done.documents] == [["e1"]]
    assert not (tmp_path / "config/out").exists()


def test_set_changes_one_setting_by_its_type(linnet, write_config, tmp_path):
    config = write_config('return { sinks = { out = linnet.ndjson { path = "a" } } }')
    done = linnet("replay", "-", "-c", config, "--set", "sinks.out.path=b", "--set", "workers=0",
                  "--set", "schema=tweet", input=lines(plain("good")))
    assert done.rc == 0 and "sentiment" in (tmp_path / "b").read_text()


@pytest.mark.parametrize("setting, said", [
    ("wrkers=2", 'did you mean "workers"?'), ("workers=x", "whole number"), ("workers=65", "64"),
    ("workers", "="), ("sinks.out.pth=x", 'did you mean "path"?'), ("sinks.nope.path=x", "nope"),
    ("schema=pots", 'did you mean "post"?')])
def test_a_wrong_setting_explains_itself(linnet, write_config, setting, said):
    config = write_config('return { sinks = { out = linnet.ndjson { path = "a" } } }')
    done = linnet("check", "-c", config, "--set", setting)
    assert done.rc in (2, 78) and done.stdout == "" and said in done.stderr, done


def test_a_lexicon_of_ones_own_extends_the_scorer(linnet, write_config, tmp_path):
    for folder in ("scorers", "lexicons"):
        (tmp_path / "config" / folder).mkdir(parents=True)
    config = write_config('return { scorers = { default = "mine" } }', **{
        "scorers/mine": 'return linnet.scorer { engine = "vader", lexicon = "mine" }',
        "lexicons/mine": 'return linnet.lexicon { extends = "vader", words = { stonks = 2.4 } }'})
    assert linnet("score", "stonks", cwd="/").stdout == "neutral\t0.000000\tstonks\n"
    assert linnet("score", "-c", config, "stonks").stdout == "positive\t0.526700\tstonks\n"
    assert linnet("score", "-c", config, "good").stdout == "positive\t0.440400\tgood\n"


def test_check_runs_every_function_and_points_at_what_always_fails(linnet, tmp_path):
    path = tmp_path / "linnet.lua"
    path.write_text("return { filters = { linnet.filter {\n"
                    "  keep = function(message) return #message.txt > 20 end,\n} } }\n")
    done = linnet("check", "-c", str(path))
    assert done.rc == 78
    assert f"{path}:2:44: attempt to get length of a nil value (field 'txt')" in done.stderr
    assert done.stderr.splitlines()[2].index("^") == done.stderr.splitlines()[1].index("txt")
