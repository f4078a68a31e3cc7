"""Pools of sessions for runs, and what their reports say of who ran what."""

from __future__ import annotations

from typing import Any

from pytest_devicefarm.emulator import Emulator, Scenario, Session, Step

_PREFIX = "arn:aws:devicefarm:us-west-2:123456789101"
ANDROID = {"platform": "ANDROID", "os": "14", "name": "Google Pixel 8", "manufacturer": "Google"}
TABLET = {"formFactor": "TABLET", "os": "16.6.1", "name": "Apple iPad"}

#: What phones go through: one that is there, one that never comes, and one that breaks before it is ready.
READY = (Step("RUNNING"),)
QUEUED = (Step("PENDING_CONCURRENCY"),)
BROKEN = (Step("PREPARING", 0.2), Step("COMPLETED", fields={"result": "ERRORED", "message": "no such luck"}))

#: In test modules: every test says which worker it ran on.
TELLS_WORKER = """
import os, pytest

@pytest.fixture(autouse=True)
def _tell(record_property): record_property("worker", os.environ.get("PYTEST_XDIST_WORKER", "only"))
"""


def arn(number: int) -> str:
    """The ARN of a pool's session, numbered from 1."""
    return f"{_PREFIX}:session:EXAMPLE-GUID-123-456/phone-{number}/00000"


def pool(*phones: dict[str, Any], **scenario: Any) -> Scenario:
    """A scenario of sessions: of each its ``steps`` and ``fields``, and the device's own fields."""
    return Scenario(sessions=tuple(_session(number, **each) for number, each in enumerate(phones, 1)), **scenario)


def _session(number: int, *, steps: tuple[Step, ...] = READY, fields: Any = None, **device: Any) -> Session:
    return Session(
        arn=arn(number),
        name=f"phone {number}",
        steps=steps,
        from_first_read=True,
        omit=("instanceArn", "device.instances"),
        fields={"device": {"name": f"iPhone {number}", **device}, **(fields or {})},
    )


def arns(server: Emulator) -> list[str]:
    """The ARNs of all sessions, in the scenario's order."""
    return [session["arn"] for session in server.sessions]


def devices(result: Any) -> dict[str, str]:
    """By the name of each test, of which device its testcase says that it ran there; "" where it says none."""
    return {_plain(name): result.properties(name).get("devicefarm.device.name", "") for name in result.testcases}


def workers(result: Any) -> dict[str, str]:
    """By the name of each test, the worker that ran it; see `TELLS_WORKER`."""
    return {_plain(name): result.properties(name).get("worker", "") for name in result.testcases}


def skips(result: Any) -> dict[str, str]:
    """By the name of each test that was skipped, why."""
    found = {name: case.find("skipped") for name, case in result.testcases.items()}
    return {_plain(name): skip.attrib["message"] for name, skip in found.items() if skip is not None}


def _plain(name: str) -> str:
    """A test's name without the group that xdist appends."""
    return name.split("@")[0]
