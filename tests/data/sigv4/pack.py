#!/usr/bin/env python3
"""Packs three suites of signed requests into cases.json: pack.py FOLDER >cases.json

FOLDER holds aws-c-auth/, botocore/ and s3-doc-vectors/ as README.md beside this names them.
"""
import hashlib
import json
import pathlib
import re
import sys
import urllib.parse

KEYS = ["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"]
# Left out upstream, too: they contradict the specification or each other.
SKIPPED = {"get-space", "get-vanilla-query-order-key-case", "get-vanilla-query-order-key",
           "get-vanilla-query-order-value"}


def read_request(text):
    """Method, raw path, decoded query pairs, headers, body."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    method, target = re.fullmatch(r"(\S+) (.*) HTTP/1.1", first).groups()
    path, _, query = target.partition("?")
    headers = []
    for line in filter(None, lines):
        if line[0] in " \t":
            headers[-1][1] += " " + line.strip()
        else:
            name, _, value = line.partition(":")
            headers.append([name, value])
    pairs = [[urllib.parse.unquote(part) for part in piece.partition("=")[::2]]
             for piece in query.split("&") if piece]
    return {"method": method, "path": path, "query": pairs, "headers": headers,
            "payload": hashlib.sha256(body.encode()).hexdigest()}


def read_texts(folder, stem, names):
    return {name: (folder / f"{stem}{file}").read_text().rstrip("\n") for name, file in names.items()}


def aws_c_auth(root):
    for folder in sorted(root.iterdir()):
        context = json.loads((folder / "context.json").read_text())
        keys = context["credentials"]
        unsigned_token = context.get("omit_session_token", False)
        case = read_request((folder / "request.txt").read_text())
        case.update(name=f"aws-c-auth/{folder.name}", region=context["region"],
                    service=context["service"], date=context["timestamp"],
                    expires=context["expiration_in_seconds"],
                    as_is=not context["normalize"], payload_header=context["sign_body"],
                    keys=[keys["access_key_id"], keys["secret_access_key"],
                          "" if unsigned_token else keys.get("token", "")])
        names = {"canonical": "canonical-request.txt", "to_sign": "string-to-sign.txt",
                 "signature": "signature.txt"}
        case["header"] = read_texts(folder, "header-", names)
        if not unsigned_token:  # in a query the token would follow the signature
            case["presigned"] = read_texts(folder, "query-", names)
        yield case


def botocore(root):
    for path in sorted(root.rglob("*.req")):
        if path.stem in SKIPPED:
            continue
        case = read_request(path.read_text())
        case["headers"] = [pair for pair in case["headers"]
                           if pair[0].lower() not in ("x-amz-date", "x-amz-security-token")]
        texts = read_texts(path.parent, path.stem,
                           {"canonical": ".creq", "to_sign": ".sts", "authorization": ".authz"})
        token = re.search(r"^x-amz-security-token:(.*)", texts["canonical"], re.M)
        texts["signature"] = texts.pop("authorization").rpartition("=")[2]
        case.update(name=f"botocore/{path.stem}", region="us-east-1", service="service",
                    date="2015-08-30T12:36:00Z", as_is=False, payload_header=False,
                    keys=[*KEYS, token.group(1) if token else ""], header=texts)
        yield case


def s3_documentation(path):
    suite = json.loads(path.read_text())
    for example in suite["cases"]:
        texts = {"canonical": example["canonical_request"], "to_sign": example["string_to_sign"],
                 "signature": example["signature"]}
        method, path, query, *headers, _, _, payload = texts["canonical"].split("\n")
        yield {"name": f"s3/{example['name']}", "method": method,
               "path": urllib.parse.unquote(path),
               "query": [part.split("=") for part in query.split("&") if part],
               "headers": [line.split(":", 1) for line in headers if not line.startswith(
                   ("x-amz-date", "x-amz-content-sha256"))],
               "payload": payload, "region": suite["region"], "service": suite["service"],
               "date": "2013-05-24T00:00:00Z", "as_is": True, "payload_header": True,
               "keys": [suite["access_key_id"], suite["secret_access_key"], ""], "header": texts}


def main():
    root = pathlib.Path(sys.argv[1])
    cases = [*aws_c_auth(root / "aws-c-auth/tests/aws-signing-test-suite/v4"),
             *botocore(root / "botocore/aws4_testsuite"),
             *s3_documentation(root / "s3-doc-vectors/vectors.json")]
    print("[\n" + ",\n".join(json.dumps(case, sort_keys=True) for case in cases) + "\n]")


main()
