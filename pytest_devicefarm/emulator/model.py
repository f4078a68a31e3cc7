"""The service model in the installed botocore: what may be asked, and what an answer must look like.

botocore's own validator is a client's: it knows types, required members and minima only. The service also
refuses what breaks a maximum, a pattern or an enumeration, so the model's shapes are walked here, for
requests and answers alike.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, datetime),
}


class Unchecked(dict[str, Any]):
    """A structure in an answer that may break the model, as the scenario wants a broken server."""


@dataclass(frozen=True)
class Problem:
    """One thing that the model does not allow. `wrong_type`: not even the JSON type is right."""

    path: str
    constraint: str
    value: object
    wrong_type: bool = False

    def __str__(self) -> str:
        """As AWS words it."""
        shown = f"'{self.value}'" if isinstance(self.value, str | int | float) else "null"
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


class Model:
    """Device Farm, as the installed botocore knows it."""

    def __init__(self) -> None:
        loader = Loader()
        # Any: botocore has no types of its own, and whether stubs are installed is not up to this package.
        service: Any = ServiceModel(loader.load_service_model("devicefarm", "service-2"), "devicefarm")
        paginators: Any = loader.load_service_model("devicefarm", "paginators-1")
        self._service = service
        self._pages: dict[str, dict[str, str]] = paginators["pagination"]
        self.operations = frozenset(str(name) for name in service.operation_names)
        self.target_prefix = str(service.metadata["targetPrefix"])

    def request_problems(self, operation: str, params: object) -> list[Problem]:
        """What is wrong with a request. Members that the model does not know are ignored."""
        shape = self._service.operation_model(operation).input_shape
        return list(_walk(shape, params, "")) if shape else []

    def response_problems(self, operation: str, answer: object) -> list[Problem]:
        """What is wrong with an answer. It may hold more than the model knows: parsers drop that."""
        shape = self._service.operation_model(operation).output_shape
        return list(_walk(shape, answer, "")) if shape else []

    def paging(self, operation: str) -> tuple[str, str, str, str | None]:
        """The names of a list's parts: token in the request and in the answer, items, and how many are asked for."""
        page = self._pages[operation]
        return page["input_token"], page["output_token"], page["result_key"], page.get("limit_key")

    def knows(self, operation: str, *path: str) -> bool:
        """Whether requests of `operation` may have this member, nested as `path` says."""
        shape = self._service.operation_model(operation).input_shape
        for name in path:
            if name not in shape.members:
                return False
            shape = shape.members[name]
        return True


@cache
def installed() -> Model:
    """The model, read once in a process: it takes longer than all else about starting an emulator."""
    return Model()


def _walk(shape: Any, value: Any, path: str) -> Iterator[Problem]:
    kind: str = shape.type_name
    if isinstance(value, Unchecked):
        return
    if not _fits(value, kind):
        yield Problem(path, f"Member must be of type {kind}", value, wrong_type=True)
        return
    yield from _limits(shape, value, path)
    if kind == "structure":
        missing = [name for name in shape.required_members if value.get(name) is None]
        for name in missing:
            yield Problem(_join(path, name), "Member must not be null", None)
        for name in value:
            if name in shape.members and name not in missing:
                yield from _walk(shape.members[name], value[name], _join(path, name))
    elif kind == "list":
        for number, member in enumerate(value, 1):
            yield from _walk(shape.member, member, f"{path}.{number}.member")
    elif kind == "map":
        for key, member in value.items():
            yield from _walk(shape.key, key, _join(path, key))
            yield from _walk(shape.value, member, _join(path, key))


def _fits(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        # To Python, and to nobody else here, a truth value is a number.
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, object))


def _limits(shape: Any, value: Any, path: str) -> Iterator[Problem]:
    limits: dict[str, Any] = shape.metadata
    if (enum := limits.get("enum")) and value not in enum:
        yield Problem(path, f"Member must satisfy enum value set: [{', '.join(enum)}]", value)
        return
    size, what = (value, "value") if isinstance(value, int | float | datetime) else (len(value), "length")
    if "min" in limits and size < limits["min"]:
        yield Problem(path, f"Member must have {what} greater than or equal to {limits['min']}", value)
    if "max" in limits and size > limits["max"]:
        yield Problem(path, f"Member must have {what} less than or equal to {limits['max']}", value)
    # The service matches the whole value, as Java does.
    if (pattern := limits.get("pattern")) and isinstance(value, str) and not re.fullmatch(pattern, value):
        yield Problem(path, f"Member must satisfy regular expression pattern: {pattern}", value)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
