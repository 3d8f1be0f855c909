"""Dashboards for Kibana and OpenSearch Dashboards: what is made, and how it is sent there."""
import base64
import email
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import saved_objects
from material import PROTOTYPE, ROOT

ANSWERS = ROOT / "tests/data/dashboards"
OWN = """return {
  schema = linnet.schema {
    { "when", "date", from = "created" }, { "words", "text", from = "text" },
    { "mood", "keyword", from = "label" },
    { "more", { { "hashtags", "text", from = "raw.tags" } } },
  },
  labels = { { "grim", upto = 0 }, { 'so "so"', below = 0.5 }, { "glad" } },
}
"""


def exported(linnet, *words):
    done = linnet("dashboards", "export", *words)
    assert done.rc == 0, done
    return saved_objects.load(done.stdout), done


def test_objects_of_both_schemas_hold_together(linnet, root):
    for config in (root / "config/linnet.lua", PROTOTYPE):
        objects, _ = exported(linnet, "-c", config)
        saved_objects.check(objects)
        assert list(saved_objects.questions(objects))


def test_schema_post_has_all_charts(linnet, root):
    objects, done = exported(linnet, "-c", root / "config/linnet.lua", "--index", "posts-*")
    charts = [one["id"] for one in saved_objects.of_type(objects, "visualization")]
    assert charts == ["linnet-posts-" + name for name in (
        "volume", "labels", "sentiment", "score", "hashtags", "mentions", "languages", "queries",
        "map")]
    assert [one["id"] for one in saved_objects.of_type(objects, "search")] == [
        "linnet-posts-label-" + name for name in ("negative", "neutral", "positive")
    ] + ["linnet-posts-latest"]
    view = objects["index-pattern", "linnet-posts"]["attributes"]
    assert (view["title"], view["timeFieldName"]) == ("posts-*", "created")
    board = saved_objects.named(objects, "-dashboard")["attributes"]
    assert len(board["panelsJSON"]) == len(charts) + 1
    assert done.stderr == ""


def test_what_schema_tweet_lacks_is_left_out_and_said(linnet):
    objects, done = exported(linnet, "-c", PROTOTYPE)
    charts = [one["id"] for one in saved_objects.of_type(objects, "visualization")]
    assert charts == ["linnet-posts-" + name for name in (
        "volume", "labels", "sentiment", "hashtags", "mentions", "map")]
    assert "no chart of the mean score" in done.stderr and "no chart of languages" in done.stderr
    assert "schema tweet, hashtags: it is text" in done.stderr
    fields = objects["index-pattern", "linnet-posts"]["attributes"]["fields"]
    assert [one["name"] for one in fields if one["scripted"]] == [
        "hashtags_counted", "mentions_counted"]
    latest = saved_objects.named(objects, "-latest")["attributes"]
    assert latest["columns"] == ["user.name", "tweet", "sentiment"]
    assert latest["sort"] == [["timestamp", "desc"]]


def test_a_schema_and_labels_of_ones_own_are_understood(linnet, write_config):
    objects, _ = exported(linnet, "-c", write_config(OWN))
    saved_objects.check(objects)
    assert [one["attributes"]["source"]["query"]["query"]
            for one in saved_objects.of_type(objects, "search")] == [
                'mood : "grim"', 'mood : "so \\"so\\""', 'mood : "glad"', ""]
    assert saved_objects.named(objects, "-latest")["attributes"]["columns"] == ["words", "mood"]
    charts = [one["id"] for one in saved_objects.of_type(objects, "visualization")]
    assert charts == ["linnet-posts-" + name for name in ("volume", "labels", "sentiment")]


def test_an_export_is_the_same_each_time(linnet, root):
    words = ("dashboards", "export", "-c", root / "config/linnet.lua", "--index", "mood-*")
    one, again = (linnet(*words).stdout for _ in range(2))
    assert one == again
    objects = saved_objects.load(one)
    assert objects["index-pattern", "linnet-mood"]["attributes"]["title"] == "mood-*"
    assert {index for _, index, _ in saved_objects.questions(objects)} == {"mood-*"}


def test_every_sink_that_fills_an_index_has_a_dashboard_of_its_schema(linnet, write_config):
    config = write_config("""return { sinks = {
      a = linnet.opensearch { url = "http://127.0.0.1:1/mood-!{timestamp:yyyy.MM}" },
      b = linnet.opensearch { url = "http://127.0.0.1:2", index = "tweets", schema = "tweet" },
      c = linnet.opensearch { url = "http://127.0.0.1:3/tweets", schema = "tweet" },
      d = linnet.ndjson { path = "../out" },
    } }""")
    objects, done = exported(linnet, "-c", config)
    saved_objects.check(objects)
    views = {one["attributes"]["title"]: one["attributes"]["timeFieldName"]
             for one in saved_objects.of_type(objects, "index-pattern")}
    assert views == {"mood-*": "created", "tweets": "timestamp"}
    assert len(saved_objects.of_type(objects, "dashboard")) == 2
    only, _ = exported(linnet, "-c", config, "--index", "tweets")
    assert {index for _, index, _ in saved_objects.questions(only)} == {"tweets"}
    assert ("visualization", "linnet-tweets-score") not in only


@pytest.mark.parametrize("index, name", [("Posts", "linnet-Posts"), ("posts-*", "linnet-posts"),
                                         ("A_b.C", "linnet-A_b-C"), ("*", "linnet-all")])
def test_the_objects_are_named_by_the_whole_name_of_the_index(linnet, root, index, name):
    done = linnet("dashboards", "export", "--index", index, "-c", root / "config/linnet.lua")
    assert done.rc == 0
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in objects if one.get("type") == "index-pattern"] == [name]
    assert ("no capital letters" in done.stderr) == (index.lower() != index)


def test_a_schema_without_a_date_has_no_dashboard(linnet, write_config):
    config = write_config('return { schema = linnet.schema { { "text", "text" } } }')
    done = linnet("dashboards", "export", "-c", config)
    assert (done.rc, done.stdout) == (1, "")
    assert "has no date" in done.stderr


# ---- push -----------------------------------------------------------------------------------

class Kibana(BaseHTTPRequestHandler):
    """The import route: headers, form and file name as it checks them; then what a test wants."""
    protocol_version = "HTTP/1.1"
    xsrf, answer, status, base = "osd-xsrf", "import-response-success.json", 200, ""

    def reply(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, message):
        self.reply(400, json.dumps({"statusCode": 400, "error": "Bad Request",
                                    "message": message}).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url, seen = urlsplit(self.path), self.server.seen
        if url.path != self.base + "/api/saved_objects/_import":
            return self.reply(404, b"<html>not here</html>", "text/html")
        if self.xsrf not in self.headers:
            return self.refuse(f"Request must contain a {self.xsrf} header.")
        form = email.message_from_bytes(
            b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        (part,) = form.get_payload()
        if not part.get_filename().endswith(".ndjson"):
            return self.refuse("Invalid file extension")
        seen.update(query=parse_qs(url.query), headers=self.headers,
                    file=part.get_payload(decode=True).decode())
        return self.reply(self.status, (ANSWERS / self.answer).read_bytes()
                          if self.answer else b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def kibana():
    """kibana(answer=…) starts one: its address, and what it saw."""
    servers = []

    def start(**rules):
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Rules", (Kibana,), rules))
        server.seen = {}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}{rules.get('base', '')}", server.seen
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def push(linnet, root):
    return lambda *words, **options: linnet("dashboards", "push", "-c",
                                            root / "config/linnet.lua", *words, **options)


@pytest.mark.parametrize("xsrf", ["kbn-xsrf", "osd-xsrf"])
def test_what_is_exported_is_what_both_get(push, linnet, root, kibana, xsrf):
    url, seen = kibana(xsrf=xsrf, base="/_dashboards")
    done = push(url + "/")
    assert (done.rc, done.stdout) == (0, "")
    assert "imported 3 objects" in done.stderr
    export = linnet("dashboards", "export", "-c", root / "config/linnet.lua")
    assert seen["file"].strip() == export.stdout.strip()
    assert seen["query"] == {} and "Authorization" not in seen["headers"]


def test_who_asks_is_told_from_a_secret(push, kibana, tmp_path):
    url, seen = kibana()
    (tmp_path / "login").write_text("ada:p:w\n")
    (tmp_path / "login").chmod(0o600)
    assert push(url, "--login", "file:login", "--overwrite", "--tenant", "global").rc == 0
    assert seen["headers"]["Authorization"] == "Basic " + base64.b64encode(b"ada:p:w").decode()
    assert seen["query"] == {"overwrite": ["true"]}
    assert seen["headers"]["securitytenant"] == "global"
    assert push(url, "--api-key", "env:KEY", env={"KEY": "aWQ6a2V5"}).rc == 0
    assert seen["headers"]["Authorization"] == "ApiKey aWQ6a2V5"


def test_status_200_with_errors_is_a_failure_that_names_each(push, kibana):
    url, _ = kibana(answer="import-response-errors.json")
    done = push(url)
    assert done.rc == 1
    for said in ("3 objects were not imported",
                 "visualization linnet-vis-mean: needs what is not there: index-pattern "
                 "linnet-posts", "dashboard linnet-dash: is there already; --overwrite",
                 "lens lens1: is of a type that is not known there"):
        assert said in done.stderr


@pytest.mark.parametrize("rules, said", [
    ({"xsrf": "x-other"}, "status 400: it refused: Request must contain a x-other header."),
    ({"status": 401, "answer": None}, "status 401: who asks is not known there: --login"),
    ({"status": 403, "answer": None}, "may not import"),
    ({"status": 302, "answer": None}, "status 302: it leads elsewhere"),
    ({"status": 503, "answer": None}, "it is not ready"),
    ({"answer": None}, "this is no answer to an import"),
])
def test_what_was_wrong_is_said(push, kibana, rules, said):
    url, _ = kibana(**rules)
    done = push(url)
    assert done.rc == 1 and said in done.stderr, done


def test_a_wrong_path_and_a_dead_server_are_said(push, kibana):
    url, _ = kibana(base="/_dashboards")
    done = push(url.replace("/_dashboards", ""))
    assert done.rc == 1 and "no import at this address" in done.stderr
    done = push("http://127.0.0.1:1")
    assert done.rc == 1 and "127.0.0.1" in done.stderr


@pytest.mark.parametrize("status, answer", [
    (406, {"error": "Content-Type header [multipart/form-data; boundary=linnet] is not supported", "status": 406}),
    (400, {"error": "no handler found for uri [/api/saved_objects/_import] and method [POST]"}),
    (401, {"error": {"type": "security_exception", "reason": "missing authentication"}, "status": 401})])
def test_a_search_server_is_told_from_its_dashboards(push, kibana, tmp_path, status, answer):
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    url, _ = kibana(status=status, answer=tmp_path / "answer.json")
    done = push(url)
    assert done.rc == 1 and f"status {status}: this is the search server" in done.stderr
    assert "5601" in done.stderr


@pytest.mark.parametrize("words, said", [
    ((), "export or push URL?"),
    (("localhost:5601",), "an address such as"),
    (("http://localhost:99999",), "a port from 1 to 65535"),
    (("http://ada:secret@localhost:5601",), "no password in the address"),
    (("http://localhost:5601", "--login", "ada:secret"), "a secret is"),
    (("http://localhost:5601", "--login", "env:A", "--api-key", "env:B"), "not both"),
])
def test_wrong_usage_is_2_and_shows_no_secret(push, words, said):
    done = push(*words)
    assert done.rc == 2 and said in done.stderr, done
    assert "ada" not in done.stderr
