"""The unit under a real systemd, a user's manager in name spaces of its own: start, reload, hang.

It has all restrictions of the unit but ProtectHome, and no user of its own, which such a manager
cannot give. Where no manager can be started, that is said and skipped.
"""
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from conftest import ROOT

CONFIG = """return {
  state = "state", track = { coffee = "coffee OR /co+fee/" },
  sources = { posts = linnet.file { path = "%s", rate = 200, ["repeat"] = true } },
  sinks = { store = linnet.sqlite {}, out = linnet.ndjson { path = "out.ndjson" } },
}
"""
# Every answer is a line "WHAT: ...".
SCRIPT = """
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/own
chmod 700 /run/own
export XDG_RUNTIME_DIR=/run/own
SYSTEMD_UNIT_PATH=$PWD/units:/usr/lib/systemd/user /lib/systemd/systemd --user \\
    --unit=basic.target >manager.log 2>&1 &
manager() { timeout 60 systemctl --user "$@" 2>&1; }
tell() { echo "$1: $(manager show linnet -p "$2" | tr '\\n' ' ')"; }
until_it_has() {
    for _ in $(seq 600); do
        found=$(manager show linnet -p "$1" | tr '\\n' ' ')
        grep -q "$2" <<<"$found" && return
        sleep 0.1
    done
}
for _ in $(seq 600); do
    kill -0 $! 2>/dev/null || break
    manager show -p Version | grep -q ^Version && break
    sleep 0.1
done
echo "manager: $(manager show -p Version)"
manager start linnet; echo "start: $?"
sleep 12 # longer than its watchdog waits
tell started ActiveState,NRestarts,StatusText
manager reload linnet >/dev/null; echo "reload: $?"
tell reloaded ActiveState,StatusText
sed -i 's/return {/return { nonsense = 1,/' linnet.lua
manager reload linnet >/dev/null; echo "bad reload: $?"
tell "badly reloaded" ActiveState,StatusText
sed -i 's/nonsense = 1,//' linnet.lua
pid=$(manager show linnet -p MainPID --value)
kill -STOP "$pid"
until_it_has Result watchdog
echo "hung: $found" # until it is started again
until_it_has StatusText,NRestarts 'NRestarts=1'
until_it_has ActiveState '=active'
tell "started again" ActiveState,NRestarts,StatusText
manager stop linnet; echo "stop: $?"
tell stopped ActiveState,Result,ExecMainStatus
"""


@pytest.fixture
def folder(posts=ROOT / "config/demo/posts.ndjson.gz"):
    """Not below /tmp, which the service has one of its own of."""
    made = Path(tempfile.mkdtemp(prefix="systemd-", dir=ROOT / "build"))
    (made / "units").mkdir()
    (made / "linnet.lua").write_text(CONFIG % posts)
    unit = (ROOT / "config/system/linnet.service").read_text()
    unit = unit.replace("@BIN@/linnet", str(ROOT / "linnet"))
    unit = unit.replace("/etc/linnet/linnet.lua", str(made / "linnet.lua"))
    unit = re.sub(r"^(User|State\w+|WorkingDirectory|ProtectHome)=.*\n", "", unit, flags=re.M)
    unit = unit.replace("WatchdogSec=60s", "WatchdogSec=10s")
    unit = unit.replace("ProtectSystem=strict", f"ProtectSystem=strict\nReadWritePaths={made}")
    (made / "units/linnet.service").write_text(unit)
    yield made
    shutil.rmtree(made)


def test_systemd_starts_reloads_watches_and_stops_it(folder):
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                           "bash", "-c", SCRIPT], cwd=folder, capture_output=True, text=True,
                          timeout=500, check=False)
    told = dict(re.findall(r"^([a-z ]+): (.*)$", done.stdout, re.M))
    if "Version=" not in told.get("manager", ""):
        pytest.skip("no systemd can be started here: " + done.stderr[-300:])
    said = done.stdout + (folder / "manager.log").read_text()
    assert told["start"] == "0", said
    assert "=active" in told["started"] and "NRestarts=0" in told["started"]
    assert re.search(r"StatusText=generation 1, 1 sources: [1-9]", told["started"])
    assert told["reload"] == "0" and "StatusText=generation 2," in told["reloaded"]
    assert told["bad reload"] != "0" and "=active" in told["badly reloaded"]
    assert "generation 2" in told["badly reloaded"] and "reload failed" in told["badly reloaded"]
    assert "Result=watchdog" in told["hung"]
    assert "=active" in told["started again"] and "NRestarts=1" in told["started again"]
    assert told["stop"] == "0" and "Result=success" in told["stopped"]
    assert "ActiveState=inactive" in told["stopped"] and "ExecMainStatus=0" in told["stopped"]
