"""settings: who wins, what each text means, and the whole text of every refusal."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.model.arn import Arn, ConsolePage, SessionName
from pytest_devicefarm.model.xcuitest import Rule
from pytest_devicefarm.options import OPTIONS, duration, given
from pytest_devicefarm.settings import Settings, Source, resolve

from .unit_samples import CONSOLE_URL, EXAMPLE_ARN, PROJECT, SESSION

pytestmark = pytest.mark.usefixtures("environment")

ARN = Arn("123456789101", "session", "EXAMPLE-GUID-123-456")
OTHER_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:OTHER"


@pytest.fixture
def configure(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.Config]:
    """A real Config of this command line, these ini lines and these variables."""

    def configure(*args: str, ini: str = "", **environment: str) -> pytest.Config:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        pytester.makeini(f"[pytest]\n{ini}")
        return pytester.parseconfig("-p", "no:cacheprovider", *args)

    return configure


#: Option, command line, variable, ini line, and what their values are read as.
PRECEDENCE: dict[str, tuple[str, str | None, tuple[Any, Any, Any]]] = {
    "session": (
        f"{EXAMPLE_ARN}|{OTHER_ARN}|{CONSOLE_URL}",
        "DEVICEFARM_SESSION",
        (ARN, Arn("123456789101", "session", "OTHER"), ConsolePage(None, f"{PROJECT}/{SESSION}/00000")),
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
        ("--devicefarm-profile", (), False),
        ("--devicefarm-endpoint-url", (), False),
        ("--devicefarm-junit", (), False),
        ("--devicefarm-artifacts-dir", (), False),
        ("--devicefarm-emulator", ("DEVICEFARM_EMULATOR",), False),
        ("--devicefarm-scenario", ("DEVICEFARM_SCENARIO",), False),
        ("--devicefarm-list", (), False),
    }
    assert {option.key for option in OPTIONS if not option.ini} == {"devicefarm_list"}
    assert {option.key for option in OPTIONS if not option.cli} == {
        "devicefarm_queue_timeout",
        "devicefarm_driver_scope",
        "devicefarm_keep_alive",
        "devicefarm_keep_alive_limit",
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
    assert settings.session == ARN
    assert settings.sources["session"] == Source(EXAMPLE_ARN, source)
    assert (settings.active, settings.emulated) == (True, False)


TWO = f"names 2 sessions: this version drives one; give one of {EXAMPLE_ARN}, {OTHER_ARN}"


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
def test_two_sessions(
    configure: Callable[..., pytest.Config], args: tuple[str, ...], ini: str, variables: dict[str, str], source: str
) -> None:
    """Several sessions are refused by this version, wherever they were given, with the ones to choose from."""
    with pytest.raises(ConfigurationError) as caught:
        resolve(configure(*args, ini=ini, **variables))
    assert str(caught.value) == f"{source} {TWO}"


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


DURATION = " is no duration: expected one such as 90, 90s, 15m, 1h or 1m30s, at most a day"
BAD: dict[str, tuple[str, str]] = {
    "timeout-negative": ("--devicefarm-timeout=-1", f"--devicefarm-timeout: '-1'{DURATION}"),
    "timeout-unit": ("--devicefarm-timeout=5x", f"--devicefarm-timeout: '5x'{DURATION}"),
    "timeout-long": (f"--devicefarm-timeout={'9' * 81}", f"--devicefarm-timeout: '{'9' * 80}...'{DURATION}"),
    "xcuitest": ("--devicefarm-xcuitest=maybe", "--devicefarm-xcuitest: 'maybe' is none of error, warn, off"),
    "xcuitest-case": ("--devicefarm-xcuitest=WARN", "--devicefarm-xcuitest: 'WARN' is none of error, warn, off"),
    "junit": ("--devicefarm-junit=xml", "--devicefarm-junit: 'xml' is none of both, testcase, testsuite, none"),
    "url": (
        "--devicefarm-endpoint-url=localhost:5000",
        "--devicefarm-endpoint-url: 'localhost:5000' is no URL: expected http://HOST[:PORT] or https://HOST[:PORT]",
    ),
    "url-port": (
        "--devicefarm-endpoint-url=http://h:99999",
        "--devicefarm-endpoint-url: 'http://h:99999' is no URL: expected http://HOST[:PORT] or https://HOST[:PORT]",
    ),
    "url-port-zero": (
        "--devicefarm-endpoint-url=http://h:0",
        "--devicefarm-endpoint-url: 'http://h:0' is no URL: expected http://HOST[:PORT] or https://HOST[:PORT]",
    ),
    "url-host": (
        "--devicefarm-endpoint-url=http://",
        "--devicefarm-endpoint-url: 'http://' is no URL: expected http://HOST[:PORT] or https://HOST[:PORT]",
    ),
    "url-bracket": (
        "--devicefarm-endpoint-url=http://[::1",
        "--devicefarm-endpoint-url: 'http://[::1' is no URL: expected http://HOST[:PORT] or https://HOST[:PORT]",
    ),
    "url-control": (
        "--devicefarm-endpoint-url=http://h\x1b[31m",
        r"--devicefarm-endpoint-url: 'http://h\x1b[31m' is no URL: expected http://HOST[:PORT] or https://HOST[:PORT]",
    ),
    "url-scheme": (
        "--devicefarm-endpoint-url=ftp://h",
        "--devicefarm-endpoint-url: 'ftp://h' is no URL: expected http://HOST[:PORT] or https://HOST[:PORT]",
    ),
    "project": (
        f"--devicefarm-project={'x' * 257}",
        f"--devicefarm-project: '{'x' * 200}...' is no project: give an ARN, or a name (1 to 256 printable characters)",
    ),
    "project-arn": (
        f"--devicefarm-project={EXAMPLE_ARN}",
        f"--devicefarm-project: malformed ARN '{EXAMPLE_ARN}': it names a session, not a project; "
        "expected arn:aws:devicefarm:us-west-2:ACCOUNT:project:ID",
    ),
    "session-arn": (
        "--devicefarm-session=arn:aws",
        "--devicefarm-session: malformed ARN 'arn:aws': 7 characters, an ARN has 32 to 1011; "
        "expected arn:aws:devicefarm:us-west-2:ACCOUNT:session:ID",
    ),
    "session-url": (
        "--devicefarm-session=https://example.com/",
        "--devicefarm-session: 'https://example.com/' is no page of the AWS console: expected "
        "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000",
    ),
    "session-control": (
        "--devicefarm-session=a\nb",
        r"--devicefarm-session: 'a\nb' is no session: give an ARN, a console URL, or a name "
        "(1 to 256 printable characters)",
    ),
    "name-alone": (
        "--devicefarm-session=nightly",
        "--devicefarm-session: 'nightly' is a name, which needs a project to look it up in: give --devicefarm-project, "
        "or the session's ARN",
    ),
}


@pytest.mark.parametrize(("argument", "line"), BAD.values(), ids=BAD)
def test_bad_value_on_the_command_line(configure: Callable[..., pytest.Config], argument: str, line: str) -> None:
    """Each bad value is refused in one line: where it came from, the value, and what is expected."""
    with pytest.raises(ConfigurationError) as caught:
        resolve(configure(argument))
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("ini", "variables", "line"),
    [
        ("", {"DEVICEFARM_TIMEOUT": "soon"}, f"DEVICEFARM_TIMEOUT: 'soon'{DURATION}"),
        ("", {"DEVICEFARM_XCUITEST": "no"}, "DEVICEFARM_XCUITEST: 'no' is none of error, warn, off"),
        ("", {"DEVICEFARM_EMULATOR": "perhaps"}, "DEVICEFARM_EMULATOR: 'perhaps' is neither 1 nor 0"),
        (
            "",
            {"DEVICE_FARM_SESSION_ARN": "arn:aws"},
            "DEVICE_FARM_SESSION_ARN: malformed ARN 'arn:aws': 7 characters, an ARN has 32 to 1011; "
            "expected arn:aws:devicefarm:us-west-2:ACCOUNT:session:ID",
        ),
        ("devicefarm_timeout = 1e309", {}, f"ini devicefarm_timeout: '1e309'{DURATION}"),
        ("devicefarm_queue_timeout = 25h", {}, f"ini devicefarm_queue_timeout: '25h'{DURATION}"),
        ("devicefarm_emulator = perhaps", {}, "ini devicefarm_emulator: 'perhaps' is neither 1 nor 0"),
        ("devicefarm_junit = xml", {}, "ini devicefarm_junit: 'xml' is none of both, testcase, testsuite, none"),
    ],
)
def test_bad_value_elsewhere(
    configure: Callable[..., pytest.Config], ini: str, variables: dict[str, str], line: str
) -> None:
    """The same for variables and ini keys, which the error names."""
    with pytest.raises(ConfigurationError) as caught:
        resolve(configure(ini=ini, **variables))
    assert str(caught.value) == line


def test_bad_value_that_is_overridden(configure: Callable[..., pytest.Config]) -> None:
    """Only the value that counts is read."""
    config = configure("--devicefarm-timeout=5", ini="devicefarm_timeout = x", DEVICEFARM_TIMEOUT="y")
    assert resolve(config).timeout == 5.0


def test_name_with_project(configure: Callable[..., pytest.Config]) -> None:
    """A name with a project is taken, blanks in it too where nothing separates."""
    settings = resolve(configure("--devicefarm-session=my session", ini="devicefarm_project = phones"))
    assert (settings.session, settings.project) == (SessionName("my session"), "phones")


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


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("1h", 3600),
        ("1m30s", 90),
        ("1h30m", 5400),
        ("1h1m1s", 3661),
        (" 90 ", 90),
        ("0", 0),
        ("0s", 0),
        ("007", 7),
        ("24h", 86400),
        ("86400", 86400),
        ("1440m", 86400),
    ],
)
def test_duration(text: str, seconds: float) -> None:
    """Durations are whole seconds, or hours, minutes and seconds with their units."""
    assert duration(text) == seconds
    assert type(duration(text)) is float


NO_DURATIONS = [
    "",
    " ",
    "-1",
    "+1",
    "5x",
    "1e309",
    "1.5",
    "1,5",
    "1_0",
    "inf",
    "nan",
    "s",
    "m",
    "1s30m",
    "1m 30s",
    "1d",
]
TOO_LONG = ["86401", "24h1s", "25h", "999999", "9" * 7, "9" * 80]


@pytest.mark.parametrize("text", [*NO_DURATIONS, *TOO_LONG, "90S", "0x1", "\u0661", "1\x00", "1h1h", "90s\nx"])
def test_no_duration(text: str) -> None:
    """Everything else is refused, and so is more than a day."""
    with pytest.raises(ConfigurationError) as caught:
        duration(text)
    assert str(caught.value) == f"{text!r}{DURATION}"


def test_long_text_is_shortened() -> None:
    """5,000 characters do not fill the terminal."""
    with pytest.raises(ConfigurationError) as caught:
        duration("9" * 5000)
    assert str(caught.value) == f"'{'9' * 80}...'{DURATION}"


@with_any(st.text())
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    """No text does anything else, and no error has more than one line."""
    line = ""
    try:
        assert 0 <= duration(text) <= 86400
    except ConfigurationError as error:
        line = str(error)
    assert line.isprintable()
