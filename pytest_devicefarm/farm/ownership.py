"""The marks by which any host tells which sessions this plugin created, and whether their run still lives.

A created session is called ``pytest-devicefarm/<run>/<host>`` and carries tags, of which one is a lease that a live run
renews. A session whose lease has run out was left behind by a run that was killed.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ..errors import DeviceFarmError
from ..model.arn import parse_arn
from ..model.session import RemoteAccessSession
from .client import AccessDenied
from .clock import Clock
from .retry import attempt, persist
from .service import Service

LEASE = 180.0  #: seconds after its last renewal at which a run counts as dead
RENEWAL = 60.0  #: seconds between two renewals
_PLUGIN = "pytest-devicefarm"
_RUN, _JOB, _LEASE, _KEEP = (f"{_PLUGIN}:{name}" for name in ("run", "job", "lease", "keep"))
_UNTAGGED = "untagged-"
_OURS = re.compile(rf"{_PLUGIN}/[0-9]{{8}}T[0-9]{{6}}-[0-9a-f]{{8}}/")  #: the names of runs that may tag
_LONGEST = 256  #: characters of a name, and of a tag's value (model)
_PATIENCE = 10.0  #: seconds to find out whether sessions may be tagged
_NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class RunName:
    """Who created a session. ``tagged`` is False where tags are denied: their absence must not be taken for death."""

    run: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}")
    host: str = field(default_factory=socket.gethostname)
    tagged: bool = True

    def __str__(self) -> str:
        host = re.sub("[^A-Za-z0-9._-]", "-", self.host)
        return f"{_PLUGIN}/{'' if self.tagged else _UNTAGGED}{self.run}/{host}"[:_LONGEST]

    def tags(self, now: datetime, *, keep: bool) -> dict[str, str]:
        """The tags of a session that is created, or whose lease is renewed, ``now``."""
        until = (now + timedelta(seconds=LEASE)).isoformat(timespec="seconds")
        tags = {_RUN: self.run, _JOB: _ci_job_url()} | ({_KEEP: "true"} if keep else {_LEASE: until})
        return {key: re.sub(r"[^\w\s.:/=+@-]", "_", value)[:_LONGEST] for key, value in tags.items() if value}


def tag(service: Service, arn: str, tags: Mapping[str, str]) -> None:
    """Tag a session; raises `AccessDenied`, `TransientError` and `DeviceFarmError`."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    attempt(lambda: service.connect().tag_resource(ResourceARN=arn, Tags=pairs), f"tagging session {arn}")


def may_tag(service: Service, project: str, name: RunName) -> bool:
    """Whether this run may tag sessions; asked before it creates any, with a session that there is not.

    Otherwise a run that was killed right after creating one would look like a live run that may not tag.
    """
    found = parse_arn(project, "project")
    nobody = str(replace(found, kind="session", resource=f"{found.resource}/{_NOBODY}/00000"))
    clock = Clock()
    try:
        persist(
            lambda: tag(service, nobody, {_RUN: name.run}),
            "asking whether sessions may be tagged",
            deadline=clock.monotonic() + _PATIENCE,
            clock=clock,
            trouble=lambda message: None,
        )
    except AccessDenied:
        return False
    except DeviceFarmError:  # there is no such session, which AWS says only to those who may tag it
        return True
    return True


def is_ours(session: RemoteAccessSession) -> bool:
    """Whether a live session was created by a run of this plugin that may tag."""
    ended = session.status is not None and session.status.ended
    return not ended and _OURS.match(session.name or "") is not None


def orphaned(session: RemoteAccessSession, tags: Mapping[str, str], now: datetime) -> bool:
    """Whether a session is left behind, by a run that is dead by ``now``."""
    if not is_ours(session) or _KEEP in tags:
        return False
    untagged = session.created and session.created + timedelta(seconds=LEASE)  # killed before it could tag it
    until = _time(tags[_LEASE]) if _LEASE in tags else untagged
    return until is not None and until < now


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # nothing that this plugin wrote
        return None


def _ci_job_url() -> str:
    """The page of the CI job that this process runs in; empty elsewhere."""
    if run := os.environ.get("GITHUB_RUN_ID"):
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{os.environ.get('GITHUB_REPOSITORY', '')}/actions/runs/{run}"
    names = ("CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL")  # GitLab, Jenkins, ...
    return next((url for name in names if (url := os.environ.get(name))), "")
