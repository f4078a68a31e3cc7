"""Getting a file from a presigned URL, block by block."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import HTTPSHandler, Request, build_opener

from ..errors import ConfigurationError, DeviceFarmError, UnavailableError
from .client import READ_TIMEOUT, TransientError

_BLOCK = 256 * 1024  #: bytes
_URL_EXPIRED = 403


class GivenUp(UnavailableError):
    """A download was broken off: the file is too large, or the time is over."""


def get(url: str, path: Path, *, trusted: ssl.SSLContext | None, most: int, observe: Callable[[int], None]) -> None:
    """Get a file of ``most`` so many bytes: written beside ``path`` under another name, and renamed when it is whole.

    The URL is a credential: no error says it, and urllib, unlike urllib3, logs none. ``observe`` gets the size of each
    block, and ends it all by raising a `DeviceFarmError`. Raises `TransientError` for what a fresh URL or another try
    may heal, `GivenUp`, and `ConfigurationError` where the file cannot be written.
    """
    if not url.startswith(("https://", "http://")):  # urllib would open a file: URL too
        raise UnavailableError("its address is none of the web")
    try:
        opener = build_opener(HTTPSHandler(context=trusted))
        with opener.open(Request(url), timeout=READ_TIMEOUT) as answer:
            _save(answer, path, most, observe)
    except (DeviceFarmError, TransientError) as error:
        raise error.with_traceback(None) from None  # urllib's frames have the URL
    except HTTPError as error:
        error.close()
        heals = error.code >= 500 or error.code in (_URL_EXPIRED, 404, 408, 429)
        raise (TransientError if heals else UnavailableError)(f"HTTP {error.code}") from None
    except (OSError, ValueError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise ConfigurationError(
                f"the certificate of the storage could not be verified ({reason.verify_message}): check AWS_CA_BUNDLE"
            ) from None
        if isinstance(reason, TimeoutError):
            raise TransientError(f"no answer within {READ_TIMEOUT:g} seconds") from None
        raise TransientError(type(reason).__name__) from None  # its text may hold the URL


def _save(answer: HTTPResponse, path: Path, most: int, observe: Callable[[int], None]) -> None:
    size = answer.length  # None where it is not said
    if size is not None and size > most:
        raise GivenUp(f"it has {size} bytes, more than the {most} of ini devicefarm_artifacts_max_size")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _on_disk(path):
            file = unfinished.open("wb")
        with file:
            got = 0
            while block := answer.read1(_BLOCK):
                got += len(block)
                observe(len(block))
                if got > most:
                    raise GivenUp(f"it has more than the {most} bytes of ini devicefarm_artifacts_max_size")
                with _on_disk(path):
                    file.write(block)
            with _on_disk(path):
                file.flush()
        if size is not None and got != size:
            raise TransientError(f"it broke off after {got} of {size} bytes")
        with _on_disk(path):
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _on_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or type(error).__name__}") from None
