"""A running linnet answers HTTP: health, readiness, metrics, reload; to those who may ask."""
import json
import shutil
import socket
import subprocess
import threading
import time

import pytest
from conftest import SANITIZED
from material import note, plain, tweet, wait_until
from serving import CONFIG, Serving

STALL = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    while (access("stall", F_OK) == 0) usleep(5000);
    return real(fd);
}
"""


@pytest.fixture
def serve(tmp_path, write_config):
    """serve() starts one with CONFIG, or another text; all are ended."""
    started = []

    def start(text=CONFIG % "", env=None, words=(), folder=tmp_path):
        if text:
            write_config(text)
        started.append(Serving(folder, env, words))
        return started[-1]
    yield start
    for one in started:
        one.end()


def test_it_says_that_it_lives_is_ready_and_what_there_is(serve):
    linnet = serve()
    assert (linnet.ask("/healthz").code, linnet.ask("/healthz").text) == (200, "ok\n")
    assert (linnet.ask("/readyz").code, linnet.ask("/readyz").text) == (200, "ready\n")
    assert "/metrics" in linnet.ask("/").text
    assert linnet.ask("/nothing").code == 404
    assert linnet.ask("/healthz", "HEAD").text == ""
    assert linnet.ask("/metrics", "DELETE", X_Linnet="1").code == 405
    assert linnet.ask("/-/reload").code == 405
    for path in ("/../metrics", "/%6detrics", "/metrics%00", "//metrics", "/" + "a" * 4000):
        assert linnet.ask(path).code == 404, path
    linnet.process.stdin.close()
    assert linnet.process.wait(60) == 0


def test_promtool_has_nothing_to_say_about_the_metrics(serve):
    linnet = serve('return { state = "../state", http = { listen = "127.0.0.1:0" },'
                   ' sources = { live = linnet.stdin {} },'
                   ' filters = { linnet.filter { keep = function() linnet.count("a\\"b\\\\\\n") '
                   'return true end } },'
                   ' sinks = { a = linnet.discard {}, b = linnet.ndjson { path = "b" } } }')
    linnet.feed(*[tweet(i, "good") for i in range(100)])
    wait_until(lambda: linnet.status()["sinks"][0]["delivered"] == 100)
    text = linnet.ask("/metrics").text
    assert r'linnet_script_count_total{name="a\"b\\\n"} 100' in text
    done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                          capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_curl_gets_the_metrics_too(serve):
    linnet = serve()
    done = subprocess.run(["curl", "-sS", "-i", "--max-time", "10",
                           f"http://{linnet.http()['address']}/metrics"],
                          capture_output=True, text=True)
    head, body = done.stdout.split("\n\n", 1)
    assert "200 OK" in head and "text/plain; version=0.0.4" in head
    assert "linnet_build_info{" in body


def test_the_metrics_are_the_sums_of_status(serve):
    linnet = serve()
    linnet.feed(plain("good"), "", plain("bad"), "{", tweet(1, "a"), tweet(1, "a"))
    wait_until(lambda: linnet.status()["sinks"][0]["delivered"] == 3)
    status, metrics = linnet.status(), linnet.ask("/metrics")
    source, sink = status["sources"][0], status["sinks"][0]
    assert metrics.metric('linnet_source_received_total{source="live"}') == source["received"]
    for part in ("control", "malformed", "duplicate", "filtered", "spooled"):
        series = f'linnet_source_records_total{{source="live",outcome="{part}"}}'
        assert metrics.metric(series) == source[part]
    assert source["malformed"] == 1 and source["duplicate"] == 1
    assert metrics.metric('linnet_sink_records_total{sink="out",outcome="delivered"}') == 3
    assert metrics.metric('linnet_sink_pending{sink="out"}') == sink["pending"]
    assert metrics.metric('linnet_sink_delivery_seconds_count{sink="out"}') == 3
    assert metrics.metric("linnet_spool_durable_seconds_count") == 3
    assert 0 < metrics.metric("process_resident_memory_bytes") < 2e9 or SANITIZED
    assert metrics.metric("process_open_fds") > 3
    assert abs(metrics.metric("process_start_time_seconds") - time.time()) < 60


def test_a_reload_is_asked_for_and_answered(serve, write_config):
    linnet = serve()
    write_config(CONFIG % "" + "-- changed")
    assert linnet.ask("/-/reload", "POST").code == 403
    good = linnet.ask("/-/reload", "POST", X_Linnet="1")
    assert good.code == 200 and "generation " in good.text
    write_config("return { track = { tea = [[ (tea ]] } }")
    bad = linnet.ask("/-/reload", "POST", X_Linnet="1")
    assert bad.code == 400
    assert "linnet.lua:1:" in bad.text and "\n    " in bad.text and "^" in bad.text
    assert linnet.ask("/metrics").metric('linnet_config_last_reload_successful') == 0


def test_pages_of_other_sites_get_nothing(serve):
    linnet = serve()
    before = linnet.status()["generation"]
    for headers in ({"Host": "evil.example:7711"}, {"Origin": "https://evil.example"},
                    {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"},
                    {"Upgrade": "websocket", "Connection": "Upgrade"}):
        for path in ("/", "/metrics", "/healthz", "/nothing"):
            assert linnet.ask(path, **headers).code == 403, (headers, path)
        assert linnet.ask("/-/reload", "POST", X_Linnet="1", **headers).code == 403
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        assert linnet.ask("/-/reload", "POST", "a=b", Content_Type=kind).code == 403
    assert linnet.ask("/-/reload", "OPTIONS", Origin="https://evil.example").code == 403
    assert linnet.status()["generation"] == before


def test_who_has_the_token_may_ask_and_the_token_is_shown_nowhere(serve, tmp_path, linnet):
    (tmp_path / "config").mkdir()
    token = tmp_path / "config/token"
    token.write_text("hush-7711\n")
    token.chmod(0o600)
    running = serve(CONFIG % ', token = secret "file:token"')
    right = {"Authorization": "Bearer hush-7711"}
    assert running.ask("/healthz").code == 200
    assert running.ask("/metrics").code == 401
    assert running.ask("/metrics", Authorization="Bearer hush-7712").code == 401
    assert running.ask("/metrics", **right).code == 200
    assert running.ask("/-/reload", "POST", X_Linnet="1").code == 401
    assert running.ask("/-/reload", "POST", **right).code == 200
    shown = [running.ask("/metrics", **right).text, running.ask("/", **right).text,
             json.dumps(running.status()), running.errors(),
             repr(linnet("check", "-c", "config/linnet.lua")),
             repr(linnet("status", "-c", "config/linnet.lua")),
             open(f"/proc/{running.process.pid}/cmdline").read()]
    assert not any("hush" in text for text in shown)
    token.write_text("another\n")
    wait_until(lambda: running.ask("/metrics", Authorization="Bearer another").code == 200)
    assert running.ask("/metrics", **right).code == 401


def other_host():
    """Another address that only this machine reaches: IPv6's where there is IPv6."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        note("test_http moved over IPv4: this machine has no IPv6")
        return "127.0.0.2"
    return "[::1]"


def test_it_moves_to_another_port_without_a_restart(serve, write_config):
    linnet = serve()
    before, kept = linnet.http()["address"], linnet.connection()
    assert linnet.ask("/healthz", connection=kept).code == 200
    write_config((CONFIG % "").replace("127.0.0.1:0", f"{other_host()}:0"))
    moved = linnet.ask("/-/reload", "POST", connection=kept, X_Linnet="1")
    assert (moved.code, moved.headers["Connection"]) == (200, "close")
    assert linnet.http()["address"].startswith(other_host())
    assert linnet.ask("/healthz").code == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(before.split(":"))
    write_config((CONFIG % "").replace('"127.0.0.1:0"', "false"))
    wait_until(lambda: linnet.http()["address"] == "")


def test_the_second_linnet_waits_for_the_port(serve, tmp_path):
    first = serve()
    second_folder = tmp_path / "second"
    (second_folder / "config").mkdir(parents=True)
    address = first.http()["address"]
    (second_folder / "config/linnet.lua").write_text(
        (CONFIG % "").replace("127.0.0.1:0", address))
    second = serve(None, folder=second_folder)
    assert second.http() == {"address": address, "trouble": "Address already in use"}
    assert address + ": Address already in use" in second.errors()
    second.feed(plain("it works all the same"))
    wait_until(lambda: second.status()["sinks"][0]["delivered"] == 1)
    first.end()
    wait_until(lambda: second.http()["trouble"] == "")
    assert second.ask("/healthz").code == 200


def test_only_a_configured_run_listens(start_linnet, posts, write_config, tmp_path, linnet):
    taken = socket.create_server(("127.0.0.1", 0))
    write_config((CONFIG % "").replace(":0", f":{taken.getsockname()[1]}"))
    for words in (["run", "-c", "config/linnet.lua", "-i", str(posts), "-o", "discard"],
                  ["replay", str(posts), "-c", "config/linnet.lua", "-o", "discard"]):
        done = linnet(*words)
        assert done.rc == 0 and "in use" not in done.stderr


def test_without_a_token_others_cannot_be_let_in(linnet, write_config):
    write_config((CONFIG % "").replace("127.0.0.1", "0.0.0.0"))
    done = linnet("check", "-c", "config/linnet.lua")
    assert done.rc == 78
    assert "linnet.lua:5:21: others can reach 0.0.0.0:0: it needs a token" in done.stderr


def test_two_hundred_idle_and_slow_clients_do_not_matter(serve):
    linnet = serve()
    host, port = linnet.http()["address"].split(":")
    crowd = [socket.create_connection((host, port)) for _ in range(200)]
    for i, one in enumerate(crowd):
        one.sendall(b"GET /metrics HTTP/1.1\r\nHost: lo" if i % 2 else b"")
    refused = linnet.ask("/healthz")
    assert (refused.code, refused.headers["Retry-After"]) == (503, "10")
    linnet.feed(*[tweet(i, "good") for i in range(2000)])
    wait_until(lambda: linnet.status()["sinks"][0]["delivered"] == 2000)
    wait_until(lambda: linnet.ask("/healthz").code == 200)
    wait_until(lambda: linnet.ask("/metrics").metric("linnet_http_timeouts_total") >= 200)
    for one in crowd:
        one.close()


def test_a_full_spool_is_not_ready_and_says_why(serve, tmp_path):
    linnet = serve('return { state = "../state", http = { listen = "127.0.0.1:0" }, spool = '
                   '{ max = "1MiB" }, sources = { live = linnet.stdin {} }, '
                   'sinks = { full = linnet.ndjson { path = "/dev/full" } } }')
    threading.Thread(target=lambda: feed_quietly(linnet), daemon=True).start()
    wait_until(lambda: linnet.ask("/readyz").code == 503)
    reasons = [json.loads(line) for line in linnet.ask("/readyz").text.splitlines()]
    assert reasons == [{"what": "spool", "name": "", "reason": "it is full: sources wait for room"}]
    assert linnet.ask("/metrics").metric("linnet_ready") == 0
    assert linnet.ask("/metrics").metric('linnet_sink_retries_total{sink="full"}') > 0


def feed_quietly(linnet):
    try:
        linnet.feed(*[tweet(i, "good " * 100) for i in range(20000)])
    except OSError:
        pass  # it was ended


def test_it_answers_at_once_while_the_disk_hangs(serve, tmp_path):
    (tmp_path / "stall.c").write_text(STALL)
    subprocess.run([shutil.which("gcc"), "-shared", "-fPIC", "-o", "stall.so", "stall.c", "-ldl"],
                   cwd=tmp_path, check=True)
    linnet = serve(env={"LD_PRELOAD": tmp_path / "stall.so",
                        "ASAN_OPTIONS": "verify_asan_link_order=0"})
    (tmp_path / "stall").touch()
    linnet.feed(plain("one"))
    connection, answers = linnet.connection(), []

    def unready():
        before = time.monotonic()
        assert linnet.ask("/healthz", connection=connection).code == 200
        answers.append(time.monotonic() - before)
        return linnet.ask("/readyz", connection=connection).code == 503
    wait_until(unready)  # after five seconds; the sync hangs until all were answered
    note(f"while a sync hangs, the slowest of {len(answers)} answers took {max(answers) * 1000:.0f} ms")
    (tmp_path / "stall").unlink()
    wait_until(lambda: linnet.status()["sinks"][0]["delivered"] == 1)
    wait_until(lambda: linnet.ask("/readyz").code == 200)
