"""Downloading artifacts from the emulator, on a clock that only the test moves on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest

from pytest_devicefarm.emulator import Artifact, Clock, Emulator, Fault, Scenario, Session, Step
from pytest_devicefarm.errors import ConfigurationError, UnavailableError
from pytest_devicefarm.farm.artifacts import Collector, Source, show_size, source_of
from pytest_devicefarm.farm.service import Service
from pytest_devicefarm.model.session import RemoteAccessSession
from pytest_devicefarm.settings import ClientSettings

ENDED = (Step("RUNNING", 5), Step("COMPLETED"))


class Time:
    """The collector's time: whoever sleeps moves it on, and the emulator's with it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.cancelled = False
        self.asleep = Event()

    def monotonic(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self.asleep.set()
        if not self.cancelled:
            self._clock.advance(max(seconds, 0.0))


class Farm:
    """An emulator with one session that ended long ago, and a collector of its artifacts."""

    def __init__(self, emulator: Emulator, clock: Clock, root: Path) -> None:
        self.emulator = emulator
        self.time = Time(clock)
        self.root = root
        self.progress: list[str] = []
        self.collector = self.again()

    def again(self, *, timeout: float = 600.0, most: int = 10**6) -> Collector:
        service = Service(ClientSettings(endpoint_url=self.emulator.url, emulated=True))
        self.collector = Collector(
            service,
            self.root,
            timeout=timeout,
            most=most,
            clock=self.time,  # type: ignore[arg-type]
            progress=self.progress.append,
        )
        return self.collector

    def collect(self, *, ended: bool = True, recorded: bool = False) -> Counter[str]:
        """How many files of which type there are afterwards."""
        source = Source(self.emulator.default_session_arn, "1-phone", "Phone", ended, recorded)
        return Counter(each.type for each in self.collector.collect([source]))

    @property
    def failures(self) -> list[str]:
        return [str(each) for each in self.collector.failures]

    def files(self) -> set[str]:
        return {path.name for path in self.root.rglob("*") if path.is_file()}


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Callable[..., Farm]]:
    """Make farms: `farm(*artifacts, faults=...)`."""
    with ExitStack() as stack:

        def make(*artifacts: Artifact, steps: tuple[Step, ...] = ENDED, mode: str = "NO_VIDEO", **more: object) -> Farm:
            clock = Clock(speed=0)
            session = Session(steps=steps, fields={"interactionMode": mode})
            scenario = Scenario(sessions=(session,), artifacts=artifacts, rate_limits=False, **more)  # type: ignore[arg-type]
            emulator = stack.enter_context(Emulator(scenario, clock=clock))
            clock.advance(10)
            return Farm(emulator, clock, tmp_path / f"artifacts-{len(list(tmp_path.iterdir()))}")

        yield make


def test_all_types_and_pages_are_downloaded(farm):
    """Of FILE, LOG and SCREENSHOT, several pages each; a type that nobody knows is kept as it is."""
    made = farm(Artifact(count=5), Artifact("Notes", "FILE", "SOMETHING_NEW", "bin", count=3, size=9), page_size=2)
    assert made.collect() == {"DEVICE_LOG": 1, "APPIUM_SERVER_OUTPUT": 1, "SCREENSHOT": 5, "SOMETHING_NEW": 3}
    assert made.failures == []
    folder = made.root / "1-phone"
    assert (folder / "notes-2.bin").read_bytes() == bytes(9)
    assert (folder / "screenshot-5.png").read_bytes().startswith(b"\x89PNG")
    assert made.files() == {
        "artifacts.json",
        "syslog.syslog",
        "appium-server-output.log",
        *(f"notes-{number}.bin" for number in (1, 2, 3)),
        *(f"screenshot-{number}.png" for number in (1, 2, 3, 4, 5)),
    }
    assert made.progress[-1].startswith("artifacts: 10 of 10, ")


def test_a_late_video_is_waited_for(farm):
    """As long as it may come, and not a moment longer than until it is there."""
    made = farm(mode="VIDEO_ONLY", video_seconds=300)
    assert made.collect(recorded=True)["VIDEO"] == 1
    assert 300 <= made.time.monotonic() <= 300 + 5 + 20
    assert (made.collector.late, made.failures) == ([], [])


def test_a_video_that_does_not_come_is_late(farm):
    """The wait ends at its bound; all else is there."""
    made = farm(mode="VIDEO_ONLY", video_seconds=3000)
    made.again(timeout=120)
    assert made.collect(recorded=True) == {"DEVICE_LOG": 1, "APPIUM_SERVER_OUTPUT": 1}
    assert [each.label for each in made.collector.late] == ["Phone"]
    assert made.time.monotonic() == pytest.approx(130, abs=1)


def test_nothing_is_waited_for_where_nothing_comes(farm):
    """Neither a video of a session that has none, nor anything of one that runs: then it is what there is."""
    made = farm()
    made.collect()
    assert made.time.monotonic() < 13
    running = farm(steps=(Step("RUNNING"),))
    assert running.collect(ended=False) == {"APPIUM_SERVER_LOG_OUTPUT": 1}
    assert running.time.monotonic() < 13


def test_what_comes_while_others_are_downloaded_is_taken(farm):
    """The list is looked at until it brings nothing new."""
    made = farm(Artifact("Late", "FILE", "REPORT", "bin", count=3, seconds=60), mode="VIDEO_ONLY", video_seconds=90)
    assert made.collect(recorded=True)["REPORT"] == 3


def test_artifacts_that_fail_leave_the_others(farm):
    """One error for alike ones, which counts them, names some and says why; nothing half-written."""
    bad = [
        Artifact("Bad", "FILE", "X", "bin", count=10, fault="unavailable"),
        Artifact("Gone", "FILE", "X", "bin", fault="missing"),
        Artifact("Cut", "FILE", "X", "bin", fault="cut"),
        Artifact("Big", "FILE", "X", "bin", size=2000),
    ]
    made = farm(Artifact(count=4), *bad)
    made.again(most=1500)
    assert made.collect() == {"DEVICE_LOG": 1, "APPIUM_SERVER_OUTPUT": 1, "SCREENSHOT": 4}
    assert sorted(made.failures) == [
        "10 artifacts of Phone could not be downloaded (Bad 1, Bad 10, Bad 2, ...): HTTP 503",
        "an artifact of Phone could not be downloaded (Big): it has 2000 bytes, more than the 1500 of ini "
        "devicefarm_artifacts_max_size",
        "an artifact of Phone could not be downloaded (Cut): it broke off after 500 of 1001 bytes",
        "an artifact of Phone could not be downloaded (Gone): HTTP 404",
    ]
    assert {type(each) for each in made.collector.failures} == {UnavailableError}
    assert not [name for name in made.files() if "part" in name or name.startswith(("bad", "gone", "cut", "big"))]


def test_a_download_that_never_ends_is_ended(farm):
    """At the bound; what is there stays."""
    made = farm(Artifact(count=2), Artifact("Endless", "FILE", "X", "bin", fault="endless"))
    made.again(timeout=30)
    real = made.collector._work

    def work(seconds: float) -> None:
        """No time goes by until the others are there."""
        real(0.0)
        if sum(name.endswith(".png") for name in made.files()) == 2:
            made.time.sleep(seconds)

    made.collector._work = work  # type: ignore[method-assign]
    assert made.collect()["SCREENSHOT"] == 2
    assert made.failures == ["an artifact of Phone could not be downloaded (Endless): not done within 30s"]
    assert not [name for name in made.files() if "endless" in name]


def test_what_is_there_already_is_not_downloaded_again(farm):
    """By a later run or `fetch`; except for the log of a session that runs on."""
    made = farm(Artifact(count=3))
    made.collect()
    before = made.collector.size
    assert before > 0
    (made.root / "1-phone/screenshot-2.png").unlink()
    made.again()
    assert made.collect()["SCREENSHOT"] == 3
    assert 0 < made.collector.size < before
    running = farm(steps=(Step("RUNNING"),))
    running.collect(ended=False)
    running.again()
    running.collect(ended=False)
    assert running.collector.size > 0


def test_a_list_that_heals_is_asked_again(farm):
    """Throttling of every second call, and the like, cost nothing."""
    made = farm(faults=(Fault("ListArtifacts", "throttling", {"every": 2}), Fault("ListArtifacts", "drop", [1, 3])))
    assert made.collect() == {"DEVICE_LOG": 1, "APPIUM_SERVER_OUTPUT": 1}
    assert made.failures == []


@pytest.mark.parametrize(
    ("kind", "error", "seconds", "text"),
    [
        ("access-denied", ConfigurationError, 1, "not authorized to perform: devicefarm:ListArtifacts"),
        ("server-error", UnavailableError, 61, "InternalServiceException"),
        ("garbage", UnavailableError, 61, "the answer could not be read (KeyError)"),
    ],
)
def test_a_list_that_cannot_be_had_is_one_error(farm, kind, error, seconds, text):
    """After a minute, or at once where trying again is of no use."""
    made = farm(faults=(Fault("ListArtifacts", kind),))
    assert made.collect() == {}
    (failure,) = made.collector.failures
    assert isinstance(failure, error)
    assert str(failure).startswith("artifacts of Phone could not be had: listing them: ")
    assert text in str(failure)
    assert made.time.monotonic() == pytest.approx(10 + seconds, abs=1.1)


def test_an_interruption_ends_it(farm):
    """No further wait, and each file that is missing is told."""
    made = farm(mode="VIDEO_ONLY", video_seconds=3000)
    made.time.cancelled = True
    assert made.collect(recorded=True) == {}
    assert made.emulator.calls == []


def test_a_folder_that_cannot_be_written_is_told_once(farm):
    """As the user's to change, with its name."""
    made = farm(Artifact(count=3))
    made.root.write_text("a file")
    assert made.collect() == {}
    (failure,) = made.collector.failures
    assert isinstance(failure, ConfigurationError)
    assert "5 artifacts of Phone could not be downloaded" in str(failure)
    assert "1-phone cannot be made: Not a directory" in str(failure)


def test_no_url_is_in_anything_that_stays(farm, caplog):
    """Presigned URLs are credentials: neither in the list beside the files nor in a log."""
    caplog.set_level("DEBUG", logger="urllib3")
    made = farm(Artifact(fault="unavailable"))
    made.collect()
    assert "Signature" not in (made.root / "1-phone/artifacts.json").read_text() + caplog.text + "".join(made.failures)


@pytest.mark.parametrize(
    ("fields", "ended", "recorded"),
    [
        ({"status": "COMPLETED", "started": 1, "interactionMode": "VIDEO_ONLY"}, True, True),
        ({"status": "STOPPING", "started": 1, "interactionMode": "INTERACTIVE"}, True, True),
        ({"status": "COMPLETED", "started": 1}, True, True),
        ({"status": "COMPLETED", "started": 1, "interactionMode": "NO_VIDEO"}, True, False),
        ({"status": "COMPLETED", "interactionMode": "VIDEO_ONLY"}, False, False),
        ({"status": "RUNNING", "started": 1, "interactionMode": "VIDEO_ONLY"}, False, False),
    ],
)
def test_what_may_come_of_a_session(fields, ended, recorded):
    """Of one that has ended on its device all; of one that runs, or never came so far, what there is."""
    session = RemoteAccessSession.from_response({"arn": "arn:x", "device": {"name": "Big\nPhone"}, **fields})
    assert source_of(session, "3") == Source("arn:x", "3-big-phone", "Big\\nPhone", ended, recorded)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1234, "1.23 kB"), (10**6, "1 MB"), (5 * 10**12, "5e+03 GB")]
)
def test_sizes_for_people(size, text):
    """Three digits."""
    assert show_size(size) == text
