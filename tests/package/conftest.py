"""What the tests of the Debian package share: the package, and a tree of Debian's to install it in.

The tree holds the base system and what the package says that it depends on, and nothing else; it is
kept below build/ and made anew when the dependencies change. Making it takes root and Debian's
mirror, of the machine's own sources; installing takes no network.
"""
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests/flow"))  # material.py
DEB = ROOT / os.environ.get("LINNET_DEB", "build/deb/no-package")
# No unit is started in a tree; these make the user and the folder.
WITHOUT_SYSTEMD = "systemd-standalone-sysusers, systemd-standalone-tmpfiles"
PATHS = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def control(deb, field):
    return subprocess.run(["dpkg-deb", "-f", deb, field], capture_output=True, text=True,
                          check=True).stdout.strip()


def base_tree():
    """Path of a tree with the package's dependencies, made when there is none yet."""
    wanted = f"{WITHOUT_SYSTEMD}, {control(DEB, 'Depends')}"
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    tree = ROOT / "build/tree" / hashlib.sha1(f"{suite} {wanted}".encode()).hexdigest()[:12]
    if not tree.exists():
        shutil.rmtree(tree.parent, ignore_errors=True)
        tree.parent.mkdir(parents=True)
        made = tree.with_suffix(".new")
        # systemd's part of satisfying "a | b" is taken by the first package named
        install = f'chroot "$1" apt-get satisfy -y -q --no-install-recommends "{wanted}"'
        subprocess.run(["mmdebstrap", "--quiet", "--variant=apt", f"--customize-hook={install}",
                        suite, made], check=True, timeout=500)
        made.rename(tree)
    return tree


class Tree:
    """A copy of it that linnet is installed in: commands run as if it were the machine."""

    def __init__(self, root):
        self.root = root

    def command(self, *words):
        return ["unshare", "--mount", "--pid", "--fork", f"--mount-proc={self.root}/proc",
                "chroot", self.root, *words]

    def run(self, *words, code=0, env=None, **options):
        done = subprocess.run(self.command(*words), env={**PATHS, **(env or {})}, timeout=120,
                              capture_output=True, text=True, check=False, **options)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def start_service(self):
        """`linnet run` as the unit starts it: as its user, with its folder."""
        user = ["setpriv", "--reuid=linnet", "--regid=linnet", "--init-groups",
                "--inh-caps=-all", "--no-new-privs"]
        env = {**PATHS, "STATE_DIRECTORY": "/var/lib/linnet"}
        return subprocess.Popen(self.command(*user, "/usr/bin/linnet", "run", "-c",
                                             "/etc/linnet/linnet.lua"), env=env)

    def install(self, deb):
        shutil.copy(deb, self.root / "tmp/linnet.deb")
        return self.run("dpkg", "--force-confdef", "--force-confold", "-i", "/tmp/linnet.deb",
                        env={"DEBIAN_FRONTEND": "noninteractive"}, stdin=subprocess.DEVNULL)

    def path(self, name):
        return self.root / name.lstrip("/")


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    assert DEB.exists(), "`make test-package` makes the package first"
    assert os.geteuid() == 0, "a tree is made and entered as root"
    root = tmp_path_factory.mktemp("tree") / "root"
    subprocess.run(["cp", "-a", base_tree(), root], check=True)
    return Tree(root)
