"""settings: which sessions a run has, attached and created, and what goes with those it creates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.model.arn import Arn, SessionName
from pytest_devicefarm.options import given
from pytest_devicefarm.settings import Settings, Source, resolve

from .unit_samples import EXAMPLE_ARN

pytestmark = pytest.mark.usefixtures("environment")

Configure = Callable[..., pytest.Config]

ARN = Arn("123456789101", "session", "EXAMPLE-GUID-123-456")
OTHER_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:OTHER"
OTHER = Arn("123456789101", "session", "OTHER")
FOREIGN_ARN = EXAMPLE_ARN.replace("123456789101", "999999999999")
PROJECT_ARN = "arn:aws:devicefarm:us-west-2:999999999999:project:THEIRS"
DEVICE_ARN = "arn:aws:devicefarm:us-west-2::device:00000000000000000000000000000001"
INSTANCE_ARN = "arn:aws:devicefarm:us-west-2:123456789101:deviceinstance:00000000-0000-0000-0000-000000000001"
UPLOAD_ARN = "arn:aws:devicefarm:us-west-2:123456789101:upload:EXAMPLE-GUID-123-456/APP"
VPCE = "arn:aws:devicefarm:us-west-2:123456789101:vpceconfiguration:00000000-0000-0000-0000-00000000000"


def _refused(configure: Configure, *args: str, ini: str = "", **environment: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        resolve(configure(*args, ini=ini, **environment))
    return str(caught.value)


def _requests(settings: Settings) -> list[str]:
    return [request.text for request in settings.device]


@pytest.mark.parametrize(
    ("args", "ini", "variables", "source"),
    [
        (
            (f"--devicefarm-session={EXAMPLE_ARN}", f"--devicefarm-session={OTHER_ARN}"),
            "",
            {},
            "--devicefarm-session",
        ),
        ((), "", {"DEVICEFARM_SESSION": f"{EXAMPLE_ARN} {OTHER_ARN}"}, "DEVICEFARM_SESSION"),
        ((), "", {"DEVICEFARM_SESSION": f"{EXAMPLE_ARN},{OTHER_ARN}"}, "DEVICEFARM_SESSION"),
        ((), "", {"DEVICE_FARM_SESSION_ARN": f",{EXAMPLE_ARN} ,\n {OTHER_ARN},"}, "DEVICE_FARM_SESSION_ARN"),
        ((), f"devicefarm_session =\n  {EXAMPLE_ARN}\n  {OTHER_ARN}\n", {}, "ini devicefarm_session"),
    ],
    ids=["command-line", "blank", "comma", "both", "ini"],
)
def test_several_sessions(
    configure: Configure, args: tuple[str, ...], ini: str, variables: dict[str, str], source: str
) -> None:
    """Several sessions make a pool, in the order given, wherever they were given."""
    settings = resolve(configure(*args, ini=ini, **variables))
    assert settings.session == (ARN, OTHER)
    assert settings.sources["session"] == Source(f"{EXAMPLE_ARN}, {OTHER_ARN}", source)
    assert settings.count == 2


@pytest.mark.parametrize(
    ("args", "line"),
    [
        ((EXAMPLE_ARN, OTHER_ARN, EXAMPLE_ARN), f"{EXAMPLE_ARN} is named twice: a session has one worker"),
        (("night", "night"), "night is named twice: a session has one worker"),
        (
            (EXAMPLE_ARN, FOREIGN_ARN),
            "the sessions are in 2 AWS accounts (123456789101, 999999999999): a run has the credentials of one",
        ),
    ],
)
def test_sessions_that_make_no_pool(configure: Configure, args: tuple[str, ...], line: str) -> None:
    """One session twice, and sessions of two accounts, are refused before AWS is asked."""
    options = [f"--devicefarm-session={each}" for each in args]
    assert _refused(configure, *options, "--devicefarm-project=phones") == f"--devicefarm-session: {line}"


def test_project_of_another_account(configure: Configure) -> None:
    """The project's account counts, too."""
    line = _refused(configure, f"--devicefarm-session={EXAMPLE_ARN}", f"--devicefarm-project={PROJECT_ARN}")
    assert "are in 2 AWS accounts (123456789101, 999999999999)" in line


def test_devices(configure: Configure) -> None:
    """A filter, a device and an instance, each a session; a count makes several; attached ones are in the same pool."""
    settings = resolve(
        configure(
            "--devicefarm-session=nightly",
            "--devicefarm-project=phones",
            "--devicefarm-device=2*platform=IOS,os>=17",
            f"--devicefarm-device={DEVICE_ARN}",
            f"--devicefarm-device=instance={INSTANCE_ARN}",
        )
    )
    assert settings.session == (SessionName("nightly"),)
    assert _requests(settings) == ["platform=IOS,os>=17"] * 2 + [DEVICE_ARN, f"instance={INSTANCE_ARN}"]
    assert settings.device[2].device_arn == DEVICE_ARN
    assert settings.device[3].instance_arn == INSTANCE_ARN
    assert settings.count == 5
    assert settings.active


@pytest.mark.parametrize(
    ("ini", "variables", "source"),
    [
        ("", {"DEVICEFARM_DEVICE": "platform=IOS,os>=17;2*name=Google Pixel 8"}, "DEVICEFARM_DEVICE"),
        ("", {"DEVICEFARM_DEVICE": "platform=IOS,os>=17\n2*name=Google Pixel 8\n"}, "DEVICEFARM_DEVICE"),
        ("devicefarm_device =\n  platform=IOS,os>=17\n  2*name=Google Pixel 8\n", {}, "ini devicefarm_device"),
    ],
    ids=["semicolon", "lines", "ini"],
)
def test_devices_elsewhere(configure: Configure, ini: str, variables: dict[str, str], source: str) -> None:
    """A filter has commas and blanks in it, so semicolons and lines separate those of a variable."""
    settings = resolve(configure(ini=ini, **variables))
    assert _requests(settings) == ["platform=IOS,os>=17", "name=Google Pixel 8", "name=Google Pixel 8"]
    assert settings.sources["device"].name == source


def test_apps(configure: Configure) -> None:
    """An app is an upload or a file; there may be three auxiliary ones."""
    args = [f"--devicefarm-app={UPLOAD_ARN}", *(f"--devicefarm-aux-app={name}.apk" for name in "abc")]
    settings = resolve(configure(*args))
    assert settings.app == Arn("123456789101", "upload", "EXAMPLE-GUID-123-456/APP")
    assert settings.aux_app == (Path("a.apk"), Path("b.apk"), Path("c.apk"))
    line = _refused(configure, *args, "--devicefarm-aux-app=d.apk")
    assert line == "--devicefarm-aux-app: a session takes 3 at most"


def test_what_goes_with_created_sessions(configure: Configure) -> None:
    """The ini keys of created sessions are read as what the request needs."""
    ini = "\n".join(
        [
            "devicefarm_interaction_mode = VIDEO_ONLY",
            "devicefarm_billing_method = UNMETERED",
            "devicefarm_skip_app_resign = 1",
            f"devicefarm_vpce_configuration_arn =\n  {VPCE}1\n  {VPCE}2",
            "devicefarm_device_proxy = proxy.example:8080",
            "devicefarm_appium_version = 3",
            "devicefarm_min_sessions = 2",
        ]
    )
    settings = resolve(configure("--devicefarm-device=3*platform=IOS", ini=ini))
    assert settings.interaction_mode == "VIDEO_ONLY"
    assert settings.billing_method == "UNMETERED"
    assert settings.skip_app_resign is True
    assert settings.vpce_configuration_arn == (f"{VPCE}1", f"{VPCE}2")
    assert settings.device_proxy == ("proxy.example", 8080)
    assert settings.appium_version == "3"
    assert settings.min_sessions == 2


def test_flags(configure: Configure) -> None:
    """Keeping, stopping and sweeping are off unless asked for."""
    assert [getattr(resolve(configure()), name) for name in ("keep", "stop", "sweep")] == [False, False, False]
    settings = resolve(configure("--devicefarm-keep", "--devicefarm-stop", "--devicefarm-sweep"))
    assert [getattr(settings, name) for name in ("keep", "stop", "sweep")] == [True, True, True]
    assert given(configure(ini="devicefarm_keep = 1"))


#: What is given, as an option, an ini line, or a variable; and how its refusal begins.
BAD: dict[str, tuple[str, str]] = {
    "attribute": (
        "--devicefarm-device=platfrom=IOS",
        "--devicefarm-device: the condition 'platfrom=IOS' has an unknown attribute 'platfrom': did you mean platform?",
    ),
    "count": (
        "--devicefarm-device=0*platform=IOS",
        "--devicefarm-device: '0*platform=IOS' asks for '0' sessions: expected 1 to 100 before *, as in 3*platform=IOS",
    ),
    "nothing": (
        "--devicefarm-device=3*",
        "--devicefarm-device: '3*' asks for no device: expected a filter such as platform=IOS,os>=17, a device's ARN, or "
        "instance=ARN, after N* for N sessions",
    ),
    "instance-twice": (
        f"DEVICEFARM_DEVICE=2*instance={INSTANCE_ARN}",
        f"DEVICEFARM_DEVICE: '2*instance={INSTANCE_ARN}' asks for 2 sessions on one instance, which has one at a time",
    ),
    "session-as-device": (
        f"--devicefarm-device={EXAMPLE_ARN}",
        f"--devicefarm-device: malformed ARN '{EXAMPLE_ARN}': it names a session, not a device; expected ",
    ),
    "session-as-app": (
        f"DEVICEFARM_APP={EXAMPLE_ARN}",
        f"DEVICEFARM_APP: malformed ARN '{EXAMPLE_ARN}': it names a session, not an upload; expected ",
    ),
    "mode": (
        "devicefarm_interaction_mode = VIDEO",
        "ini devicefarm_interaction_mode: 'VIDEO' is none of INTERACTIVE, NO_VIDEO, VIDEO_ONLY",
    ),
    "billing": (
        "devicefarm_billing_method = FREE",
        "ini devicefarm_billing_method: 'FREE' is none of METERED, UNMETERED",
    ),
    "resign": (
        "devicefarm_skip_app_resign = maybe",
        "ini devicefarm_skip_app_resign: 'maybe' is neither 1 nor 0",
    ),
    "vpce": (
        f"devicefarm_vpce_configuration_arn = {EXAMPLE_ARN}",
        f"ini devicefarm_vpce_configuration_arn: malformed ARN '{EXAMPLE_ARN}': it names a session, not a "
        "vpceconfiguration; expected ",
    ),
    "proxy": (
        "devicefarm_device_proxy = proxy.example",
        "ini devicefarm_device_proxy: 'proxy.example' is no proxy: expected HOST:PORT",
    ),
    "proxy-port": (
        "devicefarm_device_proxy = proxy.example:65536",
        "ini devicefarm_device_proxy: 'proxy.example:65536' is no proxy: expected HOST:PORT",
    ),
    "lost": ("--devicefarm-lost=retry", "--devicefarm-lost: 'retry' is none of stop, skip, replace"),
    "minimum-none": (
        "devicefarm_min_sessions = 0",
        "ini devicefarm_min_sessions: 0 is none of 1 to 1, the number of sessions",
    ),
    "minimum-text": (
        "devicefarm_min_sessions = all",
        "ini devicefarm_min_sessions: 'all' is no whole number",
    ),
}


@pytest.mark.parametrize(("text", "line"), BAD.values(), ids=BAD)
def test_bad_values(configure: Configure, text: str, line: str) -> None:
    """Each bad value is refused in one line that begins with where it came from."""
    if text.startswith("--"):
        refusal = _refused(configure, text)
    elif text.startswith("devicefarm_"):
        refusal = _refused(configure, ini=text)
    else:
        name, _, value = text.partition("=")
        refusal = _refused(configure, **{name: value})
    assert refusal.startswith(line)
    assert refusal.isprintable()


def test_more_sessions_than_there_are(configure: Configure) -> None:
    """The least number of sessions is one that the run can have."""
    line = _refused(configure, "--devicefarm-device=2*platform=IOS", ini="devicefarm_min_sessions = 3")
    assert line == "ini devicefarm_min_sessions: 3 is none of 1 to 2, the number of sessions"
