"""Handles that always show the session in use now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .session import Device, RemoteAccessSession

Model = TypeVar("Model")


class Live(Generic[Model]):
    """Every attribute of a model, read from the newest one at each access."""

    _newest: Callable[[], Model]

    def __init__(self, newest: Callable[[], Model]) -> None:
        object.__setattr__(self, "_newest", newest)

    @property
    def snapshot(self) -> Model:
        """The newest model itself, which is frozen."""
        return self._newest()

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):  # copy and pickle look for these before there is a newest model
            raise AttributeError(name)
        return getattr(self._newest(), name)

    def __setattr__(self, name: str, value: object) -> None:
        __tracebackhide__ = True
        raise AttributeError(f"{name} is what Device Farm says of it: it cannot be set")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *dir(self._newest())]

    def __repr__(self) -> str:
        newest: Any = self._newest()
        return f"<live {type(newest).__name__} {newest.name!r}>"


if TYPE_CHECKING:
    # For type checkers a handle is the model itself, with its fields and their types.
    class LiveSession(RemoteAccessSession):
        @property
        def snapshot(self) -> RemoteAccessSession: ...

    class LiveDevice(Device):
        @property
        def snapshot(self) -> Device: ...

else:
    LiveSession = LiveDevice = Live
