"""pytest-html's page, as a browser shows it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .conftest import PAGE

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
    """For docs/reports.md: DEVICEFARM_TEST_PICTURE says where it goes."""
    if target := os.environ.get("DEVICEFARM_TEST_PICTURE"):
        browser.driver.execute_script("document.querySelector('#environment-header').click(); scrollTo(0, 0)")
        browser.driver.save_screenshot(target)


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
