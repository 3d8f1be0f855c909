"""A linnet that runs with a configuration and answers HTTP on a port of its own."""
import http.client
import json
import subprocess

from conftest import PROGRAM, environment
from material import lines, wait_until

CONFIG = """return {
  state = "../state",
  sources = { live = linnet.stdin {} },
  sinks = { out = linnet.ndjson { path = "../out.ndjson" } },
  http = { listen = "127.0.0.1:0"%s },
}
"""


class Answer:
    """What came back over HTTP."""

    def __init__(self, response):
        self.code = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    def metric(self, series):
        """The value of a series, named as it stands there."""
        return next(float(line.rsplit(" ", 1)[1]) for line in self.text.splitlines()
                    if line.rsplit(" ", 1)[0] == series)


class Serving:
    """A process, the folder it runs in, and how to ask it."""

    def __init__(self, folder, env=None, words=()):
        self.folder = folder
        self.log = open(folder / "err.log", "ab")
        self.process = subprocess.Popen(
            [PROGRAM, "run", "-c", "config/linnet.lua", *words], cwd=folder, stderr=self.log,
            stdin=subprocess.PIPE, env=environment(env, folder))
        wait_until(lambda: self.http() is not None)

    def status(self):
        done = subprocess.run([PROGRAM, "status", "--json", "--state", "state"],
                              cwd=self.folder, capture_output=True,
                              env=environment({}, self.folder), check=True)
        return json.loads(done.stdout)

    def http(self):
        return self.status().get("http")

    def connection(self, timeout=60):
        host, port = self.http()["address"].rsplit(":", 1)
        return http.client.HTTPConnection(host.strip("[]"), int(port), timeout=timeout)

    def ask(self, path, method="GET", body=None, connection=None, **headers):
        asked = connection or self.connection()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked.request(method, path, body=body, headers=named)
        answer = Answer(asked.getresponse())
        if connection is None:
            asked.close()
        return answer

    def feed(self, *records):
        self.process.stdin.write(lines(*records).encode())
        self.process.stdin.flush()

    def end(self):
        self.process.kill()
        self.process.communicate()
        self.log.close()

    def errors(self):
        return (self.folder / "err.log").read_text()
