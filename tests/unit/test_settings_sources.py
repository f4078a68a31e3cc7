"""settings: who wins, and what each text means."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.model.arn import Arn, ConsolePage, SessionName
from pytest_devicefarm.model.xcuitest import Rule
from pytest_devicefarm.options import OPTIONS, given
from pytest_devicefarm.settings import Settings, Source, resolve

from .unit_samples import CONSOLE_URL, EXAMPLE_ARN, PROJECT, SESSION

pytestmark = pytest.mark.usefixtures("environment")

ARN = Arn("123456789101", "session", "EXAMPLE-GUID-123-456")
OTHER_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:OTHER"


#: Option, command line, variable, ini line, and what their values are read as.
PRECEDENCE: dict[str, tuple[str, str | None, tuple[Any, Any, Any]]] = {
    "session": (
        f"{EXAMPLE_ARN}|{OTHER_ARN}|{CONSOLE_URL}",
        "DEVICEFARM_SESSION",
        ((ARN,), (Arn("123456789101", "session", "OTHER"),), (ConsolePage(None, f"{PROJECT}/{SESSION}/00000"),)),
    ),
    "project": ("phones|tablets|watches", "DEVICEFARM_PROJECT", ("phones", "tablets", "watches")),
    "timeout": ("10|20s|1m", "DEVICEFARM_TIMEOUT", (10.0, 20.0, 60.0)),
    "xcuitest": ("warn|off|error", "DEVICEFARM_XCUITEST", (Rule.WARN, Rule.OFF, Rule.ERROR)),
    "profile": ("a||b", None, ("a", None, "b")),
    "endpoint_url": ("http://a:1||https://b", None, ("http://a:1", None, "https://b")),
    "junit": ("none||testcase", None, ("none", None, "testcase")),
    "scenario": ("ready|queued|x.toml", "DEVICEFARM_SCENARIO", ("ready", "queued", "x.toml")),
}


@pytest.mark.parametrize("name", PRECEDENCE)
def test_precedence(configure: Callable[..., pytest.Config], name: str) -> None:
    """The command line beats the environment, which beats the ini file; each value says where it came from."""
    texts, variable, (on_line, in_environment, in_ini) = PRECEDENCE[name]
    line, exported, written = texts.split("|")
    flag, key = f"--devicefarm-{name.replace('_', '-')}={line}", f"devicefarm_{name}"
    ini = f"{key} = {written}"

    def check(config: pytest.Config, value: Any, source: Source) -> None:
        assert given(config)
        settings = resolve(config)
        assert getattr(settings, name) == value
        assert settings.sources[name] == source

    check(configure(ini=ini), in_ini, Source(written, f"ini {key}"))
    if variable:
        check(configure(ini=ini, **{variable: exported}), in_environment, Source(exported, variable))
        # An empty variable is an unset one.
        check(configure(ini=ini, **{variable: ""}), in_ini, Source(written, f"ini {key}"))
        check(configure(ini=ini, **{variable: " \t"}), in_ini, Source(written, f"ini {key}"))
        check(configure(flag, ini=ini, **{variable: exported}), on_line, Source(line, flag.split("=")[0]))
    check(configure(flag, ini=ini), on_line, Source(line, flag.split("=")[0]))


def test_every_option_of_this_version() -> None:
    """The options are those of DESIGN section 2, with their variables."""
    assert {(option.flag, option.env, option.repeatable) for option in OPTIONS if option.cli} == {
        ("--devicefarm-session", ("DEVICEFARM_SESSION", "DEVICE_FARM_SESSION_ARN"), True),
        ("--devicefarm-project", ("DEVICEFARM_PROJECT",), False),
        ("--devicefarm-timeout", ("DEVICEFARM_TIMEOUT",), False),
        ("--devicefarm-xcuitest", ("DEVICEFARM_XCUITEST",), False),
        ("--devicefarm-device", ("DEVICEFARM_DEVICE",), True),
        ("--devicefarm-app", ("DEVICEFARM_APP",), False),
        ("--devicefarm-aux-app", (), True),
        ("--devicefarm-keep", (), False),
        ("--devicefarm-stop", (), False),
        ("--devicefarm-lost", ("DEVICEFARM_LOST",), False),
        ("--devicefarm-profile", (), False),
        ("--devicefarm-endpoint-url", (), False),
        ("--devicefarm-junit", (), False),
        ("--devicefarm-artifacts", ("DEVICEFARM_ARTIFACTS",), False),
        ("--devicefarm-artifacts-dir", (), False),
        ("--devicefarm-emulator", ("DEVICEFARM_EMULATOR",), False),
        ("--devicefarm-scenario", ("DEVICEFARM_SCENARIO",), False),
        ("--devicefarm-list", (), False),
        ("--devicefarm-json", (), False),
        ("--devicefarm-sweep", (), False),
    }
    assert {option.key for option in OPTIONS if not option.ini} == {
        "devicefarm_list",
        "devicefarm_json",
        "devicefarm_sweep",
    }
    assert {option.key for option in OPTIONS if not option.cli} == {
        "devicefarm_queue_timeout",
        "devicefarm_min_sessions",
        "devicefarm_interaction_mode",
        "devicefarm_billing_method",
        "devicefarm_skip_app_resign",
        "devicefarm_vpce_configuration_arn",
        "devicefarm_device_proxy",
        "devicefarm_appium_version",
        "devicefarm_driver_scope",
        "devicefarm_keep_alive",
        "devicefarm_keep_alive_limit",
        "devicefarm_junit_properties",
        "devicefarm_price_per_minute",
        "devicefarm_artifacts_timeout",
        "devicefarm_artifacts_max_size",
    }


def test_nothing_given(configure: Callable[..., pytest.Config]) -> None:
    """Without any setting the run has no session, and the defaults are those of DESIGN."""
    config = configure()
    assert not given(config)
    settings = resolve(config)
    assert settings == Settings(xcuitest=Rule.ERROR, sources=settings.sources)
    assert settings.sources == {
        "timeout": Source("15m", "default"),
        "xcuitest": Source("error", "default"),
        "junit": Source("both", "default"),
        "lost": Source("stop", "default"),
        "min_sessions": Source("1", "default"),
        "junit_properties": Source("*", "default"),
        "price_per_minute": Source("0.17", "default"),
        "artifacts": Source("off", "default"),
        "artifacts_timeout": Source("10m", "default"),
        "artifacts_max_size": Source("1g", "default"),
    }
    assert (settings.timeout, settings.queue_timeout, settings.junit) == (900.0, None, "both")
    assert (settings.active, settings.emulated) == (False, False)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.timeout = 1.0  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("args", "variables", "source"),
    [
        (("--devicefarm-session", EXAMPLE_ARN), {}, "--devicefarm-session"),
        ((), {"DEVICEFARM_SESSION": EXAMPLE_ARN, "DEVICE_FARM_SESSION_ARN": OTHER_ARN}, "DEVICEFARM_SESSION"),
        ((), {"DEVICE_FARM_SESSION_ARN": EXAMPLE_ARN}, "DEVICE_FARM_SESSION_ARN"),
        ((), {"DEVICEFARM_SESSION": "", "DEVICE_FARM_SESSION_ARN": EXAMPLE_ARN}, "DEVICE_FARM_SESSION_ARN"),
        ((), {"DEVICEFARM_SESSION": f" {EXAMPLE_ARN} ,\n"}, "DEVICEFARM_SESSION"),
    ],
)
def test_session_variables(
    configure: Callable[..., pytest.Config], args: tuple[str, ...], variables: dict[str, str], source: str
) -> None:
    """DEVICEFARM_SESSION comes before the variable of AWS's samples; blanks and commas around a session are none of it."""
    settings = resolve(configure(*args, **variables))
    assert settings.session == (ARN,)
    assert settings.sources["session"] == Source(EXAMPLE_ARN, source)
    assert (settings.active, settings.emulated) == (True, False)


@pytest.mark.parametrize("blank", [",", " , ,"])
def test_variable_of_separators_is_empty(configure: Callable[..., pytest.Config], blank: str) -> None:
    """A list without an item is empty, so the variable counts as unset."""
    assert not given(configure(DEVICEFARM_SESSION=blank))


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.cli and option.metavar])
@pytest.mark.parametrize("text", ["", " "])
def test_empty_on_the_command_line(configure: Callable[..., pytest.Config], option: Any, text: str) -> None:
    """An empty value on the command line is an error, for every option that takes one."""
    config = configure(f"{option.flag}={text}")
    assert given(config)
    with pytest.raises(ConfigurationError) as caught:
        resolve(config)
    assert str(caught.value) == f"{option.flag}: the value is empty"


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.ini])
def test_empty_in_the_ini_file(configure: Callable[..., pytest.Config], option: Any) -> None:
    """An empty value in the ini file is no value."""
    assert not given(configure(ini=f"{option.key} ="))


def test_bad_value_that_is_overridden(configure: Callable[..., pytest.Config]) -> None:
    """Only the value that counts is read."""
    config = configure("--devicefarm-timeout=5", ini="devicefarm_timeout = x", DEVICEFARM_TIMEOUT="y")
    assert resolve(config).timeout == 5.0


def test_name_with_project(configure: Callable[..., pytest.Config]) -> None:
    """A name with a project is taken, blanks in it too where nothing separates."""
    settings = resolve(configure("--devicefarm-session=my session", ini="devicefarm_project = phones"))
    assert (settings.session, settings.project) == ((SessionName("my session"),), "phones")


def test_queue_timeout(configure: Callable[..., pytest.Config]) -> None:
    """The stay in the queue has its own key in the ini file, and no option."""
    settings = resolve(configure(ini="devicefarm_queue_timeout = 1m30s"))
    assert settings.queue_timeout == 90.0
    assert settings.sources["queue_timeout"] == Source("1m30s", "ini devicefarm_queue_timeout")


@pytest.mark.parametrize(
    ("text", "value"),
    [(text, True) for text in ("1", "true", "YES", "on")] + [(text, False) for text in ("0", "False", "no", "off")],
)
@pytest.mark.parametrize("place", ["variable", "ini"])
def test_emulator_switch(configure: Callable[..., pytest.Config], text: str, value: bool, place: str) -> None:
    """The emulator is switched by the usual words."""
    config = (
        configure(DEVICEFARM_EMULATOR=text) if place == "variable" else configure(ini=f"devicefarm_emulator = {text}")
    )
    settings = resolve(config)
    assert (settings.emulator, settings.emulated, settings.active) == (value, value, value)
    source = "DEVICEFARM_EMULATOR" if place == "variable" else "ini devicefarm_emulator"
    assert settings.sources["emulator"] == Source("on" if value else "off", source)


def test_flags(configure: Callable[..., pytest.Config]) -> None:
    """Flags take no value; a scenario implies the emulator."""
    settings = resolve(configure("--devicefarm-emulator", "--devicefarm-list"))
    assert (settings.emulator, settings.list) == (True, True)
    assert settings.sources["emulator"] == Source("on", "--devicefarm-emulator")
    settings = resolve(configure("--devicefarm-scenario=ready"))
    assert (settings.emulator, settings.emulated, settings.active) == (False, True, True)
