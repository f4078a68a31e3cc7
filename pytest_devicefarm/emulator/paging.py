"""Lists page by page, under the names that the model's paginators give their parts."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .errors import ApiError
from .model import Model

T = TypeVar("T")


def page(
    model: Model,
    operation: str,
    params: dict[str, Any],
    items: Sequence[T],
    show: Callable[[T], dict[str, Any]],
    size: int,
) -> dict[str, Any]:
    """The page of `items` that `params` ask for: of `size`, or of less where the model knows how to ask for that."""
    token_in, token_out, result, limit = model.paging(operation)
    start = _offset(operation, params[token_in], len(items)) if token_in in params else 0
    asked = params.get(limit, 0) if limit else 0
    end = start + (min(asked, size) if asked > 0 else size)
    answer: dict[str, Any] = {result: [show(item) for item in items[start:end]]}
    if end < len(items):
        answer[token_out] = base64.urlsafe_b64encode(f"{operation}:{end}".encode()).decode()
    return answer


def _offset(operation: str, token: str, total: int) -> int:
    try:
        name, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        offset = int(number)
    except (binascii.Error, ValueError):
        name, offset = "", -1
    if name != operation or not 0 < offset < total:
        raise ApiError("ArgumentException", "Invalid nextToken: take it from the answer before, unchanged")
    return offset
