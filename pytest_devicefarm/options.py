"""The options: how each is called on the command line, in the environment and in the ini file.

Imported by every pytest run, so it imports nothing that can wait. The command line beats the environment, which beats
the ini file. An empty environment or ini value counts as unset; an empty value on the command line is an error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from . import values

if TYPE_CHECKING:
    import pytest


class Option(NamedTuple):
    """One setting: how it is called everywhere, and how its text is read."""

    name: str  #: ``queue_timeout`` is ``--devicefarm-queue-timeout`` and the ini key ``devicefarm_queue_timeout``
    parse: Callable[[str], Any]
    default: str | None
    metavar: str | None  #: None: a flag without a value
    help: str
    env: tuple[str, ...] = ()
    repeatable: bool = False
    separator: str = r"[\s,]+"  #: of several values in one environment variable
    cli: bool = True
    ini: bool = True

    @property
    def flag(self) -> str:
        return "--devicefarm-" + self.name.replace("_", "-")

    @property
    def key(self) -> str:
        return "devicefarm_" + self.name


OPTIONS = (
    Option(
        "session",
        values.session,
        None,
        "S",
        "Run on this remote access session: an ARN, a console URL, or a name (with --devicefarm-project); several make "
        "a pool",
        env=("DEVICEFARM_SESSION", "DEVICE_FARM_SESSION_ARN"),
        repeatable=True,
    ),
    Option(
        "project",
        values.project,
        None,
        "P",
        "Project to look names up in and to create sessions in: an ARN or a name",
        env=("DEVICEFARM_PROJECT",),
    ),
    Option(
        "timeout",
        values.duration,
        "15m",
        "D",
        "Longest wait for RUNNING, such as 90, 90s, 15m, 1h or 1m30s",
        env=("DEVICEFARM_TIMEOUT",),
    ),
    Option(
        "queue_timeout",
        values.duration,
        None,
        "D",
        "Longest stay in PENDING, PENDING_CONCURRENCY and PENDING_DEVICE; default: the timeout",
        cli=False,
    ),
    Option(
        "xcuitest",
        values.xcuitest,
        "error",
        "R",
        "On an iOS session whose interaction mode cannot run XCUITest: error, warn or off",
        env=("DEVICEFARM_XCUITEST",),
    ),
    Option(
        "device",
        values.devices,
        None,
        "F",
        "Create a session on a device that fits: platform=IOS,os>=17,form_factor=PHONE, a device ARN, or instance=ARN; "
        "3*platform=ANDROID makes three. Created sessions are stopped at the end",
        env=("DEVICEFARM_DEVICE",),
        repeatable=True,
        separator=r"[;\n]+",
    ),
    Option(
        "app",
        values.app,
        None,
        "A",
        "App of created sessions: an upload ARN, or an .ipa or .apk file, which is uploaded first",
        env=("DEVICEFARM_APP",),
    ),
    Option("aux_app", values.app, None, "A", "Auxiliary app of created sessions, up to three", repeatable=True),
    Option("keep", values.switch, None, None, "Leave created sessions running at the end"),
    Option("stop", values.switch, None, None, "Stop the sessions named by --devicefarm-session too"),
    Option(
        "lost",
        values.one_of("stop", "skip", "replace"),
        "stop",
        "L",
        "When a session dies mid-run: stop the run, skip what remains for it, or replace it (created sessions only)",
        env=("DEVICEFARM_LOST",),
    ),
    Option(
        "min_sessions",
        values.number,
        "1",
        "N",
        "How many sessions must come for the run to go on",
        cli=False,
    ),
    Option(
        "interaction_mode",
        values.one_of("INTERACTIVE", "NO_VIDEO", "VIDEO_ONLY"),
        None,
        "M",
        "Interaction mode of created sessions; default: NO_VIDEO on iOS, none on Android",
        cli=False,
    ),
    Option(
        "billing_method",
        values.one_of("METERED", "UNMETERED"),
        None,
        "B",
        "Billing method of created sessions; default: Device Farm's own",
        cli=False,
    ),
    Option("skip_app_resign", values.switch, None, None, "On private devices: do not re-sign the app", cli=False),
    Option(
        "vpce_configuration_arn",
        values.vpce_configuration,
        None,
        "ARN",
        "VPC endpoint configurations of created sessions, an ARN a line",
        repeatable=True,
        cli=False,
    ),
    Option(
        "device_proxy", values.proxy, None, "HOST:PORT", "HTTP proxy of created sessions' devices: HOST:PORT", cli=False
    ),
    Option(
        "appium_version",
        values.text,
        None,
        "N",
        "Appium server's major version of created sessions; iOS 27 and later need one",
        cli=False,
    ),
    Option("profile", values.text, None, "NAME", "Profile of the AWS configuration files; default: boto3's own"),
    Option("endpoint_url", values.url, None, "URL", "Where Device Farm answers; default: boto3's own"),
    Option(
        "junit",
        values.one_of("both", "testcase", "testsuite", "none"),
        "both",
        "J",
        "Where device properties go in the JUnit XML: both, testcase, testsuite or none",
    ),
    Option(
        "driver_scope",
        values.one_of("function", "session"),
        None,
        "S",
        "Scope of devicefarm_driver: function (default), a driver for each test, or session, one for a worker's run",
        cli=False,
    ),
    Option(
        "keep_alive",
        values.duration,
        None,
        "D",
        "Time without a command after which an open driver sends one, to keep the session; 0 is never; default: 4m",
        cli=False,
    ),
    Option(
        "keep_alive_limit",
        values.duration,
        None,
        "D",
        "How long into a test that is done, so that a test that hangs does not keep the session; default: 20m",
        cli=False,
    ),
    Option(
        "junit_properties",
        values.text,
        "*",
        "GLOB",
        "Which device properties go in the JUnit XML: globs, one a line, such as devicefarm.device.*",
        repeatable=True,
        cli=False,
    ),
    Option(
        "price_per_minute",
        values.price,
        "0.17",
        "USD",
        "What a metered minute costs, for the costs in reports",
        cli=False,
    ),
    Option(
        "artifacts",
        values.one_of("off", "on", "failure"),
        "off",
        "A",
        "Download logs, videos and screenshots of the sessions at the end: off, on, or failure, of those on which a "
        "test failed",
        env=("DEVICEFARM_ARTIFACTS",),
    ),
    Option("artifacts_dir", values.text, None, "DIR", "Where artifacts go; default: devicefarm-artifacts"),
    Option(
        "artifacts_timeout",
        values.duration,
        "10m",
        "D",
        "Longest time for all downloads after the sessions' end, videos that come late included",
        cli=False,
    ),
    Option(
        "artifacts_max_size",
        values.size,
        "1g",
        "N",
        "Largest artifact that is downloaded, such as 500m or 2g",
        cli=False,
    ),
    Option(
        "emulator",
        values.switch,
        None,
        None,
        "Run against the emulator that this package carries; needs no AWS account",
        env=("DEVICEFARM_EMULATOR",),
    ),
    Option(
        "scenario",
        values.text,
        None,
        "S",
        "What the emulator plays: a name or a file; implies the emulator",
        env=("DEVICEFARM_SCENARIO",),
    ),
    Option("list", values.switch, None, None, "Print the project's sessions, or the projects, and exit", ini=False),
    Option("json", values.switch, None, None, "With --devicefarm-list: print JSON", ini=False),
    Option(
        "sweep",
        values.switch,
        None,
        None,
        "Stop the sessions that dead runs left behind, in the project or in all of them, and exit",
        ini=False,
    ),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare every option and ini key; values are read later, so that errors can be one clear line."""
    group = parser.getgroup("devicefarm", "AWS Device Farm")
    for option in OPTIONS:
        if option.cli:
            arguments: dict[str, Any] = {"dest": option.key, "default": None, "help": _help(option)}
            if option.metavar is None:  # a flag
                arguments |= {"action": "store_true"}
            else:
                arguments |= {"action": "append" if option.repeatable else "store", "metavar": option.metavar}
            group.addoption(option.flag, **arguments)
        if option.ini:
            kind: Literal["linelist", "string"] = "linelist" if option.repeatable else "string"
            parser.addini(option.key, option.help, type=kind, default=None)


def _help(option: Option) -> str:
    more = [f"default: {option.default}"] if option.default else []
    more += [f"environment: {', '.join(option.env)}"] if option.env else []
    return option.help + (f" ({'; '.join(more)})" if more else "")


def given(config: pytest.Config) -> bool:
    """Whether the user gave any setting; cheap, and it reads nothing but names."""
    return any(texts_of(config, option) is not None for option in OPTIONS)


def texts_of(config: pytest.Config, option: Option) -> tuple[list[str], str] | None:
    """The values of an option as texts, and their source; None where it was not given."""
    value = config.getoption(option.key, None) if option.cli else None
    if value is not None:
        texts = value if isinstance(value, list) else ["1" if value is True else value]
        return texts, option.flag
    for name in option.env:
        text = os.environ.get(name, "").strip()
        texts = [part for part in re.split(option.separator, text) if part.strip()] if option.repeatable else [text]
        if text and texts:
            return texts, name
    value = config.getini(option.key) if option.ini else None
    if value:
        return value if isinstance(value, list) else [value], f"ini {option.key}"
    return None
