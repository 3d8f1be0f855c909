"""The S3 client by itself, told what to do: tests/flow/s3_driver.c."""
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DRIVER = ROOT / os.environ.get("LINNET_BUILD", "build/gcc") / "tests/flow/s3_driver"

DIED = 9  # as put-and-die was told to


class Said:
    """What the driver said: lines of words."""

    def __init__(self, done):
        self.code = done.returncode
        self.lines = [line.split("\t") for line in done.stdout.decode().splitlines()]
        self.stderr = done.stderr.decode("utf-8", "replace")

    def all(self, word):
        return [line[1:] for line in self.lines if line[0] == word]

    @property
    def ends(self):
        return [end[0] for end in self.all("end")]

    @property
    def reasons(self):
        return [end[1] for end in self.all("end")]

    @property
    def keys(self):
        return [key for _, key in self.all("key")]

    def __repr__(self):
        return f"{self.code} {self.lines}\n{self.stderr[-3000:]}"


def drive(bucket, *commands, env, flags=(), timeout=120):
    """Each command is a tuple of words."""
    text = "".join("\t".join(map(str, command)) + "\n" for command in commands)
    keep = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run([str(DRIVER), bucket, *map(str, flags)], input=text.encode(),
                          env={**keep, **env}, capture_output=True, timeout=timeout)
    assert done.returncode in (0, DIED), done.stderr.decode("utf-8", "replace")[-3000:]
    return Said(done)
