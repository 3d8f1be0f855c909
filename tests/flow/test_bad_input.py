"""What is wrong outside: counted or said in one sentence, with the right exit code."""
import gzip
import json
import os
import re
import subprocess
import threading
import time

import pytest

from conftest import PROGRAM, environment
from material import adds_up, lines, plain, received, sums

BAD = ['{"text": "never closed', '{"text": 7}', '{"text": "x"} trailing', "{}",
       '{"text" "x"}', '{"id": 1, "id_str": "1", "created_at": "", "text": 3}', "{",
       '{"text": "\\ud8"}']


@pytest.mark.parametrize("record", BAD)
def test_a_malformed_record_is_counted_with_its_reason_and_the_rest_goes_on(linnet, record):
    done = linnet("replay", "-", input=lines(plain("first"), record, plain("last")))
    assert (done.rc, [one["text"] for one in done.documents]) == (0, ["first", "last"])
    assert received(done.stderr)["malformed"] == 1
    reason = re.search(r"malformed at \S+:1: (.+): ", done.stderr).group(1)
    assert len(reason) > 8 and record[:20].split('"')[0] in done.stderr


def test_reasons_are_bounded_and_the_rest_is_only_counted(linnet):
    done = linnet("replay", "-", input=lines(*['{"broken'] * 1000, plain("last")))
    assert done.rc == 0 and received(done.stderr)["malformed"] == 1000
    assert len(done.stderr.splitlines()) < 20 and "995 more malformed" in done.stderr


def test_a_file_of_noise_is_survived(linnet, tmp_path):
    noise = bytes((i * i * 31 + i // 7) % 256 for i in range(300_000))
    (tmp_path / "noise").write_bytes(noise + b"\n" + lines(plain("last")).encode())
    done = linnet("replay", "noise", "-o", "stdout")
    assert done.rc == 0 and done.documents[-1]["text"] == "last"
    assert adds_up(received(done.stderr))


def test_an_endless_line_is_one_malformed_record(linnet):
    given = b'{"text":"' + b"x" * 5_000_000 + b'"}\n' + lines(plain("last")).encode()
    done = linnet("replay", "-", input=given)
    assert [one["text"] for one in done.documents] == ["last"]
    assert received(done.stderr)["malformed"] == 1 and "longer than" in done.stderr


def test_deep_nesting_and_many_members_are_survived(linnet):
    deep = '{"text":"x","a":' + "[" * 20000 + "]" * 20000 + "}"
    wide = json.dumps({"text": "y", **{f"k{i}": i for i in range(20000)}})
    done = linnet("replay", "-", input=lines(deep, wide, plain("last")))
    assert done.rc == 0 and done.documents[-1]["text"] == "last"


@pytest.mark.parametrize("name, part", [("missing", "No such file"), ("folder", "is a folder")])
def test_what_cannot_be_a_file_is_said_before_anything_runs(linnet, tmp_path, name, part):
    (tmp_path / "folder").mkdir()
    (tmp_path / "good").write_text("good\n")
    for words in (("replay", "good", name), ("run", "-i", name, "-o", "stdout")):
        done = linnet(*words)
        assert (done.rc, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done
        assert f"{name}: " in done.stderr and part in done.stderr


def as_nobody(words, cwd):
    """Runs linnet without root's right to read everything."""
    change = (lambda: os.setuid(65534)) if os.geteuid() == 0 else None
    return subprocess.run([PROGRAM, *words], cwd="/", env=environment(None, cwd), check=False,
                          capture_output=True, text=True, preexec_fn=change)


def test_an_unreadable_file_and_an_unwritable_folder_are_named(tmp_path, posts):
    (tmp_path / "secret").write_text("x\n")
    (tmp_path / "closed").mkdir()
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    (tmp_path / "secret").chmod(0)
    (tmp_path / "closed").chmod(0o555)
    done = as_nobody(["replay", tmp_path / "secret", "-o", "discard"], tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert f"{tmp_path}/secret: " in done.stderr and "Permission denied" in done.stderr
    out = tmp_path / "closed/out"
    done = as_nobody(["replay", posts, "-o", f"ndjson:{out}"], tmp_path)
    assert done.returncode == 1 and f"{out}: " in done.stderr
    (tmp_path / "closed").chmod(0)
    done = as_nobody(["replay", tmp_path / "closed/in", "-o", "discard"], tmp_path)
    assert done.returncode == 1 and "Permission denied" in done.stderr


def test_a_full_disk_is_said_once_and_nothing_counts_as_delivered(linnet, posts):
    done = linnet("replay", posts, "-o", "ndjson:/dev/full")
    assert done.rc == 1 and done.stderr.count("No space left on device") == 1
    assert done.stderr.startswith("linnet: /dev/full: ")
    reader = sums(done.stderr)[-1]
    assert reader["delivered"] == 0 and reader["pending"] > 0 and adds_up(reader)


@pytest.mark.parametrize("words", [("replay", "POSTS"), ("run", "-i", "POSTS", "-o", "stdout"),
                                   ("score", "x"), ("help",), ("match", "-e", "x", "x")])
def test_a_full_standard_output_is_a_failure(start_linnet, posts, words):
    with open("/dev/full", "wb") as full:
        process = start_linnet(*[str(posts) if word == "POSTS" else word for word in words],
                               stdout=full)
        told = process.communicate()[1].decode()
    assert process.returncode == 1 and "No space left on device" in told


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
@pytest.mark.parametrize("kept", [0.5, 0.999, -1])
def test_a_truncated_recording_gives_what_it_has_and_fails(linnet, tmp_path, codec, kept):
    text = lines(*[plain(f"a good day, number {i}") for i in range(30000)]).encode()
    whole = gzip.compress(text) if codec == "gzip" else subprocess.run(
        ["zstd", "-q", "-c"], input=text, capture_output=True, check=True).stdout
    (tmp_path / "cut").write_bytes(whole[:int(len(whole) * kept)] if kept > 0 else whole[:-1])
    done = linnet("replay", "cut", "-o", "stdout")
    assert done.rc == 1 and done.documents
    assert re.search(rf"^linnet: cut: the {codec} data is cut off", done.stderr, re.M), done
    assert adds_up(received(done.stderr))


def test_damaged_gzip_is_named_with_its_place(linnet, tmp_path, posts):
    content = bytearray(posts.read_bytes())
    content[5000:5100] = bytes(100)
    (tmp_path / "bad.gz").write_bytes(content)
    done = linnet("replay", "bad.gz", "-o", "discard")
    assert done.rc == 1 and "bad.gz: damaged gzip data near byte" in done.stderr


def test_a_closed_pipe_ends_it_quietly(posts, tmp_path):
    (tmp_path / "lines").write_text("good\n" * 100_000)
    for words in (f"run -i {posts} -o stdout", f"replay {posts}", "help run",
                  f"score < {tmp_path}/lines", f"match -e good < {tmp_path}/lines"):
        script = f"{PROGRAM} {words} | head -1; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True,
                              env=environment(None, tmp_path), check=False)
        assert done.returncode == 0 and done.stdout.count("\n") == 1, (words, done)
        assert "roken" not in done.stderr and "annot" not in done.stderr


def test_pipes_lose_nothing_before_their_turn(linnet, tmp_path):
    pipes = [tmp_path / "first", tmp_path / "second"]
    for pipe in pipes:
        os.mkfifo(pipe)

    def write(pipe, after_s):
        time.sleep(after_s)
        pipe.write_text(lines(plain(pipe.name)))
    writers = [threading.Thread(target=write, args=(pipe, after_s), daemon=True)
               for pipe, after_s in zip(pipes, (0, 0.5))]
    for writer in writers:
        writer.start()
    done = linnet("run", "-i", pipes[0], "-i", pipes[1], "-o", "stdout")
    assert sorted(one["text"] for one in done.documents) == ["first", "second"]


@pytest.mark.parametrize("closed", [(2,), (0, 1, 2)])
def test_a_closed_descriptor_does_not_become_a_file(tmp_path, closed):
    (tmp_path / "posts").write_text(lines(plain("one")))
    shut = " ".join(f"{fd}>&-" for fd in closed)
    subprocess.run(["sh", "-c", f'exec "$0" run -i posts -o ndjson:out {shut}', str(PROGRAM)],
                   cwd=tmp_path, env=environment(None, tmp_path), timeout=60, check=True)
    assert [json.loads(one)["text"] for one in (tmp_path / "out").read_text().splitlines()] == \
        ["one"]


def test_a_closed_standard_input_or_output_is_said(tmp_path):
    for words, told in (("run -i - -o discard <&-", "standard input: cannot be read: Bad file"),
                        ("score good >&-", "standard output: cannot be written: Bad file")):
        done = subprocess.run(["sh", "-c", f'exec "$0" {words}', str(PROGRAM)], cwd=tmp_path,
                              env=environment(None, tmp_path), timeout=60, capture_output=True)
        assert done.returncode == 1 and told in done.stderr.decode()


def test_a_sink_never_writes_to_the_file_that_is_read(linnet, tmp_path):
    path = tmp_path / "posts.ndjson"
    path.write_text('{"text":"cat"}\n')
    done = linnet("run", "-i", str(path), "-o", f"ndjson:{path}")
    assert done.rc == 1 and "would write to the very file" in done.stderr
    assert path.read_text() == '{"text":"cat"}\n'
