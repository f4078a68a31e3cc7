"""The video behind a failure's link, as a browser plays it."""

from __future__ import annotations

import base64

import pytest

from pytest_devicefarm.emulator import Scenario, Session
from pytest_devicefarm.emulator.movie import GLYPHS, HEIGHT, WIDTH, clock_face, movie
from pytest_devicefarm.model.artifact import Span

#: Of a video's element, once the frame at its place is there: its place, its size, its length.
PLACE = """
const done = arguments[arguments.length - 1], video = arguments[0];
const tell = () => video.readyState >= 2 && !video.seeking
    ? done([video.currentTime, video.videoWidth, video.videoHeight, video.duration, video.paused])
    : setTimeout(tell, 50);
video.preload = "auto";
video.onerror = () => done(video.error.message);
tell();
"""
#: The brightness of each pixel of the frame that is shown.
PIXELS = """
const canvas = document.createElement("canvas"), video = arguments[0];
[canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
const context = canvas.getContext("2d");
context.drawImage(video, 0, 0);
return Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data).filter((_, index) => index % 4 == 1);
"""


def shown(browser, content: bytes, fragment: str) -> str:
    """What the frame at a link's fragment shows."""
    page = f'<video src="data:video/mp4;base64,{base64.b64encode(content).decode()}#{fragment}"></video>'
    browser.driver.get("about:blank")
    browser.driver.execute_script("document.body.innerHTML = arguments[0]", page)
    video = browser.find("video")
    browser.driver.execute_async_script(PLACE, video)
    pixels = browser.driver.execute_script(PIXELS, video)
    assert len(pixels) == WIDTH * HEIGHT
    text = ""
    for left in range(0, WIDTH, 16):
        dots = tuple(
            sum((pixels[(3 + 4 * y) * WIDTH + left + 3 + 2 * x] > 128) << (4 - x) for x in range(5)) for y in range(7)
        )
        text += next((character for character, glyph in GLYPHS.items() if glyph == dots), "?")
    return text


@pytest.mark.parametrize("second", [0, 7, 59, 60, 89])
def test_the_emulators_video_plays(browser, second):
    """Any second of it can be gone to, and shows itself, also for a test that took no time."""
    assert shown(browser, movie(90), Span(second + 0.4, second + 0.4).fragment) == clock_face(second)


def test_a_failure_in_the_report_is_at_its_second(run, emulator, pytester, browser):
    """pytest-html's page shows the session's video, and it stands at the second in which the failed test began."""
    pytest.importorskip("pytest_html")
    pytester.makepyfile(
        """
        import time
        def test_passes(devicefarm_session): time.sleep(1.2)
        def test_fails(devicefarm_session):
            time.sleep(1.2)
            assert 0
        """
    )
    session = Session(fields={"interactionMode": "VIDEO_ONLY"})
    server = emulator(Scenario(sessions=(session,), video_seconds=0, stop_seconds=0.1))
    server.clock.advance(62)
    result = run(
        *("--html=out/report.html", "--devicefarm-artifacts=on", "--devicefarm-stop", "--devicefarm-xcuitest=off"),
        against=server,
    )
    assert result.code == 1
    said = result.properties("test_fails")
    start = float(said["devicefarm.test.started"])
    assert start >= 62
    browser.open(pytester.path / "out/report.html")
    video = browser.find(".devicefarm-files video")
    link = video.get_attribute("src")
    (file,) = (pytester.path / "devicefarm-artifacts").glob("*/video.mp4")
    fragment = f"t={said['devicefarm.test.started']},{said['devicefarm.test.ended']}"
    assert link == f"{file.as_uri()}#{fragment}"
    place, width, height, length, paused = browser.driver.execute_async_script(PLACE, video)
    assert place == pytest.approx(start, abs=0.05)
    assert (width, height, paused) == (WIDTH, HEIGHT, True)
    assert length > start
    assert shown(browser, file.read_bytes(), fragment) == clock_face(int(start))
