"""Posts of X's filtered stream through chunked HTTP, plain and over TLS, until the spool has them."""
import json
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

POST_BYTES = 2048
IN_A_CHUNK = 256
CONFIG = """return {
  state = "state", http = false, scorers = { default = "none" },
  sources = { live = linnet.x { host = "%s", rules = "off",%s bearer = secret "env:X" } },
  sinks = { out = linnet.discard {} },
}
"""


def make_posts(root, posts):
    """A stream's records: the fixture's post, made longer and numbered."""
    post = json.loads((root / "tests/data/x-v2/stream-post.json").read_text())
    post["data"].update(id="@", edit_history_tweet_ids=["@"])
    post["includes"]["users"][0]["description"] = ""

    def write():
        return json.dumps(post, ensure_ascii=False, separators=(",", ":")).encode() + b"\r\n"
    lacking = POST_BYTES - len(write()) - 2 * 18
    post["includes"]["users"][0]["description"] = "x" * max(lacking, 0)
    before, between, after = write().split(b'"@"')
    ids = (b'"%019d"' % (1784600000000000000 + i) for i in range(posts))
    return [before + one + between + one + after for one in ids]


def make_chunks(root, posts):
    """A stream's body, whose chunks have many posts each."""
    records = make_posts(root, (posts + IN_A_CHUNK - 1) // IN_A_CHUNK * IN_A_CHUNK)
    bodies = [b"".join(records[at:at + IN_A_CHUNK]) for at in range(0, len(records), IN_A_CHUNK)]
    return [b"%x\r\n" % len(body) + body + b"\r\n" for body in bodies]


def serve(listener, chunks, context):
    client, _ = listener.accept()
    if context:
        client = context.wrap_socket(client, server_side=True)
    client.recv(65536)
    client.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for chunk in chunks:
        client.sendall(chunk)
    client.recv(1)


def measure(program, root, posts, tls):
    """(posts a second from the first to the last, CPU microseconds a post)."""
    chunks = make_chunks(root, posts)
    sent = len(chunks) * IN_A_CHUNK
    with tempfile.TemporaryDirectory() as name, socket.socket() as listener:
        folder, context = Path(name), None
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        if tls:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=linnet",
                            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
                            "-out", folder / "own.pem"], check=True, capture_output=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "own.pem", folder / "key.pem")
        host = f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        (folder / "linnet.lua").write_text(CONFIG % (host, ' ca_file = "own.pem",' if tls else ""))
        threading.Thread(target=serve, args=(listener, chunks, context), daemon=True).start()
        process = subprocess.Popen([program, "run", "-c", "linnet.lua"], cwd=folder,
                                   env={**os.environ, "X": "a-token"}, stderr=subprocess.DEVNULL)
        begun = None
        while (seen := spooled(program, folder)) < sent:
            if seen and begun is None:
                begun = (time.monotonic(), seen)
            if process.poll() is not None:
                raise SystemExit(f"linnet ended with {process.returncode}")
            time.sleep(0.02)
        took = time.monotonic() - begun[0] if begun else float("nan")
        with open(f"/proc/{process.pid}/stat") as stat:
            cpu = sum(map(int, stat.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    return (sent - begun[1]) / took, cpu / sent * 1e6


def spooled(program, folder):
    done = subprocess.run([program, "status", "--json", "--state", "state"], cwd=folder,
                          capture_output=True, check=False)
    sources = json.loads(done.stdout or b"{}").get("sources", [])
    return sources[0]["spooled"] if sources else 0


def print_stream(program, root, posts):
    for tls in (False, True):
        rate, cpu = measure(program, root, posts, tls)
        print(f"X's stream of {POST_BYTES} bytes a post{' over TLS' if tls else ''}, to the spool: "
              f"{rate:,.0f} posts/s, {cpu:.2f} us CPU a post", flush=True)
