"""The guide for plugin authors, and README's scorer: every block is written, run, and keeps its word.

From top to bottom in one folder: a Lua block is written to the file that its first line names, each
command of a shell block must succeed, and a text block must stand in the output of the last one.
"""
import re
import subprocess

from conftest import PROGRAM, ROOT, environment

BLOCK = re.compile(r"^```(lua|sh|text)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"-- (config/[\w/]+\.lua)\n")


def blocks(path, start=None):
    text = path.read_text()
    if start:
        text = text[text.index(start):].split("\n## ")[0]
    return BLOCK.findall(text)


def run(command, folder):
    """One line of a shell block, with the program under test for `linnet`."""
    folder.joinpath("bin").mkdir(exist_ok=True)
    link = folder / "bin/linnet"
    if not link.exists():
        link.symlink_to(PROGRAM)
    env = environment(None, folder)
    env["PATH"] = f"{folder / 'bin'}:{env['PATH']}"
    command = command.replace("./linnet ", "linnet ")
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=env, capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def follow(found, folder):
    """Returns how many blocks of each kind there were."""
    output, counts = "", {"lua": 0, "sh": 0, "text": 0}
    for kind, text in found:
        counts[kind] += 1
        if kind == "lua":
            named = FILE.match(text)
            assert named, f"a block names no file:\n{text}"
            path = folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif kind == "sh":
            for command in text.splitlines():
                output = run(command, folder)
        else:
            for line in text.splitlines():
                assert line.strip() in output, f"{line!r} is not in\n{output}"
    return counts


def test_every_block_of_the_guide_keeps_its_word(tmp_path):
    counts = follow(blocks(ROOT / "lua/README.md"), tmp_path)
    assert counts["lua"] >= 15 and counts["sh"] >= 5 and counts["text"] >= 4
    assert run("linnet test config", tmp_path).splitlines()[-1].endswith(" passed, 0 failed")


def test_every_plugin_of_the_guide_loads_in_a_configuration(tmp_path):
    follow(blocks(ROOT / "lua/README.md"), tmp_path)
    filters = sorted(one.stem for one in (tmp_path / "config/filters").glob("*.lua")
                     if not one.stem.endswith("_test"))
    names = ", ".join(f'"{name}"' for name in filters)
    assert len(filters) >= 4
    (tmp_path / "config/all.lua").write_text(f"return {{ filters = {{ {names} }} }}")
    run("linnet check -c config/all.lua", tmp_path)
    run("echo 'order 66 of plain old words' | linnet run -c config/all.lua -i - -o discard",
        tmp_path)


def test_the_scorer_of_the_readme_works(tmp_path):
    run("linnet init", tmp_path)  # the configuration that the repository has
    counts = follow(blocks(ROOT / "README.md", "## Write a scorer"), tmp_path)
    assert counts == {"lua": 1, "sh": 1, "text": 1}
