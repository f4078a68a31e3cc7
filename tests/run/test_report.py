"""What the JUnit XML says, in one process and under xdist."""

from __future__ import annotations

import pytest
from _pytest.junitxml import bin_xml_escape  # older ones escape an emoji
from conftest import DISTRIBUTIONS, EXAMPLE_ARN

from pytest_devicefarm.emulator import Scenario, Session, Step

TESTCASE = {
    "devicefarm.session.arn": EXAMPLE_ARN,
    "devicefarm.session.name": "EXAMPLE session",
    "devicefarm.session.interaction_mode": "NO_VIDEO",
    "devicefarm.device.name": "Apple iPhone 15 Pro",
    "devicefarm.device.manufacturer": "Apple",
    "devicefarm.device.model": "Apple iPhone 15 Pro",
    "devicefarm.device.form_factor": "PHONE",
    "devicefarm.device.platform": "IOS",
    "devicefarm.device.os": "17.5.1",
}
both = pytest.mark.parametrize("dist", DISTRIBUTIONS)


@both
def test_each_test_that_used_the_session_says_its_device(run, emulator, pytester, dist):
    """Passed, failed, skipped, broken in set-up or tear-down, expected to fail, asked for it late: all say the device."""
    pytester.makepyfile(
        """
        import pytest

        def test_passed(devicefarm_session): pass
        def test_failed(devicefarm_session): assert 0
        def test_skipped_inside(devicefarm_session): pytest.skip("why not")
        @pytest.mark.xfail
        def test_expected(devicefarm_session): assert 0
        def test_device_only(devicefarm_device): assert devicefarm_device.platform == "IOS"
        @pytest.mark.usefixtures("devicefarm_session")
        def test_by_mark(): pass
        @pytest.fixture
        def wrapped(devicefarm_session): return devicefarm_session
        def test_through_a_fixture(wrapped): assert wrapped.arn
        @pytest.fixture
        def broken(devicefarm_session): raise RuntimeError
        def test_broken_setup(broken): pass
        @pytest.fixture
        def skips(devicefarm_session): pytest.skip("not here")
        def test_skipped_in_setup(skips): pass
        @pytest.fixture
        def leaks(devicefarm_session):
            yield
            raise RuntimeError
        def test_broken_teardown(leaks): pass
        @pytest.mark.devicefarm
        def test_late(request): assert request.getfixturevalue("devicefarm_session").arn
        @pytest.mark.devicefarm
        def test_late_device(request): assert request.getfixturevalue("devicefarm_device").name
        class TestClass:
            def test_method(self, devicefarm_session): pass

        @pytest.mark.skip
        def test_skipped_before(devicefarm_session): pass
        def test_other(): pass
        def test_client_only(devicefarm_client): pass
        """
    )
    result = run(*dist, against=emulator("ready"))
    said = {name: result.properties(name) for name in result.testcases}
    without = {"test_skipped_before", "test_other", "test_client_only"}
    assert {name for name, properties in said.items() if not properties} == without
    assert all(properties == TESTCASE for name, properties in said.items() if name not in without)
    assert len(said) == 16
    assert result.code == 1


@both
def test_the_suite_says_everything_once(run, emulator, pytester, dist):
    """The suite has the last reading: status, result and minutes after the last test, and every field of the device."""
    pytester.makepyfile("def test_it(devicefarm_session): pass")
    server = emulator(Scenario(sessions=(Session(omit=("instanceArn",)),)))
    result = run(*dist, against=server)
    suite = result.suite_properties
    assert suite["devicefarm.session.status"] == "RUNNING"
    assert suite["devicefarm.session.result"] == "PENDING"
    assert suite["devicefarm.device.resolution"] == "1179x2556"
    assert suite["devicefarm.session.skip_app_resign"] == "false"
    assert suite["devicefarm.session.vpc_config.subnet_ids"].count(",") == 1
    assert "devicefarm.session.instance_arn" not in suite
    assert not any("endpoint" in name for name in suite)
    assert result.code == 0


@both
def test_status_result_and_minutes_are_read_after_the_last_test(run, emulator, pytester, dist):
    """A session that ends while tests run is reported as it ended."""
    ended = Step(
        "COMPLETED", fields={"result": "PASSED", "deviceMinutes": {"total": 3.0, "metered": 2.5, "unmetered": 0.5}}
    )
    server = emulator(Scenario(sessions=(Session(steps=(Step("RUNNING", 1.0), ended), from_first_read=True),)))
    pytester.makepyfile(
        """
        def test_it(devicefarm_session, devicefarm_client):
            status = "RUNNING"
            while status == "RUNNING":
                answer = devicefarm_client.get_remote_access_session(arn=devicefarm_session.arn)
                status = answer["remoteAccessSession"]["status"]
        """
    )
    suite = run(*dist, against=server).suite_properties
    assert suite["devicefarm.session.status"] == "COMPLETED"
    assert suite["devicefarm.session.result"] == "PASSED"
    assert [suite[f"devicefarm.minutes.{name}"] for name in ("total", "metered", "unmetered")] == ["3", "2.5", "0.5"]


@pytest.mark.parametrize(
    ("junit", "testcase", "suite"),
    [("both", True, True), ("testcase", True, False), ("testsuite", False, True), ("none", False, False)],
)
def test_junit_option_says_where_properties_go(run, emulator, pytester, junit, testcase, suite):
    """--devicefarm-junit chooses the places; the user's own properties stay in any case."""
    pytester.makepyfile("def test_it(devicefarm_session, record_property): record_property('mine', 1)")
    result = run(f"--devicefarm-junit={junit}", against=emulator("ready"))
    assert bool(result.suite_properties) is suite
    assert result.properties("test_it") == ({**TESTCASE, "mine": "1"} if testcase else {"mine": "1"})


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
@pytest.mark.parametrize("logging", ["no", "system-out", "all"])
def test_a_failure_says_its_device_in_system_out(run, emulator, pytester, family, logging):
    """GitLab reads no properties, so a failed test has one system-out whose first line is the device."""
    pytester.makepyfile(
        """
        def test_failed(devicefarm_session):
            print("from the test")
            assert 0
        def test_passed(devicefarm_session): pass
        def test_other(): assert 0
        """
    )
    options = ("-o", f"junit_family={family}", "-o", f"junit_logging={logging}")
    cases = run(*options, against=emulator("ready")).testcases
    (out,) = cases["test_failed"].findall("system-out")
    assert out.text.splitlines()[0] == "AWS Device Farm: Apple iPhone 15 Pro (iOS 17.5.1)"
    assert ("from the test" in out.text) is (logging != "no")
    for name in ("test_passed", "test_other"):
        assert "AWS Device Farm" not in (cases[name].findtext("system-out") or "")


@both
def test_reruns_say_the_device_once(run, emulator, pytester, dist):
    """A test that is run again by pytest-rerunfailures has each property once."""
    pytest.importorskip("pytest_rerunfailures")
    pytester.makepyfile(
        """
        tries = []
        def test_flaky(devicefarm_session):
            tries.append(1)
            assert len(tries) == 3
        """
    )
    result = run(*dist, "--reruns=3", against=emulator("ready"))
    assert result.properties("test_flaky") == TESTCASE
    assert result.code == 0


@both
def test_strange_strings_make_a_correct_report(run, emulator, pytester, dist):
    """Control characters, lone surrogates, markup, emoji and right-to-left text reach the XML readable and whole."""
    name = "a\x00b\x1b[31m<script>]]>\u202e\ud800\U0001f600 \u05d0\ufffe" + "x" * 200
    fields = {"message": name, "device": {"name": name, "manufacturer": ""}}
    pytester.makepyfile("def test_it(devicefarm_session): assert 0")
    result = run(*dist, against=emulator(Scenario(sessions=(Session(name=name, fields=fields, unchecked=True),))))
    text = r"a\x00b\x1b[31m<script>]]>\u202e\ud800" + bin_xml_escape("\U0001f600") + " \u05d0" + r"\ufffe" + "x" * 200
    said = result.properties("test_it")
    assert said["devicefarm.device.name"] == said["devicefarm.session.name"] == text
    assert "devicefarm.device.manufacturer" not in said
    assert result.suite_properties["devicefarm.session.message"] == text
    assert result.code == 1


@pytest.mark.parametrize("fields", [{}, {"device": None}])
def test_a_response_without_a_device_is_reported_without_one(run, emulator, pytester, fields):
    """A session that lacks its device runs, with a warning of the XCUITest rule and without the device's properties."""
    session = Session(fields=fields, omit=() if fields else ("device",), unchecked=True)
    pytester.makepyfile("def test_it(devicefarm_session, devicefarm_device): assert devicefarm_device.name is None")
    result = run("--devicefarm-xcuitest=warn", against=emulator(Scenario(sessions=(session,))))
    assert result.code == 0, result.out + result.err
    assert not any(name.startswith("devicefarm.device.") for name in result.suite_properties)
    assert set(result.properties("test_it")) == {name for name in TESTCASE if "session" in name}
