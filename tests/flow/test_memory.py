"""Memory stays small however long the file is."""
import gzip
import json
import os

from conftest import PROGRAM, environment

LIMIT_KIB = 48 * 1024
FILE_BYTES = 200_000_000


def test_a_file_of_200_megabytes_takes_less_than_48_mib(posts, tmp_path):
    text = gzip.decompress(posts.read_bytes())
    path, written, round_number = tmp_path / "long.ndjson", 0, 10
    with open(path, "wb") as file:
        while written < FILE_BYTES:
            # Ids all begin with the same digits: other ones in each round.
            content = text.replace(b'"id":10', b'"id":%d' % round_number) \
                          .replace(b'"id_str":"10', b'"id_str":"%d' % round_number)
            written += file.write(content)
            round_number += 1
    pid = os.posix_spawn(PROGRAM, [PROGRAM, "replay", path, "-o", f"ndjson:{tmp_path}/out"],
                         environment(None, tmp_path), file_actions=[
                             (os.POSIX_SPAWN_OPEN, 2, tmp_path / "told", os.O_WRONLY | os.O_CREAT,
                              0o600)])
    _, status, used = os.wait4(pid, 0)
    told = (tmp_path / "told").read_text()
    assert os.waitstatus_to_exitcode(status) == 0 and "duplicate 0 " in told, told
    with open(tmp_path / "out", "rb") as out:
        assert json.loads(out.readline())["network"] == "x"
    print(f"note: {written >> 20} MiB replayed in {used.ru_maxrss >> 10} MiB")
    if "san" not in str(PROGRAM) and "address" not in str(PROGRAM):
        assert used.ru_maxrss < LIMIT_KIB
