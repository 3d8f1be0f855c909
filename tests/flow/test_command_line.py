"""Verbs, flags, help and completion: what is said, where, and with which exit code."""
import re
import subprocess

import pytest

VERBS = ("run", "replay", "process", "check", "score", "match", "test", "types", "init", "demo", "completion", "version",
         "help")


def test_help_lists_every_verb_on_standard_output(linnet):
    for words in (("help",), ("--help",), ("-h",)):
        done = linnet(*words)
        assert (done.rc, done.stderr) == (0, "")
        for verb in VERBS:
            assert f"\n  {verb} " in done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_under_three_names(linnet, verb):
    told = linnet("help", verb)
    assert told.rc == 0 and told.stdout.startswith(f"usage: linnet {verb}")
    assert "--config" in told.stdout
    assert linnet(verb, "--help").stdout == linnet(verb, "-h").stdout == told.stdout


def test_help_about_run_tells_sources_and_sinks_with_their_options(linnet):
    told = linnet("help", "run").stdout
    for word in ("file", "stdin", "stdout", "ndjson", "discard", "path", "rate", "format"):
        assert f"  {word} " in told


def test_help_about_an_output_names_every_sink(linnet):
    told = linnet("help", "run").stdout
    flag = told.partition("--output")[2].partition("\n  -e")[0]
    sinks = re.findall(r"^  (\w+)  +", told.partition("\nsinks:\n")[2], re.MULTILINE)
    assert len(sinks) > 5 and all(sink in flag for sink in sinks), flag


def test_version_is_one_line(linnet):
    assert linnet("version").stdout == linnet("--version").stdout
    assert linnet("version").stdout.startswith("linnet 0.")


def test_without_a_verb_usage_goes_to_standard_error(linnet):
    done = linnet()
    assert (done.rc, done.stdout) == (2, "")
    assert "usage: linnet VERB" in done.stderr


@pytest.mark.parametrize("typed, meant", [("chek", "check"), ("replya", "replay"),
                                          ("scor", "score"), ("hlep", "help")])
def test_a_misspelt_verb_gets_a_suggestion(linnet, typed, meant):
    done = linnet(typed)
    assert (done.rc, done.stdout) == (2, "")
    assert f'no verb "{typed}"' in done.stderr and f'did you mean "{meant}"?' in done.stderr
    if typed != "hlep":
        assert f'did you mean "{meant}"?' in linnet("help", typed).stderr


@pytest.mark.parametrize("words, meant", [(("check", "--print-maping"), "--print-mapping"),
                                          (("run", "--qeury=cat"), "--query"),
                                          (("score", "--explian", "x"), "--explain")])
def test_a_misspelt_flag_gets_a_suggestion(linnet, words, meant):
    done = linnet(*words)
    assert (done.rc, done.stdout) == (2, "")
    assert f"did you mean {meant}?" in done.stderr and f"linnet help {words[0]}" in done.stderr


@pytest.mark.parametrize("words, meant", [
    (("dlq", "lst"), "ls"), (("dlq", "shwo", "3"), "show"), (("dlq", "rpelay", "all"), "replay"),
    (("spool", "chekc"), "check"), (("spool", "froget", "out"), "forget"),
    (("forget", "auhtor:466293604"), "author:466293604"), (("forget", "psot:x:1"), "post:x:1"),
    (("rules", "dif"), "diff"), (("rules", "aply"), "apply"),
    (("dashboards", "exprot"), "export"), (("dashboards", "psuh", "http://a"), "push"),
    (("completion", "bsah"), "bash")])
def test_a_misspelt_word_gets_a_suggestion(linnet, words, meant):
    done = linnet(*words)
    assert (done.rc, done.stdout) == (2, "")
    assert done.stderr.startswith(f"linnet {words[0]}: ") and f'did you mean "{meant}"?' in done.stderr


@pytest.mark.parametrize("words", [("dlq",), ("dlq", "show"), ("spool", "forget"), ("forget", "post:"),
                                   ("rules", "diff", "all"), ("dashboards", "push")])
def test_a_word_that_lacks_another_gets_none(linnet, words):
    done = linnet(*words)
    assert done.rc == 2 and done.stderr.endswith("?\n") and "did you mean" not in done.stderr


@pytest.mark.parametrize("words, part", [
    (("run", "-i"), "-i needs a value"), (("run", "--input"), "--input needs a value"),
    (("score", "-z"), '"-z"'), (("check", "extra"), '"extra"'), (("replay",), "which file"),
    (("completion",), "bash, zsh or fish"), (("completion", "tcsh"), "bash, zsh or fish"),
    (("demo", "--seconds", "-1"), "--seconds"), (("demo", "--seconds", "soon"), "--seconds"),
    (("score", "--color=perhaps", "x"), "auto, always or never"),
    (("replay", "-", "-o", "stdot"), 'did you mean "stdout"?'),
    (("replay", "-", "-o", "ndjson"), "path"), (("init", "a", "b"), "one folder"),
    (("version", "--json"), "no flag"), (("help", "me"), 'no verb "me"')])
def test_wrong_usage_is_one_sentence_and_exit_code_two(linnet, words, part):
    done = linnet(*words)
    assert (done.rc, done.stdout) == (2, "")
    assert part in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_verb_and_flag(linnet, shell):
    script = linnet("completion", shell)
    assert (script.rc, script.stderr) == (0, "")
    for word in (*VERBS, "print-mapping", "explain", "seconds"):
        assert word in script.stdout


def test_the_bash_script_parses_and_completes(linnet, tmp_path):
    script = tmp_path / "linnet.bash"
    script.write_text(linnet("completion", "bash").stdout)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    ask = (f"source {script}; COMP_WORDS=(linnet sc); COMP_CWORD=1; _linnet; echo $COMPREPLY;"
           "COMP_WORDS=(linnet score --exp); COMP_CWORD=2; _linnet; echo $COMPREPLY")
    told = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["score", "--explain"]


def test_two_dashes_end_the_flags(linnet):
    assert linnet("score", "--", "--good").stdout.endswith("\t--good\n")


@pytest.mark.parametrize("words", [("help", "run", "more"), ("completion", "bash", "more")])
def test_a_word_too_many_is_refused(linnet, words):
    done = linnet(*words)
    assert (done.rc, done.stdout) == (2, "") and 'takes no "more"' in done.stderr


def test_thousands_of_files_are_named_quickly(linnet, tmp_path):
    (tmp_path / "posts").write_text('{"text": "one"}\n')
    done = linnet("replay", *["posts"] * 3000, "-o", "discard")
    assert done.rc == 0 and "\nfile3000: received 1 = " in done.stderr
