"""`linnet score`: label, value and text of arguments and lines; explanations that add up."""
import json
import math
import re


def rows(result):
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_a_text_becomes_label_tab_value_with_six_decimals_tab_text(linnet):
    done = linnet("score", "I love this", "I hate this")
    assert (done.rc, done.stderr) == (0, "")
    assert done.stdout == "positive\t0.636900\tI love this\nnegative\t-0.571900\tI hate this\n"


def test_lines_of_standard_input_are_scored_one_by_one(linnet):
    done = linnet("score", input="good\r\n\nbad, without a newline")
    assert [row[0] for row in rows(done)] == ["positive", "neutral", "negative"]
    assert [row[2] for row in rows(done)] == ["good", "", "bad, without a newline"]


def test_arguments_come_before_standard_input(linnet):
    assert linnet("score", "good", input="bad\n").stdout == "positive\t0.440400\tgood\n"


def test_an_answer_comes_as_soon_as_its_line_is_there(start_linnet):
    process = start_linnet("score")
    process.stdin.write(b"good\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"positive\t0.440400\tgood\n"


def test_without_an_opinion_it_says_unknown_and_no_value(linnet, write_config):
    config = write_config('return { scorers = { default = "none" } }')
    done = linnet("score", "-c", config, "I love this")
    assert (done.rc, done.stdout) == (0, "unknown\t\tI love this\n")


def test_no_opinion_in_json_has_a_label_and_no_score(linnet, write_config):
    config = write_config('return { scorers = { default = "none" } }')
    done = linnet("score", "-c", config, "--json", "love")
    assert done.documents == [{"text": "love", "label": "unknown"}]


def test_a_named_scorer_bypasses_the_choice_by_language(linnet):
    text = "The movie was good"
    assert linnet("score", "--scorer", "textblob", text).stdout == f"positive\t0.700000\t{text}\n"
    assert linnet("score", "--scorer", "vader", text).stdout == f"positive\t0.440400\t{text}\n"


def test_textblob_brings_the_prototypes_labels(linnet):
    done = linnet("score", "--scorer", "textblob", "good", "table", "slightly", "bad")
    assert [row[0] for row in rows(done)] == ["positive", "neutral", "negative", "negative"]


def test_json_is_one_object_a_line(linnet):
    done = linnet("score", "--json", "I love this", 'a "quote"\tand\nmore')
    first, second = done.documents
    assert first["label"] == "positive" and first["score"] == 0.6369
    assert first["scorer"] == "vader" and second["text"] == 'a "quote"\tand\nmore'


def test_a_text_of_several_lines_stays_one_row(linnet):
    assert linnet("score", "good\nday").stdout == "positive\t0.440400\tgood day\n"


def test_explained_words_of_vader_add_up_to_the_sum_and_the_value(linnet):
    text = "I LOVE this very good thing, but it is not cheap or nice :("
    found = linnet("score", "--json", "--explain", text).documents[0]
    total = sum(one["value"] for one in found["evidence"])
    said = float(re.match(r"sum (-?[\d.]+)", found["summary"]).group(1))
    assert abs(total - said) < 1e-4
    assert abs(total / math.sqrt(total * total + 15) - found["score"]) < 1e-4


def test_explanations_name_boosts_negations_but_and_emphasis(linnet):
    told = linnet("score", "--explain", "A very good day, but not nice! It is GREAT").stdout
    for reason in ("very", "not", "but", "lexicon", '"!"'):
        assert reason in told, told


def test_explained_words_of_textblob_average_to_the_value(linnet):
    found = linnet("score", "--json", "--explain", "--scorer", "textblob",
                   "I really love this, but it's not very good!").documents[0]
    values = [one["value"] for one in found["evidence"]]
    assert abs(sum(values) / len(values) - found["score"]) < 1e-3
    assert "negated" in json.dumps(found["evidence"])


def test_a_text_without_rated_words_says_so(linnet):
    assert "no word of the lexicon" in linnet("score", "--explain", "the table").stdout


def test_a_misspelt_scorer_is_explained_with_a_suggestion(linnet):
    done = linnet("score", "--scorer", "vadr", "good")
    assert (done.rc, done.stdout) == (78, "")
    assert 'no scorer "vadr"' in done.stderr and 'did you mean "vader"?' in done.stderr


def test_invalid_utf8_and_zero_bytes_do_no_harm(linnet):
    done = linnet("score", input=b"good \xff\xfe \x00 day\n\xc3\n")
    assert done.rc == 0 and done.stdout_bytes.count(b"\n") == 2


def test_a_line_without_end_is_cut_and_scored(linnet):
    done = linnet("score", input=b"good " * 700_000)
    assert done.rc == 0 and done.stdout_bytes.startswith(b"positive\t")
