"""The language of posts that name none: found in the text, and what depends on it."""
from material import lines, plain

RUN = ("replay", "-", "-o", "stdout")
GERMAN = "Heute war wirklich ein sehr schöner Tag am Fluss"
ENGLISH = "What a lovely day we had by the river"


def kept(linnet, query, *records):
    return [one["text"] for one in linnet(*RUN, "-e", query, input=lines(*records)).documents]


def test_a_post_that_names_no_language_gets_that_of_its_text(linnet):
    documents = linnet(*RUN, input=lines(GERMAN, ENGLISH, "good")).documents
    assert [(one["lang"], one["label"]) for one in documents] == [
        ("de", "unknown"), ("en", "positive"), ("und", "positive")]
    assert "score" not in documents[0] and "scorer" not in documents[0]


def test_what_the_network_says_stands(linnet):
    given = lines(plain(GERMAN, lang="en"), plain(GERMAN, lang="und"), plain(ENGLISH, lang="zxx"))
    assert [one["lang"] for one in linnet(*RUN, input=given).documents] == ["en", "und", "zxx"]


def test_queries_see_the_language_that_was_found(linnet):
    posts = (GERMAN, ENGLISH, plain("ein Tag", lang="de"), "ok")
    assert kept(linnet, "lang:de", *posts) == [GERMAN, "ein Tag"]
    assert kept(linnet, "tag lang:de", *posts) == [GERMAN, "ein Tag"]
    assert kept(linnet, "day lang:de", *posts) == []
    assert kept(linnet, "(river OR fluss) -lang:en", *posts) == [GERMAN]
    assert kept(linnet, "-lang:de", *posts) == [ENGLISH, "ok"]
    assert kept(linnet, "lang:und", *posts) == ["ok"]


def test_filters_and_scripts_see_it_too(linnet, write_config):
    config = write_config("""
        return { schema = linnet.schema { { "text", "text" }, { "said", "keyword",
                   from = function(message) return message.lang end } },
                 filters = { linnet.filter { keep = "-lang:en" } } }""")
    documents = linnet(*RUN, "-c", config, input=lines(GERMAN, ENGLISH, "ok")).documents
    assert documents == [{"text": GERMAN, "said": "de"}, {"text": "ok", "said": "und"}]


def test_the_language_decides_the_scorer(linnet, write_config):
    config = write_config("""
        return { scorers = { de = linnet.scorer { score = function() return 0.5 end },
                             default = "vader" } }""")
    documents = linnet(*RUN, "-c", config, input=lines(GERMAN, ENGLISH)).documents
    assert documents[0]["score"] == 0.5 and documents[1]["scorer"] == "vader"


def test_score_chooses_by_language_unless_a_scorer_is_named(linnet):
    assert linnet("score", GERMAN, "good").stdout == f"unknown\t\t{GERMAN}\npositive\t0.440400\tgood\n"
    # "war" is no word of German's for VADER
    assert linnet("score", "--scorer", "vader", GERMAN).stdout.startswith("negative\t-")
    assert linnet("score", "--json", GERMAN).documents == [
        {"text": GERMAN, "lang": "de", "label": "unknown"}]
    assert "no scorer for the language de" in linnet("score", "--explain", GERMAN).stdout


def test_match_finds_the_language_of_a_text(linnet):
    assert 'lang:de = "de"' in linnet("match", "-e", "lang:de", GERMAN).stdout
