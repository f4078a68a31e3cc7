"""Creating the sessions that a run asks for: apps first, then devices, then one session after another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from ..farm.clock import Clock
from ..farm.devices import Choice, choose_devices, list_devices
from ..farm.lifecycle import check_boto3, misfit, request
from ..farm.resolve import list_projects, resolve_project
from ..farm.retry import persist
from ..farm.service import Service
from ..farm.uploads import Sent, provide_app
from ..model.app import App, AppReference, check_app_file
from ..model.device_request import DeviceRequest
from ..model.session import Device, RemoteAccessSession
from ..settings import Settings
from .owner import Owner

if TYPE_CHECKING:
    from .slot import Slot

T = TypeVar("T")


@dataclass(frozen=True)
class _Supplies:
    """What all created sessions have in common."""

    project: str
    app: App | None
    auxiliary: tuple[App, ...]

    @property
    def apps(self) -> tuple[App, ...]:
        return (self.app, *self.auxiliary) if self.app else self.auxiliary


class Creation:
    """Creates sessions in a thread of its own; what it has to say, it posts to the main thread.

    ``say`` takes a line for the user, ``progress`` how far an upload has come. Raises `ConfigurationError` for a file
    that is no app, before anything is asked of AWS.
    """

    def __init__(
        self,
        settings: Settings,
        service: Service,
        owner: Owner,
        *,
        post: Callable[[Callable[[], None]], None],
        say: Callable[[str], None],
        progress: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._service = service
        self._owner = owner
        self._post = post
        self._say = say
        self._progress = progress
        self._clock = Clock()
        self._one_at_a_time = Lock()
        self._supplies: _Supplies | None = None
        self._deadline = 0.0  #: for all that is created together
        if settings.device:
            _check_files(settings)

    def start(
        self,
        slots: Sequence[Slot],
        *,
        taken: Collection[str],
        prefer: str | None,
        created: Callable[[Slot, RemoteAccessSession], None],
        failed: Callable[[Slot, DeviceFarmError], None],
    ) -> None:
        """Create a session for each slot; ``created`` or ``failed`` is posted for each.

        ``taken`` are the instances of private devices that are in use, ``prefer`` is the device to take if possible.
        """

        def run() -> None:
            waiting = list(slots)
            try:
                with self._one_at_a_time:
                    self._deadline = self._clock.monotonic() + self._settings.timeout
                    choices = self._choose([slot.request for slot in slots if slot.request], taken, prefer)
                    while waiting:
                        slot = waiting[0]
                        try:
                            session = self._create(choices.pop(0))
                        except UnavailableError as error:
                            self._post(partial(failed, slot, error))
                        else:
                            self._post(partial(created, slot, session))
                        del waiting[0]
            except DeviceFarmError as error:
                problem = error
            except BaseException as error:  # whatever a user's client may raise: the run must not wait for ever
                problem = UnavailableError(f"creating sessions broke off: {type(error).__name__}: {error}")
            for slot in waiting:
                self._post(partial(failed, slot, problem))

        Thread(target=run, name="devicefarm-create", daemon=True).start()

    def cancel(self) -> None:
        """Create nothing more."""
        self._clock.cancel()

    def _choose(self, requests: Sequence[DeviceRequest], taken: Collection[str], prefer: str | None) -> list[Choice]:
        supplies = self._supplies = self._supplies or self._provide()
        devices = self._persist(lambda: list_devices(self._service.connect()), "listing devices")

        def unfit(device: Device) -> str | None:
            reasons = (*(app.misfit(device) for app in supplies.apps), misfit(self._settings, device))
            return next(filter(None, reasons), None)

        return choose_devices(requests, devices, misfit=unfit, taken=taken, prefer=prefer)

    def _create(self, choice: Choice) -> RemoteAccessSession:
        supplies = self._supplies
        assert supplies is not None
        wanted = request(
            self._settings,
            choice,
            project=supplies.project,
            name=str(self._owner.name),
            app=supplies.app.arn if supplies.app else None,
            auxiliary=[app.arn for app in supplies.auxiliary],
        )
        return self._owner.create(wanted, clock=self._clock, deadline=self._deadline)

    def _provide(self) -> _Supplies:
        check_boto3(self._settings, self._service.connect())
        project = self._persist(self._project, "looking for the project")
        app = self._app(self._settings.app, project) if self._settings.app else None
        auxiliary = tuple(self._app(each, project) for each in self._settings.aux_app)
        self._owner.prepare(project)
        return _Supplies(project, app, auxiliary)

    def _project(self) -> str:
        client = self._service.connect()
        if self._settings.project is not None:
            return resolve_project(self._settings.project, client=client)
        projects = list_projects(client)
        if len(projects) != 1:
            names = ", ".join(repr(each.get("name")) for each in projects) or "none"
            raise ConfigurationError(
                f"{self._settings.source('device')}: sessions are created in a project: give --devicefarm-project "
                f"(there are {len(projects)}: {names})"
            )
        return str(projects[0]["arn"])

    def _app(self, reference: AppReference, project: str) -> App:
        def progress(sent: Sent) -> None:
            size = f"{sent.total / 1e6:.1f} MB"
            if sent.sent == 0:
                self._tell(f"uploading {sent.name} ({size})")
            elif sent.sent == sent.total:
                self._tell(f"uploaded {sent.name}; Device Farm processes it")
            else:
                percent = 100 * sent.sent // sent.total
                self._post(lambda: self._progress(f"uploading {sent.name}: {percent} % of {size}"))

        return provide_app(
            reference,
            client=self._service.connect(),
            project=project,
            clock=self._clock,
            deadline=self._deadline,
            progress=progress,
            trouble=lambda message: self._tell(f"{message}; trying again"),
        )

    def _persist(self, call: Callable[[], T], doing: str) -> T:
        return persist(
            call,
            doing,
            deadline=self._deadline,
            clock=self._clock,
            trouble=lambda message: self._tell(f"{doing}: {message}; trying again"),
        )

    def _tell(self, text: str) -> None:
        self._post(lambda: self._say(text))


def _check_files(settings: Settings) -> None:
    for name, references in (("app", (settings.app,)), ("aux_app", settings.aux_app)):
        for each in references:
            if isinstance(each, Path):
                try:
                    check_app_file(each)
                except ConfigurationError as error:
                    raise ConfigurationError(f"{settings.source(name)}: {error}") from None
