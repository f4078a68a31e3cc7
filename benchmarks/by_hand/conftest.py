"""What teams write by hand: a session fixture that asks AWS every five seconds whether the phone is there.

The benchmarks copy this file beside the tests and run them with ``-p no:devicefarm``.
"""

from __future__ import annotations

import os
import time
from typing import Any

import boto3
import pytest


@pytest.fixture(scope="session")
def devicefarm_session() -> Any:
    client = boto3.client("devicefarm", region_name="us-west-2")
    arn = os.environ["DEVICE_FARM_SESSION_ARN"]
    deadline = time.monotonic() + 15 * 60
    while time.monotonic() < deadline:
        session = client.get_remote_access_session(arn=arn)["remoteAccessSession"]
        if session["status"] == "RUNNING":
            return session
        if session["status"] in ("STOPPING", "COMPLETED"):
            pytest.exit(f"the session is {session['status']}", returncode=1)
        time.sleep(5)
    pytest.exit("the session is not RUNNING after 15 minutes", returncode=1)
