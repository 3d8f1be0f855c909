"""What tests with real servers share: the program as the scenario tests run it, and the servers.

A server is started once for all tests of a run. One that is not installed fails what needs it.
"""
import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "flow")]


def load_flow():
    """tests/flow/conftest.py, whose name this file has, too."""
    spec = importlib.util.spec_from_file_location("flow_conftest", HERE.parent / "flow/conftest.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FLOW = load_flow()
PROGRAM, ROOT, environment = FLOW.PROGRAM, FLOW.ROOT, FLOW.environment
linnet, start_linnet, posts = FLOW.linnet, FLOW.start_linnet, FLOW.posts
write_config = FLOW.write_config

import s3_servers  # noqa: E402
import servers  # noqa: E402


@pytest.fixture(scope="session")
def versitygw():
    with s3_servers.versitygw() as server:
        yield server


@pytest.fixture(scope="session")
def minio():
    with s3_servers.minio() as server:
        yield server


@pytest.fixture(scope="session")
def toxiproxy():
    with s3_servers.toxiproxy() as server:
        yield server


def pytest_generate_tests(metafunc):
    """A test that takes `s3` runs on every S3 server."""
    if "s3" in metafunc.fixturenames:
        metafunc.parametrize("s3", ["versitygw", "minio"], indirect=True, scope="session")


@pytest.fixture(scope="session")
def s3(request):
    """A server that checks signatures, with a client that is not ours: server, client, bucket. One
    that was left out because it takes long skips its tests, which tests/real/run.py counts."""
    part = {"versitygw": s3_servers.VERSITYGW, "minio": s3_servers.MINIO}[request.param]
    if part.slow and not part.is_there():
        pytest.skip(f"{part.name} {part.version} is not installed; SLOW=1 installs it")
    return s3_servers.Store(request.getfixturevalue(request.param))
