"""What a session's artifacts hold about one test: its part of the video, its own lines of the logs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from ..model.artifact import Artifact, Span
from ..model.session import RemoteAccessSession
from .attachment import Attachment
from .slices import Log


def told(attachments: Iterable[Attachment], folder: Path) -> str:
    """For reports of text: where in a video a test is, and its own lines of the logs; links are below ``folder``."""
    text = ""
    for each in attachments:
        if each.artifact.is_video and each.span is not None:
            text += f"video: {each.link(folder)}\n"
        elif each.artifact.is_log and each.lines:
            text += f"--- {each.title} ({each.link(folder)}) ---\n{each.lines}\n"
    return text


class Evidence:
    """Finds what a test's report should show. ``conceal`` takes credentials out of what logs say."""

    def __init__(
        self,
        sessions: Iterable[RemoteAccessSession],
        artifacts: Iterable[Artifact],
        conceal: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._sessions = {each.arn: each for each in sessions}
        self._artifacts = list(artifacts)
        self._conceal = conceal
        self._logs: dict[Path, Log | None] = {}

    def of(self, properties: Mapping[str, str]) -> Iterator[Attachment]:
        """Videos and logs for the report that has these ``properties``; of those alone that are on this machine."""
        session = properties.get("devicefarm.session.arn")
        span = Span.of(properties)
        for artifact in self._artifacts:
            if artifact.session != session:
                continue
            if artifact.is_video:
                yield Attachment(artifact, span)
            elif artifact.is_log:
                yield Attachment(artifact, span, self._lines(artifact, span))

    def _lines(self, artifact: Artifact, span: Span | None) -> str:
        if artifact.path not in self._logs:
            self._logs[artifact.path] = self._read(artifact)
        log = self._logs[artifact.path]
        try:
            return self._conceal("\n".join(log.lines(span))) if log and span else ""
        except OSError:
            return ""

    def _read(self, artifact: Artifact) -> Log | None:
        session = self._sessions.get(artifact.session)
        if session is None or session.started is None:
            return None
        try:
            fetched = datetime.fromtimestamp(artifact.path.stat().st_mtime, UTC)
            return Log(artifact.path, session.started, session.stopped or fetched)
        except (OSError, OverflowError, ValueError):  # a report without the lines is better than none
            return None
