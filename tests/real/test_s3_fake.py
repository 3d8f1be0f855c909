"""The S3 that scenarios feign (tests/flow/s3_fake.py) is one to a client that is not ours."""
import botocore.exceptions
import pytest
import s3_servers
from s3_fake import BUCKET, Cut, Fake, error

KEYS = ["a/b c+ü.json", "x=1/&<y>", "z"]


@pytest.fixture
def fake():
    with Fake(page=2) as made:
        yield made


@pytest.fixture
def client(fake):
    return s3_servers.client(fake.url())


def test_objects_are_put_listed_in_pages_read_in_ranges_and_deleted(client):
    for key in KEYS:
        client.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    pages = list(client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET))
    assert [len(page["Contents"]) for page in pages] == [2, 1]
    assert [one["Key"] for page in pages for one in page["Contents"]] == KEYS
    body = KEYS[0].encode()
    part = client.get_object(Bucket=BUCKET, Key=KEYS[0], Range="bytes=2-4")
    assert part["Body"].read() == body[2:5] and part["ContentRange"] == f"bytes 2-4/{len(body)}"
    head = client.head_object(Bucket=BUCKET, Key=KEYS[0])
    assert head["ContentLength"] == len(body) and head["ETag"] == part["ETag"]
    client.delete_object(Bucket=BUCKET, Key=KEYS[0])
    with pytest.raises(botocore.exceptions.ClientError, match="404"):
        client.head_object(Bucket=BUCKET, Key=KEYS[0])


def test_an_upload_in_parts_is_completed_or_aborted(client, fake):
    begun = client.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    tags = [client.upload_part(Bucket=BUCKET, Key="k", UploadId=begun, PartNumber=number,
                               Body=b"%d" % number)["ETag"] for number in (1, 2)]
    named = [{"PartNumber": at + 1, "ETag": tag} for at, tag in enumerate(tags)]
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidPart"):
        client.complete_multipart_upload(Bucket=BUCKET, Key="k", UploadId=begun, MultipartUpload={
            "Parts": [named[0], {"PartNumber": 2, "ETag": '"other"'}]})
    client.complete_multipart_upload(Bucket=BUCKET, Key="k", UploadId=begun,
                                     MultipartUpload={"Parts": named})
    assert fake.objects["k"] == b"12"
    second = client.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    listed = client.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    assert [one["UploadId"] for one in listed] == [second]
    client.abort_multipart_upload(Bucket=BUCKET, Key="k", UploadId=second)
    with pytest.raises(botocore.exceptions.ClientError, match="NoSuchUpload"):
        client.abort_multipart_upload(Bucket=BUCKET, Key="k", UploadId=second)


def test_faults_are_what_they_say(client, fake):
    fake.objects["k"] = b"x" * 1000
    fake.fail("get", error(503, "SlowDown"), Cut(10), Cut())
    with pytest.raises(botocore.exceptions.ClientError, match="SlowDown"):
        client.get_object(Bucket=BUCKET, Key="k")
    with pytest.raises(Exception, match="(?i)incomplete|reset|broken"):
        client.get_object(Bucket=BUCKET, Key="k")["Body"].read()
    with pytest.raises(Exception, match="(?i)reset|closed"):
        client.get_object(Bucket=BUCKET, Key="k")
    assert client.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x" * 1000
