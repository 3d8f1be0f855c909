"""The archive in a folder: objects that a Firehose user recognises, each record in one of them."""
import json
import random
import signal
import time

import pytest
from archive import objects, records
from material import lines, tweet, wait_until
from running import POSTS, check

SINK = 'out = linnet.archive { to = "archive", %s }'


def ids(folder):
    return sorted(json.loads(record)["id"] for record in records(folder))


@pytest.fixture
def archived(running, linnet):
    """Lets it end: each post is in one object, and the sums say so."""
    def settle(posts=POSTS):
        assert running.process.wait(60) == 0, running.log()
        told = check(json.loads(linnet("status", "--json", "-c", running.folder / "linnet.lua").stdout))
        assert ids(running.folder / "archive") == list(range(posts))
        assert told["sinks"][0]["delivered"] == told["sources"][0]["received"] == posts
        return objects(running.folder / "archive")
    return settle


@pytest.mark.parametrize("codec", ["none", "gzip", "zstd"])
@pytest.mark.parametrize("delimiter, between", [("newline", b"\n"), ("comma_newline", b",\n")])
def test_objects_hold_the_posts_byte_for_byte(linnet, tmp_path, codec, delimiter, between):
    given = [json.dumps(tweet(i, f"post {i}")) for i in range(500)]
    done = linnet("replay", "-", "-o", "archive:kept", "--set", f"sinks.archive.codec={codec}",
                  "--set", f"sinks.archive.delimiter={delimiter}", "--set", "sinks.archive.size=64KiB",
                  "--set", "sinks.archive.stream=out", input=lines(*given))
    assert done.rc == 0, done
    assert sorted(records(tmp_path / "kept", between)) == sorted(one.encode() for one in given)
    found = objects(tmp_path / "kept")
    assert len(found) > 2 and all(len(one) < 65 << 10 for one in found.values())
    assert all(name.endswith({"none": "", "gzip": ".gz", "zstd": ".zst"}[codec]) for name in found)


def test_documents_are_what_the_schema_makes(linnet, tmp_path):
    given = lines(*[tweet(i, f"good post {i}") for i in range(20)])
    printed = linnet("replay", "-", "-o", "ndjson:-", input=given)
    linnet("replay", "-", "-o", "archive:kept", "--set", "sinks.archive.records=documents",
           "--set", "sinks.archive.stream=out", input=given)
    kept = [json.loads(record) for record in records(tmp_path / "kept")]
    assert [one["text"] for one in kept] == [f"good post {i}" for i in range(20)]
    assert all(one["label"] == "positive" for one in kept), printed


def test_each_partition_has_objects_of_its_own(linnet, tmp_path):
    posts = [tweet(1, "coffee and tea"), tweet(2, "tea", lang="../../etc"), tweet(3, "tea", lang="fr"),
             {"text": "coffee", "id": "a", "lang": "de"}]
    done = linnet("replay", "-", "-o", "archive:kept", "-e", "coffee", "-e", "tea", "--set",
                  "sinks.archive.prefix=q=!{query}/!{network}/!{lang}/!{timestamp:yyyy/MM/dd/HH}/",
                  "--set", "sinks.archive.stream=out", input=lines(*posts))
    assert done.rc == 0, done
    found = objects(tmp_path / "kept")
    folders = sorted("/".join(name.split("/")[:3]) for name in found)
    assert folders == ["q=e1/plain/de", "q=e1/x/en", "q=e2/x/%2E.%2F..%2Fetc", "q=e2/x/fr"]


@pytest.mark.parametrize("kills", [12, pytest.param(300, marks=pytest.mark.soak)])
def test_killed_again_and_again_each_post_is_in_one_object(running, archived, kills):
    """faults.md 38."""
    pick = random.Random(5)
    sink = SINK % 'size = "64KiB", interval = "1s", codec = "gzip"'
    for _ in range(kills):
        running.configure(rate=36000 // kills, sinks=sink).start()
        time.sleep(pick.uniform(0, 0.25))
        running.process.kill()
        running.process.wait()
    running.configure(rate=0, sinks=sink).start()
    archived()


def test_a_full_disk_is_waited_for(running, faults, archived):
    """faults.md 5."""
    running.configure(sinks=SINK % 'size = "64KiB"').start(env=faults.env)
    running.wait_for_more(500)
    faults.create_error = 28
    wait_until(lambda: "No space left on device; tried again until it works" in running.log())
    time.sleep(0.5)
    assert running.process.poll() is None
    faults.create_error = 0
    assert len(archived()) > 5
    assert "it works again" in running.log()


@pytest.mark.parametrize("failing", [1, 7])
def test_after_a_failed_sync_the_object_is_written_anew(linnet, start_linnet, faults, tmp_path, failing):
    """faults.md 6: without a spool, whose syncs would fail, too."""
    faults.sync_error, faults.syncs_left = 5, 1
    given = lines(*[tweet(i, "good") for i in range(failing * 100)])
    (tmp_path / "posts.ndjson").write_text(given)
    process = start_linnet("replay", "posts.ndjson", "-o", "archive:kept", "--set",
                           "sinks.archive.stream=out", env=faults.env)
    process.communicate(timeout=60)
    assert process.returncode == 0 and faults.sync_error == 0
    assert ids(tmp_path / "kept") == list(range(failing * 100))


def test_without_room_a_replay_fails_and_says_why(linnet, faults, tmp_path):
    faults.write_error = 28
    done = linnet("replay", "-", "-o", "archive:kept", input=lines(tweet(1, "good")), env=faults.env)
    assert done.rc == 1 and "cannot be written: No space left on device" in done.stderr, done
    assert not list((tmp_path / "kept").iterdir())


def test_an_object_is_sealed_at_its_age(running):
    running.configure(rate=50, sinks=SINK % 'interval = "1s"').start()
    wait_until(lambda: "sealed: age" in running.log())
    wait_until(lambda: any((running.folder / "archive").rglob("out-1-*")))
    wait_until(lambda: check(running.ask())["sinks"][0]["delivered"])
    assert running.stop() == 0


def test_a_run_that_ends_seals_what_is_open(running):
    running.configure(rate=50, sinks=SINK % 'interval = "15m"').start()
    wait_until(lambda: check(running.ask())["sinks"][0]["pending"] > 5)
    assert not objects(running.folder / "archive")
    assert running.stop() == 0
    assert "sealed: the end" in running.log() and objects(running.folder / "archive")


def test_a_full_spool_seals_what_holds_it(running, archived):
    """Nobody waits for an object's age: sources wait for room, which is there when it is finished."""
    posts = [tweet(i, "good", filler="x" * 2000) for i in range(POSTS)]
    (running.folder / "posts.ndjson").write_text(lines(*posts))
    running.configure(rate=0, spool="2MiB", sinks=SINK % 'size = "1GiB"').start()
    assert len(archived()) > 2


def test_a_reload_seals_and_goes_on_with_the_new_size(running, archived):
    running.configure(rate=300, sinks=SINK % 'size = "1MiB"').start()
    running.wait_for_more(500)
    running.configure(rate=300, sinks=SINK % 'size = "32KiB", codec = "zstd"')
    running.process.send_signal(signal.SIGHUP)
    wait_until(lambda: running.ask()["generation"] >= 2)
    found = archived()
    plain = [name for name in found if not name.endswith(".zst")]
    assert len(plain) == 1 and len(found) > 10
    assert "sealed: size" in running.log()


def test_a_reload_gets_away_from_a_server_that_is_gone(running, archived):
    """What it could not send waits on disk, and goes where the new configuration says."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}
    gone = 'out = linnet.archive { to = "s3://posts", endpoint = "http://127.0.0.1:1", size = "16KiB" }'
    running.configure(rate=0, sinks=gone).start(env=keys)
    wait_until(lambda: running.received() == POSTS and "it is tried again" in running.log())
    running.configure(rate=0, sinks=SINK % 'size = "64KiB"')
    running.process.send_signal(signal.SIGHUP)
    archived()


def test_the_hour_seals(running, faults, archived):
    """The wall clock steps over it."""
    middle = int(1800 - time.time() % 3600)
    faults.wall_shift_s = middle
    running.configure(rate=300, sinks=SINK % 'size = "128KiB", hourly = true').start(env=faults.env)
    wait_until(lambda: any((running.folder / "archive").rglob("out-1-*")))
    faults.wall_shift_s = middle + 3600
    found = archived()
    assert len({name[:13] for name in found}) == 2
    assert len(found) < 20  # of the first hour more than one: its last posts may come when it is over
    assert "sealed: hour" in running.log()


def test_a_mistake_is_shown_at_its_option(linnet, write_config):
    config = write_config('return {\n  sinks = {\n    out = linnet.archive {\n      to = "kept",\n'
                          '      prefix = "!{quary}/",\n    },\n  },\n}\n')
    done = linnet("check", "-c", config)
    assert done.rc == 78 and 'linnet.lua:5:16: prefix: there is no "!{quary}"' in done.stderr, done
    assert 'prefix = "!{quary}/",\n' + " " * 19 + "^\n" in done.stderr, done


def test_what_cannot_be_used_is_said_before_anything_is_read(linnet, write_config, tmp_path):
    (tmp_path / "file").write_text("")
    for options, said in [('to = "../file"', "Not a directory"),
                          ('to = "../x", prefix = "!{quary}/"', "did you mean"),
                          ('to = "../x", codec = "gzip", level = 9', "level of gzip takes 1 to 3"),
                          ('to = "../x", stream = "a/b"', "stream takes"),
                          ('to = "s3://bucket/%s"' % ("x" * 600), "longer than 500 bytes"),
                          ('to = "../x", error_prefix = "!{timestamp:yyyy}/"', "error-output-type")]:
        config = write_config("return { sinks = { out = linnet.archive { %s } } }" % options)
        done = linnet("replay", "-", "-c", config, input=lines(tweet(1, "good")))
        assert done.rc in (1, 78) and said in done.stderr, done
