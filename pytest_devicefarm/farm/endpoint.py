"""Is a session's Appium endpoint up?"""

from __future__ import annotations

import os
import ssl
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import botocore.httpsession

from .client import READ_TIMEOUT


def endpoint_answer(url: str) -> str | None:
    """Ask ``/status`` of an Appium endpoint once; None when it answers with success, else what came instead.

    The answer never holds the URL, which is a credential. urllib is used because, other than urllib3, it logs no URLs.
    """
    # The certificates that botocore trusts, so that an endpoint works wherever AWS does.
    authorities = os.environ.get("AWS_CA_BUNDLE") or botocore.httpsession.where()
    try:
        context = ssl.create_default_context(cafile=authorities) if url.startswith("https:") else None
        with urlopen(Request(url.rstrip("/") + "/status"), timeout=READ_TIMEOUT, context=context):
            return None
    except HTTPError as error:
        return f"HTTP {error.code}"
    except (OSError, ValueError, HTTPException) as error:  # refused, reset, timed out; no URL; no HTTP
        reason = getattr(error, "reason", error)
        return type(reason if isinstance(reason, Exception) else error).__name__  # its text may hold the URL
