"""A small index server for scenarios: bulk requests, versions, mappings, and faults on demand.

It knows what Elasticsearch and OpenSearch do with what linnet sends, and no more. `fault` is asked
before each bulk request is done: it answers it itself, changes its items, or lets it pass.
"""
import gzip
import json
import re
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hangup(Exception):
    """The connection ends without an answer."""


class Reply(Exception):
    """Another answer than the real one."""

    def __init__(self, status, body="", **headers):
        super().__init__(status)
        self.status, self.headers = status, headers
        self.body = body if isinstance(body, (bytes, str)) else json.dumps(body)


class Bulk:
    """One bulk request: its actions, and what is answered for each."""

    def __init__(self, number, lines, index):
        self.number, self.actions, self.came_s = number, [], time.monotonic()
        rows = iter(lines)
        for line in rows:
            (op, about), = json.loads(line).items()
            document = json.loads(next(rows)) if op != "delete" else None
            self.actions.append((op, {"_index": index, **about}, document))
        self.items = {}  # by place: what is answered instead of doing it

    def refuse(self, place, status, kind, reason="because"):
        self.items[place] = {"status": status, "error": {"type": kind, "reason": reason}}

    @property
    def ids(self):
        return [about["_id"] for _, about, _ in self.actions]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class FakeIndex:
    """A server on a port of its own; a context manager."""

    def __init__(self, fault=None, root=None, tls=None, most_bytes=None, port=0):
        self.fault, self.most_bytes = fault, most_bytes
        self.root = root or {"version": {"number": "2.19.1", "distribution": "opensearch"}}
        self.indices, self.versions, self.mappings, self.templates = {}, {}, {}, {}
        self.bulks, self.asked, self.headers = [], [], []
        self.under_way, self.most_under_way = 0, 0
        self.lock = threading.Lock()
        self.server = Server(("127.0.0.1", port), handler_of(self))
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if tls else "http"

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *ended):
        self.server.shutdown()
        self.server.server_close()

    def documents(self, index="posts"):
        return self.indices.get(index, {})

    # ---- what it does ----

    def handle(self, method, path, body, headers):
        with self.lock:
            self.asked.append((method, path))
            self.headers.append(headers)
        if path.endswith("/_bulk"):
            return self.bulk(path, body)
        with self.lock:
            return self.manage(method, path, body)

    def manage(self, method, path, body):
        if path == "/":
            return self.root
        name = path.strip("/").split("/")[-1]
        if method == "GET":
            raise Reply(404, error("index_not_found_exception", path))
        if path.startswith(("/_index_template/", "/_template/")):
            self.templates[name] = json.loads(body)
            return {"acknowledged": True}
        if path.endswith("/_mapping"):
            return self.map(path.split("/")[1], json.loads(body))
        if path.endswith("/_delete_by_query"):
            return self.delete(path.split("/")[1], json.loads(body)["query"]["ids"]["values"])
        if path.endswith("/_update_by_query"):
            asked = json.loads(body)
            return self.scrub(path.split("/")[1], asked["query"]["ids"]["values"],
                              asked["script"]["params"]["patch"])
        if path.endswith("/_refresh"):
            return {}
        if method == "PUT" and name in self.mappings:
            raise Reply(400, error("resource_already_exists_exception", name))
        if method == "PUT":
            self.indices[name], self.mappings[name] = {}, json.loads(body)["mappings"]
            return {"acknowledged": True}
        raise Reply(404, error("not_known", path))

    def map(self, pattern, mapping):
        """One field's type cannot become another."""
        for name, known in self.mappings.items():
            if not re.fullmatch(pattern.replace("*", ".*"), name):
                continue
            for field, what in mapping["properties"].items():
                was = known["properties"].setdefault(field, what)
                if was.get("type") != what.get("type"):
                    raise Reply(400, error("illegal_argument_exception", f"mapper [{field}] cannot "
                                           f"be changed from type [{was.get('type')}]"))
        return {"acknowledged": True}

    def delete(self, pattern, ids):
        for name, documents in self.indices.items():
            if re.fullmatch(pattern.replace("*", ".*"), name):
                for identity in ids:
                    documents.pop(identity, None)
        return {"deleted": len(ids), "version_conflicts": 0, "failures": []}

    def scrub(self, pattern, ids, patch):
        """What linnet's script does."""
        changed = [documents[one] for name, documents in self.indices.items() for one in ids
                   if re.fullmatch(pattern.replace("*", ".*"), name) and one in documents]
        for document in changed:
            for member in patch:
                document.pop(member, None)
        return {"updated": len(changed), "deleted": 0, "version_conflicts": 0, "failures": []}

    def bulk(self, path, body):
        if self.most_bytes and len(body) > self.most_bytes:
            raise Reply(413, {"Message": f"Request size exceeded {self.most_bytes} bytes"})
        if not body.endswith(b"\n"):
            raise Reply(400, error("illegal_argument_exception", "not terminated"))
        with self.lock:
            bulk = Bulk(len(self.bulks), body.splitlines(), path.strip("/").split("/")[0])
            self.bulks.append(bulk)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            after = self.fault(self, bulk) if self.fault else None
            with self.lock:
                items = [{op: {"_id": about["_id"], **self.act(bulk, place, op, about, document)}}
                         for place, (op, about, document) in enumerate(bulk.actions)]
            answer = {"errors": any("error" in one for item in items for one in item.values()),
                      "items": items}
            return after(answer) if after else answer
        finally:
            with self.lock:
                self.under_way -= 1

    def act(self, bulk, place, op, about, document):
        if place in bulk.items:
            return bulk.items[place]
        name, identity = about["_index"], about["_id"]
        if name not in self.indices:
            self.indices[name] = {}
            self.mappings[name] = {"properties": {}}
        documents, key = self.indices[name], (name, identity)
        version = about.get("version", 0)
        if about.get("version_type") == "external_gte" and version < self.versions.get(key, -1):
            return {"status": 409, "error": {
                "type": "version_conflict_engine_exception",
                "reason": f"[{identity}]: version conflict, current version "
                          f"[{self.versions[key]}] is higher than the one provided [{version}]"}}
        self.versions[key] = self.versions.get(key, 0) + 1 if op == "update" else version
        known = identity in documents
        if op == "update":
            if not known:
                return {"status": 404, "error": {"type": "document_missing_exception",
                                                 "reason": f"[{identity}]: document missing"}}
            documents[identity].update(document["doc"])
            return {"status": 200}
        if op == "delete":
            documents.pop(identity, None)
            return {"status": 200 if known else 404}
        documents[identity] = document
        return {"status": 200 if known else 201}


def error(kind, reason):
    return {"error": {"type": kind, "reason": reason}}


def handler_of(fake):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                path = self.path.split("?")[0]
                self.say(200, json.dumps(fake.handle(self.command, path, body, self.headers)), {})
            except Reply as reply:
                self.say(reply.status, reply.body, reply.headers)
            except Hangup:
                self.close_connection = True

        def say(self, status, body, headers):
            body = body.encode() if isinstance(body, str) else body
            self.send_response(status)
            for name, value in {"Content-Length": len(body), **headers}.items():
                self.send_header(name.replace("_", "-"), str(value))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_HEAD = answer

        def log_message(self, *args):
            pass

    return Handler
