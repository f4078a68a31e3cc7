"""Is a session's Appium endpoint up?"""

from __future__ import annotations

from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .client import READ_TIMEOUT
from .tls import tls_context


def endpoint_answer(url: str) -> str | None:
    """Ask ``/status`` of an Appium endpoint once; None when it answers with success, else what came instead.

    The answer never holds the URL, which is a credential. urllib is used because, other than urllib3, it logs no URLs.
    """
    try:
        request = Request(url.rstrip("/") + "/status")
        with urlopen(request, timeout=READ_TIMEOUT, context=tls_context(url)):
            return None
    except HTTPError as error:
        return f"HTTP {error.code}"
    except (OSError, ValueError, HTTPException) as error:  # refused, reset, timed out; no URL; no HTTP
        reason = getattr(error, "reason", error)
        return type(reason if isinstance(reason, Exception) else error).__name__  # its text may hold the URL
