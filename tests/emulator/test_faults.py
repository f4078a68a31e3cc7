"""What goes wrong on purpose."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from pytest_devicefarm.emulator import Fault, Scenario, ScenarioError, Session

from .conftest import SIGNED, Play, Raw, client, session_of

GET = "GetRemoteAccessSession"


@pytest.mark.parametrize(
    ("kind", "status", "code", "message"),
    [
        ("throttling", 400, "ThrottlingException", "Rate exceeded"),
        ("limit-exceeded", 400, "LimitExceededException", "A limit of the account was exceeded"),
        ("argument", 400, "ArgumentException", "An invalid argument was specified"),
        ("not-found", 400, "NotFoundException", "The specified entity was not found"),
        ("service-account", 400, "ServiceAccountException", "There was a problem with the service account"),
        (
            "access-denied",
            400,
            "AccessDeniedException",
            "User: arn:aws:iam::123456789101:user/emulator is not authorized to perform: "
            "devicefarm:GetRemoteAccessSession on resource: "
            "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456 because no "
            "identity-based policy allows the devicefarm:GetRemoteAccessSession action",
        ),
        (
            "expired-token",
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        (
            "invalid-token",
            400,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        ("server-error", 500, "InternalServiceException", "An internal error occurred"),
        ("bad-gateway", 502, "502", "Bad Gateway"),
        ("unavailable", 503, "ServiceUnavailableException", "Service is unavailable"),
    ],
)
def test_faults_that_are_errors(play: Play, kind: str, status: int, code: str, message: str) -> None:
    """Each error reaches a boto3 client with its code, its words and its HTTP status, and is noted."""
    emulator = play(faults=(Fault(GET, kind),))
    with pytest.raises(ClientError) as caught:
        session_of(emulator)
    response: Any = caught.value.response
    assert (response["Error"]["Code"], response["Error"]["Message"]) == (code, message)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert [call.error for call in emulator.calls] == [kind if kind == "bad-gateway" else code]


def test_faults_of_the_network(play: Play) -> None:
    """A dropped connection, a hang and a late body are what botocore takes them for."""
    kinds = ("drop", "hang", "slow")
    emulator = play(faults=tuple(Fault(GET, kind, calls=[n]) for n, kind in enumerate(kinds, 1)))
    farm = client(emulator, read_timeout=1)
    for expected in (ConnectionClosedError, ReadTimeoutError, ReadTimeoutError):
        with pytest.raises(expected):
            farm.get_remote_access_session(arn=emulator.default_session_arn)
    # A hang that nobody ended has no outcome yet; a slow answer is a good one.
    assert [call.error for call in emulator.calls] == ["drop", None, None]


def test_an_answer_is_lost(play: Play) -> None:
    """The call is done, which its caller is not told; one that is refused is told so."""
    emulator = play(faults=(Fault("StopRemoteAccessSession", "lost-answer", calls=[1]), Fault(GET, "lost-answer")))
    farm = client(emulator)
    with pytest.raises(ConnectionClosedError):
        farm.stop_remote_access_session(arn=emulator.default_session_arn)
    assert emulator.sessions[0]["status"] == "STOPPING"
    with pytest.raises(ClientError, match="NotFoundException"):
        farm.get_remote_access_session(arn=emulator.default_session_arn + "7")
    assert [call.error for call in emulator.calls] == ["lost-answer", "NotFoundException"]


@pytest.mark.parametrize(("kind", "sent"), [("empty", b"{}"), ("garbage", b"this is not JSON")])
def test_answers_with_nothing_in_them(play: Play, kind: str, sent: bytes) -> None:
    """Of no members and of no JSON botocore makes the same: a good answer that is empty."""
    emulator = play(faults=(Fault(GET, kind),))
    headers = {"X-Amz-Target": f"DeviceFarm_20150623.{GET}", "Authorization": SIGNED}
    response, body = Raw(emulator).send("POST", "/", "{}", headers)
    assert (response.status, body) == (200, sent)
    assert "remoteAccessSession" not in client(emulator).get_remote_access_session(arn="x" * 32)
    assert [call.error for call in emulator.calls] == [kind, kind]


def test_a_slow_body_comes_when_the_clock_says(play: Play) -> None:
    """The head is there at once, the body after `seconds` of the emulator's clock, whole."""
    emulator = play(faults=(Fault(GET, "slow", seconds=30),))
    raw = Raw(emulator)
    body = json.dumps({"arn": emulator.default_session_arn})
    raw.connection.request("POST", "/", body, {"X-Amz-Target": f"DeviceFarm_20150623.{GET}", "Authorization": SIGNED})
    response = raw.connection.getresponse()
    assert response.status == 200
    emulator.clock.advance(30)
    assert json.loads(response.read())["remoteAccessSession"]["status"] == "RUNNING"


def test_a_hang_ends_when_the_clock_says(play: Play) -> None:
    """After `seconds` a hanging connection is closed without an answer."""
    emulator = play(faults=(Fault(GET, "hang", seconds=0),))
    with pytest.raises(ConnectionClosedError):
        session_of(emulator)
    assert [call.error for call in emulator.calls] == ["hang"]


def test_which_calls_are_hit(play: Play) -> None:
    """Calls are counted by operation, for `*` over all; the first fault that fits is played."""
    faults = (Fault(GET, "throttling", calls=[2]), Fault("*", "server-error", calls={"every": 3}))
    emulator = play(faults=faults)
    farm = client(emulator)
    for _ in range(3):
        for ask in (
            farm.list_projects,
            lambda: farm.get_remote_access_session(arn=emulator.default_session_arn),
        ):
            try:
                ask()
            except ClientError:
                continue
    assert [call.error for call in emulator.calls] == [
        None,
        None,
        "InternalServiceException",
        "ThrottlingException",
        None,
        "InternalServiceException",
    ]


def test_a_fault_may_bring_its_own_words(play: Play) -> None:
    """`message` replaces the usual one, braces and all."""
    emulator = play(faults=(Fault("*", "access-denied", message="no {action} for you"),))
    with pytest.raises(ClientError, match=r"no \{action\} for you"):
        session_of(emulator)


def test_faults_reach_sts_in_its_own_format(play: Play) -> None:
    """An error of STS is XML, which its client parses."""
    emulator = play(faults=(Fault("GetCallerIdentity", "expired-token"),))
    with pytest.raises(ClientError) as caught:
        client(emulator, "sts").get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "ExpiredToken"


@pytest.mark.parametrize("name", ["throttled", "flaky-network"])
def test_shipped_faults_heal(play: Play, name: str) -> None:
    """The shipped scenarios with faults let a client through in the end."""
    emulator = play(name)
    farm = client(emulator, read_timeout=1)
    for _ in range(7):
        try:
            farm.get_remote_access_session(arn=emulator.default_session_arn)
        except (ClientError, ConnectionClosedError, ReadTimeoutError):
            emulator.clock.advance(1)
    assert session_of(emulator)["status"] == "RUNNING" if name == "flaky-network" else emulator.calls[0].error is None
    assert any(call.error for call in emulator.calls)


def test_an_answer_that_breaks_the_model_fails_loudly(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    """HTTP 500 and a log line say which field broke which rule, without its value."""
    fields = {"status": "ASLEEP", "device": None, "instanceArn": "canary", "vpcConfig": {"vpcId": None}}
    emulator = play(sessions=(Session(fields=fields),))
    with pytest.raises(ClientError) as caught:
        session_of(emulator)
    response: Any = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert response["Error"]["Code"] == "InternalFailure"
    for told in (response["Error"]["Message"], caplog.text):
        assert "remoteAccessSession.status: Member must satisfy enum value set: [PENDING" in told
        assert "remoteAccessSession.device: Member must be of type structure" in told
        assert "remoteAccessSession.vpcConfig.vpcId: Member must not be null" in told
        assert "canary" not in told


def test_a_number_that_json_lacks_fails_loudly(play: Play) -> None:
    """NaN is no JSON: not even an unchecked session sends it."""
    session = Session(fields={"deviceMinutes": {"total": float("nan")}}, unchecked=True)
    with pytest.raises(ClientError, match="InternalFailure"):
        session_of(play(sessions=(session,)))


def test_an_unchecked_session_may_break_the_model(play: Play) -> None:
    """`unchecked` sends what the scenario says; a checked session beside it is still checked."""
    broken = Session(fields={"status": "ASLEEP", "device": None}, unchecked=True)
    emulator = play(sessions=(broken,))
    session = session_of(emulator)
    assert session["status"] == "ASLEEP"
    assert "device" not in session
    beside = Session(arn=broken.arn + "7", fields={"status": "ASLEEP"})
    emulator = play(Scenario(sessions=(broken, beside)))
    project = client(emulator).list_projects()["projects"][0]["arn"]
    with pytest.raises(ClientError, match=r"remoteAccessSessions\.2\.member\.status"):
        client(emulator).list_remote_access_sessions(arn=project)


def test_strings_may_hold_what_xml_may_not(play: Play) -> None:
    """Control characters fit the model and arrive unchanged."""
    message = "\x00\x1b[31m\ufffe\ud800"
    assert session_of(play(sessions=(Session(fields={"message": message}),)))["message"] == message


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "fire"}, "fault kind 'fire': must be one of throttling, .*, slow"),
        ({"calls": [0]}, r"fault drop: calls must be numbers from 1 such as \[1, 2\], .*, not \[0\]"),
        ({"calls": "some"}, "fault drop: calls must be .*, not 'some'"),
        ({"calls": {"every": 0}}, "fault drop: calls must be .*"),
        ({"seconds": -1}, "fault drop: seconds must be 0 or more, not -1"),
        ({"operation": "Get"}, "fault drop: no operation 'Get'; take .*"),
    ],
)
def test_faults_that_cannot_be_played(play: Play, fault: dict[str, Any], said: str) -> None:
    """A fault of an unknown kind, operation or choice of calls is refused in one line."""
    with pytest.raises(ScenarioError, match=f"^{said}$"):
        play(faults=(Fault(**{"operation": GET, "kind": "drop"} | fault),))
