"""farm/ownership: whose a session is, and whether its run still lives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pytest_devicefarm.emulator import Emulator, Fault, Scenario
from pytest_devicefarm.farm.ownership import LEASE, RENEWAL, RunName, is_ours, may_tag, orphaned, tag
from pytest_devicefarm.farm.service import Service
from pytest_devicefarm.model.session import RemoteAccessSession
from pytest_devicefarm.settings import ClientSettings

pytestmark = pytest.mark.usefixtures("environment")

Start = Callable[[Scenario], Emulator]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = "20260301T115500-0123abcd"
NAME = f"pytest-devicefarm/{RUN}/ci-7"
PROJECT = "arn:aws:devicefarm:us-west-2:123456789101:project:EXAMPLE-GUID-123-456"
MINUTE = timedelta(minutes=1)


def _service(server: Emulator) -> Service:
    return Service(ClientSettings(endpoint_url=server.url, emulated=True))


def _session(name: str | None = NAME, *, age: timedelta = 4 * MINUTE, status: str = "RUNNING") -> RemoteAccessSession:
    return RemoteAccessSession.from_response({"name": name, "created": NOW - age, "status": status})


def _lease(left: timedelta) -> dict[str, str]:
    return {"pytest-devicefarm:run": RUN, "pytest-devicefarm:lease": (NOW + left).isoformat()}


def test_names_tell_runs_apart() -> None:
    """A name has the run and the host in it, and no two runs are called the same."""
    one, other = RunName(), RunName()
    assert one.run != other.run
    assert str(one).split("/")[:2] == ["pytest-devicefarm", one.run]
    assert str(RunName(RUN, "ci-7")) == NAME


def test_names_fit_the_service() -> None:
    """A name is at most 256 plain characters, whatever the host is called."""
    name = str(RunName(RUN, "b\u00fcro/1 " + "x" * 300))
    assert name.startswith(f"pytest-devicefarm/{RUN}/b-ro-1-xxx")
    assert len(name) == 256


def test_every_name_is_recognised() -> None:
    """What a run calls its sessions a sweep takes for a run's, unless the run may not tag."""
    assert is_ours(_session(str(RunName())))
    assert not is_ours(_session(str(RunName(tagged=False))))


def test_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run, CI job and the end of the lease; a kept session has no lease; other characters than AWS's are replaced."""
    monkeypatch.setenv("BUILD_URL", "https://ci.example/job/7/?q=a&b#c")
    name = RunName(RUN, "ci-7")
    lease = (NOW + timedelta(seconds=LEASE)).isoformat()
    tags = {"pytest-devicefarm:run": RUN, "pytest-devicefarm:job": "https://ci.example/job/7/_q=a_b_c"}
    assert name.tags(NOW, keep=False) == tags | {"pytest-devicefarm:lease": lease}
    assert name.tags(NOW, keep=True) == tags | {"pytest-devicefarm:keep": "true"}
    monkeypatch.setenv("BUILD_URL", "x" * 300)
    assert len(name.tags(NOW, keep=False)["pytest-devicefarm:job"]) == 256
    monkeypatch.delenv("BUILD_URL")
    assert set(name.tags(NOW, keep=False)) == {"pytest-devicefarm:run", "pytest-devicefarm:lease"}


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({"GITHUB_RUN_ID": "5", "GITHUB_REPOSITORY": "a/b"}, "https://github.com/a/b/actions/runs/5"),
        (
            {"GITHUB_RUN_ID": "5", "GITHUB_REPOSITORY": "a/b", "GITHUB_SERVER_URL": "https://git.example"},
            "https://git.example/a/b/actions/runs/5",
        ),
        ({"CI_JOB_URL": "https://gitlab.example/1"}, "https://gitlab.example/1"),
        ({"CIRCLE_BUILD_URL": "https://circle.example/1"}, "https://circle.example/1"),
        ({"BUILDKITE_BUILD_URL": "https://kite.example/1"}, "https://kite.example/1"),
    ],
)
def test_the_job(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str) -> None:
    """The usual CI systems say where their job is."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert RunName().tags(NOW, keep=False)["pytest-devicefarm:job"] == url


def test_a_lease_survives_two_failed_renewals() -> None:
    """A lease is renewed so often that two renewals in a row may fail."""
    assert LEASE >= 3 * RENEWAL


ORPHANS: dict[str, tuple[RemoteAccessSession, dict[str, str], bool]] = {
    "lease over": (_session(), _lease(-MINUTE), True),
    "lease runs": (_session(age=90 * MINUTE), _lease(MINUTE), False),
    "lease of another host's zone": (_session(), {"pytest-devicefarm:lease": "2026-03-01T13:59:00+02:00"}, True),
    "killed before it was tagged": (_session(), {}, True),
    "just created": (_session(age=MINUTE), {}, False),
    "created when nobody knows": (RemoteAccessSession.from_response({"name": NAME}), {}, False),
    "kept": (_session(), {"pytest-devicefarm:keep": "true"}, False),
    "kept with an old lease": (_session(), _lease(-MINUTE) | {"pytest-devicefarm:keep": "true"}, False),
    "lease that is none": (_session(), {"pytest-devicefarm:lease": "soon"}, False),
    "lease before time": (_session(), {"pytest-devicefarm:lease": "0001-01-01T00:00:00+23:00"}, False),
    "may not tag": (_session(f"pytest-devicefarm/untagged-{RUN}/ci-7"), {}, False),
    "ended": (_session(status="COMPLETED"), _lease(-MINUTE), False),
    "ends": (_session(status="STOPPING"), _lease(-MINUTE), False),
    "queued": (_session(status="PENDING_CONCURRENCY"), _lease(-MINUTE), True),
    "foreign": (_session("my session"), _lease(-MINUTE), False),
    "like ours": (_session("pytest-devicefarm/manual/ci-7"), {}, False),
    "ours inside": (_session(f"my {NAME}"), {}, False),
    "nameless": (_session(None), _lease(-MINUTE), False),
}


@pytest.mark.parametrize(("session", "tags", "left"), ORPHANS.values(), ids=ORPHANS)
def test_orphans(session: RemoteAccessSession, tags: dict[str, str], left: bool) -> None:
    """Left behind is what a run of the plugin created whose lease is over, or that was never tagged, and nothing else."""
    assert orphaned(session, tags, NOW) is left


def test_tagging(emulator: Start) -> None:
    """The tags arrive."""
    server = emulator(Scenario())
    service = _service(server)
    tag(service, server.default_session_arn, RunName(RUN).tags(NOW, keep=False))
    answer = service.connect().list_tags_for_resource(ResourceARN=server.default_session_arn)
    assert {each["Key"]: each["Value"] for each in answer["Tags"]} == RunName(RUN).tags(NOW, keep=False)


DENIED = {"Statement": {"Effect": "Allow", "Action": "devicefarm:Get*", "Resource": "*"}}
OTHERS_DENIED: dict[str, Any] = {
    "Statement": {
        "Effect": "Allow",
        "Action": "devicefarm:TagResource",
        "Resource": "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456/*",
    }
}


@pytest.mark.parametrize(
    ("scenario", "may", "calls"),
    [
        (Scenario(), True, 1),
        (Scenario(iam=DENIED), False, 1),
        (Scenario(iam=OTHERS_DENIED), True, 1),
        (Scenario(iam=DENIED, faults=(Fault("TagResource", "throttling", calls=[1]),)), False, 2),
        (Scenario(faults=(Fault("TagResource", "argument"),)), True, 1),
    ],
    ids=["allowed", "denied", "this project only", "denied after throttling", "refused"],
)
def test_may_a_run_tag(emulator: Start, scenario: Scenario, may: bool, calls: int) -> None:
    """Found out with a session of the project that there is not; only a denial means no."""
    server = emulator(scenario)
    assert may_tag(_service(server), PROJECT, RunName()) is may
    assert len(server.calls) == calls
    assert server.sessions[0]["status"] == "RUNNING"
