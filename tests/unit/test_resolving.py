"""farm/resolve: from what the user named to one session's ARN, by as few calls as it takes."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.farm.resolve import list_projects, list_sessions, resolve_project, resolve_session
from pytest_devicefarm.model.arn import Arn, parse_arn, parse_session

from .unit_samples import EXAMPLE_ARN, PROJECT, SESSION

PROJECT_ARN = f"arn:aws:devicefarm:us-west-2:123456789012:project:{PROJECT}"
Page = list[dict[str, Any]]


class StubClient:
    """Pages of ListProjects and ListRemoteAccessSessions; ``calls`` are the operations with their arguments."""

    def __init__(self, projects: list[Page] | None = None, sessions: list[Page] | None = None) -> None:
        self.pages = {"list_projects": projects or [[]], "list_remote_access_sessions": sessions or [[]]}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def get_paginator(self, operation: str) -> Any:
        key = {"list_projects": "projects", "list_remote_access_sessions": "remoteAccessSessions"}[operation]
        client = self

        class Paginator:
            def paginate(self, **arguments: Any) -> Any:
                client.calls.append((operation, arguments))
                return ({key: page} for page in client.pages[operation])

        return Paginator()


def _no_account() -> str:
    raise AssertionError("nobody needs the account")


def _project(name: str, number: int = 1) -> dict[str, Any]:
    return {"name": name, "arn": f"arn:{name}-{number}"}


def _session(name: str | None, number: int, status: str | None = "RUNNING") -> dict[str, Any]:
    """The session's number is its age too: a higher one is newer."""
    return {"name": name, "arn": f"arn:session-{number}", "status": status, "created": float(number)}


def _resolve(client: StubClient, text: str, project: Arn | str | None = "phones", account: Any = _no_account) -> str:
    return resolve_session(parse_session(text), project, client=client, account=account)


def test_arn_as_it_is() -> None:
    """An ARN needs no call at all."""
    client = StubClient()
    assert _resolve(client, EXAMPLE_ARN, None) == EXAMPLE_ARN
    assert client.calls == []


def test_console_page_with_account() -> None:
    """A console page whose host has the account needs no call either."""
    url = "https://123456789012-abcdefgh.us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000"
    client = StubClient()
    assert _resolve(client, url, None) == "arn:aws:devicefarm:us-west-2:123456789012:session:P/S/00000"
    assert client.calls == []


def test_console_page_without_account() -> None:
    """A console page without account takes the caller's, asked for once."""
    url = (
        f"https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/{PROJECT}/sessions/{SESSION}/00000"
    )
    asked: list[str] = []

    def account() -> str:
        asked.append("account")
        return "999999999999"

    assert _resolve(StubClient(), url, None, account) == (
        f"arn:aws:devicefarm:us-west-2:999999999999:session:{PROJECT}/{SESSION}/00000"
    )
    assert asked == ["account"]


def test_name_in_a_named_project() -> None:
    """A name is looked up among the project's sessions, and the project's name among the projects."""
    client = StubClient([[_project("phones")]], [[_session("nightly", 1)]])
    assert _resolve(client, "nightly") == "arn:session-1"
    assert client.calls == [("list_projects", {}), ("list_remote_access_sessions", {"arn": "arn:phones-1"})]


def test_name_in_a_project_by_arn() -> None:
    """A project's ARN saves listing the projects."""
    client = StubClient(sessions=[[_session("nightly", 1)]])
    assert _resolve(client, "nightly", parse_arn(PROJECT_ARN, "project")) == "arn:session-1"
    assert client.calls == [("list_remote_access_sessions", {"arn": PROJECT_ARN})]


def test_names_on_later_pages() -> None:
    """Every page is looked at, of projects and of sessions."""
    client = StubClient(
        [[_project("tablets")], [], [_project("phones", 7)]],
        [[_session("other", 3)], [], [_session("nightly", 1)]],
    )
    assert _resolve(client, "nightly") == "arn:session-1"
    assert client.calls[1] == ("list_remote_access_sessions", {"arn": "arn:phones-7"})


@pytest.mark.parametrize(
    "others",
    [
        [_session("nightly", 9, "COMPLETED"), _session("nightly", 8, "STOPPING")],
        [_session("Nightly", 9), _session("nightly 2", 8), _session(None, 7)],
        [{"name": "nightly", "status": "RUNNING"}],
    ],
    ids=["ended", "other-names", "no-arn"],
)
@pytest.mark.parametrize("status", ["RUNNING", "PENDING", "HIBERNATING", None])
def test_the_only_live_namesake(others: Page, status: str | None) -> None:
    """The one live session of that very name is meant; newer ones that have ended are not."""
    client = StubClient([[_project("phones")]], [[*others, _session("nightly", 1, status)]])
    assert _resolve(client, "nightly") == "arn:session-1"


SESSIONS = [_session(name, number) for number, name in enumerate(["nightly", "hourly", "smoke", "x", "y", "z"], 1)]
REFUSED: dict[str, tuple[StubClient, str, str, str]] = {
    "unknown-project": (
        StubClient([[_project("phone"), _project("tablets")], [_project("Phones")]]),
        "phones",
        "nightly",
        "no project is called 'phones': the nearest projects are 'phone', 'Phones'",
    ),
    "nothing-near": (
        StubClient([[_project("a"), _project("b")]]),
        "phones",
        "nightly",
        "no project is called 'phones': the nearest projects are 'a', 'b'",
    ),
    "no-projects": (StubClient(), "phones", "nightly", "no project is called 'phones': there are no projects"),
    "ambiguous-project": (
        StubClient([[_project("phones", 1)], [_project("phones", 2)]]),
        "phones",
        "nightly",
        "2 projects are called 'phones': give the ARN of one: arn:phones-1, arn:phones-2",
    ),
    "unknown-session": (
        StubClient([[_project("phones")]], [SESSIONS]),
        "phones",
        "nightli",
        "no session of project phones is called 'nightli': the nearest live sessions are 'nightly'",
    ),
    "unlike-any-session": (
        StubClient([[_project("phones")]], [SESSIONS]),
        "phones",
        "QQQQ",
        "no session of project phones is called 'QQQQ': the nearest live sessions are 'z', 'y', 'x', 'smoke', 'hourly'",
    ),
    "no-live-session": (
        StubClient([[_project("phones")]], [[_session("other", 1, "COMPLETED"), _session(None, 2)]]),
        "phones",
        "nightly",
        "no session of project phones is called 'nightly': there are no live sessions",
    ),
    "several-live": (
        StubClient(
            [[_project("phones")]],
            [[_session("nightly", 1), _session("nightly", 3, "COMPLETED")], [_session("nightly", 2, "PENDING")]],
        ),
        "phones",
        "nightly",
        "2 live sessions of project phones are called 'nightly': give the ARN of one: "
        "arn:session-2 (PENDING), arn:session-1 (RUNNING)",
    ),
    "only-ended": (
        StubClient(
            [[_project("phones")]], [[_session("nightly", 1, "COMPLETED")], [_session("nightly", 2, "STOPPING")]]
        ),
        "phones",
        "nightly",
        "no live session of project phones is called 'nightly': the newest of 2, arn:session-2, is STOPPING; "
        "start a new one",
    ),
    "one-ended": (
        StubClient([[_project("phones")]], [[_session("nightly", 1, "COMPLETED")]]),
        "phones",
        "nightly",
        "no live session of project phones is called 'nightly': the only one, arn:session-1, is COMPLETED; "
        "start a new one",
    ),
}


@pytest.mark.parametrize(("client", "project", "name", "line"), REFUSED.values(), ids=REFUSED)
def test_refused(client: StubClient, project: str, name: str, line: str) -> None:
    """An unknown or ambiguous name is an error that lists what there is."""
    with pytest.raises(ConfigurationError) as caught:
        _resolve(client, name, project)
    assert str(caught.value) == line


def test_sessions_are_listed_newest_first() -> None:
    """Over all pages, with those of unknown age last."""
    unknown = {"name": "x", "arn": "arn:session-0"}
    client = StubClient(sessions=[[unknown, _session("a", 2)], [_session("b", 3), _session("c", 1)]])
    listed = list_sessions(client, PROJECT_ARN)
    assert [each.arn for each in listed] == ["arn:session-3", "arn:session-2", "arn:session-1", "arn:session-0"]


def test_projects_are_listed() -> None:
    """Over all pages, in the service's order."""
    assert list_projects(StubClient([[_project("b")], [_project("a")]])) == [_project("b"), _project("a")]


def test_project_by_arn_needs_no_call() -> None:
    """A project's ARN is taken as it is."""
    client = StubClient()
    assert resolve_project(parse_arn(PROJECT_ARN, "project"), client=client) == PROJECT_ARN
    assert client.calls == []


def test_strange_names_are_shown_on_one_line() -> None:
    """Names of other people's sessions do not break the error's line."""
    client = StubClient([[_project("phones")]], [[_session("night\nly\x1b[31m\ud800", 1)]])
    with pytest.raises(ConfigurationError) as caught:
        _resolve(client, "nightly")
    assert str(caught.value) == (
        "no session of project phones is called 'nightly': the nearest live sessions are "
        r"'night\nly\x1b[31m\ud800'"
    )
