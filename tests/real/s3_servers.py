"""Servers that speak S3 and check signatures, and the proxy that breaks connections to them."""
import json
import urllib.request

from servers import Part, Server, answers_http, go_module

ACCESS, SECRET, REGION = "AKIAREALTEST", "a-secret-of-tests", "us-east-1"

TOXIPROXY = Part("toxiproxy", "v2.5.0", go_module("github.com/Shopify/toxiproxy/v2/cmd/server",
                                                  "v2.5.0"))
VERSITYGW = Part("versitygw", "v1.8.0", go_module("github.com/versity/versitygw/cmd/versitygw",
                                                  "v1.8.0"))
MINIO_VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
MINIO = Part("minio", MINIO_VERSION, go_module("github.com/minio/minio", MINIO_VERSION),
             slow="four minutes and 2 GB of Go's caches")


def versitygw():
    program = VERSITYGW.folder() / "versitygw"

    def command(port, folder):
        (folder / "data").mkdir(exist_ok=True)
        (folder / "iam").mkdir(exist_ok=True)
        return [program, "--port", f"127.0.0.1:{port}", "--iam-dir", folder / "iam", "posix",
                folder / "data"]
    return Server("versitygw", command, lambda server: answers_http(server.url),
                  env={"ROOT_ACCESS_KEY": ACCESS, "ROOT_SECRET_KEY": SECRET})


def minio():
    program = MINIO.folder() / "minio"
    return Server("minio", lambda port, folder: [program, "server", "--address",
                                                 f"127.0.0.1:{port}", folder / "data"],
                  lambda server: answers_http(server.url + "/minio/health/ready"),
                  env={"MINIO_ROOT_USER": ACCESS, "MINIO_ROOT_PASSWORD": SECRET,
                       "MINIO_BROWSER": "off", "MINIO_UPDATE": "off"})


def toxiproxy():
    program = TOXIPROXY.folder() / "server"
    return Server("toxiproxy", lambda port, folder: [program, "-host", "127.0.0.1", "-port", port],
                  lambda server: answers_http(server.url + "/version"))


class Proxy:
    """One of toxiproxy's: a port in front of another, and what is done to what passes."""

    def __init__(self, toxi, name, port, upstream):
        self.toxi, self.name, self.port = toxi, name, port
        self.url = f"http://127.0.0.1:{port}"
        self.ask("POST", "/proxies", {"name": name, "listen": f"127.0.0.1:{port}",
                                      "upstream": f"127.0.0.1:{upstream}", "enabled": True})

    def ask(self, method, path, content=None):
        body = json.dumps(content).encode() if content is not None else None
        asked = urllib.request.Request(self.toxi.url + path, body, method=method)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.read()

    def add(self, kind, stream="downstream", **attributes):
        """A toxic: limit_data, reset_peer, latency, slicer, ..."""
        self.ask("POST", f"/proxies/{self.name}/toxics",
                 {"name": kind, "type": kind, "stream": stream, "attributes": attributes})

    def remove(self, kind):
        self.ask("DELETE", f"/proxies/{self.name}/toxics/{kind}")

    def delete(self):
        self.ask("DELETE", f"/proxies/{self.name}")


class Store:
    """An S3 server as tests look into it: with botocore, which is nobody's of us."""

    def __init__(self, server):
        self.server, self.client = server, client(server.url)
        self.buckets = 0

    def bucket(self):
        """A new one's name."""
        self.buckets += 1
        name = f"bucket-{self.buckets}"
        self.client.create_bucket(Bucket=name)
        return name

    def environment(self, url=None, **others):
        """What linnet must know to find it."""
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION,
                "AWS_ENDPOINT_URL_S3": url or self.server.url, "AWS_EC2_METADATA_DISABLED": "true",
                **others}

    def keys(self, bucket, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def read(self, bucket, key):
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()


def client(url, secret=SECRET):
    import botocore.config
    import botocore.session
    config = botocore.config.Config(signature_version="s3v4", retries={"max_attempts": 0},
                                    s3={"addressing_style": "path"})
    return botocore.session.get_session().create_client(
        "s3", region_name=REGION, endpoint_url=url, aws_access_key_id=ACCESS,
        aws_secret_access_key=secret, config=config)
