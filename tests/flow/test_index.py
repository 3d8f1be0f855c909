"""The sink opensearch: every post is in the index once, whatever the server answers."""
import json
import os
import shutil
import subprocess

import pytest
import running as runs
from conftest import SANITIZED
from fake_index import FakeIndex, Hangup, Reply
from material import delete, lines, put, sums, tweet, wait_until
from running import check

POSTS = 3000


def posts(count=POSTS):
    return [tweet(number, f"post {number}") for number in range(count)]


@pytest.fixture
def index(linnet, tmp_path):
    """Plays records into a fake index until all is delivered or dead."""
    def play(fake, records=None, **options):
        options.setdefault("index", '"posts"')
        (tmp_path / "posts.ndjson").write_text(lines(*(records or posts())))
        given = "".join(f", {name} = {value}" for name, value in options.items())
        (tmp_path / "linnet.lua").write_text(f"""return {{
  state = "state", http = false,
  sources = {{ posts = linnet.file {{ path = "posts.ndjson" }} }},
  sinks = {{ out = linnet.opensearch {{ url = "{fake.url}"{given} }} }},
}}""")
        shutil.rmtree(tmp_path / "state", ignore_errors=True)
        done = linnet("run", "-c", tmp_path / "linnet.lua")
        assert done.rc == 0, done
        told = linnet("status", "--json", "-c", tmp_path / "linnet.lua").stdout
        done.sink, = check(json.loads(told))["sinks"]
        assert done.sink["pending"] == 0
        return done
    return play


def assert_all_there(fake, count=POSTS):
    documents = fake.documents()
    assert set(documents) == {f"x:{number}" for number in range(count)}
    assert documents["x:7"]["text"] == "post 7"


def test_posts_are_in_the_index_with_its_mapping(index):
    with FakeIndex() as fake:
        index(fake)
        assert_all_there(fake)
        assert fake.mappings["posts"]["properties"]["text"] == {"type": "text"}
        assert fake.templates["linnet-posts"]["index_patterns"] == ["posts"]
        assert max(len(bulk.actions) for bulk in fake.bulks) <= 1000


def test_the_sink_of_the_command_line_needs_nothing_more(linnet):
    with FakeIndex() as fake:
        done = linnet("replay", "-", "-o", f"opensearch:{fake.url}/posts",
                      input=lines(*posts(300)))
        assert done.rc == 0 and sums(done.stderr)[-1]["delivered"] == 300, done
        assert_all_there(fake, 300)


# ---- what servers answer ----

def first(count, act):
    """The fault `act` for the first requests."""
    return lambda fake, bulk: act(fake, bulk) if bulk.number < count else None


def test_a_storm_of_429_is_waited_out_and_told_once(index):
    def busy(fake, bulk):
        raise Reply(429, "429 Too Many Requests /_bulk", Retry_After=1)
    with FakeIndex(first(3, busy)) as fake:
        done = index(fake)
        assert_all_there(fake)
        assert done.stderr.count("it is busy: 429 Too Many Requests") == 1
        came_s = [bulk.came_s for bulk in fake.bulks]
        assert came_s[1] - came_s[0] > 1 and came_s[2] - came_s[1] > 1  # as Retry-After says
        assert done.stderr.count("it works again") == 1


def test_half_a_bulk_that_was_refused_comes_again_alone(index):
    def half(fake, bulk):
        for place in range(0, len(bulk.actions), 2):
            bulk.refuse(place, 429, "es_rejected_execution_exception")
    with FakeIndex(first(4, half)) as fake:
        index(fake)
        assert_all_there(fake)
        asked = [identity for bulk in fake.bulks for identity in bulk.ids]
        assert len(asked) <= POSTS * 3 / 2 and len(set(asked)) == POSTS


def test_poison_in_every_hundredth_place_goes_to_the_dead_letters_alone(index, linnet, tmp_path):
    def poison(fake, bulk):
        for place, identity in enumerate(bulk.ids):
            if int(identity[2:]) % 100 == 0:
                bulk.refuse(place, 400, "mapper_parsing_exception", "failed to parse [x]")
    with FakeIndex(poison) as fake:
        done = index(fake)
        assert len(fake.documents()) == POSTS - 30
        assert (done.sink["delivered"], done.sink["dead"]) == (POSTS - 30, 30)
        listed = linnet("dlq", "ls", "-c", tmp_path / "linnet.lua").stdout
        assert listed.count("mapper_parsing_exception: failed to parse [x]") == 30


def test_effects_without_an_answer_are_repeated_harmlessly(index):
    def cut(fake, bulk):
        def hang_up(answer):
            raise Hangup
        return hang_up
    with FakeIndex(first(3, cut)) as fake:
        done = index(fake)
        assert_all_there(fake)
        assert done.sink["delivered"] == POSTS


def reorder(items):
    items[0], items[1] = items[1], items[0]
    return items


@pytest.mark.parametrize("wrong", [
    lambda items: {"errors": False, "items": items[:-1]},
    lambda items: {"errors": False, "items": items + items[:1]},
    lambda items: {"errors": False, "items": reorder(items)},
    lambda items: {"errors": True},
    lambda items: {"errors": False, "items": [{} for _ in items]},
    lambda items: "<html>It works!</html>",
    lambda items: "",
], ids=["shorter", "longer", "reordered", "without items", "empty items", "no JSON", "nothing"])
def test_a_reply_that_does_not_answer_delivers_nothing(index, wrong):
    def lie(fake, bulk):
        raise Reply(200, wrong([{"index": {"_id": identity, "status": 201}}
                                for identity in bulk.ids]))
    with FakeIndex(first(2, lie)) as fake:
        done = index(fake)
        assert_all_there(fake)
        assert "its reply does not answer the request" in done.stderr


def test_413_halves_and_one_document_that_is_too_large_is_a_dead_letter(index):
    records = posts(600) + [tweet(600, "x" * 30000)]
    with FakeIndex(most_bytes=20000) as fake:
        done = index(fake, records)
        assert_all_there(fake, 600)
        assert done.sink["dead"] == 1
        assert "Request size exceeded" in done.stderr


def test_a_block_is_waited_for(index):
    def read_only(fake, bulk):
        for place in range(len(bulk.actions)):
            bulk.refuse(place, 403, "cluster_block_exception", "index read-only / allow delete")
    with FakeIndex(first(2, read_only)) as fake:
        done = index(fake)
        assert_all_there(fake)
        assert "it takes nothing: cluster_block_exception: index read-only" in done.stderr


def test_refused_credentials_are_told_and_tried_again(index):
    def refuse(fake, bulk):
        raise Reply(403, {"Message": "User: arn:aws:iam::1:user/a is not authorized"})
    with FakeIndex(first(2, refuse)) as fake:
        done = index(fake)
        assert_all_there(fake)
        assert "it refuses: User: arn:aws:iam::1:user/a is not authorized" in done.stderr


def test_an_index_that_is_deleted_is_made_again_with_its_mapping(index):
    def gone(fake, bulk):
        fake.mappings.pop("posts", None)
        for place in range(len(bulk.actions)):
            bulk.refuse(place, 404, "index_not_found_exception", "no such index [posts]")
    with FakeIndex(first(1, gone)) as fake:
        index(fake)
        assert_all_there(fake)
        assert fake.asked.count(("PUT", "/posts")) == 2
        assert fake.mappings["posts"]["properties"]["text"] == {"type": "text"}


def test_a_document_that_fails_for_ever_is_not_sent_for_ever(index):
    def broken(fake, bulk):
        if "x:5" in bulk.ids:
            bulk.refuse(bulk.ids.index("x:5"), 500, "null_pointer_exception")
    with FakeIndex(broken) as fake:
        done = index(fake)
        assert len(fake.documents()) == POSTS - 1 and done.sink["dead"] == 1
        assert sum("x:5" in bulk.ids for bulk in fake.bulks) == 5


# ---- order, repeats, versions ----

def test_a_delete_does_not_overtake_its_post(index):
    def busy(fake, bulk):
        for place, (op, _, _) in enumerate(bulk.actions):
            if op == "index":
                bulk.refuse(place, 429, "es_rejected_execution_exception")
    records = [one for number in range(500) for one in (tweet(number, "a"), delete(number))]
    with FakeIndex(first(3, busy)) as fake:
        done = index(fake, records + posts(510)[500:])
        assert set(fake.documents()) == {f"x:{number}" for number in range(500, 510)}
        assert done.sink["delivered"] == 1010


def test_versions_of_a_clock_that_was_ahead_do_not_stop_an_edit(index, linnet):
    with FakeIndex() as fake:
        index(fake, posts(300))
        for key in fake.versions:
            fake.versions[key] = 2_200_000_000_000_000
        done = linnet("replay", "-", "-o", f"opensearch:{fake.url}/posts",
                      input=lines(*[tweet(number, "edited") for number in range(300)]))
        assert done.rc == 0 and sums(done.stderr)[-1]["delivered"] == 300, done
        assert all(one["text"] == "edited" for one in fake.documents().values())


def test_posts_that_are_played_twice_change_nothing(index, linnet):
    with FakeIndex() as fake:
        index(fake)
        before = {key: one["text"] for key, one in fake.documents().items()}
        linnet("replay", "-", "-o", f"opensearch:{fake.url}/posts", input=lines(*posts()))
        assert {key: one["text"] for key, one in fake.documents().items()} == before


# ---- ways there ----

def test_requests_are_compressed_until_a_server_does_not_take_it(index):
    def plain_only(fake, bulk):
        if fake.headers[-1].get("Content-Encoding"):
            raise Reply(415, "what is gzip?")
    with FakeIndex() as fake:
        index(fake, gzip="true")
        assert_all_there(fake)
        assert sum(one.get("Content-Encoding") == "gzip" for one in fake.headers) == len(fake.bulks)
    with FakeIndex(plain_only) as fake:
        done = index(fake, gzip="true")
        assert_all_there(fake)
        assert done.stderr.count("it does not take gzip") == 1


@pytest.mark.parametrize("options, header", [
    ({"auth": '"basic"', "user": '"ada"', "password": 'secret "env:WORD"'}, "Basic YWRhOnPDvMOf"),
    ({"auth": '"api_key"', "key": 'secret "env:WORD"'}, "ApiKey c8O8w58="),
])
def test_credentials_go_with_every_request(linnet, tmp_path, options, header):
    given = "".join(f", {name} = {value}" for name, value in options.items())
    with FakeIndex() as fake:
        (tmp_path / "linnet.lua").write_text(
            f'return {{ sinks = {{ out = linnet.opensearch {{ url = "{fake.url}/posts"{given} }} }} }}')
        word = "süß" if "basic" in given else "c8O8w58="
        done = linnet("replay", "-", "-c", tmp_path / "linnet.lua", env={"WORD": word},
                      input=lines(*posts(10)))
        assert done.rc == 0, done
        assert {one.get("Authorization") for one in fake.headers} == {header}
        assert word not in done.stderr


@pytest.mark.parametrize("service", ["es", "aoss"])
def test_requests_are_signed_for_aws(linnet, tmp_path, service):
    with FakeIndex() as fake:
        (tmp_path / "linnet.lua").write_text(f"""return {{ sinks = {{ out = linnet.opensearch {{
  url = "{fake.url}/posts", auth = "aws", region = "eu-west-1", service = "{service}" }} }} }}""")
        keys = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "hidden"}
        done = linnet("replay", "-", "-c", tmp_path / "linnet.lua", env=keys,
                      input=lines(*posts(10)))
        assert done.rc == 0 and len(fake.documents()) == 10, done
        for headers in fake.headers:
            assert f"/eu-west-1/{service}/aws4_request" in headers["Authorization"]
            assert (headers.get("X-Amz-Content-Sha256") is not None) == (service == "aoss")
        versions = ["version" in about for bulk in fake.bulks for _, about, _ in bulk.actions]
        assert all(versions) if service == "es" else not any(versions)


def test_a_certificate_is_verified(linnet, start_linnet, tmp_path):
    words = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out",
             "ca.pem")
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "posts").write_text(lines(*posts(10)))
    with FakeIndex(tls=(tmp_path / "ca.pem", tmp_path / "key.pem")) as fake:
        config = tmp_path / "linnet.lua"
        sink = 'return {{ sinks = {{ out = linnet.opensearch {{ url = "{}/posts"{} }} }} }}'
        config.write_text(sink.format(fake.url, ""))
        process = start_linnet("replay", "posts", "-c", config)
        assert "certificate" in process.stderr.readline().decode() and not fake.asked
        process.kill()
        config.write_text(sink.format(fake.url, ', ca_file = "ca.pem"'))
        assert linnet("replay", "posts", "-c", config).rc == 0 and len(fake.documents()) == 10


# ---- while it runs ----

@pytest.fixture
def running(running, start_linnet):
    """A run whose sink is a fake index."""
    def configure(fake, given="", **options):
        sink = f'out = linnet.opensearch {{ url = "{fake.url}/posts"{given} }}'
        return running.configure(sinks=sink, **options)
    running.into = configure
    return running


def test_a_secret_that_changes_is_taken_without_a_restart(running, tmp_path):
    def guard(fake, bulk):
        if fake.headers[-1]["Authorization"] != "ApiKey new":
            raise Reply(401, {"error": {"type": "security_exception", "reason": "unknown key"}})
    (tmp_path / "key").write_text("old\n")
    with FakeIndex(guard) as fake:
        running.into(fake, ', auth = "api_key", key = secret "file:key"').start()
        wait_until(lambda: "it refuses: security_exception: unknown key" in running.log())
        (tmp_path / "key").write_text("new\n")
        wait_until(lambda: len(fake.documents()) > 100)
        assert running.stop() == 0


def test_a_changed_schema_is_mapped_while_linnet_runs(running, tmp_path):
    schema = """return linnet.schema { { "text", "text" }%s }"""
    (tmp_path / "schemas").mkdir()
    own = tmp_path / "schemas/own.lua"
    own.write_text(schema % "")
    with FakeIndex() as fake:
        running.into(fake, ', schema = "own"', rate=150).start()
        wait_until(lambda: fake.documents())
        assert set(fake.mappings["posts"]["properties"]) == {"text"}
        put(own, schema % ', { "lang", "keyword" }')
        wait_until(lambda: "lang" in fake.mappings["posts"]["properties"])
        wait_until(lambda: any("lang" in one for one in list(fake.documents().values())))
        put(own, schema % ', { "lang", "long", from = "author.id" }')
        wait_until(lambda: "mapper [lang] cannot be changed" in running.log())
        assert running.process.wait(60) == 0 and len(fake.documents()) == runs.POSTS


def test_kills_lose_and_double_nothing(running):
    with FakeIndex() as fake:
        running.into(fake)
        for _ in range(4):
            running.start()
            before = len(fake.bulks)
            wait_until(lambda: len(fake.bulks) > before + 2 or running.process.poll() is not None)
            running.process.kill()
            running.process.wait()
        running.start()
        assert running.process.wait(60) == 0
        assert len(fake.documents()) == runs.POSTS


def test_an_index_that_is_gone_for_a_while_holds_no_other_back(running):
    with FakeIndex() as live:
        with FakeIndex() as gone:
            port = gone.server.server_address[1]
        running.configure(sinks="".join(
            f'{name} = linnet.opensearch {{ url = "{fake.url}/posts" }}, '
            for name, fake in (("live", live), ("gone", gone)))).start()
        wait_until(lambda: len(live.documents()) == runs.POSTS)
        told = {one["name"]: one for one in running.sums()[0]["sinks"]}
        assert told["gone"]["pending"] == runs.POSTS and "it cannot be reached" in running.log()
        assert "it cannot be reached" in told["gone"]["trouble"] and told["live"]["trouble"] == ""
        with FakeIndex(port=port) as back:
            assert running.process.wait(120) == 0
            assert set(back.documents()) == set(live.documents())


def test_a_dead_server_holds_little_memory_and_all_posts(running):
    (running.folder / "posts.ndjson").write_text(lines(*posts(150000)))
    with FakeIndex() as fake:
        dead = type("Dead", (), {"url": fake.url})
    running.into(dead, rate=0, spool="1GiB").start()
    wait_until(lambda: running.ask()["sinks"][0]["pending"] > 20000)
    first = resident_mb(running.process.pid)
    wait_until(lambda: running.ask()["sinks"][0]["pending"] == 150000, 60)
    spooled_mb = sum(path.stat().st_size for path in running.folder.rglob("*.seg")) / 2**20
    assert SANITIZED or resident_mb(running.process.pid) < first + 60 < spooled_mb
    assert "it cannot be reached" in running.log()
    assert running.stop() == 0


def resident_mb(pid):
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_a_mapping_that_conflicts_is_told_with_its_field(index):
    with FakeIndex() as fake:
        fake.mappings["posts"] = {"properties": {"lang": {"type": "long"}}}
        done = index(fake)
        assert_all_there(fake)
        assert "another mapping than its schema" in done.stderr and "mapper [lang]" in done.stderr


def test_servers_before_7_8_get_a_template_of_the_old_kind(index):
    with FakeIndex(root={"version": {"number": "7.4.2"}}) as fake:
        index(fake)
        assert ("PUT", "/_template/linnet-posts") in fake.asked
        assert fake.templates["linnet-posts"]["mappings"]["properties"]["text"] == {"type": "text"}


def day(number, text="a"):
    at = f"2024-03-{number % 28 + 1:02}T12:00:00Z"
    return {"id": str(number), "text": text, "created": at, "network": "plain"}


def test_an_index_may_be_named_by_the_date_of_its_posts(index, linnet):
    name = "posts-!{timestamp:yyyy.MM.dd}"
    with FakeIndex() as fake:
        done = linnet("replay", "-", "-o", f"opensearch:{fake.url}/{name}",
                      input=lines(*map(day, range(280)), *map(day, range(28, 56))))
        assert done.rc == 0, done
        assert set(fake.indices) == {f"posts-2024.03.{day:02}" for day in range(1, 29)}
        assert {len(documents) for documents in fake.indices.values()} == {10}
        assert fake.templates["linnet-posts-date"]["index_patterns"] == ["posts-*"]
        assert ("PUT", "/posts-*/_mapping") in fake.asked


def test_a_delete_finds_its_post_in_the_index_of_any_day(index):
    records = [tweet(number, "a") for number in range(40)] + [delete(n) for n in range(0, 40, 2)]
    with FakeIndex() as fake:
        done = index(fake, records, index='"posts-!{timestamp:yyyy.MM}"')
        assert set(fake.documents("posts-2018.10")) == {f"x:{n}" for n in range(1, 40, 2)}
        assert done.sink["delivered"] == 60


def test_check_online_asks_the_server_and_changes_nothing(linnet, tmp_path):
    def check(url):
        (tmp_path / "linnet.lua").write_text(
            f'return {{ sinks = {{ out = linnet.opensearch {{ url = "{url}/posts" }} }} }}')
        return linnet("check", "--online", "-c", tmp_path / "linnet.lua")
    with FakeIndex() as fake:
        done = check(fake.url)
        assert done.rc == 0 and "sinks.out: server: works" in done.stdout, done
        assert "sinks.out: make the index: works" in done.stdout
        assert {method for method, _ in fake.asked} == {"GET"}
    with FakeIndex(root={"version": {"number": "6.8.0"}}) as fake:
        done = check(fake.url)
        assert done.rc == 1 and "Elasticsearch 6.8.0 is too old" in done.stdout, done
    assert check(fake.url).rc == 1


@pytest.mark.parametrize("options, said", [
    ('url = "http://a:9200"', "url ends with no name of an index"),
    ('url = "localhost:9200/posts"', "url takes https://HOST[:PORT][/PATH]"),
    ('url = "http://me:word@a/posts"', "url takes no user"),
    ('url = "http://a:0/posts"', "a port from 1 to 65535"),
    ('url = "http://[::1/posts"', "a port from 1 to 65535"),
    ('url = "http://a/Posts"', "is no name of an index"),
    ('url = "http://a/posts-!{timestamp:yyyy/MM}"', "is no name of an index"),
    ('url = "http://a", index = "posts-!{timestamp:YYYY}"', "the date of an index is made of"),
    ('url = "http://a/posts", auth = "basic"', 'auth "basic" takes user and password'),
    ('url = "http://a/posts", auth = "api_key"', 'auth "api_key" takes key'),
    ('url = "http://a/posts", user = "me"', '1:77: user is of auth "basic", and auth is "none"'),
    ('url = "http://a/posts", auth = "aws", key = secret "env:HOME"', 'key is of auth "api_key"'),
    ('url = "http://a/posts-!{timestamp:yyyy}", time = "creatd"', '1:95: time takes a date of schema post'),
    ('url = "http://a/posts-!{timestamp:yyyy}", schema = linnet.schema { { "a", "text", from = "raw.a" } }',
     "no date \"timestamp\" to name an index by: say time = "),
])
def test_mistakes_are_found_by_check(linnet, tmp_path, options, said):
    (tmp_path / "linnet.lua").write_text(
        f"return {{ sinks = {{ out = linnet.opensearch {{ {options} }} }} }}")
    done = linnet("check", "-c", tmp_path / "linnet.lua")
    assert done.rc == 78 and said in done.stderr and "linnet.lua:1:" in done.stderr, done
    assert "me:word" not in done.stderr
