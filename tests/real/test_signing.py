"""Thousands of random requests are signed by us and by botocore: not one signature differs."""
import datetime
import json
import os
import random
import subprocess
from pathlib import Path
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parent.parent.parent
DRIVER = ROOT / os.environ.get("LINNET_BUILD", "build/gcc") / "tests/real/sign_driver"
COUNT = 12000
# What encodings treat in their own ways, and letters of one to four bytes.
LETTERS = list("abcXYZ019-._~=*!@+%&;:,$?#/[]'\"()<>{}|\\^` ") + ["ü", "é", "ß", "日", "ключ", "🙂"]
SERVICES = ["s3", "s3", "s3", "es", "firehose", "sts"]


def text(rng, most, letters=LETTERS):
    return "".join(rng.choice(letters) for _ in range(rng.randint(0, most)))


def encoded_path(rng, s3):
    """As it goes over the wire; of S3 any key, of others also what is to be made shorter."""
    odd = ["", ".", ".."]
    parts = [rng.choice(odd) if rng.random() < 0.15 else text(rng, 8).replace("/", "")
             for _ in range(rng.randint(0, 4))]
    # "/a/." is "/a/" after RFC 3986, which AWS names, and "/a" to botocore.
    parts = parts + ["end"] if not s3 and parts and parts[-1] in (".", "..") else parts
    return "/" + "/".join(quote(part, safe="-_.~") for part in parts)


def headers_of(rng, host):
    headers = [["host", host]]
    for _ in range(rng.randint(0, 4)):
        value = text(rng, 12, list("abc019 ,;=\"'  /")).strip()
        name = rng.choice(["x-amz-meta-a", "X-Amz-Meta-B", "content-type", "X-Amz-Acl", "Range",
                           "User-Agent", "Expect", "X-Amz-Storage-Class"])
        headers.append([name, f" {value}" if rng.random() < 0.2 else value])
    return headers


def make(rng):
    """A request as the driver takes it, with what botocore needs beside it."""
    service = rng.choice(SERVICES)
    host = rng.choice(["bucket.s3.amazonaws.com", "127.0.0.1:9000", "search.example.com"])
    unique = rng.random() < 0.4
    query = [[text(rng, 5) or "k", text(rng, 6)] for _ in range(rng.randint(0, 5))]
    if query and not unique:
        query.append([query[0][0], text(rng, 4)])
    if unique:
        query = [[key, value] for key, value in dict(query).items()]
    stamp = rng.randint(946684800, 4102444799)
    body = os.urandom(rng.choice([0, 1, 100])) if rng.random() < 0.5 else b""
    return {"method": rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]), "service": service,
            "s3": service == "s3", "path": encoded_path(rng, service == "s3"), "query": query,
            "headers": headers_of(rng, host), "region": rng.choice(["us-east-1", "eu-west-3"]),
            "keys": ["AKIDEXAMPLE", text(rng, 40) or "s", rng.choice(["", "token+/=" * 9])],
            "now_ms": stamp * 1000, "expires": rng.choice([0, 60, 3600]) if unique else 0,
            }, body, host, stamp, rng.random() < 0.3


def sign_theirs(made, monkeypatch):
    """Botocore's canonical request and signature; the payload's hash goes into ours."""
    ours, body, host, stamp, unsigned = made
    keys = Credentials(ours["keys"][0], ours["keys"][1], ours["keys"][2] or None)
    query = "&".join(f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}"
                     for key, value in ours["query"])
    request = AWSRequest(method=ours["method"], url=f"https://{host}{ours['path']}"
                         + (f"?{query}" if query else ""), data=b"" if ours["expires"] else body)
    for name, value in ours["headers"]:
        request.headers.add_header(name, value)
    if unsigned and ours["s3"]:
        request.context["client_config"] = Config(s3={"payload_signing_enabled": False})
    kinds = {(True, True): botocore.auth.S3SigV4QueryAuth, (True, False): botocore.auth.S3SigV4Auth,
             (False, True): botocore.auth.SigV4QueryAuth, (False, False): botocore.auth.SigV4Auth}
    kind = kinds[ours["s3"], ours["expires"] > 0]
    more = {"expires": ours["expires"]} if ours["expires"] else {}
    signer = kind(keys, ours["service"], ours["region"], **more)
    now = datetime.datetime.fromtimestamp(stamp, datetime.timezone.utc)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_: now)
    seen = []
    canonical = signer.canonical_request
    monkeypatch.setattr(signer, "canonical_request",
                        lambda asked: seen.append(canonical(asked)) or seen[-1])
    signer.add_auth(request)
    ours["payload"] = seen[0].rsplit("\n", 1)[1]
    told = request.url if ours["expires"] else request.headers["Authorization"]
    return seen[0], told.rsplit("=", 1)[1]


@pytest.mark.parametrize("seed", range(4))
def test_random_requests_get_the_signatures_that_botocore_gives_them(seed, monkeypatch):
    rng = random.Random(seed)
    made = [make(rng) for _ in range(COUNT // 4)]
    theirs = [sign_theirs(one, monkeypatch) for one in made]
    given = "".join(json.dumps(one[0]) + "\n" for one in made)
    done = subprocess.run([DRIVER], input=given.encode(), stdout=subprocess.PIPE, check=True)
    ours = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(ours) == len(theirs)
    for (asked, *_), (canonical, signature), own in zip(made, theirs, ours):
        assert own["canonical"] == canonical, asked
        assert own["signature"] == signature, asked
