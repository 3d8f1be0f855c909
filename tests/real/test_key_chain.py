"""linnet finds the AWS keys that botocore finds, in whatever environment and files."""
import os
import random
import subprocess
from pathlib import Path

import botocore.exceptions
import botocore.session
import key_services
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DRIVER = ROOT / os.environ.get("LINNET_BUILD", "build/gcc") / "tests/flow/keys_driver"
PROFILES = ["default", "one", "two", "three four"]
ENVIRONMENTS, SEED = 400, 20261127


@pytest.fixture(scope="module")
def services():
    with key_services.Running() as running:
        yield running


def own_keys(chance, name):
    kinds = [f"aws_access_key_id = AKIA{name}\naws_secret_access_key = s/{name}+=\n"] * 8
    kinds += [kinds[0] + f"aws_session_token = t{name}\n"] * 4
    kinds += [f"aws_access_key_id=AKIA{name}\n", f"output = {name}\n"]
    return chance.choice(kinds)


def source(chance):
    if chance.random() < 0.7:
        return f"source_profile = {chance.choice(PROFILES)}\n"
    kinds = ["Environment", "EcsContainer", "Ec2InstanceMetadata", "Elsewhere"]
    return f"credential_source = {chance.choice(kinds)}\n" * (chance.random() < 0.9)


def config_of(chance, name, folder):
    """What ~/.aws/config says of the profile beside its region."""
    process = f"credential_process = cat '{folder}/process {name}.json'\n"
    role = f"role_arn = arn:aws:iam::123456789012:role/{name}\nrole_session_name = me\n"
    kind = chance.choice(["keys", "process", "role", "role", "web", "both", "nothing", "sso"])
    lines = {
        "keys": own_keys(chance, "C" + name[:3]), "process": process, "nothing": "output = json\n",
        "role": role + source(chance) + "external_id = x y\n" * (chance.random() < 0.3)
        + "duration_seconds = 1800\n" * (chance.random() < 0.5),
        "web": role * (chance.random() < 0.9) + f"web_identity_token_file = {folder}/token\n",
        "both": own_keys(chance, "B" + name[:3]) + role + source(chance) + process,
        "sso": "sso_session = corp\nsso_account_id = 1\nsso_role_name = Dev\n"}[kind]
    return lines


class Environment:
    """Files below a folder and variables, by chance."""

    def __init__(self, chance, folder, url):
        folder.mkdir()
        (folder / "token").write_text("eyJ.token")
        config = "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://c.example/start\n"
        credentials = "# keys\n"
        for name in chance.sample(PROFILES, chance.randint(0, len(PROFILES))):
            quoted = f'"{name}"' if " " in name else name
            (folder / f"process {name}.json").write_text(
                f'{{"Version": 1, "AccessKeyId": "AKIAP{name[:3]}", "SecretAccessKey": "sp"}}')
            header = "[default]" if name == "default" else f"[profile {quoted}]"
            config += f"{header}\nregion = {name[:3]}-1\n{config_of(chance, name, folder)}\n"
            if chance.random() < 0.4:
                credentials += f"[{name}]\n{own_keys(chance, 'F' + name[:3])}"
        (folder / "config").write_text(config)
        (folder / "credentials").write_text(credentials)
        self.folder, self.profile = folder, None
        self.variables = {"AWS_CONFIG_FILE": str(folder / "config"), "HOME": str(folder),
                          "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
                          "AWS_ENDPOINT_URL_STS": url, "AWS_EC2_METADATA_SERVICE_ENDPOINT": url + "/"}
        self.choose(chance, url)

    def choose(self, chance, url):
        def maybe(likely, **variables):
            if chance.random() < likely:
                self.variables.update(variables)
        maybe(0.2, AWS_ACCESS_KEY_ID="AKIAENV", AWS_SECRET_ACCESS_KEY="senv")
        maybe(0.05, AWS_ACCESS_KEY_ID="AKIAENV")
        maybe(0.2, AWS_SESSION_TOKEN="tenv")
        maybe(0.3, AWS_PROFILE=chance.choice(PROFILES))
        maybe(0.3, AWS_CONTAINER_CREDENTIALS_FULL_URI=url + "/container/keys?x=1")
        maybe(0.3, AWS_CONTAINER_AUTHORIZATION_TOKEN="Basic abc")
        maybe(0.5, AWS_EC2_METADATA_DISABLED="true")
        maybe(0.15, AWS_WEB_IDENTITY_TOKEN_FILE=str(self.folder / "token"),
              AWS_ROLE_ARN="arn:aws:iam::1:role/web")
        if chance.random() < 0.3:
            self.profile = chance.choice(PROFILES)

    def __repr__(self):
        files = "".join((self.folder / name).read_text() for name in ("config", "credentials"))
        return f"{self.profile} {self.variables}\n{files}"


def found_by_botocore(environment, monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment.variables.items():
        monkeypatch.setenv(name, value)
    try:
        keys = botocore.session.Session(profile=environment.profile).get_credentials()
    except (botocore.exceptions.BotoCoreError, KeyError) as err:
        return None, repr(err)
    if keys is None:
        return None, "none"
    try:
        frozen = keys.get_frozen_credentials()
    except (botocore.exceptions.BotoCoreError, KeyError) as err:
        return None, repr(err)
    return (frozen.access_key, frozen.secret_key, frozen.token or ""), ""


def found_by_linnet(environment):
    keep = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    words = [environment.profile] if environment.profile else []
    done = subprocess.run([DRIVER, *words], env={**keep, **environment.variables}, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    said = dict(line.split("\t", 1) for line in done.stdout.decode().splitlines())
    if "error" in said:
        return None, said["error"]
    return (said["access"], said["secret"], said["token"]), ""


def test_the_same_keys_are_found(services, tmp_path, monkeypatch):
    chance, found = random.Random(SEED), 0
    for number in range(ENVIRONMENTS):
        environment = Environment(chance, tmp_path / str(number), services.url)
        with monkeypatch.context() as patched:
            theirs, their_reason = found_by_botocore(environment, patched)
        ours, our_reason = found_by_linnet(environment)
        found += theirs is not None
        assert ours == theirs, f"{our_reason}\n{their_reason}\n{environment}"
    assert found > ENVIRONMENTS / 3
