"""All that the emulator knows: projects, sessions, devices, uploads, tags."""

import json
import secrets
import threading
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import example
from .clock import Clock
from .presign import Presigner
from .scenario import ARN_PREFIX, Scenario, Session, Upload
from .sessions import LiveSession, show
from .slots import Slots
from .structures import merge
from .uploads import LiveUpload, Uploads

Shown = dict[str, Any]


class Farm:
    """The farm, behind one lock where it changes. `now` comes first: it does what has become due by the clock."""

    def __init__(self, scenario: Scenario, clock: Clock, url: str) -> None:
        self.url = url
        self.page_size = scenario.page_size
        self.video_seconds = scenario.video_seconds
        self.artifacts = scenario.artifacts
        self.account_settings = merge(example.ACCOUNT_SETTINGS, scenario.account)
        self._clock = clock
        self._opened = clock.now()
        self._opened_epoch = time.time()
        self._lock = threading.RLock()
        self._slots = Slots(scenario)
        self.devices = self._slots.devices
        self.presigner = Presigner(url, lambda: self.epoch(clock.now()))
        self.uploads = Uploads(self.presigner, scenario.upload_seconds)
        #: By ARN, as the API shows them.
        self.projects: dict[str, Shown] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.sessions: dict[str, LiveSession] = {}
        self._by_project: dict[str, dict[str, LiveSession]] = {}
        self._by_token: dict[str, LiveSession] = {}
        for project in scenario.projects:
            self.add_project(project.arn, merge({"name": project.name} | example.PROJECT, project.fields))
        for plan in scenario.sessions:
            self._play(plan, scenario.project_of(plan).arn)
        for upload in scenario.uploads:
            self._have(upload, scenario.project_of(upload).arn)

    def now(self) -> float:
        """The clock's time, with all done that has become due by then."""
        now = self._clock.now()
        if now >= self._slots.next_due:
            with self._lock:
                self._slots.settle(now)
        return now

    def epoch(self, clock_time: float) -> float:
        """A time of the clock in seconds since 1970, to the millisecond as AWS sends them."""
        return round(self._opened_epoch + clock_time - self._opened, 3)

    def close(self) -> None:
        """Remove the files of uploads."""
        self.uploads.close()

    def add_project(self, arn: str, fields: Shown) -> Shown:
        """A new project; returns it as the API shows it."""
        project = {"arn": arn, "created": self.epoch(self._clock.now())} | fields
        with self._lock:
            self._by_project[arn] = {}
            self.projects[arn] = project
        return project

    def sessions_of(self, project: str) -> list[LiveSession]:
        """The sessions of the project with this ARN, the oldest first."""
        with self._lock:
            return list(self._by_project[project].values())

    def first_read(self, session: LiveSession) -> None:
        """Begin the timeline of a session that waits for its first read."""
        if not session.timeline.begun:
            with self._lock:
                self._begin(session, self._clock.now())

    def session(self, session: LiveSession) -> Shown:
        """A session as the API shows it now."""
        return show(session, self.now(), self.epoch, self.url)

    def create(self, project: str, name: str, base: Shown) -> LiveSession:
        """A new session, which waits for a slot and a device or boots; `base` is all that does not change with time."""
        arn = f"{ARN_PREFIX}:session:{project.rpartition(':')[2]}/{uuid.uuid4()}/00000"
        session = self._new(Session(arn=arn, name=name), project, base)
        session.app = base.get("appUpload")
        session.limited = True
        with self._lock:
            self._add(session)
            self._slots.join(session, self.now())
        return session

    def stop(self, session: LiveSession) -> None:
        """End a session, unless it ends already."""
        with self._lock:
            now = self.now()
            self._begin(session, now)
            self._slots.stop(session, now)

    def delete(self, session: LiveSession) -> None:
        """Forget a session that has ended."""
        with self._lock:
            self.sessions.pop(session.arn, None)
            self._by_project[session.project].pop(session.arn, None)
            self._by_token.pop(session.token, None)
            self.tags.pop(session.arn, None)

    def install(self, session: LiveSession, app: str) -> None:
        """Make `app`, an upload's ARN, the session's.

        The app before stays on the device as one of the others, unless both are known to be the same package.
        """
        with self._lock:
            before = session.app or session.base.get("appUpload")
            others = (*session.other_apps, *([before] if before else ()))
            package = self._package(app)
            replaced = {app} | {other for other in others if package and self._package(other) == package}
            session.other_apps = tuple(dict.fromkeys(other for other in others if other not in replaced))
            session.app = app
            self.touch(session)

    def at_endpoint(self, token: str) -> LiveSession | None:
        """The session behind an Appium endpoint, if it is open: known and RUNNING."""
        session = self._by_token.get(token)
        return session if session is not None and self.is_running(session) else None

    def is_running(self, session: LiveSession) -> bool:
        """Whether a session's Appium endpoint is open."""
        return session.moment(self.now()).step.status == "RUNNING"

    def touch(self, session: LiveSession) -> None:
        """Note activity: a session that has none for a while ends.

        Whether Appium's `/status` counts is unknown (guide: appium-endpoint-interaction), so it does not.
        """
        session.touched = self._clock.now()

    def apps(self, session: LiveSession) -> tuple[str | None, tuple[str, ...]]:
        """The session's app and the others on its device, as files on this machine."""
        app = self._file(session.app) if session.app else None
        return app, tuple(file for arn in session.other_apps if (file := self._file(arn)))

    def endpoint_is_warm(self, session: LiveSession) -> bool:
        """Count a request at a session's Appium endpoint; False for the first few after RUNNING."""
        with self._lock:
            session.endpoint_requests += 1
            return session.endpoint_requests > session.plan.endpoint_bad_answers

    def _file(self, arn: str) -> str | None:
        upload = self.uploads.get(arn, self._clock.now())
        path: Path | None = upload.path if upload else None
        return str(path) if path else None

    def _package(self, arn: str) -> str | None:
        upload = self.uploads.get(arn, self._clock.now())
        told = json.loads(upload.metadata) if upload and upload.metadata else {}
        return told.get("package_name")

    def _new(self, plan: Session, project: str, base: Shown) -> LiveSession:
        token, interactive = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        return LiveSession(plan, project, base, self._clock.now(), token, interactive)

    def _add(self, session: LiveSession) -> None:
        self.sessions[session.arn] = self._by_project[session.project][session.arn] = session
        self._by_token[session.token] = session

    def _play(self, plan: Session, project: str) -> None:
        """A session of the scenario."""
        device = plan.fields.get("device")
        base = merge(example.SESSION, {"device": device}) if isinstance(device, Mapping) else example.SESSION
        session = self._new(plan, project, base)
        session.created = self._opened
        session.limited = plan.limits
        instance = plan.fields.get("instanceArn", example.SESSION["instanceArn"])
        if instance and "instanceArn" not in plan.omit:
            self._slots.hold(session, instance)
        if plan.tags:
            self.tags[plan.arn] = dict(plan.tags)
        self._add(session)
        if not plan.from_first_read:
            self._begin(session, self._opened)

    def _begin(self, session: LiveSession, at: float) -> None:
        if not session.timeline.begun:
            session.timeline.turn(at, session.plan.steps)
            self._slots.watch(session)

    def _have(self, plan: Upload, project: str) -> None:
        """An upload of the scenario."""
        known = {"name": plan.name, "type": plan.type, "created": self.epoch(self._opened)}
        fields = merge(known | example.UPLOAD, plan.fields)
        self.uploads.add(LiveUpload(plan.arn, project, self._opened, fields))
