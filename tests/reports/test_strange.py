"""Names and messages of any characters: every report is well-formed, and nothing is executed."""

from __future__ import annotations

import pytest

from pytest_devicefarm.model.text import printable

from .conftest import two_phones
from .samples import STRANGE

SUITE = """
import pytest

@pytest.mark.devicefarm(platform="IOS")
def test_fails(devicefarm_session):
    raise ValueError(devicefarm_session.message.replace("\\ud800", ""))  # of which allure-pytest itself dies
@pytest.mark.devicefarm(platform="ANDROID")
def test_passes(devicefarm_session): pass
"""


@pytest.mark.parametrize("dist", ["", "-n2"])
def test_every_report_is_well_formed(pool_run, browser, dist):
    """Markup, the end of CDATA, controls, emoji, right-to-left and 10,000 characters, in every text of the service."""
    device = {"name": STRANGE, "manufacturer": STRANGE, "os": STRANGE, "carrier": STRANGE}
    scenario = two_phones(name=STRANGE, message=STRANGE)
    sessions = tuple(
        each.__class__(
            **{
                **vars(each),
                "fields": {**each.fields, "device": {**each.fields.get("device", {}), **device}},
                "unchecked": True,
            }
        )
        for each in scenario.sessions
    )
    result = pool_run(scenario=scenario.__class__(sessions=sessions), suite=SUITE, dist=dist)
    assert result.run.code == 1, result.run.err

    said = result.run.properties("test_fails")
    assert said["devicefarm.device.name"].startswith("<script>document.title='pwned'</script>")
    assert r"\x00\x1b[31m\u202e\ud800" in said["devicefarm.device.name"]
    assert len(said["devicefarm.device.name"]) > 10_000
    assert "pwned" in result.run.testcases["test_fails"].findtext("system-out")

    browser.open(result.folder / "out/report.html")
    assert browser.driver.title == "report.html"
    cells = [cell.text for cell in browser.all("#results-table .col-device")]
    assert any(cell.startswith("<script>document.title='pwned'</script>") for cell in cells)
    assert max(map(len, cells)) <= 120
    assert "<img src=x" in browser.find("#devicefarm").text
    assert "<script>" in browser.find("#environment").text
    browser.find('th[data-column-type="device"]').click()
    browser.find("#devicefarm input").click()
    browser.driver.execute_async_script("setTimeout(arguments[0], 200)")  # an image that fails says so a bit later
    assert browser.driver.title == "report.html"
    assert {url.partition(":")[0] for url in browser.requests()} == {"file"}
    assert not [url for url in browser.requests() if url.endswith("/x")]

    (failed,) = (each for each in result.allure if each["status"] == "broken")
    assert failed["parameters"][0]["value"].startswith("'<script>")
    environment = (result.folder / "allure/environment.properties").read_bytes()
    assert all(0x20 <= byte < 0x7F or byte == 0x0A for byte in environment)
    lines = environment.decode().splitlines()
    assert all(line.startswith("devicefarm.") for line in lines), "a value went on in the next line"
    assert [each for each in result.log if each.get("$report_type") == "TestReport"]
    rows = [line for line in result.summary.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    assert len(rows) == 2 + 2 + 1  # two heads, two sessions, one failed test
    assert "<" not in result.summary
    commands = [line for line in result.run.out.splitlines() if line.startswith("::")]
    assert len(commands) == 1
    ours = result.run.out.partition("= AWS Device Farm =")[2].partition("- generated xml file:")[0]
    for output in (ours, result.summary):
        assert "pwned" in output
        assert not {"\x00", "\x1b", "\u202e"} & set(output)
    assert printable(result.summary.replace("\n", "")) == result.summary.replace("\n", "")
