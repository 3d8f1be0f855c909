"""`linnet init` makes a configuration that passes; `linnet demo` shows posts and a table."""
import re

from material import received


def test_init_makes_a_configuration_that_passes_check(linnet, tmp_path):
    done = linnet("init", "mine")
    assert (done.rc, done.stdout) == (0, "")
    assert sorted(one.name for one in (tmp_path / "mine/config").iterdir()) \
        == ["linnet.lua", "track.lua"]
    assert linnet("check", cwd=tmp_path / "mine").rc == 0
    assert linnet("check", "-c", "mine/config/linnet.lua").rc == 0


def test_init_without_a_folder_means_this_one(linnet, tmp_path):
    assert linnet("init").rc == 0 and (tmp_path / "config/track.lua").exists()


def test_init_never_overwrites(linnet, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/track.lua").write_text('return { mine = "mine" }')
    done = linnet("init")
    assert done.rc == 0 and "stays as it is" in done.stderr
    assert (tmp_path / "config/track.lua").read_text() == 'return { mine = "mine" }'
    assert linnet("check").rc == 0
    before = (tmp_path / "config/linnet.lua").read_bytes()
    assert linnet("init").rc == 0 and (tmp_path / "config/linnet.lua").read_bytes() == before


def test_init_says_what_stands_in_its_way(linnet, tmp_path):
    (tmp_path / "taken").write_text("a file")
    done = linnet("init", "taken")
    assert (done.rc, done.stdout) == (1, "") and "taken" in done.stderr


def test_the_configuration_of_init_runs(linnet, posts):
    linnet("init")
    done = linnet("replay", posts, "-c", "config/linnet.lua", "-o", "stdout")
    names = {name for one in done.documents for name in one.get("queries", [])}
    assert done.rc == 0 and {"coffee", "weather", "weekend"} <= names


def test_demo_prints_posts_and_a_table_and_ends(linnet):
    done = linnet("demo", "--seconds", "5")
    assert (done.rc, done.stderr) == (0, "")
    post = r"\d\d:\d\d:\d\d  (positive|neutral|negative|unknown) +[-+][\d.]+  \w+ +@\w+  \S"
    assert re.search(post, done.stdout)
    header = re.search(r"^query +posts +negative +neutral +positive", done.stdout, re.M)
    assert header and re.search(r"^coffee +\d+", done.stdout[header.start():], re.M)
    assert "\033" not in done.stdout


def test_demo_counts_what_it_shows(linnet):
    done = linnet("demo", "--seconds", "4", "-e", "the OR a")
    shown = re.findall(r"^\d\d:\d\d:\d\d  ", done.stdout, re.M)
    row = re.search(r"^e1 +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)", done.stdout, re.M)
    posts, *moods = map(int, row.groups())
    assert posts == len(shown) == sum(moods) > 0


def test_demo_follows_the_users_own_track(linnet, write_config):
    write_config('return { track = { everyday = "the" } }')
    told = linnet("demo", "--seconds", "4").stdout
    assert re.search(r"^everyday +\d+", told, re.M) and "coffee" not in told.split("query")[-1]


def test_demo_with_a_broken_track_explains_itself(linnet, write_config):
    write_config('return { track = { a = "(the" } }')
    done = linnet("demo", "--seconds", "1")
    assert done.rc == 78 and "linnet.lua:1:25" in done.stderr


def test_the_bundled_posts_are_all_readable(linnet, posts):
    counted = received(linnet("replay", posts, "-o", "discard").stderr)
    assert counted["malformed"] == 0 and counted["spooled"] > 4200
