"""Shared by all tests: an emulator to talk to, and pytest runs against it."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import botocore.session
import pytest
from appium_server import serve_appium

from pytest_devicefarm.emulator import Emulator, Scenario

#: The reference page's own example.
EXAMPLE_ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456"


@dataclass
class Run:
    """What one pytest run left behind."""

    code: int
    out: str
    err: str
    report: Path

    @property
    def suite(self) -> ET.Element:
        suite = ET.parse(self.report).getroot().find("testsuite")
        assert suite is not None
        return suite

    @property
    def suite_properties(self) -> dict[str, str]:
        return properties_of(self.suite)

    @property
    def testcases(self) -> dict[str, ET.Element]:
        return {each.attrib["name"]: each for each in self.suite.iter("testcase")}

    def properties(self, test: str) -> dict[str, str]:
        return properties_of(self.testcases[test])

    @property
    def error_line(self) -> str:
        """The only line of the output that starts with ERROR: ."""
        lines = [line for line in [*self.out.splitlines(), *self.err.splitlines()] if line.startswith("ERROR: ")]
        assert len(lines) == 1, self.out + self.err
        return lines[0]


def properties_of(element: ET.Element) -> dict[str, str]:
    found = [(each.attrib["name"], each.attrib["value"]) for each in element.findall("properties/property")]
    assert len(found) == len(dict(found)), "a property is there twice"
    return dict(found)


@pytest.fixture
def emulator() -> Iterator[Callable[[Scenario | str], Emulator]]:
    """Start emulators; they end with the test."""
    started: list[Emulator] = []

    def start(scenario: Scenario | str = "ready") -> Emulator:
        server = Emulator(scenario)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AWS set-up of this machine, and none of the plugin's variables; output buffered, as it is by default."""
    unwanted = "AWS_ DEVICEFARM_ DEVICE_FARM_ PYTEST_XDIST PYTEST_ADDOPTS PYTHONUNBUFFERED GITHUB_ CI"
    for name in list(os.environ):
        if name.startswith(tuple(unwanted.split())):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))


#: Plugins of the test environment, and the options of a run that needs them. Every inner run would import all of them,
#: in each of its processes, which takes longer than most of the runs.
_FOREIGN = {
    "allure_pytest": "--alluredir",
    "html": "--html",
    "html_fixtures": "--html",
    "hypothesispytest": "--hypothesis",
    "metadata": "--html --metadata",
    "platformdirs": "--platformdirs",
    "pytest_reportlog": "--report-log",
    "rerunfailures": "--reruns",
}


def plain(*args: str) -> list[str]:
    """The arguments of an inner pytest run, without plugins that it does not ask for."""
    unasked = [
        name for name, asked in _FOREIGN.items() if not any(arg.startswith(tuple(asked.split())) for arg in args)
    ]
    return ["-p", "no:cacheprovider", *(part for name in unasked for part in ("-p", f"no:{name}")), *args]


@pytest.fixture
def run(pytester: pytest.Pytester, environment: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run pytest in a process of its own on the files that the test made, against an emulator if one is given.

    With an emulator and no session named, the session is the emulator's first; a list of sessions is a pool.
    """

    def run(*args: str, against: Emulator | None = None, session: str | Sequence[str] | None = None) -> Run:
        options = list(args)
        if against is not None:
            monkeypatch.setenv("AWS_ENDPOINT_URL_DEVICE_FARM", against.url)
            monkeypatch.setenv("AWS_ENDPOINT_URL_STS", against.url)
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "emulator")
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "emulator")
            named = [session or against.default_session_arn] if isinstance(session, str | None) else session
            options += [f"--devicefarm-session={each}" for each in named]
        report = pytester.path / "report.xml"
        result = pytester.runpytest_subprocess(*plain(f"--junitxml={report}", *options), timeout=60)
        return Run(int(result.ret), result.stdout.str(), result.stderr.str(), report)

    return run


needs_xdist = pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not installed")

#: The service model of the installed botocore; that of the reference page's generation knows no Appium endpoint.
MODEL = botocore.session.get_session().get_service_model("devicefarm")
needs_endpoints = pytest.mark.skipif(
    "endpoints" not in MODEL.shape_for("RemoteAccessSession").members, reason="this boto3 drops the Appium endpoint"
)

#: All that a run can be made to say.
LOUD = [
    "-vv",
    "--showlocals",
    "--full-trace",
    "-o",
    "log_level=DEBUG",
    "-o",
    "junit_logging=all",
    "--log-cli-level=DEBUG",
]

#: Ways to run the same tests; every test of a report or a fixture takes them all.
DISTRIBUTIONS = [pytest.param((), id="one-process"), pytest.param(("-n2",), id="n2", marks=needs_xdist)]


@pytest.fixture(scope="session")
def appium_url() -> Iterator[str]:
    """Where a real Appium server answers; without one the test is skipped."""
    with serve_appium() as url:
        yield url
