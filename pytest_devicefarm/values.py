"""How the texts of options become values; each raises `ConfigurationError` that names the text and what was expected.

Imported by every pytest run, so it imports nothing that can wait.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import ConfigurationError

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from .model.arn import Arn, SessionReference
    from .model.device_request import DeviceRequest
    from .model.xcuitest import Rule

DAY = 24 * 60 * 60


def duration(text: str) -> float:
    """Seconds of ``90``, ``90s``, ``15m``, ``1h`` or ``1m30s``; at most a day."""
    number = "([0-9]{1,6})"
    parts = re.fullmatch(rf"{number}|(?:{number}h)?(?:{number}m)?(?:{number}s)?", text.strip())
    bare, hours, minutes, seconds = (int(part) for part in parts.groups("0")) if parts else (0, 0, 0, 0)
    total = bare + hours * 3600 + minutes * 60 + seconds
    if parts is None or not text.strip() or total > DAY:
        raise ConfigurationError(
            f"{short(text)!r} is no duration: expected one such as 90, 90s, 15m, 1h or 1m30s, at most a day"
        )
    return float(total)


def session(text: str) -> SessionReference:
    from .model.arn import parse_session

    return parse_session(text)


def project(text: str) -> Arn | str:
    from .model.arn import parse_project

    return parse_project(text)


def devices(text: str) -> tuple[DeviceRequest, ...]:
    from .model.device_request import parse_device_request

    return parse_device_request(text)


def app(text: str) -> Arn | Path:
    from .model.app import parse_app

    return parse_app(text)


def vpce_configuration(text: str) -> str:
    from .model.arn import parse_arn

    return str(parse_arn(text, "vpceconfiguration"))


def proxy(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ConfigurationError(f"{short(text)!r} is no proxy: expected HOST:PORT")
    return host, int(port)


def number(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text.strip()):
        raise ConfigurationError(f"{short(text)!r} is no whole number")
    return int(text)


def price(text: str) -> Decimal:
    from decimal import Decimal

    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text.strip()):
        raise ConfigurationError(f"{short(text)!r} is no price: expected one such as 0.17")
    return Decimal(text.strip())


def size(text: str) -> int:
    from .model.artifact import parse_size

    return parse_size(text)


def xcuitest(text: str) -> Rule:
    from .model.xcuitest import Rule

    return Rule(one_of("error", "warn", "off")(text))


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ConfigurationError(f"{short(text)!r} is none of {', '.join(words)}")
        return text

    return parse


def switch(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.strip().lower() not in words:
        raise ConfigurationError(f"{short(text)!r} is neither 1 nor 0")
    return words[text.strip().lower()]


def url(text: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or not text.isprintable():
        raise ConfigurationError(f"{short(text)!r} is no URL: expected http://HOST[:PORT] or https://HOST[:PORT]")
    return text


def text(given: str) -> str:
    return given


def short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}..."
