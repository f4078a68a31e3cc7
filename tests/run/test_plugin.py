"""The plugin among others: silent when unused, markers, options that call nobody, the list."""

from __future__ import annotations

import json
import re

import pytest
from conftest import DISTRIBUTIONS, EXAMPLE_ARN, needs_xdist

from pytest_devicefarm.emulator import Project, Scenario, Session, Step


def test_unused_it_does_nothing(run, pytester):
    """No boto3, no model, no header line, no property, no section."""
    pytester.makepyfile(
        """
        import sys

        def test_it():
            loaded = [name for name in sys.modules if name.startswith("pytest_devicefarm")]
            assert sorted(loaded) == [
                "pytest_devicefarm",
                "pytest_devicefarm.driver",
                "pytest_devicefarm.driver.fixtures",
                "pytest_devicefarm.errors",
                "pytest_devicefarm.fixtures",
                "pytest_devicefarm.hookspecs",
                "pytest_devicefarm.options",
                "pytest_devicefarm.plugin",
                "pytest_devicefarm.pytest_internals",
                "pytest_devicefarm.stash",
                "pytest_devicefarm.values",
            ]
            assert not {"boto3", "botocore", "werkzeug", "appium", "selenium"} & set(sys.modules)
        """
    )
    result = run()
    assert result.code == 0
    assert "devicefarm" not in result.report.read_text()
    lines = [line for line in result.out.splitlines() if "devicefarm" in line.lower()]
    assert [line for line in lines if not line.startswith("plugins: ")] == []


@pytest.mark.parametrize("option", ["--collect-only", "--help", "--version", "--fixtures", "--markers", "--setup-plan"])
@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_options_that_run_no_test_call_nobody(run, emulator, pytester, option, dist):
    """They end as without a session, and the service sees no call."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    server = emulator(Scenario(sessions=(Session(steps=(Step("PREPARING"),)),)))
    result = run(*dist, option, against=server)
    assert result.code == 0, result.out + result.err
    assert server.calls == []


def test_help_shows_every_option(run, pytester):
    """The group, each option with its environment variable, and the ini keys."""
    out = run("--help").out
    assert "AWS Device Farm:" in out
    for name in (
        "session",
        "project",
        "timeout",
        "xcuitest",
        "profile",
        "endpoint-url",
        "junit",
        "emulator",
        "scenario",
    ):
        assert f"--devicefarm-{name}" in out
        assert f"devicefarm_{name.replace('-', '_')} (" in out
    assert "DEVICE_FARM_SESSION_ARN" in out


def test_tests_get_the_marker_by_themselves(run, pytester):
    """-m devicefarm and -m "not devicefarm" tell the tests apart, strict markers or not, without a session."""
    pytester.makepyfile(
        """
        def test_session(devicefarm_session): pass
        def test_device(devicefarm_device): pass
        def test_client(devicefarm_client): pass
        def test_free(): pass
        """
    )
    chosen = run("--collect-only", "-q", "--strict-markers", "-m", "devicefarm").out
    assert [line.split("::")[1] for line in chosen.splitlines() if "::" in line] == [
        "test_session",
        "test_device",
        "test_client",
    ]
    assert run("--strict-markers", "-m", "not devicefarm").code == 0


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_the_live_handle(run, emulator, pytester, dist):
    """All fields as attributes, a frozen snapshot, a short repr."""
    pytester.makepyfile(
        """
        import dataclasses, pytest
        from pytest_devicefarm import Device, LiveSession, RemoteAccessSession

        def test_it(devicefarm_session: LiveSession, devicefarm_device):
            snapshot = devicefarm_session.snapshot
            assert isinstance(snapshot, RemoteAccessSession) and isinstance(devicefarm_device.snapshot, Device)
            for field in dataclasses.fields(snapshot):
                assert getattr(devicefarm_session, field.name) == getattr(snapshot, field.name)
            assert devicefarm_device.snapshot == devicefarm_session.device
            with pytest.raises(dataclasses.FrozenInstanceError):
                snapshot.name = "other"
            with pytest.raises(AttributeError):
                devicefarm_session.nothing_like_this
            assert repr(devicefarm_session) == "<live RemoteAccessSession 'EXAMPLE session'>"
            endpoints = devicefarm_session.endpoints  # None where boto3 is too old to know them
            assert endpoints is None or endpoints.remote_driver_endpoint.startswith("http://127.0.0.1:")
        """
    )
    assert run(*dist, against=emulator(Scenario())).code == 0


PAGE = "https://{host}us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/S/00000"


@pytest.mark.parametrize(
    ("session", "options", "operations"),
    [
        ("the phone", ("--devicefarm-project=Mine",), ["ListProjects", "ListRemoteAccessSessions"]),
        (PAGE.format(host="123456789101-abcdefgh."), (), []),
        (PAGE.format(host=""), (), ["GetCallerIdentity"]),
    ],
)
def test_sessions_are_found_by_name_and_by_console_url(run, emulator, pytester, session, options, operations):
    """A name is looked up on every page, newest live one first; the account is asked of STS only when it must be."""
    arn = "arn:aws:devicefarm:us-west-2:123456789101:session:P/S/00000"
    ended = tuple(
        Session(name="the phone", arn=f"{arn[:-1]}{number}", steps=(Step("COMPLETED"),), project="Mine")
        for number in range(1, 4)
    )
    scenario = Scenario(
        sessions=(*ended, Session(name="the phone", arn=arn, project="Mine")),
        projects=(
            Project(),
            Project(name="Mine", arn="arn:aws:devicefarm:us-west-2:123456789101:project:MINE-EXAMPLE"),
        ),
        page_size=1,
    )
    server = emulator(scenario)
    pytester.makepyfile(f"def test_it(devicefarm_session): assert devicefarm_session.arn == {arn!r}")
    result = run(*options, against=server, session=session)
    assert result.code == 0, result.out + result.err
    asked = list(dict.fromkeys(call.operation for call in server.calls))
    assert asked == [*operations, "GetRemoteAccessSession", "GetAccountSettings"]  # the last for the cost


def test_list_prints_projects_and_sessions(run, emulator, pytester, monkeypatch):
    """--devicefarm-list prints what there is and ends with 0, without a test run."""
    pytester.makepyfile("import nothing_like_this")
    server = emulator(Scenario())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "emulator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "emulator")
    projects = run("--devicefarm-list", f"--devicefarm-endpoint-url={server.url}")
    assert projects.code == 0
    assert projects.out.splitlines() == [
        "PROJECT          ARN",
        "Example project  arn:aws:devicefarm:us-west-2:123456789101:project:EXAMPLE-GUID-123-456",
    ]
    sessions = run(
        "--devicefarm-list", "--devicefarm-project=Example project", f"--devicefarm-endpoint-url={server.url}"
    )
    head, row = sessions.out.splitlines()
    assert head.split() == ["NAME", "DEVICE", "OS", "STATUS", "AGE", "ARN"]
    assert row.startswith("EXAMPLE session  Apple iPhone 15 Pro  iOS 17.5.1  RUNNING  ")
    assert re.search(r"  \d+[sm] +" + EXAMPLE_ARN + "$", row)
    found = json.loads(
        run(
            "--devicefarm-list",
            "--devicefarm-json",
            "--devicefarm-project=Example project",
            f"--devicefarm-endpoint-url={server.url}",
        ).out
    )
    assert [each["session"]["arn"] for each in found] == [EXAMPLE_ARN]
    assert found[0]["device"]["name"] == "Apple iPhone 15 Pro"
    found = json.loads(run("--devicefarm-list", "--devicefarm-json", f"--devicefarm-endpoint-url={server.url}").out)
    assert [each["name"] for each in found] == ["Example project"]
    assert run("--devicefarm-json").error_line == "ERROR: --devicefarm-json goes with --devicefarm-list"
    missing = run("--devicefarm-list", "--devicefarm-project=nope", f"--devicefarm-endpoint-url={server.url}")
    assert missing.error_line == "ERROR: no project is called 'nope': the nearest projects are 'Example project'"
    assert missing.code == 4


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_the_emulator_inside_the_run(run, pytester, monkeypatch, dist):
    """--devicefarm-emulator needs no account, even where the environment's AWS set-up is broken; workers reach it too."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    pytester.makepyfile(
        """
        def test_it(devicefarm_session, devicefarm_client):
            answer = devicefarm_client.get_remote_access_session(arn=devicefarm_session.arn)
            assert answer["remoteAccessSession"]["status"] == "RUNNING"
        """
    )
    result = run(*dist, "--devicefarm-emulator")
    assert result.code == 0, result.out + result.err
    assert result.properties("test_it")["devicefarm.session.arn"] == EXAMPLE_ARN


def test_an_unknown_scenario_is_one_line(run, pytester):
    """The error lists the scenarios there are."""
    result = run("--devicefarm-scenario=nope")
    assert result.error_line.startswith("ERROR: --devicefarm-scenario: no scenario 'nope': take ")
    assert result.code == 4


def test_modules_import_in_one_direction():
    """model imports errors only; farm and report import model; run imports farm and model; nothing imports plugin."""
    import ast
    from pathlib import Path

    import pytest_devicefarm

    root = Path(pytest_devicefarm.__file__).parent
    everywhere = {"errors", "settings", "options"}
    allowed = {
        "model": {"errors"},
        "farm": everywhere | {"model"},
        "report": everywhere | {"model"},
        "run": everywhere | {"model", "farm"},
        "driver": everywhere | {"model", "farm", "stash", "pytest_internals"},
        "emulator": set(),
    }
    for path in root.rglob("*.py"):
        package, *rest = path.relative_to(root).parts
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level > len(rest):
                names = [node.module.split(".")[0]] if node.module else [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pytest_devicefarm."):
                names = [node.module.split(".")[1]]
            else:
                continue
            assert "plugin" not in names, path
            if rest:
                assert set(names) <= allowed[package], f"{path}: {names}"
    imports_boto3 = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "emulator" not in path.parts
        and any(line.startswith(("import boto3", "from boto3")) for line in path.read_text().splitlines())
    ]
    assert imports_boto3 == ["farm/client.py"]


def test_without_a_terminal_reporter(run, emulator, pytester):
    """-p no:terminal: nothing is shown, and the exit code and the error line are as ever."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    ended = Scenario(sessions=(Session(steps=(Step("COMPLETED"),)),))
    result = run("-p", "no:terminal", against=emulator(ended))
    assert result.error_line.startswith(f"ERROR: session {EXAMPLE_ARN} ended before it was RUNNING: status COMPLETED")
    assert result.out == ""
    assert result.code == 69


def test_the_emulator_without_its_extra_is_one_line(run, pytester, monkeypatch):
    """Without werkzeug the error names the extra to install."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    (pytester.path / "hidden").mkdir()
    (pytester.path / "hidden/werkzeug.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "hidden"))
    result = run("--devicefarm-emulator")
    assert result.error_line == "ERROR: the emulator needs werkzeug: pip install 'pytest-devicefarm[emulator]'"
    assert result.code == 4


def test_somebody_elses_exit_is_theirs(run, pytester):
    """pytest.exit in a test keeps its exit code, also where there will be no session."""
    pytester.makepyfile(
        """
        import pytest, threading

        def test_free():
            while any(thread.name == "devicefarm-wait" for thread in threading.enumerate()): pass
        def test_exit(): pytest.exit("user asked", returncode=7)
        def test_it(devicefarm_session): pass
        """
    )
    result = run(f"--devicefarm-session={EXAMPLE_ARN}")
    assert "Exit: user asked" in result.out
    assert result.code == 7


@needs_xdist
def test_a_marker_put_on_late_counts(run, emulator, pytester):
    """A conftest may mark tests when all are collected; they go to the worker that drives the session."""
    pytester.makeconftest(
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items: item.add_marker(pytest.mark.devicefarm)
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", range(6))
        def test_it(request, n): assert request.getfixturevalue("devicefarm_device").name
        """
    )
    assert run("-n2", against=emulator(Scenario())).code == 0


def test_a_handle_cannot_be_written_to(run, emulator, pytester):
    """What one test would set, the next would see."""
    pytester.makepyfile(
        """
        import pytest

        def test_it(devicefarm_session):
            with pytest.raises(AttributeError, match="status is what Device Farm says of it: it cannot be set"):
                devicefarm_session.status = "BROKEN"
            assert "interaction_mode" in dir(devicefarm_session)
        """
    )
    assert run(against=emulator(Scenario())).code == 0
