"""What S3 and the network may answer to an upload, a listing or a read, and what comes of it."""
import os
import time

import pytest
from s3_driving import drive
from s3_fake import BUCKET, RESET, RESET_AFTER_EFFECT, Cut, Fake, Reply, error

PART = 8 << 20
SLOW_DOWN = error(503, "SlowDown", Retry_After="0")
INTERNAL = error(500, "InternalError")
LATE_ERROR = Reply(200, "   \n\n" + INTERNAL.body.decode())


@pytest.fixture
def fake():
    with Fake() as made:
        yield made


@pytest.fixture
def big(tmp_path):
    """A file of three parts."""
    path = tmp_path / "big"
    path.write_bytes(os.urandom(2 * PART + 5))
    return path


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small"
    path.write_bytes(os.urandom(1000))
    return path


def put(fake, path, *words, command="put", above=1 << 20, **options):
    said = drive(BUCKET, (command, "a/key", path, *words), env=fake.environment(),
                 flags=["--above", above], **options)
    return said


def assert_there_once(fake, said, path):
    assert said.ends == ["GOOD"], said
    assert fake.objects == {"a/key": path.read_bytes()} and fake.uploads == {}


@pytest.mark.parametrize("fault", [RESET, RESET_AFTER_EFFECT, SLOW_DOWN, INTERNAL, Cut(0),
                                   error(429, ""), error(400, "RequestTimeout")])
@pytest.mark.parametrize("step", ["begin", "part", "complete"])
def test_an_upload_survives_a_fault_at_each_step(fake, big, step, fault):
    fake.fail(step, fault)
    assert_there_once(fake, put(fake, big), big)


@pytest.mark.parametrize("fault", [RESET, RESET_AFTER_EFFECT, SLOW_DOWN, INTERNAL])
def test_a_small_object_survives_a_fault_under_its_name(fake, small, fault):
    fake.fail("put", fault, fault)
    assert_there_once(fake, put(fake, small), small)
    assert fake.kinds() == ["put"] * 3


def test_an_error_in_a_good_reply_is_an_error(fake, big):
    fake.fail("complete", LATE_ERROR, LATE_ERROR)
    assert_there_once(fake, put(fake, big), big)
    assert fake.kinds().count("complete") == 3


def test_a_completion_that_won_although_its_reply_was_lost_is_not_done_again(fake, big):
    fake.fail("complete", RESET_AFTER_EFFECT)
    assert_there_once(fake, put(fake, big), big)
    assert fake.kinds().count("head") == 1 and fake.kinds().count("begin") == 1


@pytest.mark.parametrize("code", ["InvalidPart", "InvalidPartOrder", "EntityTooSmall"])
def test_parts_that_the_server_does_not_know_are_sent_again_under_a_new_upload(fake, big, code):
    fake.fail("complete", error(400, code))
    assert_there_once(fake, put(fake, big), big)
    assert fake.kinds().count("begin") == 2 and fake.kinds().count("abort") == 1


def test_an_upload_that_somebody_aborted_begins_again(fake, big):
    fake.fail("part", error(404, "NoSuchUpload"))
    said = put(fake, big)
    assert said.ends == ["GOOD"] and fake.objects["a/key"] == big.read_bytes()
    assert len(said.all("began")) == 2


def test_a_part_with_a_wrong_etag_never_becomes_an_object(fake, big):
    fake.fail("part", Reply(200, ETag='"0123456789abcdef0123456789abcdef"'))
    assert_there_once(fake, put(fake, big), big)
    assert fake.kinds().count("begin") == 2


def test_what_is_refused_is_told_at_once_and_aborted(fake, big):
    fake.fail("part", error(403, "AccessDenied"))
    said = put(fake, big)
    assert said.ends == ["REFUSED"] and fake.objects == {} and fake.uploads == {}
    assert said.reasons == [f"bucket {BUCKET}: AccessDenied: as the test wants it "
                            "(request 4442587FB7D0A2F9)"]
    assert "a-secret-of-tests" not in repr(said)


def test_a_storm_ends_after_so_many_tries_and_leaves_nothing(fake, big):
    fake.faults.append(lambda request: SLOW_DOWN if request.is_a("part") else None)
    said = drive(BUCKET, ("put", "a/key", big), env=fake.environment(), flags=["--tries", 3])
    assert said.ends == ["LATER"] and "SlowDown" in said.reasons[0], said
    assert fake.objects == {} and fake.uploads == {}
    assert said.stderr.count("it is tried again") == 1


def test_a_lost_answer_to_a_begin_leaves_no_upload(fake, big):
    fake.fail("begin", RESET_AFTER_EFFECT)
    assert_there_once(fake, put(fake, big), big)
    assert fake.kinds().count("begin") == 2 and "abort" in fake.kinds()


def test_after_a_crash_the_known_upload_is_aborted_by_its_id_without_the_right_to_list(fake, big):
    died = put(fake, big, command="put-and-die")
    fake.faults.append(lambda request: error(403, "AccessDenied") if request.is_a("uploads") else None)
    upload_id = died.all("began")[0][0]
    assert_there_once(fake, put(fake, big, upload_id, command="again"), big)


def test_without_the_right_to_list_that_is_said_once(fake, small):
    fake.faults.append(lambda request: error(403, "AccessDenied") if request.is_a("uploads") else None)
    again = [("again", f"a/key{i}", small) for i in range(3)]
    said = drive(BUCKET, *again, env=fake.environment())
    assert said.ends == ["GOOD"] * 3 and fake.kinds().count("uploads") == 3, said
    assert said.stderr.count("are not looked for") == 1, said


def test_after_a_crash_what_has_won_is_not_sent_again(fake, big):
    assert_there_once(fake, put(fake, big), big)
    before = len(fake.heard)
    assert_there_once(fake, put(fake, big, command="again"), big)
    assert set(request.kind for request in fake.heard[before:]) == {"head", "uploads"}


@pytest.mark.parametrize("after_ms", [0, 1, 5, 20, 100])
def test_an_upload_is_cancelled_wherever_it_is_and_done_again_later(fake, big, after_ms):
    # However late the driver is, it has not completed it before.
    fake.faults.append(lambda request: time.sleep(0.2) if request.is_a("part") else
                       SLOW_DOWN if request.is_a("complete") else None)
    said = put(fake, big, after_ms, command="cancel")
    assert said.ends == ["CANCELLED"], said
    assert fake.objects == {}
    fake.faults.clear()
    assert_there_once(fake, put(fake, big, command="again"), big)


def elsewhere(region):
    """Answers as buckets of another region do, until requests are signed for it."""
    wrong = {"header": Reply(301, error(301, "PermanentRedirect").body,
                             **{"x-amz-bucket-region": region}),
             "endpoint": error(301, "PermanentRedirect",
                               f"<Endpoint>fake.s3.{region}.amazonaws.com</Endpoint>"),
             "malformed": error(400, "AuthorizationHeaderMalformed", f"<Region>{region}</Region>"),
             "temporary": Reply(307, error(307, "TemporaryRedirect").body,
                                Location=f"https://fake.s3-{region}.amazonaws.com/a/key")}
    return wrong.items()


@pytest.mark.parametrize("how", ["header", "endpoint", "malformed", "temporary"])
def test_a_bucket_of_another_region_is_found_once_and_remembered(fake, small, how):
    wrong = dict(elsewhere("eu-west-1"))[how]
    fake.faults.append(lambda request: wrong if request.region != "eu-west-1" else None)
    said = drive(BUCKET, ("put", "a/key", small), ("list", ""), env=fake.environment())
    assert said.ends == ["GOOD", "GOOD"] and said.keys == ["a/key"], said
    assert [request.region for request in fake.heard] == ["us-east-1", "eu-west-1", "eu-west-1"]


def test_a_bucket_that_sends_from_region_to_region_is_given_up(fake, small):
    regions = iter(f"eu-west-{number}" for number in range(1000))
    fake.faults.append(lambda _: error(400, "AuthorizationHeaderMalformed",
                                       f"<Region>{next(regions)}</Region>"))
    said = put(fake, small)
    assert said.ends == ["REFUSED"] and len(fake.heard) < 6, said


@pytest.mark.parametrize("host", ["169.254.169.254", "127.0.0.1:%d", "s3.evil.example",
                                  "fake.s3.eu-west-1.amazonaws.com.evil.example"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_a_stranger_is_not_followed(fake, small, host, status):
    with Fake() as stranger:
        target = host.replace("%d", str(stranger.port))
        fake.faults.append(lambda _: Reply(status, "", Location=f"http://{target}/fake/a/key"))
        said = put(fake, small)
        assert said.ends == ["REFUSED"] and stranger.heard == [], said
    assert len(fake.heard) == 1


# ---- reading ----

@pytest.mark.parametrize("size", [0, 1, 1000, 4 << 20, (4 << 20) + 1, 9 << 20])
def test_an_object_is_read_whole_through_cuts_at_odd_bytes(fake, tmp_path, size):
    fake.objects["a/key"] = os.urandom(size)
    fake.fail("get", Cut(1), RESET, Cut(777), SLOW_DOWN, None, None, Cut(1 << 20), INTERNAL)
    said = drive(BUCKET, ("get", "a/key", tmp_path / "got"), env=fake.environment())
    assert said.ends == ["GOOD"], said
    assert (tmp_path / "got").read_bytes() == fake.objects["a/key"]


def test_an_object_that_is_replaced_while_it_is_read_is_not_mixed(fake, tmp_path):
    fake.objects["a/key"] = os.urandom(9 << 20)
    asked = []

    def replace(request):
        asked.append(request)
        if len(asked) == 2:
            fake.objects["a/key"] = os.urandom(9 << 20)
    fake.faults.append(replace)
    said = drive(BUCKET, ("get", "a/key", tmp_path / "got"), env=fake.environment())
    assert said.ends == ["CHANGED"] and "replaced" in said.reasons[0], said


@pytest.mark.parametrize("size", [0, 1, 1000, 4 << 20, 20 << 20])
def test_a_server_that_knows_no_ranges_gives_whole_objects_through_cuts(fake, tmp_path, size):
    fake.knows_ranges = False
    fake.objects["a/key"] = os.urandom(size)
    fake.fail("get", Cut(1), RESET, Cut(777), SLOW_DOWN, Cut(5 << 20), Cut(1 << 20), Cut(17 << 20))
    said = drive(BUCKET, ("get", "a/key", tmp_path / "got"), env=fake.environment())
    assert said.ends == ["GOOD"], said
    assert (tmp_path / "got").read_bytes() == fake.objects["a/key"]


def test_a_whole_object_is_never_in_memory(fake):
    fake.knows_ranges = False
    fake.objects = {"small": b"x", "big": bytes(120 << 20)}
    said = drive(BUCKET, ("get", "small", "/dev/null"), ("memory",), ("get", "big", "/dev/null"),
                 ("memory",), env=fake.environment())
    before, got = (int(one[0]) for one in said.all("memory"))
    assert said.ends == ["GOOD"] * 2 and got - before < 60 << 10, said


def test_a_whole_object_that_is_replaced_is_not_mixed_where_if_match_means_nothing(fake, tmp_path):
    replies = [Reply(200, os.urandom(9 << 20), ETag=f'"{number}"') for number in range(2)]
    fake.fail("get", replies[0].cut(8 << 20), replies[1])
    said = drive(BUCKET, ("get", "a/key", tmp_path / "got"), env=fake.environment())
    assert said.ends == ["CHANGED"] and "replaced" in said.reasons[0], said


def test_a_server_that_knows_neither_ranges_nor_etags_gives_small_objects_alone(fake, tmp_path):
    bodies = {"small": os.urandom(100), "big": os.urandom(9 << 20)}
    fake.faults.append(lambda request: Reply(200, bodies[request.key]))
    said = drive(BUCKET, ("get", "small", tmp_path / "s"), ("get", "big", tmp_path / "b"),
                 env=fake.environment())
    assert said.ends == ["GOOD", "REFUSED"] and "neither ranges nor ETags" in said.reasons[1], said
    assert (tmp_path / "s").read_bytes() == bodies["small"]


def test_a_range_that_is_longer_than_asked_for_is_refused(fake, tmp_path):
    fake.faults.append(lambda request: Reply(206, bytes(5 << 20), ETag='"e"',
                                             Content_Range="bytes 0-4194303/9437184"))
    said = drive(BUCKET, ("get", "a/key", tmp_path / "got"), env=fake.environment())
    assert said.ends == ["REFUSED"] and "more than the range" in said.reasons[0], said


def test_another_range_than_was_asked_for_is_refused(fake, tmp_path):
    fake.objects["a/key"] = os.urandom(9 << 20)
    fake.faults.append(lambda request: Reply(206, b"x" * 10, ETag='"e"',
                                             Content_Range="bytes 5-14/9437184"))
    said = drive(BUCKET, ("get", "a/key", tmp_path / "got"), env=fake.environment())
    assert said.ends == ["REFUSED"], said


# ---- listing ----

@pytest.mark.parametrize("fault", [RESET, SLOW_DOWN, Cut(50)])
def test_a_listing_goes_on_through_faults(fake, fault):
    fake.page = 10
    fake.objects = {f"p/{number:02} +&<ü": b"x" for number in range(35)}
    fake.fail("list", None, fault, None, fault)
    said = drive(BUCKET, ("list", "p/"), env=fake.environment())
    assert said.ends == ["GOOD"] and said.keys == sorted(fake.objects), said


@pytest.mark.parametrize("body", ["", "<html/>", "no XML", "<ListBucketResult>",
                                  "<ListBucketResult><IsTruncated>true</IsTruncated>"
                                  "</ListBucketResult>",
                                  '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult/>'])
def test_what_is_no_list_is_refused(fake, body):
    fake.faults.append(lambda request: Reply(200, body))
    said = drive(BUCKET, ("list", ""), env=fake.environment())
    assert said.ends == ["REFUSED"], said
