"""Scenarios as TOML."""

from pathlib import Path

import pytest

from pytest_devicefarm.emulator import (
    Device,
    Emulator,
    Fault,
    Project,
    Scenario,
    ScenarioError,
    Session,
    Step,
    Upload,
    load_scenario,
    scenario_names,
)

EVERYTHING = """
page_size = 3
speed = 2
catalogue = false
metered_slots = 5
rate_limits = false
stop_seconds = 1.5
upload_seconds = 2
video_seconds = 3
busy_seconds = 4
[account]
skipAppResign = true
[[boot]]
status = "PREPARING"
seconds = 9
[[boot]]
status = "RUNNING"
[[device]]
arn = "arn:aws:devicefarm:us-west-2::device:mine"
name = "mine"
fields = { os = "1" }
[[upload]]
arn = "arn:aws:devicefarm:us-west-2:123456789101:upload:mine"
name = "mine.apk"
type = "ANDROID_APP"
project = "Mine"
fields = { status = "FAILED" }
[[session]]
arn = "arn:aws:devicefarm:us-west-2:123456789101:session:mine"
name = "mine"
project = "Mine"
omit = ["device.cpu"]
endpoint_bad_answers = 2
from_first_read = true
unchecked = true
limits = true
tags = { team = "a" }
[session.fields]
interactionMode = "VIDEO_ONLY"
[[session.step]]
status = "PENDING"
seconds = 1
[[session.step]]
status = "RUNNING"
fields = { message = "hello" }
[[project]]
arn = "arn:aws:devicefarm:us-west-2:123456789101:project:mine"
name = "Mine"
[project.fields]
defaultJobTimeoutMinutes = 5
[[fault]]
operation = "*"
kind = "slow"
calls = { every = 3 }
message = "m"
seconds = 0.5
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_file_says_all_that_python_can(tmp_path: Path) -> None:
    """Every attribute of the dataclasses has its key."""
    assert load_scenario(write(tmp_path, EVERYTHING)) == Scenario(
        sessions=(
            Session(
                arn="arn:aws:devicefarm:us-west-2:123456789101:session:mine",
                name="mine",
                fields={"interactionMode": "VIDEO_ONLY"},
                steps=(Step("PENDING", 1), Step("RUNNING", fields={"message": "hello"})),
                project="Mine",
                omit=("device.cpu",),
                endpoint_bad_answers=2,
                from_first_read=True,
                unchecked=True,
                limits=True,
                tags={"team": "a"},
            ),
        ),
        projects=(
            Project(
                "arn:aws:devicefarm:us-west-2:123456789101:project:mine",
                "Mine",
                {"defaultJobTimeoutMinutes": 5},
            ),
        ),
        faults=(Fault("*", "slow", {"every": 3}, "m", 0.5),),
        page_size=3,
        speed=2,
        devices=(Device("arn:aws:devicefarm:us-west-2::device:mine", "mine", {"os": "1"}),),
        uploads=(
            Upload(
                "arn:aws:devicefarm:us-west-2:123456789101:upload:mine",
                "mine.apk",
                "ANDROID_APP",
                "Mine",
                {"status": "FAILED"},
            ),
        ),
        catalogue=False,
        boot=(Step("PREPARING", 9), Step("RUNNING")),
        account={"skipAppResign": True},
        metered_slots=5,
        rate_limits=False,
        stop_seconds=1.5,
        upload_seconds=2,
        video_seconds=3,
        busy_seconds=4,
    )


def test_an_empty_file_is_the_default_session(tmp_path: Path) -> None:
    """Nothing said is the reference page's session, RUNNING."""
    assert load_scenario(write(tmp_path, "")) == Scenario()


def test_shipped_scenarios_load_by_name() -> None:
    """All that the package carries can be played, and these are there."""
    assert scenario_names() == [
        "dies-mid-run",
        "ends-early",
        "flaky-network",
        "interactive",
        "pool",
        "queued",
        "ready",
        "slow-start",
        "throttled",
    ]
    for name in scenario_names():
        Emulator(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sessions = []", "sessions: unknown key; allowed: session, project, fault, page_size, speed"),
        ("page_size = true", "page_size: must be a whole number, not True"),
        ("page_size = 0", "page_size must be 1 or more, not 0"),
        ("speed = -1", "speed must be 0 (stepped by hand) or more, not -1"),
        ("session = 1", "session: must be tables: [[session]], not 1"),
        ("[[session]]\nname = 1", "session[1].name: must be a string, not 1"),
        (
            '[[session]]\n[[session.step]]\nstatus = "RUNNING"\nsecond = 1',
            "session[1].step[1].second: unknown key; allowed: status, seconds, fields",
        ),
        (
            "[[session]]\n[[session.step]]\nseconds = 1",
            "session[1].step[1]: needs status; allowed: status, seconds, fields",
        ),
        (
            "[[fault]]",
            "fault[1]: needs operation and kind; allowed: operation, kind, calls, message, seconds",
        ),
        ("stop_seconds = -1", "stop_seconds must be 0 or more, not -1"),
        ("boot = []", "boot needs at least one step"),
        ("[[device]]", "device[1]: needs arn and name; allowed: arn, name, fields"),
        ("[[session]]\ntags = { a = 1 }", "session[1].tags: must be a table of strings, not {'a': 1}"),
        ('[[upload]]\nproject = "x"', "there is no project 'x', only: Example project"),
        ("[[session]]\nunchecked = 1", "session[1].unchecked: must be true or false, not 1"),
        ("[[session]]\nstep = []", "needs at least one step"),
        ("x", "not TOML: "),
    ],
)
def test_errors_name_file_key_and_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    """One line for each mistake."""
    path = write(tmp_path, text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert "\n" not in message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is not there, and one that is no text, are told in one line."""
    with pytest.raises(ScenarioError, match=r"none\.toml: cannot be read: No such file or directory$"):
        load_scenario(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    with pytest.raises(ScenarioError, match=r"binary\.toml: cannot be read: not UTF-8 text$"):
        load_scenario(tmp_path / "binary.toml")
