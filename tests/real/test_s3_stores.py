"""The servers are what other tests take them for: they check signatures, and the proxy cuts."""
import urllib.error
import urllib.request

import botocore.exceptions
import pytest
import s3_servers
import servers


def test_a_server_refuses_a_signature_by_another_secret(s3):
    bucket = s3.bucket()
    s3.client.put_object(Bucket=bucket, Key="one", Body=b"1")
    stranger = s3_servers.client(s3.server.url, secret="another")
    with pytest.raises(botocore.exceptions.ClientError, match="SignatureDoesNotMatch"):
        stranger.put_object(Bucket=bucket, Key="two", Body=b"2")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{s3.server.url}/{bucket}/one")
    assert s3.keys(bucket) == ["one"]


def test_the_proxy_cuts_a_reply_where_it_is_told_to(s3, toxiproxy):
    bucket, proxy = s3.bucket(), s3_servers.Proxy(toxiproxy, "cut", servers.free_port(), s3.server.port)
    s3.client.put_object(Bucket=bucket, Key="long", Body=b"x" * 100000)
    # The signature names the host, which is the proxy's: only an unsigned look needs none.
    proxy.add("limit_data", bytes=40)
    with pytest.raises(OSError):
        urllib.request.urlopen(proxy.url, timeout=10).read()
    proxy.remove("limit_data")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(proxy.url, timeout=10).read()
    proxy.delete()
