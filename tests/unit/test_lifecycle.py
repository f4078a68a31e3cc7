"""farm/lifecycle: what a session is asked for with, and that none is created without being known."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import botocore.loaders
import pytest
from botocore.model import ServiceModel

from pytest_devicefarm.emulator import Emulator, Fault, Scenario, Step
from pytest_devicefarm.emulator.devices import catalogue
from pytest_devicefarm.errors import ConfigurationError, UnavailableError
from pytest_devicefarm.farm.devices import Choice
from pytest_devicefarm.farm.lifecycle import (
    check_boto3,
    create,
    has_ended,
    last_reading,
    left_behind,
    misfit,
    request,
    stop,
)
from pytest_devicefarm.farm.service import Service
from pytest_devicefarm.model.arn import parse_arn
from pytest_devicefarm.model.session import Device, RemoteAccessSession
from pytest_devicefarm.model.xcuitest import Rule
from pytest_devicefarm.settings import ClientSettings, Settings, Source

from .conftest import FakeClock

pytestmark = pytest.mark.usefixtures("environment")

Start = Callable[[Scenario], Emulator]

PROJECT = "arn:aws:devicefarm:us-west-2:123456789101:project:EXAMPLE-GUID-123-456"
UPLOAD = "arn:aws:devicefarm:us-west-2:123456789101:upload:EXAMPLE-GUID-123-456/APP"
DEVICES = {each["name"]: Device.from_response(each) for each in catalogue()}
PHONE = DEVICES["Google Pixel 9"]
CREATE = "CreateRemoteAccessSession"
WANTED = {"projectArn": PROJECT, "deviceArn": PHONE.arn, "name": "mine"}


def _settings(**changes: Any) -> Settings:
    sources = {name: Source("x", f"ini devicefarm_{name}") for name in changes}
    return Settings(**{"xcuitest": Rule.ERROR, "sources": sources} | changes)


def _request(settings: Settings, device: Device, **changes: Any) -> dict[str, Any]:
    given = {"project": PROJECT, "name": "mine", "app": None, "auxiliary": []}
    return request(settings, Choice(device), **given | changes)


class Farm:
    """An emulator in which no session was created yet, and a run's way to it."""

    def __init__(self, server: Emulator, clock: FakeClock) -> None:
        self.server = server
        self.clock: Any = clock
        self.service = Service(ClientSettings(endpoint_url=server.url, emulated=True))

    def create(self, known: tuple[str, ...] = (), seconds: float = 60.0) -> RemoteAccessSession:
        deadline = self.clock.monotonic() + seconds
        return create(self.service, WANTED, known=lambda: known, clock=self.clock, deadline=deadline)

    @property
    def operations(self) -> list[str]:
        return [call.operation for call in self.server.calls]


@pytest.fixture
def farm(emulator: Start, clock: FakeClock) -> Callable[..., Farm]:
    """Start a farm of these faults and other settings."""

    def farm(*faults: Fault, **settings: Any) -> Farm:
        boot = (Step("RUNNING"),)
        return Farm(emulator(Scenario(**{"sessions": (), "boot": boot, "faults": faults} | settings)), clock)

    return farm


def test_the_least_request() -> None:
    """On Android nothing is asked for that the user did not ask for."""
    assert _request(_settings(), PHONE) == WANTED


def test_ios_asks_for_a_mode_in_which_xcuitest_runs() -> None:
    """NO_VIDEO, unless the user wants another mode; that goes for Android, too."""
    phone = DEVICES["Apple iPhone 15"]
    assert _request(_settings(), phone)["interactionMode"] == "NO_VIDEO"
    for device in (phone, PHONE):
        assert _request(_settings(interaction_mode="VIDEO_ONLY"), device)["interactionMode"] == "VIDEO_ONLY"


def test_the_whole_request() -> None:
    """Everything that can be asked for is in its place."""
    settings = _settings(
        billing_method="UNMETERED",
        skip_app_resign=False,
        vpce_configuration_arn=("vpce",),
        device_proxy=("proxy", 8080),
        appium_version="3",
    )
    given = {"project": PROJECT, "name": "mine", "app": "app", "auxiliary": ["one", "two"]}
    assert request(settings, Choice(PHONE, "instance"), **given) == WANTED | {
        "instanceArn": "instance",
        "appArn": "app",
        "skipAppResign": False,
        "configuration": {
            "auxiliaryApps": ["one", "two"],
            "billingMethod": "UNMETERED",
            "vpceConfigurationArns": ["vpce"],
            "deviceProxy": {"host": "proxy", "port": 8080},
            "parameters": {"appium:version": "3"},
        },
    }


class Client:
    """A client of a boto3 whose service model lacks some members of the request."""

    def __init__(self, *lacking: str) -> None:
        model = copy.deepcopy(botocore.loaders.Loader().load_service_model("devicefarm", "service-2"))
        shapes = model["shapes"]
        structure = {"type": "structure", "members": {}}
        for name, members in (
            ("CreateRemoteAccessSessionRequest", ["appArn"]),
            ("CreateRemoteAccessSessionConfiguration", ["auxiliaryApps", "parameters"]),
        ):
            for member in members:
                shapes[name]["members"].pop(member, None)
                if member not in lacking:
                    shapes[name]["members"][member] = {"shape": "Anything"}
        shapes["Anything"] = structure
        self.meta = self
        self.service_model = ServiceModel(model)


@pytest.mark.parametrize(
    ("setting", "lacking", "since"),
    [
        ({"app": parse_arn(UPLOAD, "upload")}, "appArn", "1.40.75"),
        ({"aux_app": (parse_arn(UPLOAD, "upload"),)}, "auxiliaryApps", "1.40.75"),
        ({"appium_version": "3"}, "parameters", "1.43.80"),
    ],
)
def test_an_old_boto3(setting: dict[str, Any], lacking: str, since: str) -> None:
    """What the installed boto3 cannot ask for is refused, with the boto3 that can; what is not asked for is no matter."""
    check_boto3(_settings(**setting), Client())
    check_boto3(_settings(), Client("appArn", "auxiliaryApps", "parameters"))
    with pytest.raises(ConfigurationError) as caught:
        check_boto3(_settings(**setting), Client(lacking))
    (name,) = setting
    assert str(caught.value) == (
        f"ini devicefarm_{name}: the installed boto3 does not know it: pip install 'boto3>={since}'"
    )


@pytest.mark.parametrize(
    ("name", "settings", "reason"),
    [
        ("Apple iPhone 17 Pro", {}, "iOS 27 and later need Appium's version: give ini devicefarm_appium_version"),
        ("Apple iPhone 17 Pro", {"appium_version": "3"}, None),
        ("Apple iPhone 17", {}, None),
        (
            "Apple iPhone 15",
            {"interaction_mode": "INTERACTIVE"},
            "XCUITest does not run in INTERACTIVE sessions (ini devicefarm_interaction_mode)",
        ),
        ("Apple iPhone 15", {"interaction_mode": "INTERACTIVE", "xcuitest": Rule.WARN}, None),
        ("Google Pixel 9", {"interaction_mode": "INTERACTIVE"}, None),
    ],
)
def test_sessions_of_no_use(name: str, settings: dict[str, Any], reason: str | None) -> None:
    """What would be refused after it was created is known before."""
    assert misfit(_settings(**settings), DEVICES[name]) == reason


def test_creating(farm: Callable[..., Farm]) -> None:
    """One call makes one session, and its first reading is the answer."""
    place = farm()
    session = place.create()
    assert [session.arn] == [each["arn"] for each in place.server.sessions]
    assert session.name == "mine"
    assert place.operations == [CREATE]


@pytest.mark.parametrize(
    "kind", ["throttling", "server-error", "unavailable", "bad-gateway", "drop", "garbage", "empty"]
)
def test_what_may_heal_is_tried_again(farm: Callable[..., Farm], clock: FakeClock, kind: str) -> None:
    """Where the first two calls fail the third makes the session, after pauses; looked for is what may be there."""
    place = farm(Fault(CREATE, kind, calls=[1, 2]))
    place.create()
    assert len(place.server.sessions) == 1
    looks = [] if kind == "throttling" else ["ListRemoteAccessSessions"]
    assert place.operations == [CREATE, *looks, CREATE, *looks, CREATE]
    assert len(clock.pauses) == 2


@pytest.mark.parametrize("calls", [[1], [1, 2]])
def test_a_session_whose_answer_was_lost(farm: Callable[..., Farm], calls: list[int]) -> None:
    """It is found by its name, and no second one is created."""
    place = farm(Fault(CREATE, "lost-answer", calls=calls))
    session = place.create()
    assert [each["arn"] for each in place.server.sessions] == [session.arn]
    assert place.operations == [CREATE, "ListRemoteAccessSessions"]


def test_a_lost_answer_beside_others(farm: Callable[..., Farm]) -> None:
    """Sessions that the run knows, and those of other names, are not taken for it."""
    place = farm(Fault(CREATE, "lost-answer", calls=[2]))
    first = place.create()
    second = place.create(known=(str(first.arn),))
    assert second.arn != first.arn
    assert len(place.server.sessions) == 2


def test_looking_for_it_is_tried_again(farm: Callable[..., Farm]) -> None:
    """Nothing is created before it is known whether the first call did."""
    place = farm(
        Fault(CREATE, "lost-answer", calls=[1]), Fault("ListRemoteAccessSessions", "unavailable", calls=[1, 2])
    )
    place.create()
    assert place.operations == [CREATE, *["ListRemoteAccessSessions"] * 3]
    assert len(place.server.sessions) == 1


def test_one_that_cannot_be_looked_for(farm: Callable[..., Farm]) -> None:
    """Where sessions may not be listed the error says that one may have been created; it is not a clear refusal."""
    place = farm(Fault(CREATE, "drop"), Fault("ListRemoteAccessSessions", "access-denied", message="no"))
    with pytest.raises(UnavailableError, match=r"the call broke off, and whether it made one is not known: .*denied"):
        place.create()
    assert place.operations == [CREATE, "ListRemoteAccessSessions"]


def test_a_quota(farm: Callable[..., Farm]) -> None:
    """A quota is no throttling: it is told at once."""
    place = farm(Fault(CREATE, "limit-exceeded", message="too many"))
    with pytest.raises(UnavailableError) as caught:
        place.create()
    assert str(caught.value) == (
        "creating a session: a quota of the account is reached (LimitExceededException: too many); try again later"
    )
    assert place.operations == [CREATE]


def test_what_cannot_heal(farm: Callable[..., Farm]) -> None:
    """A refusal is told at once, as what the user must change."""
    place = farm(Fault(CREATE, "argument", message="no such thing"))
    with pytest.raises(ConfigurationError, match=r"refused the request \(ArgumentException: no such thing\)"):
        place.create()
    assert place.operations == [CREATE]


def test_the_deadline(farm: Callable[..., Farm], clock: FakeClock) -> None:
    """What does not heal ends at the deadline, with its last failure."""
    place = farm(Fault(CREATE, "throttling", message="slow down"))
    with pytest.raises(UnavailableError) as caught:
        place.create(seconds=20)
    assert str(caught.value) == (
        "creating a session: AWS could not be asked: ThrottlingException: slow down; try again later"
    )
    assert clock.elapsed == 20


def test_a_run_that_ends_meanwhile(farm: Callable[..., Farm], clock: FakeClock) -> None:
    """Cancelling ends the trying, after one last call."""
    place = farm(Fault(CREATE, "throttling"))
    clock.cancel_at = 0.1
    with pytest.raises(UnavailableError):
        place.create()
    assert place.operations == [CREATE, CREATE]


def test_what_is_left_behind(farm: Callable[..., Farm]) -> None:
    """Live sessions of the name that are not known."""
    place = farm(stop_seconds=0)
    arns = [str(place.create().arn) for _ in range(3)]
    stop(place.service, arns[0], clock=place.clock, deadline=place.clock.monotonic())
    assert [each.arn for each in left_behind(place.service, PROJECT, "mine", [arns[1]])] == [arns[2]]
    assert left_behind(place.service, PROJECT, "other", []) == []


def test_stopping(farm: Callable[..., Farm]) -> None:
    """Tried again until AWS accepts it; what cannot heal is told."""
    place = farm(Fault("StopRemoteAccessSession", "throttling", calls=[1, 2]), stop_seconds=0)
    arn = str(place.create().arn)
    assert not has_ended(place.service, arn, place.clock)
    stop(place.service, arn, clock=place.clock, deadline=place.clock.monotonic() + 30)
    assert has_ended(place.service, arn, place.clock)
    with pytest.raises(ConfigurationError, match=f"stopping session {arn}7: Device Farm does not know it"):
        stop(place.service, f"{arn}7", clock=place.clock, deadline=place.clock.monotonic() + 30)
    assert not has_ended(place.service, f"{arn}7", place.clock)


@pytest.mark.parametrize("stopping", [False, True])
def test_the_last_reading(farm: Callable[..., Farm], stopping: bool) -> None:
    """One reading of a session that goes on; of one that is being stopped until it has ended, or the deadline."""
    place = farm(stop_seconds=3600)
    arn = str(place.create().arn)
    if stopping:
        stop(place.service, arn, clock=place.clock, deadline=place.clock.monotonic())
    begun = place.clock.elapsed
    session = last_reading(
        place.service, arn, stopping=lambda: stopping, clock=place.clock, deadline=place.clock.monotonic() + 60
    )
    assert session.status == ("STOPPING" if stopping else "RUNNING")
    assert place.clock.elapsed - begun == (60 if stopping else 0)


def test_the_last_reading_is_final(farm: Callable[..., Farm]) -> None:
    """A session that has ended is not waited for any more."""
    place = farm(stop_seconds=0)
    arn = str(place.create().arn)
    stop(place.service, arn, clock=place.clock, deadline=place.clock.monotonic())
    session = last_reading(
        place.service, arn, stopping=lambda: True, clock=place.clock, deadline=place.clock.monotonic() + 60
    )
    assert (session.status, session.result) == ("COMPLETED", "STOPPED")
    assert place.operations.count("GetRemoteAccessSession") == 1
