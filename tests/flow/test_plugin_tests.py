"""`linnet test`, `linnet init plugin`, `linnet types`: what plugin authors work with."""
import pytest

PASSING = 'it("holds", function() assert.equal(1, 1) end)\n'
KINDS = {"scorer": "scorers", "filter": "filters", "schema": "schemas", "lexicon": "lexicons",
         "dialect": "dialects"}


@pytest.fixture
def write(tmp_path):
    """write("a/b.lua", text) below the test's folder."""
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path
    return write


def test_it_runs_all_files_below_a_folder_and_ends_with_the_sum(linnet, write):
    write("p/a_test.lua", PASSING * 2)
    write("p/filters/b_test.lua", PASSING)
    write("p/not_one.lua", "this is no Lua")
    done = linnet("test", "p")
    assert done.rc == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line.split() for line in lines[:-1]] == [["ok", "p/a_test.lua", "2", "passed"],
                                                     ["ok", "p/filters/b_test.lua", "1", "passed"]]
    assert lines[-1] == "3 passed, 0 failed"


def test_a_failure_shows_its_line_its_sentence_and_both_values(linnet, write):
    write("x_test.lua", 'describe("sums", function()\n  it("add up", function()\n'
          '    assert.same({ 1, a = "b" }, { 1, a = "c" })\n  end)\nend)\n' + PASSING)
    done = linnet("test", "x_test.lua")
    assert done.rc == 1 and done.stdout.splitlines()[-1] == "1 passed, 1 failed"
    assert "x_test.lua:3: sums add up" in done.stdout
    assert 'expected { 1, a = "b" }, got { 1, a = "c" }' in done.stdout


def test_a_failing_plugin_is_shown_at_its_own_line(linnet, write):
    write("scorers/bad.lua", "return linnet.scorer {\n  score = function(message)\n"
          "    return message.nothing.at_all\n  end,\n}\n")
    write("scorers/bad_test.lua", 'local bad = require "scorers.bad"\n'
          'it("scores", function() bad:score(linnet.message { text = "x" }) end)\n')
    done = linnet("test", "scorers")
    assert done.rc == 1 and "scorers/bad.lua:3: scores" in done.stdout
    assert done.stderr == ""


def test_a_loop_fails_and_the_rest_goes_on(linnet, write):
    write("scorers/loop.lua", "return linnet.scorer { score = function() while true do end end }")
    write("scorers/loop_test.lua", 'local loop = require "scorers.loop"\n'
          'it("loops itself", function() while true do pcall(error) end end)\n'
          'it("calls one that does", function() loop:score(linnet.message {}) end)\n' + PASSING)
    write("scorers/m_test.lua", PASSING)
    done = linnet("test", "scorers")
    assert done.rc == 1 and done.stdout.count("this runs too long") == 2
    assert done.stdout.splitlines()[-1] == "2 passed, 2 failed"


def test_a_file_that_does_not_load_is_one_failure(linnet, write):
    write("a_test.lua", "it(")
    write("b_test.lua", PASSING + "error('before the end')")
    done = linnet("test", ".")
    assert done.rc == 1 and done.stdout.splitlines()[-1] == "0 passed, 2 failed"
    assert "a_test.lua:1: the file does not run" in done.stdout
    assert "b_test.lua:2: the file does not run" in done.stdout


def test_files_do_not_see_each_other(linnet, write):
    anew = ('local shared = require "shared"\nshared.n = (shared.n or 0) + 1\n'
            'it("starts anew", function() assert.equal(1, shared.n) end)')
    write("shared.lua", "return {}")
    write("a_test.lua", "kept = 1\n" + PASSING)
    write("b_test.lua", anew)
    write("c_test.lua", anew)
    done = linnet("test", ".")
    assert done.rc == 1 and done.stdout.splitlines()[-1] == "2 passed, 1 failed"
    assert '"kept" cannot be set' in done.stdout


def test_hooks_surround_each_test_also_a_failing_one(linnet, write):
    write("x_test.lua", """local log = {}
describe("outer", function()
  before_each(function() log[#log + 1] = "A" end)
  after_each(function() log[#log + 1] = "a" end)
  describe("inner", function()
    before_each(function() log[#log + 1] = "B" end)
    after_each(function() log[#log + 1] = "b" end)
    it("fails", function() assert.is_true(false) end)
  end)
end)
it("shows what ran", function() assert.equal("ABba", table.concat(log)) end)
""")
    done = linnet("test", "x_test.lua")
    assert done.stdout.splitlines()[-1] == "1 passed, 1 failed" and "shows" not in done.stdout


@pytest.mark.parametrize("call, says", [
    ("assert.equal(1, '1')", 'expected 1, got "1"'),
    ("assert.near(1, 1.2, 0.1)", "expected 1 within 0.1, got 1.2"),
    ("assert.is_nil(0)", "expected nil, got 0"),
    ("assert.truthy(false)", "expected something true, got false"),
    ("assert.falsy(0)", "expected false or nil, got 0"),
    ("assert.match('^a', 'ba')", 'expected a text that matches "^a", got "ba"'),
    ("assert.has_error(function() end)", "expected an error, got none"),
    ("assert.error(function() error('x') end, 'y')", 'expected an error that says "y"'),
    ("assert(nil, 'my words')", "my words"),
    ("assert.nothing()", "there is no assert.nothing"),
    ("linnet.message { txt = '' }", 'did you mean "text"?'),
    ("linnet.message { raw = { delete = { status = { id_str = '1' } } } }", "is no post"),
    ("linnet.message { queries = { q = '(x' } }", "q: "),
    ("linnet.scorer { score = function() end }:score(linnet.message {})", "require that file"),
    ("linnet.filter { keep = 'a' }:score()", "a filter in a test has only :keep"),
])
def test_what_does_not_hold_is_said(linnet, write, call, says):
    write("x_test.lua", f'it("x", function() {call} end)')
    done = linnet("test", "x_test.lua")
    assert done.rc == 1 and says in done.stdout and "x_test.lua:1: x" in done.stdout


def test_wrong_paths_and_nothing_found_have_their_exit_codes(linnet, tmp_path):
    done = linnet("test", "nowhere")
    assert (done.rc, done.stdout) == (2, "") and "nowhere" in done.stderr
    (tmp_path / "empty").mkdir()
    done = linnet("test", "empty")
    assert done.rc == 1 and "no test found" in done.stderr


def test_without_a_path_it_takes_the_configuration_and_the_shipped_plugins(linnet, write):
    write("config/linnet.lua", "return {}")
    write("config/filters/mine_test.lua", PASSING)
    done = linnet("test")
    assert done.rc == 0 and "config/filters/mine_test.lua" in done.stdout
    assert "plugins/filters/no_retweets_test.lua" in done.stdout


def test_the_shipped_plugins_pass(linnet, root):
    done = linnet("test", "plugins", "config", cwd=root)
    assert done.rc == 0, done


@pytest.mark.parametrize("kind", KINDS)
def test_init_plugin_makes_a_pair_that_passes_and_never_overwrites(linnet, tmp_path, kind):
    assert linnet("init").rc == 0
    done = linnet("init", "plugin", kind, "my-own_1")
    assert (done.rc, done.stdout) == (0, "")
    plugin = tmp_path / "config" / KINDS[kind] / "my-own_1.lua"
    assert plugin.exists()
    done = linnet("test", "config")
    assert done.rc == 0 and done.stdout.splitlines()[-1] == "2 passed, 0 failed"
    plugin.write_text("-- mine")
    again = linnet("init", "plugin", kind, "my-own_1")
    assert again.rc == 0 and "stays as it is" in again.stderr
    assert plugin.read_text() == "-- mine"


def test_init_plugin_takes_a_folder_or_the_one_of_c(linnet, tmp_path, write):
    assert linnet("init", "plugin", "filter", "f", "there").rc == 0
    assert (tmp_path / "there/filters/f_test.lua").exists()
    config = write("other/my.lua", "return {}")
    assert linnet("init", "plugin", "filter", "f", "-c", config).rc == 0
    assert (tmp_path / "other/filters/f.lua").exists()


@pytest.mark.parametrize("words, says", [
    (("scorr", "x"), 'did you mean "scorer"?'), (("scorer", "../x"), "is no name"),
    (("scorer",), "KIND NAME"), (("scorer", "x_test"), "is no name"),
])
def test_init_plugin_refuses_what_it_does_not_know(linnet, tmp_path, words, says):
    done = linnet("init", "plugin", *words)
    assert done.rc == 2 and says in done.stderr and not (tmp_path / "config").exists()


def test_the_editor_types_are_those_of_the_program(linnet, root):
    done = linnet("types")
    assert done.rc == 0 and done.stdout == (root / "lua/types/linnet.lua").read_text(), \
        "write them anew: ./linnet types >lua/types/linnet.lua"


def test_a_lua_scorer_scores_and_explains_on_the_command_line(linnet, write):
    write("config/linnet.lua", 'return { scorers = { und = "x" } }')
    write("config/scorers/x.lua", "return linnet.scorer { score = function(message) "
          'if message.text == "no" then return nil end '
          'return -0.5, { { "why", -0.5, "because" } } end }')
    done = linnet("score", "--explain", "yes", "no")
    assert done.stdout.startswith("negative\t-0.500000\tyes\n      -0.5000  why   (because)\n")
    assert done.stdout.endswith("unknown\t\tno\n")


def test_counters_of_scripts_are_in_the_closing_sums(linnet, write):
    write("config/linnet.lua", 'return { filters = { "f" }, workers = 2 }')
    write("config/filters/f.lua", "return linnet.filter { keep = function(message) "
          'linnet.count "seen" linnet.count("bytes", #message.text) return true end }')
    write("posts.txt", "abc\nde\n")
    done = linnet("replay", "posts.txt", "-c", "config/linnet.lua", "-o", "discard")
    assert "counted bytes: 5\n" in done.stderr and "counted seen: 2\n" in done.stderr


def test_a_configuration_sees_no_library_but_texts_have_methods(linnet, write):
    write("config/linnet.lua", 'return { track = { a = ("COFFEE"):lower() } }')
    assert linnet("check").rc == 0
    write("config/linnet.lua", "return { workers = math.max(1, 2) }")
    done = linnet("check")
    assert done.rc == 78 and "linnet.lua:1:20" in done.stderr and "plugins have it" in done.stderr


def test_a_declared_dialect_is_read_and_the_last_that_fits_wins(linnet, write):
    write("config/linnet.lua", 'return { dialects = { "forum", linnet.dialect { network = "wide", '
          'has = { "body", "wide" }, text = "body" } } }')
    write("config/dialects/forum.lua", 'return linnet.dialect { network = "forum", '
          'has = { "body" }, id = "n", text = "body", created = { "t", format = "epoch_seconds" }, '
          'author = { handle = "who.nick" } }')
    done = linnet("run", "-c", "config/linnet.lua", "-i", "-", "-o", "stdout", input=
                  '{"n": 7, "body": "one", "t": 1714564800, "who": {"nick": "kate"}}\n'
                  '{"n": 8, "body": "two", "wide": 1}\n{"text": "three"}\n')
    one, two, three = done.documents
    assert (one["network"], one["id"], one["author"]["handle"]) == ("forum", "7", "kate")
    assert one["created"] == "2024-05-01T12:00:00.000Z"
    assert two["network"] == "wide" and three["network"] == "plain"


def test_a_schema_extends_another(linnet, write):
    write("config/linnet.lua", 'return { schema = "more" }')
    write("config/schemas/more.lua", 'return linnet.schema { extends = "post", '
          '{ "lang", "text", from = "network" }, { "loud", "boolean", '
          "from = function(message) return true end } }")
    post = linnet("run", "-c", "config/linnet.lua", "-i", "-", "-o", "stdout",
                  input='{"text": "hi", "lang": "en"}\n').documents[0]
    assert post["lang"] == "plain" and post["loud"] is True and post["text"] == "hi"
    assert list(post).index("lang") < list(post).index("received")


def test_a_schema_may_extend_the_shipped_one_of_its_name_but_not_itself(linnet, write):
    write("config/linnet.lua", "return {}")
    write("config/schemas/post.lua",
          'return linnet.schema { extends = "post", { "shorter", "keyword", from = "text" } }')
    assert linnet("check").rc == 0
    write("config/schemas/post.lua", 'return linnet.schema { extends = "other" }')
    write("config/schemas/other.lua", 'return linnet.schema { extends = "post" }')
    done = linnet("check")
    assert done.rc == 78 and "schemas extend each other" in done.stderr


@pytest.mark.parametrize("name", ["authors", "languages"])
def test_a_missing_list_says_where_it_is_wanted_and_how_it_looks(linnet, write, name):
    write("config/linnet.lua", f'return {{ filters = {{ "{name}" }} }}')
    done = linnet("check")
    assert done.rc == 78 and f"looked for config/{name}.lua" in done.stderr
    assert f"{name}.lua: return {{" in done.stderr


def test_the_filters_with_lists_filter(linnet, write):
    write("config/linnet.lua", 'return { filters = { "authors", "languages", "no_retweets" } }')
    write("config/authors.lua", 'return { deny = { "@Bot" } }')
    write("config/languages.lua", 'return { "en", "und" }')
    posts = [("kate", "en"), ("bot", "en"), ("ann", "fr"), ("joe", None)]
    lines = "".join(f'{{"text": "by {who}", "author": {{"handle": "{who}"}}'
                    + (f', "lang": "{lang}"' if lang else "") + "}\n" for who, lang in posts)
    done = linnet("run", "-c", "config/linnet.lua", "-i", "-", "-o", "stdout", input=lines)
    assert [one["text"] for one in done.documents] == ["by kate", "by joe"]


def test_redacted_documents_name_nobody_and_need_a_salt(linnet, write):
    write("config/linnet.lua", 'return { schema = "redacted" }')
    done = linnet("check")
    assert done.rc == 78 and "LINNET_SALT" in done.stderr
    done = linnet("run", "-c", "config/linnet.lua", "-i", "-", "-o", "stdout",
                  env={"LINNET_SALT": "0123456789abcdef"},
                  input='{"text": "mail kate@x.org, call 030 1234567, ask @ann", "mentions": '
                        '["ann"], "author": {"id": "1", "handle": "kate", "name": "Kate O"}}\n')
    assert done.rc == 0 and done.documents[0]["text"] == "mail [mail], call [phone], ask [name]"
    assert "kate" not in done.stdout.lower() and "ann" not in done.stdout


def test_per_target_scores_the_words_near_a_match(linnet, write):
    write("config/linnet.lua", 'return { track = { acme = "acme" }, scorers = '
          '{ en = "per_target" } }')
    done = linnet("run", "-c", "config/linnet.lua", "-i", "-", "-o", "stdout",
                  input="I love acme. Horrible terrible sad day.\n")
    assert done.documents[0]["label"] == "positive"
