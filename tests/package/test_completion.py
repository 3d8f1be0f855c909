"""Completion in the shells themselves: what a press of the Tab key makes of a line."""
import os
import pty
import select
import subprocess
import time

import pytest
from conftest import ROOT

SETUP = {
    "bash": "PS1='$ '; bind 'set bell-style none'; source {file}",
    "zsh": "PS1='$ '; unsetopt beep; autoload -U compinit; fpath=({folder} $fpath); compinit -u -D",
}
SHELL = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}


class Terminal:
    """A shell at a terminal of its own, in a folder with one file."""

    def __init__(self, command, folder):
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            env = {"PATH": f"{ROOT}:/usr/bin:/bin", "TERM": "dumb", "HOME": str(folder)}
            os.execvpe(command[0], command, env)

    def read(self, wanted, seconds=60):
        """What comes until `wanted` is in it; fails when it does not come."""
        text, end = "", time.monotonic() + seconds
        while wanted not in text:
            assert time.monotonic() < end, (wanted, text)
            if select.select([self.fd], [], [], 0.1)[0]:
                text += os.read(self.fd, 65536).decode("utf-8", "replace")
        return text

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        os.close(self.fd)
        os.waitpid(self.child, 0)


@pytest.fixture(params=["bash", "zsh"])
def terminal(request, tmp_path):
    shell = request.param
    folder = tmp_path / "completions"
    folder.mkdir()
    file = folder / ("_linnet" if shell == "zsh" else "linnet.bash")
    with open(file, "wb") as out:
        subprocess.run([ROOT / "linnet", "completion", shell], stdout=out, check=True)
    (tmp_path / "unique posts.ndjson").touch()
    made = Terminal(SHELL[shell], tmp_path)
    made.type(SETUP[shell].format(file=file, folder=folder) + "; echo rea''dy\n")
    made.read("ready\r\n")
    yield made
    made.close()


@pytest.mark.parametrize("typed, made", [
    ("linnet sco\t", "linnet score "), ("linnet score --exp\t", "linnet score --explain "),
    ("linnet dlq sh\t", "linnet dlq show "), ("linnet help repl\t", "linnet help replay "),
    ("linnet completion fi\t", "linnet completion fish "),
    ("linnet replay uni\t", "linnet replay unique\\ posts.ndjson "),
    ("linnet check -c uni\t", "linnet check -c unique\\ posts.ndjson ")])
def test_tab_completes_verbs_words_flags_and_files(terminal, typed, made):
    terminal.type(typed)
    shown = terminal.read(made.split()[-1])
    assert "rror" not in shown and "not found" not in shown


@pytest.mark.parametrize("line, wanted", [
    ("linnet sco", "score"), ("linnet score --exp", "--explain"), ("linnet dlq ", "show"),
    ("linnet help repl", "replay"), ("linnet replay uni", "unique posts.ndjson"),
    ("linnet check -c uni", "unique posts.ndjson"), ("linnet export --for", "--format")])
def test_fish_completes_them_too(tmp_path, line, wanted):
    (tmp_path / "unique posts.ndjson").touch()
    script = tmp_path / "linnet.fish"
    with open(script, "wb") as out:
        subprocess.run([ROOT / "linnet", "completion", "fish"], stdout=out, check=True)
    done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"],
                          cwd=tmp_path, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
                          capture_output=True, text=True, check=True)
    assert done.stderr == ""
    offered = [row.split("\t")[0].replace("\\ ", " ") for row in done.stdout.splitlines()]
    assert wanted in offered
