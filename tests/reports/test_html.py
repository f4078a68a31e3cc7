"""pytest-html's page, as a browser shows it."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_devicefarm.model.artifact import Span
from pytest_devicefarm.report.html import HtmlHooks, files

from .conftest import PAGE, two_phones
from .samples import attachment, failed

PICTURE = os.environ.get("DEVICEFARM_TEST_PICTURE")  #: where to keep a picture of the page; runs do not see it
PHONES_TESTS = {"phone", "phone_fails", "phone_skips", "phone_expected", "phone_broken::setup"}
IPHONE, TABLET = "Apple iPhone 15 Pro (iOS 17.5.1)", "Galaxy Tab S9 (Android 14)"


def test_the_page_of_a_pool(pool_run, browser):
    """Filtered by device, sorted by device, the screenshot to be seen, links right, and no request to any host."""
    result = pool_run()
    assert result.run.code == 1, result.run.out
    browser.open(result.folder / "out/report.html")
    rows = browser.rows()
    assert {name for name, device in rows.items() if device == IPHONE} == PHONES_TESTS
    assert {name for name, device in rows.items() if device == TABLET} == {"tablet", "tablet_fails"}
    assert {name for name, device in rows.items() if not device} == {"free", "free_fails"}

    panel = [
        [cell.text for cell in row.find_elements("css selector", "td")] for row in browser.all("#devicefarm tbody tr")
    ]
    tests = "1 passed, 1 failed, 1 error, 1 skipped, 1 xfailed"
    common = ["RUNNING", "PENDING"]
    assert panel[0][:9] == [
        "1 Apple iPhone 15 Pro",
        "iOS 17.5.1",
        "1179x2556",
        "VIDEO_ONLY",
        *common,
        tests,
        "4",
        "0.51",
    ]
    assert panel[1][0] == "2 Galaxy Tab S9"
    assert panel[1][6] == "1 passed, 1 failed"
    links = [each.get_attribute("href") for each in browser.all("#devicefarm a")]
    assert links == [PAGE.format("PHONE"), PAGE.format("TABLET")]
    assert "Cost: 1.02 USD for 8 minutes at 0.17: " in browser.find("#devicefarm").text

    boxes = browser.all("#devicefarm input")
    boxes[0].click()
    assert set(browser.rows()) == {"tablet", "tablet_fails", "free", "free_fails"}
    browser.find('th[data-column-type="device"]').click()  # the table is drawn anew, and stays filtered
    assert list(browser.rows().values()) == ["", "", TABLET, TABLET]
    browser.find('th[data-column-type="device"]').click()
    assert list(browser.rows().values()) == [TABLET, TABLET, "", ""]
    boxes[1].click()
    assert set(browser.rows()) == {"free", "free_fails"}
    boxes[0].click()
    assert set(browser.rows()) == PHONES_TESTS | {"free", "free_fails"}
    boxes[1].click()

    images = browser.all(".devicefarm-files img")
    assert [image.is_displayed() for image in images] == [True]
    assert [image.get_property("naturalWidth") for image in images] == [90]
    assert [each.get_attribute("href") for each in browser.all(".devicefarm-files:has(img) a")] == [
        PAGE.format("PHONE"),
        (result.folder / "devicefarm-artifacts/test_phone_fails/screenshot.png").as_uri(),
    ]
    assert {url.partition(":")[0] for url in browser.requests()} == {"file"}
    assert not browser.driver.get_log("browser")
    keep_a_picture(browser)


def keep_a_picture(browser):
    """For docs/reports.md, without the environment and the logs, which have paths of this machine."""
    if PICTURE:
        browser.find("#environment-header").click()
        browser.driver.execute_script("for (each of document.querySelectorAll('.logwrapper')) each.remove()")
        browser.driver.set_window_size(1200, 1080)
        browser.driver.save_screenshot(PICTURE)


def test_a_self_contained_page(pool_run, browser, tmp_path):
    """Moved away from its files, the page still has the screenshot, in itself."""
    result = pool_run("--self-contained-html")
    moved = shutil.copy(result.folder / "out/report.html", tmp_path / "alone.html")
    shutil.rmtree(result.folder / "devicefarm-artifacts")
    browser.open(Path(moved))
    (image,) = browser.all(".devicefarm-files img")
    assert image.get_property("naturalWidth") == 90
    assert image.is_displayed()
    assert {url.partition(":")[0] for url in browser.requests()} == {"file", "data"}


@pytest.mark.parametrize("dist", ["", "-n2"])
def test_one_session(pool_run, browser, dist):
    """With a single process as with workers: the same tests ran on the phone, and the page has both sessions."""
    result = pool_run(dist=dist)
    browser.open(result.folder / "out/report.html")
    rows = browser.rows()
    assert {name for name, device in rows.items() if device == IPHONE and "tablet" not in name} == PHONES_TESTS
    assert ("tablet::setup" in rows) is (not dist)  # which only a worker of its own could drive
    assert len(browser.all("#devicefarm tbody tr")) == 2


def test_a_row_that_somebody_takes_out_stays_out(pool_run):
    """A conftest that empties a row's cells is not given new ones."""
    hooks = """
        def pytest_html_results_table_row(report, cells):
            if report.passed:
                del cells[:]
    """
    tests = [test for each in pool_run(hooks=hooks).html["tests"].values() for test in each]
    assert {test["result"] for test in tests} == {"Failed", "Error", "Skipped", "XFailed"}
    assert {len(test["resultsTableRow"]) for test in tests} == {5}


def test_what_a_failure_left_behind(tmp_path):
    """A video begins at the test's seconds, a log shows the test's own lines, the rest is linked; all of it escaped."""
    video = attachment(tmp_path / "a/video <1>.mp4", "VIDEO", "Video", Span(2.5, 4))
    log = attachment(tmp_path / "a/device.log", "DEVICE_LOG", "Sys<b>log", Span(2.5, 4), "one\n<script>two\x1b[31m")
    other = attachment(tmp_path / "a/data.bin", "OTHER", "Data")
    shown = files(failed(1, (video, log, other)), lambda each: each.link(tmp_path))
    assert '<video src="a/video%20%3C1%3E.mp4#t=2.5,4" controls preload="metadata"></video>' in shown
    assert "<pre>one\n&lt;script&gt;two\\x1b[31m</pre>" in shown
    assert '<a href="a/device.log" target="_blank">Sys&lt;b&gt;log</a>' in shown
    assert '<a href="a/data.bin" target="_blank">Data</a>' in shown
    assert (
        '<a href="https://console.example/S1" target="_blank" rel="noopener noreferrer">Phone 1 (iOS 17.5.1)</a>'
        in shown
    )
    assert files(failed(1, said={}), lambda each: "") == ""


def test_what_is_too_large_is_linked(tmp_path, monkeypatch):
    """A self-contained page holds files up to a size; it links larger ones, and those that no browser shows."""
    monkeypatch.setattr("pytest_devicefarm.report.html._MOST_EMBEDDED", 5)
    hooks = HtmlHooks(tmp_path, embed=True)
    for name, content in (("a.png", b"small"), ("b.png", b"larger"), ("c.bin", b"x"), ("d.mp4", b"mp4")):
        (tmp_path / name).write_bytes(content)
    links = [
        hooks._link(attachment(tmp_path / name, kind, name, Span(1, 2) if kind == "VIDEO" else None))
        for name, kind in (("a.png", "SHOT"), ("b.png", "SHOT"), ("c.bin", "OTHER"), ("d.mp4", "VIDEO"))
    ]
    assert links == ["data:image/png;base64,c21hbGw=", "b.png", "c.bin", "data:video/mp4;base64,bXA0#t=1,2"]
    (tmp_path / "a.png").unlink()  # since it was found
    assert hooks._link(attachment(tmp_path / "a.png", "SHOT", "gone")) == "a.png"


def test_the_video_is_at_the_tests_second(pool_run, browser):
    """A failure on a recorded session shows its video, which the browser can play, at the second when the test began."""
    scenario = replace(two_phones(), stop_seconds=0.1, video_seconds=0.0)
    result = pool_run("--devicefarm-stop", "--devicefarm-artifacts=failure", scenario=scenario)
    assert result.run.code == 1, result.run.out
    browser.open(result.folder / "out/report.html")
    (begun,) = (
        float(dict(each["user_properties"])["devicefarm.test.started"])
        for each in result.log
        if each.get("when") == "teardown" and each["nodeid"].endswith("test_phone_fails")
    )
    (video,) = browser.all(".devicefarm-files:has(img) video")
    assert video.get_attribute("src").partition("#t=")[2].startswith(f"{begun:g},")
    seek = "let [video, done] = arguments; setInterval(() => video.readyState > 1 && done(video.currentTime), 50)"
    assert browser.driver.execute_async_script(seek, video) == pytest.approx(begun, abs=0.1)
    # The player's buttons are images in the browser.
    assert {url.partition(":")[0] for url in browser.requests()} <= {"file", "data"}
