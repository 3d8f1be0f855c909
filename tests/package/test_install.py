"""`make install` and `make uninstall`, and what packagers and users do with their variables."""
import subprocess

import pytest
from conftest import ROOT


def make(*words):
    return subprocess.run(["make", "-s", *words], cwd=ROOT, capture_output=True, text=True,
                          check=True, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def destination(tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    return tmp_path


def test_everything_is_in_its_place(destination):
    assert {"usr/bin/linnet", "usr/share/linnet/plugins/scorers/vader.lua",
            "usr/share/linnet/config/demo/posts.ndjson.gz", "usr/share/doc/linnet/LICENSE",
            "usr/share/man/man1/linnet.1", "usr/share/man/man5/linnet-config.5",
            "usr/share/man/man7/linnet-query.7", "usr/share/zsh/site-functions/_linnet",
            "usr/share/bash-completion/completions/linnet",
            "usr/share/fish/vendor_completions.d/linnet.fish",
            "usr/lib/systemd/system/linnet.service", "usr/lib/sysusers.d/linnet.conf",
            "usr/lib/tmpfiles.d/linnet.conf", "etc/linnet/linnet.lua",
            "etc/linnet/track.lua"} <= files(destination)
    assert not [name for name in files(destination) if "_test.lua" in name or "debian" in name]
    assert "@" not in (destination / "usr/lib/systemd/system/linnet.service").read_text().replace(
        "@system-service", "").replace("@privileged @resources", "")


def test_the_program_finds_what_was_installed_with_it(destination):
    done = subprocess.run([destination / "usr/bin/linnet", "check", "-c",
                           destination / "etc/linnet/linnet.lua"], capture_output=True, text=True,
                          cwd="/", env={}, check=True)
    assert "8 queries" in done.stderr
    config = (destination / "etc/linnet/linnet.lua").read_text()
    assert 'state = "/var/lib/linnet"' in config and "../" not in config
    assert "\n    store = linnet.sqlite {}" in config  # else the journal would have the posts


def test_an_edited_configuration_stays_and_uninstalling_takes_the_rest(destination):
    edited = destination / "etc/linnet/linnet.lua"
    edited.write_text("return {}\n")
    make("install", f"DESTDIR={destination}", "PREFIX=/usr")
    assert edited.read_text() == "return {}\n"
    make("uninstall", f"DESTDIR={destination}", "PREFIX=/usr")
    assert files(destination) == {"etc/linnet/linnet.lua", "etc/linnet/track.lua"}


def test_a_prefix_of_ones_own_gets_no_service(tmp_path):
    make("install", f"PREFIX={tmp_path}/own")
    assert (tmp_path / "own/bin/linnet").exists() and (tmp_path / "own/share/man/man1").is_dir()
    assert not (tmp_path / "own/lib").exists() and not (tmp_path / "own/etc").exists()
    make("uninstall", f"PREFIX={tmp_path}/own")
    assert files(tmp_path) == set()


def test_a_build_without_libsystemd_calls_nothing_of_it():
    built = "build/gcc-debug/core/base/service.o"
    make("DEBUG=1", "SYSTEMD=", built)
    symbols = subprocess.run(["nm", built], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "service_tell" in symbols.stdout and "sd_" not in symbols.stdout
