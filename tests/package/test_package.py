"""The Debian package's life in a tree: installed, run, upgraded, removed, purged; in this order."""
import json
import signal
import sqlite3
import subprocess

from conftest import DEB, control
from material import lines, plain, wait_until

SOURCE = 'sources = { posts = linnet.file { path = "/var/lib/linnet/posts.ndjson" } },'
CONFFILES = ("/etc/linnet/linnet.lua", "/etc/linnet/track.lua")


def posts_kept(tree):
    text = tree.run("linnet", "status", "--json")
    return sum(source["spooled"] for source in json.loads(text)["sources"])


def stop(tree, service):
    pid = json.loads(tree.run("linnet", "status", "--json"))["pid"]
    # in its own name space it is process 1, which unshare waits for
    children = subprocess.run(["pgrep", "-P", str(service.pid)], capture_output=True, text=True,
                              check=True).stdout.split()
    assert pid == 1 and len(children) == 1
    subprocess.run(["kill", f"-{int(signal.SIGTERM)}", children[0]], check=True)
    return service.wait(timeout=60)


def newer(tmp_path):
    """The package as a later version would be: with another track.lua and linnet.lua."""
    tree = tmp_path / "newer"
    subprocess.run(["dpkg-deb", "-R", DEB, tree], check=True)
    meta = tree / "DEBIAN/control"
    meta.write_text(meta.read_text().replace("\nVersion: ", "\nVersion: 1:"))
    for name in CONFFILES:
        with open(tree / name.lstrip("/"), "a", encoding="utf-8") as file:
            file.write("-- of the newer package\n")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, tmp_path / "newer.deb"],
                   check=True, capture_output=True)
    return tmp_path / "newer.deb"


def test_it_installs_with_nothing_but_what_it_depends_on(tree):
    tree.install(DEB)
    assert tree.run("linnet", "version").startswith(f"linnet {control(DEB, 'Version')} (")
    assert "linnet:x:" in tree.path("/etc/passwd").read_text()
    state = tree.path("/var/lib/linnet").stat()
    assert state.st_mode & 0o777 == 0o700 and state.st_uid not in (0, 65534)
    listed = tree.run("dpkg-query", "-W", "-f=${Conffiles}", "linnet")
    assert all(f" {name} " in listed for name in CONFFILES)
    assert "0 sources, 8 queries" in tree.run("linnet", "check")


def test_what_is_installed_works(tree):
    assert tree.run("linnet", "score", "not bad at all!").startswith("positive\t")
    assert "cooofee" in tree.run("linnet", "match", "-e", "/co+fee/", "cooofee")
    assert "query " in tree.run("linnet", "demo", "--seconds", "2")
    tree.run("linnet", "init", "plugin", "scorer", "slang", "/tmp/own")
    assert ", 0 failed" in tree.run("linnet", "test", "/tmp/own")
    pages = ("man1/linnet.1", "man5/linnet-config.5", "man7/linnet-query.7")
    assert all(tree.path(f"/usr/share/man/{page}.gz").exists() for page in pages)


def test_the_service_refuses_to_run_without_a_source_as_a_wrong_configuration(tree):
    assert tree.start_service().wait(timeout=60) == 78


def test_the_service_runs_as_its_user_and_root_can_ask_it(tree):
    config = tree.path(CONFFILES[0])
    config.write_text(config.read_text().replace("sources = {\n", SOURCE + "\n--[[\n", 1)
                      .replace("\n  },\n", "\n--]]\n", 1))
    posts = [plain(f"coffee {i}", id=str(i)) for i in range(100)]
    tree.path("/var/lib/linnet/posts.ndjson").write_text(lines(*posts))
    tree.path("/var/lib/linnet/posts.ndjson").chmod(0o644)
    assert "1 sources" in tree.run("linnet", "check")
    assert tree.start_service().wait(timeout=60) == 0  # the source is finite: all is delivered
    assert posts_kept(tree) == 100
    with sqlite3.connect(tree.path("/var/lib/linnet/linnet.db")) as store:
        assert store.execute("SELECT count(*) FROM posts").fetchone() == (100,)


def test_an_upgrade_keeps_what_was_edited_and_what_was_kept(tree, tmp_path):
    edited = tree.path(CONFFILES[0]).read_text()
    tree.install(newer(tmp_path))
    assert tree.path(CONFFILES[0]).read_text() == edited
    assert "newer" in tree.path(CONFFILES[0] + ".dpkg-dist").read_text()
    assert tree.path(CONFFILES[1]).read_text().endswith("-- of the newer package\n")
    with open(tree.path("/var/lib/linnet/posts.ndjson"), "a", encoding="utf-8") as file:
        file.write(lines(*[plain(f"more coffee {i}", id=f"more{i}") for i in range(20)]))
    config = tree.path(CONFFILES[0])
    config.write_text(edited.replace('posts.ndjson" }', 'posts.ndjson", rate = 1000 }'))
    assert tree.start_service().wait(timeout=60) == 0
    assert posts_kept(tree) == 120


def test_a_running_service_is_asked_reloads_and_stops(tree):
    config = tree.path(CONFFILES[0])
    config.write_text(config.read_text().replace("rate = 1000", 'rate = 5, ["repeat"] = true'))
    service = tree.start_service()
    wait_until(lambda: tree.path("/var/lib/linnet/control.sock").exists()
               and '"running":true' in tree.run("linnet", "status", "--json"))
    assert "generation 2" in tree.run("linnet", "reload")
    good = config.read_text()
    config.write_text(good.replace("return {", "return { nonsense = 1,"))
    assert "nonsense" in tree.run("linnet", "reload", "-c", CONFFILES[0], code=78)
    config.write_text(good)
    assert stop(tree, service) == 0


def test_removing_leaves_what_is_the_users_and_purging_does_not(tree):
    tree.run("dpkg", "--remove", "linnet")
    assert not tree.path("/usr/bin/linnet").exists() and not tree.path("/usr/share/linnet").exists()
    assert tree.path(CONFFILES[0]).exists() and tree.path("/var/lib/linnet/linnet.db").exists()
    tree.run("dpkg", "--purge", "linnet")
    assert not tree.path("/etc/linnet").exists() and not tree.path("/var/lib/linnet").exists()
    left = tree.run("sh", "-c", "find / -xdev -name '*linnet*' -not -path '/proc/*'"
                    " -not -path '/tmp/*' -not -path '/var/lib/dpkg/*' || true")
    assert left.split() == []
