"""settings: the whole text of every refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_devicefarm.errors import ConfigurationError
from pytest_devicefarm.settings import resolve

from .unit_samples import EXAMPLE_ARN

pytestmark = pytest.mark.usefixtures("environment")

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
