"""The aws command line against the emulator, as a user types it.

It is installed into an environment of its own, as it pins botocore: that takes too long for every run, so the test
runs where DEVICEFARM_TEST_AWS_CLI is set: to the path of an `aws`, or to 1, which installs `awscli` from PyPI.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_devicefarm.emulator import Emulator

from .farm_client import package

ASKED = os.environ.get("DEVICEFARM_TEST_AWS_CLI", "")

pytestmark = [
    pytest.mark.skipif(not ASKED, reason="DEVICEFARM_TEST_AWS_CLI is not set: it would install awscli"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl"),
]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of an aws command line."""
    if ASKED != "1":
        return ASKED
    folder = tmp_path_factory.mktemp("awscli")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", "awscli"], check=True)
    return str(folder / "bin" / "aws")


def test_the_aws_command_line(aws: str, tmp_path: Path) -> None:
    """It lists projects and devices, uploads an app with curl, creates, gets, tags, stops and deletes a session."""
    app = tmp_path / "app.ipa"
    # Beyond a megabyte curl asks first, with `Expect: 100-continue`.
    app.write_bytes(package({"Payload/A.app/Info.plist": b"", "Payload/A.app/A": os.urandom(2_000_000)}))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }

    with Emulator("ready") as emulator:

        def devicefarm(*arguments: str) -> Any:
            command = [aws, "devicefarm", "--endpoint-url", emulator.url, "--output", "json", *arguments]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout) if done.stdout.strip() else None

        (project,) = devicefarm("list-projects")["projects"]
        filters = "attribute=PLATFORM,operator=EQUALS,values=IOS attribute=OS_VERSION,operator=GREATER_THAN,values=17"
        devices = devicefarm("list-devices", "--filters", *filters.split())["devices"]
        device = next(each for each in devices if each["availability"] == "HIGHLY_AVAILABLE")
        upload = devicefarm("create-upload", "--project-arn", project["arn"], "--name", app.name, "--type", "IOS_APP")[
            "upload"
        ]
        put = ["curl", "--silent", "--show-error", "--fail", "--upload-file", str(app), upload["url"]]
        subprocess.run(put, check=True, timeout=60)
        emulator.clock.advance(5)
        assert devicefarm("get-upload", "--arn", upload["arn"])["upload"]["status"] == "SUCCEEDED"
        session = devicefarm(
            "create-remote-access-session",
            *("--project-arn", project["arn"], "--device-arn", device["arn"], "--app-arn", upload["arn"]),
            *("--name", "from the command line", "--interaction-mode", "NO_VIDEO"),
        )["remoteAccessSession"]
        arn = session["arn"]
        devicefarm("tag-resource", "--resource-arn", arn, "--tags", "Key=who,Value=me")
        emulator.clock.advance(5)
        session = devicefarm("get-remote-access-session", "--arn", arn)["remoteAccessSession"]
        assert (session["status"], session["name"]) == ("RUNNING", "from the command line")
        assert devicefarm("list-tags-for-resource", "--resource-arn", arn)["Tags"] == [{"Key": "who", "Value": "me"}]
        stopped = devicefarm("stop-remote-access-session", "--arn", arn)["remoteAccessSession"]
        assert stopped["status"] == "STOPPING"
        emulator.clock.advance(5)
        (log,) = devicefarm("list-artifacts", "--arn", arn, "--type", "LOG")["artifacts"]
        subprocess.run(["curl", "--silent", "--fail", log["url"]], check=True, timeout=60, capture_output=True)
        devicefarm("delete-remote-access-session", "--arn", arn)
        listed = devicefarm("list-remote-access-sessions", "--arn", project["arn"])["remoteAccessSessions"]
        assert arn not in [each["arn"] for each in listed]
