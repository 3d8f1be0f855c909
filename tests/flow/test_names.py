"""Deletes that call a post otherwise than its key find it after a restart, however that came."""
import json
import subprocess

import pytest
from conftest import PROGRAM, environment
from material import ROOT, lines, wait_until

CONFIG = """return {
  state = "state",
  sources = { posts = linnet.file { path = "%s"%s } },
  sinks = { out = linnet.ndjson { path = "out.ndjson" } },
}
"""
STATUS = json.loads((ROOT / "tests/data/mastodon/status.json").read_text())
EDITED = json.loads((ROOT / "tests/data/mastodon/status-edited.json").read_text())


def status(number):
    return {**STATUS, "id": str(number), "uri": f"https://a.example/posts/{number}"}


def delete(number):
    return {"stream": ["public"], "event": "delete", "payload": str(number)}


@pytest.fixture
def play(tmp_path):
    """play("a.ndjson", status(1)) runs over a file of these; killed once `until` says so."""
    def run(name, *records, until=None):
        (tmp_path / name).write_text(lines(*records))
        (tmp_path / "linnet.lua").write_text(CONFIG % (name, ", rate = 200" if until else ""))
        running = subprocess.Popen([PROGRAM, "run", "-c", "linnet.lua"], cwd=tmp_path,
                                   stderr=subprocess.DEVNULL, env=environment({}, tmp_path))
        if until:
            wait_until(until)
            running.kill()
        return running.wait(60)
    return run


def documents(folder):
    """What was delivered, in its order; a kill may tear one that comes again."""
    def parse(line):
        try:
            return json.loads(line)
        except ValueError:
            return {}
    return [parse(line) for line in (folder / "out.ndjson").read_text().splitlines()]


def deleted(folder):
    return {one["_id"] for one in documents(folder) if one.get("deleted")}


def test_a_delete_by_number_is_followed_after_a_restart(play, tmp_path):
    assert play("posts", status(1), status(2)) == 0
    assert play("notices", delete(1), delete(3), status(3)) == 0
    assert deleted(tmp_path) == {"https://a.example/posts/1"}
    assert play("again", delete(1), status(1)) == 0
    assert len(documents(tmp_path)) == 3


def test_a_delete_by_number_is_followed_after_a_kill(play, tmp_path):
    out = tmp_path / "out.ndjson"
    play("posts", *map(status, range(10_000)),
         until=lambda: out.exists() and out.read_text().count("\n") > 30)
    whole = {one["id"] for one in documents(tmp_path) if "id" in one}
    assert play("notices", *map(delete, range(10_000))) == 0
    assert whole <= deleted(tmp_path)


def test_an_edit_after_a_restart_keeps_its_name(play, tmp_path):
    assert play("posts", status(1)) == 0
    assert play("edits", {**EDITED, "id": "1", "uri": status(1)["uri"]}) == 0
    assert play("notices", delete(1)) == 0
    assert documents(tmp_path)[-1] == {"_id": status(1)["uri"], "deleted": True}
