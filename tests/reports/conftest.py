"""A pool of two phones, a suite that fails on both, and what its reports say of it."""

from __future__ import annotations

import base64
import html
import json
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from conftest import EXAMPLE_ARN, Run

from pytest_devicefarm.emulator import Emulator, Scenario, Session

PHONE = f"{EXAMPLE_ARN.rpartition(':')[0]}:P/PHONE/00000"
TABLET = f"{EXAMPLE_ARN.rpartition(':')[0]}:P/TABLET/00000"
PAGE = "https://us-west-2.console.aws.amazon.com/devicefarm/home#/mobile/projects/P/sessions/{}/00000"
MINUTES = {"total": 4.0, "metered": 3.0, "unmetered": 1.0}

#: Which phone runs what is settled by what the tests need, so that every run tells the same.
SUITE = """
import pytest

on_phone = pytest.mark.devicefarm(platform="IOS")
on_tablet = pytest.mark.devicefarm(platform="ANDROID")

@on_phone
def test_phone(devicefarm_session): pass
@on_phone
def test_phone_fails(devicefarm_session):
    print("tapping <b>on</b> it")
    assert devicefarm_session.name == "other"
@on_phone
def test_phone_skips(devicefarm_session): pytest.skip("why not")
@on_phone
@pytest.mark.xfail
def test_phone_expected(devicefarm_session): assert 0
@pytest.fixture
def broken(devicefarm_session): raise RuntimeError("set-up broke")
@on_phone
def test_phone_broken(broken): pass
@on_tablet
def test_tablet(devicefarm_device): pass
@on_tablet
def test_tablet_fails(devicefarm_device): raise ValueError("no such button")
def test_free(): pass
def test_free_fails(): assert 0
"""

#: As `devicefarm_driver` does: a screenshot of each failure, named in a section of the test's report.
EVIDENCE = """
import base64
import pytest

PICTURE = base64.b64decode({picture})

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        return (yield)
    except AssertionError:
        folder = item.config.invocation_params.dir / "devicefarm-artifacts" / item.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "screenshot.png").write_bytes(PICTURE)
        if "free" not in item.name and "expected" not in item.name:
            item.add_report_section("call", "devicefarm screenshot", str(folder / "screenshot.png"))
        raise
"""


def picture(width: int = 90, height: int = 160, colour: bytes = b"\x20\x60\xc0") -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + colour * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def two_phones(**fields: Any) -> Scenario:
    """An iPhone and an Android tablet that run; ``fields`` are merged over both."""
    tablet = {"name": "Galaxy Tab S9", "platform": "ANDROID", "os": "14", "formFactor": "TABLET"}
    ended = {"deviceMinutes": MINUTES, "interactionMode": "VIDEO_ONLY"}
    return Scenario(
        sessions=(
            Session(arn=PHONE, name="phone", fields={**ended, **fields}),
            Session(arn=TABLET, name="tablet", fields={**ended, "device": tablet, **fields}),
        )
    )


@dataclass
class PoolRun:
    """One run of the suite, with every report."""

    run: Run
    folder: Path

    @property
    def html(self) -> dict[str, Any]:
        """The data of pytest-html's page."""
        page = (self.folder / "out/report.html").read_text("utf-8")
        blob = page.partition('data-jsonblob="')[2].partition('"')[0]
        found: dict[str, Any] = json.loads(html.unescape(blob))
        return found

    @property
    def allure(self) -> list[dict[str, Any]]:
        return [json.loads(each.read_text("utf-8")) for each in (self.folder / "allure").glob("*-result.json")]

    @property
    def summary(self) -> str:
        return (self.folder / "summary.md").read_text("utf-8")

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "log.json").read_text("utf-8").splitlines()]


@pytest.fixture
def pool_run(
    run: Callable[..., Run], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, emulator: Any
) -> Callable[..., PoolRun]:
    """Run the suite on both phones, with every report there is."""

    def start(
        *args: str,
        scenario: Scenario | None = None,
        sessions: tuple[str, ...] = (PHONE, TABLET),
        dist: str = "-n2",
        suite: str = SUITE,
        hooks: str = "",
    ) -> PoolRun:
        pytester.makepyfile(test_suite=suite)
        pytester.makeconftest(EVIDENCE.format(picture=base64.b64encode(picture())) + dedent(hooks))
        server: Emulator = emulator(scenario or two_phones())
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "summary.md"))
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        found = run(
            *([dist] if dist else []),
            "--html=out/report.html",
            "--alluredir=allure",
            "--report-log=log.json",
            *(f"--devicefarm-session={each}" for each in sessions[:-1]),
            *args,
            against=server,
            session=sessions[-1],
        )
        return PoolRun(found, pytester.path)

    for tool in ("pytest_html", "allure_pytest", "pytest_metadata", "pytest_reportlog", "xdist"):
        pytest.importorskip(tool)
    return start


@dataclass
class Browser:
    """Chromium without a window."""

    driver: Any

    def open(self, page: Path) -> None:
        self.driver.get(page.as_uri())

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        found: list[Any] = self.driver.find_elements("css selector", selector)
        return found

    def rows(self) -> dict[str, str]:
        """The tests that are to be seen, in their order, with their devices."""
        visible = [row for row in self.all("#results-table tbody") if row.is_displayed()]
        return {
            row.find_element("css selector", ".col-testId").text.rpartition("::test_")[2]: row.find_element(
                "css selector", ".col-device"
            ).text
            for row in visible
        }

    def requests(self) -> list[str]:
        """The URLs that were asked for, the page's own first."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if url != "about:blank"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's packages: ``apt-get install -y chromium chromium-driver``."""
    selenium = pytest.importorskip("selenium.webdriver")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed (apt-get install chromium chromium-driver)")
    options = selenium.ChromeOptions()
    options.binary_location = program
    # Root has no sandbox, a container's /dev/shm is small, and nothing but the page may ask for anything.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"):
        options.add_argument(argument)
    options.add_argument("--window-size=1200,1000")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    started = selenium.Chrome(options=options, service=selenium.ChromeService(driver))
    yield started
    started.quit()


@pytest.fixture
def browser(chromium: Any) -> Browser:
    chromium.get("about:blank")
    chromium.get_log("performance")  # what was logged before is somebody else's
    chromium.get_log("browser")
    return Browser(chromium)
