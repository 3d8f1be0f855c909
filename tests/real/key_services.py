"""The services that give AWS keys, in miniature: STS, a container's, a machine's; for clients that
are not ours as well."""
import hashlib
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAR = "2040-01-01T00:00:00Z"
TOKEN = "TOKEN=="


def digest(*words):
    return hashlib.sha256("|".join(words).encode()).hexdigest()[:12].upper()


class Services(BaseHTTPRequestHandler):
    """Keys tell of whom they were asked for, and with what."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def say(self, body, status=200, kind="application/json"):
        body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        if self.path == "/latest/api/token":
            self.say(TOKEN, kind="text/plain")
        else:
            self.say("", 404)

    def do_GET(self):
        roles = "/latest/meta-data/iam/security-credentials/"
        if self.path.startswith("/container"):
            self.say_keys("CONTAINER" + digest(self.headers.get("Authorization", "none")))
        elif self.headers.get("x-aws-ec2-metadata-token") != TOKEN:
            self.say("", 401)
        elif self.path == roles:
            self.say("a-role", kind="text/plain")
        elif self.path == roles + "a-role":
            self.say_keys("MACHINE")
        elif self.path == "/latest/meta-data/placement/region":
            self.say("ap-south-1", kind="text/plain")
        else:
            self.say("", 404)

    def say_keys(self, key):
        self.say(f'{{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIA{key}","SecretAccessKey":'
                 f'"s{key}","Token":"t{key}","Expiration":"{FAR}","LastUpdated":"{FAR}"}}')

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        who = self.headers.get("Authorization", "nobody").split("Credential=")[-1].split("/")[0]
        asked = [form.get(name, "") for name in
                 ("Action", "RoleArn", "ExternalId", "DurationSeconds", "WebIdentityToken")]
        key = digest(who, *asked)
        self.say(f'<{form["Action"]}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                 f'<{form["Action"]}Result><Credentials><AccessKeyId>ASIA{key}</AccessKeyId>'
                 f'<SecretAccessKey>s{key}</SecretAccessKey><SessionToken>t{key}</SessionToken>'
                 f'<Expiration>{FAR}</Expiration></Credentials><AssumedRoleUser><Arn>a</Arn>'
                 f'<AssumedRoleId>b</AssumedRoleId></AssumedRoleUser></{form["Action"]}Result>'
                 f'</{form["Action"]}Response>', kind="text/xml")


class Running:
    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Services)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *why):
        self.server.shutdown()
        self.server.server_close()
