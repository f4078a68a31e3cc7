"""The emulator as a program, and what its package asks of who imports it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

import pytest_devicefarm.emulator as package

from .conftest import SIGNED

COMMAND = [sys.executable, "-m", "pytest_devicefarm.emulator"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[2])}


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The program, and what it says when it is ready."""
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *options], text=True, stdout=pipe, stderr=pipe, env=ENVIRONMENT) as process:
        try:
            assert process.stdout is not None
            said = []
            while line := process.stdout.readline():
                said.append(line.rstrip("\n"))
                if line.startswith("aws devicefarm"):
                    break
            yield process, said
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    """It says where it is and how to reach it, answers boto3, logs each call without secrets, and ends with 0."""
    with serving("--scenario", "interactive") as (process, said):
        url = said[0].rpartition(" ")[2]
        arn = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456"
        assert said == [
            f"AWS Device Farm emulator, scenario interactive: {url}",
            f"session {arn} (Interactive session)",
            "to point boto3 and the aws command line at it:",
            f"export AWS_ENDPOINT_URL_DEVICE_FARM={url}",
            f"export AWS_ENDPOINT_URL_STS={url}",
            "export AWS_ACCESS_KEY_ID=emulator",
            "export AWS_SECRET_ACCESS_KEY=emulator",
            "export AWS_DEFAULT_REGION=us-west-2",
            f"aws devicefarm get-remote-access-session --arn {arn}",
        ]
        keys = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
        connect: Any = boto3.client
        farm = connect("devicefarm", region_name="us-west-2", endpoint_url=url, **keys)
        session = farm.get_remote_access_session(arn=arn)["remoteAccessSession"]
        assert session["interactionMode"] == "INTERACTIVE"
        endpoint = session.get("endpoints", {}).get("remoteDriverEndpoint")
        if endpoint:
            urllib.request.urlopen(f"{endpoint}/status").close()
        farm.close()
        process.send_signal(number)
        out, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out == ""
    assert re.fullmatch(rf'\S+ \S+ GetRemoteAccessSession "{arn}" -> ok\n', log)


def refused(*options: str) -> tuple[int, str]:
    """Exit code and standard error of a program that does not start."""
    done = subprocess.run(
        [*COMMAND, *options], text=True, capture_output=True, env=ENVIRONMENT, timeout=20, check=False
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_it_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    """Each with one line and the code that says whose fault it is."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert refused("--port", port) == (
            1,
            f"ERROR: cannot listen on 127.0.0.1 port {port}: Address already in use\n",
        )
    assert refused("--host", "0.0.0.0") == (
        2,
        "ERROR: host '0.0.0.0' is not loopback: take 127.0.0.1, ::1 or localhost; or say --allow-remote (in Python "
        "allow_remote=True) as well, and other machines can do here what they like\n",
    )
    assert refused("--appium-url", "4723") == (
        2,
        "ERROR: Appium's URL must be like http://127.0.0.1:4723, not '4723'\n",
    )
    assert refused("--port", "99999") == (2, "ERROR: port must be 0 (any free one) to 65535, not 99999\n")
    assert refused("--speed", "-1") == (
        2,
        "ERROR: speed must be 0 (stepped by hand) or a positive number, not -1.0\n",
    )
    code, said = refused("--scenario", str(tmp_path / "none.toml"))
    assert (code, said.count("\n")) == (2, 1)


def test_told_twice_it_serves_other_machines() -> None:
    """On all addresses, under this machine's name, as a client elsewhere could use it."""
    with serving("--host", "0.0.0.0", "--allow-remote") as (_, said):
        url = said[0].rpartition(" ")[2]
        port = url.rpartition(":")[2]
        assert url == f"http://{socket.gethostname()}:{port}"
        with pytest.raises(urllib.error.HTTPError, match="404") as caught:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
        caught.value.close()


def test_it_says_which_appium_is_behind_it() -> None:
    """`--appium-url` reaches the sessions' endpoints: what is not there is told by its address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        appium = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with serving("--scenario", "interactive", "--appium-url", appium) as (_, said):
        assert said[2] == f"behind their Appium endpoints: {appium}"
        endpoint = shown(said)["endpoints"]["remoteDriverEndpoint"]
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{endpoint}/status").close()
        with caught.value:
            assert appium in json.load(caught.value)["value"]["message"]


def test_speed_makes_time_run() -> None:
    """A session of slow-start, 21 seconds on the clock, is RUNNING in the blink of an eye."""
    with serving("--scenario", "slow-start", "--speed", "1e9") as (_, said):
        assert shown(said)["status"] in ("PENDING", "PREPARING", "RUNNING")
        assert shown(said)["status"] == "RUNNING"


def shown(said: list[str]) -> Any:
    """The session as the wire has it: an old botocore drops the endpoints."""
    arn = said[1].split()[1]
    headers = {"X-Amz-Target": "DeviceFarm_20150623.GetRemoteAccessSession", "Authorization": SIGNED}
    asked = urllib.request.Request(said[0].rpartition(" ")[2], json.dumps({"arn": arn}).encode(), headers)
    asked.add_header("Content-Type", "application/x-amz-json-1.1")
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)["remoteAccessSession"]


@pytest.mark.parametrize("module", ["werkzeug", "botocore"])
def test_scenarios_need_neither_werkzeug_nor_botocore(module: str) -> None:
    """The package is imported without them; making an emulator without werkzeug says what to install."""
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from pytest_devicefarm.emulator import Emulator, Scenario\n"
        "Scenario()\n"
        "try: Emulator()\n"
        "except ImportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], text=True, capture_output=True, env=ENVIRONMENT, timeout=60, check=True
    )
    if module == "werkzeug":
        assert done.stdout == "the emulator needs werkzeug: pip install 'pytest-devicefarm[emulator]'\n"


def test_it_imports_nothing_else_of_the_plugin() -> None:
    """The emulator stands on its own: no module of it imports from outside its folder but libraries."""
    for path in Path(package.__file__).parent.glob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            assert not re.match(r"\s*(from|import) (\.\.|pytest_devicefarm|pytest\b)", line), (path, line)
