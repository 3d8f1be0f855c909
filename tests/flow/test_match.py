"""`linnet match`: which queries match a text, and which term made them."""
from material import caret_under, lines, plain, tweet


def test_the_matching_query_and_its_terms_are_named(linnet):
    done = linnet("match", "-e", '(#python OR "python 3") -is:retweet', "python 3 is out")
    assert (done.rc, done.stderr) == (0, "")
    query, terms, text = done.stdout.rstrip("\n").split("\t")
    assert (query, text) == ("e1", "python 3 is out")
    assert terms == '"python 3" = "python 3", -is:retweet'


def test_a_text_that_no_query_wants_has_a_dash(linnet):
    assert linnet("match", "-e", "cat", "a dog").stdout == "-\t\ta dog\n"


def test_queries_are_numbered_in_the_order_of_the_flags(linnet):
    done = linnet("match", "-e", "dog", "-e", "cat", "-e", "cow", "cat and cow")
    assert [row.split("\t")[0] for row in done.stdout.splitlines()] == ["e2", "e3"]


def test_only_the_terms_that_made_it_are_given(linnet):
    row = linnet("match", "-e", "(tea OR coffee) cup*", "two CUPS of Coffee").stdout
    terms = row.split("\t")[1]
    assert "tea" not in terms and 'coffee = "Coffee"' in terms and 'cup* = "CUPS"' in terms


def test_configured_queries_have_their_own_names(linnet, write_config):
    config = write_config('return { track = { pets = "cat OR dog", tea = "tea" } }')
    done = linnet("match", "-c", config, "a dog")
    assert done.stdout.startswith("pets\tdog")


def test_lines_may_be_posts_or_bare_text(linnet):
    given = lines(tweet(1, "coffee", lang="de"), plain("coffee", lang="en"), "bare coffee",
                  {"limit": {"track": 1}})
    done = linnet("match", "-e", "coffee lang:de", input=given)
    assert [row.split("\t")[0] for row in done.stdout.splitlines()] == ["e1", "-", "-"]


def test_json_gives_the_terms_of_each_query(linnet):
    done = linnet("match", "--json", "-e", "cat", "-e", "#dog", "a cat")
    assert done.documents == [{"text": "a cat",
                               "queries": {"e1": [{"term": "cat", "matched": "cat"}]}}]


def test_a_broken_query_is_quoted_with_a_caret(linnet):
    done = linnet("match", "-e", "coffee fro:anna", "coffee")
    assert (done.rc, done.stdout) == (78, "")
    assert done.stderr.startswith("-e:1:8: ") and "did you mean from:?" in done.stderr
    assert caret_under(done.stderr) == "fro:anna"


def test_the_caret_counts_characters_not_bytes(linnet):
    done = linnet("match", "-e", "żółć 東京 (cat", "x")
    assert done.rc == 78 and caret_under(done.stderr) == "(cat"


def test_without_any_query_it_says_how_to_name_one(linnet, write_config):
    done = linnet("match", "-c", write_config("return {}"), "text")
    assert done.rc == 2 and "-e" in done.stderr


def test_a_malformed_line_is_reported_and_the_rest_goes_on(linnet):
    done = linnet("match", "-e", "cat", input='{"text": "ca\na cat\n')
    assert (done.rc, done.stdout) == (0, 'e1\tcat = "cat"\ta cat\n')
    assert "malformed" in done.stderr


def test_a_text_of_several_lines_stays_one_row(linnet):
    done = linnet("match", "-e", "cat", "a cat\nand\r\nmore", "a\tdog\nx")
    assert done.stdout.count("\n") == 2
