"""A small S3 in this process that can be told to fail where real ones do not: for one bucket.

It looks at signatures no further than at their region; tests/real shows it to an independent client.
A fault is a function of the request, asked before it is obeyed: None, or what to do instead.
"""
import hashlib
import http.server
import re
import socket
import ssl
import struct
import threading
import urllib.parse
from xml.sax.saxutils import escape, unescape

BUCKET = "fake"


class Request:
    """What was asked: method, key ("" of the bucket), query, headers, body."""

    def __init__(self, handler):
        path, _, query = handler.path.partition("?")
        self.method, self.headers = handler.command, handler.headers
        bucket, _, key = path.lstrip("/").partition("/")
        self.bucket, self.key = bucket, urllib.parse.unquote(key)
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.body = handler.rfile.read(int(self.headers.get("content-length") or 0))
        scope = re.search(r"Credential=([^,]*)", self.headers.get("authorization") or "")
        self.key_id, _, self.region = (scope[1].split("/") if scope else ["", "", ""])[:3]

    def is_a(self, what):
        """put, begin, part, complete, abort, uploads, list, get, head"""
        return what == self.kind

    @property
    def kind(self):
        if self.method == "POST":
            return "begin" if "uploads" in self.query else "complete"
        if self.method == "PUT":
            return "part" if "uploadId" in self.query else "put"
        if self.method == "DELETE":
            return "abort" if "uploadId" in self.query else "delete"
        if self.method == "GET" and not self.key:
            return "uploads" if "uploads" in self.query else "list"
        return self.method.lower()

    def __repr__(self):
        return f"{self.kind} {self.key}"


class Reply:
    def __init__(self, status, body=b"", **headers):
        self.status, self.body = status, body.encode() if isinstance(body, str) else body
        self.headers = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        self.after = None

    def cut(self, after):
        """The connection ends behind so many bytes of its body."""
        self.after = after
        return self


def error(status, code, extra="", **headers):
    """An error as S3 writes it."""
    return Reply(status, f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
                 f"<Message>as the test wants it</Message>{extra}<RequestId>4442587FB7D0A2F9"
                 "</RequestId></Error>", **headers)


class Cut:
    """The reply, but the connection ends behind so many bytes of its body; obey: it is done."""

    def __init__(self, after=None, obey=True):
        self.after, self.obey = after, obey


RESET_AFTER_EFFECT, RESET = Cut(), Cut(obey=False)


class Fake:
    def __init__(self, certificate=None, page=1000):
        self.objects, self.uploads, self.heard, self.faults = {}, {}, [], []
        self.page, self.count, self.lock = page, 0, threading.Lock()
        self.knows_ranges = True
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                fake.serve(self)
            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def url(self, host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.port}"

    def environment(self, **others):
        return {"AWS_ACCESS_KEY_ID": "AKIAFAKE", "AWS_SECRET_ACCESS_KEY": "a-secret-of-tests",
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_S3": self.url(),
                "AWS_EC2_METADATA_DISABLED": "true", **others}

    # ---- faults ----

    def fail(self, kind, *faults):
        """The next requests of this kind meet these faults, one each; then all is well."""
        left = list(faults)
        self.faults.append(lambda request: left.pop(0) if request.is_a(kind) and left else None)

    def fault_of(self, request):
        return next((found for found in (look(request) for look in self.faults) if found), None)

    def kinds(self):
        return [request.kind for request in self.heard]

    # ---- answers ----

    def serve(self, handler):
        request = Request(handler)
        with self.lock:
            self.heard.append(request)
            fault = self.fault_of(request)
            obeyed = not isinstance(fault, Reply) and not (fault and not fault.obey)
            reply = self.obey(request) if obeyed else fault
        cut = fault if isinstance(fault, Cut) or getattr(fault, "after", None) else None
        if cut and cut.after is None:
            reset(handler)
            return
        handler.send_response_only(reply.status)
        own = {"Content-Length": len(reply.body), "x-amz-request-id": "4442587FB7D0A2F9"}
        for name, value in {**own, **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if request.method != "HEAD":
            handler.wfile.write(reply.body[:cut.after] if cut else reply.body)
        if cut:
            reset(handler)

    def obey(self, request):
        if request.bucket != BUCKET:
            return error(404, "NoSuchBucket")
        return getattr(self, "do_" + request.kind)(request)

    def do_put(self, request):
        self.objects[request.key] = request.body
        return Reply(200, ETag=etag(request.body))

    def do_head(self, request):
        if request.key not in self.objects:
            return Reply(404)
        body = self.objects[request.key]
        reply = Reply(200, ETag=etag(body))
        reply.headers["Content-Length"] = str(len(body))
        return reply

    def do_get(self, request):
        if request.key not in self.objects:
            return error(404, "NoSuchKey")
        body = self.objects[request.key]
        if request.headers.get("if-match") not in (None, etag(body)):
            return error(412, "PreconditionFailed")
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range") or "")
        if not asked or not self.knows_ranges:
            return Reply(200, body, ETag=etag(body))
        first, last = int(asked[1]), min(int(asked[2]), len(body) - 1)
        if first >= len(body):
            return error(416, "InvalidRange")
        return Reply(206, body[first:last + 1], ETag=etag(body),
                     Content_Range=f"bytes {first}-{last}/{len(body)}")

    def do_delete(self, request):
        self.objects.pop(request.key, None)
        return Reply(204)

    def do_list(self, request):
        behind = request.query.get("continuation-token") or request.query.get("start-after") or ""
        keys = sorted((key for key in self.objects if key > behind
                       and key.startswith(request.query.get("prefix", ""))), key=str.encode)
        page = keys[:int(request.query.get("max-keys", self.page))][:self.page]
        more = len(page) < len(keys)
        contents = "".join(
            f"<Contents><Key>{urllib.parse.quote_plus(key, safe='/')}</Key><Size>"
            f"{len(self.objects[key])}</Size><ETag>{escape(etag(self.objects[key]))}</ETag>"
            "</Contents>" for key in page)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return Reply(200, '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                     f"<Name>{BUCKET}</Name><KeyCount>{len(page)}</KeyCount>{token}<EncodingType>"
                     f"url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>{contents}"
                     "</ListBucketResult>")

    # ---- uploads in parts ----

    def do_begin(self, request):
        self.count += 1
        upload_id = f"upload+{self.count}/="
        self.uploads[upload_id] = (request.key, {})
        return Reply(200, f"<InitiateMultipartUploadResult><Bucket>{BUCKET}</Bucket><Key>"
                     f"{escape(request.key)}</Key><UploadId>{upload_id}</UploadId>"
                     "</InitiateMultipartUploadResult>")

    def upload_of(self, request):
        key, parts = self.uploads.get(request.query["uploadId"], (None, {}))
        return parts if key == request.key else None

    def do_part(self, request):
        parts = self.upload_of(request)
        if parts is None:
            return error(404, "NoSuchUpload")
        parts[int(request.query["partNumber"])] = request.body
        return Reply(200, ETag=etag(request.body))

    def do_complete(self, request):
        parts = self.upload_of(request)
        if parts is None:
            return error(404, "NoSuchUpload")
        named = re.findall(r"<PartNumber>(\d+)</PartNumber>\s*<ETag>(.*?)</ETag>",
                           request.body.decode())
        named = [(int(number), unescape(tag, {"&quot;": '"'})) for number, tag in named]
        if any(number not in parts or etag(parts[number]) != tag for number, tag in named):
            return error(400, "InvalidPart")
        self.objects[request.key] = b"".join(parts[number] for number, _ in named)
        del self.uploads[request.query["uploadId"]]
        return Reply(200, "  \n<CompleteMultipartUploadResult><Key>x</Key><ETag>&quot;e-2&quot;"
                     "</ETag></CompleteMultipartUploadResult>")

    def do_abort(self, request):
        if self.upload_of(request) is None:
            return error(404, "NoSuchUpload")
        del self.uploads[request.query["uploadId"]]
        return Reply(204)

    def do_uploads(self, request):
        open_ones = "".join(
            f"<Upload><Key>{escape(key)}</Key><UploadId>{upload_id}</UploadId></Upload>"
            for upload_id, (key, _) in self.uploads.items()
            if key.startswith(request.query.get("prefix", "")))
        return Reply(200, "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
                     f"{open_ones}</ListMultipartUploadsResult>")


def etag(body):
    return f'"{hashlib.md5(body).hexdigest()}"'


def reset(handler):
    """The connection ends as if the network had lost it."""
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()
