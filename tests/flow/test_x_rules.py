"""Rules on X: those of the configuration's queries, and nobody else's."""
import json

import pytest
from material import wait_until
from test_x import BEARER, PAIR, SECRETS, Run, fake, run  # noqa: F401  (fixtures)
from x_fake import RULES, TOKEN, V2, Answer, Stream, line, post, problem

TRACK = 'track = { %s }'
CONFIG = """return {
  sources = { live = linnet.x { host = "%s", %s } },
  track = {
    %s
  },
}
"""


def values(fake):
    return {rule["value"]: rule.get("tag") for rule in fake.rules}


@pytest.fixture
def rules(fake, linnet, tmp_path):
    """`linnet rules ACTION` with these queries."""
    def ask(action, queries, options=BEARER):
        (tmp_path / "rules.lua").write_text(CONFIG % (fake.host, options, queries))
        return linnet("rules", action, "-c", "rules.lua", env=SECRETS)
    return ask


def test_diff_shows_what_apply_then_does(fake, rules):
    fake.rules = [{"id": "1", "value": "others", "tag": "theirs"}, {"id": "2", "value": "alone"},
                  {"id": "3", "value": "stale", "tag": "linnet:old"},
                  {"id": "4", "value": "kept", "tag": "linnet:kept"}]
    queries = 'kept = "kept", new = [[ "python 3" lang:en ]], far = "fine refund*"'
    shown = rules("diff", queries)
    assert shown.rc == 0 and "2 to add, 1 to delete, 1 as they should be, 2 of others" in shown.stderr
    assert shown.stdout.splitlines() == ["+ linnet:far\tfine", '+ linnet:new\tlang:en "python 3"',
                                         "- linnet:old\tstale"]
    assert len(fake.rules) == 4
    done = rules("apply", queries)
    assert done.rc == 0 and done.stdout == shown.stdout
    assert values(fake) == {"others": "theirs", "alone": None, "kept": "linnet:kept",
                            "fine": "linnet:far", 'lang:en "python 3"': "linnet:new"}
    again = rules("apply", queries)
    assert (again.rc, again.stdout) == (0, "") and len(fake.asked(RULES, "POST")) == 2


def test_a_query_that_is_called_otherwise_keeps_its_rule_under_the_new_name(fake, rules):
    fake.rules = [{"id": "1", "value": "cat", "tag": "linnet:one"}]
    assert rules("apply", 'two = "cat"').rc == 0
    assert values(fake) == {"cat": "linnet:two"}


def test_a_rule_that_somebody_else_has_is_not_asked_for_again(fake, rules):
    fake.rules = [{"id": "1", "value": "cat", "tag": "theirs"}]
    done = rules("apply", 'mine = "cat"')
    assert (done.rc, done.stdout) == (0, "") and values(fake) == {"cat": "theirs"}


def test_what_x_refuses_is_shown_at_the_querys_line(fake, rules):
    fake.refused = {"bad": "missing ')' (at position 7) " + SECRETS["X_BEARER"]}
    done = rules("apply", 'good = "good",\n    wrong = "bad",')
    assert done.rc == 1 and values(fake) == {"good": "linnet:good"}
    assert "rules.lua:5:" in done.stderr and "missing ')' (at position 7)" in done.stderr
    assert SECRETS["X_BEARER"] not in done.stderr
    assert 'wrong = "bad"' in done.stderr and "^" in done.stderr


def test_a_query_that_x_cannot_look_for_is_told(fake, rules):
    done = rules("diff", 'a = "refund*"')
    assert done.rc == 0 and "no part of it is something that X looks for" in done.stderr


def test_many_rules_come_in_pages_and_go_in_portions(fake, rules):
    pages = [{"data": [{"id": str(i), "value": f"o{i}", "tag": "theirs"}], "meta": {"next_token": f"t{i}"}}
             for i in range(3)]
    fake.answers[RULES] = [Answer(200, page) for page in pages]
    fake.answers[RULES].append(Answer(200, {"meta": {"result_count": 0}}))
    queries = ", ".join(f'q{i} = "word{i}"' for i in range(60))
    done = rules("apply", queries)
    assert done.rc == 0 and "60 to add" in done.stderr and "3 of others" in done.stderr
    assert [one.query.get("pagination_token") for one in fake.asked(RULES, "GET")] == [
        None, ["t0"], ["t1"], ["t2"]]
    assert [len(json.loads(one.body)["add"]) for one in fake.asked(RULES, "POST")] == [25, 25, 10]


def of_others(count):
    return [{"id": str(i), "value": f"o{i}", "tag": "theirs"} for i in range(count)]


def test_no_more_than_a_thousand_are_asked_for(fake, rules):
    fake.rules = of_others(995) + [{"id": "995", "value": "word8" + 800 * "x", "tag": "linnet:q8"}]
    done = rules("apply", ",\n".join(f'q{i} = "word{i}{800 * "x"}"' for i in range(9)))
    assert done.rc == 1 and "X takes 1000, and 4 find no place" in done.stderr
    assert [tag for tag in values(fake).values() if tag != "theirs"] == [f"linnet:q{i}" for i in range(5)]
    assert "rules.lua:9:" in done.stderr and 'q5 = "word5' in done.stderr and "^" in done.stderr
    assert rules("apply", ",\n".join(f'q{i} = "word{i}{800 * "x"}"' for i in range(9))).stdout == ""


def test_of_more_than_a_thousand_the_last_share_rules(fake, rules):
    fake.rules = of_others(995)
    queries = ", ".join(f'q{i} = "word{i} lang:en"' for i in range(9))
    done = rules("apply", queries)
    assert done.rc == 0 and "find no place" not in done.stderr
    own = {value: tag for value, tag in values(fake).items() if tag != "theirs"}
    shared = " OR ".join(f"word{i} lang:en" for i in range(4, 9))
    assert own == {**{f"word{i} lang:en": f"linnet:q{i}" for i in range(4)}, shared: "linnet:q4"}
    assert rules("apply", queries).stdout == ""
    fake.refused = {shared.replace("word8", "word9"): "too odd"}
    done = rules("apply", queries.replace("word8", "word9"))
    assert done.rc == 1 and "shared with 4 other queries: too odd" in done.stderr


@pytest.mark.parametrize("name, said", [("t", "a page names itself as the next"), ("t%d", "does not end")])
def test_a_list_of_rules_that_never_ends_is_left(fake, rules, name, said):
    class Endless:
        status, headers, pages = 200, {}, 0

        def give(self, client):
            self.pages += 1
            page = {"data": [{"id": str(self.pages), "value": f"v{self.pages}", "tag": "linnet:old"}],
                    "meta": {"next_token": name % self.pages if "%" in name else name}}
            Answer(200, page).give(client)
    fake.answers[RULES] = [Endless()]
    for action in ("diff", "apply"):
        done = rules(action, 'a = "cat"')
        assert done.rc == 1 and said in done.stderr and done.stdout == "", done
    assert fake.asked(RULES, "POST") == [] and len(fake.asked(RULES)) < 100


def test_a_list_of_rules_that_is_none_is_told(fake, rules):
    fake.answers[RULES] = [Answer(200, {"data": "many"})]
    done = rules("apply", 'a = "cat"')
    assert done.rc == 1 and "X's answer is no list of rules" in done.stderr


def test_a_query_far_down_is_shown_at_its_line(fake, rules):
    done = rules("apply", ",\n".join(f'q{i:04} = "{"word" if i < 1100 else "lang:en -"}{i % 2}"' for i in range(1101)))
    assert done.rc == 0 and "rules.lua:1104:" in done.stderr and 'q1100 = "lang' in done.stderr


def test_a_query_without_a_rule_is_shown_by_check_and_diff(fake, rules, linnet):
    queries = f'a = "cat",\n    b = [[ cat OR {1100 * "x"} ]],\n    c = "lang:en"'
    done = rules("diff", queries)
    checked = linnet("check", "-c", "rules.lua", env=SECRETS)
    assert checked.rc == 0 and done.stdout == "+ linnet:a\tcat\n"
    for shown in (done.stderr, checked.stderr):
        assert "rules.lua:5:" in shown and "longer than a rule may be" in shown and "^" in shown
        assert "rules.lua:6:" in shown and 'c = "lang:en"' in shown
    rules("diff", queries, BEARER + ', rules = "off"')
    assert "query b" not in linnet("check", "-c", "rules.lua", env=SECRETS).stderr


def test_a_long_query_has_a_rule_that_is_wider(fake, rules):
    done = rules("apply", f'a = [[ lang:en "so {300 * "much "}to say" ]]')
    assert done.rc == 0, done
    [(value, tag)] = values(fake).items()
    assert tag == "linnet:a" and value.startswith('lang:en "so much much ') and len(value) <= 1024


def test_key_and_secret_do_for_rules_too_and_errors_are_told(fake, rules):
    fake.answers[TOKEN] = [Answer(200, {"token_type": "bearer", "access_token": "tok"})]
    assert rules("apply", 'a = "cat"', PAIR).rc == 0
    assert fake.asked(RULES)[0].headers["authorization"] == "Bearer tok"
    fake.answers[RULES] = [Answer(403, problem("error-403-client-forbidden.json"))]
    done = rules("diff", 'a = "cat"', PAIR)
    assert done.rc == 1 and "register it at" in done.stderr
    assert rules("show", 'a = "cat"').rc == 2


def test_check_online_asks_whether_x_lets_it_in(fake, rules, linnet):
    rules("diff", 'a = "cat"', PAIR)
    done = linnet("check", "--online", "-c", "rules.lua", env=SECRETS)
    assert done.rc != 0 and "token" in done.stderr + done.stdout
    fake.answers[TOKEN] = [Answer(200, {"token_type": "bearer", "access_token": "tok"})]
    done = linnet("check", "--online", "-c", "rules.lua", env=SECRETS)
    assert done.rc == 0, done
    fake.answers[RULES] = [Answer(403, problem("error-403-client-forbidden.json"))]
    done = linnet("check", "--online", "-c", "rules.lua", env=SECRETS)
    assert done.rc != 0 and "register it at" in done.stderr + done.stdout, done


def test_a_run_sets_its_rules_before_it_connects(fake, run):
    fake.answers[V2] = [Stream(line(post(1, "cat")), line(post(2, "a dog")))]
    run.start(fake, more='track = { pets = "cat OR puppy", none = "lang:en" },')
    run.wait_for(1, 2)
    assert values(fake) == {"cat OR puppy": "linnet:pets"}
    paths = [one.path for one in fake.requests]
    assert paths == [RULES, RULES, V2]
    told = next(one["message"] for one in map(json.loads, run.log().splitlines())
                if "query none: X is not asked for it" in one["message"])
    place, quoted, caret = told.splitlines()[1:]
    assert place.startswith("linnet.lua:4:") and 'none = "lang:en"' in quoted
    assert quoted[caret.index("^")] == "l", told
    assert "1 queries have no rule" in run.source()["note"]


def test_a_reload_changes_the_rules_over_the_open_stream(fake, run):
    fake.answers[V2] = [Stream()]
    run.start(fake, more='track = { pets = "cat" },')
    wait_until(lambda: run.source() and run.source()["coverage"]["state"] == "covered")
    config = run.folder / "linnet.lua"
    config.write_text(config.read_text().replace('"cat"', '"cat", tags = "#python"'))
    wait_until(lambda: values(fake) == {"cat": "linnet:pets", "#python": "linnet:tags"})
    config.write_text(config.read_text().replace('"cat"', '"puppy"'))
    wait_until(lambda: values(fake) == {"puppy": "linnet:pets", "#python": "linnet:tags"})
    assert len(fake.asked(V2)) == 1 and run.process.poll() is None


def test_what_x_refuses_is_shown_at_the_querys_line_in_the_log(fake, run):
    fake.refused = {"bad": "missing ')'"}
    run.start(fake, more='track = { good = "good", wrong = "bad" },')
    wait_until(lambda: "missing" in run.log())
    told = next(one["message"] for one in map(json.loads, run.log().splitlines()) if "missing" in one["message"])
    place, quoted, caret = told.splitlines()[1:]
    assert place.startswith("linnet.lua:4:") and quoted[caret.index("^")] == "b", told


def test_without_queries_linnets_own_rules_go(fake, run):
    fake.rules = [{"id": "1", "value": "others", "tag": "theirs"}, {"id": "2", "value": "o2"}]
    fake.answers[V2] = [Stream()]
    run.start(fake, more='track = { pets = "cat" },')
    wait_until(lambda: "cat" in values(fake))
    config = run.folder / "linnet.lua"
    config.write_text(config.read_text().replace('pets = "cat"', ""))
    wait_until(lambda: values(fake) == {"others": "theirs", "o2": None})
    wait_until(lambda: "all that 2 rules of others find is kept" in run.source().get("note", ""))
    config.write_text(config.read_text().replace("track = {", 'track = { pets = "cat"'))
    wait_until(lambda: "cat" in values(fake))
    wait_until(lambda: "note" not in run.source())
    assert len(fake.asked(V2)) == 1 and run.process.poll() is None


def test_rules_that_an_earlier_run_left_go_when_there_are_no_queries(fake, run):
    fake.rules = [{"id": "1", "value": "stale", "tag": "linnet:old"}]
    fake.answers[V2] = [Stream()]
    run.start(fake)
    wait_until(lambda: fake.rules == [])
    wait_until(lambda: "no queries, and X has no rules: nothing comes" in run.source().get("note", ""))


def test_a_query_after_none_is_asked_for_and_connected_to(fake, run):
    class Ruled:
        def give(self, client):
            answer = Stream(line(post(1, "cat"))) if fake.rules else Answer(409, problem("error-409-no-rules.json"))
            answer.give(client)
    fake.answers[V2] = [Ruled()]
    run.start(fake)
    wait_until(lambda: "nothing comes" in (run.source() or {}).get("note", ""))
    config = run.folder / "linnet.lua"
    config.write_text(config.read_text().replace("sinks =", 'track = { pets = "cat" }, sinks ='))
    run.wait_for(1)
    assert values(fake) == {"cat": "linnet:pets"}
    assert [one.path for one in fake.requests][-3:] == [RULES, RULES, V2]


def test_rules_may_be_left_alone(fake, run):
    fake.answers[V2] = [Stream(line(post(1, "cat")))]
    run.start(fake, BEARER + ', rules = "off"', 'track = { pets = "cat" },').wait_for(1)
    assert fake.asked(RULES) == []


def test_rules_that_cannot_be_asked_for_are_a_gap(fake, run):
    fake.answers[RULES] = [Answer(503)]
    run.start(fake, more='track = { pets = "cat" },')
    wait_until(lambda: "rules: X answered 503" in run.log())
    assert run.source()["coverage"]["state"] == "gap" and fake.asked(V2) == []
