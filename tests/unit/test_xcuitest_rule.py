"""model/xcuitest: the table of DESIGN section 4, every cell of it."""

from __future__ import annotations

import pytest

from pytest_devicefarm.model.session import Device, InteractionMode, Platform, RemoteAccessSession
from pytest_devicefarm.model.xcuitest import Rule, Verdict, explain, judge

PLATFORMS = {"IOS": Platform.IOS, "ANDROID": Platform.ANDROID, "absent": None, "unknown": Platform("FUCHSIA")}
MODES = {
    "NO_VIDEO": InteractionMode.NO_VIDEO,
    "VIDEO_ONLY": InteractionMode.VIDEO_ONLY,
    "INTERACTIVE": InteractionMode.INTERACTIVE,
    "absent": None,
    "unknown": InteractionMode("HOLOGRAPHIC"),
}
#: Platform, mode: what `error`, `warn` and `off` say.
TABLE = """
    IOS      NO_VIDEO     runs     runs   runs
    IOS      VIDEO_ONLY   runs     runs   runs
    IOS      INTERACTIVE  refused  warns  runs
    IOS      absent       warns    warns  runs
    IOS      unknown      warns    warns  runs
    ANDROID  NO_VIDEO     runs     runs   runs
    ANDROID  VIDEO_ONLY   runs     runs   runs
    ANDROID  INTERACTIVE  runs     runs   runs
    ANDROID  absent       runs     runs   runs
    ANDROID  unknown      runs     runs   runs
    absent   NO_VIDEO     runs     runs   runs
    absent   VIDEO_ONLY   runs     runs   runs
    absent   INTERACTIVE  warns    warns  runs
    absent   absent       warns    warns  runs
    absent   unknown      warns    warns  runs
    unknown  NO_VIDEO     runs     runs   runs
    unknown  VIDEO_ONLY   runs     runs   runs
    unknown  INTERACTIVE  warns    warns  runs
    unknown  absent       warns    warns  runs
    unknown  unknown      warns    warns  runs
"""
CELLS = [
    (platform, mode, rule, verdict)
    for platform, mode, *verdicts in map(str.split, TABLE.strip().splitlines())
    for rule, verdict in zip(("error", "warn", "off"), verdicts, strict=True)
]


@pytest.mark.parametrize(("platform", "mode", "rule", "verdict"), CELLS)
def test_cell(platform: str, mode: str, rule: str, verdict: str) -> None:
    """Platform, interaction mode and rule give the table's verdict."""
    assert judge(PLATFORMS[platform], MODES[mode], Rule(rule)) is Verdict(verdict)


def test_table_is_complete() -> None:
    """Every platform, mode and rule is in the table, once."""
    assert len(CELLS) == len({cell[:3] for cell in CELLS}) == len(PLATFORMS) * len(MODES) * len(Rule)


ARN = "arn:aws:devicefarm:us-west-2:123456789101:session:EXAMPLE-GUID-123-456"


@pytest.mark.parametrize(
    ("mode", "verdict", "line"),
    [
        (
            "INTERACTIVE",
            Verdict.REFUSED,
            f"session 'nightly' {ARN} is INTERACTIVE: XCUITest runs in NO_VIDEO and VIDEO_ONLY, not in INTERACTIVE. "
            "Start a session in one of those modes, or run it all the same with --devicefarm-xcuitest=warn",
        ),
        (
            "INTERACTIVE",
            Verdict.WARNS,
            f"session 'nightly' {ARN} is INTERACTIVE: XCUITest may not run on it "
            "(XCUITest runs in NO_VIDEO and VIDEO_ONLY)",
        ),
        (
            None,
            Verdict.WARNS,
            f"session 'nightly' {ARN} does not say whether XCUITest runs: interaction mode absent "
            "(XCUITest runs in NO_VIDEO and VIDEO_ONLY)",
        ),
        (
            "HOLOGRAPHIC",
            Verdict.WARNS,
            f"session 'nightly' {ARN} does not say whether XCUITest runs: interaction mode HOLOGRAPHIC "
            "(XCUITest runs in NO_VIDEO and VIDEO_ONLY)",
        ),
    ],
)
def test_line(mode: str | None, verdict: Verdict, line: str) -> None:
    """A refusal names the session, its mode, the modes that work and the option; a warning the first three."""
    session = RemoteAccessSession(
        name="nightly",
        arn=ARN,
        interaction_mode=InteractionMode(mode) if mode else None,
        device=Device(platform=Platform.IOS),
    )
    assert explain(session, verdict) == line


def test_line_of_a_strange_mode_is_one_line() -> None:
    """Control characters in a mode do not reach the terminal."""
    session = RemoteAccessSession(arn=ARN, interaction_mode=InteractionMode("A\nB\x1b[31m"))
    assert explain(session, Verdict.WARNS).isprintable()
