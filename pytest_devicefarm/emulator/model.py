"""The service model in the installed botocore: what may be asked, and what an answer must look like.

botocore's own validator looks at requests on the client's side only: types, required members and minima. The service
also refuses what breaks a maximum, a pattern or an enumeration, so the shapes are walked here, for requests and
responses alike.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape

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


@dataclass(frozen=True)
class Problem:
    """One thing that the model does not allow. `wrong_type`: not even the JSON type is right."""

    path: str
    constraint: str
    value: object
    wrong_type: bool = False

    def __str__(self) -> str:
        """As AWS words it."""
        shown = f"'{self.value[:200]}'" if isinstance(self.value, str) else type(self.value).__name__
        shown = "null" if self.value is None else shown
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


class Model:
    """Device Farm, as the installed botocore knows it."""

    def __init__(self) -> None:
        loader = Loader()
        self._service = ServiceModel(loader.load_service_model("devicefarm", "service-2"), "devicefarm")
        pages: dict[str, Any] = dict(loader.load_service_model("devicefarm", "paginators-1"))
        self._pages: dict[str, dict[str, str]] = pages["pagination"]
        self.operations = frozenset(str(name) for name in self._service.operation_names)
        self.target_prefix = str(self._service.metadata["targetPrefix"])

    def request_problems(self, operation: str, params: object) -> list[Problem]:
        """What is wrong with a request. Members that the model does not know are ignored, as the service does."""
        return self._problems(self._operation(operation).input_shape, params)

    def response_problems(self, operation: str, answer: object) -> list[Problem]:
        """What is wrong with an answer. It may hold more than the model knows: botocore's parser drops that."""
        return self._problems(self._operation(operation).output_shape, answer)

    def paging(self, operation: str) -> tuple[str, str, str]:
        """The names of a list's parts: token in the request, token in the answer, items."""
        page = self._pages[operation]
        return page["input_token"], page["output_token"], page["result_key"]

    def _operation(self, name: str) -> OperationModel:
        return self._service.operation_model(name)

    def _problems(self, shape: Shape | None, value: object) -> list[Problem]:
        return [] if shape is None else list(_walk(shape, value, ""))


def _walk(shape: Any, value: Any, path: str) -> Iterator[Problem]:
    kind = shape.type_name
    allowed = _TYPES.get(kind, (object,))
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed and object not in allowed):
        yield Problem(path, f"Member must be of type {kind}", value, wrong_type=True)
        return
    if kind == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                yield Problem(_join(path, name), "Member must not be null", None)
        for name, member in value.items():
            # A required member of null was told above.
            if name in shape.members and not (member is None and name in shape.required_members):
                yield from _walk(shape.members[name], member, _join(path, name))
        return
    yield from _limits(shape, value, path)
    if kind == "list":
        for number, member in enumerate(value, 1):
            yield from _walk(shape.member, member, f"{path}.{number}.member")
    elif kind == "map":
        for key, member in value.items():
            yield from _walk(shape.key, key, _join(path, str(key)))
            yield from _walk(shape.value, member, _join(path, str(key)))


def _limits(shape: Any, value: Any, path: str) -> Iterator[Problem]:
    limits = shape.metadata
    if enum := limits.get("enum"):
        if value not in enum:
            yield Problem(path, f"Member must satisfy enum value set: [{', '.join(enum)}]", value)
        return
    sized = isinstance(value, (str, list, tuple, dict))
    size = len(value) if sized else value
    what = "Member must have length" if sized else "Member must have value"
    if "min" in limits and size < limits["min"]:
        yield Problem(path, f"{what} greater than or equal to {limits['min']}", value)
    if "max" in limits and size > limits["max"]:
        yield Problem(path, f"{what} less than or equal to {limits['max']}", value)
    # The service matches the whole value, as Java does, and `.` stops at a line's end.
    if isinstance(value, str) and (pattern := limits.get("pattern")) and not re.fullmatch(pattern, value):
        yield Problem(path, f"Member must satisfy regular expression pattern: {pattern}", value)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
