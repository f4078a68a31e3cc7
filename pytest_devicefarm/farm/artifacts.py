"""Downloading what sessions leave behind, while it comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from ..model.artifact import CATEGORIES, VIDEO, Artifact
from ..model.secret import Secret
from ..model.session import InteractionMode, RemoteAccessSession
from ..model.text import printable, show_duration
from .artifact_folder import ArtifactFolder, Listed, safe_name
from .client import TransientError
from .clock import Clock
from .get import GivenUp, get
from .retry import persist
from .service import Service
from .tls import tls_context

_THREADS = 8
_TRIES = 3  #: of one file
_LIST_PATIENCE = 60.0  #: seconds that a page of a list is asked for again
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 15.0  #: seconds between two looks at what there is
_LOG_PATIENCE = 60.0  #: seconds that the device's log of a session that has ended is waited for
_LIVE_LOG = "APPIUM_SERVER_LOG_OUTPUT"  #: grows as long as the session runs


@dataclass(frozen=True)
class Source:
    """A session whose artifacts are wanted. ``folder`` is the name of theirs."""

    session: str  #: ARN
    folder: str
    label: str  #: for messages
    ended: bool = False  #: so that its logs will come
    recorded: bool = False  #: so that its video will


def source_of(session: RemoteAccessSession, number: str) -> Source:
    """What may come of a session: once it has ended all of it, while it runs what there is.

    That NO_VIDEO means no video is the name's own word; one that comes all the same is taken.
    """
    name = (session.device and (session.device.name or session.device.model)) or ""
    ended = bool(session.status and session.status.ended and session.started)
    recorded = ended and session.interaction_mode is not InteractionMode.NO_VIDEO
    return Source(str(session.arn), folder_name(number, name), printable(name) or str(session.arn), ended, recorded)


def folder_name(number: str, device: str) -> str:
    """``1-apple-iphone-15-pro``: the session's place in the pool, and the device's name."""
    return "-".join(part for part in (number, safe_name(device)) if part)


@dataclass
class _File:
    """One artifact on its way."""

    listed: Listed
    url: Secret
    tries: int = 0
    state: str = "listed"  #: listed, running, again, done, failed


@dataclass
class _Shelf:
    """One session's artifacts."""

    source: Source
    folder: ArtifactFolder
    files: dict[Listed, _File] = field(default_factory=dict)
    listable: bool = True


class Collector:
    """Downloads artifacts into ``root``; used once, by one thread.

    ``timeout`` is the longest time for all of it, in seconds, late videos included; ``most`` the bytes of one file.
    ``progress`` is told how far it has come. Nothing here raises because of an artifact: see ``failures`` and ``late``.
    """

    def __init__(
        self,
        service: Service,
        root: Path,
        *,
        timeout: float,
        most: int,
        clock: Clock,
        progress: Callable[[str], None],
    ) -> None:
        self.size = 0  #: bytes downloaded
        self.failures: list[DeviceFarmError] = []  #: what could not be had, alike things together
        self.late: list[Source] = []  #: whose video has not come
        self._service = service
        self._root = root
        self._timeout = timeout
        self._most = most
        self._clock = clock
        self._progress = progress
        self._trusted = tls_context("https:")  # once: it reads a file of certificates
        self._began = clock.monotonic()
        self._shelves: list[_Shelf] = []
        self._running: dict[Future[None], tuple[_Shelf, _File]] = {}
        self._problems: defaultdict[tuple[str, type[DeviceFarmError], str], list[str]] = defaultdict(list)
        self._counting = Lock()

    def collect(self, sources: Sequence[Source]) -> tuple[Artifact, ...]:
        """Download all that there is and all that comes in time; return what is there, of an earlier run too."""
        for each in sources:
            taken = [shelf.folder.path for shelf in self._shelves]
            self._shelves.append(_Shelf(each, ArtifactFolder(self._root, each.session, each.folder, taken)))
        pause = _FIRST_PAUSE
        with ThreadPoolExecutor(_THREADS, "devicefarm-artifacts") as threads:
            while not self._over:
                begun = self._look(threads)
                if not begun and not self._running and not self._awaited():
                    break
                self._work(pause)
                pause = min(pause * 1.5, _LONGEST_PAUSE)
            while self._running:  # each of them notices that the time is over
                self._finish_some(None)
        self._sum_up()
        return tuple(each for shelf in self._shelves for each in shelf.folder.artifacts)

    @property
    def _left(self) -> float:
        return self._timeout - (self._clock.monotonic() - self._began)

    @property
    def _over(self) -> bool:
        return self._left <= 0 or self._clock.cancelled

    def _look(self, threads: ThreadPoolExecutor) -> int:
        """List what there is, and begin to download what is not; return how many downloads began."""
        begun = 0
        for shelf in self._shelves:
            if shelf.listable and not self._over:
                self._list(shelf)
            for file in shelf.files.values():
                if file.state == "listed":
                    begun += self._begin(threads, shelf, file)
        return begun

    def _list(self, shelf: _Shelf) -> None:
        try:
            found = list(self._listed(shelf.source.session))
        except DeviceFarmError as error:
            self.failures.append(type(error)(f"artifacts of {shelf.source.label} could not be had: {error}"))
            shelf.listable = False
            return
        for each in found:
            listed = Listed(*(str(each.get(name) or "") for name in Listed._fields))
            file = shelf.files.setdefault(listed, _File(listed, Secret()))
            file.url = Secret(each.get("url") or "")
            if file.state == "again":
                file.state = "listed"
            elif file.tries == 0 and shelf.folder.has(listed) and listed.type != _LIVE_LOG:
                file.state = "done"

    def _listed(self, session: str) -> Iterator[dict[str, Any]]:
        for category in CATEGORIES:
            token: dict[str, str] = {}
            while True:
                answer = persist(
                    partial(self._page, session, category, token),
                    "listing them",
                    deadline=self._clock.monotonic() + min(self._left, _LIST_PATIENCE),
                    clock=self._clock,
                    trouble=lambda message: None,
                )
                yield from answer["artifacts"]
                if not answer.get("nextToken") or answer["nextToken"] == token.get("nextToken"):
                    break
                token = {"nextToken": answer["nextToken"]}

    def _page(self, session: str, category: str, token: dict[str, str]) -> dict[str, Any]:
        self._service.turns.take(self._clock)
        answer: dict[str, Any] = self._service.connect().list_artifacts(arn=session, type=category, **token)
        return {**answer, "artifacts": answer["artifacts"]}  # not there: the body was not JSON

    def _awaited(self) -> bool:
        """Whether something may still come."""
        return any(
            shelf.listable
            and (
                any(file.state == "again" for file in shelf.files.values())
                or (shelf.source.recorded and not _has(shelf, VIDEO))
                or (shelf.source.ended and self._left > self._timeout - _LOG_PATIENCE and not _has(shelf, "DEVICE_LOG"))
            )
            for shelf in self._shelves
        )

    def _begin(self, threads: ThreadPoolExecutor, shelf: _Shelf, file: _File) -> bool:
        try:
            path = shelf.folder.place(file.listed)
        except ConfigurationError as error:
            self._fail(shelf, file, error)
            return False
        file.state, file.tries = "running", file.tries + 1
        call = partial(get, file.url, path, trusted=self._trusted, most=self._most, observe=self._observe)
        self._running[threads.submit(call)] = shelf, file
        return True

    def _observe(self, size: int) -> None:
        """A block has come, in a thread of its own."""
        with self._counting:
            self.size += size
        if self._over:
            raise self._given_up()

    def _given_up(self) -> GivenUp:
        reason = (
            "the run was interrupted" if self._clock.cancelled else f"not done within {show_duration(self._timeout)}"
        )
        return GivenUp(reason)

    def _work(self, seconds: float) -> None:
        """Take what is downloaded, for so many seconds at most, or pause so long where there is nothing under way."""
        until = self._clock.monotonic() + min(seconds, max(self._left, 0.0))
        if not self._running:
            self._show()
            self._clock.sleep(until - self._clock.monotonic())
        while self._running and (left := until - self._clock.monotonic()) > 0 and not self._over:
            self._finish_some(min(left, 0.5))

    def _finish_some(self, seconds: float | None) -> None:
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        saved: list[_Shelf] = []
        for future in done:
            shelf, file = self._running.pop(future)
            error = future.exception()
            if error is None:
                file.state = "done"
                shelf.folder.add(file.listed)
                saved += [shelf] if shelf not in saved else []
            elif isinstance(error, TransientError) and file.tries < _TRIES and shelf.listable and not self._over:
                file.state = "again"
            else:
                self._fail(shelf, file, error)
        for shelf in saved:
            shelf.folder.save()
        self._show()

    def _fail(self, shelf: _Shelf, file: _File, error: BaseException) -> None:
        file.state = "failed"
        kind = ConfigurationError if isinstance(error, ConfigurationError) else UnavailableError
        problem = printable(" ".join(str(error).split()))
        self._problems[shelf.source.label, kind, problem].append(printable(file.listed.name))

    def _show(self) -> None:
        files = [file for shelf in self._shelves for file in shelf.files.values()]
        done = sum(file.state == "done" for file in files)
        self._progress(f"artifacts: {done} of {len(files)}, {show_size(self.size)}")

    def _sum_up(self) -> None:
        for shelf in self._shelves:
            for file in shelf.files.values():
                if file.state in ("listed", "again"):
                    self._fail(shelf, file, self._given_up())
            if shelf.source.recorded and shelf.listable and not _has(shelf, VIDEO):
                self.late.append(shelf.source)
        for (label, kind, problem), names in self._problems.items():
            shown = ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "")
            count = f"{len(names)} artifacts" if len(names) > 1 else "an artifact"
            self.failures.append(kind(f"{count} of {label} could not be downloaded ({shown}): {problem}"))


def show_size(size: float) -> str:
    """``1.2 MB`` of bytes."""
    units = ["bytes", "kB", "MB", "GB"]
    while size >= 999.5 and len(units) > 1:
        size /= 1000
        del units[0]
    return f"{size:.3g} {units[0]}"


def _has(shelf: _Shelf, kind: str) -> bool:
    return any(file.listed.type == kind for file in shelf.files.values())
