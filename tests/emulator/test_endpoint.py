"""The Appium endpoint of a session."""

import json

from pytest_devicefarm.emulator import Emulator, Session, Step

from .conftest import Play, Raw

STATUS = "/status"


def endpoint(emulator: Emulator) -> str:
    """The path of the session's Appium endpoint; read on the wire, as old models drop it."""
    _, answer = Raw(emulator).call("GetRemoteAccessSession", {"arn": emulator.default_session_arn})
    url: str = answer["remoteAccessSession"]["endpoints"]["remoteDriverEndpoint"]
    assert url.startswith(f"{emulator.url}/appium/")
    return url.removeprefix(emulator.url)


def test_the_endpoint_is_open_while_the_session_runs(play: Play) -> None:
    """404 before RUNNING and after it, a ready status between."""
    steps = (Step("PREPARING", 10), Step("RUNNING", 10), Step("COMPLETED"))
    emulator = play(sessions=(Session(steps=steps),))
    path, seen = endpoint(emulator) + STATUS, []
    for _ in range(3):
        response, body = Raw(emulator).send("GET", path)
        seen.append((response.status, json.loads(body)["value"].get("ready")))
        emulator.clock.advance(10)
    assert seen == [(404, None), (200, True), (404, None)]


def test_the_endpoint_may_be_bad_at_first(play: Play) -> None:
    """`endpoint_bad_answers` requests after RUNNING get 400; earlier ones do not count."""
    steps = (Step("PREPARING", 10), Step("RUNNING"))
    emulator = play(sessions=(Session(steps=steps, endpoint_bad_answers=2),))
    path = endpoint(emulator) + STATUS
    assert Raw(emulator).send("GET", path)[0].status == 404
    emulator.clock.advance(10)
    assert [Raw(emulator).send("GET", path)[0].status for _ in range(4)] == [400, 400, 200, 200]


def test_the_endpoint_is_a_secret_of_each_session(play: Play) -> None:
    """Its path is long, differs with each emulator, and nothing else opens it."""
    one, other = play(), play()
    assert endpoint(one) != endpoint(other)
    assert len(endpoint(one).split("/")[2]) >= 32
    for path in ("/appium//wd/hub/status", endpoint(other) + STATUS, endpoint(one)[:-8] + STATUS):
        assert Raw(one).send("GET", path)[0].status == 404


def test_there_is_no_appium_behind_it(play: Play) -> None:
    """Any other command is an unknown one, in WebDriver's own words."""
    emulator = play()
    response, body = Raw(emulator).send("POST", endpoint(emulator) + "/session", "{}")
    assert (response.status, json.loads(body)["value"]["error"]) == (404, "unknown command")


def test_endpoints_may_be_given_or_left_out(play: Play) -> None:
    """A scenario's literal endpoints are sent as they are, and `omit` leaves one out."""
    session = Session(
        fields={"endpoint": "wss://a", "endpoints": {"interactiveEndpoint": "wss://b"}},
        omit=("endpoints.remoteDriverEndpoint",),
    )
    emulator = play(sessions=(session,))
    _, answer = Raw(emulator).call("GetRemoteAccessSession", {"arn": emulator.default_session_arn})
    assert answer["remoteAccessSession"]["endpoint"] == "wss://a"
    assert answer["remoteAccessSession"]["endpoints"] == {"interactiveEndpoint": "wss://b"}


def test_the_endpoint_is_no_call(play: Play) -> None:
    """`calls` is of the AWS API; requests to the phone are not in it."""
    emulator = play()
    path = endpoint(emulator) + STATUS
    before = len(emulator.calls)
    Raw(emulator).send("GET", path)
    assert len(emulator.calls) == before
