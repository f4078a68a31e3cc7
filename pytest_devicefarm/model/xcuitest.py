"""May XCUITest run on a session?

The reference page says of ``interactionMode``: INTERACTIVE sessions cannot run XCUITest framework-based tests, NO_VIDEO
and VIDEO_ONLY sessions can. The rule is about iOS. Newer service models call the mode deprecated and field reports
conflict, so the rule can be relaxed.
"""

from __future__ import annotations

from enum import StrEnum

from .session import InteractionMode, Platform, RemoteAccessSession
from .text import printable


class Rule(StrEnum):
    """``--devicefarm-xcuitest``: how strictly the reference page's rule is held."""

    ERROR = "error"
    WARN = "warn"
    OFF = "off"


class Verdict(StrEnum):
    """What the rule says of a session."""

    RUNS = "runs"
    WARNS = "warns"
    REFUSED = "refused"


def judge(platform: Platform | None, mode: InteractionMode | None, rule: Rule) -> Verdict:
    """Judge a device's platform and a session's mode, None where a reading does not know it."""
    if rule is Rule.OFF or platform is Platform.ANDROID:
        return Verdict.RUNS
    if mode in (InteractionMode.NO_VIDEO, InteractionMode.VIDEO_ONLY):
        return Verdict.RUNS
    if mode is InteractionMode.INTERACTIVE and platform is Platform.IOS and rule is Rule.ERROR:
        return Verdict.REFUSED
    return Verdict.WARNS


def explain(session: RemoteAccessSession, verdict: Verdict) -> str:
    """The line that a refusal or a warning shows."""
    mode = printable(session.interaction_mode or "absent")
    works = "XCUITest runs in NO_VIDEO and VIDEO_ONLY"
    if verdict is Verdict.REFUSED:
        return (
            f"session {session.label} is {mode}: {works}, not in {mode}. Start a session in one of those modes, "
            "or run it all the same with --devicefarm-xcuitest=warn"
        )
    if session.interaction_mode is InteractionMode.INTERACTIVE:
        return f"session {session.label} is {mode}: XCUITest may not run on it ({works})"
    return f"session {session.label} does not say whether XCUITest runs: interaction mode {mode} ({works})"
