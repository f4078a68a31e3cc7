"""JUnit XML: valid where a schema is asked for, read by others, with the files that CI systems show.

junit-10.xsd is the schema by which Jenkins's xUnit plugin judges reports (jenkinsci/xunit-plugin,
src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd, MIT licence), as it is in the source
distribution of pytest 9.0.2, testing/example_scripts/junit-10.xsd. It knows no properties of a testcase.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import DISTRIBUTIONS

from pytest_devicefarm.emulator import Scenario, Session, Step

SCHEMA = Path(__file__).with_name("junit-10.xsd")
TESTS = """
import pytest

def test_passed(devicefarm_session): pass
def test_failed(devicefarm_session):
    print("printed")
    assert 0
def test_skipped(devicefarm_session): pytest.skip("why not")
@pytest.fixture
def broken(devicefarm_session): raise RuntimeError
def test_broken(broken): pass
@pytest.fixture
def leaks(devicefarm_session):
    yield
    raise RuntimeError
def test_leaks(leaks): pass
"""


def schema():
    return pytest.importorskip("xmlschema").XMLSchema(SCHEMA)


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("junit", ["testsuite", "none"])
def test_jenkins_schema_holds(run, emulator, pytester, dist, junit):
    """--devicefarm-junit=testsuite and none make what Jenkins's schema takes, with output and an error of the run."""
    pytester.makepyfile(TESTS)
    result = run(*dist, f"--devicefarm-junit={junit}", "-o", "junit_logging=all", against=emulator(Scenario()))
    assert result.code == 1
    schema().validate(result.report)
    assert ("devicefarm.session.arn" in result.suite_properties) is (junit == "testsuite")
    assert len(result.testcases) == 5


def test_jenkins_schema_holds_without_a_session(run, emulator, pytester):
    """So does the report of a run that never had one."""
    pytester.makepyfile(TESTS)
    ended = Scenario(sessions=(Session(steps=(Step("COMPLETED"),)),))
    result = run("--devicefarm-junit=testsuite", against=emulator(ended))
    assert result.code == 69
    schema().validate(result.report)


def test_the_schema_can_refuse(run, emulator, pytester):
    """The schema has no properties of testcases: what `both` writes it refuses, so that it is known to look."""
    pytester.makepyfile(TESTS)
    result = run(against=emulator(Scenario()))
    assert not schema().is_valid(result.report)


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_junitparser_reads_it(run, emulator, pytester, dist, family):
    """With the properties on both, another reader finds tests, outcomes and properties."""
    junitparser = pytest.importorskip("junitparser")
    pytester.makepyfile(TESTS)
    result = run(*dist, "-o", f"junit_family={family}", against=emulator(Scenario()))
    (suite,) = junitparser.JUnitXml.fromfile(str(result.report))
    assert (suite.failures, suite.errors, suite.skipped) == (1, 2, 1)
    assert suite.tests == int(result.suite.attrib["tests"])  # pytest 8 counts a broken tear-down as one more
    assert "devicefarm.device.name" in {each.name for each in suite.properties()}
    for case in suite:
        names = {each.get("name") for each in case._elem.iter("property")}
        assert "devicefarm.session.arn" in names, case.name


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
def test_the_ini_key_chooses(run, emulator, pytester, dist):
    """Globs, one a line, for the suite and for tests; what tests and hooks wrote themselves is their own affair."""
    pytester.makeini("[pytest]\ndevicefarm_junit_properties =\n    devicefarm.device.name\n    *.status\n")
    pytester.makeconftest("def pytest_devicefarm_properties(): return {'mine.build': 42}")
    pytester.makepyfile("def test_it(devicefarm_session, record_property): record_property('own', 1)")
    result = run(*dist, against=emulator(Scenario()))
    assert set(result.suite_properties) == {
        "devicefarm.session.status",
        "devicefarm.device.name",
        "devicefarm.device.instance.status",
    }
    assert set(result.properties("test_it")) == {"devicefarm.device.name", "own"}


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize("variable", ["CI_PROJECT_DIR", "WORKSPACE", None])
def test_attachments_of_failures(run, emulator, pytester, monkeypatch, dist, variable):
    """A line for each file that is there, relative to what GitLab and Jenkins say is the project's directory."""
    for name in ("CI_PROJECT_DIR", "WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(pytester.path.parent))
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture
        def evidence(request):
            for name in ("there.txt", "there.png", "gone.png"):
                path = request.config.invocation_params.dir / name
                if name != "gone.png":
                    path.write_text("x")
                request.node.add_report_section("call", f"devicefarm {name[:-4]}", f"{path}\\nand what is in it")
            request.node.add_report_section("call", "devicefarm relative", "there.txt")
            request.node.add_report_section("call", "another", str(request.config.invocation_params.dir / "there.txt"))
        """
    )
    pytester.makepyfile(
        """
        def test_failed(devicefarm_session, evidence): assert 0
        def test_passed(devicefarm_session, evidence): pass
        def test_free(evidence): assert 0
        """
    )
    cases = run(*dist, against=emulator(Scenario())).testcases
    folder = f"{pytester.path.name}/" if variable else ""
    lines = [f"[[ATTACHMENT|{folder}there.png]]", f"[[ATTACHMENT|{folder}there.txt]]"]
    assert cases["test_failed"].findtext("system-out").splitlines()[1:] == lines
    assert cases["test_free"].findtext("system-out").splitlines() == lines
    assert "ATTACHMENT" not in (cases["test_passed"].findtext("system-out") or "")


@pytest.mark.parametrize("dist", DISTRIBUTIONS)
@pytest.mark.parametrize(
    ("fields", "price", "cost"),
    [
        ({"deviceMinutes": {"total": 4.0, "metered": 3.0, "unmetered": 1.0}}, None, "0.51"),
        ({"deviceMinutes": {"total": 4.0, "metered": 3.0, "unmetered": 1.0}}, "1.5", "4.50"),
        ({"deviceMinutes": {"total": 4.0, "metered": 3.0}, "billingMethod": "UNMETERED"}, None, "0.00"),
    ],
)
def test_the_suite_says_what_it_cost(run, emulator, pytester, dist, fields, price, cost):
    """Metered minutes by the ini key's price; what costs nothing says so."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    options = ("-o", f"devicefarm_price_per_minute={price}") if price else ()
    result = run(*dist, *options, against=emulator(Scenario(sessions=(Session(fields=fields),))))
    assert result.suite_properties["devicefarm.cost"] == cost


@pytest.mark.parametrize(("remaining", "cost"), [(0.0, "0.51"), (12.0, "0.00")])
def test_trial_minutes_cost_nothing(run, emulator, pytester, remaining, cost):
    """As long as the account has trial minutes, metered ones are free; where it may not be asked, they are not."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    session = Session(fields={"deviceMinutes": {"total": 3.0, "metered": 3.0}})
    account = {"trialMinutes": {"total": 1000.0, "remaining": remaining}}
    server = emulator(Scenario(sessions=(session,), account=account))
    assert run(against=server).suite_properties["devicefarm.cost"] == cost
    denied = {"Effect": "Deny", "Action": "devicefarm:GetAccountSettings", "Resource": "*"}
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed, denied]}
    server = emulator(Scenario(sessions=(session,), account=account, iam=policy))
    result = run(against=server)
    assert result.suite_properties["devicefarm.cost"] == "0.51"
    assert result.code == 0
    assert "GetAccountSettings" not in result.out + result.err
